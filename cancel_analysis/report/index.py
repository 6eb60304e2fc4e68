"""The index over all finished reports and the trend pages, each written when anything that it shows has changed.

They are made from each report's own `report.json` (by way of `report.history`) and the manifest, never from the data
again: `index.html` with the newest report of each shop, `WEEK/index.html` for every older week, `history.html` over
all shops and `history/SHOP.html` for each.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shop_settings import slug
from cancel_analysis.report import manifest, templates_folder
from cancel_analysis.report.history import History, Line, read_history
from cancel_analysis.store.sources import code_hash

FILE, HISTORY, TRENDS = "index.html", "history.html", "history"
# The pages over all shops that are linked.
_PAGES = ("*/portfolio/portfolio.html", "brief/*/brief.html")
# The stamp stands in the head of a page, before the styles.
_STAMP = re.compile(r'<meta name="made-of" content="([0-9a-f]+)">')
_HEAD = 2000
# Where a page lies below the output folder, its stamp, and what makes it.
_Wanted = tuple[str, str, Callable[[str], str]]


def write(out: Path, shops: Iterable[str] | None = None) -> Path:
    """Write the index and the trend pages in `out`; only of `shops` (ids) when they are given. Returns `index.html`.

    A page that was made of the same (`index.html`: on the same day) is left as it is.
    """
    known = None if shops is None else sorted(set(shops))
    every = read_history(out)
    history = every if known is None else every.of(slug(shop) for shop in known)
    for place, stamp, make in _wanted(out, history, known):
        path = out / place
        if _stamp_of(path) != stamp:
            path.parent.mkdir(exist_ok=True)
            temporary = path.with_name(f".{path.name}.{os.getpid()}")
            temporary.write_text(make(stamp), encoding="utf-8")
            temporary.replace(path)
    return out / FILE


def trend_page(folder: str) -> str:
    """Where the trend page of a shop lies below the output folder, by the name of its folder in a week."""
    return f"{TRENDS}/{folder}.html"


def _wanted(out: Path, history: History, known: list[str] | None) -> Iterator[_Wanted]:
    """Every page that there is to be. What fills them is loaded with the first one that is written."""
    ground = [code_hash(), [_state(path) for path in sorted(templates_folder().iterdir()) if path.is_file()]]
    failed = [
        entry
        for entry in manifest.read(out).values()
        if entry.status == manifest.FAILED and (known is None or entry.shop in known)
    ]
    lines = [_line(line) for _, line in sorted(history.lines.items())]
    pages = [[path.relative_to(out).as_posix() for path in sorted(out.glob(pattern))] for pattern in _PAGES]
    failures = [[entry.key, entry.shop, entry.name, entry.error] for entry in failed]

    def newest(stamp: str) -> str:
        from cancel_analysis.report import index_page

        return index_page.newest_page(out, history, failed, stamp)

    def week(week: str) -> Callable[[str], str]:
        def make(stamp: str) -> str:
            from cancel_analysis.report import index_page

            return index_page.week_page(out, history, week, stamp)

        return make

    def trends(stamp: str) -> str:
        from cancel_analysis.report import history_pages

        return history_pages.all_shops(history, stamp)

    def trend(shop: str) -> Callable[[str], str]:
        def make(stamp: str) -> str:
            from cancel_analysis.report import history_pages

            return history_pages.one_shop(history.shops[shop], history.weeks[-1], stamp)

        return make

    yield FILE, _stamp([*ground, str(date.today()), known, lines, pages, failures, history.broken]), newest
    weeks = history.weeks
    of_week = {name: _stamp([_line(line) for line in history.in_week(name)]) for name in weeks}
    for at, name in enumerate(weeks[:-1]):
        # The weeks before it are in its small lines, a quarter at most.
        shown = [of_week[other] for other in weeks[max(0, at - 12) : at + 1]]
        beside = [weeks[at - 1] if at else "", weeks[at + 1], at + 2 == len(weeks)]
        portfolio = [page for page in pages[0] if page.startswith(name)]
        yield f"{name}/{FILE}", _stamp([*ground, shown, beside, portfolio]), week(name)
    if weeks:
        yield HISTORY, _stamp([*ground, lines]), trends
        for shop, of_shop in history.shops.items():
            yield trend_page(shop), _stamp([*ground, weeks[-1], [_line(line) for line in of_shop]]), trend(shop)


def _line(line: Line) -> list[Any]:
    return [line.key, line.state, line.files]


def _stamp(made_of: list[Any]) -> str:
    """A hash of everything that a page shows or that decides how it looks."""
    return hashlib.blake2b(json.dumps(made_of).encode(), digest_size=16).hexdigest()


def _state(path: Path) -> list[Any]:
    """What tells a file that was replaced from the one before."""
    state = path.stat()
    return [path.name, state.st_size, state.st_mtime_ns, state.st_ino]


def _stamp_of(path: Path) -> str:
    """The stamp in a page that is there; empty where there is none."""
    try:
        with path.open(encoding="utf-8") as file:
            found = _STAMP.search(file.read(_HEAD))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""
