"""The rows of a frame as plain values, for what is written cell by cell."""

from __future__ import annotations

from typing import Any

import pandas as pd


def rows_of(frame: pd.DataFrame, *columns: str) -> list[dict[str, Any]]:
    """A dict a row with the named columns: of wide frames the few that a sentence is made of."""
    values = [frame[name].tolist() for name in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
