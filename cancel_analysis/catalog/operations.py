"""Names of columns in operations files, and what carriers' texts mean. Both stand in data files.

Columns: ``data/operations_columns.csv``. Carriers' texts: ``data/tracking_steps.csv``, patterns in
the order in which they are tried: "delivery failed" must be seen before "delivered".
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files

from cancel_analysis.tables import TRACKING_STEPS


@cache
def headers(table: str) -> dict[str, tuple[str, ...]]:
    """For each column of `table` (stock_log, stock_snapshots, tracking) the names it may have in a file."""
    found: dict[str, list[str]] = {}
    for row in _rows("operations_columns"):
        if row["table"] == table:
            found.setdefault(row["column"], []).append(row["header"])
    return {column: tuple(names) for column, names in found.items()}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(_plain(row["pattern"])), row["step"]) for row in _rows("tracking_steps"))


def _rows(name: str) -> list[dict[str, str]]:
    text = files("cancel_analysis.catalog").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def step_of(text: str) -> str | None:
    """The step (`tables.TRACKING_STEPS`) that a carrier's text tells of; None when no pattern fits."""
    plain = " ".join(_plain(text).casefold().replace("_", " ").split())
    code = plain.replace(" ", "_").replace("-", "_")
    if code in TRACKING_STEPS:
        return code
    return next((step for pattern, step in _patterns() if pattern.search(plain)), None)
