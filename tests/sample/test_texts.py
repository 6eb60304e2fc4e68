"""The sample speaks a language that the catalog knows, but for the wordings planted to be unknown."""

from __future__ import annotations

import csv
from pathlib import Path

from cancel_analysis.sample import texts as words

CATALOG = Path(words.__file__).resolve().parents[1] / "catalog" / "data"


def _column(name: str, column: str) -> set[str]:
    with (CATALOG / name).open(encoding="utf-8", newline="") as stream:
        return {row[column].casefold() for row in csv.DictReader(stream)}


def test_every_status_and_cash_on_delivery_is_known() -> None:
    known = _column("values.csv", "value")
    used = [value for table in (words.STATUSES, words.SUBSTATUSES) for values in table.values() for value in values]
    used += words.CASH_ON_DELIVERY.values()
    assert [value for value in used if value.casefold() not in known] == []


def test_every_reason_is_known_but_the_planted_ones() -> None:
    known = _column("texts.csv", "text")
    used = [
        text
        for table in (words.CANCEL_REASONS, words.RETURN_REASONS)
        for texts in table.values()
        for text in texts.values()
    ]
    assert [text for text in used if text.casefold() not in known] == []
    planted = [*words.UNKNOWN_CANCEL.values(), *words.UNKNOWN_RETURN.values()]
    assert [text for text in planted if text.casefold() in known] == []
