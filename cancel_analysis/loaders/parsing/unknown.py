"""The table of values that no catalog has, made in this one place: a row whose cells have slipped can hold a person.

A word of the platform stands on many rows, a buyer's name or address on one. So a value is shown
where it looks like a word and enough orders have it; of the others their number is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from cancel_analysis.catalog.shown_words import is_word

COLUMNS = ["column", "value", "count", "taken_as"]
# A column has so many words at most; with more it is no column of words, whatever it is called.
MOST_WORDS = 40

# Column, value, what it was taken as.
Key = tuple[str, str, str]


def unknown_frame(counts: Mapping[Key, int], orders: Mapping[tuple[str, str], int] | None = None) -> pd.DataFrame:
    """`counts` of rows as a table of `COLUMNS`, the most frequent first, without what may be a person's.

    `orders` says on how many orders a column has a value; without it, rows stand for orders.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for (column, value, _), count in counts.items():
        seen[column, value] += count
    distinct = Counter(column for column, _ in seen)
    shown: list[tuple[str, str, int, str]] = []
    hidden: dict[tuple[str, str], list[int]] = {}
    for (column, value, taken), count in Counter(counts).most_common():
        known_by = seen[column, value] if orders is None else orders.get((column, value), 0)
        if distinct[column] <= MOST_WORDS and is_word(value, known_by):
            shown.append((column, value, count, taken))
        else:
            hidden.setdefault((column, taken), []).append(count)
    rest = [
        (column, f"{len(rows):,} value{'s' if len(rows) > 1 else ''} not shown", sum(rows), taken)
        for (column, taken), rows in hidden.items()
    ]
    return pd.DataFrame([*shown, *rest], columns=COLUMNS)


def orders_by_value(column: str, values: Iterable[str], orders: Iterable[str]) -> dict[tuple[str, str], int]:
    """How many orders have each value of a column."""
    pairs = set(zip(values, orders, strict=True))
    return dict(Counter((column, value) for value, _ in pairs))
