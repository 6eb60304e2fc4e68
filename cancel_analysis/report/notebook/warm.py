"""Everything a notebook imports, loaded once: processes forked from one that has this start at once.

Nothing here may open a connection or start a thread; neither survives a fork.
"""

from cancel_analysis.exhibits.number_formats import NumberFormats

# Babel reads its locale with the first number.
NumberFormats("en").percent(0.5)
