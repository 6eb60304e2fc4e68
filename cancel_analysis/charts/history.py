"""Pictures of many weeks, as plain SVG text: a rate by week, a strip of verdicts, how many shops stood where.

Each takes the width that it is given and keeps the size of its letters, so that a telephone shows what a wide page
does: places across are percentages. Colours are classes of the page (`tone-breach` … set `--tone`); a verdict has a
shape too (a triangle, a diamond, a dot, a ring), so that nobody needs to see red. A week without a report is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from cancel_analysis.exhibits.kinds import TONES

PLOT_HEIGHT = 168
# Above the highest value and below zero, so that no mark is cut off.
EDGE = 8
# More labels would touch each other on a telephone.
MOST_TICKS = 3
LABEL_HEIGHT = 13
# From so many weeks on marks are smaller.
DENSE = 26
STRIP_STEP, STRIP_HEIGHT = 9, 10
SPARK_WIDTH, SPARK_HEIGHT = 64, 18
BAR_HEIGHT = 120

# Around 0, 0 and about 10 across.
_MARKS = {
    "breach": '<path d="M0-6 5.6 4.4H-5.6Z"/>',
    "watch": '<path d="M0-5.8 5.8 0 0 5.8-5.8 0Z"/>',
    "ok": '<circle r="4.6"/>',
    "cannot_tell": '<circle r="4" class="ring"/>',
}


@dataclass(frozen=True)
class Point:
    """A rate in one week: its place in the row of weeks, its interval; the tone of a verdict and the words, if any."""

    week: int
    value: float
    low: float | None
    high: float | None
    tone: str = ""
    said: str = ""


@dataclass(frozen=True)
class LimitLine:
    """A limit that held in some weeks (first and last place in the row); a target is drawn dashed."""

    first: int
    last: int
    value: float
    is_target: bool
    said: str


def rate_by_week(
    points: Sequence[Point],
    limits: Sequence[LimitLine],
    weeks: Sequence[str],
    written: Callable[[float], str],
    label: str,
) -> str:
    """A rate over `weeks` (labels, oldest first, one a calendar week): marks, intervals, a line between neighbours.

    `written` makes the text of a tick from its value; limits are lines from edge to edge of their weeks. Marks are the
    shapes of verdicts, or dots where a point has no tone. Returns the SVG of a plot with its axis labels to the left.
    """
    most = (
        max([max(point.value, point.high or 0.0) for point in points] + [limit.value for limit in limits], default=0.0)
        or 0.01
    )
    ticks = _ticks(most)
    room = (PLOT_HEIGHT - 2 * EDGE) / max(most, ticks[-1])
    step = 100 / max(len(weeks), 1)

    def y(value: float) -> float:
        return round(PLOT_HEIGHT - EDGE - max(value, 0.0) * room, 1)

    parts = [
        f'<line class="grid" x1="0" x2="100%" y1="{y(tick):g}" y2="{y(tick):g}"/>'
        f'<text class="tick" x="-8" y="{y(tick):g}" dy="0.35em" text-anchor="end">{escape(written(tick))}</text>'
        for tick in ticks
    ]
    for limit in limits:
        ends = f'x1="{round(limit.first * step, 2):g}%" x2="{round((limit.last + 1) * step, 2):g}%"'
        kind = "target" if limit.is_target else "limit"
        parts.append(f'<line class="{kind}" {ends} y1="{y(limit.value):g}" y2="{y(limit.value):g}"/>')
    newest = {limit.value: limit.said for limit in limits if limit.last == max(other.last for other in limits)}
    for height, said in _apart([(y(value), said) for value, said in newest.items()]):
        parts.append(f'<text class="limit-said" x="100%" dx="6" y="{height:g}" dy="0.35em">{escape(said)}</text>')
    parts.append(_stretched(points, y, len(weeks)))
    parts += [
        f'<svg class="tone-{point.tone}" x="{round((point.week + 0.5) * step, 2):g}%" y="{y(point.value):g}" '
        f'overflow="visible"><title>{escape(point.said)}</title>{_MARKS[point.tone]}</svg>'
        for point in points
        if point.tone
    ]
    parts += [
        f'<text class="tick" {_below(week, len(weeks))} y="{PLOT_HEIGHT + 16}">{escape(weeks[week])}</text>'
        for week in tick_weeks(len(weeks))
    ]
    dense = " dense" if len(weeks) > DENSE else ""
    return (
        f'<svg class="by-week{dense}" role="img" aria-label="{escape(label)}" width="100%" height="{PLOT_HEIGHT + 22}" '
        f'overflow="visible">{"".join(parts)}</svg>'
    )


def _stretched(points: Sequence[Point], y: Callable[[float], float], count: int) -> str:
    """The course, the intervals and the dots without a tone: paths that are as wide as the plot, with lines that are
    not. A unit is half a week."""
    course, intervals, dots, before = "", "", "", -2
    for point in points:
        x, height = 2 * point.week + 1, y(point.value)
        course += f"{'L' if point.week == before + 1 else 'M'}{x} {height:g}"
        before = point.week
        if point.low is not None and point.high is not None:
            intervals += f"M{x} {y(point.low):g}V{y(point.high):g}"
        if not point.tone:
            dots += f"M{x} {height:g}h0"
    return (
        f'<svg width="100%" height="{PLOT_HEIGHT}" viewBox="0 0 {2 * max(count, 1)} {PLOT_HEIGHT}" '
        f'preserveAspectRatio="none"><path class="course" d="{course}"/><path class="interval" d="{intervals}"/>'
        f'<path class="dots" d="{dots}"/></svg>'
    )


def strip(verdicts: Sequence[str | None], label: str) -> str:
    """The verdict of each week in a row, oldest first, as shapes of one size; None is a week without a report."""
    middle = STRIP_HEIGHT / 2
    paths: dict[str, list[str]] = {}
    for week, verdict in enumerate(verdicts):
        if verdict is None:
            continue
        x = week * STRIP_STEP + STRIP_STEP / 2
        paths.setdefault(verdict, []).append(
            {
                "breach": f"M{x:g} 1l4 8h-8z",
                "watch": f"M{x:g} .7l4.3 4.3-4.3 4.3-4.3-4.3z",
            }.get(verdict, f"M{x:g} {middle:g}h0")
        )
    drawn = [
        f'<path class="{verdict}" d="{"".join(paths[verdict])}"/>'
        + (f'<path class="hole" d="{"".join(paths[verdict])}"/>' if verdict == "cannot_tell" else "")
        for verdict in TONES
        if verdict in paths
    ]
    width = max(len(verdicts), 1) * STRIP_STEP
    return (
        f'<svg class="strip" role="img" aria-label="{escape(label)}" width="{width}" height="{STRIP_HEIGHT}" '
        f'viewBox="0 0 {width} {STRIP_HEIGHT}">'
        f"{''.join(drawn)}</svg>"
    )


def small_line(values: Sequence[float | None], limit: float | None, label: str) -> str:
    """A course over weeks in a table's cell, oldest first, as short as SVG can be: a page holds thousands of them.

    A week without a value is a gap; a week between two gaps is a dot; the last one that is known has a larger one.
    """
    known = [(week, value) for week, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    most = max([value for _, value in known] + ([limit] if limit is not None else [])) or 1.0
    step = (SPARK_WIDTH - 6) / max(len(values) - 1, 1)

    def place(week: int, value: float) -> str:
        height = SPARK_HEIGHT - 3 - max(value, 0.0) / most * (SPARK_HEIGHT - 6)
        return f"{round(3 + week * step, 1):g} {round(height, 1):g}"

    path, lone, before = "", "", -2
    weeks = {week for week, _ in known}
    for week, value in known:
        here = place(week, value)
        path += ("L" if week == before + 1 else "M") + here
        before = week
        # A lone week is a line of no length with round ends.
        if week - 1 not in weeks and week + 1 not in weeks and week != known[-1][0]:
            lone += f"M{here}h0"
    line = ""
    if limit is not None:
        height = round(SPARK_HEIGHT - 3 - limit / most * (SPARK_HEIGHT - 6), 1)
        line = f'<path class="l" d="M0 {height:g}H{SPARK_WIDTH}"/>'
    dots = f'<path class="d" d="{lone}M{place(*known[-1])}h0"/>'
    return (
        f'<svg class="spark" role="img" aria-label="{escape(label)}" width="{SPARK_WIDTH}" height="{SPARK_HEIGHT}">'
        f'{line}<path d="{path}"/>{dots}</svg>'
    )


def shops_by_week(
    counts: Sequence[dict[str, int]],
    weeks: Sequence[str],
    names: dict[str, str],
    written: Callable[[int], str],
    label: str,
) -> str:
    """How many shops had each verdict in each week (`counts`: verdict → shops), the worst at the bottom.

    Verdicts differ in filling too: full, hatched, pale, hollow. `names` are the verdicts as people read them,
    `written` makes the text of a number. A week without a report is a gap; the bars of labelled weeks say their
    total, and all of them when pointed at.
    """
    most = max((sum(count.values()) for count in counts), default=0) or 1
    step = 100 / max(len(weeks), 1)
    parts = [
        '<defs><pattern id="hatched" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V5"/></pattern></defs>'
    ]
    labelled = tick_weeks(len(weeks))
    for week, count in enumerate(counts):
        total, below = sum(count.values()), float(BAR_HEIGHT)
        if not total:
            continue
        x = f'x="{round((week + 0.12) * step, 2):g}%" width="{round(0.76 * step, 2):g}%"'
        for verdict in TONES:
            height = count.get(verdict, 0) / most * (BAR_HEIGHT - 16)
            if height:
                below -= height
                said = escape(f"{weeks[week]}: {names[verdict]} {count[verdict]}")
                at = f'y="{round(below, 1):g}" height="{round(height, 1):g}"'
                parts.append(f'<rect class="{verdict}" {x} {at}><title>{said}</title></rect>')
        if week in labelled:
            at = _below(week, len(weeks))
            parts.append(f'<text class="tick" {at} y="{round(below - 4, 1):g}">{escape(written(total))}</text>')
            parts.append(f'<text class="tick" {at} y="{BAR_HEIGHT + 16}">{escape(weeks[week])}</text>')
    return (
        f'<svg class="counts" role="img" aria-label="{escape(label)}" width="100%" height="{BAR_HEIGHT + 22}" '
        f'overflow="visible">{"".join(parts)}</svg>'
    )


def tick_weeks(count: int, most: int = MOST_TICKS) -> list[int]:
    """The places of weeks that get a label: evenly apart from the newest back, `most` of them."""
    step = max(1, -(-count // most))
    return sorted(range(count - 1, -1, -step))


def _below(week: int, count: int) -> str:
    """Where the label of a week stands: in its middle, or ending at the edge where it would be cut off there."""
    at = (week + 0.5) / max(count, 1)
    return f'x="{round(100 * at, 2):g}%" text-anchor="middle"' if at < 0.93 else 'x="100%" text-anchor="end"'


def _apart(labels: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Labels (height, text) moved up where they would touch the one below; the lowest stays."""
    placed: list[tuple[float, str]] = []
    for height, said in sorted(labels, reverse=True):
        highest = placed[-1][0] - LABEL_HEIGHT if placed else height
        placed.append((min(height, highest), said))
    return placed


def _ticks(most: float) -> list[float]:
    """Zero and up to four round steps that reach `most`: 1, 2 or 5 with zeros."""
    power = 10.0
    while power > most:
        power /= 10
    step = next(each for each in (power / 5, power / 2, power, 2 * power, 5 * power) if most / each <= 4)
    count = int(most / step + 0.999999)
    return [round(step * number, 12) for number in range(count + 1)]
