"""The sales that a shop lost to cancellations and returns, period by period, and how far chance moves the sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis import inference
from cancel_analysis.rates.breakdown import LEAST_VALUED, days_covered
from cancel_analysis.rates.groups import Groups, are_among, array_of
from cancel_analysis.rates.lines import in_days, local_days


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
    lost = (array_of(items["stage"]) != "unpaid") & (array_of(items["currency"]) == currency)
    day, value = local_days(items["order_created_at"]), np.maximum(items["amount"].to_numpy(), 0.0)
    period = lost & in_days(day, as_of, days)
    covered = days_covered(orders["created_at"], as_of, weeks * 7 + days)
    valued = float((~np.isnan(value[period])).mean()) if period.any() else float("nan")
    known = not period.any() or valued >= LEAST_VALUED
    nothing = float("nan")
    of_order = Groups.of(array_of(items["order_id"])[period])
    if not known:
        return SalesLost(
            nothing, nothing, nothing, len(of_order), nothing, nothing, nothing, days, (), False, valued
        )  # fmt: skip
    by_order = of_order.sum(value[period])
    amount = float(by_order.sum())
    low, high = inference.weighted_exact_interval(
        amount, float(np.square(by_order).sum()), 1.0, largest_weight=float(by_order.max(initial=0.0)) or 1.0
    )
    never_paid = array_of(items["order_id"])[array_of(items["stage"]) == "unpaid"]
    placed = in_days(local_days(orders["created_at"]), as_of, days) & (array_of(orders["currency"]) == currency)
    placed &= ~are_among(orders["order_id"], never_paid)
    sales = float(np.nansum(np.maximum(orders["line_amount"].to_numpy()[placed], 0.0)))

    def total(end: date, length: int) -> float:
        return float(np.nansum(value[lost & in_days(day, end, length)]))

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
