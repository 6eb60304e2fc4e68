"""Pictures of what stands out: places against the rest, and the weeks since when."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.stages import _shortened
from cancel_analysis.charts.style import FAINT, LABEL_WIDTH, MUTED, RESPONSIBILITY_COLOURS, WIDTH, label_axis
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats


def places_picture(
    frame: pd.DataFrame, name: str, cause: str, names: str, words: Words, numbers: NumberFormats
) -> Picture:
    """The places of one cause against the rest of the shop: rate and 95 % interval of each.

    `frame`: label, lines, at_risk, rate, low, high, rest (True on the row of the rest of the shop).
    """
    data = frame.assign(label=[_shortened(text, 60) for text in frame["label"]])
    y = alt.Y("label:N", sort=data["label"].tolist(), axis=label_axis())
    x_axis = alt.Axis(format=".0~%", title=None, grid=True, gridColor="#eceff3", domain=False, ticks=False, tickCount=6)
    colour = alt.condition(alt.datum.rest, alt.value(MUTED), alt.value(RESPONSIBILITY_COLOURS["seller"]))
    tooltip = [
        alt.Tooltip("label:N", title=words("column.place")),
        alt.Tooltip("rate:Q", title=words("column.rate"), format=".1%"),
        alt.Tooltip("lines:Q", title=words("column.lines"), format=",d"),
        alt.Tooltip("at_risk:Q", title=words("column.at_risk"), format=",d"),
    ]
    columns = ["label", "lines", "at_risk", "rate", "low", "high", "rest"]
    base = alt.Chart(data[columns])
    span = base.mark_rule(strokeWidth=7, opacity=0.28, strokeCap="round").encode(
        y=y, x=alt.X("low:Q", axis=x_axis, scale=alt.Scale(zero=True)), x2="high:Q", color=colour, tooltip=tooltip
    )
    point = base.mark_point(filled=True, size=80, opacity=1).encode(y=y, x="rate:Q", color=colour, tooltip=tooltip)
    text = (
        base.transform_calculate(counts="format(datum.lines, ',d') + ' / ' + format(datum.at_risk, ',d')")
        .mark_text(align="left", dx=8, color=MUTED)
        .encode(y=y, x="high:Q", text="counts:N")
    )
    chart = alt.layer(span, point, text).properties(width=WIDTH - LABEL_WIDTH - 60, height={"step": 26})
    places, rest = data[~data["rest"]], data[data["rest"]]
    alternative = words(
        "chart.places_alt",
        names=names,
        rate=numbers.span(places["rate"].min(), places["rate"].max()),
        rest=numbers.percent(rest["rate"].iloc[0]) if len(rest) else numbers.percent(None),
    )
    return Picture(name, words("chart.places_caption", cause=cause), alternative, chart, frame[columns])


def weeks_picture(frame: pd.DataFrame, name: str, cause: str, sentence: dict[str, str], words: Words) -> Picture:
    """The weekly share of lines lost to one cause; the weeks of the rise in the seller's colour.

    `frame`: monday, lines, at_risk, rate, risen.
    """
    data = frame.assign(week=frame["monday"].map(lambda day: f"{day:%-d %b}"))
    bars = (
        alt.Chart(data)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "week:N",
                sort=data["week"].tolist(),
                axis=alt.Axis(title=None, labelAngle=0, domainColor=FAINT, ticks=False),
            ),
            y=alt.Y(
                "rate:Q",
                axis=alt.Axis(format=".1~%", title=None, gridColor="#eceff3", domain=False, ticks=False, tickCount=5),
            ),
            color=alt.condition(alt.datum.risen, alt.value(RESPONSIBILITY_COLOURS["seller"]), alt.value("#b8c1cc")),
            tooltip=[
                alt.Tooltip("week:N", title=words("chart.week")),
                alt.Tooltip("rate:Q", title=words("column.rate"), format=".1%"),
                alt.Tooltip("lines:Q", title=words("column.lines"), format=",d"),
                alt.Tooltip("at_risk:Q", title=words("column.at_risk"), format=",d"),
            ],
        )
    )
    chart = bars.properties(width=WIDTH - 50, height=150)
    return Picture(name, words("chart.weeks_caption", cause=cause), words("chart.weeks_alt", **sentence), chart, frame)
