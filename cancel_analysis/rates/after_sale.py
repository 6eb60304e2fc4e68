"""After-sale rates at a fixed age: of the orders delivered in a week, how many were asked back, accepted, completed
by day 7, 14 and 30 after delivery, so that an old week and a young one compare.

The day on which a request was accepted is in no export. Accepted are therefore the requests of the first days that
have been accepted by now; while some still wait, a week says how many. Asked and completed have days of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.inference import complete, triangle
from cancel_analysis.rates.deliveries import Deliveries, deliveries
from cancel_analysis.rates.lines import local_days

KINDS = ("requested", "accepted", "completed")
AGES = (7, 14, 30)
# What may still be accepted, or whose state no catalog knows.
WAITING = ("pending", "unknown")
ACCEPTED = ("in_process", "completed")
COLUMNS = [
    "first_day", "last_day", "orders", "kind", "age", "old_enough", "count", "waiting", "rate", "expected", "low",
    "high",
]  # fmt: skip


@dataclass(frozen=True)
class AfterSaleRates:
    """A row a week of deliveries, kind (`KINDS`) and age (`AGES`), oldest first (`COLUMNS`).

    `old_enough`: all of the week's orders have been delivered for that many days; until then `count` and `rate` are
    what is seen so far, and `expected`, `low`, `high` (rates, 95 %) what will have been seen at that age, where it was
    asked for and can be said (NaN else). `waiting`: of the requests counted in an `accepted` row those without an
    answer. `reason` is empty, or why nothing can be said: `no_file`, `no_days` (returns are marked without a day),
    `short_history` (no whole week of deliveries).
    """

    frame: pd.DataFrame
    reason: str = ""


def after_sale_rates(
    facts: pd.DataFrame, orders: pd.DataFrame, returns: pd.DataFrame | None, as_of: date, *, predict: bool = False
) -> AfterSaleRates:
    """The rates at the end of `as_of` from order facts, ORDER_LINES and RETURNS, all cut at that day.

    A week is the seven days to the weekday of `as_of`, as in `still_to_come`. Every request of a delivered order made
    on the day of its first parcel's delivery or later counts as requested, also one that was rejected or withdrawn;
    of several the first. With `predict` young weeks get intervals from `inference.complete` (a tenth of a second each).
    """
    empty = pd.DataFrame(columns=COLUMNS)
    if returns is None:
        return AfterSaleRates(empty, "no_days" if bool(facts["returned_any"].any()) else "no_file")
    arrived = deliveries(orders, facts)
    if not len(arrived.ids) or (np.datetime64(as_of) - arrived.last.min()).astype(int) < 6:
        return AfterSaleRates(empty, "short_history")
    day = (np.datetime64(as_of) - arrived.last).astype(np.int64)
    weeks = int(day.max() + 1) // 7
    delays, waiting = _delays(returns, arrived)

    def by_week(rows: np.ndarray) -> np.ndarray:
        # The oldest week comes first.
        return np.bincount(day[rows] // 7, minlength=weeks)[:weeks][::-1]

    back = 7 * np.arange(weeks)[::-1]
    total, last_day = by_week(np.ones(len(day), dtype=bool)), np.datetime64(as_of) - back
    frames = []
    for kind in KINDS:
        for age in AGES:
            seen, whole = delays[kind] <= age, back >= age
            count = by_week(seen)
            ends = np.full((3, weeks), np.nan)
            if predict and kind != "accepted":
                said = _predicted(day, np.where(seen, delays[kind], np.nan), age, weeks)[::-1].T
                ends = np.divide(said, total, out=ends, where=~whole & (total > 0))
            frames.append(
                {
                    "first_day": last_day - 6, "last_day": last_day, "orders": total, "kind": np.full(weeks, kind),
                    "age": np.full(weeks, age), "old_enough": whole, "count": count,
                    "waiting": by_week(waiting <= age) if kind == "accepted" else np.zeros(weeks, dtype=np.int64),
                    "rate": np.divide(count, total, out=np.full(weeks, np.nan), where=total > 0),
                    "expected": ends[1], "low": ends[0], "high": ends[2],
                }
            )  # fmt: skip
    # A row a week and kind and age: of each week all kinds beside each other.
    columns = {name: np.stack([frame[name] for frame in frames], axis=1).ravel() for name in COLUMNS}
    for name in ("first_day", "last_day"):
        columns[name] = columns[name].astype("datetime64[us]")
    return AfterSaleRates(pd.DataFrame({**columns, "kind": pd.array(columns["kind"].tolist(), dtype="str")}))


def _delays(returns: pd.DataFrame, arrived: Deliveries) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Kind → days from delivery to the first such event, by order (NaN: none); and to the first request that waits,
    unless another of the order was accepted."""
    place, status = arrived.places(returns["order_id"]), returns["status"]
    asked_day, paid_day = local_days(returns["requested_at"]), local_days(returns["refunded_at"])
    # Of an order that was not delivered there is no day, and nothing is after it.
    after = (place >= 0) & (asked_day >= arrived.first[place])

    def earliest(days: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        rows = after & chosen & ~np.isnat(days)
        found = np.full(len(arrived.ids), np.inf)
        # Of an order in several parcels one can come back before the last has arrived.
        late = np.maximum((days[rows] - arrived.last[place[rows]]).astype(np.int64), 0)
        np.minimum.at(found, place[rows], late)
        return np.where(np.isinf(found), np.nan, found)

    kinds = {
        "requested": earliest(asked_day, after),
        "accepted": earliest(asked_day, status.isin(ACCEPTED).to_numpy()),
        "completed": earliest(paid_day, (status == "completed").to_numpy()),
    }
    waits = earliest(asked_day, status.isin(WAITING).to_numpy())
    return kinds, np.where(np.isnan(kinds["accepted"]), waits, np.nan)


def _predicted(day: np.ndarray, delay: np.ndarray, age: int, weeks: int) -> np.ndarray:
    """Of each week (0: the newest) low, expected and high count at that age; NaN where nothing can be said."""
    days = int(day.max()) + 1
    start = days - 1 - day
    total = np.bincount(start, minlength=days).astype(float)
    found = complete(total, triangle(start, delay, days, age))
    ends = found.weeks[["low_95", "expected", "high_95"]].to_numpy(dtype=float)
    return ends[::-1][:weeks]
