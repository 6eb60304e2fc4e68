"""What became of reports that were asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cancel_analysis.report import manifest
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.making import Ready
from cancel_analysis.steps import Seconds

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
    verdict: str = ""
    # What the page does not say to the seller: files and settings that would tell more.
    hints: tuple[str, ...] = ()
    # Step → seconds (`steps.STEPS`).
    steps: Seconds = field(default_factory=dict)


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


def made(job: Job, seconds: float, folder: Path, ready: Ready, steps: Seconds) -> Outcome:
    """A report that was made and lies in `folder`."""
    return Outcome(
        job, manifest.MADE, seconds, folder=folder, made_by=ready.made_by, warnings=ready.warnings,
        verdict=ready.verdict, hints=ready.hints, steps=steps,
    )  # fmt: skip


def failed(job: Job, cause: str, seconds: float = 0.0, steps: Seconds | None = None) -> Outcome:
    """A report that could not be made."""
    return Outcome(job, manifest.FAILED, seconds, cause, steps=steps or {})
