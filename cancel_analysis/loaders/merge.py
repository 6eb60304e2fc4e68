"""Overlapping files: the same line in two exports is one line, as the newer export has it.

Equal lines inside one file are genuine (two of one SKU can be two lines), so a line's key is the
order, the SKU and which occurrence of the two it is inside its file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cancel_analysis.loaders import fields
from cancel_analysis.loaders.rows import BLANK, DESCRIPTION, SUPERSEDED, USED, FileRows

_STAMP = re.compile(
    r"(?<!\d)(20\d{2})[-_.]?(\d{2})[-_.]?(\d{2})(?:[-_ T.]?(\d{2})[-_:.h]?(\d{2})(?:[-_:.]?(\d{2}))?)?(?!\d)"
)


@dataclass(frozen=True)
class Lines:
    """Along the rows of one file: the occurrence of each key, and whether it is its order's first line."""

    line_no: npt.NDArray[np.int64]
    first_line: npt.NDArray[np.bool_]


def name_moment(name: str) -> datetime | None:
    """The moment in a file's name (`All order-2026-11-16-09_12.csv`); the latest of several; None without one."""
    found = []
    for match in _STAMP.finditer(name):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        try:
            found.append(datetime(year, month, day, hour, minute, second))
        except ValueError:
            continue
    return max(found, default=None)


def moment(rows: FileRows) -> datetime | None:
    """When a file was made: as its name says, else its newest event; shop-local.

    A name with a day and no hour is no older than the newest event of that day.
    """
    named, newest = name_moment(rows.source.path.name), rows.newest
    if named is None or newest is None:
        return named or newest
    same_day = named.date() == newest.date() and named.time() == time.min
    return max(named, newest) if same_day else named


def merge(files: Sequence[FileRows], connection: duckdb.DuckDBPyConnection) -> list[Lines]:
    """Mark superseded rows in each file's `fate`, and number the lines of each key.

    Of two files with one moment the one that was given later is the newer.
    """
    # A file that says nothing of its age is the oldest.
    moments = [moment(rows) or datetime.min for rows in files]
    by_age = sorted(range(len(files)), key=lambda number: (moments[number], number))
    age = {number: rank for rank, number in enumerate(by_age)}
    tables = []
    for number, rows in enumerate(files):
        first, second = rows.match.layout.key
        counted = pa.array((rows.fate != BLANK) & (rows.fate != DESCRIPTION))
        tables.append(
            pa.table(
                {
                    "file": pa.array(np.full(len(rows.fate), number, np.int32)),
                    "age": pa.array(np.full(len(rows.fate), age[number], np.int32)),
                    "position": pa.array(np.arange(len(rows.fate), dtype=np.int64)),
                    "first_key": rows.table[first],
                    "second_key": rows.table[second],
                    "order_id": rows.table["order_id"],
                    "used": pa.array(rows.fate == USED),
                }
            ).filter(counted)
        )
    connection.register("keys", pa.concat_tables(tables))
    try:
        found = connection.sql(_sql(len(files) > 1)).to_arrow_table()
    finally:
        connection.unregister("keys")
    return _spread(found, files)


def _sql(several: bool) -> str:
    superseded = (
        "used AND row_number() OVER (PARTITION BY first_key, second_key, line_no, used ORDER BY age DESC) > 1"
        if several
        else "false"
    )
    return f"""
        WITH numbered AS (
            SELECT *, row_number() OVER (PARTITION BY file, first_key, second_key ORDER BY position) AS line_no
            FROM keys
        ), ranked AS (
            SELECT *, {superseded} AS superseded FROM numbered
        ), firsts AS (
            SELECT min(struct_pack(file, position)) AS place FROM ranked WHERE used AND NOT superseded GROUP BY order_id
        )
        SELECT file, position, line_no, superseded,
               struct_pack(file, position) IN (SELECT place FROM firsts) AS first_line
        FROM ranked
    """


def _spread(found: pa.Table, files: Sequence[FileRows]) -> list[Lines]:
    number = found["file"].to_numpy()
    position = found["position"].to_numpy()
    line_no = found["line_no"].to_numpy()
    superseded = fields.mask(found["superseded"])
    first = fields.mask(found["first_line"])
    lines = []
    for index, rows in enumerate(files):
        here = number == index
        places = position[here]
        rows.fate[places[superseded[here]]] = SUPERSEDED
        result = Lines(np.ones(len(rows.fate), np.int64), np.zeros(len(rows.fate), bool))
        result.line_no[places] = line_no[here]
        result.first_line[places] = first[here]
        lines.append(result)
    return lines
