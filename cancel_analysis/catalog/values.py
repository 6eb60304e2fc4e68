"""What the values of exports, API responses and operations files mean, and how their columns are called.

Localized values of exports (statuses, types, who cancelled, how it was paid) stand in ``data/values.csv``,
the platform's programming interface has its own in ``data/api_values.csv`` (the same in every language).
A value that is not there is unknown and is reported; it is never guessed from its looks.

What carriers write stands in ``data/tracking_steps.csv``: patterns in the order in which they are tried
("delivery failed" must be seen before "delivered"). Names of columns in operations files stand in
``data/operations_columns.csv``; words by which a draft of a mapping guesses stand in ``data/header_words.csv``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from cancel_analysis.catalog import csv_files
from cancel_analysis.tables import TRACKING_STEPS


@dataclass(frozen=True)
class Value:
    """One spelling: `source` is `export` (seen in files), `api` (official) or `translation` (plain wording, unseen)."""

    field: str
    value: str
    canonical: str
    language: str
    source: str


def plain_value(text: str) -> str:
    """`text` without differences that carry no meaning: case, forms of one letter, runs of blanks, a last full stop."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split()).rstrip(".")


@cache
def values() -> tuple[Value, ...]:
    """Every known spelling of exports."""
    return tuple(Value(**row) for row in csv_files.rows("values"))


@cache
def _export_values() -> dict[tuple[str, str], Value]:
    return {(value.field, plain_value(value.value)): value for value in values()}


def meaning(field: str, text: str) -> Value | None:
    """The catalog's entry for an export's `text` in `field`, or None when no one has said what it means."""
    return _export_values().get((field, plain_value(text)))


def canonical(field: str, text: str) -> str | None:
    """The canonical value of an export's `text` in `field`, or None when no one has said what it means."""
    value = meaning(field, text)
    return None if value is None else value.canonical


@cache
def _api_values() -> dict[tuple[str, str], str]:
    return {(row["field"], row["value"]): row["canonical"] for row in csv_files.rows("api_values")}


def api_canonical(field: str, value: str) -> str | None:
    """The canonical value of an API `value` in `field`: '' where it says nothing, None where it is not listed."""
    return _api_values().get((field, value.strip().upper()))


@cache
def _cod_phrases() -> tuple[str, ...]:
    return tuple(
        plain_value(value.value) for value in values() if value.field == "payment" and value.canonical == "cod"
    )


# Asked once an order of every API answer; a shop has a handful of payment methods.
@lru_cache(maxsize=4096)
def is_cash_on_delivery(payment_method: str) -> bool:
    """Whether a payment method is cash on delivery, also inside a longer text such as `Cash on delivery (COD)`."""
    plain = plain_value(payment_method)
    words = plain.replace("(", " ").replace(")", " ").replace("/", " ").split()
    return any(
        phrase in words if len(phrase) <= 3 and phrase.isascii() else phrase in plain for phrase in _cod_phrases()
    )


@cache
def header_words(kind: str) -> dict[str, tuple[str, ...]]:
    """Canonical name → words that suggest it, in the order of guessing; `kind` is orders, status or initiator."""
    found = (row for row in csv_files.rows("header_words") if row["kind"] == kind)
    return {row["name"]: tuple(row["words"].split("|")) for row in found}


@cache
def operation_headers(table: str) -> dict[str, tuple[str, ...]]:
    """For each column of `table` (stock_log, stock_snapshots, tracking) the names it may have in a file."""
    found: dict[str, list[str]] = {}
    for row in csv_files.rows("operations_columns"):
        if row["table"] == table:
            found.setdefault(row["column"], []).append(row["header"])
    return {column: tuple(names) for column, names in found.items()}


@cache
def _tracking_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    found = csv_files.rows("tracking_steps")
    return tuple((re.compile(unicodedata.normalize("NFC", row["pattern"])), row["step"]) for row in found)


def tracking_step(text: str) -> str | None:
    """The step (`tables.TRACKING_STEPS`) that a carrier's text tells of; None when no pattern fits."""
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().replace("_", " ").split())
    code = plain.replace(" ", "_").replace("-", "_")
    if code in TRACKING_STEPS:
        return code
    return next((step for pattern, step in _tracking_patterns() if pattern.search(plain)), None)
