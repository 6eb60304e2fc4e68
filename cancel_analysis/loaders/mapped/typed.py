"""The texts of a mapped file → times, numbers and amounts in canonical columns; what cannot be read is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.catalog.mapping.forms import NEEDED, FileMapping
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import AmbiguousDatesError, Place, UnreadableFileError, option
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.gaps import kinds_of
from cancel_analysis.loaders.mapped.rows import MappedRows
from cancel_analysis.loaders.parsing.money import OTHER_CURRENCY
from cancel_analysis.loaders.parsing.refusals import shown_value
from cancel_analysis.loaders.parsing.rows import USED
from cancel_analysis.loaders.parsing.unread import FEWEST_TO_JUDGE, Unread, check_column, unread_cells

MEND = "Is it the right column, and the right form of money in the mapping? Mend the mapping, or leave the column out."


def set_values(rows: MappedRows, mapping: FileMapping, shop: ShopSettings) -> None:
    """Fill `rows.values` from its texts; raises AmbiguousDatesError, and UnreadableFileError for a whole column."""
    kinds = kinds_of(rows.part)
    # Rows that are left out already say nothing of the forms in the file.
    live = rows.texts.where(pd.Series(rows.outcome == USED), None)
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
            f"'mdy' for the shop in shops.yaml, or give {option('date_order', 'dmy')} or "
            f"{option('date_order', 'mdy')}.",
        )
    for name in names:
        _set_column(rows, name, live[name], mapping, shop)
    _drop_foreign(rows, shop)


def _set_column(rows: MappedRows, name: str, column: pd.Series, mapping: FileMapping, shop: ShopSettings) -> None:
    """Type one column; unread, what identifies, dates or counts refuses its row, and the rest is not known."""
    kind = kinds_of(rows.part)[name]
    if kind == "time" and rows.times is not None:
        rows.values[name] = read.spread_times(column, rows.times.values)
        reasons = rows.times.reasons
    elif kind == "integer":
        whole, reasons = read.read_whole(read.distinct(column))
        rows.values[name] = read.spread(column, whole, "float64")
    elif kind == "money":
        amounts, reasons = read.read_amounts(read.distinct(column), mapping.money, shop.currency, shop.decimals)
        rows.values[name] = read.spread(column, amounts, "float64")
        if mapping.money is not None and mapping.money.lost_zeros:
            _drop_lost(rows, name)
    else:
        if kind == "text":
            rows.values[name] = column
        return
    unread = column.isin(list(reasons)).to_numpy()
    if not unread.any():
        return
    if name in NEEDED[rows.part.kind]:
        if kind != "time":
            _check_needed(rows, name, int(column.notna().sum()), unread)
        rows.refuse(unread, name, reasons)
        return
    texts = column[unread].tolist()
    groups = unread_cells(rows.header(name), unread, texts, reasons)
    place = Place(rows.source.label, rows.source.sheet, None, rows.header(name))
    check_column(place, kind, int(column.notna().sum()), groups, texts[0], MEND)
    rows.unread += groups


def _check_dates(rows: MappedRows, name: str, texts: Sequence[str], mapping: FileMapping, shop: ShopSettings) -> None:
    """Raise UnreadableFileError for a column of times of which no form of the mapping reads anything."""
    some = texts[: 2 * FEWEST_TO_JUDGE]
    if len(read.read_times(some, mapping.dates, shop.timezone, shop.date_order).values):
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


def _check_needed(rows: MappedRows, name: str, filled: int, unread: npt.NDArray[np.bool_]) -> None:
    """Raise UnreadableFileError for a column of numbers of which nothing can be read."""
    first = rows.texts[name].to_numpy(dtype=object)[int(np.flatnonzero(unread)[0])]
    place = Place(rows.source.label, rows.source.sheet, None, rows.header(name))
    check_column(place, "integer", filled, [Unread(name, "", np.flatnonzero(unread))], first, MEND)


def _drop_lost(rows: MappedRows, name: str) -> None:
    """Number cells of a workbook that may have lost a group of zeros (150 for 150.000) have no known amount.

    Among plain numbers, none of which has lost anything (38300, 150), they are what they say.
    """
    cells = _cells(rows, name)
    if cells is None:
        return
    doubtful, settled = read.number_cells(cells)
    where = doubtful & (rows.outcome == USED)
    if settled or not where.any():
        return
    rows.values[name] = rows.values[name].mask(where)
    rows.unread += unread_cells(rows.header(name), where, [""] * int(where.sum()), read.LOST_OR_NOT)


def _cells(rows: MappedRows, name: str) -> list[object] | None:
    """The cells of a workbook's column as they are in it, a cell a line; None where the file is no workbook."""
    table = rows.table_of(name)
    if table is None:
        if rows.source.format != "xlsx":
            return None
        position = rows.match.positions[name]
        places = rows.row - 2
        return [_cell(rows.source.rows[place], position) for place in places]
    sources = [(source, found.positions.get(name)) for source, found in zip(table.sources, table.matches, strict=True)]
    if all(source.format != "xlsx" for source, _ in sources):
        return None
    cells: list[object] = []
    for line in rows.joined[table.join.name]:
        source, place = sources[table.file[line]] if line >= 0 else (rows.source, None)
        known = place is not None and source.format == "xlsx"
        cells.append(_cell(source.rows[table.position[line]], place) if known and place is not None else None)
    return cells


def _cell(row: Sequence[object], position: int) -> object:
    return row[position] if position < len(row) else None


def _drop_foreign(rows: MappedRows, shop: ShopSettings) -> None:
    """Amounts of rows that name another currency than the shop's are not known in it, and never added to it."""
    if "currency" not in rows.values:
        return
    said = rows.values["currency"].astype("str").str.strip().str.upper()
    foreign = (said.notna() & said.ne(shop.currency)).to_numpy(dtype=bool) & (rows.outcome == USED)
    if not foreign.any():
        return
    for name, kind in kinds_of(rows.part).items():
        if kind == "money" and name in rows.values:
            rows.values[name] = rows.values[name].mask(foreign)
    rows.unread += unread_cells(rows.header("currency"), foreign, said.to_numpy(dtype=object)[foreign], OTHER_CURRENCY)
