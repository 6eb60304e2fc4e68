"""Small frames ↔ plain values that JSON holds: what is read back has the same values, kinds and columns.

A page over all shops keeps a few rows of each. Thousands of them are put together as lists, and become frames once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

# {"columns": names, "kinds": one of each column, "rows": lists of values}
PlainFrame = dict[str, Any]

_DATE, _OBJECT = "date", "object"


def to_plain(frame: pd.DataFrame) -> PlainFrame:
    """The rows of `frame` as plain values; its index is no matter. ValueError for a value that is not known here."""
    columns = [frame.iloc[:, number] for number in range(frame.shape[1])]
    kinds = [_kind(column) for column in columns]
    values = [_values(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return {
        "columns": [str(name) for name in frame.columns],
        "kinds": kinds,
        "rows": [list(row) for row in zip(*values, strict=True)],
    }


def to_frame(found: PlainFrame) -> pd.DataFrame:
    """The frame of plain values, its rows numbered from 0."""
    columns = list(zip(*found["rows"], strict=True)) or [()] * len(found["columns"])
    series = [_column(values, kind) for values, kind in zip(columns, found["kinds"], strict=True)]
    frame = pd.concat(series, axis=1) if series else pd.DataFrame(index=range(len(found["rows"])))
    frame.columns = pd.Index(found["columns"])
    return frame


def together(parts: Iterable[PlainFrame]) -> pd.DataFrame:
    """All rows in the order of the parts, as `pandas.concat` gives them; those without a row do not count."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[list[int], list[list[Any]]]] = {}
    number = 0
    for part in parts:
        if part["rows"]:
            places, rows = groups.setdefault((tuple(part["columns"]), tuple(part["kinds"])), ([], []))
            places += range(number, number + len(part["rows"]))
            rows += part["rows"]
            number += len(part["rows"])
    frames = [
        to_frame({"columns": list(columns), "kinds": list(kinds), "rows": rows}).set_index(pd.Index(places))
        for (columns, kinds), (places, rows) in groups.items()
    ]
    return pd.concat(frames).sort_index() if frames else pd.DataFrame()


def _kind(column: pd.Series) -> str:
    if column.dtype != object:
        return str(column.dtype)
    known = [value for value in column if not _is_missing(value)]
    if known and all(type(value) is date for value in known):
        return _DATE
    return _OBJECT


def _values(column: pd.Series, kind: str) -> list[Any]:
    found = [None if _is_missing(value) else _plain(value) for value in column]
    wrong = [value for value in found if value is not None and not isinstance(value, str | int | float | bool)]
    if wrong:
        raise ValueError(f"a {type(wrong[0]).__name__} cannot be kept")
    return found


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a moment, too
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def _column(values: Iterable[Any], kind: str) -> pd.Series:
    found = list(values)
    if kind == _DATE:
        return pd.Series([None if value is None else date.fromisoformat(value) for value in found], dtype=object)
    if kind == _OBJECT:
        return pd.Series(found, dtype=object)
    make: Callable[[str], Any] = pd.Timestamp
    if kind.startswith("datetime64"):
        return pd.Series([pd.NaT if value is None else make(value) for value in found]).astype(kind)  # type: ignore[call-overload,no-any-return]
    return pd.Series(found, dtype=kind)
