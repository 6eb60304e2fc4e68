"""Orders by status: how many stand where, for any period, in all or by category or product.

One rule places an order whose lines stand differently: it counts where its least advanced line that is
not cancelled stands, because that line is what is still to be done; it is cancelled only when every
line is. The rule looks at all lines of an order, also when only some of them match a filter, so an
order stands in the same place in every view.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import wilson
from cancel_analysis.rates.breakdown import products_of
from cancel_analysis.rates.groups import Groups, are_among, array_of, codes_of, different, missing, texts
from cancel_analysis.rates.lines import in_days, local_days

# From the least advanced on. `failed` is what the platform lists under cancelled although the parcel was sent.
STATES = ("unpaid", "to_ship", "shipped", "completed", "cancelled", "failed", "unknown")
GROUPINGS = ("category", "product")
# How far a line has come; one that is gone counts only when nothing else is left.
_RANK = {"unpaid": 0, "on_hold": 1, "to_ship": 1, "shipped": 2, "completed": 3, "unknown": 8}
_GONE = 9
_NEEDED = (
    "quantity", "quantity_affected", "status", "after_sale", "shipped_at", "cancelled_at", "cancelled_by",
)  # fmt: skip
_PLACE = {state: place for place, state in enumerate(STATES)}
_STATE = {0: "unpaid", 1: "to_ship", 2: "shipped", 3: "completed", 8: "unknown", _GONE: "cancelled"}
# Which states each rate counts as cancelled, and whose cancellations.
RATES = {
    "buyer_or_seller": (("cancelled",), ("buyer", "seller")),
    "anybody": (("cancelled",), None),
    "with_failed": (("cancelled", "failed"), None),
}


@dataclass(frozen=True)
class OrderCounts:
    """The orders of one period, counted once each.

    `states`: state, orders, share; always every state, in the order of `STATES`.
    `rates`: name (`buyer_or_seller`, `anybody`, `with_failed`), cancelled, orders, rate, low, high
    (Wilson, 95 %). `initiators`: cancelled_by, orders, of the cancelled orders.
    `daily`: date, state, orders for every day and state of the period.
    `groups`: a row a category or product (see `review_orders`), None when not asked for.
    `partly_cancelled`: orders that lost some units and not all; they stand under another state.
    `mixed`: orders whose lines stand differently, placed by the rule of this module.
    `units`, `units_cancelled`: of the lines that match the filter.
    """

    states: pd.DataFrame
    rates: pd.DataFrame
    initiators: pd.DataFrame
    daily: pd.DataFrame
    groups: pd.DataFrame | None
    orders: int
    on_hold: int
    partly_cancelled: int
    mixed: int
    units: int
    units_cancelled: int

    def rate(self, name: str = "buyer_or_seller") -> float:
        """One of the rates as a fraction; nan when no order was placed."""
        return float(self.rates["rate"][self.rates["name"] == name].iloc[0])


def review_orders(
    orders: pd.DataFrame,
    as_of: date,
    days: int,
    category: str | None = None,
    product: str | None = None,
    by: str | None = None,
    came_back: Collection[str] = (),
) -> OrderCounts:
    """Orders by status of the `days` days up to and with `as_of`, by order date.

    `orders` are ORDER_LINES with the statuses to be counted (of a past day: `study.cut.cut_orders`). With
    `category` or `product` (a title, the platform's product id, a SKU or the seller's number) an order
    counts when any of its lines matches. With `by` (`category` or `product`), `groups` has a row a
    group: group, orders, one column a state, partly_cancelled, cancelled_rate, low, high, units,
    units_cancelled; most orders first. An order with lines in two groups counts in both, so the rows
    can add up to more than the whole. `came_back` are orders that the carrier brought back although no
    time of shipping is known, as their reason tells. Raises SettingsError for an unknown `by` or no day at all.
    """
    if by is not None and by not in GROUPINGS:
        raise SettingsError(f"by must be one of {', '.join(GROUPINGS)}, not {by!r}")
    if days < 1:
        raise SettingsError(f"days must be 1 or more, not {days!r}")
    rows = np.flatnonzero(in_days(local_days(orders["created_at"]), as_of, days))
    lines = _lines(orders, rows, came_back)
    placed, own = _placed(lines), np.arange(len(rows))
    matching, matched = own, placed
    if category or product:
        matching = np.flatnonzero(_matches(orders, rows, category, product))
        matched = placed.of_orders(different(lines.order.number[matching]))
    counts = np.array([np.count_nonzero(matched.state == state) for state in STATES])
    total = len(matched.state)
    share = counts / total if total else np.full(len(STATES), np.nan)
    gone = pd.Series(matched.cancelled_by[matched.state == "cancelled"], dtype="str", name="cancelled_by")
    return OrderCounts(
        states=pd.DataFrame({"state": texts(STATES), "orders": counts, "share": share}),
        rates=_rates(matched),
        initiators=gone.value_counts().rename_axis("cancelled_by").rename("orders").reset_index(),
        daily=_daily(matched, as_of, days),
        groups=None if by is None else _groups(orders, rows[matching], lines, matching, placed, by),
        orders=total,
        on_hold=int((matched.on_hold & (matched.state == "to_ship")).sum()),
        partly_cancelled=int(matched.partly.sum()),
        mixed=int(matched.mixed.sum()),
        units=int(lines.quantity[matching].sum()),
        units_cancelled=int(lines.lost[matching].sum()),
    )


@dataclass(frozen=True)
class _Lines:
    """Order lines (rows,): their `order`, units, the units they lost to a cancellation, how far they have come.

    `by_time`: the rows as they were cancelled; `sent`: gone although it was sent; `placed_on` (datetime64[D]): the
    day of the order, by the shop's own clock.
    """

    order: Groups
    by_time: NDArray[np.int64]
    quantity: NDArray[np.int64]
    lost: NDArray[np.int64]
    rank: NDArray[np.int64]
    sent: NDArray[np.bool_]
    on_hold: NDArray[np.bool_]
    cancelled_by: NDArray[Any]
    placed_on: NDArray[Any]


def _lines(orders: pd.DataFrame, rows: NDArray[np.int64], came_back: Collection[str]) -> _Lines:
    """The `rows` of the order lines."""
    line = {name: array_of(orders[name])[rows] for name in _NEEDED}
    quantity, affected = line["quantity"], line["quantity_affected"]
    cancelled = line["status"] == "cancelled"
    marked = line["after_sale"] == "cancel"
    said = (marked | cancelled) & (affected > 0)
    lost = np.where(said, np.minimum(affected, quantity), np.where(cancelled, quantity, 0)).astype(np.int64)
    gone = cancelled | (marked & (quantity > 0) & (lost >= quantity))
    rank = np.array([_RANK.get(status, _RANK["unknown"]) for status in line["status"].tolist()], dtype=np.int64)
    sent = ~np.isnat(line["shipped_at"]) & ~(line["cancelled_at"] < line["shipped_at"])
    sent |= are_among(orders["order_id"], np.array(list(came_back), dtype=object))[rows]
    # As they were cancelled, lines without a time first: orders stand in this order, and the last line ended its order.
    undated = np.isnat(line["cancelled_at"])
    by_time = np.lexsort((np.where(undated, np.datetime64(0, "us"), line["cancelled_at"]), ~undated))
    ordered = Groups.of(codes_of(orders["order_id"])[0][rows[by_time]], unsorted=True)
    number = np.empty(len(rows), dtype=np.int64)
    number[by_time] = ordered.number
    return _Lines(
        Groups(number, len(ordered)),
        by_time,
        quantity,
        lost,
        np.where(gone, _GONE, rank),
        gone & sent,
        line["status"] == "on_hold",
        line["cancelled_by"],
        local_days(orders["created_at"])[rows],
    )


@dataclass(frozen=True)
class _Placed:
    """Orders (orders,) where they stand."""

    state: NDArray[Any]
    mixed: NDArray[np.bool_]
    partly: NDArray[np.bool_]
    on_hold: NDArray[np.bool_]
    cancelled_by: NDArray[Any]
    placed_on: NDArray[Any]

    def of_orders(self, chosen: NDArray[np.int64]) -> _Placed:
        return _Placed(*(getattr(self, column.name)[chosen] for column in fields(self)))


def _placed(lines: _Lines) -> _Placed:
    """The orders of the lines."""
    order = lines.order
    least, most = order.least(lines.rank), order.most(lines.rank)
    cancelled_by = order.of_rows(lines.by_time).last_of(lines.cancelled_by[lines.by_time])
    state = np.array([_STATE[rank] for rank in least.tolist()], dtype=object)
    return _Placed(
        np.where((state == "cancelled") & order.any(lines.sent), "failed", state),
        least != most,
        (order.sum(lines.lost) > 0) & (least != _GONE),
        order.any(lines.on_hold),
        np.where(missing(cancelled_by), "unknown", cancelled_by),
        order.least(lines.placed_on),
    )


def _matches(
    orders: pd.DataFrame, rows: NDArray[np.int64], category: str | None, product: str | None
) -> NDArray[np.bool_]:
    kept = np.ones(len(rows), dtype=bool)
    if category:
        kept &= array_of(orders["category"])[rows] == category
    if product:
        names = ("product_name", "product_id", "sku_id", "seller_sku")
        kept &= np.any([array_of(orders[name])[rows] == product for name in names], axis=0)
    return kept


def _rates(placed: _Placed) -> pd.DataFrame:
    rows = []
    for name, (states, whose) in RATES.items():
        counted = np.isin(placed.state, states)
        if whose is not None:
            counted &= np.isin(placed.cancelled_by, whose)
        rows.append({"name": name, "cancelled": int(counted.sum()), "orders": len(placed.state)})
    frame = pd.DataFrame(rows)
    return _with_interval(frame, "cancelled", "rate")


def _with_interval(frame: pd.DataFrame, count: str, rate: str) -> pd.DataFrame:
    counted, total = frame[count].to_numpy(), frame["orders"].to_numpy()
    frame[rate] = np.divide(counted, total, out=np.full(len(frame), np.nan), where=total > 0)
    frame["low"], frame["high"] = wilson(counted, total)
    return frame


def _daily(placed: _Placed, as_of: date, days: int) -> pd.DataFrame:
    dates = pd.date_range(end=pd.Timestamp(as_of), periods=days, unit="us")
    day = (placed.placed_on - dates[0].to_datetime64().astype("datetime64[D]")).astype(np.int64)
    state = np.array([_PLACE[state] for state in placed.state.tolist()], dtype=np.int64)
    counts = np.bincount(day * len(STATES) + state, minlength=days * len(STATES))
    return pd.DataFrame({"date": dates.repeat(len(STATES)), "state": texts(STATES * days), "orders": counts})


def _groups(
    orders: pd.DataFrame,
    rows: NDArray[np.int64],
    lines: _Lines,
    matching: NDArray[np.int64],
    placed: _Placed,
    by: str,
) -> pd.DataFrame:
    """A row a group of the lines `matching`, the `rows` of `orders`; without a category under an empty name."""
    if by == "product":
        key, label = map(array_of, products_of(orders, rows))
    else:
        category = array_of(orders["category"])[rows]
        key = label = np.where(missing(category), "", category)
    groups = Groups.of(key)
    # An order once in each of its groups.
    pairs = Groups.of(groups.number, lines.order.number[matching])
    order = lines.order.number[matching][pairs.first]
    state, pairs_of = placed.state[order], groups.of_rows(pairs.first)
    rated = (state == "cancelled") & np.isin(placed.cancelled_by[order], RATES["buyer_or_seller"][1] or ())
    frame = pd.DataFrame(
        {
            "group": texts(groups.first_of(label)),
            "orders": pairs_of.size(),
            **{name: pairs_of.sum(state == name) for name in STATES},
            "partly_cancelled": pairs_of.sum(placed.partly[order]),
            "cancelled_counted": pairs_of.sum(rated),
        }
    )
    frame = _with_interval(frame, "cancelled_counted", "cancelled_rate")
    frame["units"] = groups.sum(lines.quantity[matching])
    frame["units_cancelled"] = groups.sum(lines.lost[matching])
    return frame.sort_values(["orders", "group"], ascending=[False, True], ignore_index=True)
