"""Overlapping files: the same line in two exports is one line, as the newer export has it.

Equal lines inside one file are genuine (two of one SKU can be two lines), so a line's key is the
order, the SKU and which occurrence of the two it is inside its file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cancel_analysis.loaders.parsing.rows import SUPERSEDED, USED, FileRows

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


def merge(files: Sequence[FileRows]) -> list[Lines]:
    """Mark superseded rows in each file's `outcome`, and number the lines of each key.

    Of two files with one moment the one that was given later is the newer.
    """
    if not files:
        return []
    # A file that says nothing of its age is the oldest.
    moments = [moment(rows) or datetime.min for rows in files]
    by_age = sorted(range(len(files)), key=lambda number: (moments[number], number))
    sizes = [len(rows.outcome) for rows in files]
    number = np.repeat(np.arange(len(files)), sizes)
    age = np.empty(len(files), dtype=np.int64)
    age[by_age] = np.arange(len(files))
    first, second = files[0].match.layout.key
    key = _codes(files, first) * (sum(sizes) + 1) + _codes(files, second)
    line_no = _occurrence(np.where(key < 0, -1, key) * len(files) + number)
    outcome = np.concatenate([rows.outcome for rows in files])
    if len(files) > 1:
        used = np.flatnonzero(outcome == USED)
        newest_first = used[np.argsort(-age[number[used]], kind="stable")]
        older = pd.DataFrame({"key": key[newest_first], "line_no": line_no[newest_first]}).duplicated()
        outcome[newest_first[older.to_numpy()]] = SUPERSEDED
    first_line = np.zeros(len(outcome), dtype=bool)
    used = np.flatnonzero(outcome == USED)
    first_line[used] = ~pd.Series(_codes(files, "order_id")[used]).duplicated().to_numpy()
    lines = []
    for rows, end, size in zip(files, np.cumsum(sizes), sizes, strict=True):
        here = slice(end - size, end)
        rows.outcome[:] = outcome[here]
        lines.append(Lines(line_no[here], first_line[here]))
    return lines


def _codes(files: Sequence[FileRows], name: str) -> npt.NDArray[np.int64]:
    """A number for each distinct text of a column, the same in all files; -1 where there is none."""
    chunks = [
        chunk
        for rows in files
        for chunk in (rows.table[name].chunks if name in rows.table.column_names else [_nulls(len(rows.table))])
    ]
    encoded = pa.chunked_array(chunks, pa.large_string()).combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)


def _nulls(count: int) -> pa.Array:
    return pa.nulls(count, pa.large_string())


def _occurrence(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each row the how manieth of its key it is, from 1."""
    series = pd.Series(keys)
    if not series.duplicated().any():
        return np.ones(len(keys), dtype=np.int64)
    return np.asarray(series.groupby(keys, sort=False).cumcount() + 1, dtype=np.int64)
