"""The index page: worst first, failures with their cause, nothing from outside."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.report import contents as facts
from cancel_analysis.report import index, manifest
from cancel_analysis.report.manifest import Entry
from tests.report.samples import HOSTILE


def report(out: Path, week: str, identity: str, verdict: str, **more: Any) -> None:
    folder = out / week / identity
    (folder / "tables").mkdir(parents=True)
    for name in ("report.html", "report.pdf"):
        (folder / name).write_text("x", encoding="utf-8")
    rate = {"name": "ocr", "label": "Order cancellation rate", "value": 0.041, "numerator": 41, "denominator": 1000}
    content = {
        "shop": {"id": identity, "name": f"Shop {identity}", "market": "US"},
        "week": week,
        "as_of": "2026-11-15",
        "language": "en",
        "verdict": verdict,
        "headline": f"Headline of {identity}",
        "rates": [
            {"name": "hidden", "label": "Hidden", "value": 1, "numerator": 1, "denominator": 1},
            {**rate, "key": True},
        ],
        **{"findings": [], "exhibits": [], "parameters": {}, "versions": {}, "renderer": "x"},
        **more,
    }
    (folder / facts.FILE).write_text(json.dumps(content), encoding="utf-8")


def failure(out: Path, identity: str, error: str) -> None:
    line = Entry(
        f"2026-W46/{identity}", identity, f"Shop {identity}", "US", "failed", "", {}, [], "", "", "", 1.0, error
    )
    manifest.append(out, line)


def test_shops_of_one_verdict_stand_in_the_order_of_the_portfolio(tmp_path: Path) -> None:
    for identity, of_limit in (("a", 0.4), ("b", None), ("c", 0.9)):
        report(tmp_path, "2026-W46", identity, "ok", of_limit=of_limit)
    report(tmp_path, "2026-W46", "d", "breach", of_limit=0.1)
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert re.findall(r"Headline of (\w+)", page) == ["d", "c", "a", "b"]


def test_the_worst_comes_first_and_older_weeks_below(tmp_path: Path) -> None:
    for identity, verdict in (("a", "ok"), ("b", "breach"), ("c", "cannot_tell"), ("d", "watch")):
        report(tmp_path, "2026-W46", identity, verdict)
    report(tmp_path, "2026-W45", "old", "breach")
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert re.findall(r"Headline of (\w+)", page) == ["b", "d", "c", "a", "old"]
    assert "4 shops in week 2026-W46: 1 × Over a limit, 1 × Watch, 1 × Cannot tell yet, 1 × Within the limits." in page
    assert page.index("Older weeks") < page.index("Headline of old")
    assert "4.1%" in page
    assert "41 / 1,000" in page
    assert "Hidden" not in page, "only key rates are shown"
    for name in ("report.html", "report.pdf", "report.json", "tables"):
        assert f'href="2026-W46/b/{name}"' in page


def test_failures_are_listed_with_their_cause(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "a", "ok")
    failure(tmp_path, "lost", "UnreadableFileError: orders.csv <cut off>")
    (tmp_path / "2026-W46" / "broken").mkdir()
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "UnreadableFileError: orders.csv &lt;cut off&gt;" in page
    assert "the notebook wrote no report.json" in page
    assert page.index("Not made") < page.index("Headline of a")


def test_shops_that_are_gone_are_left_out(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "a", "ok")
    report(tmp_path, "2026-W46", "gone", "breach")
    failure(tmp_path, "lost", "cause")
    page = index.write(tmp_path, ["a"]).read_text(encoding="utf-8")
    assert "Headline of gone" not in page
    assert "Shop lost" not in page
    assert (tmp_path / "2026-W46" / "gone").is_dir(), "the files stay"


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_escaped(tmp_path: Path, name: str) -> None:
    report(tmp_path, "2026-W46", "a", "ok", headline=name, shop={"id": "a", "name": name, "market": "US"})
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>" not in page


def test_the_page_loads_nothing_and_an_empty_one_says_so(tmp_path: Path) -> None:
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "No report has been made yet." in page
    assert not re.search(r"https?://", page)
    assert "<script" not in page


def test_a_rate_without_orders_is_a_dash(tmp_path: Path) -> None:
    rate = {"name": "r", "label": "R", "value": None, "numerator": 0, "denominator": 0}
    report(tmp_path, "2026-W46", "a", "cannot_tell", rates=[rate])
    report(tmp_path, "2026-W46", "b", "ok", rates=[])
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert page.count(">–<") == 2


def test_the_rate_that_decides_stands_there_with_its_window_and_each_rate_with_its_own(tmp_path: Path) -> None:
    rate = {"name": "r", "label": "R", "value": 0.065, "numerator": 65, "denominator": 1000, "window": 30, "key": True}
    deciding = {"name": "r", "label": "R", "value": 0.128, "numerator": 32, "denominator": 250, "window": 7}
    report(tmp_path, "2026-W46", "a", "breach", rates=[rate], deciding=deciding)
    report(tmp_path, "2026-W46", "b", "ok", rates=[rate])
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "Rate that decides" in page
    assert re.search(r"12\.8%.{0,60}R, 7 days: 32 / 250", page)
    assert len(re.findall(r"6\.5%.{0,60}65 / 1,000 in 30 days", page)) == 2


def test_the_pages_over_all_shops_are_linked_where_they_are(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "a", "ok")
    assert "portfolio.html" not in index.write(tmp_path).read_text(encoding="utf-8")
    for name in ("2026-W46/portfolio/portfolio.html", "brief/2026-11-14/brief.html", "brief/2026-11-15/brief.html"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("x", encoding="utf-8")
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert 'href="2026-W46/portfolio/portfolio.html"' in page
    assert re.findall(r'href="brief/([\d-]+)/', page) == ["2026-11-15"]
