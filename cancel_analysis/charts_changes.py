"""The pictures of part 4: what a change is made of."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts import LABEL_WIDTH, MUTED, RESPONSIBILITY_COLOURS, ROW, VERDICT_COLOURS, WIDTH, label_axis
from cancel_analysis.exhibits import Picture


def contributions_picture(frame: pd.DataFrame, name: str, caption: str, alternative: str, words: Words) -> Picture:
    """What each part adds to a change, as bars left and right of nothing. `frame`: label, points."""
    y = alt.Y("label:N", sort=frame["label"].tolist(), axis=label_axis())
    x = alt.X("points:Q", axis=alt.Axis(format="+.1~f", title=None, gridColor="#eceff3", domain=False, ticks=False))
    colour = alt.condition(
        "datum.points > 0", alt.value(RESPONSIBILITY_COLOURS["seller"]), alt.value(VERDICT_COLOURS["ok"])
    )
    tooltip = [
        alt.Tooltip("label:N", title=words("change.reason")),
        alt.Tooltip("points:Q", title=words("change.contribution"), format="+.2f"),
    ]
    bars = alt.Chart(frame).mark_bar().encode(y=y, x=x, color=colour, tooltip=tooltip)
    zero = alt.Chart(pd.DataFrame({"points": [0.0]})).mark_rule(color=MUTED).encode(x="points:Q")
    chart = alt.layer(bars, zero).properties(width=WIDTH - LABEL_WIDTH - 40, height={"step": ROW})
    return Picture(name, caption, alternative, chart, frame)
