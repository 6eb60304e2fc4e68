"""Single fields of API objects → values: ids, Unix times, amounts, texts. What cannot be read is a Fault.

Only fields that are asked for by name are read, so nothing of a buyer can slip through.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from cancel_analysis.catalog.values import api_canonical
from cancel_analysis.loaders.parsing.dates import FIRST_YEAR, LAST_YEAR
from cancel_analysis.loaders.parsing.money import NOT_MONEY
from cancel_analysis.loaders.parsing.refusals import printable
from cancel_analysis.loaders.parsing.rows import EMPTY, LOST_DIGITS, NO_ID, NOT_WHOLE

# Seconds until the year 5138; a larger number is milliseconds.
MOST_SECONDS = 100_000_000_000
# A double shows no more digits than these.
SAFE_DIGITS = 17
NO_TIME = f"is no Unix time in the years {FIRST_YEAR}–{LAST_YEAR}"
NOT_A_LIST = "is not a list of objects"

_FIRST = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
_LAST = int(datetime(LAST_YEAR, 12, 31, tzinfo=UTC).timestamp())
# No amount, time or id has more digits than these; what has thousands is no number that could be reckoned with.
_AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_LONG = re.compile(r"[0-9]{10,40}")
_SHORT = re.compile(r"[0-9]{1,40}")
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+|\d+[.,]\d+")

Object = Mapping[str, Any]


class Fault(Exception):
    """Raised inside the loader when an object cannot be used: the field, its value and the reason."""

    def __init__(self, field: str, value: Any, reason: str) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


class Words:
    """Looks up the platform's words, and counts those that are not listed with what they were taken as."""

    def __init__(self) -> None:
        self.unknown: Counter[tuple[str, str, str]] = Counter()

    def look_up(self, field: str, name: str, value: Any, otherwise: str | None) -> str | None:
        """The canonical value of the word `value` of the API field `name`; `otherwise` when it is not listed."""
        word = text(value)
        if word is None:
            return None
        found = api_canonical(field, word)
        if found is None:
            self.unknown[(name, word, otherwise or "nothing")] += 1
            return otherwise
        return found or None


def text(value: Any) -> str | None:
    """A text without blanks around it; None where there is none. What no table or page can hold is replaced."""
    if isinstance(value, str):
        return printable(value.strip()) or None
    if value is None or isinstance(value, bool | dict | list) or (isinstance(value, float) and not isfinite(value)):
        return None
    return str(value)


def number_id(holder: Object, field: str, *, short: bool = False) -> str:
    """A number that names something, as text; `short` ones may have fewer than ten digits."""
    value = holder.get(field)
    if isinstance(value, float):
        raise Fault(field, value, LOST_DIGITS)
    found = text(value)
    if found is None:
        raise Fault(field, None, EMPTY)
    if not (_SHORT if short else _LONG).fullmatch(found):
        raise Fault(field, found, LOST_DIGITS if _SCIENTIFIC.fullmatch(found) else NOT_WHOLE if short else NO_ID)
    return found


def moment(holder: Object, field: str, *, filled: bool = False) -> int | None:
    """A Unix time, in seconds or milliseconds, as microseconds; None where it is empty or 0."""
    value = holder.get(field)
    if isinstance(value, str):
        plain = value.strip()
        if plain and not _AMOUNT.fullmatch(plain):
            raise Fault(field, plain, NO_TIME)
        value = float(plain) if "." in plain else int(plain or 0)
    if value is None or (value == 0 and type(value) is not bool):
        if filled:
            raise Fault(field, value, EMPTY)
        return None
    if type(value) not in (int, float):
        raise Fault(field, str(value), NO_TIME)
    seconds = value / 1000 if value > MOST_SECONDS else value
    if not _FIRST <= seconds <= _LAST:
        raise Fault(field, value, NO_TIME)
    return round(seconds * 1_000_000)


def amount(holder: Object, field: str) -> float | None:
    """An amount of money; the API writes them as text with a decimal point."""
    value = holder.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    plain = value.strip() if isinstance(value, str) else ""
    if not _AMOUNT.fullmatch(plain):
        raise Fault(field, str(value), NOT_MONEY)
    return float(plain)


def objects(holder: Object, field: str) -> list[Object]:
    """A list of objects; a single one is taken as a list of one, and nothing as an empty list."""
    value = holder.get(field)
    if not value:
        return []
    listed = [value] if isinstance(value, dict) else value
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise Fault(field, None, NOT_A_LIST)
    return listed


def part(holder: Object, field: str) -> Object:
    """An object inside an object; an empty one where there is none."""
    value = holder.get(field)
    return value if isinstance(value, dict) else {}


def flag(holder: Object, field: str) -> bool:
    """A yes or no, also when a program has written it as text."""
    value = holder.get(field)
    return value.strip().casefold() in ("true", "1", "yes") if isinstance(value, str) else bool(value)


def ends_in_zero(holder: Object, field: str) -> bool | None:
    """Whether a long id that was saved as a number ends in 0; None for text, which loses nothing.

    A program that keeps numbers as doubles has seventeen digits, and writes what follows as zeros.
    """
    value = holder.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or len(str(value)) <= SAFE_DIGITS:
        return None
    return value % 10 == 0
