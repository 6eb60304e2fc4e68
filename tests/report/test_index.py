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
    (folder / "tables").mkdir(parents=True, exist_ok=True)
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


def test_the_worst_comes_first_and_one_walks_to_older_weeks(tmp_path: Path) -> None:
    for identity, verdict in (("a", "ok"), ("b", "breach"), ("c", "cannot_tell"), ("d", "watch")):
        report(tmp_path, "2026-W46", identity, verdict)
        report(tmp_path, "2026-W45", identity, "ok", headline=f"Older of {identity}")
    report(tmp_path, "2026-W43", "a", "ok", headline="Oldest of a")
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert re.findall(r"Headline of (\w+)", page) == ["b", "d", "c", "a"]
    assert "4 shops in week 2026-W46: 1 × Over a limit, 1 × Watch, 1 × Cannot tell yet, 1 × Within the limits." in page
    assert "Older of" not in page
    assert re.findall(r'href="([^"]*)" rel="(\w+)"', page) == [("2026-W45/index.html", "prev")]
    middle = (tmp_path / "2026-W45" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"Older of (\w+)", middle) == ["a", "b", "c", "d"]
    assert 'href="../2026-W45/b/report.html"' in middle
    assert re.findall(r'href="([^"]*)" rel="(\w+)"', middle) == [
        ("../2026-W43/index.html", "prev"),
        ("../index.html", "next"),
    ]
    oldest = (tmp_path / "2026-W43" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]*)" rel="(\w+)"', oldest) == [("../2026-W45/index.html", "next")]
    assert not (tmp_path / "2026-W46" / "index.html").exists(), "the newest week is the index itself"


def test_a_shop_whose_files_end_early_stays_and_is_told_first(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "a", "ok")
    report(tmp_path, "2026-W45", "old", "breach", as_of="2026-11-08")
    report(tmp_path, "2026-W46", "part", "ok", as_of="2026-11-12")
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "2 shops in week 2026-W46: 2 × Within the limits." in page, "only the newest week is counted"
    assert re.findall(r"Headline of (\w+)", page) == ["old", "a", "part"]
    assert "One shop ends early: its newest report is of an earlier week than 2026-W46." in page
    assert page.index("One shop ends early") < page.index("Headline of a")
    assert "Ends early: 2026-W45, to 8 Nov 2026" in page
    assert "Part of a week, to 12 Nov 2026" in page


def test_a_pdf_with_boxes_is_told_first(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "a", "ok", lacking=["Thai: install fonts-noto-core"])
    report(tmp_path, "2026-W46", "b", "ok", lacking=[])
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "One PDF has boxes in the place of letters, as this machine has no font for them." in page
    assert page.count("PDF with boxes") == 1


def test_what_changed_since_the_week_before_is_told(tmp_path: Path) -> None:
    def deciding(value: float, name: str = "r") -> dict[str, Any]:
        return {"name": name, "label": "R", "value": value, "numerator": 1, "denominator": 9, "window": 7, "limit": 0.1}

    report(tmp_path, "2026-W46", "worse", "breach", deciding=deciding(0.125))
    report(tmp_path, "2026-W45", "worse", "ok", deciding=deciding(0.04))
    report(tmp_path, "2026-W46", "other", "ok", deciding=deciding(0.02, "q"))
    report(tmp_path, "2026-W45", "other", "ok", deciding=deciding(0.04))
    report(tmp_path, "2026-W46", "gap", "ok", deciding=deciding(0.02))
    report(tmp_path, "2026-W44", "gap", "ok", deciding=deciding(0.04))
    report(tmp_path, "2026-W46", "new", "ok", deciding=deciding(0.02))
    report(tmp_path, "2026-W46", "back", "ok", deciding=deciding(0.02))
    report(tmp_path, "2026-W20", "back", "ok", deciding=deciding(0.02))
    # A limit that became lower is told beside; a rate that counts orders by another date is another rate.
    report(tmp_path, "2026-W46", "lower", "breach", deciding=deciding(0.042) | {"limit": 0.04})
    report(tmp_path, "2026-W45", "lower", "ok", deciding=deciding(0.04) | {"limit": 0.05})
    for week, basis in (("2026-W46", "event"), ("2026-W45", "created")):
        figure = deciding(0.04)
        limit = {"gives_verdict": True, "metric": "r", "window_days": 7, "limit": 0.1, "force": "enforced"}
        limit |= {"rate": 0.04, "verdict": "ok", "date_basis": basis, "denominator_of": "orders"}
        report(tmp_path, week, "basis", "ok", deciding=figure, limits=[limit])
    page = index.write(tmp_path).read_text(encoding="utf-8")
    told = {
        name: " ".join(re.findall(r">([^<>]+)<", cell))
        for name, cell in re.findall(
            r"Headline of (\w+).*?(<td[^>]*data-label=\"Since last week\".*?</td>)", page, re.S
        )
    }
    assert told == {
        "worse": "Within the limits → Over a limit  +8.5 points",
        "other": "Verdict as before  Another rate decides",
        "gap": "No report of the week before",
        "new": "First report",
        "back": "No report of the week before",
        "lower": "Within the limits → Over a limit  +0.2 points, the limit was 5%",
        "basis": "Verdict as before  Another rate decides",
    }


def test_what_to_do_first_stands_beside_the_headline(tmp_path: Path) -> None:
    cards = [{"action": "Ship the oldest orders first", "where": "Warehouse 2"}, {"action": "Then rest", "where": ""}]
    report(tmp_path, "2026-W46", "a", "watch", exhibits=[{"name": "actions", "kind": "cards", "cards": cards}])
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "Do first: Ship the oldest orders first (Warehouse 2)" in page
    assert "Then rest" not in page


def test_the_index_knows_what_it_was_made_of(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "a", "ok")
    report(tmp_path, "2026-W45", "a", "ok")
    places = ("index.html", "2026-W45/index.html", "history.html", "history/a.html")
    index.write(tmp_path)
    before = {place: (tmp_path / place).stat().st_mtime_ns for place in places}
    index.write(tmp_path)
    assert {place: (tmp_path / place).stat().st_mtime_ns for place in places} == before, "nothing is written twice"
    report(tmp_path, "2026-W46", "b", "ok")
    index.write(tmp_path)
    changed = {place for place in places if (tmp_path / place).stat().st_mtime_ns != before[place]}
    assert changed == {"index.html", "history.html"}, "the older week and the other shop are as they were"


def test_key_rates_and_all_files_are_shown(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "b", "breach")
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "4.1%" in page
    assert "41 / 1,000" in page
    assert "Hidden" not in page, "only key rates are shown"
    for name in ("report.html", "report.pdf", "report.json", "tables"):
        assert f'href="2026-W46/b/{name}"' in page
    assert 'href="history/b.html"' in page


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
    # One script, the page's own, and the policy lets no other run.
    assert page.count("<script") == 1
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/]{43}='", page)
    assert "<b>" not in page


def test_the_page_loads_nothing_and_an_empty_one_says_so(tmp_path: Path) -> None:
    page = index.write(tmp_path).read_text(encoding="utf-8")
    assert "No report has been made yet." in page
    assert not re.search(r"https?://", page)


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


def test_two_forms_of_a_rate_in_one_column_are_told_apart(tmp_path: Path) -> None:
    for identity, name in (
        ("a", "total_cancellation_rate"),
        ("b", "order_cancellation_rate"),
        ("c", "order_cancellation_rate"),
    ):
        rate = {"name": name, "value": 0.02, "numerator": 2, "denominator": 100, "key": True}
        rate["label"] = "All cancelled orders" if identity == "a" else "Order cancellation rate"
        report(tmp_path, "2026-W46", identity, "ok", rates=[rate], of_limit={"a": 0.9}.get(identity, 0.1))
    page = index.write(tmp_path).read_text(encoding="utf-8")
    (head,) = re.findall(r'data-sort="down">([^<]+ancell[^<]+)</th>', page)
    assert head == "Order cancellation rate", "as more shops have it"
    shown = re.findall(
        r'data-label="Order cancellation rate">(?:<span class="minor">([^<]+)</span>)?<span class="figure">', page
    )
    assert shown == ["All cancelled orders", "", ""]


def test_a_broken_report_of_a_shop_that_is_gone_is_not_told(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "a", "ok")
    for name in ("gone", "b"):
        (tmp_path / "2026-W46" / name).mkdir()
    page = index.write(tmp_path, ["a", "b"]).read_text(encoding="utf-8")
    assert page.count("the notebook wrote no report.json") == 1
