"""The funnel: rates of shops of different size against one limit and what chance does around it.

Small frames in, only the columns that are drawn, an `exhibits.kinds.Picture` out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import FAINT, INK, MUTED, VERDICT_COLOURS, WIDTH
from cancel_analysis.exhibits.kinds import Picture

OUTSIDE = ("above_998", "above_95", "inside", "below_95", "below_998")
OUTSIDE_COLOURS = (VERDICT_COLOURS["breach"], VERDICT_COLOURS["watch"], MUTED, "#4f8f6b", VERDICT_COLOURS["ok"])
POINT_COLUMNS = ["label", "orders", "count", "rate", "outside", "outside_label", "now"]
# More names than this lie over one another; all stand in the tooltips and in the file.
MOST_NAMES = 25
MOST_PANELS = 6


def funnel_picture(
    name: str, panels: Sequence[tuple[str, pd.DataFrame, pd.DataFrame]], caption: str, words: Words, *, named: bool
) -> Picture:
    """A funnel a limit, two in a row; at most six.

    A panel is (title, points, lines). `points`: label, orders, count, rate, limit, outside, now (False: a
    window of the past, drawn small). `lines` as `benchmarks.funnel.control_lines`. `named` writes labels beside
    the points.
    """
    drawn = list(panels)[:MOST_PANELS]
    wide = len(drawn) == 1
    charts = [_panel(title, points, lines, words, named=named, wide=wide) for title, points, lines in drawn]
    rows = [alt.hconcat(*charts[n : n + 2], spacing=18) for n in range(0, len(charts), 2)]
    chart = charts[0] if wide else alt.vconcat(*rows, spacing=18)
    frame = pd.concat([points.assign(panel=title) for title, points, _ in panels], ignore_index=True)
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


def _panel(title: str, points: pd.DataFrame, lines: pd.DataFrame, words: Words, *, named: bool, wide: bool) -> Any:
    limit = float(points["limit"].iloc[0])
    top = top_of(points["rate"], limit)
    sizes = alt.Scale(type="log", domain=[float(lines["orders"].min()), float(lines["orders"].max())], nice=False)
    x = alt.X(
        "orders:Q",
        scale=sizes,
        axis=alt.Axis(title=words("others.orders_axis"), grid=False, tickCount=5, format="~s", domainColor=FAINT),
    )
    y_axis = alt.Axis(format=".1~%", title=None, grid=True, gridColor="#eceff3", domain=False, ticks=False, tickCount=5)
    scale = alt.Scale(domain=[0, top], nice=False)
    bounds = lines.melt(["orders", "level"], ["drawn_low", "drawn_high"], "side", "bound")
    bounds["key"] = bounds["level"].astype(str) + bounds["side"]
    control = (
        alt.Chart(bounds[["orders", "level", "key", "bound"]])
        .mark_line(clip=True, color=MUTED)
        .encode(
            x=x,
            y=alt.Y("bound:Q", scale=scale, axis=y_axis),
            detail="key:N",
            strokeDash=alt.condition("datum.level > 0.99", alt.value([1, 0]), alt.value([4, 3])),
            strokeWidth=alt.value(1.1),
        )
    )
    rule = alt.Chart(pd.DataFrame({"limit": [limit]})).mark_rule(color=INK, strokeWidth=1.4)
    data = points.assign(outside_label=[words(f"others.outside.{place}") for place in points["outside"]])[POINT_COLUMNS]
    base = alt.Chart(data)
    place = {"x": x, "y": alt.Y("rate:Q", scale=scale, axis=y_axis)}
    marks = base.mark_point(filled=True, opacity=1, clip=True).encode(
        **place,
        color=alt.Color("outside:N", scale=alt.Scale(domain=list(OUTSIDE), range=list(OUTSIDE_COLOURS)), legend=None),
        size=alt.condition("datum.now", alt.value(110), alt.value(32)),
        opacity=alt.condition("datum.now", alt.value(1.0), alt.value(0.55)),
        tooltip=[
            alt.Tooltip("label:N", title=words("others.shop")),
            alt.Tooltip("rate:Q", title=words("column.value"), format=".2%"),
            alt.Tooltip("count:Q", title=words("column.count"), format=",d"),
            alt.Tooltip("orders:Q", title=words("column.total"), format=",d"),
            alt.Tooltip("outside_label:N", title=words("others.place")),
        ],
    )
    layers = [control, rule.encode(y=alt.Y("limit:Q", scale=scale)), marks]
    if named and len(data) <= MOST_NAMES:
        # Names stand left of their points, but for those so near the left edge that it would cut them off.
        smallest, largest = float(lines["orders"].min()), float(lines["orders"].max())
        edge = smallest * (largest / smallest) ** 0.35
        right = data["orders"] >= edge
        to_left = alt.Chart(data[right]).mark_text(align="right", dx=-8, dy=-7, color=INK)
        to_right = alt.Chart(data[~right]).mark_text(align="left", dx=8, dy=-7, color=INK)
        layers += [side.encode(**place, text="label:N") for side in (to_left, to_right)]
    return alt.layer(*layers).properties(
        width=WIDTH - 60 if wide else (WIDTH - 110) / 2,
        height=240 if wide else 190,
        title=alt.Title(title, anchor="start", frame="group"),
    )
