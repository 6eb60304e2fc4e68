"""What the command prints: messages, small frames, the intake account, what a batch has made."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from cancel_analysis.cli.doctor import Finding
    from cancel_analysis.loaders import Account
    from cancel_analysis.report.batch import BatchResult, Outcome
    from cancel_analysis.report.pages import Made

# A screenful; all rows are in the report's tables.
MOST_ROWS = 20
TONES = {"breach": "bold red", "watch": "yellow", "ok": "green", "cannot_tell": "dim"}

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def say(text: str, style: str = "") -> None:
    """A line on the standard output; `text` is never taken for markup."""
    out.print(Text(text, style=style), soft_wrap=True)


def complain(problem: object) -> None:
    """What went wrong, on the standard error."""
    err.print(Text("Error: ", style="bold red") + Text(str(problem)), soft_wrap=True)


def warn(problem: object) -> None:
    """What deserves a look, on the standard error."""
    err.print(Text("Warning: ", style="yellow") + Text(str(problem)), soft_wrap=True)


def show_frame(title: str, frame: pd.DataFrame) -> None:
    """A small frame with its title; nothing when it has no row."""
    if not len(frame):
        return
    table = Table(pad_edge=False, box=None, header_style="dim")
    for name in frame.columns:
        number = frame[name].dtype.kind in "iuf"
        table.add_column(str(name).replace("_", " "), justify="right" if number else "left", overflow="fold")
    for row in frame.head(MOST_ROWS).itertuples(index=False):
        table.add_row(*(Text(_cell(value)) for value in row))
    out.print()
    say(title, "bold")
    out.print(table)
    if len(frame) > MOST_ROWS:
        say(f"… and {len(frame) - MOST_ROWS:,} more", "dim")


def show_intake(account: Account) -> None:
    """What became of each row of one kind of a shop's files."""
    show_frame(f"{account.kind.replace('_', ' ').capitalize()}: what became of each row", account.frame())
    files = account.files
    wanted = [name for name in ("file", "sheet", "rows", "used", "date_order", "date_order_basis") if name in files]
    show_frame("Files", files[wanted].dropna(axis="columns", how="all"))
    show_frame("Values that no catalog has", account.unknown_values)
    causes = (
        account.refusals.groupby(["reason", "column"], sort=False, dropna=False).size().rename("rows").reset_index()
    )
    show_frame("Refused rows by cause", causes)
    if account.refused or account.undated:
        show_frame("Rows by status: all, refused, without a date", account.by_status)
    show_frame("Refused rows", account.refusals.dropna(axis="columns", how="all"))
    for note in account.notes:
        say(f"Note: {note}", "yellow")


class Waiting:
    """A progress bar while reports are made; on what is no terminal, a line as each ends."""

    def __init__(self, total: int) -> None:
        self._bar = Progress(
            TextColumn("Reports"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[last]}", style="dim", markup=False),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task = self._bar.add_task("reports", total=total, last="")

    def __enter__(self) -> Waiting:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, outcome: Outcome, done: int, total: int) -> None:
        """One more report has ended."""
        if err.is_terminal:
            self._bar.update(self._task, completed=done, last=f"{outcome.job.shop.id} {outcome.status}")
        else:
            err.print(Text(f"{done} of {total}: {outcome.job.shop.id} {outcome.status}"), soft_wrap=True)


def show_result(result: BatchResult) -> None:
    """A line a report with its verdict, each failure with its cause, and where the index page is."""
    from cancel_analysis.report import contents as facts

    table = Table(pad_edge=False, box=None, header_style="dim")
    for name in ("shop", "week", "verdict", "report"):
        table.add_column(name, overflow="fold")
    for outcome in result.outcomes:
        row = [Text(outcome.job.shop.id), Text(outcome.job.week)]
        if outcome.folder is None:
            table.add_row(*row, Text("failed", style="bold red"), "")
            continue
        verdict = str(facts.read(outcome.folder)["verdict"])
        how = f"made in {outcome.seconds:.1f} s" if outcome.status == "made" else "kept, nothing has changed"
        table.add_row(*row, Text(verdict, style=TONES.get(verdict, "")), Text(how))
    out.print(table)
    for outcome in result.failed:
        complain(f"{outcome.job.shop.id}, {outcome.job.week}: {outcome.error}")
    makers = sorted({outcome.made_by for outcome in result.outcomes if outcome.made_by})
    say(
        f"{len(result.made)} made, {len(result.kept)} kept, {len(result.failed)} failed in {result.seconds:.1f} s"
        + (f" · {', '.join(makers)}" if makers else ""),
        "dim",
    )
    say(f"Open {_near(result.index)}")


def show_page(made: Made) -> None:
    """A page over all shops: its text for a chat, the shops that could not be read, and where it lies."""
    if made.report.get("text"):
        say(str(made.report["text"]))
        out.print()
    for message in made.warnings:
        warn(message)
    for shop in made.failed:
        complain(f"{shop['shop']}: {shop['cause']}")
    say(f"Made in {made.seconds:.1f} s · {made.made_by}", "dim")
    say(f"Open {_near(made.first)}")


def show_findings(findings: Iterable[Finding]) -> None:
    """What the machine has and lacks, a line each, with the cost and the remedy of a lack."""
    signs = {"ok": Text("✓", style="green"), "missing": Text("–", style="yellow")}
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for finding in findings:
        table.add_row(signs.get(finding.state, Text("✗", style="bold red")), Text(finding.name), Text(finding.detail))
        if finding.cost:
            table.add_row("", "", Text(f"costs: {finding.cost}", style="dim"))
        if finding.remedy:
            table.add_row("", "", Text(f"to mend: {finding.remedy}", style="dim"))
    out.print(table)


def _near(path: Path) -> str:
    """The path as seen from the working folder when it lies below it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _cell(value: Any) -> str:
    # NaN, NaT and None; pd.NA has no truth value, so it goes by its name.
    if value is None or str(value) in ("nan", "NaT", "<NA>"):
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
