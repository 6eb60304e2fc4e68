"""Words by which a draft of a mapping guesses what a column, a status or an initiator is."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def words(kind: str) -> dict[str, tuple[str, ...]]:
    """Canonical name → words that suggest it, in the order of guessing; `kind` is orders, status or initiator."""
    text = files("cancel_analysis.catalog").joinpath("data/header_words.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["name"]: tuple(row["words"].split("|")) for row in rows if row["kind"] == kind}
