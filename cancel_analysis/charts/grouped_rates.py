"""Pictures of rates in groups: side by side with their intervals, or over time."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import ACCENT, INK, LABEL_WIDTH, LABELS, MUTED, ROW, WIDTH, fitting, rows_height
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, tooltip
from cancel_analysis.exhibits.kinds import Picture

# More rows than that are read in the table, not in a picture.
MOST_ROWS = 20
MOST_LINES = 6
_AXIS = {"format": "%", "title": None, "grid": True}
# A legend takes the opacity of the band, which lies lowest, unless it is told.
_LEGEND = {"symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3}


def groups_picture(frame: pd.DataFrame, title: str, whole: float | None, words: Words, note: str = "") -> Picture:
    """One rate in each group as a dot with its 95 % interval, and the shop's own rate as an upright line.

    `frame` holds group (text), numerator, denominator, rate, low, high, a row a group in the order to be
    drawn; at most `MOST_ROWS` are. `whole` is the rate of all groups together, None where there is none; `note`
    stands below the title.
    """
    drawn = frame[frame["rate"].notna()].head(MOST_ROWS)
    drawn = drawn[["group", "numerator", "denominator", "rate", "low", "high"]]
    y = channel("group:N", sort=list(drawn["group"]), title=None, axis=LABELS)
    tips = tooltip(
        ("group:N", words("explore.group")),
        ("numerator:Q", words("column.count"), ",.6~g"),
        ("denominator:Q", words("column.total"), ",.6~g"),
        ("rate:Q", words("column.value"), ".1%"),
        ("low:Q", words("explore.low"), ".1%"),
        ("high:Q", words("explore.high"), ".1%"),
    )
    low = channel("low:Q", axis=_AXIS, scale={"zero": True, "domainMin": 0})
    ranges = mark("rule", {"y": y, "x": low, "x2": {"field": "high"}, "tooltip": tips}, color=MUTED, strokeWidth=2)
    dots = mark("point", {"y": y, "x": channel("rate:Q", axis=_AXIS), "tooltip": tips},
                filled=True, size=70, color=ACCENT)  # fmt: skip
    layers = [ranges, dots]
    if whole is not None and not pd.isna(whole):
        shop = {"values": [{"rate": float(whole)}]}
        layers.append(mark("rule", {"x": channel("rate:Q")}, of=shop, color=INK, strokeDash=[4, 3]))
    chart = fitting(
        layer(
            *layers,
            of=data(drawn),
            width=WIDTH - LABEL_WIDTH,
            height=rows_height(len(drawn), ROW),
            title=_titled(title, note),
        )
    )
    alternative = words("explore.groups_alt", title=title, groups=len(drawn))
    return Picture("rates_by_group", title, alternative, chart, drawn, note=note)


def over_time_picture(frame: pd.DataFrame, title: str, words: Words, note: str = "") -> Picture:
    """One rate over time, a line a group with its 95 % interval as a band.

    `frame` holds date, group (text, '' for the whole shop), numerator, denominator, rate, low, high; of
    the groups the first `MOST_LINES` are drawn. `note` stands below the title.
    """
    names = list(dict.fromkeys(frame["group"]))[:MOST_LINES]
    columns = ["date", "group", "numerator", "denominator", "rate", "low", "high"]
    drawn = frame.loc[frame["group"].isin(names) & frame["rate"].notna(), columns]
    several = len(names) > 1
    place = {
        "x": channel("date:T", axis={"format": "%-d %b", "title": None}),
        "color": channel("group:N", sort=names, title=None, legend=_LEGEND) if several else {"value": ACCENT},
    }
    low = channel("low:Q", axis=_AXIS, scale={"zero": True})
    band = mark("area", {**place, "y": low, "y2": {"field": "high"}}, opacity=0.12 if several else 0.2)
    tips = tooltip(
        ("group:N", words("explore.group")),
        ("date:T", words("explore.from_day")),
        ("numerator:Q", words("column.count"), ",.6~g"),
        ("denominator:Q", words("column.total"), ",.6~g"),
        ("rate:Q", words("column.value"), ".1%"),
    )
    line = mark("line", {**place, "y": channel("rate:Q", axis=_AXIS), "tooltip": tips}, point=True)
    chart = fitting(layer(band, line, of=data(drawn), width=WIDTH, height=220, title=_titled(title, note)))
    alternative = words("explore.time_alt", title=title, groups=len(names))
    return Picture("rates_over_time", title, alternative, chart, drawn, note=note)


def _titled(title: str, note: str) -> str | Spec:
    return {"text": title, "subtitle": note} if note else title
