"""How wide the columns of a table must be, and what to do when they do not fit a page."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from cancel_analysis.exhibits.kinds import ColumnView

# What a line of the A4 text block holds at the size of a table, in digits' widths. Measured on the
# page with Noto Sans, 8 pt and 7 pt; the padding of a cell takes about two and a half of them.
LINE = {"normal": 104, "small": 122}
# The same of an appendix, which has narrower margins and is set smaller; and of half its line, beside another table.
LINE_OF_APPENDIX = {"normal": 125, "small": 128}
HALF_LINE = {"normal": 60, "small": 61}
_PADDING = 2.5
# Text columns wrap, so they need room for a long word or two, not for the whole text.
_TEXT_LEAST, _TEXT_MOST = 9, 34
# An order number of the platform has 18 digits, and is read best in one piece.
ID_MOST = 20
# Longer words may be cut; an amount such as IDR16,278,314 is not.
WORD_MOST = 14
# Thai, Lao, Chinese, Japanese and Korean break between letters by themselves.
_BREAKS = re.compile(r"[\u0e00-\u0eff\u2e80-\uffef]")
_WORD = re.compile(r"[^\s\u0e00-\u0eff\u2e80-\uffef]+")


@dataclass(frozen=True)
class Need:
    """What a column needs, in digits' widths: `least` keeps every word whole, `want` reads well."""

    least: float
    want: float


def need(column: ColumnView, texts: list[str]) -> Need:
    """The widths that a column with these cells needs: numbers, dates and ids never wrap, texts may."""
    longest = max((_width(text) for text in texts), default=0)
    # The header is set in bold, a tenth wider.
    label_word = 1.1 * max((_width(word) for word in column.label.split()), default=1)
    label = 1.1 * _width(column.label)
    if column.kind == "verdict":
        # A tag is set in bold and has an edge of its own.
        least = want = max(longest * 1.12 + 1, label_word)
    elif column.kind == "id":
        least, want = max(min(longest, ID_MOST), label_word), max(min(longest, ID_MOST + 4), label_word)
    elif column.kind == "text":
        word = max((_width(word) for text in texts for word in _words(text)), default=0)
        least = max(label_word, min(longest, max(word, _TEXT_LEAST)))
        # The longest texts get more of what is over, or one column of them would make a table high.
        want = max(least, min(longest, _TEXT_MOST + max(0, longest - _TEXT_MOST) / 4), label / 2)
    else:
        least = max(longest, label_word)
        # A short header is best on one line, and one of many words better wide than six lines high.
        want = max(least, label if label < 11 else label / 2 + 1)
    return Need(least + _PADDING, want + _PADDING)


def widths(columns: tuple[ColumnView, ...], needs: dict[str, Need], line: float) -> list[float]:
    """How a line is shared: what is over after every word is whole goes where it is wanted, by the columns' weights."""
    least = [needs[column.name].least for column in columns]
    wanted = [(needs[c.name].want - needs[c.name].least) * c.weight for c in columns]
    over = line - sum(least)
    if over <= 0:
        return least
    given = min(1.0, over / sum(wanted)) if sum(wanted) else 0.0
    shares = [smallest + more * given for smallest, more in zip(least, wanted, strict=True)]
    return [share * line / sum(shares) for share in shares]


def is_narrow(columns: tuple[ColumnView, ...], needs: dict[str, Need]) -> bool:
    """Whether a table reads well in half the line of an appendix."""
    return sum(needs[column.name].least for column in columns) <= HALF_LINE["normal"]


def is_wide(columns: tuple[ColumnView, ...], needs: dict[str, Need]) -> bool:
    """Whether a table needs more than the column of text even when its texts wrap."""
    return sum(needs[column.name].least for column in columns) > LINE["small"]


def arrange(
    columns: tuple[ColumnView, ...], needs: dict[str, Need], line: dict[str, int] = LINE
) -> tuple[str, list[tuple[ColumnView, ...]]]:
    """The type size of a table and its columns by part: what does not fit one width is split.

    Each further part repeats the first column, which names the row.
    """
    for size in ("normal", "small"):
        if sum(needs[column.name].least for column in columns) <= line[size]:
            return size, [columns]
    first, *others = columns
    room = line["small"] - needs[first.name].least
    # As many parts as it takes, about equally wide.
    whole = sum(needs[column.name].least for column in others)
    parts = max(1, math.ceil(whole / max(room, 1)))
    groups: list[list[ColumnView]] = [[]]
    for column in others:
        filled = sum(needs[c.name].least for c in groups[-1])
        full = filled + needs[column.name].least > room or (filled >= whole / parts and len(groups) < parts)
        if groups[-1] and full:
            groups.append([])
        groups[-1].append(column)
    return "small", [(first, *group) for group in groups]


def _words(text: str) -> list[str]:
    """What can never be broken: the words, the long ones cut as `breakable` cuts them."""
    return [part for word in breakable(text).split() for part in word.split("\u200b") if not _BREAKS.search(part)]


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) or unicodedata.category(c) == "Mn" else 2 if _is_wide(c) else 1 for c in text
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


def breakable(text: str, most: int = WORD_MOST) -> str:
    """Unbroken words of more than `most` characters may break: behind a dot, dash, slash or underscore, else inside."""
    if len(text) <= most:
        return text
    return _WORD.sub(lambda word: word.group() if len(word.group()) <= most else _broken(word.group(), most), text)


def _broken(word: str, most: int) -> str:
    parts = re.findall(r"[^._/-]*[._/-]+|[^._/-]+", word)
    pieces = [piece for part in parts for piece in (re.findall(".{1,6}", part) if len(part) > most else [part])]
    return "\u200b".join(pieces)
