"""The trends of all shops on one page."""

from __future__ import annotations

import re
from pathlib import Path

from cancel_analysis.report import index
from tests.report.test_history import week
from tests.report.test_index import report
from tests.report.test_shop_history_page import texts


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
