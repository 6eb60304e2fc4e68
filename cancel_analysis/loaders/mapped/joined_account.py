"""What became of every row of tables that were joined: the orders' own rows, and those of each further table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cancel_analysis.loaders.mapped.joined import ADD_ORDERS, NO_ORDER, JoinedTable
from cancel_analysis.loaders.mapped.rows import MappedRows
from cancel_analysis.loaders.parsing.dates import Decision
from cancel_analysis.loaders.parsing.refusals import Line, refusal_frame
from cancel_analysis.loaders.parsing.rows import REFUSED, USED, FileRows


def rows_of_orders(rows: MappedRows) -> FileRows:
    """The rows of a file of orders as the account counts them: one that became several lines counts once.

    It is used when one of its lines is.
    """
    lines = rows.file_rows()
    if rows.origin is None:
        return lines
    first = ~pd.Series(rows.origin).duplicated().to_numpy()
    outcome = pd.Series(lines.outcome).groupby(rows.origin).min().to_numpy().astype(np.int8)
    undated = lines.undated
    _, place = np.unique(rows.origin, return_inverse=True)
    return replace(
        lines,
        table=lines.table.filter(pa.array(first)),
        outcome=outcome,
        row=lines.row[first],
        refusals=lines.refusals.drop_duplicates(["row"]),
        statuses=None if lines.statuses is None else lines.statuses[first].reset_index(drop=True),
        undated=None if undated is None else undated[first],
        twice=0 if rows.equal is None else int(pd.Series(rows.equal).groupby(rows.origin).min().sum()),
        unread=[replace(group, rows=np.unique(place[group.rows])) for group in lines.unread],
    )


def rows_of_table(table: JoinedTable, files: Sequence[MappedRows]) -> list[FileRows]:
    """The rows of a joined table's files: used with their line, refused with it, or of no order at all."""
    outcome = np.full(len(table.texts), USED, dtype=np.int8)
    for rows in files:
        place = rows.joined[table.join.name]
        here = place >= 0
        outcomes = pd.Series(rows.outcome[here]).groupby(place[here]).min()
        outcome[outcomes.index.to_numpy(dtype=np.int64)] = outcomes.to_numpy()
    outcome[~table.used] = REFUSED
    return [_file(table, number, outcome) for number in range(len(table.sources))]


def _file(table: JoinedTable, number: int, outcome: npt.NDArray[np.int8]) -> FileRows:
    source, here = table.sources[number], table.file == number
    lost = np.flatnonzero(here & ~table.used)
    key = table.join.key[0]
    column = table.header(key)
    cells = table.texts[key].to_numpy(dtype=object)
    lines: list[Line] = [
        (
            source.label,
            source.sheet,
            int(table.position[row]) + 2,
            column,
            cells[row] if isinstance(cells[row], str) else None,
            NO_ORDER,
            ADD_ORDERS,
        )
        for row in lost
    ]
    return FileRows(
        source=source,
        match=table.matches[number],
        table=pa.table({}),
        outcome=outcome[here],
        row=table.position[here] + 2,
        refusals=refusal_frame(lines),
        decision=Decision(None, "joined to the orders"),
        newest=None,
    )


def joined_notes(lines: pd.DataFrame, tables: Sequence[JoinedTable], files: Sequence[MappedRows]) -> list[str]:
    """What the tables came to: the orders and lines, and of each table how many rows found an order.

    `lines` are the lines that are used.
    """
    notes = [f"the tables came to {lines['order_id'].nunique():,} orders with {len(lines):,} lines"]
    for table in tables:
        name, key = table.join.name, ", ".join(table.join.key)
        notes.append(f"{name}: {int(table.used.sum()):,} of {len(table.used):,} rows were joined by {key}")
        if table.join.lines:
            alone = [rows.values["order_id"][(rows.joined[name] < 0) & (rows.outcome == USED)] for rows in files]
            if count := pd.concat(alone).nunique():
                notes.append(
                    f"{name}: {count:,} orders have none; they count as orders, their units and values are not known"
                )
    return notes
