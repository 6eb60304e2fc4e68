"""What the platform's cap on daily orders would cost: the shop's own days, held to a share of their average.

The platform holds a shop over some limits to so many per cent of its average daily orders. What that takes away
is the orders above the cap of each day, so an even shop loses what the percentage says, an uneven one more. The
sources do not say which days the average is of; here it is that of all the days looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing

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
    paid = orders[(orders["paid_at"].notna() | orders["is_cod"]) & (orders["currency"] == currency)]
    days = paid["created_at"].dt.tz_localize(None).dt.normalize()
    if paid.empty:
        return pd.DataFrame({"orders": [], "sales": []})
    covered = (pd.Timestamp(as_of) - days.min()).days + 1
    length = min(covered // 7, WEEKS) * 7
    index = pd.date_range(end=pd.Timestamp(as_of), periods=length, unit="us")
    table = paid.assign(day=days, sales=paid["line_amount"].clip(lower=0)).groupby("day")
    frame = pd.DataFrame({"orders": table["order_id"].nunique(), "sales": table["sales"].sum()})
    return frame.reindex(index, fill_value=0).astype("float64")


def weekly_losses(days: pd.DataFrame, cap: float) -> pd.Series:
    """What each week of `days` would have lost, had no day taken more than `cap` times the days' average of orders.

    A day's lost orders are worth what its orders were worth on average.
    """
    allowed = cap * days["orders"].mean()
    lost = (days["orders"] - allowed).clip(lower=0)
    money = (lost / days["orders"].where(days["orders"] > 0)).fillna(0.0) * days["sales"]
    week = pd.Series(range(len(days)), index=days.index) // 7
    losses: pd.Series = money.groupby(week).sum()
    return losses
