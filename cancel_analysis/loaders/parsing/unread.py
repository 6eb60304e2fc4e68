"""Cells that cannot be read in columns that a row can do without: the row is used, what the cell says is not known.

Only what identifies or dates an order, or counts its units, refuses a row. Nothing of a cell is ever
told, only its column and why it cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.errors import Place, UnreadableFileError
from cancel_analysis.loaders.parsing.money import CODES, OTHER_CURRENCY, SIGNS, currency_of
from cancel_analysis.loaders.parsing.refusals import shown_value

# A column of so many filled cells of which none can be read is no column with odd cells, but the wrong one.
FEWEST_TO_JUDGE = 20
CANCELLED = "cancelled"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Unread:
    """Cells of one column that cannot be used for one `reason`: their places along the file's rows.

    `currencies` are those that amounts in another currency than the shop's are in.
    """

    column: str
    reason: str
    rows: npt.NDArray[np.int64]
    currencies: tuple[str, ...] = ()


def unread_cells(column: str, where: Mask, texts: Sequence[Any], reasons: Mapping[str, str] | str) -> list[Unread]:
    """The cells of `column` in `where`, a group a reason; `texts` are those of the rows in `where`, in their order."""
    places = np.flatnonzero(where)
    why = pd.Series([reasons if isinstance(reasons, str) else reasons[text] for text in texts], dtype="str")
    found = []
    for reason in why.unique():
        mine = np.flatnonzero((why == reason).to_numpy())
        foreign = {currency_name(str(texts[place])) for place in mine.tolist()} if reason == OTHER_CURRENCY else set()
        found.append(Unread(column, str(reason), places[mine], tuple(sorted(foreign))))
    return found


def gathered(cells: Iterable[Unread]) -> list[Unread]:
    """Groups of one column and reason as one."""
    found: dict[tuple[str, str], Unread] = {}
    for group in cells:
        key = (group.column, group.reason)
        known = found.get(key)
        found[key] = (
            group
            if known is None
            else Unread(*key, np.append(known.rows, group.rows), tuple(sorted({*known.currencies, *group.currencies})))
        )
    return list(found.values())


def currency_name(text: str) -> str:
    """The currency of an amount or a code; only a word that is one is ever told."""
    found = currency_of(text)
    return found if found.upper() in CODES or found.casefold() in SIGNS else "another"


def unread_notes(label: str, cells: Iterable[Unread], used: Mask, row: npt.NDArray[Any], statuses: Any) -> list[str]:
    """A sentence a column and reason: how many cells of used rows, how many of them on cancelled rows, and the first.

    `used`, `row` (as a spreadsheet counts) and `statuses` (None where no status is told) run along the file's rows.
    """
    notes = []
    gone = None if statuses is None else (statuses.astype("str") == CANCELLED).fillna(False).to_numpy(dtype=bool)
    for group in cells:
        kept = group.rows[used[group.rows]]
        if not len(kept):
            continue
        named = f" ({', '.join(group.currencies)}), and is never added to it" if group.currencies else ""
        cancelled = "" if gone is None else f", {int(gone[kept].sum()):,} of them on cancelled rows"
        notes.append(
            f"{label}, column {group.column!r}: {len(kept):,} cells cannot be used (what is in them "
            f"{group.reason}{named}){cancelled}; the rows count, what these cells say is not known; the first is in "
            f"row {int(row[kept[0]]):,}"
        )
    return notes


def foreign_rows(cells: Iterable[Unread], used: Mask) -> tuple[Mask, tuple[str, ...]]:
    """The used rows with an amount in another currency than the shop's, and the currencies."""
    found = np.zeros(len(used), dtype=bool)
    currencies: set[str] = set()
    for group in cells:
        if group.reason == OTHER_CURRENCY:
            found[group.rows] = True
            currencies |= set(group.currencies)
    return found & used, tuple(sorted(currencies))


def check_column(place: Place, kind: str, filled: int, unread: Sequence[Unread], first: Any, remedy: str) -> None:
    """Raise UnreadableFileError for a column of times or numbers of which nothing can be read.

    Amounts in another currency are read: what they are is known.
    """
    lost = sum(len(group.rows) for group in unread if group.reason != OTHER_CURRENCY)
    if filled < FEWEST_TO_JUDGE or lost < filled:
        return
    what = {"integer": "a whole number", "money": "an amount of money"}.get(kind, "a date")
    raise UnreadableFileError(
        f"nothing in this column can be read as {what}",
        place=Place(place.file, place.sheet, None, place.column, shown_value(first)),
        remedy=remedy,
    )
