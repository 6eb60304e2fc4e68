"""What localized values of exports and API responses mean: statuses, types, who cancelled, how it was paid.

The values stand in ``data/values.csv``, each with its language and source. A value that is not
there is unknown and is reported; it is never guessed from its looks.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FIELDS = (
    "status",
    "substatus",
    "after_sale",
    "cancelled_by",
    "return_type",
    "return_status",
    "return_substatus",
    "payment",
    "fulfillment",
)


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
    """Every known spelling."""
    text = files("cancel_analysis.catalog").joinpath("data/values.csv").read_text(encoding="utf-8")
    return tuple(Value(**row) for row in csv.DictReader(text.splitlines()))


@cache
def _lookup() -> dict[tuple[str, str], str]:
    return {(value.field, plain_value(value.value)): value.canonical for value in values()}


def canonical(field: str, text: str) -> str | None:
    """The canonical value of `text` in `field`, or None when no one has said what it means."""
    return _lookup().get((field, plain_value(text)))


@cache
def _cod_phrases() -> tuple[str, ...]:
    return tuple(
        plain_value(value.value) for value in values() if value.field == "payment" and value.canonical == "cod"
    )


def is_cash_on_delivery(payment_method: str) -> bool:
    """Whether a payment method is cash on delivery, also inside a longer text such as `Cash on delivery (COD)`."""
    plain = plain_value(payment_method)
    words = plain.replace("(", " ").replace(")", " ").replace("/", " ").split()
    return any(
        phrase in words if len(phrase) <= 3 and phrase.isascii() else phrase in plain for phrase in _cod_phrases()
    )
