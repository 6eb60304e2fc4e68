"""The machine-readable form of an exhibit: its frame as a CSV that a spreadsheet may open safely."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# A spreadsheet takes a cell that begins so for a formula (CSV injection, OWASP).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Sums of binary fractions end in noise (2271.0299999999997); no figure of a report has more digits than these.
_DIGITS = 10


def defuse(value: Any) -> Any:
    """Text that would run as a formula gets a leading apostrophe; numbers and dates stay as they are."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


def clean(value: Any) -> Any:
    """A cell as it is written: text on one line and defused, a fraction to 10 significant digits."""
    if isinstance(value, float):
        # Numbers so large have no fraction that a float could hold; rounding would change the number itself.
        return value if abs(value) >= 10**_DIGITS else float(f"{value:.{_DIGITS}g}")
    if isinstance(value, str):
        # What starts with a line break or a tab is defused before the break is gone.
        return " ".join(defuse(value).splitlines())
    return value


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` as UTF-8 CSV with a byte order mark, so that spreadsheets read Thai and Chinese.

    A frame without rows gives its header; one without columns has nothing to say, and no file is written.
    """
    if not len(frame.columns):
        return
    columns = [_cells(column) for _, column in frame.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        # pandas' own writer costs ten times as much for a small frame; the format is the same.
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([clean(str(column)) for column in frame.columns])
        rows.writerows(zip(*columns, strict=True))


def _cells(column: pd.Series) -> list[Any]:
    """A column's cells as the csv module writes them; what is missing is empty."""
    kind = column.dtype
    if isinstance(kind, np.dtype) and kind.kind in ("i", "u", "b"):
        numbers: list[Any] = column.tolist()
        return numbers
    if isinstance(kind, np.dtype) and kind.kind == "f":
        values = column.tolist()
        # Of many rows most say the same few numbers; only the two zeros are equal and not written alike.
        known = {value: "" if math.isnan(value) else repr(clean(value)) for value in set(values) if value}
        return [known[value] if value else repr(value) for value in values]
    if pd.api.types.is_datetime64_any_dtype(kind):
        return _moments(column)
    if pd.api.types.is_numeric_dtype(kind):
        # A negative number in a column of numbers is a number, and must stay one.
        return ["" if pd.isna(value) else _rounded(value) for value in column.tolist()]
    if isinstance(kind, pd.StringDtype):
        values = column.tolist()
        # Whatever is no text is missing. A column of many rows says the same again and again.
        cells = {value: clean(value) if isinstance(value, str) else "" for value in set(values)}
        return [cells[value] for value in values]
    missing = column.isna().tolist()
    return ["" if gone else clean(value) for value, gone in zip(column.tolist(), missing, strict=True)]


def _moments(column: pd.Series) -> list[str]:
    """Points in time as pandas prints a column of them: without a time of day where all are midnights of no zone."""
    values = column.tolist()
    known = [value for value in values if value is not pd.NaT]
    if any(value.microsecond or value.nanosecond for value in known):
        return [text if there else "" for text, there in zip(column.astype(str), column.notna(), strict=True)]
    if any(value.hour or value.minute or value.second or value.tzinfo for value in known):
        return ["" if value is pd.NaT else str(value) for value in values]
    return ["" if value is pd.NaT else value.date().isoformat() for value in values]


def _rounded(value: Any) -> Any:
    return clean(value) if isinstance(value, float) else value
