"""The values of a table for the page's own script, which hands them out as a CSV file or to the clipboard.

A mailed page has no files beside it, and its cells are formatted. What the cells already say is not said twice: a
column is given only where a cell's text is not its value, and rows only where the table was cut.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime, time
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from cancel_analysis.exhibits.kinds import ColumnView, TableView
from cancel_analysis.exhibits.number_formats import NOTHING, missing
from cancel_analysis.report.show.blocks.escape import plain, script_json
from cancel_analysis.report.show.blocks.text import Texts, first_rows

if TYPE_CHECKING:
    import pandas as pd

# Rows of a table that a page carries at most: one of thousands of products stays small enough to be mailed.
MOST_ROWS = 200
# Shown as words, whatever the frame holds.
_WORDS = ("text", "id", "verdict", "figure")
_DIGIT = re.compile(r"\d")


def script(view: TableView, said: dict[str, list[str]], texts: Texts) -> str:
    """The `<script>` with what the cells of a shown table (`said`, by column) do not say; empty where they say it all.

    `columns`: a heading (null: that of the table), then a value a shown row (null: the cell's text is the value), then
    one a further row. `left` is how many rows neither the table nor these have. `ranks`: by a shown column's place, the
    places of the shown rows in its order, where its values do not give that.
    """
    shown = len(next(iter(said.values()), ()))
    whole = first_rows(view.frame, max(shown, MOST_ROWS))
    columns = [part for column in view.columns for part in _columns(view, column, whole, said[column.name], texts)]
    left = len(view.frame) - len(whole)
    rows = first_rows(whole, shown)
    ranks = {number: _ranks(rows, column.by) for number, column in enumerate(view.columns) if column.by}
    if not left and not ranks and all(part == [None, None, []] for part in columns):
        return ""
    held: dict[str, Any] = {"columns": columns}
    # A column of words may stand for several of values, and a script cannot tell which are which.
    places = [
        number
        for number, column in enumerate(view.columns)
        for _ in range(max(1, len(column.data)) + bool(column.unit))
    ]
    if places != list(range(len(columns))):
        held["places"] = places
    if ranks:
        held["ranks"] = ranks
    if left:
        held["left"] = left
    return f'<script type="application/json" class="table-data">{script_json(held)}</script>'


def _columns(
    view: TableView, column: ColumnView, rows: pd.DataFrame, said: list[str], texts: Texts
) -> Iterable[list[Any]]:
    """Heading, values of the shown rows and values of further ones, for each column of values behind a shown one."""
    if not column.data:
        values = [_value(each, column.kind, texts) for each in rows[column.name].tolist()]
        yield _part(_with_unit(column.label, column.kind, view.currency), column.label, values, said)
        return
    for name, label in behind(column, texts):
        values = [
            _value(each, column.data_kind, texts) if tells_figure(words) else None
            for words, each in zip(rows[column.name].tolist(), rows[name].tolist(), strict=True)
        ]
        yield _part(_with_unit(label, column.data_kind, view.currency), column.label, values, said)
    if column.unit:
        units = [_value(each, "text", texts) for each in rows[column.unit].tolist()]
        yield _part(texts("page.unit"), column.label, units, said)


def behind(column: ColumnView, texts: Texts) -> list[tuple[str, str]]:
    """The columns of values behind a column of words, and how each is headed."""
    ends = {1: ("",), 2: ("page.low", "page.high"), 3: ("", "page.low", "page.high")}[len(column.data)]
    labels = [texts(end, label=column.label) if end else column.label for end in ends]
    return list(zip(column.data, labels, strict=True))


def tells_figure(words: Any) -> bool:
    """Whether words have a figure; else ("still growing") it is not known well enough to be said."""
    return bool(_DIGIT.search(str(words)))


def _ranks(rows: pd.DataFrame, by: tuple[str, ...]) -> list[int | None]:
    """The place of each row in the order of the columns `by`, from 0; None where one of them is not known."""
    keys = list(zip(*(rows[name].tolist() for name in by), strict=True))
    known = {key for key in keys if not any(missing(value) for value in key)}
    order = {key: rank for rank, key in enumerate(sorted(known))}
    return [order.get(key) for key in keys]


def _part(heading: str, label: str, values: list[Any], said: list[str]) -> list[Any]:
    own, more = values[: len(said)], values[len(said) :]
    told = ["" if text == NOTHING else text for text in said]
    same = all(("" if value is None else str(value)) == text for value, text in zip(own, told, strict=True))
    return [None if heading == label else heading, None if same else own, more]


def _with_unit(label: str, kind: str, currency: str) -> str:
    """The heading of a column of values; what formatted cells say of their unit, it says."""
    unit = {"percent": "1 = 100%", "money": currency}.get(kind, "")
    return f"{label} ({unit})" if unit else label


def _value(value: Any, kind: str, texts: Texts) -> Any:
    """A value as JSON has it: a number, an ISO date, or one line of text; None for what is not known."""
    if missing(value):
        return None
    if kind == "verdict":
        return plain(texts.judgement(value))
    if kind in _WORDS or isinstance(value, str):
        return plain(value)
    # Most are plain numbers, and an abstract class is asked slowly.
    if isinstance(value, bool) or not isinstance(value, int | float | Real):
        return _word(value)
    # Loaded with the frames that are shown, not where pages are set.
    from cancel_analysis.report.show.csv_files import clean

    if not math.isfinite(value):
        return None
    if kind == "points":
        value = 100 * value
    whole = not isinstance(value, float) and isinstance(value, Integral)
    rounded = int(value) if whole else clean(float(value))
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 2**53 else rounded


def _word(value: Any) -> str:
    """What is no number: a day, a moment with its time, or a line of text."""
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else plain(value)
