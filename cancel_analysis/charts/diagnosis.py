"""Pictures of the diagnosis and of the costs: bars from small frames, only the columns that are drawn."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import ACCENT, LABEL_WIDTH, MUTED, WIDTH
from cancel_analysis.exhibits.kinds import Picture

ROW = 24
UNEXPLAINED = "#c9ced6"
# Value lost in one calm colour and its two shades, charges on top in a warm one.
COST_COLOURS = {
    "lost_sales": "#2f5d8c",
    "refunds": "#7f9fc0",
    "commission": "#b5483f",
    "label_fee": "#d19a3a",
    "return_freight": "#7a6f9b",
}


def steps_picture(frame: pd.DataFrame, alternative: str, words: Words) -> Picture:
    """What each check explains: `frame` holds label, units, share, text, explained (False: the rest)."""
    data = frame[["label", "units", "share", "text", "explained"]]
    y = alt.Y("label:N", sort=data["label"].tolist(), axis=_axis())
    x = alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, max(float(data["share"].max()) * 1.25, 0.01)]))
    tooltip = [
        alt.Tooltip("label:N", title=words("triage.column.check")),
        alt.Tooltip("units:Q", title=words("triage.column.explained"), format=",.0f"),
        alt.Tooltip("share:Q", title=words("triage.column.share"), format=".1%"),
    ]
    base = alt.Chart(data)
    colour = alt.condition(alt.datum.explained, alt.value(ACCENT), alt.value(UNEXPLAINED))
    bar = base.mark_bar(cornerRadiusEnd=2).encode(y=y, x=x, color=colour, tooltip=tooltip)
    text = base.mark_text(align="left", dx=6, color=MUTED).encode(y=y, x=x, text="text:N")
    chart = alt.layer(bar, text).properties(width=WIDTH - LABEL_WIDTH - 40, height={"step": ROW})
    return Picture("triage_steps", words("triage.picture"), alternative, chart, data)


def costs_picture(
    frame: pd.DataFrame, totals: pd.DataFrame, labels: dict[str, str], alternative: str, words: Words
) -> Picture:
    """Costs by root cause, stacked by line: `frame` holds cause, line, line_label, amount (known lines
    only), `totals` cause, total, text, in the order to be drawn; `labels` name the lines."""
    data = frame[["cause", "line_label", "place", "amount", "text"]]
    order = totals["cause"].tolist()
    top = max(float(totals["total"].max()) * 1.3, 0.01)
    y = alt.Y("cause:N", sort=order, axis=_axis())
    colour = alt.Color(
        "line_label:N",
        scale=alt.Scale(domain=list(labels.values()), range=[COST_COLOURS[line] for line in labels]),
        legend=alt.Legend(orient="top", title=None, offset=4, columns=3, labelLimit=260),
    )
    tooltip = [
        alt.Tooltip("cause:N", title=words("column.root_cause")),
        alt.Tooltip("line_label:N", title=words("cost.column.line")),
        alt.Tooltip("text:N", title=words("cost.column.amount")),
    ]
    x = alt.X("sum(amount):Q", axis=None, stack="zero", scale=alt.Scale(domain=[0, top]))
    bar = alt.Chart(data).mark_bar().encode(y=y, x=x, color=colour, order="place:Q", tooltip=tooltip)
    text = (
        alt.Chart(totals[["cause", "total", "text"]])
        .mark_text(align="left", dx=6, color=MUTED)
        .encode(y=y, x=alt.X("total:Q", axis=None, scale=alt.Scale(domain=[0, top])), text="text:N")
    )
    chart = alt.layer(bar, text).properties(width=WIDTH - LABEL_WIDTH - 40, height={"step": ROW})
    return Picture("costs", words("cost.picture"), alternative, chart, data)


def _axis() -> Any:
    return alt.Axis(title=None, labelLimit=LABEL_WIDTH, domain=False, ticks=False, labelPadding=8,
                    minExtent=LABEL_WIDTH, maxExtent=LABEL_WIDTH)  # fmt: skip
