"""Returns still to come after delivery, and cancellations still to come of open orders: recent weeks completed.

Orders are counted, not lines: the lines of one order come back together, and the return rate that a
platform shows is one of orders. A week is the seven days to the weekday of the last day seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cancel_analysis.catalog.policies import deadlines
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.inference import Completion, complete, triangle, whole_interval
from cancel_analysis.rates.deliveries import NEVER, Deliveries, deliveries
from cancel_analysis.rates.lines import local_days

# No market's return window, and no return of a shop, is looked at further than this after delivery.
LONGEST = 45
# Of orders still open the delays of cancellations say how long they can come, but at least a week.
SHORTEST_OPEN = 7
# So many of the delays (one in any case) may be longer than the horizon; they are counted at its end.
LATE_SHARE = 0.01
# Where more returned orders than this have no day of asking, their delays cannot be told.
MOST_DAYLESS = 0.05
OPEN_STATUSES = ("to_ship", "on_hold")
SUMMED = ("orders", "seen", "still_open")
COUNTS = ("low_80", "high_80", "low_95", "high_95")
WEEK_COLUMNS = [
    "first_day", "last_day", "orders", "seen", "still_open", "maturity", "completeness", "mature", "expected", *COUNTS,
    "rate_seen", "rate_expected", *(f"rate_{column}" for column in COUNTS),
]  # fmt: skip


@dataclass(frozen=True)
class Together:
    """Some weekly cohorts as one: how many orders and events, and how many events in the end.

    Intervals are of the final count; NaN where no whole count holds the level to within two points.
    """

    first_day: pd.Timestamp
    last_day: pd.Timestamp
    weeks: int
    orders: int
    seen: int
    still_open: int
    expected: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float

    @property
    def completeness(self) -> float:
        """The share of the events expected in the end that are in."""
        return self.seen / self.expected if self.expected > 0 else float("nan")


@dataclass(frozen=True)
class ToCome:
    """Weekly cohorts with what they have shown and what they will have shown in the end.

    `weeks` (`WEEK_COLUMNS`), oldest first: orders delivered (or placed and paid), `seen` of them with a
    return asked for (or cancelled); maturity, the share of the cohort's time that has passed;
    completeness, the estimated share of its events that are in; `mature` from 95 % on (without an
    estimate: when its whole time has passed); expected, low and high of the final count; the same as
    rates of the orders. NaN: cannot say. `horizon`: days after which nothing more comes; `origin` of it:
    `market` (the platform's return window, `source`), `data` (the shop's own delays go further, or no
    window is known), `longest` (neither is known). `reason` is empty when anything can be said, else
    `no_file`, `no_days`, `short_history` or `few_events`.
    """

    weeks: pd.DataFrame
    horizon: int
    origin: str
    source: str
    reason: str
    completion: Completion | None = None

    @property
    def can_say(self) -> bool:
        return not self.reason

    def together(self, chosen: ArrayLike) -> Together | None:
        """The weeks where `chosen` (a mask of `weeks`) is true as one; None when there is none or nothing to say."""
        kept = np.asarray(chosen, dtype=bool)
        if self.completion is None or not self.can_say or not kept.any():
            return None
        first_day, last_day = (self.weeks[name].array[kept] for name in ("first_day", "last_day"))
        orders, seen, still_open = (int(self.weeks[name].to_numpy()[kept].sum()) for name in SUMMED)
        more = self.completion.more[:, kept].sum(axis=1)
        ends = [seen + end for level in (0.8, 0.95) for end in whole_interval(more, level)]
        return Together(
            first_day[0], last_day[-1], int(kept.sum()), orders, seen, still_open, seen + float(more.mean()), *ends
        )

    @cached_property
    def open_weeks(self) -> Together | None:
        """All weeks whose time has not passed yet, as one; None when there is none or nothing can be said."""
        return self.together(self.weeks["maturity"] < 1)

    @cached_property
    def settled_until(self) -> date | None:
        """The last day of the newest week that is mature with all before it; None when there is none."""
        mature = self.weeks["mature"].to_numpy(dtype=bool)
        count = len(mature) if mature.all() else int(mature.argmin())
        return self.weeks["last_day"].iloc[count - 1].date() if count else None


def returns_to_come(
    facts: pd.DataFrame, orders: pd.DataFrame, returns: pd.DataFrame | None, shop: ShopSettings, as_of: date
) -> ToCome:
    """Orders by the week of their delivery: how many have a return asked for, how many will have in the end.

    `facts` are order facts, `orders` ORDER_LINES and `returns` RETURNS, all cut at `as_of`. A return
    counts from the day it was asked for, open requests too, rejected and withdrawn ones not.
    """
    arrived = deliveries(orders, facts)
    asked = _asked(facts, returns, arrived)
    marked = int(facts["returned_any"].sum())
    dayless = marked - int((~np.isnat(asked)).sum())
    delay = _days(asked - arrived.last)
    horizon, origin, source = return_horizon(shop, as_of, delay)
    reason = ""
    if returns is None or not len(arrived.ids):
        # The order export may mark what came back; it does not say when.
        reason = "no_days" if marked else "no_file"
    elif dayless > MOST_DAYLESS * max(marked, 1):
        reason = "no_days"
    return _completed(_day_number(arrived.last, as_of), delay, horizon, origin, source, reason, as_of)


def cancellations_to_come(facts: pd.DataFrame, orders: pd.DataFrame, as_of: date) -> ToCome:
    """Paid orders by the week they were placed: how many were cancelled before they were sent, how many will be.

    Only orders still open at the end of `as_of` (paid, waiting to be sent) can still be cancelled. Where the files do
    not say when orders were cancelled, how long that takes is not known, nor what is still to come (`no_days`).
    """
    paid = facts["paid"].to_numpy()
    cancelled, shipped, delivered, came_back, undated = (
        facts[name].to_numpy()[paid] for name in ("cancelled", "shipped", "delivered", "came_back", "cancel_undated")
    )
    created, ended = (
        facts[name].to_numpy()[paid].astype("datetime64[D]") for name in ("created_date", "cancelled_date")
    )
    waiting = pd.Index(orders["order_id"].array[orders["status"].isin(OPEN_STATUSES).to_numpy()]).unique()
    open_now = waiting.get_indexer(facts["order_id"].array[paid]) >= 0
    still_open = open_now & ~(cancelled | shipped | delivered | came_back)
    start, delay = _day_number(created, as_of), _days(ended - created)
    dayless = cancelled & undated
    if dayless.sum() > MOST_DAYLESS * max(int(cancelled.sum()), 1):
        return _completed(start, delay, LONGEST, "longest", "", "no_days", as_of, still_open)
    delay[dayless] = np.nan
    horizon = max(_longest(delay), SHORTEST_OPEN)
    return _completed(start, delay, horizon, "data", "", "", as_of, still_open)


def return_horizon(shop: ShopSettings, as_of: date, delay: ArrayLike) -> tuple[int, str, str]:
    """Days after delivery within which returns are asked for, where that is from, and its source in words.

    The longest of the surest return windows that the catalog knows for the market (which of several holds for
    an article is not in the files), or further when more than 1 % of the shop's own delays are longer; 45 days at most.
    """
    known = [] if shop.mapping is not None else list(deadlines(shop.market, "return_window"))
    known = [window for window in known if window.in_force(as_of) and window.confidence != "unverified"]
    surest = [window for window in known if window.confidence == known[0].confidence]
    longest = max(surest, key=lambda window: window.value or 0, default=None)
    own = _longest(delay)
    if longest is None:
        # Without a window the files alone cannot say that nothing comes later.
        return LONGEST, "longest", ""
    window = min(int(longest.value or 0), LONGEST)
    return (own, "data", "") if own > window else (window, "market", longest.source)


def _longest(delay: ArrayLike) -> int:
    delays = np.asarray(delay, dtype=float)
    known = delays[~np.isnan(delays)]
    return min(int(np.quantile(known, 1 - LATE_SHARE, method="lower")), LONGEST) if len(known) else 0


def _asked(facts: pd.DataFrame, returns: pd.DataFrame | None, arrived: Deliveries) -> np.ndarray:
    """The day on which the first return of each delivered order was asked for; NaT where only a mark tells of it."""
    asked = np.full(len(arrived.ids), np.iinfo(np.int64).max)
    if returns is not None and len(asked):
        of_request, day = arrived.places(returns["order_id"]), local_days(returns["requested_at"])
        told = np.zeros(len(asked), dtype=bool)
        told[of_request[of_request >= 0]] = True
        place = arrived.places(facts["order_id"])
        back = facts["return_date"].to_numpy().astype("datetime64[D]")
        counted = facts["returned_any"].to_numpy() & (place >= 0) & told[place] & ~np.isnat(back)
        np.minimum.at(asked, place[counted], back[counted].astype(np.int64))
        pending = (returns["status"] == "pending").to_numpy() & (of_request >= 0) & (day >= arrived.last[of_request])
        np.minimum.at(asked, of_request[pending], day[pending].astype(np.int64))
    never = asked == np.iinfo(np.int64).max
    # Of an order in several parcels one can come back before the last has arrived.
    return np.where(never, NEVER, np.maximum(asked.astype("datetime64[D]"), arrived.last))


def _days(length: np.ndarray) -> np.ndarray:
    """Lengths of time as days, NaN where there is none."""
    return np.where(np.isnat(length), np.nan, length.astype(np.int64).astype(float))


def _day_number(day: np.ndarray, as_of: date) -> np.ndarray:
    """Days before `as_of`, as negative numbers: 0 is the last day seen."""
    return (day - np.datetime64(as_of)).astype(np.int64)


def _completed(
    start: np.ndarray,
    delay: np.ndarray,
    horizon: int,
    origin: str,
    source: str,
    reason: str,
    as_of: date,
    still_open: np.ndarray | None = None,
) -> ToCome:
    """Cohorts from the days of their orders (0: the last day) and the delays of what followed (NaN: nothing did)."""
    days = int(1 - start.min()) if len(start) else 0
    if days < 7:
        empty = pd.DataFrame(columns=WEEK_COLUMNS).astype({"first_day": "datetime64[us]", "last_day": "datetime64[us]"})
        return ToCome(empty, horizon, origin, source, reason or "short_history")
    number = start + days - 1
    # The few that come after the horizon count at its end: nothing that was seen is lost.
    counts = triangle(number, np.minimum(delay, horizon), days, horizon)
    total = np.bincount(number, minlength=days).astype(float)
    by_day = None if still_open is None else np.bincount(number, weights=still_open, minlength=days)
    found = complete(total, counts, still_open=by_day)
    weeks = {str(name): found.weeks[name].to_numpy() for name in found.weeks}
    if reason:
        weeks |= {name: np.full(len(found.weeks), np.nan) for name in ("seen", "completeness", "expected", *COUNTS)}
    for name in ("first_day", "last_day"):
        weeks[name] = (np.datetime64(as_of) + weeks[name] - (days - 1)).astype("datetime64[us]")
    whole = days - 7 * len(found.weeks)
    orders = weeks["orders"] = weeks.pop("total")
    weeks["maturity"] = _maturity(total[whole:], horizon)
    open_orders = np.zeros(len(orders)) if by_day is None else by_day[whole:].reshape(-1, 7).sum(axis=1)
    weeks["still_open"] = open_orders.astype(int)
    for name, count in (("rate_seen", "seen"), ("rate_expected", "expected"), *((f"rate_{n}", n) for n in COUNTS)):
        weeks[name] = np.divide(weeks[count], orders, out=np.full(len(orders), np.nan), where=orders > 0)
    frame = pd.DataFrame(weeks, columns=WEEK_COLUMNS)
    return ToCome(frame, horizon, origin, source, reason or found.reason, found)


def _maturity(total: np.ndarray, horizon: int) -> np.ndarray:
    """Of each week the share of its orders' days in which something can follow that has passed."""
    days = len(total)
    passed = np.minimum(np.arange(days, 0, -1) / (horizon + 1), 1.0).reshape(-1, 7)
    weight = total.reshape(-1, 7) + 1e-9
    return np.asarray((passed * weight).sum(axis=1) / weight.sum(axis=1))
