"""A file of JSON → the objects in it: one value, a list, or one value after the other (JSON lines).

The text is read as it is; a file that was cut off or is not JSON is refused with the place where it
stops making sense, because half a file is not an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from cancel_analysis.errors import Place, UnreadableFileError

SUFFIXES = (".json", ".jsonl", ".ndjson")
SAVE_AGAIN = "Save the response again; it was probably cut off while it was written, or changed by hand."

# No id or Unix time has more.
MOST_DIGITS = 40

_BLANK = re.compile(r"[\s,\x1e]*")


def read_values(path: Path, label: str) -> Iterator[Any]:
    """Each JSON value of the file, in order; raises UnreadableFileError with line and column where that ends."""
    text = _text(path, label)
    decoder = json.JSONDecoder(parse_constant=_no_number, parse_int=_whole)
    place = _BLANK.match(text).end()  # type: ignore[union-attr]
    if place == len(text):
        raise UnreadableFileError("the file is empty", place=Place(file=label), remedy=SAVE_AGAIN)
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            _refuse(label, text, error.pos, error.msg, error)
        except RecursionError as error:
            _refuse(label, text, place, "brackets stand inside brackets without end", error)
        except ValueError as error:
            _refuse(label, text, place, str(error), error)
        yield value
        place = _BLANK.match(text, place).end()  # type: ignore[union-attr]


def _text(path: Path, label: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(
            f"the file cannot be opened: {error.strerror or error}",
            place=Place(file=label),
            remedy="Check the path, and who may read the file.",
        ) from error
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"the file is not UTF-8 text (byte {error.start + 1})", place=Place(file=label), remedy=SAVE_AGAIN
        ) from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _whole(digits: str) -> int | float:
    # Python refuses to read thousands of digits, and with them the file; as a double they are no id, time or amount.
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


def _refuse(label: str, text: str, position: int, what: str, error: Exception) -> NoReturn:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    raise UnreadableFileError(
        f"the file is no whole JSON: {what} (line {line:,}, column {column:,}, character {position + 1:,})",
        place=Place(file=label, row=line),
        remedy=SAVE_AGAIN,
    ) from error
