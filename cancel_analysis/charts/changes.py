"""The pictures of part 4: what a change is made of, and the rates day by day."""

from __future__ import annotations

import math

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    ACCENT,
    INK,
    LABEL_WIDTH,
    LABELS,
    MUTED,
    RESPONSIBILITY_COLOURS,
    VERDICT_COLOURS,
    WIDTH,
    day_channel,
    fitting,
    panel_title,
    panels,
    room_for,
    rows_height,
    value_axis,
)
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, records, tooltip, when
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.speaker import Speaker, points

# The two ends in a quiet colour, what made it worse in the seller's, what made it better in the good one.
_STEP_COLOUR = {
    "condition": [
        {"test": "datum.points === null", "value": ACCENT},
        {"test": "datum.points > 0", "value": RESPONSIBILITY_COLOURS["seller"]},
    ],
    "value": VERDICT_COLOURS["ok"],
}
STEP_ROW = 24
TICKS = 7
_RATES = value_axis(tickCount=4)
_RATE = channel("rate:Q", axis=_RATES, scale={"domainMin": 0})
_ALARM_COLOUR = when("datum.alarm != ''", VERDICT_COLOURS["breach"], MUTED)
_DRAWN_OF_DAYS = ["date", "count", "total", "rate", "level", "low", "high", "alarm", "event"]
_ALARM_SIZE = when("datum.alarm != ''", 60, 18)


def waterfall_picture(
    parts: pd.DataFrame,
    before: float,
    name: str,
    caption: str,
    alternative: str,
    voice: Speaker,
    *,
    ends: tuple[str, str],
    title: str = "",
) -> Picture:
    """What became of a rate: its value before, what each part adds or takes, its value now, a row each.

    `parts`: label, points, in the order to be drawn; `points` and `before` in percentage points, `ends` the words for
    the first and the last row. The last row is the sum, so that the bars meet. `title` is the finding, without one
    the `caption`. The frame of the picture has label, start, end, points (NaN for the two ends).
    """
    ends_at = before + parts["points"].astype("float64").cumsum()
    after = float(ends_at.iloc[-1]) if len(parts) else before
    rows = pd.DataFrame(
        {
            "label": [ends[0], *parts["label"], ends[1]],
            "start": [0.0, *ends_at.shift(fill_value=before), 0.0],
            "end": [before, *ends_at, after],
            "points": [math.nan, *parts["points"].astype("float64"), math.nan],
        }
    )
    signed = [
        voice.numbers.percent(value / 100) if pd.isna(part) else points(part / 100, voice)
        for value, part in zip(rows["end"], rows["points"], strict=True)
    ]
    drawn = rows.assign(
        # Two parts of one name are two rows.
        row=[f"{place:03d} {label}" for place, label in enumerate(rows["label"])],
        right=rows[["start", "end"]].max(axis=1),
        # Where the next row begins; the last has none.
        next=[*(f"{place:03d} {label}" for place, label in enumerate(rows["label"]) if place), ""],
        text=signed,
    )
    names = {**LABELS, "labelExpr": "slice(datum.value, 4)"}
    y = channel("row:N", sort=drawn["row"].tolist(), axis=names, scale={"paddingInner": 0.3})
    low, high = float(rows[["start", "end"]].min().min()), float(rows[["start", "end"]].max().max())
    scale = {"domain": [min(low, 0.0), max(high, 0.01)], "nice": False}
    x = channel("start:Q", scale=scale, axis=None)
    tips = tooltip(("label:N", voice.words("change.reason")), ("text:N", voice.words("change.contribution")))
    bars = mark("bar", {"y": y, "x": x, "x2": {"field": "end"}, "color": _STEP_COLOUR, "tooltip": tips})
    # A thin line from the end of a bar down to the next row, where the next bar begins.
    links = mark("rule", {"y": y, "y2": {"field": "next"}, "x": channel("end:Q", scale=scale)},
                 by=[{"filter": "datum.next != ''"}], color=MUTED, strokeWidth=0.8)  # fmt: skip
    said = {"y": y, "x": channel("right:Q", scale=scale), "text": channel("text:N")}
    text = mark("text", said, align="left", dx=6, color=MUTED)
    size = {"width": WIDTH - LABEL_WIDTH - 10 - room_for(signed), "height": rows_height(len(drawn), STEP_ROW)}
    of = data(drawn, ["row", "label", "start", "end", "points", "right", "next", "text"])
    return Picture(name, title or caption, alternative, fitting(layer(bars, links, text, of=of, **size)), rows)


def control_picture(
    days: pd.DataFrame, changes: pd.DataFrame, alternative: str, note: str, words: Words, *, title: str = ""
) -> Picture:
    """Control charts, one rate below the other: a point a day, the level, the limits, alarms and changes marked.

    `days`: label, date, count, total, rate, level, low, high, alarm, event (a holiday or sales day, ringed); `changes`:
    label, date, text. `title` is the finding; without one the caption says what is drawn.
    """
    tips = tooltip(
        ("date:T", words("chart.date"), words("chart.day_and_weekday")),
        ("rate:Q", words("chart.rate"), ".1%"),
        ("count:Q", words("column.count"), ",d"),
        ("total:Q", words("signals.orders"), ",d"),
        ("high:Q", words("signals.limit"), ".1%"),
        ("event:N", words("signals.event")),
    )
    rows, marks = records(days, ["label", *_DRAWN_OF_DAYS]), records(changes, ["label", "date", "text"])
    days_across = day_channel(words, TICKS)
    views = [
        _control_panel(label, [row for row in rows if row["label"] == label],
                       [row for row in marks if row["label"] == label], tips, days_across)
        for label in dict.fromkeys(row["label"] for row in rows)
    ]  # fmt: skip
    chart = panels(views, shared=("x",), gap=12)
    return Picture("control_chart", title or words("signals.caption"), alternative, chart, days, None, note)


def _control_panel(label: str, rows: list[Spec], changes: list[Spec], tips: list[Spec], x: Spec) -> Spec:
    """One rate; `x` is the channel of its days."""
    limits = [row for row in rows if row["low"] is not None and row["high"] is not None]
    band = mark(
        "area",
        {"x": x, "y": channel("low:Q", axis=_RATES), "y2": {"field": "high"}},
        of=data(limits, ["date", "low", "high"]),
        color=ACCENT,
        opacity=1,
        fillOpacity=0.12,
        interpolate="step",
    )
    level = mark("line", {"x": x, "y": channel("level:Q")}, color=ACCENT, strokeWidth=2, interpolate="step-after")
    at = {"x": x, "y": _RATE, "tooltip": tips}
    points = mark("point", {**at, "color": _ALARM_COLOUR, "size": _ALARM_SIZE}, filled=True, opacity=1)
    layers = [band, level, points]
    known = [row for row in rows if row["event"] and row["rate"] is not None]
    if known:
        of = data(known, _DRAWN_OF_DAYS)
        layers.append(mark("point", at, of=of, fill="transparent", stroke=INK, size=80, strokeWidth=1))
    if changes:
        of = data(changes, ["date", "text"])
        layers.append(mark("rule", {"x": channel("date:T")}, of=of, color=INK, strokeDash=[4, 3]))
        said = {"x": channel("date:T"), "y": {"value": 0}, "text": channel("text:N")}
        # A text stands left of its line, but for one so near the left edge that it would be cut off.
        edge = sorted(row["date"] for row in rows)[int(len(rows) * 0.35)]
        sides = ((True, "right", -5), (False, "left", 5))
        layers += [
            mark("text", said, of=data(beside, ["date", "text"]), align=align, baseline="top", dx=dx, color=INK)
            for late, align, dx in sides
            if (beside := [row for row in changes if (row["date"] >= edge) == late])
        ]
    of = data(rows, _DRAWN_OF_DAYS)
    return layer(*layers, of=of, width=WIDTH - 50, height=130, title=panel_title(label))
