"""Part 10 of the shop report: what became of every row, what each rate counts, with which settings."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.rates import definitions
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.loaders.parsing.account import OUTCOMES, Account
from cancel_analysis.sections.contents import parameters
from cancel_analysis.sections.missing_files import no_returns_hint
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

ROWS_READ = "rows"


def method(study: Study, language: str = "") -> Section:
    """Part 10: what became of every row, what each rate counts, with which settings it was made."""
    voice = speaker(study, language)
    text, numbers = voice.words, voice.numbers
    accounts = list(study.intake.accounts)
    lines = [Line(text("note.all_rows"))]
    if study.intake.returns is None:
        lines.append(no_returns_hint(study, voice))
    orphans = study.attribution.orphans
    if len(orphans):
        lines.append(Line(text("note.orphans", count=numbers.count(orphans["requests"].sum())), "warning"))
    lines += [
        Line(text.said(note), "warning" if note in account.mixed else "note")
        for account in accounts
        for note in account.notes
    ]
    exhibits: list[Exhibit] = [
        Prose("intake", tuple(lines)),
        _account_table(accounts, voice),
        _file_table(accounts, voice),
    ]
    exhibits += _problem_tables(accounts, voice)
    left_out = study.attribution.not_returns
    if len(left_out):
        frame = left_out.assign(status_label=[text(f"status.{status}") for status in left_out["status"]])
        columns = (
            ColumnView("status_label", text("column.status"), weight=2),
            ColumnView("requests", text("column.requests"), "integer"),
        )
        exhibits.append(TableView("requests", text("table.requests"), frame, columns, note=text("note.not_returns")))
    exhibits += [_parameter_table(study, voice), _definition_table(voice)]
    return Section("method", tuple(exhibits))


def _account_table(accounts: list[Account], voice: Speaker) -> TableView:
    text = voice.words
    outcomes = (ROWS_READ, *OUTCOMES)
    frame = pd.DataFrame(
        [{"kind": account.kind, **{outcome: getattr(account, outcome) for outcome in outcomes}} for account in accounts]
    )
    frame["kind_label"] = [text(f"account.{kind}") for kind in frame["kind"]]
    columns = (
        ColumnView("kind_label", text("column.kind_of_file"), weight=1.6),
        *(ColumnView(outcome, text(f"account.{outcome}"), "integer") for outcome in outcomes),
    )
    return TableView("account", text("table.account"), frame, columns)


def _file_table(accounts: list[Account], voice: Speaker) -> TableView:
    text = voice.words
    frame = pd.concat([account.files for account in accounts], ignore_index=True)
    columns = (
        ColumnView("file", text("column.file"), weight=3),
        ColumnView("rows", text("column.rows"), "integer", 0.8),
        ColumnView("used", text("column.used"), "integer", 0.8),
        ColumnView("refused", text("column.refused"), "integer", 0.8),
        ColumnView("date_order", text("column.date_order"), weight=1.4),
        ColumnView("newest", text("column.newest"), "date", 1.2),
    )
    return TableView("files", text("table.files"), frame, columns, folded=True)


def _problem_tables(accounts: list[Account], voice: Speaker) -> list[Exhibit]:
    text = voice.words
    exhibits: list[Exhibit] = []
    refusals = pd.concat([account.refusals for account in accounts], ignore_index=True)
    if len(refusals):
        refusals["said"] = [text.said(str(reason)) for reason in refusals["reason"]]
        columns: tuple[ColumnView, ...] = (
            ColumnView("file", text("column.file"), weight=2),
            ColumnView("row", text("column.row"), "integer", 0.6),
            ColumnView("column", text("column.column"), weight=1.2),
            ColumnView("value", text("column.setting"), weight=1.5),
            ColumnView("said", text("column.reason"), weight=2.5),
        )
        exhibits.append(TableView("refusals", text("table.refusals"), refusals, columns, folded=True))
    unknown = pd.concat([account.unknown_values for account in accounts], ignore_index=True)
    if len(unknown):
        columns = (
            ColumnView("column", text("column.column"), weight=1.5),
            ColumnView("value", text("column.setting"), weight=2),
            ColumnView("count", text("column.rows"), "integer"),
            ColumnView("taken_as", text("column.taken_as"), weight=1.5),
        )
        exhibits.append(TableView("unknown_values", text("table.unknown_values"), unknown, columns))
    return exhibits


def _parameter_table(study: Study, voice: Speaker) -> TableView:
    text = voice.words
    frame = pd.DataFrame(
        {
            "name": [text(f"parameter.{key}") for key in parameters(study)],
            "value": [str(value) for value in parameters(study).values()],
        }
    )
    columns = (ColumnView("name", text("column.name"), weight=2), ColumnView("value", text("column.setting"), weight=2))
    return TableView("parameters", text("table.parameters"), frame, columns, folded=True, paper_rows=len(frame))


def _definition_table(voice: Speaker) -> TableView:
    text = voice.words
    frame = definitions()
    frame["label"] = [rate_label(rate, text) for rate in frame["metric"]]
    for column in ("numerator", "denominator", "exclusions"):
        frame[column] = [text.said(said) for said in frame[column]]
    columns = (
        ColumnView("label", text("column.metric"), weight=1.4),
        ColumnView("numerator", text("column.numerator"), weight=2),
        ColumnView("denominator", text("column.denominator"), weight=1.6),
        ColumnView("exclusions", text("column.exclusions"), weight=2.2),
    )
    return TableView("definitions", text("table.definitions"), frame, columns, folded=True, paper_rows=len(frame))
