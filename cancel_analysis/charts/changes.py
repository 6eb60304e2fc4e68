"""The pictures of part 4: what a change is made of, and the rates day by day."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    ACCENT,
    FAINT,
    INK,
    LABEL_WIDTH,
    MUTED,
    RESPONSIBILITY_COLOURS,
    ROW,
    VERDICT_COLOURS,
    WIDTH,
    label_axis,
)
from cancel_analysis.exhibits.kinds import Picture


def contributions_picture(frame: pd.DataFrame, name: str, caption: str, alternative: str, words: Words) -> Picture:
    """What each part adds to a change, as bars left and right of nothing. `frame`: label, points."""
    y = alt.Y("label:N", sort=frame["label"].tolist(), axis=label_axis())
    axis = alt.Axis(
        # Nothing has no sign.
        labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.1~f')",
        labelOverlap=False,
        tickCount=6,
        title=None,
        gridColor="#eceff3",
        domain=False,
        ticks=False,
    )
    x = alt.X("points:Q", axis=axis)
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


def control_picture(days: pd.DataFrame, changes: pd.DataFrame, alternative: str, note: str, words: Words) -> Picture:
    """Control charts, one rate below the other: a point a day, the level, the limits, alarms and changes marked.

    `days`: label, date, count, total, rate, level, low, high, alarm, event (a holiday or sales day, ringed); `changes`:
    label, date, text.
    """
    panels = []
    axis = alt.Axis(format=".1~%", title=None, gridColor="#eceff3", domain=False, ticks=False, tickCount=4)
    x = alt.X("date:T", axis=alt.Axis(format="%-d %b", title=None, grid=False, tickCount=7, domainColor=FAINT))
    tooltip = [
        alt.Tooltip("date:T", title=words("chart.date"), format="%a %-d %b %Y"),
        alt.Tooltip("rate:Q", title=words("chart.rate"), format=".1%"),
        alt.Tooltip("count:Q", title=words("column.count"), format=",d"),
        alt.Tooltip("total:Q", title=words("signals.orders"), format=",d"),
        alt.Tooltip("high:Q", title=words("signals.limit"), format=".1%"),
        alt.Tooltip("event:N", title=words("signals.event")),
    ]
    colour = alt.condition("datum.alarm != ''", alt.value(VERDICT_COLOURS["breach"]), alt.value(MUTED))
    for label, rows in days.groupby("label", sort=False):
        data = rows.drop(columns="label")
        base = alt.Chart(data)
        y = alt.Y("rate:Q", axis=axis, scale=alt.Scale(domainMin=0))
        band = (
            alt.Chart(data.dropna(subset=["low", "high"])[["date", "low", "high"]])
            .mark_area(color=ACCENT, opacity=1, fillOpacity=0.12, interpolate="step")
            .encode(x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q")
        )
        level = base.mark_line(color=ACCENT, strokeWidth=2, interpolate="step-after").encode(x=x, y="level:Q")
        points = base.mark_point(filled=True, opacity=1).encode(
            x=x, y=y, color=colour, tooltip=tooltip,
            size=alt.condition("datum.alarm != ''", alt.value(60), alt.value(18)),
        )  # fmt: skip
        layers = [band, level, points]
        known = data[(data["event"] != "") & data["rate"].notna()]
        if len(known):
            rings = alt.Chart(known).mark_point(filled=False, size=80, color=INK, strokeWidth=1)
            layers.append(rings.encode(x=x, y=y, tooltip=tooltip))
        own = changes.loc[changes["label"] == label, ["date", "text"]]
        if len(own):
            marks = alt.Chart(own)
            layers.append(marks.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="date:T"))
            layers.append(
                marks.mark_text(align="right", baseline="top", dx=-5, color=INK).encode(
                    x="date:T", y=alt.value(0), text="text:N"
                )
            )
        title = alt.Title(str(label), anchor="start")
        panels.append(alt.layer(*layers).properties(width=WIDTH - 50, height=130, title=title))
    chart = alt.vconcat(*panels, spacing=12).resolve_scale(x="shared")
    return Picture("control_chart", words("signals.caption"), alternative, chart, days, None, note)
