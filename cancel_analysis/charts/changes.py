"""The pictures of part 4: what a change is made of, and the rates day by day."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    ACCENT,
    FAINT,
    GRID,
    INK,
    LABEL_WIDTH,
    LABELS,
    MUTED,
    RESPONSIBILITY_COLOURS,
    ROW,
    VERDICT_COLOURS,
    WIDTH,
    fitting,
    panel_title,
    panels,
    rows_height,
    value_axis,
)
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, tooltip, when
from cancel_analysis.exhibits.kinds import Picture

# Nothing has no sign.
_SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+.1~f')"
_POINTS = {"labelExpr": _SIGNED, "labelOverlap": True, "labelSeparation": 4, "tickCount": 6, "title": None,
           "gridColor": GRID, "domain": False, "ticks": False}  # fmt: skip
_UP_OR_DOWN = when("datum.points > 0", RESPONSIBILITY_COLOURS["seller"], VERDICT_COLOURS["ok"])
_DAYS = channel("date:T", axis={"format": "%-d %b", "title": None, "grid": False, "tickCount": 7, "domainColor": FAINT})
_RATES = value_axis(tickCount=4)
_RATE = channel("rate:Q", axis=_RATES, scale={"domainMin": 0})
_ALARM_COLOUR = when("datum.alarm != ''", VERDICT_COLOURS["breach"], MUTED)
_DRAWN_OF_DAYS = ["date", "count", "total", "rate", "level", "low", "high", "alarm", "event"]
_ALARM_SIZE = when("datum.alarm != ''", 60, 18)


def contributions_picture(frame: pd.DataFrame, name: str, caption: str, alternative: str, words: Words) -> Picture:
    """What each part adds to a change, as bars left and right of nothing. `frame`: label, points."""
    y = channel("label:N", sort=frame["label"].tolist(), axis=LABELS)
    tips = tooltip(
        ("label:N", words("change.reason")),
        ("points:Q", words("change.contribution"), "+.2f"),
    )
    bars = mark("bar", {"y": y, "x": channel("points:Q", axis=_POINTS), "color": _UP_OR_DOWN, "tooltip": tips})
    zero = mark("rule", {"x": channel("points:Q")}, of={"values": [{"points": 0}]}, color=MUTED)
    of = data(frame, ["label", "points"])
    chart = fitting(layer(bars, zero, of=of, width=WIDTH - LABEL_WIDTH - 40, height=rows_height(len(frame), ROW)))
    return Picture(name, caption, alternative, chart, frame)


def control_picture(
    days: pd.DataFrame, changes: pd.DataFrame, alternative: str, note: str, words: Words, *, title: str = ""
) -> Picture:
    """Control charts, one rate below the other: a point a day, the level, the limits, alarms and changes marked.

    `days`: label, date, count, total, rate, level, low, high, alarm, event (a holiday or sales day, ringed); `changes`:
    label, date, text. `title` is the finding; without one the caption says what is drawn.
    """
    tips = tooltip(
        ("date:T", words("chart.date"), "%a %-d %b %Y"),
        ("rate:Q", words("chart.rate"), ".1%"),
        ("count:Q", words("column.count"), ",d"),
        ("total:Q", words("signals.orders"), ",d"),
        ("high:Q", words("signals.limit"), ".1%"),
        ("event:N", words("signals.event")),
    )
    views = [
        _control_panel(str(label), rows, changes.loc[changes["label"] == label, ["date", "text"]], tips)
        for label, rows in days.groupby("label", sort=False)
    ]
    chart = panels(views, shared=("x",), gap=12)
    return Picture("control_chart", title or words("signals.caption"), alternative, chart, days, None, note)


def _control_panel(label: str, rows: pd.DataFrame, changes: pd.DataFrame, tips: list[Spec]) -> Spec:
    limits = rows.dropna(subset=["low", "high"])
    band = mark(
        "area",
        {"x": _DAYS, "y": channel("low:Q", axis=_RATES), "y2": {"field": "high"}},
        of=data(limits, ["date", "low", "high"]),
        color=ACCENT,
        opacity=1,
        fillOpacity=0.12,
        interpolate="step",
    )
    level = mark("line", {"x": _DAYS, "y": channel("level:Q")}, color=ACCENT, strokeWidth=2, interpolate="step-after")
    at = {"x": _DAYS, "y": _RATE, "tooltip": tips}
    points = mark("point", {**at, "color": _ALARM_COLOUR, "size": _ALARM_SIZE}, filled=True, opacity=1)
    layers = [band, level, points]
    known = rows[(rows["event"] != "") & rows["rate"].notna()]
    if len(known):
        of = data(known, _DRAWN_OF_DAYS)
        layers.append(mark("point", at, of=of, fill="transparent", stroke=INK, size=80, strokeWidth=1))
    if len(changes):
        of = data(changes)
        layers.append(mark("rule", {"x": channel("date:T")}, of=of, color=INK, strokeDash=[4, 3]))
        said = {"x": channel("date:T"), "y": {"value": 0}, "text": channel("text:N")}
        # A text stands left of its line, but for one so near the left edge that it would be cut off.
        first, last = rows["date"].min(), rows["date"].max()
        left = changes["date"] >= first + (last - first) * 0.35
        layers += [
            mark("text", said, of=data(changes[side]), align=align, baseline="top", dx=dx, color=INK)
            for side, align, dx in ((left, "right", -5), (~left, "left", 5))
            if side.any()
        ]
    of = data(rows, _DRAWN_OF_DAYS)
    return layer(*layers, of=of, width=WIDTH - 50, height=130, title=panel_title(label))
