"""Where the reports of shops lie, for the pages over all shops: the newest one that is not younger than the page.

A page is made in a private folder and knows of no other; what it may point to is said by a note left there.
"""

from __future__ import annotations

import json
from pathlib import Path

from cancel_analysis.report import manifest
from cancel_analysis.weeks import Week

NOTE = "reports.json"
_PAGE = "report.html"


def leave_note(work: Path, out: Path) -> None:
    """Say in the folder in which a page is made where finished reports lie."""
    (work / NOTE).write_text(json.dumps(str(out)), encoding="utf-8")


def links(work: Path | None, week: Week) -> dict[str, str]:
    """Shop → the address of its newest report to `week`, from a page two folders below the output folder.

    A shop without a finished page has none; nor has any where there is no note, as in a notebook of one's own.
    """
    if work is None or not (work / NOTE).is_file():
        return {}
    out = Path(json.loads((work / NOTE).read_text(encoding="utf-8")))
    last = str(week)
    newest: dict[str, str] = {}
    for entry in manifest.read(out).values():
        of_week = entry.key.partition("/")[0]
        known = newest.get(entry.shop, "").partition("/")[0]
        if entry.status == manifest.MADE and known < of_week <= last and (out / entry.key / _PAGE).is_file():
            newest[entry.shop] = entry.key
    return {shop: f"../../{key}/{_PAGE}" for shop, key in newest.items()}
