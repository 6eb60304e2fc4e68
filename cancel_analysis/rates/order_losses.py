"""What of each order was lost by the end of one day, from the affected items: flags, moments, units and amounts.

A cancellation is an item that came from the order itself; one with a return request is a return.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.rates.groups import Groups, array_of, is_one_of
from cancel_analysis.rates.moments import NEVER, wall_clock

Flags = NDArray[np.bool_]
# Nobody at home is at fault for these, though no return was asked for.
LOST_ON_WAY = ("package_lost", "package_damaged", "package_scrapped")
BUYER_OR_UNKNOWN = ("buyer", "unknown")


@dataclass(frozen=True)
class Losses:
    """The affected items (rows,) of orders, as they were known before the moment `cut`.

    `orders` says of which order each item is (-1: of none that is asked for); all that is found is an array (orders,).
    """

    items: pd.DataFrame
    orders: Groups
    cut: np.datetime64
    currency: str

    def text(self, name: str, *values: str) -> Flags:
        """Which items have one of the values in a column."""
        return is_one_of(self.items[name], *values)

    def flag(self, name: str) -> Flags:
        return np.asarray(self.items[name], dtype=bool)

    @cached_property
    def event_at(self) -> NDArray[np.datetime64]:
        return wall_clock(self.items["event_at"])

    @cached_property
    def seen(self) -> Flags:
        # What nothing dates has neither been seen nor is it still to come.
        return np.asarray(self.event_at < self.cut)

    @cached_property
    def asked(self) -> Flags:
        """Which items somebody asked to have back."""
        return np.asarray(self.items["return_id"].notna(), dtype=bool) | self.returned

    @cached_property
    def returned(self) -> Flags:
        return self.text("stage", "return_refund")

    @cached_property
    def cancels(self) -> Flags:
        """Which items came from the order itself, whenever."""
        return ~self.asked

    @cached_property
    def cancelled(self) -> Flags:
        return self.cancels & self.seen

    @cached_property
    def open(self) -> Flags:
        """Which items have another reading, or a finding still to come."""
        return self.flag("ambiguous") | self.flag("pending")

    @cached_property
    def units(self) -> NDArray[np.int64]:
        return np.asarray(self.items["units"], dtype=np.int64)

    def any(self, mask: Flags) -> Flags:
        return self.orders.any(mask)

    def count(self, mask: Flags) -> NDArray[np.int64]:
        return self.orders.sum(np.where(mask, self.units, 0))

    def first(self, mask: Flags) -> NDArray[np.datetime64]:
        return self.orders.least(np.where(mask, self.event_at, NEVER))

    def last(self, mask: Flags) -> NDArray[np.datetime64]:
        return self.orders.most(np.where(mask, self.event_at, NEVER))

    def amount(self, stage: str) -> NDArray[np.float64]:
        """Lost in a stage, in the shop's currency; not known where one of its items has no amount."""
        own = self.seen & self.text("stage", stage) & self.text("currency", self.currency)
        amounts = np.asarray(self.items["amount"], dtype=float)
        blank = np.isnan(amounts)
        number, own_number = self.orders.number + 1, own & ~blank
        found = np.bincount(number[own_number], amounts[own_number], minlength=len(self.orders) + 1)[1:]
        return np.where(self.any(own & blank), np.nan, found)

    def cancelled_by(self) -> NDArray[np.object_]:
        """Who cancelled last (None: nobody has); of what was cancelled at one moment, by units, SKU and line."""
        rows = np.flatnonzero(self.cancelled & (self.orders.number >= 0))
        keys = [array_of(self.items[name])[rows] for name in ("line_no", "sku_id")]
        keys[1] = np.unique(keys[1].astype(str), return_inverse=True)[1]
        rows = rows[np.lexsort((*keys, self.units[rows], self.event_at[rows]))]
        found = np.full(len(self.orders), None, dtype=object)
        # Of several written to one place the last stays.
        found[self.orders.number[rows]] = array_of(self.items["initiator"])[rows]
        return found
