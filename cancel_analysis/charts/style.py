"""What all pictures share: widths, colours, axes."""

from __future__ import annotations

from typing import Any

import altair as alt

# Weeks that a picture over time goes back: a quarter.
DRAWN_WEEKS = 13
WIDTH = 640

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

ROW = 20
PRODUCT_ROW = 30

# Room for a listing's title: more would leave no room for the bars on a printed page.
LABEL_WIDTH = 230


def label_axis(split: bool = False) -> alt.Axis:
    lines: dict[str, Any] = (
        {"labelExpr": "split(datum.value, '\\n')", "labelLineHeight": 13, "labelOffset": -6} if split else {}
    )
    return alt.Axis(
        title=None, labelLimit=LABEL_WIDTH, domain=False, ticks=False, minExtent=LABEL_WIDTH, maxExtent=LABEL_WIDTH,
        labelPadding=8, **lines,
    )  # fmt: skip
