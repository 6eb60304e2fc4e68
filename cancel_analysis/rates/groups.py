"""Rows that share values, as numbers: counts, sums and first values by group, without a frame in between.

What is made here is what `DataFrame.groupby` makes, group by group in the order of its values; where a report needs
dozens of such tables of a few hundred rows, the time goes into making and joining the frames, not into counting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.rates.coded import Coded, coded

Values = pd.Series | NDArray[Any]
# Named in a product's id column before "+n"; more would not fit a line of the printed page.
NAMED_IDS = 3
LINE_KEYS = ["order_id", "sku_id", "line_no"]
# What stands for a missing value, by the kind of the array.
_NOTHING: dict[str, Any] = {"O": np.nan, "f": np.nan, "M": np.datetime64("NaT"), "m": np.timedelta64("NaT")}


def codes_of(values: Values) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Numbers (rows,) of the values in the order in which they come, -1 where one is missing; and the values."""
    if (known := coded(values)) is not None:
        return known.numbers, known.values
    numbers, found = pd.factorize(array_of(values))
    return np.asarray(numbers, dtype=np.int64), np.asarray(found)


def array_of(values: Values) -> NDArray[Any]:
    """The values as an array: texts as objects (NaN where missing), times as datetime64 of UTC."""
    if isinstance(values, np.ndarray):
        return values
    if (known := coded(values)) is not None:
        return known.array
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return np.asarray(values.to_numpy(dtype=f"datetime64[{values.dtype.unit}]"))
    return np.asarray(values.to_numpy())


@dataclass(frozen=True)
class Groups:
    """The groups of rows that share the values of some columns.

    `number` (rows,) is the group of each row, -1 where one of its values is missing; there are `count` groups, in the
    order of their values, or of their first rows where they are `unsorted`. `columns` are those that were grouped.
    """

    number: NDArray[np.int64]
    count: int
    columns: tuple[Values, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def of(cls, *columns: Values, unsorted: bool = False) -> Groups:
        number = np.zeros(len(columns[0]), dtype=np.int64)
        unknown, count = np.zeros(len(number), dtype=bool), 1
        for column in columns:
            codes, size = _codes_by_value(column) if not unsorted else _codes_by_row(column)
            unknown |= codes < 0
            # Numbered anew at each column, so that the product never outgrows an integer.
            number, count = _dense(number * (size + 1) + codes + 1, count * (size + 1))
        rows = np.flatnonzero(~unknown)
        if len(rows) < len(number) or unsorted:
            own, count = _dense(number[rows], count)
            number = np.full(len(number), -1, dtype=np.int64)
            number[rows] = own
        groups = cls(number, count, columns)
        if unsorted and count:
            number[rows] = _rank(np.argsort(groups.first, kind="stable"))[own]
            groups = cls(number, count, columns)
        return groups

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """The first row of each group (groups,); -1 of one without a row."""
        found = np.full(self.count, -1, dtype=np.int64)
        rows = np.flatnonzero(self.number >= 0)[::-1]
        # Of several numbers written to one place the one that is written last stays.
        found[self.number[rows]] = rows
        return found

    def __len__(self) -> int:
        return self.count

    def of_rows(self, rows: NDArray[Any]) -> Groups:
        """The same groups of some of the rows (their numbers, in any order, or a mask)."""
        return Groups(self.number[rows], self.count)

    def values(self, column: int = 0) -> Any:
        """What the rows of each group have in a column (groups,)."""
        grouped = self.columns[column]
        return (grouped if isinstance(grouped, np.ndarray) else grouped.array).take(self.first)

    def codes(self, column: int = 0) -> tuple[NDArray[np.int64], Any]:
        """Of each group the place of its value in a column (groups,) among the values there are, which are sorted."""
        places, values = pd.factorize(self.values(column), sort=True)
        return np.asarray(places, dtype=np.int64), values

    def within(self, column: int) -> NDArray[np.int64]:
        """For each group the number of the larger group of those that are equal in the columns before `column`."""
        return Groups.of(*(self.codes(number)[0] for number in range(column))).number

    def size(self) -> NDArray[np.int64]:
        """How many rows each group has."""
        return np.bincount(self.number + 1, minlength=len(self) + 1)[1:]

    def place(self) -> NDArray[np.int64]:
        """How many rows of its group stand before each row."""
        order = np.argsort(self.number, kind="stable")
        found = np.empty(len(order), dtype=np.int64)
        found[order] = np.arange(len(order)) - np.searchsorted(self.number[order], self.number[order])
        return found

    def sum(self, values: Values) -> NDArray[Any]:
        """The sum of each group; of whole numbers a whole number."""
        array = array_of(values)
        if array.dtype.kind in "bui":
            # Whole numbers this small are exact as floats.
            return np.bincount(self.number + 1, array, minlength=len(self) + 1)[1:].astype(np.int64)
        return self.sums(array[:, None])[:, 0]

    def sums(self, values: NDArray[np.float64], *, known: bool = False) -> NDArray[np.float64]:
        """The sums (groups, columns) of `values` (rows, columns); with `known` of what is missing nothing is known."""
        found = np.zeros((len(self), values.shape[1]))
        own = self.number >= 0
        if own.any():
            # The sums of pandas do not gather rounding errors.
            sums = pd.DataFrame(values[own]).groupby(self.number[own]).sum(skipna=not known)
            found[sums.index.to_numpy()] = sums.to_numpy()
        return found

    def amounts(self, values: Values) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The sum of the amounts of each group, and how many of them are known."""
        array = np.asarray(array_of(values), dtype=float)
        known = np.bincount(self.number[~np.isnan(array)] + 1, minlength=len(self) + 1)[1:]
        return self.sums(array[:, None])[:, 0], known

    def any(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether the mask (rows,) holds for a row of the group."""
        return np.asarray(np.bincount(self.number[mask] + 1, minlength=len(self) + 1)[1:] > 0)

    def different(self, values: Values) -> NDArray[np.int64]:
        """How many different values each group has; missing ones are none."""
        codes, found = codes_of(values)
        rows = (codes >= 0) & (self.number >= 0)
        pairs = different(self.number[rows] * max(len(found), 1) + codes[rows])
        return np.bincount(pairs // max(len(found), 1), minlength=len(self))

    def first_of(self, values: Values) -> NDArray[Any]:
        """The first value of each group that is not missing."""
        return self._told(array_of(values), slice(None, None, -1))

    def last_of(self, values: Values) -> NDArray[Any]:
        """The last value of each group that is not missing."""
        return self._told(array_of(values), slice(None))

    def _told(self, values: NDArray[Any], order: slice) -> NDArray[Any]:
        known = np.flatnonzero((self.number >= 0) & ~missing(values))[order]
        found = np.full(len(self), _NOTHING.get(values.dtype.kind, 0), dtype=values.dtype)
        found[self.number[known]] = values[known]
        return found

    def least(self, values: Values) -> NDArray[Any]:
        """The least value of each group that is not missing; of times and floats nothing where there is none."""
        return self._extreme(values, np.fmin)

    def most(self, values: Values) -> NDArray[Any]:
        """The greatest value of each group that is not missing; as `least` where there is none."""
        return self._extreme(values, np.fmax)

    def _extreme(self, values: Values, choose: np.ufunc) -> NDArray[Any]:
        array = array_of(values)
        if array.dtype.kind in _NOTHING:
            found = np.full(len(self), _NOTHING[array.dtype.kind], dtype=array.dtype)
        else:
            found = array[self.first]
        rows, begin = self._runs
        if len(begin):
            # One run of rows after another: `choose.at` takes ten times as long.
            found[self.number[rows[begin]]] = choose.reduceat(array[rows], begin)
        return found

    @cached_property
    def _runs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of groups, group by group, and where each group with a row begins among them."""
        rows = np.argsort(self.number, kind="stable")
        rows = rows[np.searchsorted(self.number[rows], 0) :]
        number = self.number[rows]
        return rows, np.flatnonzero(np.append(True, number[1:] != number[:-1])) if len(rows) else rows

    def listed(self, values: Values) -> list[list[Any]]:
        """The different values of each group in the order in which they come."""
        codes, different = codes_of(values)
        rows = np.flatnonzero((self.number >= 0) & (codes >= 0))
        _, first = np.unique(self.number[rows] * max(len(different), 1) + codes[rows], return_index=True)
        rows = rows[np.sort(first)]
        found: list[list[Any]] = [[] for _ in range(len(self))]
        for number, value in zip(self.number[rows].tolist(), different[codes[rows]].tolist(), strict=True):
            found[number].append(value)
        return found

    def named(self, ids: Values) -> Any:
        """The first few different ids of each group in order, and how many more there are: `a, b, c +2`."""
        return texts(
            ", ".join(sorted(own)[:NAMED_IDS]) + (f" +{len(own) - NAMED_IDS}" if len(own) > NAMED_IDS else "")
            for own in self.listed(ids)
        )


def _codes_by_value(values: Values) -> tuple[NDArray[np.int64], int]:
    """As `codes_of`, numbered in the order of the values; and how many values there are."""
    if (known := coded(values)) is not None:
        return known.ranks, len(known.values)
    codes, found = codes_of(values)
    return np.append(_rank(np.argsort(found, kind="stable")), -1)[codes], len(found)


def _codes_by_row(values: Values) -> tuple[NDArray[np.int64], int]:
    codes, found = codes_of(values)
    return codes, len(found)


def _dense(numbers: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], int]:
    """Numbers below `most` without gaps between them, in the same order; and how many different ones there are."""
    if most > 4 * len(numbers) + 1000:
        found, dense = np.unique(numbers, return_inverse=True)
        return dense, len(found)
    there = np.zeros(most, dtype=bool)
    there[numbers] = True
    places = np.cumsum(there) - 1
    return places[numbers], int(places[-1]) + 1 if most else 0


def different(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The different numbers, sorted. `np.unique` finds them by hashing, which takes twenty times as long."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _rank(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each in an order."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values (rows,) are missing."""
    return cast("NDArray[np.bool_]", pd.isna(values))


def is_one_of(texts: Values, *values: str) -> NDArray[np.bool_]:
    """Which texts (rows,) are one of the values; an empty one is none."""
    if (known := coded(texts)) is not None:
        return np.append([text in values for text in known.values.tolist()], False).astype(bool)[known.numbers]
    found = array_of(texts)
    own = np.zeros(len(found), dtype=bool)
    for value in values:
        own |= np.asarray(found == value, dtype=bool)
    return own


def texts(values: Iterable[Any]) -> Any:
    """Values as a column of texts, also where there is none or all are missing."""
    return pd.array(list(values), dtype="str")


def local(times: NDArray[Any], zone: tzinfo | str | None) -> pd.DatetimeIndex:
    """Moments of UTC (datetime64) by the clock of a zone."""
    return pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone)


def find_rows(wanted: Sequence[Values], among: Sequence[Values]) -> NDArray[np.int64]:
    """The first row of `among` (columns) that has the values of each row of `wanted`; -1 where none has them."""
    if (known := coded(among[0])) is not None:
        return _find_among_many(wanted, among, known)
    rows = len(among[0])
    both = Groups.of(
        *(np.concatenate([array_of(there), array_of(here)]) for there, here in zip(among, wanted, strict=True)),
        unsorted=True,
    )
    number = both.number[rows:]
    # A row that lacks a value is in no group: its number, -1, finds what is appended.
    first = np.append(both.first, -1)[number]
    return np.where(first < rows, first, -1)


def _find_among_many(wanted: Sequence[Values], among: Sequence[Values], first: Coded) -> NDArray[np.int64]:
    """`find_rows` among the rows whose first column is one of the wanted: the few that are asked for."""
    numbers = first.numbers_of(wanted[0])
    if len(among) == 1:
        return first.first[numbers]
    there = np.zeros(len(first.values) + 1, dtype=bool)
    there[numbers] = True
    # A row that lacks a value is wanted by none.
    there[-1] = False
    rows = np.flatnonzero(there[first.numbers])
    found = find_rows(wanted, [array_of(column)[rows] for column in among])
    return np.append(rows, -1)[found]


def places_of(wanted: pd.Series, ids: pd.Series) -> NDArray[np.int64]:
    """The row of each of the `wanted` (rows,) among `ids`, of which each is there once; -1 where it is not."""
    if coded(ids) is not None:
        return find_rows([wanted], [ids])
    return np.asarray(pd.Index(ids.array).get_indexer(wanted.array), dtype=np.int64)


def are_among(values: Values, wanted: Values) -> NDArray[np.bool_]:
    """Which of the values (rows,) are among the `wanted`; a missing one never is."""
    if (known := coded(wanted)) is not None:
        return known.numbers_of(values) >= 0
    codes, different_values = codes_of(values)
    return np.append(pd.Index(different_values).isin(array_of(wanted)), False)[codes]


def joint_codes(first: pd.Series, second: pd.Series) -> tuple[NDArray[np.int64], int]:
    """Numbers of the values of two columns, one below the other, -1 where one is missing; and how many there are."""
    if (known := coded(first)) is None:
        numbers, values = pd.factorize(pd.concat([first, second], ignore_index=True))
        return np.asarray(numbers, dtype=np.int64), len(values)
    own, (codes, more) = known.numbers_of(second), codes_of(second)
    # What only the second has is numbered behind.
    own = np.where((own < 0) & (codes >= 0), len(known.values) + codes, own)
    return np.concatenate([known.numbers, own]), len(known.values) + len(more)


def pair_rows(left: NDArray[np.int64], right: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each row of `left` with every row of `right` that has its number, in the order of both: two arrays of rows."""
    order = np.argsort(right, kind="stable")
    begin, end = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    count = end - begin
    rows = np.repeat(np.arange(len(left)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return rows, order[begin[rows] + within]


def lines_of(wanted: pd.DataFrame, rows: NDArray[Any], among: pd.DataFrame) -> NDArray[np.int64]:
    """The row of `among` that is the same order line as each of the `rows` of `wanted`; -1 where none is."""
    return find_rows([array_of(wanted[name])[rows] for name in LINE_KEYS], [among[name] for name in LINE_KEYS])
