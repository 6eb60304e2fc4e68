"""What the command prints: messages, small frames, the intake account, what a batch has made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from cancel_analysis.doctor import Finding
    from cancel_analysis.loaders import Intake

# A screenful; all rows are in the report's tables.
MOST_ROWS = 20

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


def show_intake(intake: Intake) -> None:
    """What became of each row of a shop's order files, or of its return files."""
    account = intake.account
    show_frame(f"{account.kind.capitalize()}: what became of each row", account.frame())
    files = account.files
    wanted = [name for name in ("file", "sheet", "rows", "used", "date_order", "date_order_basis") if name in files]
    show_frame("Files", files[wanted].dropna(axis="columns", how="all"))
    show_frame("Values that no catalog has", account.unknown_values)
    show_frame("Refused rows", account.refusals.dropna(axis="columns", how="all"))
    for note in account.notes:
        say(f"Note: {note}", "yellow")


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


def _cell(value: Any) -> str:
    # NaN, NaT and None; pd.NA has no truth value, so it goes by its name.
    if value is None or str(value) in ("nan", "NaT", "<NA>"):
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
