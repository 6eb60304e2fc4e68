"""The machine-readable twin of an exhibit: its frame as a CSV that a spreadsheet may open safely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

# A spreadsheet takes a cell that begins so for a formula (CSV injection, OWASP).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def defuse(value: Any) -> Any:
    """Text that would run as a formula gets a leading apostrophe; numbers and dates stay as they are."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` as UTF-8 CSV with a byte order mark, so that spreadsheets read Thai and Chinese."""
    columns = []
    for position, kind in enumerate(frame.dtypes):
        values = frame.iloc[:, position]
        # A negative number in a column of numbers is a number, and must stay one.
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            values = values.astype(object).map(defuse, na_action="ignore")
        columns.append(values)
    safe = pd.concat(columns, axis=1) if columns else frame.copy()
    safe.columns = pd.Index([defuse(str(column)) for column in frame.columns])
    path.parent.mkdir(parents=True, exist_ok=True)
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
