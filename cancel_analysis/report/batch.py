"""Many reports side by side; one that fails stops no other.

Notebooks run in processes of their own (`workers`), pictures and pages are made in threads of this
one, where vl-convert, the templates and Vega's script are warm. On a cluster (`report.cluster`) each
worker does the same; whatever was made where, it is published and noted here, once.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cancel_analysis.errors import ReportWarning, SettingsError
from cancel_analysis.report import contents as facts
from cancel_analysis.report import index, manifest, outcomes, publish, render
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.making import cause_of, make_ready
from cancel_analysis.report.manifest import Entry
from cancel_analysis.report.outcomes import KEPT, BatchResult, Outcome
from cancel_analysis.report.private import ended_by_sigterm, private_folder, sweep
from cancel_analysis.report.side_by_side import checked_count, do_each
from cancel_analysis.steps import WAIT, Seconds, collected, timed
from cancel_analysis.store.contents import contents
from cancel_analysis.store.entries import open_store
from cancel_analysis.weeks import week_after

if TYPE_CHECKING:
    from cancel_analysis.report.cluster.connection import Cluster
    from cancel_analysis.report.notebook.workers import Workers

# Called in the calling thread with what has just ended, how many have ended, and of how many.
Progress = Callable[[Outcome, int, int], None]


def run(
    plan: Sequence[Job],
    out: str | Path,
    jobs: int | None = None,
    *,
    renderer: str = "auto",
    shops: Iterable[str] | None = None,
    again: bool = False,
    timeout: float | None = None,
    progress: Progress | None = None,
    cluster: Cluster | None = None,
) -> BatchResult:
    """Make the reports of `plan` below `out`, `jobs` at a time (default: the machine's cores), or on a `cluster`.

    What has not changed since it was made is kept, unless `again`. `shops` are the ids of all shops
    there are: reports of others leave the index. A notebook that takes more than `timeout` seconds
    fails. Raises SettingsError or RendererMissingError before anything is made; Ctrl-C stops all and
    leaves no half report. Gives a ReportWarning for each thing that finished reports lack.
    """
    started = time.monotonic()
    count = checked_count(jobs)
    program = render.choose(renderer)
    folder = Path(out).resolve()
    work = publish.work_folder(folder)
    sweep(work, home=folder)
    _check(plan)
    maker = render.maker(program)
    codes = {path: manifest.code(path) for path in {job.notebook for job in plan}}
    make = ReportMaker(folder, work, program, maker, codes, manifest.read(folder), again, timeout)
    with ended_by_sigterm():
        found = _all(make, plan, count, progress, cluster)
        gone = None if shops is None else set(shops)
        lines = manifest.read(folder)
        kept = [line for line in lines.values() if gone is None or line.shop in gone]
        if len(kept) < len(lines) or any(outcome.status != KEPT for outcome in found.values()):
            manifest.write(folder, kept)
        page = index.write(folder, gone)
        contents().save()
        _leave(work)
    _warn(found)
    return BatchResult(tuple(found[job.key] for job in plan), page, time.monotonic() - started)


@dataclass(frozen=True)
class ReportMaker:
    """All that making one report needs; called in a thread, it never raises but to give up."""

    out: Path
    work: Path
    program: str
    maker: str
    codes: dict[Path, str]
    known: dict[str, Entry]
    again: bool
    timeout: float | None

    def keep(self, job: Job) -> Outcome | None:
        """The report that is there already, when it was made of the same; None when it must be made."""
        last = self.known.get(job.key)
        if job.fault or self.again or last is None or last.status != manifest.MADE:
            return None
        try:
            line = self.line(job, manifest.inputs(job.shop, job.data))
            place = publish.target(self.out, job.key)
            if last.made_of() != line.made_of() or not publish.is_whole(place, job.formats, appendix=job.appendix):
                return None
            verdict = last.verdict or str(facts.read(place)["verdict"])
        except Exception:  # whatever is wrong with the shop or the old report is told when it is made
            return None
        return Outcome(job, KEPT, folder=place, made_by=self.maker, verdict=verdict)

    def make(self, job: Job, workers: Workers) -> tuple[Outcome, Entry]:
        from cancel_analysis.report.notebook.workers import Stopped

        started = time.monotonic()
        line = self.line(job, "")
        if job.fault:
            return self.refused(job)
        with collected() as seconds:
            try:
                line = self.line(job, manifest.inputs(job.shop, job.data))
                place = publish.target(self.out, job.key)
                with private_folder(self.work, f"{job.shop.slug}-") as private:
                    ready = make_ready(job, private, self.program, workers, self.timeout, self.links(job))
                    with timed("publish"):
                        publish.put(ready.folder, place, private)
            except (Stopped, KeyboardInterrupt, SystemExit):
                raise
            # Whatever it is, the other shops go on. What a library in Rust calls a panic is no Exception.
            except BaseException as error:
                outcome = outcomes.failed(job, cause_of(error), _worked(started, seconds), seconds)
            else:
                outcome = outcomes.made(job, _worked(started, seconds), place, ready, seconds)
        return outcome, manifest.ended(line, outcome)

    def links(self, job: Job) -> dict[str, str]:
        """What the page may link to beside its own files: the shop's trend page, which the end of the run makes, and
        the report of the week before, where there is one."""
        before = week_after(job.week, -1)
        links = {"trend": job.shop.slug}
        if (self.out / before / job.shop.slug / "report.html").is_file():
            links["week_before"] = before
        return links

    def refused(self, job: Job) -> tuple[Outcome, Entry]:
        """A report whose job has a fault is not made."""
        outcome = outcomes.failed(job, job.fault)
        return outcome, manifest.ended(self.line(job, ""), outcome)

    def line(self, job: Job, inputs: str) -> Entry:
        """The line of the manifest for a report of `inputs` (`manifest.inputs`)."""
        return manifest.entry(job, self.maker, self.codes[job.notebook], inputs)


def _all(
    make: ReportMaker, plan: Sequence[Job], count: int, progress: Progress | None, cluster: Cluster | None
) -> dict[str, Outcome]:
    """Key → outcome. What runs notebooks and makes pages is loaded when a report is to be made."""
    found: dict[str, Outcome] = {}

    def ended(result: tuple[Outcome, Entry | None]) -> None:
        outcome, line = result
        found[outcome.job.key] = outcome
        if line is not None:
            manifest.append(make.out, line)
        if progress is not None:
            progress(outcome, len(found), len(plan))

    missing = []
    try:
        for job in plan:
            kept = make.keep(job)
            if kept is None:
                missing.append(job)
            else:
                ended((kept, None))
        if missing and cluster is not None:
            from cancel_analysis.report.cluster.reports import make_reports

            make_reports(cluster, missing, make, ended)
        elif missing:
            _make_here(make, missing, count, ended)
    except BaseException:
        _leave(make.work)
        raise
    return found


def _worked(started: float, seconds: Seconds) -> float:
    """Seconds since `started` but for those of waiting, which are no step of the report."""
    return time.monotonic() - started - seconds.pop(WAIT, 0.0)


def _make_here(
    make: ReportMaker, jobs: Sequence[Job], count: int, ended: Callable[[tuple[Outcome, Entry]], None]
) -> None:
    from cancel_analysis.report.notebook.workers import Workers

    workers = Workers(count)
    index.warm_up()
    # With more than one at a time, the notebook of the next runs while the pages of one are set.
    threads = count + 1 if count > 1 else count
    do_each(lambda job: make.make(job, workers), jobs, threads, workers.stop, ended)
    store = open_store()
    if store is not None:
        store.tidy(at_once=True)


def _check(plan: Sequence[Job]) -> None:
    twice = sorted(key for key, count in Counter(job.key for job in plan).items() if count > 1)
    if twice:
        raise SettingsError(f"two reports would lie in {twice[0]}")
    if not plan:
        raise SettingsError("no shop to report")


def _leave(work: Path) -> None:
    """Remove the folder of private work, unless another run is using it."""
    with suppress(OSError):
        work.rmdir()


def _warn(found: dict[str, Outcome]) -> None:
    """Each warning once, with the shops whose reports it is about."""
    about: dict[str, list[str]] = {}
    for outcome in found.values():
        for message in outcome.warnings:
            about.setdefault(message, []).append(outcome.job.shop.id)
    for message, ids in about.items():
        warnings.warn(f"{', '.join(sorted(ids))}: {message}", ReportWarning, stacklevel=3)
