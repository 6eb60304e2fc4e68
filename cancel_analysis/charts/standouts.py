"""Pictures of what stands out: places against the rest, and the weeks since when."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.stages import shortened
from cancel_analysis.charts.style import (
    FAINT,
    LABEL_WIDTH,
    LABELS,
    MUTED,
    RESPONSIBILITY_COLOURS,
    WIDTH,
    fitting,
    room_for,
    rows_height,
    value_axis,
)
from cancel_analysis.charts.vega_lite import channel, data, layer, mark, tooltip, when
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats

_LOW = channel("low:Q", axis=value_axis(".0~%", grid=True, tickCount=6), scale={"zero": True})
_PLACE_COLOUR = when("datum.rest", MUTED, RESPONSIBILITY_COLOURS["seller"])
_RISEN_COLOUR = when("datum.risen", RESPONSIBILITY_COLOURS["seller"], "#b8c1cc")


def places_picture(
    frame: pd.DataFrame, name: str, cause: str, names: str, words: Words, numbers: NumberFormats, *, title: str = ""
) -> Picture:
    """The places of one cause against the rest of the shop: rate and 95 % interval of each.

    `frame`: label, orders, at_risk, rate, low, high, rest (True on the row of the rest of the shop).
    """
    drawn = frame.assign(label=[shortened(text, 60) for text in frame["label"]])
    y = channel("label:N", sort=drawn["label"].tolist(), axis=LABELS)
    tips = tooltip(
        ("label:N", words("column.place")),
        ("rate:Q", words("column.rate"), ".1%"),
        ("orders:Q", words("column.orders_lost"), ",d"),
        ("at_risk:Q", words("column.at_risk"), ",d"),
    )
    columns = ["label", "orders", "at_risk", "rate", "low", "high", "rest"]
    looks = {"y": y, "color": _PLACE_COLOUR, "tooltip": tips}
    span = mark("rule", {**looks, "x": _LOW, "x2": {"field": "high"}}, strokeWidth=7, opacity=0.28, strokeCap="round")
    point = mark("point", {**looks, "x": channel("rate:Q")}, filled=True, size=80, opacity=1)
    counts = {"calculate": "format(datum.orders, ',d') + ' / ' + format(datum.at_risk, ',d')", "as": "counts"}
    text = mark("text", {"y": y, "x": channel("high:Q"), "text": channel("counts:N")}, by=[counts],
                align="left", dx=8, color=MUTED)  # fmt: skip
    of = data(drawn, columns)
    right = room_for(
        f"{orders:,} / {at_risk:,}" for orders, at_risk in zip(frame["orders"], frame["at_risk"], strict=True)
    )
    size = {"width": WIDTH - LABEL_WIDTH - 10 - right, "height": rows_height(len(drawn), 26)}
    chart = fitting(layer(span, point, text, of=of, **size))
    places, rest = drawn[~drawn["rest"]], drawn[drawn["rest"]]
    alternative = words(
        "chart.places_alt",
        names=names,
        rate=numbers.span(places["rate"].min(), places["rate"].max()),
        rest=numbers.percent(rest["rate"].iloc[0]) if len(rest) else numbers.percent(None),
    )
    return Picture(name, title or words("chart.places_caption", cause=cause), alternative, chart, frame[columns])


def weeks_picture(
    frame: pd.DataFrame, name: str, cause: str, sentence: dict[str, str], words: Words, *, title: str = ""
) -> Picture:
    """The weekly share of orders lost to one cause; the weeks of the rise in the seller's colour.

    `frame`: monday, orders, at_risk, rate, risen.
    """
    drawn = frame.assign(week=frame["monday"].map(lambda day: day.strftime(words("chart.day"))))
    week_axis = {"title": None, "labelAngle": 0, "labelOverlap": True, "domainColor": FAINT, "ticks": False}
    encoding = {
        "x": channel("week:N", sort=drawn["week"].tolist(), axis=week_axis),
        "y": channel("rate:Q", axis=value_axis(tickCount=5)),
        "color": _RISEN_COLOUR,
        "tooltip": tooltip(
            ("week:N", words("chart.week")),
            ("rate:Q", words("column.rate"), ".1%"),
            ("orders:Q", words("column.orders_lost"), ",d"),
            ("at_risk:Q", words("column.at_risk"), ",d"),
        ),
    }
    of = data(drawn, ["week", "rate", "orders", "at_risk", "risen"])
    chart = fitting({**mark("bar", encoding, of=of, cornerRadiusEnd=2), "width": WIDTH - 50, "height": 150})
    return Picture(
        name, title or words("chart.weeks_caption", cause=cause), words("chart.weeks_alt", **sentence), chart, frame
    )
