"""What the command prints: messages, small frames, the intake account, what a batch has made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.table import Table
    from rich.text import Text

    from cancel_analysis.catalog.words import Words
    from cancel_analysis.cli.doctor import Finding
    from cancel_analysis.loaders import Account
    from cancel_analysis.report.ingesting import Outcome as Ingestion
    from cancel_analysis.report.outcomes import BatchResult, Outcome
    from cancel_analysis.report.pages import Made
    from cancel_analysis.steps import Seconds
    from cancel_analysis.store.entries import Usage

# Hints, and shops that each names; more would push the reports themselves off the screen.
MOST_HINTS, MOST_NAMED = 5, 3
# Of the rows that were refused for one cause.
MOST_FIRST = 3
# A screenful; all rows are in the report's tables.
MOST_ROWS = 20
TONES = {"breach": "bold red", "watch": "yellow", "ok": "green", "cannot_tell": "dim"}


class _LazyConsole:
    """A console that is made when something is written: help and mistakes answer before Rich is loaded."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(**self._settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._console, name)


out = cast("Console", _LazyConsole(highlight=False))
err = cast("Console", _LazyConsole(stderr=True, highlight=False))


def _text(text: str, style: str = "") -> Text:
    """A text that is never taken for markup."""
    from rich.text import Text

    return Text(text, style=style)


def say(text: str, style: str = "") -> None:
    """A line on the standard output; `text` is never taken for markup."""
    out.print(_text(text, style=style), soft_wrap=True)


def complain(problem: object, word: str = "Error:") -> None:
    """What went wrong, on the standard error; `word` is what its language begins it with."""
    # A wide colon has its space in it.
    apart = "" if word.endswith("\N{FULLWIDTH COLON}") else " "
    err.print(_text(word + apart, style="bold red") + _text(str(problem)), soft_wrap=True)


def warn(problem: object) -> None:
    """What deserves a look, on the standard error."""
    err.print(_text("Warning: ", style="yellow") + _text(str(problem)), soft_wrap=True)


def _table(*columns: str) -> Table:
    """A table as all of these are drawn; what draws it is loaded with the first one."""
    from rich.table import Table

    table = Table(pad_edge=False, box=None, header_style="dim")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def show_frame(title: str, frame: pd.DataFrame) -> None:
    """A small frame with its title; nothing when it has no row."""
    if not len(frame):
        return
    table = _table()
    for name in frame.columns:
        number = frame[name].dtype.kind in "iuf"
        table.add_column(str(name).replace("_", " "), justify="right" if number else "left", overflow="fold")
    for row in frame.head(MOST_ROWS).itertuples(index=False):
        table.add_row(*(_text(_cell(value)) for value in row))
    out.print()
    say(title, "bold")
    out.print(table)
    if len(frame) > MOST_ROWS:
        say(f"… and {len(frame) - MOST_ROWS:,} more", "dim")


def show_intake(account: Account) -> None:
    """What became of each row of one kind of a shop's files."""
    kind = account.kind.replace("_", " ").capitalize()
    files = account.files.rename(columns={"superseded": "in_a_newer_file_or_twice", "twice": "of_them_twice"})
    always = ("file", "rows", "used")
    wanted = [name for name in files if name in always or (name != "newest" and _says_something(files[name]))]
    show_frame(f"{kind}: files", files[wanted].drop(columns="format", errors="ignore"))
    causes = account.frame()
    show_frame(f"{kind}: what became of each row", causes[causes["rows"] > 0])
    for note in account.joined:
        say(f"Joined: {note}")
    show_frame("Refused rows by cause", _causes(account.refusals))
    if account.refused or account.undated:
        show_frame("Rows by status: all, refused, without a date", account.by_status)
    for note in account.notes:
        if note not in account.joined:
            say(f"Note: {note}", "yellow")


def _says_something(column: pd.Series) -> bool:
    """Whether a column has more than zeros and empty cells."""
    known = column.dropna()
    return bool(len(known)) and bool((known.ne(0) & known.ne("")).any())


def _causes(refusals: pd.DataFrame) -> pd.DataFrame:
    """Refused rows, a line a file, cause and column, most rows first: how many, the first of them, what to do."""
    places = ["file", "sheet", "reason", "column", "remedy"]
    groups = refusals.groupby(places, sort=False, dropna=False)
    found = groups.agg(rows=("row", "size"), first_rows=("row", _first), such_as=("value", "first")).reset_index()
    order = ["file", "sheet", "column", "reason", "such_as", "rows", "first_rows", "remedy"]
    return found.sort_values("rows", ascending=False, kind="stable")[order].dropna(axis="columns", how="all")


def _first(rows: pd.Series) -> str:
    more = " …" if len(rows) > MOST_FIRST else ""
    return ", ".join(str(row) for row in rows.head(MOST_FIRST)) + more


def _bar() -> Progress:
    """A bar with what is done, how many of how many, the time so far and the time that is left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}", style="dim", markup=False),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


# What the work tells (`steps.tell`) → as people read it.
_WORK = {"files": "Reading files", "shops": "Shops", "figures": "Figures", "page": "Page", "sample": "Sample shops"}


class Working:
    """What a longer work is at, how far it is and what is left, on a terminal; silent elsewhere.

    The bar appears with the first thing that is told: what takes no time shows none.
    """

    def __init__(self, start: str = "") -> None:
        self._start = start
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Working:
        if self._start:
            self.tell(self._start, 0, 0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, what: str, done: int, total: int) -> None:
        """`done` of `total` are done; without a total, it is begun."""
        if not err.is_terminal:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        if what not in self._tasks:
            for task in self._tasks.values():
                self._bar.update(task, visible=False)
            self._tasks[what] = self._bar.add_task(_WORK.get(what, what), total=total or None, last="")
        self._bar.update(self._tasks[what], completed=done, total=total or None)


class Waiting:
    """A progress bar while reports are made; on what is no terminal, a line as each ends."""

    def __init__(self, total: int, words: Words) -> None:
        self._words = words
        self._bar = _bar() if err.is_terminal else None
        self._task = None if self._bar is None else self._bar.add_task(words("terminal.reports"), total=total, last="")

    def __enter__(self) -> Waiting:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, outcome: Outcome, done: int, total: int) -> None:
        """One more report has ended."""
        shop, status = outcome.job.shop.id, self._words(f"terminal.status.{outcome.status}")
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, last=f"{shop} {status}")
        else:
            said = self._words("terminal.done", done=done, total=total, shop=shop, status=status)
            err.print(_text(said), soft_wrap=True)


def show_result(result: BatchResult, words: Words) -> None:
    """A line a report with its verdict, each failure with its cause, and where the index page is."""
    table = _table(*(words(f"terminal.{head}") for head in ("shop", "week", "verdict_head", "report")))
    for outcome in result.outcomes:
        row = [_text(outcome.job.shop.id), _text(outcome.job.week)]
        if outcome.folder is None:
            table.add_row(*row, _text(words("terminal.failed"), style="bold red"), "")
            continue
        verdict = outcome.verdict
        how = words(f"terminal.{outcome.status}", seconds=f"{outcome.seconds:.1f}")
        said = words.get(f"terminal.verdict.{verdict}", verdict)
        table.add_row(*row, _text(said, style=TONES.get(verdict, "")), _text(how))
    out.print(table)
    for outcome in result.failed:
        complain(f"{outcome.job.shop.id}, {outcome.job.week}: {outcome.error}", words("terminal.error"))
    _show_hints(result, words)
    makers = sorted({outcome.made_by for outcome in result.outcomes if outcome.made_by})
    counts = {name: len(getattr(result, name)) for name in ("made", "kept", "failed")}
    summary = words("terminal.summary", **counts, seconds=f"{result.seconds:.1f}")
    say(summary + (f" · {', '.join(makers)}" if makers else ""), "dim")
    say(words("terminal.open", path=_near(result.index)))


def _show_hints(result: BatchResult, words: Words) -> None:
    """Files and settings that would tell more, each once with its shops; the pages do not say them."""
    about: dict[str, list[str]] = {}
    for outcome in result.made:
        for hint in outcome.hints:
            about.setdefault(hint, []).append(outcome.job.shop.id)
    for hint, shops in list(about.items())[:MOST_HINTS]:
        named = words.listed(shops[:MOST_NAMED])
        if len(shops) > MOST_NAMED:
            named = words("headline.more", names=named, count=f"{len(shops) - MOST_NAMED:,}")
        say(words("terminal.hint", shops=named, hint=hint), "dim")
    if len(about) > MOST_HINTS:
        say(words("terminal.more_hints", count=len(about) - MOST_HINTS), "dim")


def show_steps(reports: Mapping[str, Seconds]) -> None:
    """The seconds of each step (`steps.STEPS`): a row a report or page, and all of them together.

    Reports are made side by side: together these are more seconds than went by.
    """
    from cancel_analysis.steps import STEPS

    known = [step for step in STEPS if any(step in seconds for seconds in reports.values())]
    every = {step: sum(seconds.get(step, 0.0) for seconds in reports.values()) for step in known}
    rows = [("seconds", [*known, "all"])]
    for name, seconds in [*reports.items(), ("all", every)]:
        cells = [f"{seconds[step]:.2f}" if step in seconds else "" for step in known]
        rows.append((name, [*cells, f"{sum(seconds.values()):.2f}"]))
    first = max(len(name) for name, _ in rows)
    widths = [max(len(cells[column]) for _, cells in rows) for column in range(len(known) + 1)]
    out.print()
    # Lines of their own width: folded into a narrow window, a table of so many columns could not be read.
    for name, cells in rows:
        say(f"{name:{first}}  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)))


def show_usage(usage: Usage) -> None:
    """What the store of read files holds, and where it is."""
    megabytes = usage.bytes / 1_000_000
    say(f"{usage.folder}")
    say(f"{usage.shops:,} sets of tables, {usage.notes:,} notes, {megabytes:,.1f} of {usage.most_bytes / 1e6:,.0f} MB")


def show_ingested(outcomes: Sequence[Ingestion], dataset: str) -> None:
    """What was added to a dataset: a line a shop with something new, each failure, and the sum."""
    table = _table("shop", "new files", "known files", "order lines")
    for outcome in outcomes:
        if outcome.new_files:
            counts = (outcome.new_files, outcome.known_files, outcome.lines)
            table.add_row(_text(outcome.shop), *(_text(f"{count:,}") for count in counts))
    if table.row_count:
        out.print(table)
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed:
        complain(f"{outcome.shop}: {outcome.error}")
    new = sum(outcome.new_files for outcome in outcomes)
    unchanged = sum(not outcome.new_files and not outcome.error for outcome in outcomes)
    say(
        f"{new:,} new files of {len(outcomes) - unchanged - len(failed):,} shops, {unchanged:,} shops unchanged, "
        f"{len(failed):,} failed"
    )
    say(f"Use it: cancel-analysis report --data {dataset}")


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
    signs = {"ok": _text("✓", style="green"), "missing": _text("–", style="yellow")}
    table = _table("", "", "")
    table.show_header = False
    for finding in findings:
        state = signs.get(finding.state, _text("✗", style="bold red"))
        table.add_row(state, _text(finding.name), _text(finding.detail))
        if finding.cost:
            table.add_row("", "", _text(f"costs: {finding.cost}", style="dim"))
        if finding.remedy:
            table.add_row("", "", _text(f"to mend: {finding.remedy}", style="dim"))
    out.print(table)


def _near(path: Path) -> str:
    """The path as seen from the working folder when it lies below it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _cell(value: Any) -> str:
    # NaN, NaT and None; pd.NA has no truth value, so it goes by its name.
    if value is None or str(value) in ("nan", "NaT", "<NA>"):
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
