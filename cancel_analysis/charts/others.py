"""The funnel: rates of shops of different size against one limit and what chance does around it.

Small frames in, only the columns that are drawn, an `exhibits.kinds.Picture` out.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    FAINT,
    INK,
    MUTED,
    VERDICT_COLOURS,
    WIDTH,
    fitting,
    panel_title,
    panels,
    value_axis,
)
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, tooltip, when
from cancel_analysis.exhibits.kinds import Picture

OUTSIDE = ("above_998", "above_95", "inside", "below_95", "below_998")
OUTSIDE_COLOURS = (VERDICT_COLOURS["breach"], VERDICT_COLOURS["watch"], MUTED, "#4f8f6b", VERDICT_COLOURS["ok"])
POINT_COLUMNS = ["label", "orders", "count", "rate", "outside", "outside_label", "now"]
_RATES = value_axis(grid=True, tickCount=5)
_COLOUR = channel("outside:N", scale={"domain": list(OUTSIDE), "range": list(OUTSIDE_COLOURS)}, legend=None)
# A window of the past is drawn small.
_SIZE, _OPACITY = when("datum.now", 110, 32), when("datum.now", 1.0, 0.55)
# More names than this lie over one another; all stand in the tooltips and in the file.
MOST_NAMES = 25
MOST_PANELS = 6


def funnel_picture(
    name: str, of: Sequence[tuple[str, pd.DataFrame, pd.DataFrame]], caption: str, words: Words, *, named: bool
) -> Picture:
    """A funnel a limit, two in a row; at most six.

    A panel is (title, points, lines). `points`: label, orders, count, rate, limit, outside, now (False: a
    window of the past, drawn small). `lines` as `benchmarks.funnel.control_lines`. `named` writes labels beside
    the points.
    """
    drawn = list(of)[:MOST_PANELS]
    wide = len(drawn) == 1
    charts = [_panel(title, points, lines, words, named=named, wide=wide) for title, points, lines in drawn]
    chart = fitting(charts[0]) if wide else panels(charts, columns=2)
    frame = pd.concat([points.assign(panel=title) for title, points, _ in of], ignore_index=True)
    counts = frame.loc[frame["now"].astype(bool), "outside"].value_counts()
    alternative = words(
        "others.funnel_alt",
        above=int(sum(counts.get(place, 0) for place in OUTSIDE[:2])),
        inside=int(counts.get("inside", 0)),
        below=int(sum(counts.get(place, 0) for place in OUTSIDE[3:])),
    )
    return Picture(name, caption, alternative, chart, frame, None, words("others.funnel_note"))


def top_of(rates: pd.Series, limit: float) -> float:
    """The upper end of a funnel's axis: above the highest rate and well above the limit."""
    return min(1.0, max(float(rates.max()) * 1.15, limit * 2.4))


def _panel(title: str, points: pd.DataFrame, lines: pd.DataFrame, words: Words, *, named: bool, wide: bool) -> Spec:
    limit = float(points["limit"].iloc[0])
    smallest, largest = float(lines["orders"].min()), float(lines["orders"].max())
    x_axis = {"title": words("others.orders_axis"), "grid": False, "tickCount": 5, "format": "~s", "domainColor": FAINT}
    x = channel("orders:Q", scale={"type": "log", "domain": [smallest, largest], "nice": False}, axis=x_axis)
    scale = {"domain": [0, top_of(points["rate"], limit)], "nice": False}
    place = {"x": x, "y": channel("rate:Q", scale=scale, axis=_RATES)}
    rule = mark("rule", {"y": channel("limit:Q", scale=scale)}, of={"values": [{"limit": limit}]},
                color=INK, strokeWidth=1.4)  # fmt: skip
    tips = tooltip(
        ("label:N", words("others.shop")),
        ("rate:Q", words("column.value"), ".2%"),
        ("count:Q", words("column.count"), ",d"),
        ("orders:Q", words("column.total"), ",d"),
        ("outside_label:N", words("others.place")),
    )
    drawn = points.assign(outside_label=[words(f"others.outside.{where}") for where in points["outside"]])
    looks = {"color": _COLOUR, "size": _SIZE, "opacity": _OPACITY, "tooltip": tips}
    marks = mark("point", {**place, **looks}, of=data(drawn, POINT_COLUMNS), filled=True, opacity=1, clip=True)
    layers = [_control_lines(lines, x, channel("bound:Q", scale=scale, axis=_RATES)), rule, marks]
    if named and len(drawn) <= MOST_NAMES:
        # Names stand left of their points, but for those so near the left edge that it would cut them off.
        right = drawn["orders"] >= smallest * (largest / smallest) ** 0.35
        named_at = {**place, "text": channel("label:N")}
        layers += [
            mark("text", named_at, of=data(drawn[side], POINT_COLUMNS), align=align, dx=dx, dy=-7, color=INK)
            for side, align, dx in ((right, "right", -8), (~right, "left", 8))
        ]
    width, height = (WIDTH - 60, 240) if wide else ((WIDTH - 110) / 2, 190)
    return layer(*layers, width=width, height=height, title=panel_title(title, frame="group"))


def _control_lines(lines: pd.DataFrame, x: Spec, y: Spec) -> Spec:
    """What chance does around the limit: whole lines for 99.8 %, dashed ones for 95 %."""
    bounds = lines.melt(["orders", "level"], ["drawn_low", "drawn_high"], "side", "bound")
    bounds["key"] = bounds["level"].astype(str) + bounds["side"]
    encoding = {
        "x": x,
        "y": y,
        "detail": channel("key:N"),
        "strokeDash": when("datum.level > 0.99", [1, 0], [4, 3]),
        "strokeWidth": {"value": 1.1},
    }
    return mark("line", encoding, of=data(bounds, ["orders", "level", "key", "bound"]), clip=True, color=MUTED)
