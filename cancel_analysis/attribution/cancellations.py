"""Cancelled units of order lines: how many, how far the order had come, and who cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.attribution.drafts import CANCEL, Draft, all_alike, in_proportion, said
from cancel_analysis.rates.groups import array_of, codes_of, find_rows, is_one_of
from cancel_analysis.rates.moments import first_known, instants

# Of a cancelled order without a time of cancellation: it had come as far as its times say.
AT_LAST = np.datetime64("9999-01-01", "us")


@dataclass(frozen=True)
class Cancellations:
    """`orders` (ORDER_LINES) and `clock` (`dispatch_clock`, `due_at` in naive UTC), and what of them was cancelled."""

    orders: pd.DataFrame
    clock: pd.DataFrame

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The lines of which something was cancelled."""
        return np.flatnonzero(self._whole | (is_one_of(self.orders["after_sale"], "cancel") & (self._affected > 0)))

    @cached_property
    def _whole(self) -> NDArray[np.bool_]:
        return is_one_of(self.orders["status"], "cancelled")

    @cached_property
    def _affected(self) -> NDArray[np.int64]:
        return np.asarray(self.orders["quantity_affected"], dtype=np.int64)

    @cached_property
    def _quantity(self) -> NDArray[np.int64]:
        return np.asarray(self.orders["quantity"], dtype=np.int64)

    @cached_property
    def units(self) -> NDArray[np.int64]:
        """Of each line (lines,): all of a cancelled line unless the file says fewer, and those that it calls cancelled
        on a line that lives on."""
        found = np.zeros(len(self.orders), dtype=np.int64)
        affected, quantity = self._affected[self.rows], self._quantity[self.rows]
        found[self.rows] = np.where(affected > 0, np.minimum(affected, quantity), np.maximum(quantity, 0))
        return found

    def draft(self) -> Draft:
        rows, chosen = self.rows, self.orders.iloc[self.rows]
        cancelled, created = (instants(chosen[name]) for name in ("cancelled_at", "created_at"))
        whole_order, sent_late = self._whole_orders(), self._sent_late(chosen)
        initiator = np.where(chosen["cancelled_by"].isna(), "unknown", array_of(chosen["cancelled_by"]))
        return Draft(
            line=rows,
            request=np.full(len(rows), -1),
            source=all_alike(CANCEL, len(rows)),
            units=self.units[rows],
            amount=in_proportion(chosen["line_amount"].to_numpy(dtype=float), self.units[rows], self._quantity[rows]),
            event_at=first_known(cancelled, created),
            settled=np.ones(len(rows), dtype=bool),
            whole_order=whole_order,
            list_stage=all_alike(CANCEL, len(rows)),
            initiator=initiator.astype(object),
            moment=self._moments(chosen, sent_late),
            reason_text=said(chosen["cancel_reason_text"]),
            given_code=said(chosen["cancel_reason_code"]),
        )

    def _whole_orders(self) -> NDArray[np.bool_]:
        """Which of the lines (cancelled,) are of an order that was cancelled whole."""
        order, ids = codes_of(self.orders["order_id"])
        ordered = np.bincount(order, np.maximum(self._quantity, 0), minlength=len(ids))
        gone = np.bincount(order, self.units, minlength=len(ids))
        return np.asarray((gone >= ordered)[order[self.rows]])

    def _sent_late(self, chosen: pd.DataFrame) -> NDArray[np.bool_]:
        """Which lines went out after their deadline; the time of shipment stands for the carrier's scan."""
        at = find_rows([chosen["order_id"]], [self.clock["order_id"]])
        rts, shipped = (instants(chosen[name]) for name in ("rts_at", "shipped_at"))
        ready = array_of(self.clock["event"])[at] == "ready_to_ship"
        return np.asarray(np.where(ready, first_known(rts, shipped), shipped) >= instants(self.clock["due_at"])[at])

    def _moments(self, chosen: pd.DataFrame, sent_late: NDArray[np.bool_]) -> NDArray[np.object_]:
        """How far each line had come. Without a time of cancellation a cancelled order had come as far as its times
        say; part of an order that goes on can only be cancelled while it waits to be shipped."""
        created, paid, rts, shipped, delivered, cancelled = (
            instants(chosen[f"{name}_at"]) for name in ("created", "paid", "rts", "shipped", "delivered", "cancelled")
        )
        until = first_known(cancelled, np.where(self._whole[self.rows], AT_LAST, created))
        by_buyer = ~np.isnat(cancelled) & is_one_of(chosen["cancelled_by"], "buyer")
        nothing = np.isnat(paid) & np.isnat(shipped) & np.isnat(rts) & ~np.asarray(chosen["is_cod"], dtype=bool)
        cases = {
            "delivered": delivered <= until,
            "in_transit_late": (shipped <= until) & by_buyer & sent_late,
            "in_transit": (shipped <= until) & by_buyer,
            "shipped": shipped <= until,
            "ready": rts <= until,
            "unpaid": nothing,
        }
        return np.select(list(cases.values()), list(cases), "to_ship").astype(object)
