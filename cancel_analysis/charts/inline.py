"""Small pictures that stand inside a line or a tile: plain SVG text, no script, no Vega.

Their colours are CSS variables of the page (`--tone` where the place around them sets one, else `--accent`;
`--ink`, `--soft`, `--track`), so that a dark page recolours them; where no page is around, the value after the
comma holds. `on_paper` writes these values in for a program that knows no CSS variables.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from html import escape
from typing import TypeGuard

BULLET_WIDTH, BULLET_HEIGHT = 240, 18
SPARK_WIDTH, SPARK_HEIGHT = 120, 32
FONT_SIZE = 11
LINE_HEIGHT = 14
# Room between two texts of one line.
GAP = 6
# Of a sparkline: so that neither a line nor its last dot is cut off at an edge.
EDGE = 4

_TONE = "var(--tone, var(--accent, #2f5d8c))"
_INK, _SOFT, _TRACK = "var(--ink, #1f2933)", "var(--soft, #52606d)", "var(--track, #e4e7eb)"
_VARIABLE = re.compile(r"var\(--[a-z-]+, ([^()]+)\)")


def bullet(
    value: float | None,
    low: float | None,
    high: float | None,
    limits: Sequence[tuple[float, str]],
    *,
    top: float | None = None,
    label: str,
) -> str:
    """A value as a bar from 0, its interval as a thin line through the bar's end, each limit as an upright line.

    `limits` are (value, text) in any order; a text stands below its line, '' for none. `value`, `low`, `high`,
    the limits and `top` (the right end; default: a little past the largest of them) share one unit. Without a
    value only the limits are drawn; what lies past `top` ends there, a limit past it is left out. `label` says all
    of it in words. Returns a whole `<svg>` of 240 units' width that scales with its container.
    """
    known = [number for number in (value, low, high, *(limit for limit, _ in limits)) if _is_number(number)]
    end = top if top is not None and top > 0 else max([abs(number) for number in known], default=0.0) * 1.12 or 1.0

    def place(number: float) -> float:
        return round(min(max(number / end, 0.0), 1.0) * BULLET_WIDTH, 2)

    middle = BULLET_HEIGHT / 2
    parts = [f'<rect x="0" y="{middle - 4:g}" width="{BULLET_WIDTH}" height="8" rx="2" fill="{_TRACK}"/>']
    if _is_number(value):
        width = place(value)
        parts.append(f'<rect x="0" y="{middle - 4:g}" width="{width:g}" height="8" rx="2" fill="{_TONE}"/>')
    if _is_number(low) and _is_number(high):
        line = f'x1="{place(low):g}" x2="{place(high):g}" y1="{middle:g}" y2="{middle:g}"'
        parts.append(f'<line {line} stroke="{_INK}" stroke-width="1.5"/>')
    drawn = [(place(limit), text) for limit, text in sorted(limits) if _is_number(limit) and limit <= end]
    for x, _ in drawn:
        # The whole line inside the picture, at its ends too.
        x = min(max(x, 1.0), BULLET_WIDTH - 1.0)
        line = f'x1="{x:g}" x2="{x:g}" y1="0" y2="{BULLET_HEIGHT}"'
        parts.append(f'<line {line} stroke="{_INK}" stroke-width="2"/>')
    texts, rows = _texts_below(drawn)
    return _svg("bullet", BULLET_WIDTH, BULLET_HEIGHT + rows * LINE_HEIGHT, label, [*parts, *texts])


def sparkline(values: Sequence[float | None], limit: float | None, *, label: str) -> str:
    """A line over the weeks from 0 up, oldest first, its last known value as a dot, the limit as a dashed line.

    A week without a value is a gap; one between two gaps is a dot. `limit` None: no line. `label` says it in words.
    Returns a whole `<svg>` of 120 × 32 units that scales with its container.
    """
    known = [(number, value) for number, value in enumerate(values) if _is_number(value)]
    most = max([value for _, value in known] + ([limit] if _is_number(limit) else []), default=0.0) or 1.0
    step = (SPARK_WIDTH - 2 * EDGE) / max(len(values) - 1, 1)

    def x(number: int) -> float:
        return round(EDGE + number * step, 2)

    def y(value: float) -> float:
        return round(SPARK_HEIGHT - EDGE - max(value, 0.0) / most * (SPARK_HEIGHT - 2 * EDGE), 2)

    parts = []
    if _is_number(limit):
        line = f'x1="0" x2="{SPARK_WIDTH}" y1="{y(limit):g}" y2="{y(limit):g}"'
        parts.append(f'<line {line} stroke="{_SOFT}" stroke-width="1" stroke-dasharray="4 3"/>')
    for run in _runs(known):
        points = " ".join(f"{x(number):g},{y(value):g}" for number, value in run)
        if len(run) > 1:
            parts.append(f'<polyline points="{points}" fill="none" stroke="{_TONE}" stroke-width="1.75"/>')
        elif run[0] != known[-1]:
            parts.append(f'<circle cx="{x(run[0][0]):g}" cy="{y(run[0][1]):g}" r="1.5" fill="{_TONE}"/>')
    if known:
        parts.append(f'<circle cx="{x(known[-1][0]):g}" cy="{y(known[-1][1]):g}" r="3" fill="{_TONE}"/>')
    return _svg("sparkline", SPARK_WIDTH, SPARK_HEIGHT, label, parts)


def on_paper(svg: str) -> str:
    """The same picture with the colours that hold without a page, for Typst and other readers without CSS."""
    changed = 1
    while changed:
        svg, changed = _VARIABLE.subn(r"\1", svg)
    return svg


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """About how wide a text is drawn; full-width letters take a whole em, others a little more than half."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return size * (wide + 0.58 * (len(text) - wide))


def _texts_below(drawn: Sequence[tuple[float, str]]) -> tuple[list[str], int]:
    """The limits' texts and how many lines they take: one that would touch its neighbour goes one line down."""
    ends: list[float] = []
    texts = []
    for x, text in drawn:
        if not text:
            continue
        width = text_width(text)
        left = min(max(x - width / 2, 0.0), max(BULLET_WIDTH - width, 0.0))
        row = next((row for row, end in enumerate(ends) if end + GAP <= left), len(ends))
        ends[row : row + 1] = [left + width]
        baseline = BULLET_HEIGHT + row * LINE_HEIGHT + FONT_SIZE
        # Anchored where it cannot leave the picture, should the font be wider than thought.
        if left == 0.0:
            anchor, at = "start", 0.0
        elif left + width >= BULLET_WIDTH:
            anchor, at = "end", float(BULLET_WIDTH)
        else:
            anchor, at = "middle", x
        texts.append(
            f'<text x="{at:g}" y="{baseline}" text-anchor="{anchor}" font-size="{FONT_SIZE}" '
            f'fill="{_SOFT}">{escape(text)}</text>'
        )
    return texts, len(ends)


def _runs(known: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Known weeks that follow one another."""
    runs: list[list[tuple[int, float]]] = []
    for number, value in known:
        if runs and runs[-1][-1][0] == number - 1:
            runs[-1].append((number, value))
        else:
            runs.append([(number, value)])
    return runs


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _svg(kind: str, width: int, height: int, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" role="img" aria-label="{escape(label)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" style="max-width:100%;height:auto" '
        f'font-family="inherit">{"".join(parts)}</svg>'
    )
