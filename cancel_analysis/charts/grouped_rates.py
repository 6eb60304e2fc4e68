"""Pictures of rates in groups: side by side with their intervals, or over time."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import ACCENT, INK, LABEL_WIDTH, MUTED, ROW, WIDTH, label_axis
from cancel_analysis.exhibits.kinds import Picture

# More rows than that are read in the table, not in a picture.
MOST_ROWS = 20
MOST_LINES = 6


def groups_picture(frame: pd.DataFrame, title: str, whole: float | None, words: Words) -> Picture:
    """One rate in each group as a dot with its 95 % interval, and the shop's own rate as an upright line.

    `frame` holds group (text), numerator, denominator, rate, low, high, a row a group in the order to be
    drawn; at most `MOST_ROWS` are. `whole` is the rate of all groups together, None where there is none.
    """
    drawn = frame[frame["rate"].notna()].head(MOST_ROWS)
    drawn = drawn[["group", "numerator", "denominator", "rate", "low", "high"]]
    base = alt.Chart(drawn).encode(
        y=alt.Y("group:N", sort=list(drawn["group"]), title=None, axis=label_axis()),
        tooltip=[
            alt.Tooltip("group:N", title=words("explore.group")),
            alt.Tooltip("numerator:Q", title=words("column.count"), format=",.6~g"),
            alt.Tooltip("denominator:Q", title=words("column.total"), format=",.6~g"),
            alt.Tooltip("rate:Q", title=words("column.value"), format=".1%"),
            alt.Tooltip("low:Q", title=words("explore.low"), format=".1%"),
            alt.Tooltip("high:Q", title=words("explore.high"), format=".1%"),
        ],
    )
    axis = alt.Axis(format="%", title=None, grid=True)
    ranges = base.mark_rule(color=MUTED, strokeWidth=2).encode(
        x=alt.X("low:Q", axis=axis, scale=alt.Scale(zero=True, domainMin=0)), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, color=ACCENT).encode(x=alt.X("rate:Q", axis=axis))
    layers: list[Any] = [ranges, dots]
    if whole is not None and not pd.isna(whole):
        shop = alt.Chart(pd.DataFrame({"rate": [whole]}))
        layers.append(shop.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="rate:Q"))
    chart = alt.layer(*layers).properties(width=WIDTH - LABEL_WIDTH, height=alt.Step(ROW), title=title)
    alternative = words("explore.groups_alt", title=title, groups=len(drawn))
    return Picture("rates_by_group", title, alternative, chart, drawn)


def over_time_picture(frame: pd.DataFrame, title: str, words: Words) -> Picture:
    """One rate over time, a line a group with its 95 % interval as a band.

    `frame` holds date, group (text, '' for the whole shop), numerator, denominator, rate, low, high; of
    the groups the first `MOST_LINES` are drawn.
    """
    names = list(dict.fromkeys(frame["group"]))[:MOST_LINES]
    columns = ["date", "group", "numerator", "denominator", "rate", "low", "high"]
    drawn = frame.loc[frame["group"].isin(names) & frame["rate"].notna(), columns]
    several = len(names) > 1
    colour = alt.Color("group:N", sort=names, title=None) if several else alt.value(ACCENT)
    base = alt.Chart(drawn).encode(x=alt.X("date:T", title=None), color=colour)
    axis = alt.Axis(format="%", title=None, grid=True)
    band = base.mark_area(opacity=0.12 if several else 0.2).encode(
        y=alt.Y("low:Q", axis=axis, scale=alt.Scale(zero=True)), y2="high:Q"
    )
    line = base.mark_line(point=True).encode(
        y=alt.Y("rate:Q", axis=axis),
        tooltip=[
            alt.Tooltip("group:N", title=words("explore.group")),
            alt.Tooltip("date:T", title=words("explore.from_day")),
            alt.Tooltip("numerator:Q", title=words("column.count"), format=",.6~g"),
            alt.Tooltip("denominator:Q", title=words("column.total"), format=",.6~g"),
            alt.Tooltip("rate:Q", title=words("column.value"), format=".1%"),
        ],
    )
    chart = alt.layer(band, line).properties(width=WIDTH, height=220, title=title)
    return Picture("rates_over_time", title, words("explore.time_alt", title=title, groups=len(names)), chart, drawn)
