"""The index over all finished reports and the trend pages, each written when anything that it shows has changed.

They are made from each report's own `report.json` (by way of `report.history`) and the manifest, never from the data
again: `index.html` with the newest report of each shop, `WEEK/index.html` for every older week, `history.html` over
all shops and `history/SHOP.html` for each.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shop_settings import slug
from cancel_analysis.report import manifest, templates_folder
from cancel_analysis.report.history import SMALL_WEEKS, TRENDS, History, Line, read_history, trend_page
from cancel_analysis.report.publish import write_whole
from cancel_analysis.report.thread_cache import cached_across_threads
from cancel_analysis.store.sources import code_hash

FILE, HISTORY = "index.html", "history.html"
# The pages over all shops that are linked.
_PAGES = ("*/portfolio/portfolio.html", "brief/*/brief.html")
# The stamp stands in the head of a page, before the styles.
_STAMP = re.compile(r'<meta name="made-of" content="([0-9a-f]+)">')
_HEAD = 2000


@cached_across_threads
def warm_up() -> None:
    """Begin to load what writes the pages, while reports are made; whatever goes wrong, `write` tells of it."""

    def load() -> None:
        with suppress(Exception):
            from cancel_analysis.report import history_page, index_page, page_words, shop_history_page  # noqa: F401

            page_words.compile_templates()

    threading.Thread(target=load, name="pages", daemon=True).start()


def write(out: Path, shops: Iterable[str] | None = None) -> Path:
    """Write the index and the trend pages in `out`; only of `shops` (ids) when they are given. Returns `index.html`.

    A page that was made of the same (`index.html`: on the same day) is left as it is.
    """
    known = None if shops is None else sorted(set(shops))
    every = read_history(out)
    history = every if known is None else every.of(slug(shop) for shop in known)
    failed = [
        entry
        for entry in manifest.read(out).values()
        if entry.status == manifest.FAILED and (known is None or entry.shop in known)
    ]
    templates = [_state(path) for path in sorted(templates_folder().iterdir()) if path.is_file()]
    ground = json.dumps([code_hash(), templates])
    pages = [[path.relative_to(out).as_posix() for path in sorted(out.glob(pattern))] for pattern in _PAGES]
    failures = [[entry.key, entry.shop, entry.name, entry.error] for entry in failed]
    shown = json.dumps([str(date.today()), known, pages, failures, history.broken])
    stamp = _stamp([ground, shown, *_told(history.lines.values())])
    if _stamp_of(out / FILE) == stamp and _are_there(out, history):
        return out / FILE
    # Loaded only to write pages: what fills templates and writes numbers.
    from cancel_analysis.report import history_page, index_page, shop_history_page

    for shop, lines in history.shops.items():
        own = _stamp([ground, history.weeks[-1], *_told(lines)])
        _replace(out / trend_page(shop), own, partial(shop_history_page.one_shop, lines, history.weeks[-1]))
    if history.weeks:
        all_told = _stamp([ground, *_told(history.lines.values())])
        _replace(out / HISTORY, all_told, partial(history_page.all_shops, history))
    for at in range(len(history.weeks) - 2, -1, -1):
        week = history.weeks[at]
        # The weeks before it are in its small lines; those after it only in what leads to the next one.
        told = [_stamp(_told(history.by_week[other])) for other in history.weeks[max(0, at - SMALL_WEEKS) : at + 1]]
        beside = json.dumps([history.weeks[max(0, at - 1) : at + 2], at + 2 == len(history.weeks)])
        portfolios = json.dumps([page for page in pages[0] if page.startswith(week)])
        # An older week may be reported later.
        first = json.dumps([line.slug for line in history.by_week[week] if history.shops[line.slug][0] is line])
        own = _stamp([ground, beside, portfolios, first, *told])
        _replace(out / week / FILE, own, partial(index_page.week_page, out, history, week))
        for line in history.by_week[history.weeks[at + 1]] if at + 2 < len(history.weeks) else ():
            line.forget()
    # Last, as its stamp says that all the others are there.
    _replace(out / FILE, stamp, partial(index_page.newest_page, out, history, failed))
    return out / FILE


def _are_there(out: Path, history: History) -> bool:
    """Whether nobody took a page away."""
    trends = {path.name for path in (out / TRENDS).glob("*.html")}
    others = [out / HISTORY, *(out / week / FILE for week in history.weeks[:-1])] if history.weeks else []
    return all(f"{shop}.html" in trends for shop in history.shops) and all(path.is_file() for path in others)


def _replace(path: Path, stamp: str, make: Callable[[str], str]) -> None:
    """Write a page in place of the one before, unless that one has the same stamp."""
    if _stamp_of(path) == stamp:
        return
    path.parent.mkdir(exist_ok=True)
    write_whole(path, make(stamp))


def _told(lines: Iterable[Line]) -> list[str]:
    return [f"{line.key} {line.state} {line.shown}" for line in lines]


def _stamp(made_of: list[str]) -> str:
    """A hash of everything that a page shows or that decides how it looks."""
    return hashlib.blake2b("\n".join(made_of).encode(), digest_size=16).hexdigest()


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
