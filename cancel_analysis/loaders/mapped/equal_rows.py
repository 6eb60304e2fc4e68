"""Which rows of one file are the same row again: those that are equal in every column of it, also in those not read.

Rows that are equal in all that a mapping reads and differ in anything else (a running number, the number of a line)
are several lines. The columns that a mapping leaves alone are looked at in memory, only where the others are equal,
and nothing of them is kept.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.catalog.mapping.forms import FileMapping
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.shown_words import looks_personal
from cancel_analysis.loaders.mapped.rows import Apart, MappedRows
from cancel_analysis.loaders.mapped.texts import read_texts
from cancel_analysis.loaders.parsing.columns import Field, Layout, Match
from cancel_analysis.loaders.parsing.rows import SUPERSEDED, USED
from cancel_analysis.loaders.parsing.sources import Source

# Of the columns that tell equal lines apart so many are named.
MOST_NAMED = 3


def drop_equal_rows(rows: MappedRows, mapping: FileMapping, shop: ShopSettings) -> None:
    """Leave out every used row that an earlier one equals in every column; `rows.apart` tells of those that stay."""
    used = np.flatnonzero(rows.outcome == USED)
    read = rows.texts.iloc[used]
    alike = read.duplicated(keep=False).to_numpy()
    if not alike.any():
        return
    where = used[alike]
    read = read[alike].reset_index(drop=True)
    others = pd.concat(_others(rows, mapping, shop, where), axis="columns")
    again = pd.concat([read, others], axis="columns").duplicated().to_numpy()
    rows.equal = np.zeros(len(rows.outcome), dtype=bool)
    rows.equal[where[again]] = True
    rows.outcome[rows.equal] = SUPERSEDED
    stay = int(read.duplicated().sum()) - int(again.sum())
    if stay:
        rows.apart = Apart(stay, tuple(_telling(read, others)))


def equal_notes(rows: MappedRows) -> list[str]:
    """How many rows stand twice and count once, and how many look alike and count as lines of their own."""
    notes = []
    if rows.equal is not None and (count := int(rows.equal.sum())):
        notes.append(f"{rows.source.label}: {count:,} rows equal another of the file in every column and count once")
    if rows.apart is not None:
        columns = rows.apart.columns
        shown = ", ".join(columns[:MOST_NAMED]) + (" …" if len(columns) > MOST_NAMED else "")
        notes.append(
            f"{rows.source.label}: {rows.apart.rows:,} rows equal another in all that is read of them and differ in "
            f"{shown}: each counts as a line of its own"
        )
    return notes


def _others(
    rows: MappedRows, mapping: FileMapping, shop: ShopSettings, where: npt.NDArray[np.int64]
) -> list[pd.DataFrame]:
    """The columns that are not read, of the lines at `where`: the file's own, and those of the tables joined to it."""
    place = where if rows.origin is None else rows.origin[where]
    found = [_unread(rows.source, rows.match, mapping, shop, "own").iloc[place].reset_index(drop=True)]
    for name, table in rows.tables.items():
        parts = [
            _unread(source, match, mapping, shop, name)
            for source, match in zip(table.sources, table.matches, strict=True)
        ]
        # An order without a row in the table has -1, and so nothing.
        found.append(pd.concat(parts, ignore_index=True).reindex(rows.joined[name][where]).reset_index(drop=True))
    return found


def _unread(source: Source, found: Match, mapping: FileMapping, shop: ShopSettings, table: str) -> pd.DataFrame:
    """The columns of a file that nothing reads, as texts, under the name of their table and header."""
    rest = [place for place in range(len(source.header)) if place not in found.positions.values()]
    if not rest:
        return pd.DataFrame(index=range(len(read_texts(source, found, mapping, shop)[0])))
    names = {f"cell_{place}": place for place in rest}
    layout = Layout(found.layout.kind, found.layout.title, tuple(Field(name, "text", ()) for name in names), ())
    texts, _ = read_texts(source, Match(layout, names, ()), mapping, shop)
    return texts.set_axis([f"{table}\x1f{place}\x1f{_shown(source.header[place])}" for place in rest], axis="columns")


def _shown(header: str) -> str:
    name = header.strip()
    return "a column that is not read" if not name or looks_personal(name) else re.sub(r"\s+", " ", name)[:40]


def _telling(read: pd.DataFrame, others: pd.DataFrame) -> list[str]:
    """The headers of the columns in which rows differ that are equal in all that is read."""
    group = read.fillna("").groupby(list(read.columns), sort=False).ngroup()
    differs = others.fillna("").groupby(group.to_numpy()).nunique().gt(1).any()
    return [str(name).split("\x1f")[2] for name in others.columns if differs[name]]
