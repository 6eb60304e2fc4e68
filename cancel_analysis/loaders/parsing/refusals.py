"""The table of refused rows, made in this one place: what stands in a refused cell may be a person's.

A row whose cells have slipped can hold a buyer's name where a number belongs, and the table is
printed in reports. So a value is shown only where its form says that it is none of a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import pandas as pd

from cancel_analysis.catalog.shown_words import looks_personal
from cancel_analysis.loaders.parsing.money import CODES, SIGNS

COLUMNS = ["file", "sheet", "row", "column", "value", "reason", "remedy"]
# One refused row: the columns above in their order.
Line = tuple[str, str | None, int, str | None, Any, str, str]

# A longer text is told by its length only: even the lengths of its words may tell who it is.
LONGEST_SHOWN = 20
LONGEST_HEADER = 30
HIDDEN = "•"
CLOSED = frozenset({"true", "false", "yes", "no", "null", "none", "nan", "n/a", "#n/a", "#ref!", "#value!"})

_MONEY = "|".join(sorted(map(re.escape, (*CODES, *SIGNS)), key=len, reverse=True))
# Letters that belong to a number: 5.77E+17, 9:00 am, 2026-08-13T09:00:00Z, EUR 12.00, Rp38.824.
_LETTERS_OF_NUMBERS = re.compile(
    rf"(?<=\d)E(?=[+-]?\d)|(?<=\d)T(?=\d)|(?<=\d)Z$|(?<![^\W\d_])(?:[AP]\.?M\.?|{_MONEY})(?![^\W\d_])", re.IGNORECASE
)
# Numbers of documents and articles: C12, INV-2041. Never lower case, as names that people choose are.
_CODE = re.compile(r"[A-Z]{1,3}[-/_#]?\d+")
_PHONE = re.compile(r"\+\d[\d\s().-]{6,}|\(?\d(?:[\s().-]*\d){6,14}")
# What looks like a phone number, and is a date, a time or an amount with its decimals.
_NO_PHONE = re.compile(
    r"\d{4}([-./])\d{1,2}\1\d{1,2}.*|\d{1,2}([-./])\d{1,2}\2\d{2,4}.*|\d{1,3}(\.\d{3})+|\d+\.\d{1,4}", re.DOTALL
)
# Digits with what stands between those of amounts and times: no name of a column.
_FIGURES = re.compile(r"[\s.,:/+-]*\d[\d\s.,:/+-]*")
# Control characters, halves of letters, and places that no letter has.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def refusal_frame(lines: Sequence[Line]) -> pd.DataFrame:
    """The refused rows as a table of `COLUMNS`, with each value as `shown_value` has it.

    A line without a column has no cell: its value is what the loader itself says of the row, and stays.
    """
    shown = {value: shown_value(value) for _, _, _, column, value, _, _ in lines if column is not None}
    safe = [
        (file, sheet, row, column, _own_words(value) if column is None else shown[value], reason, remedy)
        for file, sheet, row, column, value, reason, remedy in lines
    ]
    return pd.DataFrame(safe, columns=COLUMNS)


def _own_words(value: Any) -> Any:
    # The names of an API object's fields are a stranger's too.
    return printable(value) if isinstance(value, str) else value


def printable(text: str) -> str:
    """The text with U+FFFD for each character that a table, a page or a file of text cannot hold."""
    # All that is replaced is not printable, and looking is ten times as fast as replacing.
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)


def shown_value(value: Any) -> str | None:
    """A cell as a message may show it: numbers, times, amounts and codes whole, the letters of all else hidden."""
    if value is None:
        return None
    text = printable(str(value))
    plain = text.strip()
    if plain.casefold() in CLOSED or _CODE.fullmatch(plain):
        return text
    if len(plain) > 2 * LONGEST_SHOWN or (_PHONE.fullmatch(plain) and not _NO_PHONE.fullmatch(plain)):
        return f"text of {len(text)} characters"
    if any(map(str.isdigit, plain)):
        rest = _LETTERS_OF_NUMBERS.sub("", plain)
    else:
        rest = plain
    if not any(map(_is_letter, rest)):
        return text
    if len(text) > LONGEST_SHOWN:
        return f"text of {len(text)} characters"
    return "".join(HIDDEN if _is_letter(sign) else sign for sign in text)


def shown_header(header: Sequence[str], most: int) -> str:
    """The first names of a header as a message may show them, comma between.

    A file without a header begins with values, and those may be a buyer's: where a cell is a number or a date, or has
    the form of an address or a number to call, all are shown as values are.
    """
    cells = [printable(name.strip()) for name in header]
    values = any(looks_personal(cell) or _FIGURES.fullmatch(cell) for cell in cells)
    return ", ".join(repr(shown_value(cell) if values else cell[:LONGEST_HEADER]) for cell in cells[:most])


def _is_letter(sign: str) -> bool:
    # Marks too: a vowel of Thai or an accent of its own is a part of the word.
    return unicodedata.category(sign)[0] in "LM"
