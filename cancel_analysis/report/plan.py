"""Which reports are to be made: a job a shop, for a week each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.catalog.shops import ShopList, ShopSettings, WrongShop, in_lines
from cancel_analysis.catalog.words import languages
from cancel_analysis.errors import CancelAnalysisError, SettingsError, unknown
from cancel_analysis.report import coverage, notebook_file
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
    wrong: Sequence[WrongShop] = (),
    language: str | None = None,
    formats: tuple[str, ...] = FORMATS,
    notebook: str | Path | None = None,
    parameters: dict[str, Any] | None = None,
) -> list[Job]:
    """A job for each shop (or each of the ids `only`); everything is checked before anything is run.

    Without a `week` it is, for each shop, the last one that its own data cover whole; without a
    `language`, each shop's own. A shop whose settings are `wrong`, or turn out to be, has a job that
    fails with the cause. Raises SettingsError for what cannot be used, and when no shop can be.
    """
    from cancel_analysis.report.notebook import prepare

    found = ShopList(tuple(shops), tuple(wrong)).named(only)
    path = Path(notebook) if notebook is not None else notebook_file()
    weeks = _weeks(week, parameters or {}, found.shops)
    faults = {shop.id: _fault(shop, weeks[shop.id]) for shop in found.shops}
    if all(faults.values()):
        raise SettingsError(in_lines(list(faults.values())) if faults else "no shop to report")
    for wrong_shop in found.wrong:
        weeks[wrong_shop.id], faults[wrong_shop.id] = max(weeks.values()), wrong_shop.cause
    chosen = [*found.shops, *(shop.as_settings() for shop in found.wrong)]
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
            fault=faults[shop.id],
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
    weeks: dict[str, Week] = {}
    failures: list[CancelAnalysisError] = []
    for shop in shops:
        try:
            weeks[shop.id] = last_whole_week(coverage.last_covered_day(shop))
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


def _fault(shop: ShopSettings, week: str) -> str:
    """What is wrong with a shop's settings that its entry alone did not show; empty when nothing is."""
    if shop.slug in TAKEN:
        return f"a shop cannot be called {shop.id!r}: the page over all shops is; give it another id"
    try:
        verdict_limits(shop, parse_week(week).sunday)
    except SettingsError as error:
        return str(error)
    return ""


def _language(language: str) -> str:
    if language not in languages():
        raise SettingsError(unknown("report language", language, languages()))
    return language
