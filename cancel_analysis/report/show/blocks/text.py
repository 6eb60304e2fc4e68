"""The few words that the machinery itself puts into a report, and the colours of judgements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cancel_analysis.catalog.words import BASE, words
from cancel_analysis.exhibits.kinds import TONES, Line, TableView
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats, missing

if TYPE_CHECKING:
    import pandas as pd

# Standings and signals (see rates and limits) take the colour of the verdict that they lead to.
_TONE_OF = {
    **{tone: tone for tone in TONES},
    "over": "breach",
    "above": "breach",
    "near": "watch",
    "under": "ok",
    "below": "ok",
    "not_counted": "cannot_tell",
}
NUMERIC = ("integer", "decimal", "percent", "money", "figure")


@dataclass(frozen=True)
class Texts:
    """The words of one language."""

    language: str = BASE

    def __call__(self, key: str, /, **values: Any) -> str:
        return words(self.language)(key, **values)

    def listed(self, names: Iterable[str]) -> str:
        return words(self.language).listed(names)

    def sentences(self, said: Iterable[str]) -> str:
        return words(self.language).sentences(said)

    def more_rows(self, count: str, file: str) -> str:
        return self("page.more_rows_one" if count == "1" else "page.more_rows", count=count, file=file)

    def rows(self, count: str) -> str:
        return self("page.rows_one" if count == "1" else "page.rows", count=count)

    def judgement(self, value: Any) -> str:
        """The label of a verdict, standing or signal; a value that no catalog has shows as it is."""
        for prefix in ("verdict", "standing", "signal"):
            label = words(self.language).get(f"{prefix}.{value}", "")
            if label:
                return label
        return str(value).replace("_", " ")


def tone(value: Any) -> str:
    """The colour class of a judgement; anything else is grey."""
    return _TONE_OF.get(str(value), "cannot_tell")


def visible(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines that a reader of the page sees: hints are for whoever runs the tool."""
    return tuple(line for line in lines if line.kind != "hint")


def shown(view: TableView, *, paper: bool = False) -> tuple[pd.DataFrame, int]:
    """The rows that are on the page, or printed on paper, and how many are left to the CSV."""
    most = min(view.most_rows, view.paper_rows) if paper and view.folded else view.most_rows
    rows = first_rows(view.frame, most)
    return rows, len(view.frame) - len(rows)


def first_rows(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """As `frame.head`, which copies a frame even where it has no more rows."""
    return frame if len(frame) <= most else frame.head(most)


def cell(value: Any, kind: str, view: TableView, numbers: NumberFormats, texts: Texts) -> str:
    """The text of one cell."""
    if kind == "verdict":
        return NOTHING if missing(value) else texts.judgement(value)
    return numbers.cell(value, kind, view.currency)


def cells(view: TableView, rows: pd.DataFrame, numbers: NumberFormats, texts: Texts) -> dict[str, list[str]]:
    """Column → the texts of its cells in `rows`, formatted once for all that needs them."""
    return {
        column.name: [cell(value, column.kind, view, numbers, texts) for value in rows[column.name].tolist()]
        for column in view.columns
    }


def grouped(lines: tuple[Line, ...]) -> list[tuple[str, list[Line]]]:
    """Lines as they are set: the verdict with what explains it in one box, actions in one list.

    A verdict's box takes the findings and plain lines that follow it; anything else ends it. Warnings that follow each
    other stand together.
    """
    groups: list[tuple[str, list[Line]]] = []
    for line in visible(lines):
        last = groups[-1][0] if groups else ""
        joins_box = last == "verdict" and line.kind in ("finding", "plain")
        joins_list = last == line.kind and line.kind in ("action", "warning")
        if joins_box or joins_list:
            groups[-1][1].append(line)
        else:
            groups.append((line.kind, [line]))
    return groups
