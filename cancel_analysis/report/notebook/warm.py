"""Everything a notebook imports, loaded once: processes forked from one that has this start at once.

Nothing here may open a connection or start a thread; neither survives a fork.
"""

import altair as alt
import pandas as pd

import cancel_analysis.report.notebook.engine
import cancel_analysis.report.notebook.execute
import cancel_analysis.report.show.output

try:
    import cancel_analysis.pages.portfolio_sections
    import cancel_analysis.sections.verdict
    import cancel_analysis.study.one_shop  # noqa: F401
except ImportError:  # a notebook that does not use them brings its own
    pass

# Altair reads its schema with the first chart, Babel its locale with the first number.
alt.Chart(pd.DataFrame({"x": [1]})).mark_bar().encode(x="x:Q").to_dict()
