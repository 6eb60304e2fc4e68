"""The index page over all finished reports, written when anything that it shows has changed.

It is made from each report's own `report.json` and the manifest, never from the data again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from cancel_analysis.report import contents, manifest, templates_folder
from cancel_analysis.store.sources import code_hash

FILE = "index.html"
_WEEK = re.compile(r"\d{4}-W\d{2}")
# What is linked for each report, and the pages over all shops.
_SHOWN = (contents.FILE, "report.html", "report.pdf", "report.xlsx", "tables", "appeals.html", "appeals.xlsx")
_PAGES = ("*/portfolio/portfolio.html", "brief/*/brief.html")
# The stamp stands in the head of the page, before the styles.
_STAMP = re.compile(r'<meta name="made-of" content="([0-9a-f]+)">')
_HEAD = 2000


def write(out: Path, shops: Iterable[str] | None = None) -> Path:
    """Write `index.html` in `out` from the reports there; only of `shops` (ids) when they are given.

    One that was made of the same on the same day is left as it is.
    """
    known = None if shops is None else sorted(set(shops))
    path, stamp = out / FILE, _stamp(out, known)
    if _stamp_of(path) == stamp:
        return path
    # Loaded only to write the page: what fills templates and writes numbers.
    from cancel_analysis.report import index_page

    temporary = out / f".{FILE}.{os.getpid()}"
    temporary.write_text(index_page.page(out, known, stamp), encoding="utf-8")
    temporary.replace(path)
    return path


def report_folders(out: Path) -> list[Path]:
    """The folders of finished reports and pages of weeks, by week and name."""
    weeks = sorted(path for path in out.iterdir() if _WEEK.fullmatch(path.name) and path.is_dir())
    return [folder for week in weeks for folder in sorted(path for path in week.iterdir() if path.is_dir())]


def _stamp(out: Path, known: list[str] | None) -> str:
    """A hash of everything that the page shows or that decides how it looks."""
    failed = [entry for entry in manifest.read(out).values() if entry.status == manifest.FAILED]
    shown = [
        [folder.relative_to(out).as_posix(), *(_state(folder / name) for name in _SHOWN)]
        for folder in report_folders(out)
    ]
    pages = [[path.relative_to(out).as_posix() for path in sorted(out.glob(pattern))] for pattern in _PAGES]
    templates = [_state(path) for path in sorted(templates_folder().iterdir()) if path.is_file()]
    failures = [[entry.key, entry.shop, entry.name, entry.error] for entry in failed]
    text = json.dumps([code_hash(), str(date.today()), templates, known, shown, pages, failures])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _state(path: Path) -> list[Any]:
    """What tells a file that was replaced from the one before; for a folder, that it is there."""
    try:
        state = path.stat()
    except OSError:
        return []
    return ["folder"] if path.is_dir() else [path.name, state.st_size, state.st_mtime_ns, state.st_ino]


def _stamp_of(path: Path) -> str:
    """The stamp in a page that is there; empty where there is none."""
    try:
        with path.open(encoding="utf-8") as file:
            found = _STAMP.search(file.read(_HEAD))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""
