"""On what grounds a cancellation that counts as the seller's fault can be appealed, and what is asked for as proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from cancel_analysis.catalog import csv_files
from cancel_analysis.catalog.own_limits import CONFIDENCES

# The order in which grounds are looked at; of two that are as well supported the first is told.
GROUNDS = ("buyer_asked", "handed_over", "carrier_failed", "address", "platform_error", "force_majeure")
# At most so many appeals of one violation (Indonesia, official); others name no number.
MOST_APPEALS = 2


@dataclass(frozen=True)
class Ground:
    """One ground: in which markets (`*`: all), since when, what the platform asks for, and how sure that is."""

    name: str
    markets: tuple[str, ...]
    evidence: str
    confidence: str
    valid_from: date | None
    source: str


@cache
def grounds(market: str) -> dict[str, Ground]:
    """The grounds of a market by name, in the order of `GROUNDS`."""
    found = {}
    for row in csv_files.rows("appeals"):
        assert row["ground"] in GROUNDS
        assert row["confidence"] in CONFIDENCES
        markets = tuple(row["markets"].split(";"))
        if "*" in markets or market in markets:
            begun = date.fromisoformat(row["valid_from"]) if row["valid_from"] else None
            ground = Ground(row["ground"], markets, row["evidence"], row["confidence"], begun, row["source"])
            found[ground.name] = ground
    return {name: found[name] for name in GROUNDS if name in found}
