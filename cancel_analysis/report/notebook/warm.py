"""Everything a notebook imports, loaded once: processes forked from one that has this start at once.

Nothing here may open a connection or start a thread; neither survives a fork.
"""

import altair as alt
import pandas as pd

import cancel_analysis.report.notebook.engine
import cancel_analysis.report.notebook.execute
import cancel_analysis.report.show.parts  # noqa: F401

# Altair reads its schema with the first chart, Babel its locale with the first number.
alt.Chart(pd.DataFrame({"x": [1]})).mark_bar().encode(x="x:Q").to_dict()
