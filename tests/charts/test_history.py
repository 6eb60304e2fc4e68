"""Pictures of many weeks: where things lie, and that nobody needs to see colours."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.charts.history import (
    PLOT_HEIGHT,
    LimitLine,
    Point,
    rate_by_week,
    shops_by_week,
    small_line,
    strip,
    tick_weeks,
)
from cancel_analysis.exhibits.kinds import TONES

WEEKS = [f"2026-W{number:02d}" for number in range(1, 13)]
NAMES = {verdict: verdict.upper() for verdict in TONES}


def percent(value: float) -> str:
    return f"{value:.0%}"


@given(
    st.lists(st.tuples(st.integers(0, 11), st.floats(0, 1), st.floats(0, 1)), min_size=1, unique_by=lambda p: p[0]),
    st.sampled_from(TONES),
)
def test_everything_lies_inside_the_picture(found: list[tuple[int, float, float]], tone: str) -> None:
    points = [Point(week, value, 0.0, high, tone, "said") for week, value, high in sorted(found)]
    drawn = ElementTree.fromstring(rate_by_week(points, [LimitLine(0, 11, 0.05, False, "limit")], WEEKS, percent, "x"))
    marks = [each for each in drawn.iter("svg") if "tone" in each.get("class", "")]
    assert len(marks) == len(points)
    assert all(0 <= float(mark.get("y", "nan")) <= PLOT_HEIGHT for mark in marks)
    paths = [path.get("d", "") for path in drawn.iter("path") if path.get("class") in ("course", "interval")]
    heights = [float(height) for path in paths for height in re.findall(r"(?: |V)(-?[\d.]+)", path)]
    assert heights
    assert all(0 <= height <= PLOT_HEIGHT for height in heights)
    # Places of values follow the values.
    order = sorted(points, key=lambda point: point.value)
    at = {mark.get("x"): float(mark.get("y", "nan")) for mark in marks}
    tall = [at[f"{round((point.week + 0.5) * 100 / 12, 2):g}%"] for point in order]
    assert tall == sorted(tall, reverse=True)


def test_labels_of_limits_do_not_touch() -> None:
    limits = [LimitLine(0, 11, 0.10, False, "limit 10%"), LimitLine(0, 11, 0.09, True, "target 9%")]
    drawn = rate_by_week([Point(3, 0.8, None, None, "breach", "high")], limits, WEEKS, percent, "x")
    heights = [float(height) for height in re.findall(r'class="limit-said"[^>]* y="([\d.]+)"', drawn)]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 13


@pytest.mark.parametrize("verdict", TONES)
def test_a_verdict_has_a_shape_of_its_own(verdict: str) -> None:
    def shape(of: str, picture: str) -> str:
        return picture.replace(of, "?")

    others = [other for other in TONES if other != verdict]
    mine = shape(verdict, strip([verdict], "x"))
    assert all(shape(other, strip([other], "x")) != mine for other in others)
    marks = [shape(v, rate_by_week([Point(0, 0.1, None, None, v, "")], [], ["w"], percent, "x")) for v in TONES]
    assert len(set(marks)) == len(TONES)


def test_a_week_without_a_report_is_a_gap_in_the_strip() -> None:
    drawn = strip(["breach", None, "breach"], "two and a gap")
    (path,) = re.findall(r'class="breach" d="([^"]+)"', drawn)
    assert [float(x) for x in re.findall(r"M([\d.]+) ", path)] == [4.5, 22.5]
    assert 'aria-label="two and a gap"' in drawn


def test_a_small_line_breaks_at_a_gap_and_shows_a_lone_week() -> None:
    drawn = small_line([0.1, None, 0.2, None, 0.1, 0.3], None, "x")
    (path,) = re.findall(r'<path d="([^"]+)"', drawn)
    assert [run.count("L") for run in path.split("M")[1:]] == [0, 0, 1]
    (dots,) = re.findall(r'class="d" d="([^"]+)"', drawn)
    assert dots.count("M") == 3, "two lone weeks and the last one"
    assert small_line([None, 0.2, None], None, "x") == "", "one week is no course"
    assert 'class="l"' in small_line([0.1, 0.2], 0.05, "x")


@given(st.lists(st.dictionaries(st.sampled_from(TONES), st.integers(0, 1000)), min_size=1, max_size=12))
def test_bars_are_as_tall_as_their_shops(counts: list[dict[str, int]]) -> None:
    drawn = ElementTree.fromstring(shops_by_week(counts, WEEKS[: len(counts)], NAMES, str, "x"))
    heights = [float(bar.get("height", "nan")) for bar in drawn.iter("rect")]
    shown = [count for week in counts for count in week.values() if count]
    assert len(heights) == len(shown)
    most = max((sum(week.values()) for week in counts), default=0)
    if most:
        assert sum(heights) == pytest.approx(104 * sum(shown) / most, abs=0.06 * len(shown))


@given(st.integers(1, 300))
def test_the_newest_week_always_has_a_label_and_they_are_few(count: int) -> None:
    ticks = tick_weeks(count)
    assert ticks[-1] == count - 1
    assert len(ticks) <= 3
    assert len({later - earlier for earlier, later in itertools.pairwise(ticks)}) <= 1
