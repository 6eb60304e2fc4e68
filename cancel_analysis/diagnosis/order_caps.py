"""What the platform's cap on daily orders would cost: the shop's own days, held to a share of their average.

The platform holds a shop over some limits to so many per cent of its average daily orders. What that takes away
is the orders above the cap of each day, so an even shop loses what the percentage says, an uneven one more. The
sources do not say which days the average is of; here it is that of all the days looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing
from cancel_analysis.rates.groups import Groups, array_of
from cancel_analysis.rates.lines import local_days

# Eight weeks: long enough for a range, short enough to be this shop.
WEEKS = 8
# Of fewer weeks a range would be a guess.
LEAST_WEEKS = 2


@dataclass(frozen=True)
class OrderCap:
    """One step of a limit that caps daily orders, and what a week under it costs in the shop's currency.

    `step` is the rate from which on it holds, `cap` the share of `average` daily orders; `reached` whether the
    shop is at this step now. `loss` is the mean of `weeks` weeks of the shop's own, `low` and `high` the least and
    the most that one of them would have lost (None: too few days to tell).
    """

    limit_id: str
    metric: str
    step: float
    cap: float
    reached: bool
    average: float
    weeks: int
    loss: float | None
    low: float | None
    high: float | None
    confidence: str
    source: str


def order_caps(standings: Sequence[Standing], orders: pd.DataFrame, currency: str, as_of: date) -> tuple[OrderCap, ...]:
    """Every cap of the limits that give the shop's verdict, in the order of their steps; empty where none caps orders.

    `orders` are ORDER_LINES up to the end of `as_of`. Sales are those of orders paid or placed as cash on
    delivery, in the shop's currency; only whole weeks that the data cover are looked at.
    """
    capping = [
        (standing, tier)
        for standing in standings
        if standing.gives_verdict
        for tier in standing.limit.tiers
        if tier.cap is not None
    ]
    if not capping:
        return ()
    days = daily_sales(orders, currency, as_of)
    weeks = len(days) // 7
    found = []
    for standing, tier in capping:
        assert tier.cap is not None
        losses = weekly_losses(days, tier.cap) if weeks >= LEAST_WEEKS else pd.Series(dtype="float64")
        known = len(losses) > 0
        found.append(
            OrderCap(
                limit_id=standing.limit.id,
                metric=standing.limit.metric,
                step=tier.value,
                cap=tier.cap,
                reached=standing.tier == tier,
                average=float(days["orders"].mean()) if len(days) else 0.0,
                weeks=weeks,
                loss=float(losses.mean()) if known else None,
                low=float(losses.min()) if known else None,
                high=float(losses.max()) if known else None,
                confidence=standing.limit.confidence,
                source=standing.limit.source,
            )
        )
    return tuple(found)


def daily_sales(orders: pd.DataFrame, currency: str, as_of: date) -> pd.DataFrame:
    """Orders and sales of each day of the last whole weeks that the data cover, eight at most: date, orders, sales."""
    paid = (~np.isnat(array_of(orders["paid_at"])) | array_of(orders["is_cod"])) & (
        array_of(orders["currency"]) == currency
    )
    day = local_days(orders["created_at"])[paid]
    if not len(day):
        return pd.DataFrame({"orders": [], "sales": []})
    covered = int((np.datetime64(as_of) - np.fmin.reduce(day)).astype(np.int64)) + 1
    length = min(covered // 7, WEEKS) * 7
    index = pd.date_range(end=pd.Timestamp(as_of), periods=length, unit="us")
    first = np.datetime64(as_of) - np.timedelta64(max(length, 1) - 1, "D")
    inside = (day >= first) & (day <= np.datetime64(as_of)) & (length > 0)
    by_day = Groups((day[inside] - first).astype(np.int64), length)
    amounts = np.maximum(array_of(orders["line_amount"])[paid][inside], 0.0)
    counts = by_day.different(array_of(orders["order_id"])[paid][inside]).astype(np.float64)
    return pd.DataFrame({"orders": counts, "sales": by_day.sum(amounts)}, index=index)


def weekly_losses(days: pd.DataFrame, cap: float) -> pd.Series:
    """What each week of `days` would have lost, had no day taken more than `cap` times the days' average of orders.

    A day's lost orders are worth what its orders were worth on average.
    """
    orders, sales = days["orders"].to_numpy(), days["sales"].to_numpy()
    lost = np.maximum(orders - cap * orders.mean(), 0.0)
    money = np.divide(lost, orders, out=np.zeros(len(days)), where=orders > 0) * sales
    return pd.Series(Groups(np.arange(len(days)) // 7, -(-len(days) // 7)).sum(money))
