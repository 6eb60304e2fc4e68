"""How wide the columns of a table must be, and what to do when they do not fit a page."""

from __future__ import annotations

import math
import re
import unicodedata

from cancel_analysis.exhibits import ColumnView
from cancel_analysis.report.blocks.text import NUMERIC

# What a line of the A4 text block holds at the size of a table, in digits' widths. Measured on the
# page with Noto Sans, 8 pt and 7 pt; the padding of a cell takes about two and a half of them.
LINE = {"normal": 104, "small": 122}
_PADDING = 2.5
# Text columns wrap, so they need room for a long word or two, not for the whole text.
_TEXT_LEAST, _TEXT_MOST = 9, 34
# An order number of the platform has 18 digits, and is read best in one piece.
ID_MOST = 20
_LONG_WORD = re.compile(r"[^\s\u0e00-\u0eff\u2e80-\uffef]{13,}")


def need(column: ColumnView, texts: list[str]) -> float:
    """The width a column needs, in digits' widths: numbers never wrap, texts may."""
    longest = max((_width(text) for text in texts), default=0)
    label_word = max((_width(word) for word in column.label.split()), default=1)
    width: float
    if column.kind in NUMERIC or column.kind == "date":
        width = max(longest, label_word, 3)
    elif column.kind == "verdict":
        # A tag is set in bold and has an edge of its own.
        width = max(longest * 1.12 + 1, label_word)
    elif column.kind == "id":
        width = max(min(longest, ID_MOST), label_word)
    else:
        width = max(label_word, min(longest, _TEXT_MOST), min(_TEXT_LEAST, longest))
    return width + _PADDING


def widths(columns: tuple[ColumnView, ...], needs: dict[str, float], line: float) -> list[float]:
    """How the line is shared: each column gets what it needs, texts shrink first, and what is over goes to all."""
    fixed = sum(needs[column.name] for column in columns if column.kind != "text")
    texts = {column.name: needs[column.name] * column.weight for column in columns if column.kind == "text"}
    left = max(line - fixed, 0.0)
    shrink = min(1.0, left / sum(texts.values())) if texts else 1.0
    shares = [texts[c.name] * shrink if c.name in texts else needs[c.name] for c in columns]
    return [share * line / sum(shares) for share in shares]


def is_wide(columns: tuple[ColumnView, ...], needs: dict[str, float]) -> bool:
    """Whether a table needs more than one line's width at its usual size."""
    return sum(_least(columns, needs).values()) > LINE["normal"]


def _least(columns: tuple[ColumnView, ...], needs: dict[str, float]) -> dict[str, float]:
    return {c.name: needs[c.name] if c.kind != "text" else min(needs[c.name], 14 + _PADDING) for c in columns}


def arrange(columns: tuple[ColumnView, ...], needs: dict[str, float]) -> tuple[str, list[tuple[ColumnView, ...]]]:
    """The type size of a table and its columns by part: what does not fit one width is split.

    Each further part repeats the first column, which names the row.
    """
    least = _least(columns, needs)
    for size in ("normal", "small"):
        if sum(least.values()) <= LINE[size]:
            return size, [columns]
    first, *others = columns
    room = LINE["small"] - least[first.name]
    # As many parts as it takes, about equally wide.
    parts = max(1, math.ceil(sum(least[c.name] for c in others) / max(room, 1)))
    share = sum(least[c.name] for c in others) / parts
    groups: list[list[ColumnView]] = [[]]
    for column in others:
        filled = sum(least[c.name] for c in groups[-1])
        full = filled + least[column.name] > room or (filled >= share and len(groups) < parts)
        if groups[-1] and full:
            groups.append([])
        groups[-1].append(column)
    return "small", [(first, *group) for group in groups]


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) or unicodedata.category(c) == "Mn" else 2 if _is_wide(c) else 1 for c in text
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


def breakable(text: str) -> str:
    """Long unbroken words (ids, file names) may break every few characters instead of overlapping."""
    return _LONG_WORD.sub(lambda word: "\u200b".join(re.findall(".{1,6}", word.group())), text)
