"""Many reports side by side; one that fails stops no other.

Notebooks run in processes of their own (`workers`), pictures and pages are made in threads of this
one, where vl-convert, the templates and Vega's script are warm.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cancel_analysis.errors import ReportWarning, SettingsError, describe_error
from cancel_analysis.report import index, manifest, publish, render
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.manifest import Entry
from cancel_analysis.report.notebook.workers import Stopped, Workers
from cancel_analysis.report.private import ended_by_sigterm, private_folder, sweep

KEPT = "kept"


@dataclass(frozen=True)
class Outcome:
    """What became of one report: `status` is made, kept (nothing had changed) or failed, with the cause."""

    job: Job
    status: str
    seconds: float = 0.0
    error: str = ""
    folder: Path | None = None
    made_by: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchResult:
    """All outcomes in the order of the plan, and the index page."""

    outcomes: tuple[Outcome, ...]
    index: Path
    seconds: float

    def of(self, status: str) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)

    @property
    def made(self) -> tuple[Outcome, ...]:
        return self.of(manifest.MADE)

    @property
    def kept(self) -> tuple[Outcome, ...]:
        return self.of(KEPT)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return self.of(manifest.FAILED)

    @property
    def exit_status(self) -> int:
        """0 when every report is there, 1 when any failed (2, wrong usage, is raised before a run)."""
        return 1 if self.failed else 0


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
) -> BatchResult:
    """Make the reports of `plan` below `out`, `jobs` at a time (default: the machine's cores).

    What has not changed since it was made is kept, unless `again`. `shops` are the ids of all shops
    there are: reports of others leave the index. A notebook that takes more than `timeout` seconds
    fails. Raises SettingsError or RendererMissingError before anything is made; Ctrl-C stops all and
    leaves no half report. Gives a ReportWarning for each thing that finished reports lack.
    """
    started = time.monotonic()
    count = _jobs(jobs)
    program = render.choose(renderer)
    folder = Path(out).resolve()
    work = publish.work_folder(folder)
    sweep(work, home=folder)
    _check(plan)
    maker = render.maker(program)
    codes = {path: manifest.code(path) for path in {job.notebook for job in plan}}
    known = manifest.read(folder)
    make = _ReportMaker(folder, work, program, maker, codes, known, again, timeout, Workers())
    with ended_by_sigterm():
        outcomes = _all(make, plan, count, progress)
        gone = None if shops is None else set(shops)
        lines = manifest.read(folder)
        manifest.write(folder, (line for line in lines.values() if gone is None or line.shop in gone))
        page = index.write(folder, gone)
        _leave(work)
    _warn(outcomes)
    return BatchResult(tuple(outcomes[job.key] for job in plan), page, time.monotonic() - started)


@dataclass(frozen=True)
class _ReportMaker:
    """All that making one report needs; called in a thread, it never raises but to give up."""

    out: Path
    work: Path
    program: str
    maker: str
    codes: dict[Path, str]
    known: dict[str, Entry]
    again: bool
    timeout: float | None
    workers: Workers

    def __call__(self, job: Job) -> tuple[Outcome, Entry | None]:
        started = time.monotonic()
        line = manifest.entry(job, self.maker, self.codes[job.notebook], "")
        if job.fault:
            outcome = self._failed(job, job.fault, started)
            return outcome, manifest.ended(line, outcome.status, outcome.seconds, outcome.error)
        try:
            line = replace(line, inputs=manifest.inputs(job.shop, job.data))
            place = publish.target(self.out, job.key)
            last = self.known.get(job.key)
            same = last is not None and last.status == manifest.MADE and last.made_of() == line.made_of()
            if same and not self.again and publish.is_whole(place, job.formats):
                return Outcome(job, KEPT, folder=place, made_by=self.maker), None
            # While the first notebooks run, what draws and sets their pages is loaded.
            render.warm_up()
            with private_folder(self.work, f"{job.shop.slug}-") as private:
                self.workers.execute(job, private, self.timeout)
                rendered = render.render(private, job.formats, self.program)
                publish.publish(private, place, job.formats)
        except (Stopped, KeyboardInterrupt, SystemExit):
            raise
        # Whatever it is, the other shops go on. What a library in Rust calls a panic is no Exception.
        except BaseException as error:
            outcome = self._failed(job, _cause(error), started)
        else:
            seconds = time.monotonic() - started
            outcome = Outcome(job, manifest.MADE, seconds, "", place, rendered.made_by, rendered.warnings)
        return outcome, manifest.ended(line, outcome.status, outcome.seconds, outcome.error)

    def _failed(self, job: Job, cause: str, started: float) -> Outcome:
        return Outcome(job, manifest.FAILED, time.monotonic() - started, cause)


def _all(make: _ReportMaker, plan: Sequence[Job], count: int, progress: Progress | None) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(max_workers=count, thread_name_prefix="report") as pool:
        waiting: set[Future[tuple[Outcome, Entry | None]]] = {pool.submit(make, job) for job in plan}
        try:
            while waiting:
                # A wait without end would not let Ctrl-C through on Windows.
                done, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome, line = future.result()
                    outcomes[outcome.job.key] = outcome
                    if line is not None:
                        manifest.append(make.out, line)
                    if progress is not None:
                        progress(outcome, len(outcomes), len(plan))
        except BaseException:
            for future in waiting:
                future.cancel()
            make.workers.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            _leave(make.work)
            raise
    return outcomes


def _jobs(jobs: int | None) -> int:
    if jobs is not None and jobs < 1:
        raise SettingsError(f"jobs must be 1 or more, not {jobs}")
    return jobs or os.cpu_count() or 1


def _check(plan: Sequence[Job]) -> None:
    keys = [job.key for job in plan]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise SettingsError(f"two reports would lie in {twice[0]}")
    if not plan:
        raise SettingsError("no shop to report")


def _cause(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"a file of the shop cannot be read: {error.strerror} ({error.filename})"
    return describe_error(error)


def _leave(work: Path) -> None:
    """Remove the folder of private work, unless another run is using it."""
    with suppress(OSError):
        work.rmdir()


def _warn(outcomes: dict[str, Outcome]) -> None:
    """Each warning once, with the shops whose reports it is about."""
    about: dict[str, list[str]] = {}
    for outcome in outcomes.values():
        for message in outcome.warnings:
            about.setdefault(message, []).append(outcome.job.shop.id)
    for message, ids in about.items():
        warnings.warn(f"{', '.join(sorted(ids))}: {message}", ReportWarning, stacklevel=3)
