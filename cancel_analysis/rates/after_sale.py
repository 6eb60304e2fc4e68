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
    days = orders["delivered_at"].dt.tz_localize(None).dt.normalize().groupby(orders["order_id"])
    delivered = facts.loc[facts["delivered"], "order_id"]
    # Looked up by index: membership of texts costs more than all the counting.
    last = days.max().reindex(delivered).dropna()
    first = days.min().reindex(last.index)
    if last.empty or (pd.Timestamp(as_of) - last.min()).days < 6:
        return AfterSaleRates(empty, "short_history")
    day = (pd.Timestamp(as_of) - last).dt.days.to_numpy()
    weeks = int(day.max() + 1) // 7
    delays, waits = _delays(returns, first, last)
    total = np.bincount(day // 7, minlength=weeks)[:weeks]
    rows = []
    for kind in KINDS:
        delay = delays[kind].reindex(last.index).to_numpy(dtype=float)
        waiting = waits.reindex(last.index).to_numpy(dtype=float)
        for age in AGES:
            seen = delay <= age
            count = np.bincount(day[seen] // 7, minlength=weeks)[:weeks]
            open_requests = np.bincount(day[waiting <= age] // 7, minlength=weeks)[:weeks]
            ends = (
                _predicted(day, np.where(seen, delay, np.nan), age, weeks) if predict and kind != "accepted" else None
            )
            for week in reversed(range(weeks)):
                whole = 7 * week >= age
                rate = count[week] / total[week] if total[week] else np.nan
                low, expected, high = (
                    (np.nan,) * 3 if whole or ends is None or not total[week] else ends[week] / total[week]
                )
                rows.append(
                    (
                        pd.Timestamp(as_of) - pd.Timedelta(days=7 * week + 6),
                        pd.Timestamp(as_of) - pd.Timedelta(days=7 * week),
                        total[week], kind, age, whole, count[week],
                        open_requests[week] if kind == "accepted" else 0, rate, expected, low, high,
                    )
                )  # fmt: skip
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return AfterSaleRates(frame.sort_values(["first_day"], kind="stable", ignore_index=True))


def _delays(returns: pd.DataFrame, first: pd.Series, last: pd.Series) -> tuple[dict[str, pd.Series], pd.Series]:
    """Kind → days from delivery to the first such event by order; and to the first request that waits, unless another
    of the order was accepted."""
    asked_day, paid_day = (
        returns[name].dt.tz_localize(None).dt.normalize() for name in ("requested_at", "refunded_at")
    )
    # Of an order that was not delivered there is no day, and nothing is after it.
    after = (asked_day >= first.reindex(returns["order_id"]).to_numpy()).to_numpy()
    rows, asked_day, paid_day = returns[after], asked_day[after], paid_day[after]
    end = last.reindex(rows["order_id"]).to_numpy()
    # Of an order in several parcels one can come back before the last has arrived.
    asked, paid = (((day - end).dt.days.clip(lower=0)) for day in (asked_day, paid_day))

    def earliest(days: pd.Series, chosen: pd.Series) -> pd.Series:
        found: pd.Series = days[chosen].dropna().groupby(rows.loc[days[chosen].dropna().index, "order_id"]).min()
        return found

    every = pd.Series(True, index=rows.index)
    kinds = {
        "requested": earliest(asked, every),
        "accepted": earliest(asked, rows["status"].isin(ACCEPTED)),
        "completed": earliest(paid, rows["status"] == "completed"),
    }
    waits = earliest(asked, rows["status"].isin(WAITING))
    return kinds, waits[~waits.index.isin(kinds["accepted"].index)]


def _predicted(day: np.ndarray, delay: np.ndarray, age: int, weeks: int) -> np.ndarray:
    """Of each week (0: the newest) low, expected and high count at that age; NaN where nothing can be said."""
    days = int(day.max()) + 1
    start = days - 1 - day
    total = np.bincount(start, minlength=days).astype(float)
    found = complete(total, triangle(start, delay, days, age))
    ends = found.weeks[["low_95", "expected", "high_95"]].to_numpy(dtype=float)
    return ends[::-1][:weeks]
