"""One mapped file → its rows, typed, judged, and with what stands in for facts that it does not have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cancel_analysis.catalog.mapping.forms import NEEDED, UNDATED, FileMapping, Join, Part
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.loaders.mapped.equal_rows import drop_equal_rows
from cancel_analysis.loaders.mapped.gaps import fill_gaps
from cancel_analysis.loaders.mapped.joined import JoinedTable, Lines, join_tables
from cancel_analysis.loaders.mapped.rows import MappedRows
from cancel_analysis.loaders.mapped.states import check_units, set_samples, set_states
from cancel_analysis.loaders.mapped.texts import read_texts
from cancel_analysis.loaders.mapped.typed import set_values
from cancel_analysis.loaders.parsing.columns import Match
from cancel_analysis.loaders.parsing.rows import BLANK, DESCRIPTION, USED
from cancel_analysis.loaders.parsing.rows import EMPTY as NO_VALUE
from cancel_analysis.loaders.parsing.sources import Source


def read_tables(
    opened: Sequence[tuple[Source, Part, Match]], mapping: FileMapping, shop: ShopSettings
) -> list[JoinedTable]:
    """The tables among the opened files that the mapping joins to its orders, in its order."""
    tables = []
    for join in mapping.orders.joins:
        if mine := [(source, found) for source, part, found in opened if part.kind == join.name]:
            tables.append(_read_table(join, mine, mapping, shop))
    return tables


def _read_table(
    join: Join, files: Sequence[tuple[Source, Match]], mapping: FileMapping, shop: ShopSettings
) -> JoinedTable:
    """All rows of the files of a table that is joined to the orders, as texts."""
    parts = [read_texts(source, found, mapping, shop)[0] for source, found in files]
    sizes = [len(part) for part in parts]
    texts = pd.concat(parts, ignore_index=True)
    return JoinedTable(
        join,
        [source for source, _ in files],
        [found for _, found in files],
        texts,
        np.repeat(np.arange(len(files), dtype=np.int64), sizes),
        np.concatenate([np.arange(size, dtype=np.int64) for size in sizes]),
    )


def read_file(
    source: Source,
    part: Part,
    found: Match,
    mapping: FileMapping,
    shop: ShopSettings,
    tables: Sequence[JoinedTable] = (),
) -> MappedRows:
    """Read and judge every row of one file; raises AmbiguousDatesError where nothing settles its dates.

    `tables` are joined to a file of orders before it is read.
    """
    own, faults = read_texts(source, found, mapping, shop)
    # Rows that are no order are told before tables are joined: their cells are no keys.
    outcome = np.zeros(len(own), dtype=np.int8)
    outcome[own.isna().all(axis="columns").to_numpy() & ~np.isin(np.arange(len(own)), list(faults))] = BLANK
    outcome[np.flatnonzero(outcome == USED)[: part.description_rows]] = DESCRIPTION
    lines = join_tables(own, tables) if tables else Lines(own, np.arange(len(own), dtype=np.int64), {})
    rows = MappedRows(
        source,
        part,
        found,
        lines.texts,
        outcome[lines.origin],
        origin=lines.origin if tables else None,
        tables={table.join.name: table for table in tables},
        joined=lines.rows,
    )
    rows.filled = {str(name): int(own[name].notna().sum()) for name in own}
    for position, fault in faults.items():
        rows.refuse(lines.origin == position, None, fault)
    set_values(rows, mapping, shop)
    if part.kind == "orders":
        set_states(rows)
    rows.stood_in |= fill_gaps(rows.values, part, {name for name in part.every_column if rows.has(name)})
    if part.kind == "orders":
        check_units(rows)
        set_samples(rows)
    for name in NEEDED[part.kind]:
        if name != UNDATED:
            rows.refuse(rows.values[name].isna().to_numpy(), name, NO_VALUE)
    if part.equal_lines == "duplicates":
        drop_equal_rows(rows, mapping, shop)
    return rows
