"""The trend page of one shop."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pytest

from cancel_analysis.catalog.words import words
from cancel_analysis.report import index
from tests.report.samples import HOSTILE
from tests.report.test_history import STOCK, deciding, limit, week
from tests.report.test_index import report


def trend(out: Path, shop: str = "lamps") -> str:
    index.write(out)
    return (out / "history" / f"{shop}.html").read_text(encoding="utf-8")


def texts(part: str) -> list[str]:
    return [html.unescape(found).strip() for found in re.findall(r">([^<>]+)<", part) if found.strip()]


def table(page: str, heading: str) -> list[list[str]]:
    """The texts of each row of the table below a heading."""
    part = page.split(f"<h2>{heading}</h2>")[1].split("</table>")[0].split("<tbody>")[1]
    return [texts(row) for row in part.split("<tr")[1:]]


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


def test_a_week_that_says_another_form_of_a_rate_says_which(tmp_path: Path) -> None:
    for name, rate in (("2026-W45", "total_cancellation_rate"), ("2026-W46", "order_cancellation_rate")):
        label = "All cancelled orders" if rate.startswith("total") else "Order cancellation rate"
        said = {
            "name": rate,
            "label": label,
            "value": 0.02,
            "numerator": 2,
            "denominator": 100,
            "window": 30,
            "key": True,
        }
        week(tmp_path, name, 0.02, "ok", rates=[said])
    page = trend(tmp_path)
    newest, before = table(page, "Week by week")
    assert newest[-1] == "2.0%"
    assert before[-2:] == ["2.0%", "All cancelled orders"]
    course = page.split("The other rates")[1].split("</figure>")[0]
    assert course.count("h0") == 1, "and no line is drawn from one to the other"


def test_a_limit_ends_where_a_report_does_not_know_it(tmp_path: Path) -> None:
    for name, limits in (("2026-W44", [limit(0.02)]), ("2026-W45", []), ("2026-W46", [limit(0.02)])):
        report(tmp_path, name, "lamps", "ok", deciding=deciding(0.02) if limits else None, limits=limits)
    lines = re.findall(r'class="limit" x1="([\d.]+)%" x2="([\d.]+)%"', trend(tmp_path))
    assert len(lines) == 2
