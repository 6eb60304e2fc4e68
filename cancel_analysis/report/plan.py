"""Which reports are to be made: a job a shop, for a week each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.words import languages
from cancel_analysis.errors import CancelAnalysisError, SettingsError
from cancel_analysis.report import notebook_file
from cancel_analysis.report.jobs import FORMATS, Job, check_formats
from cancel_analysis.report.notebook.parameters import check_parameters
from cancel_analysis.weeks import LATEST, Week, last_whole_week, parse_week, week_of

# A shop of this name would lie where the page over all shops does.
TAKEN = ("portfolio",)


def plan(
    shops: Sequence[ShopSettings],
    data: str | Path,
    week: str | None = None,
    *,
    only: Iterable[str] = (),
    language: str | None = None,
    formats: tuple[str, ...] = FORMATS,
    notebook: str | Path | None = None,
    parameters: dict[str, Any] | None = None,
) -> list[Job]:
    """A job for each shop (or each of the ids `only`); everything is checked before anything is run.

    Without a `week` it is, for each shop, the last one that its own data cover whole; without a
    `language`, each shop's own. Raises SettingsError for what cannot be used.
    """
    from cancel_analysis.report.notebook import prepare

    chosen = _chosen(shops, tuple(only))
    path = Path(notebook) if notebook is not None else notebook_file()
    weeks = _weeks(week, parameters or {}, chosen)
    for shop in chosen:
        # A pack that does not exist is a slip in the settings: said before any shop is run.
        verdict_limits(shop, parse_week(weeks[shop.id]).sunday)
    extra = tuple(sorted((parameters or {}).items()))
    jobs = [
        Job(
            shop=shop,
            week=weeks[shop.id],
            data=Path(data).resolve(),
            language=_language(language or shop.language),
            formats=check_formats(formats),
            notebook=path.resolve(),
            parameters=extra,
        )
        for shop in chosen
    ]
    content = prepare.read(path)
    for job in jobs:
        check_parameters(content, job.given(job.data))
    return jobs


def last_weeks(shops: Sequence[ShopSettings]) -> dict[str, str]:
    """Id → the last ISO week that the shop's own files cover whole.

    A shop whose files cannot be read gets the newest week of the others: its own report says what is
    wrong when it is made, and stops no other. Only when no shop can be read is that error raised here.
    """
    from cancel_analysis.loaders import load_shop
    from cancel_analysis.study.cut import covered_until

    weeks: dict[str, Week] = {}
    failures: list[CancelAnalysisError] = []
    for shop in shops:
        try:
            weeks[shop.id] = last_whole_week(covered_until(load_shop(shop).orders))
        except CancelAnalysisError as error:
            failures.append(error)
    if not weeks:
        raise failures[0] if failures else SettingsError("no shop to report")
    return {shop.id: str(weeks.get(shop.id, max(weeks.values()))) for shop in shops}


def _weeks(week: str | None, parameters: dict[str, Any], shops: Sequence[ShopSettings]) -> dict[str, str]:
    day = parameters.get("as_of")
    if day:
        try:
            chosen = str(week_of(date.fromisoformat(str(day))))
        except ValueError as error:
            raise SettingsError(f"as_of must be a day such as 2026-11-15, not {day!r}") from error
    elif not week or week == LATEST:
        return last_weeks(shops)
    else:
        chosen = str(parse_week(week))
    return dict.fromkeys((shop.id for shop in shops), chosen)


def _chosen(shops: Sequence[ShopSettings], only: tuple[str, ...]) -> list[ShopSettings]:
    known = {shop.id: shop for shop in shops}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise SettingsError(f"no shop {unknown[0]!r}; there are {', '.join(known)}")
    chosen = [shop for shop in shops if not only or shop.id in only]
    for shop in chosen:
        if shop.slug in TAKEN:
            raise SettingsError(f"a shop cannot be called {shop.id!r}: the page over all shops is; give it another id")
    return chosen


def _language(language: str) -> str:
    if language not in languages():
        raise SettingsError(f"no report language {language!r}; there are {', '.join(languages())}")
    return language
