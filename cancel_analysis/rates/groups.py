"""Rows of equal values as numbered groups: sums over them without a frame's cost.

A frame grouped and aggregated costs as much for ten rows as for ten thousand; a report makes hundreds of such sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Groups:
    """The groups of rows that are equal in some columns, sorted by these.

    `numbers` (rows,): the group of each row, -1 where a column is empty. `first` (groups,): each group's first row.
    `codes` (columns, groups): of each group the places of its values in `uniques`, which hold the sorted
    values of each column.
    """

    numbers: np.ndarray
    first: np.ndarray
    codes: np.ndarray
    uniques: tuple[Any, ...]

    @classmethod
    def of(cls, *columns: pd.Series | np.ndarray) -> Groups:
        coded = [pd.factorize(column, sort=True) for column in columns]
        mixed, known = coded[0][0].astype(np.int64), coded[0][0] >= 0
        for numbers, uniques in coded[1:]:
            mixed = mixed * len(uniques) + numbers
            known &= numbers >= 0
        _, first, back = np.unique(mixed[known], return_index=True, return_inverse=True)
        numbers = np.full(len(mixed), -1)
        numbers[known] = back
        codes = np.stack([numbers_[known][first] for numbers_, _ in coded])
        return cls(numbers, np.flatnonzero(known)[first], codes, tuple(uniques for _, uniques in coded))

    def __len__(self) -> int:
        return len(self.first)

    def values(self, column: int = 0) -> Any:
        """What the rows of each group have in a column (groups,)."""
        return self.uniques[column].take(self.codes[column])

    def count(self, rows: np.ndarray | None = None) -> np.ndarray:
        """How many rows each group has; of the chosen `rows` (mask) alone where they are given."""
        return self.sum(np.ones(len(self.numbers), dtype=np.int64), rows)

    def sum(self, values: pd.Series | np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Sums of whole numbers by group; of the chosen `rows` (mask) alone where they are given."""
        inside = self.numbers >= 0
        inside = inside if rows is None else inside & rows
        sums = np.bincount(self.numbers[inside], weights=np.asarray(values)[inside], minlength=len(self))
        return sums.astype(np.int64)

    def money(self, values: pd.Series | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sums of amounts by group, and how many of them were known."""
        amounts = np.asarray(values, dtype=float)
        inside = (self.numbers >= 0) & ~np.isnan(amounts)
        numbers = self.numbers[inside]
        # Not `bincount`: the sum of a frame's groups carries what rounding leaves behind.
        sums = pd.Series(amounts[inside]).groupby(numbers).sum()
        found = np.zeros(len(self))
        found[sums.index] = sums
        return found, np.bincount(numbers, minlength=len(self))

    def distinct(self, column: pd.Series) -> np.ndarray:
        """How many different values of `column` each group has."""
        pairs = self._pairs(column)[0]
        return np.bincount(pairs[0], minlength=len(self))

    def texts(self, column: pd.Series) -> list[list[str]]:
        """The different values of `column` in each group, sorted."""
        (numbers, codes), values = self._pairs(column)
        ordered, ends = values.take(codes).tolist(), np.cumsum(np.bincount(numbers, minlength=len(self))).tolist()
        return [ordered[a:b] for a, b in zip([0, *ends], ends, strict=False)]

    def within(self, column: int) -> np.ndarray:
        """For each group the number of the larger group of those that are equal in the columns before `column`."""
        return np.unique(self.codes[:column], axis=1, return_inverse=True)[1].ravel()

    def _pairs(self, column: pd.Series) -> tuple[tuple[np.ndarray, np.ndarray], Any]:
        """Each group with each of its values of `column`: numbers of both, sorted; and the values, sorted."""
        codes, values = pd.factorize(column, sort=True)
        inside = (self.numbers >= 0) & (codes >= 0)
        pairs = np.unique(self.numbers[inside] * max(len(values), 1) + codes[inside])
        return (pairs // max(len(values), 1), pairs % max(len(values), 1)), values


def ranks(values: Sequence[str] | np.ndarray | pd.Index, order: Sequence[str]) -> np.ndarray:
    """The place of each of `values` in `order`."""
    places = {value: number for number, value in enumerate(order)}
    return np.array([places[value] for value in values], dtype=np.int64)
