"""Everything a notebook imports and looks up, loaded once: processes forked from one that has this start at once.

Nothing here may open a connection or start a thread; neither survives a fork. Nothing of a shop is loaded.
"""

import nbformat
import scipy.linalg  # noqa: F401

import cancel_analysis.report.notebook.engine
import cancel_analysis.report.notebook.execute
import cancel_analysis.report.show.parts  # noqa: F401
from cancel_analysis.catalog.words import BASE, words
from cancel_analysis.exhibits.number_formats import NumberFormats

words(BASE)
# Babel reads its locale with the first number, nbformat compiles its schema with the first notebook.
NumberFormats(BASE).percent(0.5)
nbformat.validate(nbformat.v4.new_notebook())
