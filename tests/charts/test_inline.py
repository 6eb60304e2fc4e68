"""The small pictures inside a tile: where things stand, gaps, colours, what a screen reader says."""

from __future__ import annotations

import math
from xml.etree import ElementTree as Tree

import numpy as np
import pytest
import typst

from cancel_analysis.charts.inline import BULLET_WIDTH, SPARK_WIDTH, bullet, on_paper, sparkline

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> Tree.Element:
    return Tree.fromstring(svg)


def upright(root: Tree.Element) -> list[float]:
    return [float(line.get("x1", 0)) for line in root.iter(f"{SVG}line") if line.get("x1") == line.get("x2")]


def test_value_interval_and_limits_stand_at_their_share_of_the_width():
    root = parsed(bullet(0.05, 0.04, 0.08, [(0.025, "target"), (0.06, "limit")], top=0.1, label="Rate"))
    track, bar = root.findall(f"{SVG}rect")
    assert float(track.get("width")) == BULLET_WIDTH
    assert float(bar.get("width")) == pytest.approx(BULLET_WIDTH / 2)
    assert upright(root) == pytest.approx([BULLET_WIDTH * 0.25, BULLET_WIDTH * 0.6])
    interval = next(line for line in root.iter(f"{SVG}line") if line.get("y1") == line.get("y2"))
    assert [float(interval.get(end)) for end in ("x1", "x2")] == pytest.approx([BULLET_WIDTH * 0.4, BULLET_WIDTH * 0.8])
    assert [text.text for text in root.iter(f"{SVG}text")] == ["target", "limit"]


def test_without_a_top_everything_is_inside():
    root = parsed(bullet(0.05, 0.04, 0.2, [(0.3, "limit")], label="Rate"))
    assert upright(root)[0] < BULLET_WIDTH
    assert upright(root)[0] / float(root.findall(f"{SVG}rect")[1].get("width")) == pytest.approx(6, rel=0.01)


@pytest.mark.parametrize("value", [None, math.nan, np.float64("nan")])
def test_an_unknown_value_draws_the_limit_only(value):
    root = parsed(bullet(value, None, None, [(0.05, "")], label="Not known"))
    assert len(root.findall(f"{SVG}rect")) == 1
    assert len(upright(root)) == 1
    assert not list(root.iter(f"{SVG}text"))


def test_a_value_past_the_top_ends_there_and_a_limit_past_it_is_left_out():
    root = parsed(bullet(0.5, None, None, [(0.05, "target"), (0.4, "limit")], top=0.2, label="Rate"))
    assert float(root.findall(f"{SVG}rect")[1].get("width")) == BULLET_WIDTH
    assert len(upright(root)) == 1


def test_texts_of_near_limits_stand_on_two_lines_and_far_ones_on_one():
    def rows(limits):
        root = parsed(bullet(0.01, None, None, limits, top=0.1, label="Rate"))
        assert root.get("viewBox").split()[3] == root.get("height")
        return {text.get("y") for text in root.iter(f"{SVG}text")}

    assert len(rows([(0.04, "target 4 %"), (0.045, "limit 4.5 %")])) == 2
    assert len(rows([(0.01, "target 1 %"), (0.09, "limit 9 %")])) == 1


def test_a_sparkline_breaks_at_a_gap_and_marks_the_last_known_week():
    root = parsed(sparkline([0.01, 0.02, None, 0.04, float("nan"), 0.02, 0.03, None], 0.04, label="12 weeks"))
    lines = [line.get("points").split() for line in root.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [2, 2]
    dots = list(root.iter(f"{SVG}circle"))
    assert len(dots) == 2, "the week between two gaps, and the last one"
    assert f"{dots[-1].get('cx')},{dots[-1].get('cy')}" == lines[-1][-1]
    limit = next(root.iter(f"{SVG}line"))
    assert limit.get("y1") == dots[0].get("cy"), "a value at the limit lies on its line"


@pytest.mark.parametrize("values", [[], [None, None], [0.0], [0.0, 0.0, 0.0]])
def test_a_sparkline_of_nothing_or_of_zeros_is_a_picture_all_the_same(values):
    root = parsed(sparkline(values, None, label="Nothing"))
    numbers = [float(dot.get("cx")) for dot in root.iter(f"{SVG}circle")]
    assert all(0 <= number <= SPARK_WIDTH for number in numbers)
    assert "nan" not in sparkline(values, None, label="x")


def test_a_label_is_escaped_and_read_out():
    for svg in (
        bullet(0.1, 0.0, 0.2, [(0.1, "<b>\"'")], label='"><script>x</script>'),
        sparkline([0.1], 0.2, label='"><script>x</script>'),
    ):
        root = parsed(svg)
        assert root.get("role") == "img"
        assert root.get("aria-label") == '"><script>x</script>'
        assert "<script" not in svg
        assert " id=" not in svg


def test_on_paper_no_colour_is_a_variable_and_typst_reads_it():
    svg = on_paper(bullet(0.05, 0.04, 0.08, [(0.06, "limit")], label="Rate"))
    assert "var(" not in svg
    assert "#2f5d8c" in svg
    source = f'#set page(width: auto, height: auto)\n#image(bytes({_string(svg)}), format: "svg", alt: "x")'
    assert typst.Compiler().compile(input=source.encode(), format="pdf").startswith(b"%PDF")


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
