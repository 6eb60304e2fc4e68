"""The sales that a shop lost to cancellations and returns, period by period, and how far chance moves the sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis import inference
from cancel_analysis.rates.breakdown import LEAST_VALUED, days_covered, within


@dataclass(frozen=True)
class SalesLost:
    """What the orders placed in the last `days` days lost, in one currency.

    `amount` is the value of the units lost after payment, of `orders` orders; `low` and `high` the 95 % interval of
    what such days bring (a sum of unequal amounts, one an order); `share` of `sales`, the value of all paid or cash
    on delivery lines of these days; `before` the same sum of the `days` days before, NaN where the data do not
    reach so far. `weeks` is the sum of each of the last weeks, oldest first (NaN before the first order). The
    returns of the newest orders are still to come, so newer sums still grow. `known` is false where the files do
    not say what enough of the lines cost; all figures are NaN then. `valued` is the share of the lost lines whose
    amount is known, NaN without any.
    """

    amount: float
    low: float
    high: float
    orders: int
    sales: float
    share: float
    before: float
    days: int
    weeks: tuple[float, ...]
    known: bool
    valued: float = float("nan")


def sales_lost(
    orders: pd.DataFrame, items: pd.DataFrame, currency: str, as_of: date, days: int = 30, weeks: int = 12
) -> SalesLost:
    """The sales lost from `orders` (ORDER_LINES) to `items` (AFFECTED_ITEMS), both cut at the end of `as_of`.

    Amounts of another currency are left out; an amount below zero is a discount and no gain from losing a line.
    """
    lost = items[(items["stage"] != "unpaid") & (items["currency"] == currency)]
    lost = lost.assign(amount=lost["amount"].clip(lower=0))
    period = within(lost, "order_created_at", as_of, days)
    covered = days_covered(orders["created_at"], as_of, weeks * 7 + days)
    valued = float(period["amount"].notna().mean())
    known = not len(period) or valued >= LEAST_VALUED
    nothing = float("nan")
    if not known:
        return SalesLost(
            nothing, nothing, nothing, period["order_id"].nunique(), nothing, nothing, nothing, days, (), False, valued
        )
    by_order = period.groupby("order_id")["amount"].sum().to_numpy()
    amount = float(by_order.sum())
    low, high = inference.weighted_exact_interval(
        amount, float(np.square(by_order).sum()), 1.0, largest_weight=float(by_order.max(initial=0.0)) or 1.0
    )
    placed = within(orders, "created_at", as_of, days)
    never_paid = items.loc[items["stage"] == "unpaid", "order_id"]
    placed = placed[(placed["currency"] == currency) & ~placed["order_id"].isin(never_paid)]
    sales = float(placed["line_amount"].clip(lower=0).sum())

    def total(end: date, length: int) -> float:
        return float(within(lost, "order_created_at", end, length)["amount"].sum())

    return SalesLost(
        amount=amount,
        low=float(low),
        high=float(high) if amount else 0.0,
        orders=len(by_order),
        sales=sales,
        share=amount / sales if sales > 0 else nothing,
        before=total(as_of - timedelta(days=days), days) if covered >= 2 * days else nothing,
        days=days,
        weeks=tuple(
            total(as_of - timedelta(days=7 * past), 7) if covered >= 7 * (past + 1) else nothing
            for past in reversed(range(weeks))
        ),
        known=True,
        valued=valued,
    )
