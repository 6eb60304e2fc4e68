"""Signals over time: days on which a rate was out of the ordinary, and days since which it is another one.

Orders are counted by the day they were placed. A young day has had less time to lose orders, so every day is
looked at when its orders had the same age, and days that are younger are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from cancel_analysis.catalog.calendars import SpecialDay
from cancel_analysis.inference import ControlChart, change_points, control_chart, wilson
from cancel_analysis.inference.control import LEAST_BASELINE, MONITORED

METRICS = ("order_cancellation_rate", "seller_fault_cancellation_rate")
# Half a year: older days are another shop's.
MOST_DAYS = 182
# Nearly all cancellations of an order have come by the age at which days are compared …
NEARLY_ALL = 0.95
# … as seen in orders of at least this many days; no day waits longer to be shown.
MATURE_DAYS = 14
# Where more of the cancelled orders than this have no day of cancellation, their delays cannot be told.
MOST_UNDATED = 0.05


@dataclass(frozen=True)
class LevelChange:
    """Since `day` the rate is `after`, before it `before`; it can have been any day from `first` to `last` (95 %).

    `low` and `high`: the 95 % interval (Wilson) of `after`, of the orders since that day.
    """

    day: date
    first: date
    last: date
    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True)
class OverTime:
    """One rate by the day of the order, each day looked at `age` days later.

    `days`: date, count, total, rate, level (of the span between two changes), centre, low, high (the
    weekday's usual rate and the limits of a control chart; empty before the chart begins), monitored, alarm
    (`high`, `low` or empty), told (the day is part of a change that is told), event (the name of the public
    holiday or sales day that it was, or empty). `can_say` is false where too
    few days or losses came before the last week.
    """

    metric: str
    age: int
    days: pd.DataFrame
    changes: tuple[LevelChange, ...]
    can_say: bool

    @cached_property
    def alarms(self) -> pd.DataFrame:
        """The rows of days out of the ordinary, without those that only show a change told as one."""
        rows: pd.DataFrame = self.days[(self.days["alarm"] != "") & ~self.days["told"]]
        return rows

    @cached_property
    def told_alarms(self) -> pd.DataFrame:
        """The rows of days that lie outside the level before a change: they show that change and no other thing."""
        rows: pd.DataFrame = self.days[(self.days["alarm"] != "") & self.days["told"]]
        return rows

    @cached_property
    def watched(self) -> tuple[date, date]:
        """The first and the last of the days that were held against the days before them."""
        days = self.days.loc[self.days["monitored"], "date"].dt.date
        return days.iloc[0], days.iloc[-1]


def rates_over_time(
    facts: pd.DataFrame, metric: str, as_of: date, special: Mapping[date, SpecialDay] | None = None
) -> OverTime:
    """The chart and the changes of one of `METRICS`, from order facts (`describe_orders`) at the end of `as_of`.

    `special` are the days that are not like others (`calendars.special_days`). They stay in the chart: that a
    day stands out is seen all the same, and told with its name.
    """
    age = settled_age(facts, metric, as_of)
    counts = daily_counts(facts, metric, as_of, age)
    x, n = counts["count"].to_numpy(), counts["total"].to_numpy()
    found = change_points(x, n) if len(x) >= LEAST_BASELINE + MONITORED else ()
    chart, start = _chart(x, n, [point.day for point in found])
    names = special or {}
    dates = counts["date"].dt.date.tolist()
    # Held against the level before a change, the days since it only show the change.
    newest = found[-1].day if found else 0
    edges = [0, *(point.day for point in found), len(x)]
    span = np.searchsorted(edges, np.arange(len(x)), side="right")
    lost, placed = (np.bincount(span, weights=values)[span] for values in (x, n))

    def charted(name: str, before: object) -> np.ndarray:
        # Before the chart begins there is nothing of it.
        return np.concatenate([np.full(start, before), chart.days[name].to_numpy()])

    days = counts.assign(
        **{name: charted(name, np.nan) for name in ("centre", "low", "high")},
        monitored=charted("monitored", False).astype(bool),
        alarm=pd.array(charted("alarm", "").tolist(), dtype="str"),
        event=pd.array([names[day].name if day in names else "" for day in dates], dtype="str"),
        told=(np.arange(len(x)) >= newest) & (start < newest),
        level=np.divide(lost, placed, out=np.full(len(x), np.nan), where=placed > 0),
    )
    lows, highs = wilson(lost, placed)
    changes = tuple(
        LevelChange(
            day=dates[point.day],
            first=dates[point.first],
            last=dates[point.last],
            before=point.before,
            after=point.after,
            low=float(lows[point.day]),
            high=float(highs[point.day]),
        )
        for point in found
    )
    return OverTime(metric, age, days, changes, chart.can_say)


def settled_age(facts: pd.DataFrame, metric: str, as_of: date) -> int:
    """The least age in days by which nearly all cancellations of old orders had come, 1 to `MATURE_DAYS`."""
    cancelled = facts["cancelled"].to_numpy()
    if (cancelled & facts["cancel_undated"].to_numpy()).sum() > MOST_UNDATED * max(int(cancelled.sum()), 1):
        # The day of the order stands in for that of the cancellation: how long it takes is not known.
        return MATURE_DAYS
    old = _day(facts, "created_date") <= np.datetime64(as_of - timedelta(days=MATURE_DAYS))
    waits = _waits(facts, metric)[old]
    waits = waits[waits <= MATURE_DAYS]
    return max(int(np.quantile(waits, NEARLY_ALL, method="inverted_cdf")), 1) if len(waits) else 1


def daily_counts(facts: pd.DataFrame, metric: str, as_of: date, age: int) -> pd.DataFrame:
    """Per day of the order: date, count (cancelled within `age` days), total, rate; only days of that age.

    The total is all orders placed, for the seller's fault those paid within the same time.
    """
    created, last = _day(facts, "created_date"), np.datetime64(as_of - timedelta(days=age))
    first = max(created.min(), last - (MOST_DAYS - 1)) if len(facts) else last
    days = np.arange(first, last + 1)
    counted = np.ones(len(facts), dtype=bool)
    if metric != METRICS[0]:
        counted = facts["paid"].to_numpy() & (_length(_day(facts, "paid_date") - created) <= age)
    lost = counted & (_waits(facts, metric) <= age)

    def by_day(rows: np.ndarray) -> np.ndarray:
        place = (created[rows] - first).astype(np.int64)
        return np.bincount(place[(place >= 0) & (place < len(days))], minlength=len(days))

    count, total = by_day(lost), by_day(counted)
    rate = np.divide(count, total, out=np.full(len(days), np.nan), where=total > 0)
    return pd.DataFrame({"date": days.astype("datetime64[us]"), "count": count, "total": total, "rate": rate})


def _day(facts: pd.DataFrame, column: str) -> np.ndarray:
    return np.asarray(facts[column].to_numpy().astype("datetime64[D]"))


def _length(time: np.ndarray) -> np.ndarray:
    """Days, NaN where there are none."""
    return np.where(np.isnat(time), np.nan, time.astype(np.int64).astype(float))


def _waits(facts: pd.DataFrame, metric: str) -> np.ndarray:
    """Days from the order to its cancellation; NaN where it was not cancelled in the sense of the metric."""
    flags = ("seller_fault",) if metric == METRICS[1] else ("cancelled_by_buyer", "cancelled_by_seller")
    flag = np.logical_or.reduce([facts[name].to_numpy() for name in flags])
    return np.where(flag, _length(_day(facts, "cancelled_date") - _day(facts, "created_date")), np.nan)


def _chart(x: np.ndarray, n: np.ndarray, changes: list[int]) -> tuple[ControlChart, int]:
    """The control chart and its first day, with limits from days of one level: from two they would fit neither.

    It begins at the last change that leaves enough days before the last week; days since a later change are
    held against the level before it.
    """
    start = max((day for day in changes if len(x) - MONITORED - day >= LEAST_BASELINE), default=0)
    newer = min((day for day in changes if day - start >= LEAST_BASELINE), default=len(x))
    monitored = max(MONITORED, len(x) - newer)
    return control_chart(x[start:], n[start:], monitored=monitored), start
