"""Texts for a chat, from what lies finished in the output folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.errors import ReportError, SettingsError
from cancel_analysis.exhibits.kinds import TextLine
from cancel_analysis.report.delivery import written
from cancel_analysis.report.messages import brief_message, shop_message, week_message
from tests.report.test_history import week
from tests.report.test_index import failure, report


def test_a_week_is_a_line_a_shop_and_the_quiet_ones_together(tmp_path: Path) -> None:
    cards = [{"name": "actions", "kind": "cards", "cards": [{"action": "Ship the oldest orders first", "where": ""}]}]
    week(tmp_path, "2026-W46", 0.09, "breach", headline="Lamps are over.", exhibits=cards)
    for identity, verdict in (("a", "ok"), ("b", "cannot_tell"), ("c", "ok")):
        report(tmp_path, "2026-W46", identity, verdict)
    assert written(week_message(tmp_path), "plain").splitlines() == [
        "4 shops in week 2026-W46: 1 × Over a limit, 1 × Cannot tell yet, 2 × Within the limits.",
        "Shop lamps (US): Lamps are over. Do first: Ship the oldest orders first",
        "Cannot tell yet: Shop b (US)",
        "Within the limits: Shop a (US), Shop c (US)",
    ]
    failure(tmp_path, "lost", "cause")
    (tmp_path / "2026-W46" / "half").mkdir()
    assert written(week_message(tmp_path), "plain").splitlines()[1] == "Not made: Shop lost, half"
    with pytest.raises(ReportError, match=r"no report of 2026-W40 in .*; there are 2026-W46"):
        week_message(tmp_path, "2026-W40")


def test_one_report_is_a_paragraph(tmp_path: Path) -> None:
    week(tmp_path, "2026-W45", 0.09, "breach", headline="Over.", findings=["Over a limit", "One.", "Two.", "Three."])
    week(tmp_path, "2026-W46", 0.01, "ok", headline="Well.")
    told = written(shop_message(tmp_path, "lamps", "2026-W45"), "plain").splitlines()
    assert told == ["Shop lamps (US), week 2026-W45: Over a limit", "Over.", "One.", "Two."]
    assert written(shop_message(tmp_path, "lamps"), "plain").splitlines()[1:] == ["Well."]
    with pytest.raises(SettingsError, match="did you mean 'lamps'"):
        shop_message(tmp_path, "lamp")
    with pytest.raises(ReportError, match="there are 2026-W45, 2026-W46"):
        shop_message(tmp_path, "lamps", "2026-W40")


def brief(out: Path, day: str, *lines: tuple[str, str]) -> None:
    said = [{"name": name, "text": text} for name, text in lines]
    report(out, "2026-W46", "x", "ok", text_lines=said)
    (out / "brief").mkdir(exist_ok=True)
    (out / "2026-W46" / "x").rename(out / "brief" / day)


def test_the_newest_brief_is_sent_or_that_of_a_day(tmp_path: Path) -> None:
    brief(tmp_path, "2026-11-14", ("", "Old"))
    brief(tmp_path, "2026-11-15", ("", "New"), ("", "Lead."), ("", ""), ("La:mps (US)", ": x: y"))
    found = brief_message(tmp_path)
    assert found.title == "New"
    assert found.lines == (TextLine("", "Lead."), TextLine("La:mps (US)", ": x: y"))
    assert brief_message(tmp_path, "2026-11-14").title == "Old"
    with pytest.raises(ReportError, match="no morning brief of 2026-11-01"):
        brief_message(tmp_path, "2026-11-01")


def test_a_brief_that_has_no_lines_yet_is_to_be_made_again(tmp_path: Path) -> None:
    brief(tmp_path, "2026-11-15")
    path = tmp_path / "brief" / "2026-11-15" / "report.json"
    path.write_text(path.read_text(encoding="utf-8").replace("text_lines", "text"), encoding="utf-8")
    with pytest.raises(ReportError, match="make it again"):
        brief_message(tmp_path)


def test_where_nothing_lies_it_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        for act in (lambda: week_message(folder), lambda: shop_message(folder, "a"), lambda: brief_message(folder)):  # noqa: B023
            with pytest.raises(ReportError, match="make"):
                act()
