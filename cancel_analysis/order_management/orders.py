"""Orders by status: how many stand where, for any period, in all or by category or product.

One rule places an order whose lines stand differently: it counts where its least advanced line that is
not cancelled stands, because that line is what is still to be done; it is cancelled only when every
line is. The rule looks at all lines of an order, also when only some of them match a filter, so an
order stands in the same place in every view.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import pandas as pd

from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import wilson
from cancel_analysis.rates.breakdown import with_products, within

# From the least advanced on. `failed` is what the platform lists under cancelled although the parcel was sent.
STATES = ("unpaid", "to_ship", "shipped", "completed", "cancelled", "failed", "unknown")
GROUPINGS = ("category", "product")
# How far a line has come; one that is gone counts only when nothing else is left.
_RANK = {"unpaid": 0, "on_hold": 1, "to_ship": 1, "shipped": 2, "completed": 3, "unknown": 8}
_GONE = 9
_NEEDED = ["order_id", "rank", "sent", "on_hold", "lost", "cancelled_by", "cancelled_at", "created_at"]
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
    lines = _lines(within(orders, "created_at", as_of, days), came_back)
    placed, matching = _placed(lines), lines
    if category or product:
        matching = lines[_matches(lines, category, product)]
        placed = placed[placed.index.isin(matching["order_id"])]
    counts = placed["state"].value_counts().reindex(list(STATES), fill_value=0)
    states = counts.rename_axis("state").rename("orders").reset_index()
    states["share"] = states["orders"] / len(placed) if len(placed) else float("nan")
    gone = placed[placed["state"] == "cancelled"]
    initiators = gone["cancelled_by"].value_counts().rename_axis("cancelled_by").rename("orders").reset_index()
    return OrderCounts(
        states=states,
        rates=_rates(placed),
        initiators=initiators,
        daily=_daily(placed, as_of, days),
        groups=None if by is None else _groups(matching, placed, by),
        orders=len(placed),
        on_hold=int((placed["on_hold"] & (placed["state"] == "to_ship")).sum()),
        partly_cancelled=int(placed["partly"].sum()),
        mixed=int(placed["mixed"].sum()),
        units=int(matching["quantity"].sum()),
        units_cancelled=int(matching["lost"].sum()),
    )


def _lines(orders: pd.DataFrame, came_back: Collection[str]) -> pd.DataFrame:
    """The lines with the units they lost to a cancellation and how far they have come."""
    cancelled = orders["status"] == "cancelled"
    marked = (orders["after_sale"] == "cancel").fillna(False).astype(bool)
    said = orders["quantity_affected"].clip(upper=orders["quantity"]).where(orders["quantity_affected"] > 0)
    lost = said.where(marked | cancelled).fillna(orders["quantity"].where(cancelled, 0)).astype("int64")
    gone = cancelled | (marked & (orders["quantity"] > 0) & (lost >= orders["quantity"]))
    rank = orders["status"].map(_RANK).fillna(_RANK["unknown"]).astype("int64").mask(gone, _GONE)
    sent = orders["shipped_at"].notna() & ~(orders["cancelled_at"] < orders["shipped_at"])
    sent |= orders["order_id"].isin(list(came_back))
    return with_products(orders).assign(lost=lost, rank=rank, sent=gone & sent, on_hold=orders["status"] == "on_hold")


def _placed(lines: pd.DataFrame) -> pd.DataFrame:
    """One row an order: state, mixed, partly, on_hold, cancelled_by, created_at; indexed by order_id."""
    # Of several cancellations the last one ended the order.
    ordered = lines[_NEEDED].sort_values("cancelled_at", kind="stable", na_position="first")
    grouped = ordered.groupby("order_id", sort=False)
    placed = grouped.agg(
        least=("rank", "min"),
        most=("rank", "max"),
        sent=("sent", "any"),
        on_hold=("on_hold", "any"),
        lost=("lost", "sum"),
        cancelled_by=("cancelled_by", "last"),
        created_at=("created_at", "min"),
    )
    state = placed["least"].map(_STATE)
    placed["state"] = state.mask((state == "cancelled") & placed["sent"], "failed")
    placed["mixed"] = placed["least"] != placed["most"]
    placed["partly"] = (placed["lost"] > 0) & (placed["least"] != _GONE)
    placed["cancelled_by"] = placed["cancelled_by"].fillna("unknown")
    return placed


def _matches(lines: pd.DataFrame, category: str | None, product: str | None) -> pd.Series:
    kept = pd.Series(True, index=lines.index)
    if category:
        kept &= (lines["category"] == category).fillna(False)
    if product:
        names = lines[["product_name", "product_id", "sku_id", "seller_sku"]]
        kept &= (names == product).any(axis=1)
    return kept.astype(bool)


def _rates(placed: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, (states, whose) in RATES.items():
        counted = placed["state"].isin(states)
        if whose is not None:
            counted &= placed["cancelled_by"].isin(whose)
        rows.append({"name": name, "cancelled": int(counted.sum()), "orders": len(placed)})
    frame = pd.DataFrame(rows)
    return _with_interval(frame, "cancelled", "rate")


def _with_interval(frame: pd.DataFrame, count: str, rate: str) -> pd.DataFrame:
    total = frame["orders"].astype("float64")
    frame[rate] = frame[count] / total.where(total > 0)
    frame["low"], frame["high"] = wilson(frame[count].to_numpy(), frame["orders"].to_numpy())
    return frame


def _daily(placed: pd.DataFrame, as_of: date, days: int) -> pd.DataFrame:
    dates = pd.date_range(end=pd.Timestamp(as_of), periods=days, unit="us")
    every = pd.MultiIndex.from_product([dates, list(STATES)], names=["date", "state"])
    day = placed["created_at"].dt.tz_localize(None).dt.normalize().rename("date")
    counts = placed.groupby([day, "state"]).size()
    return counts.reindex(every, fill_value=0).rename("orders").reset_index()


def _groups(matching: pd.DataFrame, placed: pd.DataFrame, by: str) -> pd.DataFrame:
    """A row a group; lines without a category stand under an empty name."""
    if by == "product":
        key, label = matching["product_key"], matching["product"]
    else:
        key = label = matching["category"].fillna("")
    lines = matching.assign(key=key, label=label)
    summed = lines.groupby("key").agg(
        group=("label", "first"), units=("quantity", "sum"), units_cancelled=("lost", "sum")
    )
    pairs = lines[["key", "order_id"]].drop_duplicates()
    pairs = pairs.join(placed[["state", "partly", "cancelled_by"]], on="order_id")
    states = pairs.groupby(["key", "state"]).size().unstack(fill_value=0).reindex(columns=list(STATES), fill_value=0)
    rated = (pairs["state"] == "cancelled") & pairs["cancelled_by"].isin(RATES["buyer_or_seller"][1] or ())
    frame = summed.join(states)
    frame["orders"] = frame[list(STATES)].sum(axis=1)
    frame["partly_cancelled"] = pairs.groupby("key")["partly"].sum()
    frame["cancelled_counted"] = rated.groupby(pairs["key"]).sum()
    frame = _with_interval(frame, "cancelled_counted", "cancelled_rate")
    frame = frame.sort_values(["orders", "group"], ascending=[False, True])
    columns = ["group", "orders", *STATES, "partly_cancelled", "cancelled_counted", "cancelled_rate", "low", "high"]
    return frame[[*columns, "units", "units_cancelled"]].reset_index(drop=True)
