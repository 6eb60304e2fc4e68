"""How far each order had come by the end of one day, from its lines: when it was paid, ready, shipped, delivered, due.

A status is evidence where a file has no times; where there is a time, it alone tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.catalog.values import canonical
from cancel_analysis.rates.groups import LINE_KEYS, Groups, array_of, codes_of, find_rows, is_one_of
from cancel_analysis.rates.moments import NEVER, first_known, wall_clock
from cancel_analysis.rates.order_losses import Flags, Losses

Times = NDArray[np.datetime64]


def by_platform(orders: pd.DataFrame) -> pd.Series:
    """Whether the platform itself fulfils each order line; what no file says counts as the seller's own."""
    numbers, given = codes_of(orders["fulfillment_type"])
    meant = np.array([canonical("fulfillment", text) == "platform" for text in given] + [False], dtype=bool)
    return pd.Series(meant[numbers], index=orders.index)


def says_delivered(lines: pd.DataFrame) -> Flags:
    """Which order lines (rows,) have a status that says that they arrived, whenever that was."""
    return is_one_of(lines["status"], "completed") | is_one_of(lines["substatus"], "delivered", "completed")


@dataclass(frozen=True)
class Progress:
    """Order lines (rows,) as they were known before the cut of `losses`, and what they say of each order (orders,)."""

    lines: pd.DataFrame
    orders: Groups
    clock: pd.DataFrame
    scan_at: pd.Series
    losses: Losses

    @cached_property
    def known(self) -> Flags:
        return np.asarray(self.raw("created_at") < self.losses.cut)

    @cached_property
    def wanted(self) -> Flags:
        """Which lines have units that were not cancelled."""
        lost = self.losses.cancelled & (self.losses.orders.number >= 0)
        rows = find_rows(
            [self.losses.items[name][lost] for name in LINE_KEYS], [self.lines[name] for name in LINE_KEYS]
        )
        units = np.bincount(rows + 1, self.losses.units[lost], minlength=len(self.lines) + 1)[1:]
        return self.known & (units < self.lines["quantity"].to_numpy())

    def raw(self, name: str) -> Times:
        """A column's times, whenever they are."""
        return self._times[name]

    @cached_property
    def _times(self) -> dict[str, Times]:
        names = ("created_at", "paid_at", "rts_at", "shipped_at", "delivered_at", "cancelled_at")
        return {name: wall_clock(self.lines[name]) for name in names}

    def _before_cut(self, times: Times) -> Times:
        return np.where(times < self.losses.cut, times, NEVER)

    def seen(self, name: str) -> Times:
        """A column's times of the known lines before the cut, NaT where there is none."""
        return np.where(self.known, self._before_cut(self.raw(name)), NEVER)

    @cached_property
    def _met_at(self) -> Times:
        """When a line met what its deadline asks for, whenever.

        The carrier's scan is known from its own events; where there are none, the platform's time of shipment stands
        for it.
        """
        event = self.of_clock("event")[self.orders.number]
        scan = wall_clock(self.scan_at)
        shipped = self.raw("shipped_at")
        met = np.where(event == "shipped", shipped, first_known(self.raw("rts_at"), shipped))
        return np.where(event == "in_transit", first_known(scan, shipped), met)

    @cached_property
    def _line_ready_at(self) -> Times:
        ready = first_known(self.raw("rts_at"), self.raw("shipped_at"))
        return np.where(self.known, self._before_cut(ready), NEVER)

    def of_clock(self, name: str) -> NDArray[Any]:
        """What the dispatch clock says of each order."""
        return array_of(self.clock[name])[self._clock_rows]

    @cached_property
    def _clock_rows(self) -> NDArray[np.int64]:
        return find_rows([self.lines["order_id"]], [self.clock["order_id"]])[self.orders.first]

    def first(self, name: str) -> NDArray[Any]:
        return array_of(self.lines[name])[self.orders.first]

    def any(self, mask: Flags) -> Flags:
        """Whether it holds for a known line of each order."""
        return self.orders.any(mask & self.known)

    def flag(self, name: str) -> Flags:
        return self.any(np.asarray(self.lines[name], dtype=bool))

    @cached_property
    def created_at(self) -> Times:
        return self.orders.least(self.seen("created_at"))

    @cached_property
    def shipped_at(self) -> Times:
        return self.orders.least(self.seen("shipped_at"))

    @cached_property
    def delivered_at(self) -> Times:
        return self.orders.most(self.seen("delivered_at"))

    @cached_property
    def ready_at(self) -> Times:
        return self._when_all(self._line_ready_at)

    @cached_property
    def met_at(self) -> Times:
        return self._when_all(np.where(self.known, self._before_cut(self._met_at), NEVER))

    def _when_all(self, times: Times) -> Times:
        """When each unit that is still wanted had come so far; of an order cancelled whole, when any last had."""
        last = self.orders.most(times)
        last_wanted = self.orders.most(np.where(self.wanted, times, NEVER))
        unmet = self.any(self.wanted & np.isnat(times))
        return np.where(self.any(self.wanted), np.where(unmet, NEVER, last_wanted), last)

    @cached_property
    def says_delivered(self) -> Flags:
        """A status is evidence too: many files say that an order was completed, and never when.

        Where there is a time, it alone tells whether the event was before the cut.
        """
        return self.any(np.isnat(self.raw("delivered_at")) & says_delivered(self.lines))

    @cached_property
    def _went_out(self) -> Flags:
        return is_one_of(self.lines["status"], "shipped", "completed")

    @cached_property
    def says_shipped(self) -> Flags:
        dated = [~np.isnat(self.raw(name)) for name in ("rts_at", "shipped_at", "delivered_at")]
        return self.any(self._went_out & ~np.any(dated, axis=0))

    @cached_property
    def undated(self) -> Flags:
        """Whether something went out, but nothing says when: whether in time cannot be told."""
        there = ~np.isnat(self.raw("delivered_at")) | self._went_out
        return self.any(self.wanted & np.isnat(self._met_at) & there)

    @cached_property
    def paid(self) -> Flags:
        times = [self.orders.least(self.seen("paid_at")), self.orders.least(self._line_ready_at)]
        dated = [~np.isnat(found) for found in (*times, self.shipped_at, self.delivered_at)]
        losses = self.losses
        never = losses.any(losses.cancelled & losses.text("stage", "unpaid"))
        return np.asarray(~never & (self.flag("is_cod") | np.any(dated, axis=0)))

    @cached_property
    def units(self) -> NDArray[np.int64]:
        return self.orders.sum(np.where(self.known, self.lines["quantity"].to_numpy(), 0))

    @cached_property
    def gone(self) -> NDArray[np.int64]:
        """Units that were cancelled."""
        return self.losses.count(self.losses.cancelled)

    @cached_property
    def gone_whole(self) -> Flags:
        """Whether the whole order was cancelled; a file may count its lost units too low, but says that it was."""
        losses = self.losses
        to_come = losses.any(losses.cancels & (losses.event_at >= losses.cut))
        whole = losses.any(losses.cancels & losses.flag("whole_order"))
        return losses.any(losses.cancelled) & ((self.gone >= self.units) | (whole & ~to_come))

    @cached_property
    def cancel_at(self) -> Times:
        return self.losses.last(self.losses.cancelled)

    @cached_property
    def came_back(self) -> Flags:
        losses = self.losses
        return losses.any(losses.seen & (losses.flag("failed_delivery") | losses.flag("refused")))

    @cached_property
    def cancelled(self) -> Flags:
        return self.gone_whole & ~self.came_back & (np.isnat(self.shipped_at) | (self.cancel_at < self.shipped_at))

    @cached_property
    def late_by_platform(self) -> Flags:
        """Whether the platform cancelled it because it was late."""
        losses = self.losses
        as_late = losses.text("root_cause", "late_dispatch") & losses.text("initiator", "system", "operator")
        late = self.cancelled & losses.any(losses.cancelled & as_late)
        return np.asarray(late & ~np.isnat(self.of_clock("due_at")))

    @cached_property
    def due_at(self) -> Times:
        """The first moment after the deadline, or when the platform cancelled it as late."""
        due = self.of_clock("due_at")
        return np.where(self.late_by_platform & (self.cancel_at < due), self.cancel_at, due)

    @cached_property
    def dispatch_due(self) -> Flags:
        met = self.met_at
        in_time = self.gone_whole & (self.cancel_at <= self.due_at) & (np.isnat(met) | (self.cancel_at < met))
        passed = (self.due_at <= self.losses.cut) & ~self.undated & ~in_time
        return self.paid & (self.late_by_platform | passed)

    @cached_property
    def currency(self) -> NDArray[Any]:
        """The first in the alphabet, of an order that has several."""
        codes, values = codes_of(self.lines["currency"])
        order = np.argsort(values)
        least = np.full(len(self.orders), len(values), dtype=np.int64)
        np.minimum.at(least, self.orders.number[self.known], np.argsort(order)[codes[self.known]])
        return np.array([*values[order], None], dtype=object)[least]

    @cached_property
    def amount(self) -> NDArray[np.float64]:
        """Where no line says its amount the order's is not known; nothing is 0 for want of a column."""
        amounts = self.lines["line_amount"].to_numpy(dtype=float)
        own = self.known & (array_of(self.lines["currency"]) == self.losses.currency)
        said = own & ~np.isnan(amounts)
        found = np.bincount(self.orders.number[said], amounts[said], minlength=len(self.orders))
        return np.where(self.any(own) & ~self.any(said), np.nan, found)
