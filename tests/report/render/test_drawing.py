"""Charts are drawn while the notebook that makes them still runs."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from cancel_analysis.errors import RenderError
from cancel_analysis.report import render
from cancel_analysis.report.render import figures, one_report
from cancel_analysis.report.show.theme import themed
from tests.charts.schema import check_spec

CHART = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}


def leave(work: Path, name: str, chart: object) -> None:
    folder = work / "figures"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(chart), encoding="utf-8")


def wait_for(path: Path) -> bool:
    for _ in range(600):
        if path.exists() and path.read_text(encoding="utf-8").endswith("</svg>"):
            return True
        time.sleep(0.05)
    return False


def test_a_chart_that_comes_meanwhile_is_drawn_and_what_is_left_later(tmp_path: Path) -> None:
    with render.drawing(tmp_path):
        leave(tmp_path, "early.vl.json", CHART)
        assert wait_for(tmp_path / "figures" / "early.svg")
        leave(tmp_path, "half.vl.json.unfinished", "{")
    leave(tmp_path, "late.vl.json", CHART)
    assert not (tmp_path / "figures" / "late.svg").exists()
    figures.draw(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("figures/*.svg")) == ["early.svg", "late.svg"]


def test_one_that_cannot_be_drawn_is_told_when_the_report_is_set(tmp_path: Path) -> None:
    with render.drawing(tmp_path):
        leave(tmp_path, "broken.vl.json", {**CHART, "mark": "no such mark"})
        leave(tmp_path, "a-good.vl.json", CHART)
        assert wait_for(tmp_path / "figures" / "a-good.svg")
        time.sleep(0.3)
    with pytest.raises(RenderError, match=r"broken\.vl\.json"):
        figures.draw(tmp_path)


def test_what_the_notebook_raises_ends_the_drawing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), render.drawing(tmp_path):
        raise KeyError
    leave(tmp_path, "after.vl.json", CHART)
    time.sleep(0.5)
    assert not (tmp_path / "figures" / "after.svg").exists()


def test_the_same_chart_is_the_same_picture_however_many_were_drawn_before(tmp_path: Path) -> None:
    clipped = {**CHART, "mark": {"type": "line", "clip": True}}
    for name in ("first", "second"):
        leave(tmp_path, f"{name}.vl.json", clipped)
    first, second = (path.read_text(encoding="utf-8") for path in figures.draw(tmp_path))
    assert first == second
    assert 'id="clip1"' in first
    assert 'clip-path="url(#clip1)"' in first


def test_what_warms_the_engine_is_a_chart_like_any_other() -> None:
    check_spec(themed(figures._OF_ALL_KINDS))
    drawn = figures.vl_convert.vegalite_to_svg(figures._OF_ALL_KINDS)
    assert all(f'class="mark-{mark}' in drawn for mark in ("rect", "text", "area", "line", "rule", "symbol"))


def test_what_cannot_be_warmed_is_left_to_whoever_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fail() -> None:
        asked.append(True)
        raise RenderError("no font at all")

    monkeypatch.setattr(figures, "warm_up", fail)
    one_report.warm_up()
    assert asked
