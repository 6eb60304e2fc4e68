"""What all pictures share: widths, colours, axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.inline import text_width
from cancel_analysis.charts.vega_lite import Spec, channel

# Weeks that a picture over time goes back: a quarter.
DRAWN_WEEKS = 13
WIDTH = 640
# Of texts in a chart, as the theme sets it.
FONT_SIZE = 11.5

# Calm, told apart by lightness too, so that a grey print and a colour-blind reader lose nothing.
RESPONSIBILITY_COLOURS = {
    "seller": "#b5483f",
    "buyer": "#3f6fa3",
    "shipping": "#d19a3a",
    "platform": "#7a6f9b",
    "unknown": "#b4b8bf",
}
VERDICT_COLOURS = {"breach": "#b3261e", "watch": "#a15c00", "ok": "#1e7a46", "cannot_tell": "#5c6470"}
NO_VERDICT = "none"

INK, MUTED, FAINT, ACCENT = "#1f2933", "#5c6470", "#c9ced6", "#2f5d8c"
# What stands behind the accent: earlier days, shorter windows, other shops.
PALE = "#b3bfcc"
GRID = "#eceff3"

ROW = 20
PRODUCT_ROW = 30

# Room for a listing's title: more would leave no room for the bars on a printed page.
LABEL_WIDTH = 230


# The names of bars and rows, in a column of one width whatever they are.
LABELS = {
    "title": None,
    "labelLimit": LABEL_WIDTH,
    "domain": False,
    "ticks": False,
    "minExtent": LABEL_WIDTH,
    "maxExtent": LABEL_WIDTH,
    "labelPadding": 8,
}
# The same with two lines a name.
SPLIT_LABELS = {**LABELS, "labelExpr": "split(datum.value, '\\n')", "labelLineHeight": 13, "labelOffset": -6}


def value_axis(form: str = ".1~%", **properties: Any) -> dict[str, Any]:
    """An axis of numbers: faint lines, no frame. `form` is d3's number format."""
    return {"format": form, "title": None, "gridColor": GRID, "domain": False, "ticks": False, **properties}


def day_channel(words: Words, ticks: int) -> Spec:
    """Days from left to right, as the report's language writes them."""
    axis = {"format": words("chart.day"), "title": None, "grid": False, "tickCount": ticks, "domainColor": FAINT}
    return channel("date:T", axis=axis)


def fitting(spec: Spec) -> Spec:
    """A picture of one view that the page may draw as wide as its column; on paper it takes `WIDTH`."""
    return {**spec, "usermeta": {"room": WIDTH, "columns": 1}}


def room_for(texts: Iterable[str]) -> int:
    """Pixels for the longest of some texts at the end of a bar."""
    return 14 + math.ceil(max((text_width(text, FONT_SIZE) for text in texts), default=0.0))


def panels(
    views: Sequence[Spec], *, columns: int = 1, wide: int = 0, shared: Sequence[str] = (), gap: int = 18
) -> Spec:
    """Several views in one picture, row by row: `columns` on paper, `wide` (default: as many) on a wide page.

    A narrow page sets them one below the other. `shared` names the scales that are the same in all.
    """
    return {
        "concat": list(views),
        "columns": columns,
        "spacing": gap,
        "resolve": {"scale": dict.fromkeys(shared, "shared")},
        "usermeta": {"room": WIDTH, "columns": wide or columns},
    }


def rows_height(rows: int, row: int) -> int:
    """The height of `rows` rows; a step a row would be the same, but Vega-Lite complains of it in a fitted chart."""
    return max(rows, 1) * row


def panel_title(text: str, **properties: Any) -> dict[str, Any]:
    return {"text": text, "anchor": "start", **properties}
