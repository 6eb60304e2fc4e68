"""The machine-readable form of an exhibit: its frame as a CSV that a spreadsheet may open safely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

# A spreadsheet takes a cell that begins so for a formula (CSV injection, OWASP).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Sums of binary fractions end in noise (2271.0299999999997); no figure of a report has more digits than these.
_DIGITS = 10


def defuse(value: Any) -> Any:
    """Text that would run as a formula gets a leading apostrophe; numbers and dates stay as they are."""
    if isinstance(value, str) and value.startswith(_FORMULA):
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
    columns = []
    for position, kind in enumerate(frame.dtypes):
        values = frame.iloc[:, position]
        # A negative number in a column of numbers is a number, and must stay one.
        if pd.api.types.is_float_dtype(kind):
            values = values.map(clean, na_action="ignore")
        elif not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            values = values.astype(object).map(clean, na_action="ignore")
        columns.append(values)
    safe = pd.concat(columns, axis=1)
    safe.columns = pd.Index([clean(str(column)) for column in frame.columns])
    path.parent.mkdir(parents=True, exist_ok=True)
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
