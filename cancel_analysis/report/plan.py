"""Which reports are to be made: a job a shop, for a week each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cancel_analysis.benchmarks.cohort_members import LEAST_OTHERS, Cohorts
from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.catalog.shops import ShopList, ShopSettings, WrongShop, in_lines
from cancel_analysis.catalog.words import languages
from cancel_analysis.errors import CancelAnalysisError, SettingsError, describe_error, unknown
from cancel_analysis.report import coverage, notebook_file
from cancel_analysis.report.coverage import Look
from cancel_analysis.report.jobs import FORMATS, Job, check_formats
from cancel_analysis.report.notebook.parameters import check_given, read_parameters
from cancel_analysis.report.side_by_side import checked_count
from cancel_analysis.study.peers import Peer
from cancel_analysis.weeks import LATEST, parse_week, week_of

if TYPE_CHECKING:
    from cancel_analysis.report.cluster.connection import Cluster

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
    appendix: bool = False,
    notebook: str | Path | None = None,
    parameters: dict[str, Any] | None = None,
    side_by_side: int | None = None,
    cluster: Cluster | None = None,
) -> list[Job]:
    """A job for each shop (or each of the ids `only`); everything is checked before anything is run.

    Without a `week` it is, for each shop, the last one that its own data cover whole (of files of less than a
    week, the one in which they end, up to that day); without a
    `language`, each shop's own. `shops` are all that there are: a job has the figures of its shop's cohort.
    Files are read, `side_by_side` shops at a time or by the workers of a `cluster`, only where the store does not
    know what is asked of them.
    A shop whose settings are `wrong`, or turn out to be, or whose files cannot be read, has a job that
    fails with the cause. Raises SettingsError for what cannot be used, and when no shop can be.
    """
    found = ShopList(tuple(shops), tuple(wrong)).named(only)
    path = Path(notebook) if notebook is not None else notebook_file()
    count = checked_count(side_by_side)
    day = (parameters or {}).get("as_of")
    faults: dict[str, str] = {}
    peers: tuple[Peer, ...] = ()
    if not day and (not week or week == LATEST):
        ends, faults, peers = _latest(found.shops, shops, count, cluster)
    else:
        ends = dict.fromkeys((shop.id for shop in found.shops), _chosen(week, day))
    wrong_settings = {shop.id: _fault(shop, ends[shop.id]) for shop in found.shops}
    if all(wrong_settings.values()):
        raise SettingsError(in_lines(list(wrong_settings.values())) if wrong_settings else "no shop to report")
    faults = {name: fault or faults.get(name, "") for name, fault in wrong_settings.items()}
    for wrong_shop in found.wrong:
        ends[wrong_shop.id], faults[wrong_shop.id] = max(ends.values()), wrong_shop.cause
    known = read_parameters(path)
    chosen = [*found.shops, *(shop.as_settings() for shop in found.wrong)]
    jobs = [
        Job(
            shop=shop,
            week=str(week_of(ends[shop.id])),
            data=Path(data).resolve(),
            language=_language(language or shop.language),
            formats=check_formats(formats),
            appendix=appendix,
            notebook=path.resolve(),
            parameters=tuple(sorted({**_partial(ends[shop.id], known), **(parameters or {})}.items())),
            fault=faults[shop.id],
        )
        for shop in chosen
    ]
    for job in jobs:
        check_given(known, job.given(job.data))
    return _with_cohorts(jobs, shops, count, peers, cluster)


def _partial(end: date, known: Collection[str]) -> dict[str, str]:
    """The parameter of a report of files that cover no whole week, the day at which it ends; a notebook may lack it."""
    return {"as_of": end.isoformat()} if end != week_of(end).sunday and "as_of" in known else {}


def _latest(
    shops: Sequence[ShopSettings], every: Sequence[ShopSettings], count: int, cluster: Cluster | None
) -> tuple[dict[str, date], dict[str, str], tuple[Peer, ...]]:
    """Id → last day of its report, id → why its files cannot be read, and figures for cohorts that came with reading.

    A shop whose files cannot be read gets the newest day of the others: its own report says what is
    wrong, and stops no other. Only when no shop can be read is that error raised here.
    """
    cohorts = Cohorts(every)
    members = {other.id for shop in shops for other in _compared(cohorts.of(shop))}
    seen = coverage.look_at([Look(shop, in_cohort=shop.id in members) for shop in shops], count, cluster)
    ends = {one.asked.shop.id: one.days.latest for one in seen if one.days is not None}
    errors: dict[str, CancelAnalysisError] = {one.asked.shop.id: one.error for one in seen if one.error is not None}
    if not ends:
        raise next(iter(errors.values()), SettingsError("no shop to report"))
    newest = max(ends.values())
    return (
        {shop.id: ends.get(shop.id, newest) for shop in shops},
        {name: describe_error(error) for name, error in errors.items()},
        tuple(one.peer for one in seen if one.peer is not None),
    )


def _compared(others: tuple[ShopSettings, ...]) -> tuple[ShopSettings, ...]:
    """The shops that one is compared with; none when they are too few to be."""
    return others if len(others) >= LEAST_OTHERS else ()


def _with_cohorts(
    jobs: Sequence[Job], every: Sequence[ShopSettings], count: int, made: Sequence[Peer], cluster: Cluster | None
) -> list[Job]:
    """The jobs with the figures of each one's cohort, every shop's looked up or made once for all of them."""
    figures = {(peer.shop, peer.as_of): peer for peer in made}
    # Files that could not be read are not read once more: such a shop does not count in a cohort.
    broken = {job.shop.id for job in jobs if job.fault}
    cohorts = Cohorts(every)
    others = {job.key: cohorts.of(job.shop) for job in jobs if not job.fault}
    jobs = [replace(job, others=tuple(other.id for other in others.get(job.key, ()))) for job in jobs]
    wanted: dict[str, list[Look]] = {
        job.key: [Look(other, job.as_of) for other in _compared(others[job.key])] for job in jobs if not job.fault
    }
    missing: dict[tuple[str, date | None], Look] = {}
    for looks in wanted.values():
        for look in looks:
            key = (look.shop.id, look.as_of)
            if key not in figures and look.shop.id not in broken:
                missing.setdefault(key, look)
    for seen in coverage.look_at(list(missing.values()), count, cluster):
        if seen.peer is not None:
            figures[seen.peer.shop, seen.peer.as_of] = seen.peer
    return [
        replace(job, cohort=tuple(_figures(look, figures) for look in wanted[job.key])) if wanted.get(job.key) else job
        for job in jobs
    ]


def _figures(look: Look, figures: dict[tuple[str, date], Peer]) -> Peer:
    assert look.as_of is not None
    return figures.get((look.shop.id, look.as_of)) or Peer(look.shop.id, look.as_of, ())


def _chosen(week: str | None, day: Any) -> date:
    if not day:
        return parse_week(str(week)).sunday
    try:
        return date.fromisoformat(str(day))
    except ValueError as error:
        raise SettingsError(f"as_of must be a day such as 2026-11-15, not {day!r}") from error


def _fault(shop: ShopSettings, end: date) -> str:
    """What is wrong with a shop's settings that its entry alone did not show; empty when nothing is."""
    if shop.slug in TAKEN:
        return f"a shop cannot be called {shop.id!r}: the page over all shops is; give it another id"
    try:
        verdict_limits(shop, end)
    except SettingsError as error:
        return str(error)
    return ""


def _language(language: str) -> str:
    if language not in languages():
        raise SettingsError(unknown("report language", language, languages()))
    return language
