"""What is kept of every week's report, and the trend pages that are made of it."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.words import words
from cancel_analysis.report import contents, index, publish
from cancel_analysis.report.history import FILE, History, condensed, main_rates, read_history
from cancel_analysis.report.page_words import calendar, in_a_row, weeks_back
from tests.report.samples import HOSTILE
from tests.report.test_index import report

STOCK = {"id": "stock-1a2b3c4d", "root_cause": "stock", "label": "Lamp", "orders": 9, "at_risk": 60}


def limit(value: float, verdict: str = "ok", **more: Any) -> dict[str, Any]:
    """A row of a report's limits, 5 % of the orders of seven days."""
    return {
        "gives_verdict": True,
        "metric": "seller_fault_cancellation_rate",
        "window_days": 7,
        "limit": 0.05,
        "force": "enforced",
        "rate": value,
        "verdict": verdict,
        "low": value / 2,
        "high": value * 2,
        "numerator": round(value * 200),
        "denominator": 200,
        **more,
    }


def deciding(value: float, **more: Any) -> dict[str, Any]:
    return {
        "name": "seller_fault_cancellation_rate",
        "label": "Seller-fault cancellation rate",
        "value": value,
        "numerator": round(value * 200),
        "denominator": 200,
        "window": 7,
        "limit": 0.05,
        **more,
    }


def week(out: Path, name: str, value: float, verdict: str, **more: Any) -> None:
    report(out, name, "lamps", verdict, deciding=deciding(value), limits=[limit(value, verdict)], **more)


def trend(out: Path, shop: str = "lamps") -> str:
    index.write(out)
    return (out / "history" / f"{shop}.html").read_text(encoding="utf-8")


def texts(part: str) -> list[str]:
    return [html.unescape(found).strip() for found in re.findall(r">([^<>]+)<", part) if found.strip()]


def table(page: str, heading: str) -> list[list[str]]:
    """The texts of each row of the table below a heading."""
    part = page.split(f"<h2>{heading}</h2>")[1].split("</table>")[0].split("<tbody>")[1]
    return [texts(row) for row in part.split("<tr")[1:]]


def test_a_week_that_was_reported_twice_counts_as_it_was_last(tmp_path: Path) -> None:
    week(tmp_path, "2026-W46", 0.10, "breach")
    assert [line.verdict for line in read_history(tmp_path).lines.values()] == ["breach"]
    week(tmp_path, "2026-W46", 0.01, "ok")
    assert [line.verdict for line in read_history(tmp_path).lines.values()] == ["ok"]
    assert "1.0%" in trend(tmp_path)


def test_a_report_that_was_cleared_away_is_still_known_and_not_linked(tmp_path: Path) -> None:
    for name in ("2026-W44", "2026-W45", "2026-W46"):
        week(tmp_path, name, 0.02, "ok")
    trend(tmp_path)
    shutil.rmtree(tmp_path / "2026-W44")
    shutil.rmtree(tmp_path / "2026-W45" / "lamps")
    page = trend(tmp_path)
    rows = table(page, "Week by week")
    assert [row[0] for row in rows] == ["2026-W46", "2026-W45", "2026-W44"]
    assert "2026-W44/lamps" not in page
    assert "2026-W45/lamps" not in page
    assert page.count("files cleared away") == 2


def test_only_what_is_new_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("2026-W44", "2026-W45"):
        week(tmp_path, name, 0.02, "ok")
    read_history(tmp_path)
    asked = []
    before = contents.read
    monkeypatch.setattr(contents, "read", lambda folder: asked.append(folder.name) or before(folder))
    read_history(tmp_path)
    assert asked == []
    report(tmp_path, "2026-W45", "other", "ok")
    assert set(read_history(tmp_path).lines) == {"2026-W44/lamps", "2026-W45/lamps", "2026-W45/other"}
    assert asked == ["other"]


def test_a_folder_that_was_exchanged_is_seen(tmp_path: Path) -> None:
    week(tmp_path, "2026-W45", 0.10, "breach")
    read_history(tmp_path)
    work = tmp_path / ".work"
    week(work, "2026-W45", 0.01, "ok")
    publish.put(work / "2026-W45" / "lamps", tmp_path / "2026-W45" / "lamps", work)
    assert [line.verdict for line in read_history(tmp_path).lines.values()] == ["ok"]


@pytest.mark.parametrize(
    "spoilt", ["", "{}", "no json\n", "[1]\n", '{"weeks": {"2026-W45": 1}}\n["2026-W45/lamps", "x']
)
def test_a_file_that_was_cut_off_is_made_again(tmp_path: Path, spoilt: str) -> None:
    week(tmp_path, "2026-W45", 0.10, "breach")
    read_history(tmp_path)
    whole = (tmp_path / FILE).read_text(encoding="utf-8").splitlines()[1:]
    (tmp_path / FILE).write_text(spoilt, encoding="utf-8")
    assert list(read_history(tmp_path).lines) == ["2026-W45/lamps"]
    assert (tmp_path / FILE).read_text(encoding="utf-8").splitlines()[1:] == whole


def test_a_folder_that_is_no_week_is_none(tmp_path: Path) -> None:
    week(tmp_path, "2026-W45", 0.10, "breach")
    week(tmp_path, "2026-W60", 0.10, "breach")
    week(tmp_path, "2025-W53", 0.10, "breach")
    assert read_history(tmp_path).weeks == ("2026-W45",)
    assert "2026-W60" not in trend(tmp_path)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_of_a_report_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> None:
    out = tmp_path_factory.mktemp("out")
    for number, text in enumerate(said):
        text = text.encode("utf-8", "replace").decode("utf-8")
        report(out, "2026-W46", f"shop-{number}", "ok", headline=text)
    first = {key: line.read() for key, line in read_history(out).lines.items()}
    again = {key: line.read() for key, line in read_history(out).lines.items()}
    assert first == again
    assert [line["headline"] for line in first.values()] == [t.encode("utf-8", "replace").decode("utf-8") for t in said]


def test_what_is_kept_is_small_and_has_nothing_that_a_page_does_not_say(tmp_path: Path) -> None:
    week(tmp_path, "2026-W46", 0.10, "breach", actions=[{**STOCK, "place": "1729", "kind": "fix"}])
    said = condensed(json.loads((tmp_path / "2026-W46" / "lamps" / "report.json").read_text()))
    assert set(said) == {
        "shop", "week", "as_of", "language", "verdict", "headline", "rates", "limits", "deciding", "actions",
    }  # fmt: skip
    assert said["actions"] == [STOCK]
    assert said["deciding"] == {**deciding(0.10), "low": 0.05, "high": 0.2, "verdict": "breach"}


def test_a_page_over_all_shops_has_no_history(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "portfolio", "ok", page={"kind": "portfolio"})
    assert read_history(tmp_path) == History({}, {})


def test_returns_are_those_in_the_end_and_cancellations_those_that_can_be_told() -> None:
    def rate(name: str, value: float | None) -> dict[str, Any]:
        return {"name": name, "label": name, "value": value, "numerator": 1, "denominator": 9, "window": 30}

    rates = [rate("return_rate", 0.01), rate("order_cancellation_rate", None), rate("total_cancellation_rate", 0.2)]
    tile = {"name": "return_rate", "label": "Returns in the end", "number": 0.07, "low": None, "high": 0.09}
    found = main_rates({"rates": rates, "exhibits": [{"tiles": [tile]}]})
    assert [(each["name"], each["value"]) for each in found] == [
        ("total_cancellation_rate", 0.2),
        ("returns_in_the_end", 0.07),
    ]
    assert "low" not in found[1]
    none = main_rates({"rates": rates, "exhibits": [{"tiles": [{**tile, "number": None}]}]})
    assert none[1]["value"] is None, "what cannot be told is not the rate so far"


# --- the pages --------------------------------------------------------------------------------


def test_a_gap_is_a_row_that_says_so_and_breaks_the_line(tmp_path: Path) -> None:
    for name, value in (("2026-W41", 0.02), ("2026-W42", 0.03), ("2026-W45", 0.06), ("2026-W46", 0.07)):
        week(tmp_path, name, value, "breach" if value > 0.05 else "ok")
    page = trend(tmp_path)
    rows = table(page, "Week by week")
    assert rows[2] == ["2026-W43 to 2026-W44: no report"]
    (course,) = re.findall(r'class="course" d="([^"]+)"', page.split("The other rates")[0])
    assert [len(run.split("L")) for run in course.split("M")[1:]] == [2, 2]
    # Six calendar weeks are twelve units wide: the first middle is 1, after the gap of two weeks 9.
    assert [run.split(" ")[0] for run in course.split("M")[1:]] == ["1", "9"]
    assert "Over a limit for 2 weeks in a row. 4 weeks reported, 2026-W41 to 2026-W46" in page
    assert "Over a limit 2×, Within the limits 2×" in page


def test_heights_in_the_picture_are_the_rates(tmp_path: Path) -> None:
    for name, value in (("2026-W45", 0.02), ("2026-W46", 0.04)):
        week(tmp_path, name, value, "ok")
    page = trend(tmp_path).split("The other rates")[0]
    (course,) = re.findall(r'class="course" d="([^"]+)"', page)
    (rule,) = re.findall(r'class="limit" x1="[^"]+" x2="[^"]+" y1="([\d.]+)"', page)
    (zero,) = re.findall(r'y="([\d.]+)" dy="0.35em" text-anchor="end">0%<', page)
    first, last = (float(height) for height in re.findall(r" ([\d.]+)", course))
    rise = float(zero) - float(rule)
    assert (float(zero) - first) / rise == pytest.approx(0.02 / 0.05, abs=0.02)
    assert (float(zero) - last) / rise == pytest.approx(0.04 / 0.05, abs=0.02)


def test_a_limit_that_changed_holds_only_in_its_weeks(tmp_path: Path) -> None:
    for name, rule in (("2026-W43", 0.05), ("2026-W44", 0.05), ("2026-W45", 0.04), ("2026-W46", 0.05)):
        report(
            tmp_path, name, "lamps", "ok", deciding=deciding(0.02, limit=rule), limits=[limit(0.02, limit=rule)]
        )  # fmt: skip
    lines = re.findall(r'class="limit" x1="([\d.]+)%" x2="([\d.]+)%"', trend(tmp_path))
    assert sorted((float(first), float(last)) for first, last in lines) == [(0, 50), (50, 75), (75, 100)]


def test_what_was_advised_is_told_with_the_rate_then_four_weeks_later_and_now(tmp_path: Path) -> None:
    values = {"2026-W40": 0.08, "2026-W41": 0.09, "2026-W44": 0.03, "2026-W46": 0.01}
    for name, value in values.items():
        advised = [STOCK] if name in ("2026-W40", "2026-W41") else []
        done = [{"ids": f"{STOCK['id']}, other-1", "done": "2026-10-12T00:00:00", "state": "fell",
                 "before_rate": 0.12, "after_rate": 0.02}] if name == "2026-W46" else []  # fmt: skip
        week(tmp_path, name, value, "ok", actions=advised, outcomes=done)
    (row,) = table(trend(tmp_path), "What was advised, and what became of the rate")
    assert row[row.index("stock-1a2b3c4d") - 1 :] == [
        "Out of stock: Lamp", "stock-1a2b3c4d", "2026-W40", "2026-W41", "2", "9 / 60",
        "8.0%", "Seller-fault cancellation rate", "3.0%", "1.0%",
        "Not advised any more", "Done 12 Oct 2026: fell (12.0% → 2.0%)",
    ]  # fmt: skip


def test_what_is_not_known_later_is_a_dash(tmp_path: Path) -> None:
    week(tmp_path, "2026-W45", 0.08, "breach", actions=[{**STOCK, "label": "", "orders": None, "at_risk": None}])
    (row,) = table(trend(tmp_path), "What was advised, and what became of the rate")
    assert row[row.index("stock-1a2b3c4d") - 1 :] == [
        "Out of stock, the whole shop", "stock-1a2b3c4d", "2026-W45", "2026-W45", "1", "–",
        "8.0%", "Seller-fault cancellation rate", "–", "–", "Still advised",
    ]  # fmt: skip


def test_the_page_over_all_shops_counts_verdicts_by_week(tmp_path: Path) -> None:
    week(tmp_path, "2026-W44", 0.02, "ok")
    week(tmp_path, "2026-W46", 0.08, "breach")
    report(tmp_path, "2026-W46", "other", "ok")
    report(tmp_path, "2026-W45", "early", "watch", as_of="2026-11-08")
    index.write(tmp_path)
    page = (tmp_path / "history.html").read_text(encoding="utf-8")
    assert "3 shops, 3 weeks reported, 2026-W44 to 2026-W46." in page
    assert re.findall(r'<rect class="(\w+)".*?<title>([^<]+)', page) == [
        ("ok", "2026-W44: Within the limits 1"),
        ("watch", "2026-W45: Watch 1"),
        ("breach", "2026-W46: Over a limit 1"),
        ("ok", "2026-W46: Within the limits 1"),
    ]
    assert [texts(found)[0] for found in re.findall(r'class="name".*?</a>', page)] == [
        "Shop lamps",
        "Shop early",
        "Shop other",
    ]
    assert "2026-W44 to 2026-W46: Over a limit 1×, Within the limits 1×, no report 1×" in page
    assert "Ends early: 2026-W45, to 8 Nov 2026" in page


def test_only_shops_that_there_are_have_pages(tmp_path: Path) -> None:
    week(tmp_path, "2026-W46", 0.02, "ok")
    report(tmp_path, "2026-W46", "gone", "breach")
    index.write(tmp_path, ["lamps"])
    assert [path.name for path in (tmp_path / "history").iterdir()] == ["lamps.html"]
    assert "gone" not in (tmp_path / "history.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_and_places_are_escaped(tmp_path: Path, name: str) -> None:
    more = {
        "headline": name,
        "shop": {"id": "lamps", "name": name, "market": "US"},
        "actions": [{**STOCK, "label": name}],
    }
    week(tmp_path, "2026-W46", 0.02, "ok", **more)
    for page in (trend(tmp_path), (tmp_path / "history.html").read_text(encoding="utf-8")):
        assert page.count("<script") == 1
        assert "<b>" not in page
        assert not re.search(r"https?://(?!www\.w3\.org)", page)


def test_a_chinese_shop_is_told_in_chinese(tmp_path: Path) -> None:
    week(tmp_path, "2026-W46", 0.08, "breach", language="zh", actions=[STOCK])
    page = trend(tmp_path)
    text = words("zh")
    assert '<html lang="zh' in page
    for key in ("history.weeks", "history.advised", "history.others", "verdict.breach", "index.newest"):
        assert text(key) in page
    english = set(re.findall(r"\b[A-Za-z]{4,}\b", " ".join(texts(page.split("<body")[1].split("<script>")[0]))))
    # Names, file kinds, the headline and a rate of its own, which its report wrote.
    names = {"Lamp", "Shop", "lamps", "HTML", "Excel", "stock", "yaml", "actions"}
    assert english <= names | {"Headline", "Order", "cancellation", "rate"}


@given(st.lists(st.sampled_from(["breach", "ok", None]), min_size=1, max_size=12))
def test_a_row_of_weeks_ends_at_a_gap_or_another_verdict(verdicts: list[str | None]) -> None:
    count = in_a_row(verdicts)
    newest = verdicts[-1]
    assert all(verdict == newest for verdict in verdicts[len(verdicts) - count :])
    if newest is None:
        assert count == 0
    elif count < len(verdicts):
        assert verdicts[len(verdicts) - count - 1] != newest


def test_weeks_of_the_calendar_go_over_the_year() -> None:
    assert calendar("2026-W52", "2027-W02") == ("2026-W52", "2026-W53", "2027-W01", "2027-W02")
    assert weeks_back("2027-W01", 3) == ("2026-W52", "2026-W53", "2027-W01")
