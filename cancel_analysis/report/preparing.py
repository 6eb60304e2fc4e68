"""What a page over all shops keeps of each, made side by side before its notebook is run (`study.kept`).

The notebook reads one shop after the other. Those of which nothing is kept are read here, each in a process of its
own, so that the page of thousands of shops takes the time of those that changed, and the memory of one.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.catalog.shops import read_shop_list
from cancel_analysis.errors import CancelAnalysisError
from cancel_analysis.report import coverage
from cancel_analysis.report.coverage import Look
from cancel_analysis.report.jobs import Page
from cancel_analysis.report.private import private_folder, sweep
from cancel_analysis.report.side_by_side import do_each
from cancel_analysis.steps import tell
from cancel_analysis.store.contents import contents
from cancel_analysis.store.entries import open_store
from cancel_analysis.study.kept import brief_name, portfolio_name, read_kept
from cancel_analysis.weeks import DEFAULT_PERIOD, LATEST, last_whole_week, parse_day, parse_week

BRIEF, PORTFOLIO = "brief", "portfolio"
_PREFIX = "cancel-analysis-page-"


@dataclass(frozen=True)
class Wanted:
    """What is kept of a shop for one page: the page, the end of its day or week, its days and language."""

    page: str
    as_of: date
    period_days: int = 0
    language: str = ""


def prepare(page: Page, count: int) -> None:
    """Make and keep, `count` shops at a time, what the page needs of shops of which nothing is kept.

    What goes wrong with a shop is told by the page, which tries again.
    """
    if open_store() is None:
        return
    given = dict(page.parameters)
    asked = str(given.get("shops", ""))
    found = read_shop_list(page.data).named(part.strip() for part in asked.split(",") if part.strip())
    days = [seen.days for seen in coverage.look_at([Look(shop) for shop in found.shops], count)]
    known = [day.last for day in days if day is not None]
    if not known:
        return
    wanted = _wanted(page, max(known))
    name = name_of(wanted)
    missing = [
        shop
        for shop, day in zip(found.shops, days, strict=True)
        if day is not None and read_kept(shop, name) is None
    ]  # fmt: skip
    # One is read by the notebook as fast.
    if len(missing) > 1:
        _make(missing, wanted, count)
    contents().save()


def _wanted(page: Page, last: date) -> Wanted:
    given = dict(page.parameters)
    if page.name == BRIEF:
        day = str(given.get("day", LATEST))
        return Wanted(BRIEF, last if day in ("", LATEST) else parse_day(day), language=page.language)
    week = str(given.get("week", LATEST))
    chosen = last_whole_week(last) if week in ("", LATEST) else parse_week(week)
    return Wanted(PORTFOLIO, chosen.sunday, int(given.get("period_days", DEFAULT_PERIOD)), page.language)


def name_of(wanted: Wanted) -> str:
    """The name under which it is kept."""
    if wanted.page == BRIEF:
        return brief_name(wanted.as_of, wanted.language)
    return portfolio_name(wanted.as_of, wanted.period_days, wanted.language)


def _make(shops: list[ShopSettings], wanted: Wanted, count: int) -> None:
    from cancel_analysis.report.notebook.workers import Workers

    workers, parent, done = Workers(), Path(tempfile.gettempdir()), 0
    sweep(parent, _PREFIX)

    def make(shop: ShopSettings) -> None:
        with private_folder(parent, _PREFIX) as folder:
            try:
                workers.call(keep_shop, shop, wanted, work=folder)
            except CancelAnalysisError:
                return

    def ended(_: None) -> None:
        nonlocal done
        done += 1
        tell("shops", done, len(shops))

    tell("shops", 0, len(shops))
    do_each(make, shops, count, workers.stop, ended)


def keep_shop(shop: ShopSettings, wanted: Wanted) -> None:
    """Make and keep what the page needs of one shop, in this process."""
    from cancel_analysis.pages import brief, portfolio
    from cancel_analysis.report.notebook.execute import texts_of
    from cancel_analysis.study.many_shops import kept_of

    name, as_of = name_of(wanted), wanted.as_of
    with texts_of(shop):
        if wanted.page == BRIEF:
            kept_of(shop, name, as_of, partial(brief.keep_shop, day=as_of, language=wanted.language), DEFAULT_PERIOD)
        else:
            make = partial(portfolio.keep_shop, language=wanted.language, as_of=as_of)
            kept_of(shop, name, as_of, make, wanted.period_days, covered=True)
