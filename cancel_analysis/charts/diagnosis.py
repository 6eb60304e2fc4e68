"""Pictures of the diagnosis and of the costs: bars from small frames, only the columns that are drawn."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    ACCENT,
    FAINT,
    LABEL_WIDTH,
    LABELS,
    MUTED,
    WIDTH,
    fitting,
    room_for,
    rows_height,
)
from cancel_analysis.charts.vega_lite import channel, data, layer, mark, tooltip, when
from cancel_analysis.exhibits.kinds import Picture

ROW = 24
FIX_ROW = 26
UNEXPLAINED = "#c9ced6"
# Value lost in one calm colour and its two shades, charges on top in a warm one.
COST_COLOURS = {
    "lost_sales": "#2f5d8c",
    "refunds": "#7f9fc0",
    "commission": "#b5483f",
    "label_fee": "#d19a3a",
    "return_freight": "#7a6f9b",
}


def steps_picture(frame: pd.DataFrame, alternative: str, words: Words, *, title: str = "") -> Picture:
    """What each check explains: `frame` holds label, units, share, text, explained (False: the rest)."""
    drawn = frame[["label", "units", "share", "text", "explained"]]
    y = channel("label:N", sort=drawn["label"].tolist(), axis=LABELS)
    x = channel("share:Q", axis=None, scale={"domain": [0, max(float(drawn["share"].max()), 0.01)]})
    tips = tooltip(
        ("label:N", words("triage.column.check")),
        ("units:Q", words("triage.column.explained"), ",.0f"),
        ("share:Q", words("triage.column.share"), ".1%"),
    )
    bar = mark("bar", {"y": y, "x": x, "color": when("datum.explained", ACCENT, UNEXPLAINED), "tooltip": tips},
               cornerRadiusEnd=2)  # fmt: skip
    text = mark("text", {"y": y, "x": x, "text": channel("text:N")}, align="left", dx=6, color=MUTED)
    right = room_for(drawn["text"])
    size = {"width": WIDTH - LABEL_WIDTH - 10 - right, "height": rows_height(len(drawn), ROW)}
    chart = fitting(layer(bar, text, of=data(drawn), **size))
    return Picture("triage_steps", title or words("triage.picture"), alternative, chart, drawn)


def costs_picture(
    frame: pd.DataFrame,
    totals: pd.DataFrame,
    labels: dict[str, str],
    alternative: str,
    words: Words,
    *,
    title: str = "",
) -> Picture:
    """Costs by root cause, stacked by line: `frame` holds cause, line, line_label, amount (known lines
    only), `totals` cause, total, text, in the order to be drawn; `labels` name the lines."""
    drawn = frame[["cause", "line_label", "place", "amount", "text"]]
    scale = {"domain": [0, max(float(totals["total"].max()), 0.01)]}
    y = channel("cause:N", sort=totals["cause"].tolist(), axis=LABELS)
    colour = channel(
        "line_label:N",
        scale={"domain": list(labels.values()), "range": [COST_COLOURS[line] for line in labels]},
        legend={"orient": "top", "title": None, "offset": 4, "columns": 3, "labelLimit": 260},
    )
    tips = tooltip(
        ("cause:N", words("column.root_cause")),
        ("line_label:N", words("cost.column.line")),
        ("text:N", words("cost.column.amount")),
    )
    x = channel("sum(amount):Q", axis=None, stack="zero", scale=scale)
    bar = mark("bar", {"y": y, "x": x, "color": colour, "order": channel("place:Q"), "tooltip": tips})
    text = mark(
        "text",
        {"y": y, "x": channel("total:Q", axis=None, scale=scale), "text": channel("text:N")},
        of=data(totals, ["cause", "total", "text"]),
        align="left",
        dx=6,
        color=MUTED,
    )
    right = room_for(totals["text"])
    size = {"width": WIDTH - LABEL_WIDTH - 10 - right, "height": rows_height(len(totals), ROW)}
    chart = fitting(layer(bar, text, of=data(drawn), **size))
    return Picture("costs", title or words("cost.picture"), alternative, chart, drawn)


def fixes_picture(
    frame: pd.DataFrame, name: str, caption: str, alternative: str, words: Words, *, title: str = ""
) -> Picture:
    """What each fix is worth: a dot with its range, one below the other, the value in words at the end.

    `frame`: label, value, low, high (one unit; NaN where not known), text, in the order to be drawn. A row whose value
    is not known shows its text alone; one without a range has a dot only. `title` is the finding, without one the
    `caption`.
    """
    drawn = frame[["label", "value", "low", "high", "text"]].reset_index(drop=True)
    drawn = drawn.assign(right=drawn[["value", "high"]].max(axis=1).fillna(0.0))
    low = min(float(drawn[["value", "low"]].min().fillna(0.0).min()), 0.0)
    scale = {"domain": [low, max(float(drawn["right"].max()), 0.01) if len(drawn) else 1.0], "nice": False}
    y = channel("label:N", sort=drawn["label"].tolist(), axis=LABELS)
    tips = tooltip(("label:N", words("column.root_cause")), ("text:N", words("cost.column.amount")))
    looks = {"y": y, "tooltip": tips}
    zero = mark("rule", {"x": channel("zero:Q", scale=scale, axis=None)}, of={"values": [{"zero": 0}]}, color=FAINT)
    span = mark("rule", {**looks, "x": channel("low:Q", scale=scale, axis=None), "x2": {"field": "high"}},
                by=[{"filter": "isValid(datum.low) && isValid(datum.high)"}], color=ACCENT, strokeWidth=7, opacity=0.28,
                strokeCap="round")  # fmt: skip
    dot = mark("point", {**looks, "x": channel("value:Q", scale=scale)}, by=[{"filter": "isValid(datum.value)"}],
               filled=True, size=80, color=ACCENT, opacity=1)  # fmt: skip
    said = {"y": y, "x": channel("right:Q", scale=scale), "text": channel("text:N")}
    text = mark("text", said, align="left", dx=9, color=MUTED)
    size = {"width": WIDTH - LABEL_WIDTH - 13 - room_for(drawn["text"]), "height": rows_height(len(drawn), FIX_ROW)}
    chart = fitting(layer(zero, span, dot, text, of=data(drawn), **size))
    return Picture(name, title or caption, alternative, chart, frame[["label", "value", "low", "high", "text"]])
