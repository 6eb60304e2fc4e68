"""Order lines and the items affected in them as arrays: for counts of lines by place, cause and day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.rates.breakdown import with_products
from cancel_analysis.rates.coded import coded
from cancel_analysis.rates.groups import LINE_KEYS, different, joint_codes


@dataclass(frozen=True)
class Codes:
    """A column as numbers: `numbers` (lines,) point into `values`, sorted; -1 where nothing is known."""

    numbers: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, column: pd.Series) -> Codes:
        if (known := coded(column)) is not None:
            return cls(known.ranks, known.values[known.order])
        numbers, values = pd.factorize(column, sort=True)
        return cls(numbers, np.asarray(values, dtype=object))


@dataclass(frozen=True)
class Lines:
    """`orders` (ORDER_LINES, with product_key and product) and `items` (AFFECTED_ITEMS), and their arrays.

    `key` (lines,) and `item_key` (items,) hold the same number for the same line; `day` and `item_day` are
    the local days on which it was ordered (datetime64[D], NaT where no file says it).
    """

    orders: pd.DataFrame
    items: pd.DataFrame
    key: np.ndarray
    item_key: np.ndarray
    keys: int
    day: np.ndarray
    item_day: np.ndarray
    coded: dict[str, Codes] = field(default_factory=dict)
    item_coded: dict[str, Codes] = field(default_factory=dict)

    @classmethod
    def of(cls, orders: pd.DataFrame, items: pd.DataFrame) -> Lines:
        both = np.zeros(len(orders) + len(items), dtype=np.int64)
        for name in LINE_KEYS:
            numbers, count = joint_codes(orders[name], items[name])
            both = both * (count + 1) + numbers + 1
        keys, found = pd.factorize(both)
        return cls(
            with_products(orders),
            items,
            key=keys[: len(orders)],
            item_key=keys[len(orders) :],
            keys=len(found),
            day=local_days(orders["created_at"]),
            item_day=local_days(items["order_created_at"]),
        )

    def codes(self, column: str) -> Codes:
        """A column of the order lines as numbers; counted once."""
        if column not in self.coded:
            self.coded[column] = Codes.of(self.orders[column])
        return self.coded[column]

    def item_codes(self, column: str) -> Codes:
        """A column of the affected items as numbers; counted once."""
        if column not in self.item_coded:
            self.item_coded[column] = Codes.of(self.items[column])
        return self.item_coded[column]

    def known(self, column: str) -> np.ndarray:
        codes = self.coded.get(column)
        return self.orders[column].notna().to_numpy() if codes is None else codes.numbers >= 0

    def item_is(self, column: str, value: str) -> np.ndarray:
        """Which items have `value` in a column."""
        codes = self.item_codes(column)
        place = np.flatnonzero(codes.values == value)
        return np.asarray(codes.numbers == (place[0] if len(place) else len(codes.values)))

    def lost(self, items: np.ndarray) -> np.ndarray:
        """Which lines (lines,) the chosen `items` (items,) belong to."""
        marked = np.zeros(self.keys, dtype=bool)
        marked[self.item_key[items]] = True
        return np.asarray(marked[self.key])

    @property
    def order(self) -> np.ndarray:
        """The number of each line's order (lines,)."""
        return self.codes("order_id").numbers

    def orders_of(self, items: np.ndarray) -> int:
        """How many orders the chosen `items` (items,) belong to."""
        return len(different(self.item_codes("order_id").numbers[items]))


def local_days(times: pd.Series) -> np.ndarray:
    """The days of zone-aware times by the shop's own clock, as datetime64[D]."""
    return np.asarray(times.dt.tz_localize(None).to_numpy().astype("datetime64[D]"))


def in_days(day: np.ndarray, as_of: date, days: int) -> np.ndarray:
    """Which of `day` (datetime64[D]) lie in the `days` days up to and with `as_of`."""
    return (day >= np.datetime64(as_of - timedelta(days=days - 1))) & (day <= np.datetime64(as_of))
