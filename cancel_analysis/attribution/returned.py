"""Returned units: each request takes units of the lines of its SKU that were not cancelled; and lines that the order
export marks as returned though no request speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.attribution.drafts import MARK, RETURN, Draft, all_alike, in_proportion, said
from cancel_analysis.rates.groups import Groups, are_among, array_of, codes_of, find_rows, is_one_of, pair_rows
from cancel_analysis.rates.moments import first_known, instants
from cancel_analysis.rates.order_progress import says_delivered

# How far a request has come, least first.
PROGRESS = ("unknown", "pending", "withdrawn", "rejected", "in_process", "completed")
# Why units of a request fit no unit of the orders.
NO_ORDER, NO_SKU = "order not in the order files", "SKU not in its order"
NO_UNIT, TOO_MANY = "no unit left that was not cancelled or returned", "more units than the order has left"


def newest(requests: pd.DataFrame) -> pd.DataFrame:
    """The requests (RETURNS), each once: one for one SKU may stand in the files twice, and the row that is furthest on
    counts."""
    numbers = Groups.of(*(requests[name] for name in ("order_id", "sku_id", "return_id")), unsorted=True).number
    status = array_of(requests["status"])
    progress = np.array([PROGRESS.index(each) for each in status], dtype=np.int64)
    row = np.arange(len(requests))
    best = np.lexsort((-row, np.asarray(requests["source_row"], dtype=np.int64), progress))
    kept = np.full(int(numbers.max(initial=-1)) + 1, -1)
    # Of several rows written to one place the last stays.
    best = best[numbers[best] >= 0]
    kept[numbers[best]] = best
    nameless = is_one_of(requests["return_id"], "") | np.asarray(requests["return_id"].isna())
    return requests.iloc[np.sort(np.unique(np.concatenate([kept[kept >= 0], row[nameless]])))]


@dataclass(frozen=True)
class Returned:
    """`orders` (ORDER_LINES), `requests` (`newest`), and of each line the units that were cancelled (lines,)."""

    orders: pd.DataFrame
    requests: pd.DataFrame
    cancelled: NDArray[np.int64]

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Which requests are returns; one whose status no catalog knows is, where the money went back."""
        status = self.requests["status"]
        refunded = np.asarray(self.requests["refunded_at"].notna())
        return np.asarray(is_one_of(status, "completed", "in_process") | (is_one_of(status, "unknown") & refunded))

    @cached_property
    def near(self) -> NDArray[np.int64]:
        """The lines of orders that a request is about."""
        return np.flatnonzero(are_among(self.orders["order_id"], self.requests["order_id"]))

    @cached_property
    def _lines(self) -> NDArray[np.int64]:
        """The first line of the order of each request; -1 where no file has it."""
        return find_rows([self.requests["order_id"]], [self.orders["order_id"]])

    @cached_property
    def _skus(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The SKU in its order as one number: of the lines `near` (lines,), and of the requests (requests,)."""
        columns = [
            np.concatenate([array_of(self.orders[name])[self.near], array_of(self.requests[name])])
            for name in ("order_id", "sku_id")
        ]
        numbers = Groups.of(*columns, unsorted=True).number
        return numbers[: len(self.near)], numbers[len(self.near) :]

    @cached_property
    def _room(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the lines `near` those that live on (their places there), and the units of each that are left of them."""
        there = np.flatnonzero(~is_one_of(self.orders["status"], "cancelled")[self.near])
        rows = self.near[there]
        return there, np.maximum(np.asarray(self.orders["quantity"], dtype=np.int64)[rows] - self.cancelled[rows], 0)

    @cached_property
    def _asked_for(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The requests that are returns, and the units of each. Old exports do not say how many: then it is what the
        order export counts as returned, if there is one request, and else one unit."""
        rows = np.flatnonzero(self.active)
        lines, requests = self._skus
        skus = int(max(lines.max(initial=-1), requests.max(initial=-1))) + 1
        there, room = self._room
        affected = np.asarray(self.orders["quantity_affected"], dtype=np.int64)[self.near[there]]
        marked = np.bincount(lines[there], np.minimum(affected, room), minlength=skus).astype(np.int64)
        alone = np.bincount(requests[rows], minlength=skus) == 1
        counted = np.asarray(self.requests["quantity"].fillna(0), dtype=np.int64)[rows]
        told = np.where(alone, marked, 0)[requests[rows]]
        units = np.where(counted != 0, counted, np.where(told != 0, told, 1))
        return rows, np.maximum(units, 1)

    @cached_property
    def allotted(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Request, line and units (allotments,). Units asked for, in the order of asking, and units there are, lines
        that the file itself marks first, are laid end to end; each request takes those of its stretch. What finds no
        room is counted apart, never twice."""
        lines, requests = self._skus
        there, room = self._room
        rows, wanted = self._asked_for
        marked = self.orders.iloc[self.near[there]]
        is_return = is_one_of(marked["after_sale"], "return_refund")
        # After those that say so those that say something else, then those that say nothing.
        first = np.where(is_return, 0, np.where(np.asarray(marked["after_sale"].isna()), 2, 1))
        counted = ~np.asarray(marked["quantity_affected"] > 0)
        low, high = _end_to_end(lines[there], room, (array_of(marked["line_no"]), counted, first))
        asked = self.requests.iloc[rows]
        ids = pd.factorize(array_of(asked["return_id"]), sort=True)[0]
        low_asked, high_asked = _end_to_end(requests[rows], wanted, (ids, instants(asked["requested_at"])))
        left, right = pair_rows(requests[rows], lines[there])
        meet = (low_asked[left] < high[right]) & (low[right] < high_asked[left])
        left, right = left[meet], right[meet]
        units = np.minimum(high_asked[left], high[right]) - np.maximum(low_asked[left], low[right])
        return rows[left], self.near[there[right]], units

    def draft(self) -> Draft:
        request, line, units = self.allotted
        asked, lines = self.requests.iloc[request], self.orders.iloc[line]
        total = np.bincount(request, units, minlength=len(self.requests)).astype(np.int64)[request]
        # The whole refund goes to the units that were found, in proportion.
        refund = in_proportion(asked["refund_amount"].to_numpy(dtype=float), units, total)
        worth = in_proportion(
            lines["line_amount"].to_numpy(dtype=float), units, np.asarray(lines["quantity"], dtype=np.int64)
        )
        return Draft(
            line=line,
            request=request,
            source=all_alike(RETURN, len(line)),
            units=units,
            amount=np.where(np.isnan(refund), worth, refund),
            event_at=instants(asked["requested_at"]),
            settled=~is_one_of(asked["status"], "in_process"),
            whole_order=np.zeros(len(line), dtype=bool),
            list_stage=np.where(is_one_of(asked["return_type"], "refund_only"), "refund", "return").astype(object),
            initiator=np.where(asked["initiator"].isna(), "unknown", array_of(asked["initiator"])).astype(object),
            moment=_moments(self._was_delivered(asked, lines)),
            reason_text=said(asked["reason_text"]),
            given_code=said(asked["reason_code"]),
        )

    def _was_delivered(self, asked: pd.DataFrame, lines: pd.DataFrame) -> NDArray[np.bool_]:
        delivered = instants(lines["delivered_at"])
        goods = is_one_of(asked["return_type"], "return_and_refund", "replacement")
        undated = np.isnat(delivered) & (says_delivered(lines) | goods)
        return np.asarray((instants(asked["requested_at"]) >= delivered) | undated)

    def marked(self) -> Draft:
        """Lines that are marked as returned and that no request speaks of. A mark without a number of units is the
        order's; it counts for a line only when nothing in the order is more exact."""
        orders = self.orders
        affected, quantity = (np.asarray(orders[name], dtype=np.int64) for name in ("quantity_affected", "quantity"))
        living = ~is_one_of(orders["status"], "cancelled") & ~is_one_of(orders["after_sale"], "cancel")
        spoken_of = np.zeros(len(orders), dtype=bool)
        lines, requests = self._skus
        spoken_of[self.near[np.isin(lines, requests)]] = True
        order, ids = codes_of(orders["order_id"])
        loose = np.flatnonzero(living & is_one_of(orders["after_sale"], "return_refund") & (affected <= 0))
        # Exact is what says a number of units on any of its lines, or is asked for.
        sure = affected > 0
        sure[self.near] = True
        exact = np.zeros(len(ids) + 1, dtype=bool)
        exact[order[sure]] = True
        counted = living & (affected > 0)
        counted[loose[~exact[order[loose]]]] = True
        rows = np.flatnonzero(counted & ~spoken_of)
        chosen = orders.iloc[rows]
        affected, quantity = affected[rows], quantity[rows]
        units = np.where(affected > 0, np.minimum(affected, quantity), np.maximum(quantity, 0))
        delivered = instants(chosen["delivered_at"])
        refunded = chosen["order_refund_amount"].to_numpy(dtype=float) > 0
        return Draft(
            line=rows,
            request=np.full(len(rows), -1),
            source=all_alike(MARK, len(rows)),
            units=units,
            amount=in_proportion(chosen["line_amount"].to_numpy(dtype=float), units, quantity),
            event_at=first_known(delivered, instants(chosen["shipped_at"]), instants(chosen["created_at"])),
            settled=(affected > 0) | refunded,
            whole_order=np.zeros(len(rows), dtype=bool),
            list_stage=all_alike("return", len(rows)),
            initiator=all_alike("unknown", len(rows)),
            moment=_moments(~np.isnat(delivered) | says_delivered(chosen)),
            reason_text=all_alike(None, len(rows)),
            given_code=all_alike(None, len(rows)),
        )

    def not_returns(self) -> pd.DataFrame:
        """Requests that are no returns, a row a status: status, requests."""
        found = array_of(self.requests["status"])[~self.active]
        names, counts = np.unique(found.astype(str), return_counts=True)
        order = np.lexsort((names, -counts))
        return pd.DataFrame(
            {"status": pd.array(names[order].tolist(), dtype="str"), "requests": counts[order].astype(np.int64)}
        )

    def orphans(self) -> pd.DataFrame:
        """Units of returns that fit no unit of the orders, a row a cause: cause, requests, units."""
        rows, wanted = self._asked_for
        request, _, units = self.allotted
        got, lines = (np.bincount(request, given, minlength=len(self.requests)) for given in (units, None))
        left = wanted - got[rows].astype(np.int64)
        own_lines, own_requests = self._skus
        cases = {
            NO_ORDER: self._lines[rows] < 0,
            NO_SKU: ~np.isin(own_requests[rows], own_lines),
            NO_UNIT: lines[rows] == 0,
        }
        cause = np.select(list(cases.values()), list(cases), TOO_MANY)[left > 0]
        names, numbers = np.unique(cause.astype(str), return_inverse=True)
        requests = np.bincount(numbers, minlength=len(names)).astype(np.int64)
        total = np.bincount(numbers, left[left > 0], minlength=len(names)).astype(np.int64)
        return pd.DataFrame({"cause": pd.array(names.tolist(), dtype="str"), "requests": requests, "units": total})


def _end_to_end(
    groups: NDArray[np.int64], units: NDArray[np.int64], keys: tuple[Any, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the units of each row begin and end in its group, in the order of the last key, then of those before it."""
    order = np.lexsort((*keys, groups))
    ends = np.cumsum(units[order])
    starts = ends - units[order]
    begin = np.searchsorted(groups[order], groups[order])
    low = np.empty(len(order), dtype=np.int64)
    low[order] = starts - starts[begin] if len(order) else starts
    return low, low + units


def _moments(delivered: NDArray[np.bool_]) -> NDArray[np.object_]:
    return np.where(delivered, "delivered", "shipped").astype(object)
