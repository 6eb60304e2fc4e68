"""The texts of a mapped file → times, numbers and amounts in canonical columns; what cannot be read is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.catalog.mapping.forms import FileMapping
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import AmbiguousDatesError, Place, UnreadableFileError
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.gaps import kinds_of
from cancel_analysis.loaders.mapped.rows import MappedRows
from cancel_analysis.loaders.parsing.refusals import shown_value
from cancel_analysis.loaders.parsing.rows import USED

# A column of so many filled cells of which none can be read is no column with odd rows, but the wrong one.
FEWEST_TO_JUDGE = 20


def set_values(rows: MappedRows, mapping: FileMapping, shop: ShopSettings) -> None:
    """Fill `rows.values` from its texts; raises AmbiguousDatesError, and UnreadableFileError for a whole column."""
    kinds = kinds_of(rows.part)
    # Rows that are left out already say nothing of the forms in the file.
    live = rows.texts.where(pd.Series(rows.fate == USED), None)
    names = [name for name in map(str, rows.texts.columns) if rows.has(name)]
    times = [name for name in names if kinds[name] == "time"]
    every = list(dict.fromkeys(text for name in times for text in read.distinct(live[name])))
    for name in times:
        if live[name].notna().sum() >= FEWEST_TO_JUDGE:
            _check_dates(rows, name, read.distinct(live[name]), mapping, shop)
    rows.times = read.read_times(every, mapping.dates, shop.timezone, shop.date_order)
    if rows.times.undecided:
        shown = ", ".join(map(repr, rows.times.undecided))
        raise AmbiguousDatesError(
            f"two forms of dates in the mapping read {shown} differently, and nothing in the file settles it",
            place=rows.source.place,
            remedy=f"Leave only the right form in 'dates' of the mapping {mapping.name!r}, or set 'date_order: dmy' or "
            "'mdy' for the shop in shops.yaml, or give the option --date-order dmy or --date-order mdy.",
        )
    for name in names:
        column = live[name]
        kind = kinds[name]
        if kind == "time":
            rows.values[name] = read.spread(column, rows.times.values, "datetime64[us]")
            reasons = rows.times.reasons
        elif kind == "integer":
            whole, reasons = read.read_whole(read.distinct(column))
            rows.values[name] = read.spread(column, whole, "float64")
        elif kind == "money":
            amounts, reasons = read.read_amounts(read.distinct(column), mapping.money, shop.currency, shop.decimals)
            rows.values[name] = read.spread(column, amounts, "float64")
            if (
                mapping.money is not None
                and mapping.money.lost_zeros
                and rows.source.format == "xlsx"
                and rows.origin is None
            ):
                _refuse_lost(rows, name)
        elif kind == "text":
            rows.values[name] = column
            continue
        else:
            continue
        unread = column.isin(list(reasons)).to_numpy()
        rows.money_unread += int(unread.sum()) if kind == "money" else 0
        if kind != "time":
            _check_readable(rows, name, column.notna().to_numpy(), unread)
        rows.refuse(unread, name, reasons)


def _check_dates(rows: MappedRows, name: str, texts: Sequence[str], mapping: FileMapping, shop: ShopSettings) -> None:
    """Raise UnreadableFileError for a column of times of which no form of the mapping reads anything."""
    some = texts[: 2 * FEWEST_TO_JUDGE]
    if read.read_times(some, mapping.dates, shop.timezone, shop.date_order).values:
        return
    shapes = list(dict.fromkeys(re.sub(r"\d", "9", text) for text in some))[:3]
    if any(any(sign.isalpha() for sign in shape) for shape in shapes):
        shapes = [str(shown_value(some[0]))]
    shown = ", ".join(map(repr, shapes))
    raise UnreadableFileError(
        f"nothing in this column can be read as a date: they look like {shown} (9 is any digit)",
        place=Place(rows.source.label, rows.source.sheet, None, rows.header(name)),
        remedy=f"Add its form to 'dates' of the mapping {mapping.name!r}, such as '%d/%m/%y %H:%M', or take the column "
        "out of it.",
    )


def _check_readable(rows: MappedRows, name: str, filled: npt.NDArray[np.bool_], unread: npt.NDArray[np.bool_]) -> None:
    """Raise UnreadableFileError for a column of numbers of which nothing can be read."""
    if filled.sum() < FEWEST_TO_JUDGE or (filled & ~unread).any():
        return
    kind = kinds_of(rows.part)[name]
    first = rows.texts[name].to_numpy(dtype=object)[int(np.flatnonzero(unread)[0])]
    raise UnreadableFileError(
        f"nothing in this column can be read as {'a whole number' if kind == 'integer' else 'an amount of money'}",
        place=Place(rows.source.label, rows.source.sheet, None, rows.header(name), shown_value(first)),
        remedy="Is it the right column, and the right form of money in the mapping? Mend the mapping, or take the "
        "column out of it.",
    )


def _refuse_lost(rows: MappedRows, name: str) -> None:
    position = rows.match.positions[name]
    cells = [row[position] if position < len(row) else None for row in rows.source.rows]
    rows.refuse(read.number_cells(cells), name, read.LOST_OR_NOT, "Export the file as CSV, where amounts are texts.")
