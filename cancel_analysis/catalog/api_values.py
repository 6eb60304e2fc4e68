"""What the words of the platform's programming interface mean: statuses, types, who asked.

They stand in ``data/api_values.csv``. Unlike the words of exports they are the same in every
language; one that is not listed is reported and taken as unknown.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

FIELDS = ("status", "substatus", "initiator", "request_type", "request_status", "return_type", "return_status")


@cache
def _lookup() -> dict[tuple[str, str], str]:
    text = files("cancel_analysis.catalog").joinpath("data/api_values.csv").read_text(encoding="utf-8")
    return {(row["field"], row["value"]): row["canonical"] for row in csv.DictReader(text.splitlines())}


def canonical(field: str, value: str) -> str | None:
    """The canonical value of `value` in `field`: '' where it says nothing, None where it is not listed."""
    return _lookup().get((field, value.strip().upper()))
