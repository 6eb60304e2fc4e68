"""The catalog's CSV files (``data/*.csv``), read in one place."""

from __future__ import annotations

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of ``data/<name>.csv``, a dictionary a row, every cell as the text that it is."""
    text = files("cancel_analysis.catalog").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
