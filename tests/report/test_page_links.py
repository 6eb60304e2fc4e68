"""A page over all shops points to reports that are there: of a shop the newest that is not younger than the page."""

from __future__ import annotations

import json
from pathlib import Path

from cancel_analysis.report import manifest, page_links
from cancel_analysis.weeks import parse_week

WEEK = parse_week("2026-W46")


def entry(key: str, status: str = manifest.MADE) -> manifest.Entry:
    return manifest.Entry(
        key=key, shop=key.partition("/")[2].title(), name="", market="TH", status=status, inputs="", parameters={},
        formats=["html"], renderer="", code="", version="", seconds=0.0,
    )  # fmt: skip


def finished(out: Path, *keys: str) -> None:
    for key in keys:
        (out / key).mkdir(parents=True)
        (out / key / "report.html").write_text("", encoding="utf-8")


def test_the_newest_report_up_to_the_week_is_linked(tmp_path: Path) -> None:
    out, work = tmp_path / "out", tmp_path / "work"
    work.mkdir()
    finished(out, "2026-W45/a", "2026-W46/a", "2026-W47/a", "2026-W44/b", "2026-W46/c")
    manifest.write(
        out,
        [
            *(entry(f"2026-W{week}/a") for week in (46, 45, 47)),
            entry("2026-W44/b"),
            entry("2026-W46/b", manifest.FAILED),
            entry("2026-W46/c", manifest.FAILED),
            entry("2026-W46/gone"),
        ],
    )
    page_links.leave_note(work, out)
    assert page_links.links(work, WEEK) == {
        "A": "../../2026-W46/a/report.html",
        "B": "../../2026-W44/b/report.html",
    }


def test_without_a_note_or_reports_there_are_no_links(tmp_path: Path) -> None:
    assert page_links.links(None, WEEK) == {}
    assert page_links.links(tmp_path, WEEK) == {}
    page_links.leave_note(tmp_path, tmp_path / "nowhere")
    assert json.loads((tmp_path / page_links.NOTE).read_text(encoding="utf-8"))
    assert page_links.links(tmp_path, WEEK) == {}
