"""Signals over time: days on which a rate was out of the ordinary, and days since which it is another one.

Orders are counted by the day they were placed. A young day has had less time to lose orders, so every day is
looked at when its orders had the same age, and days that are younger are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

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

    @property
    def alarms(self) -> pd.DataFrame:
        """The rows of days out of the ordinary, without those that only show a change told as one."""
        rows: pd.DataFrame = self.days[(self.days["alarm"] != "") & ~self.days["told"]]
        return rows

    @property
    def told_alarms(self) -> pd.DataFrame:
        """The rows of days that lie outside the level before a change: they show that change and no other thing."""
        rows: pd.DataFrame = self.days[(self.days["alarm"] != "") & self.days["told"]]
        return rows

    @property
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
    columns = ["centre", "low", "high", "monitored", "alarm"]
    days = counts.join(chart.days[columns].set_axis(counts.index[start:]))
    days["alarm"] = days["alarm"].fillna("")
    days["monitored"] = days["monitored"].fillna(False).astype("bool")
    names = special or {}
    days["event"] = [names[day].name if day in names else "" for day in days["date"].dt.date]
    # Held against the level before a change, the days since it only show the change.
    newest = found[-1].day if found else 0
    days["told"] = (days.index >= newest) & (start < newest)
    edges = [0, *(point.day for point in found), len(x)]
    span = np.searchsorted(edges, np.arange(len(x)), side="right")
    sums = days.groupby(span)[["count", "total"]].transform("sum")
    days["level"] = sums["count"] / sums["total"].where(sums["total"] > 0)
    dates = days["date"].dt.date.tolist()
    lows, highs = wilson(sums["count"].to_numpy(), sums["total"].to_numpy())
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
    lost = facts["cancelled"] & facts["cancel_undated"]
    if lost.sum() > MOST_UNDATED * max(int(facts["cancelled"].sum()), 1):
        # The day of the order stands in for that of the cancellation: how long it takes is not known.
        return MATURE_DAYS
    old = facts["created_date"] <= pd.Timestamp(as_of - timedelta(days=MATURE_DAYS))
    waits = _waits(facts, metric)[old].dropna()
    waits = waits[waits <= MATURE_DAYS]
    return max(int(np.quantile(waits, NEARLY_ALL, method="inverted_cdf")), 1) if len(waits) else 1


def daily_counts(facts: pd.DataFrame, metric: str, as_of: date, age: int) -> pd.DataFrame:
    """Per day of the order: date, count (cancelled within `age` days), total, rate; only days of that age.

    The total is all orders placed, for the seller's fault those paid within the same time.
    """
    last = pd.Timestamp(as_of - timedelta(days=age))
    first = max(facts["created_date"].min(), last - pd.Timedelta(days=MOST_DAYS - 1)) if len(facts) else last
    days = pd.date_range(first, last, name="date")
    counted = facts["paid"] & ((facts["paid_date"] - facts["created_date"]).dt.days <= age)
    if metric == METRICS[0]:
        counted = pd.Series(True, index=facts.index)
    lost = counted & (_waits(facts, metric) <= age)
    created = facts["created_date"]
    count = created[lost].value_counts().reindex(days, fill_value=0)
    total = created[counted].value_counts().reindex(days, fill_value=0)
    frame = pd.DataFrame({"date": days, "count": count.to_numpy(), "total": total.to_numpy()})
    return frame.assign(rate=frame["count"] / frame["total"].where(frame["total"] > 0))


def _waits(facts: pd.DataFrame, metric: str) -> pd.Series:
    """Days from the order to its cancellation; empty where it was not cancelled in the sense of the metric."""
    flag = facts["seller_fault"] if metric == METRICS[1] else facts["cancelled_by_buyer"] | facts["cancelled_by_seller"]
    waits: pd.Series = (facts["cancelled_date"] - facts["created_date"]).dt.days.where(flag)
    return waits


def _chart(x: np.ndarray, n: np.ndarray, changes: list[int]) -> tuple[ControlChart, int]:
    """The control chart and its first day, with limits from days of one level: from two they would fit neither.

    It begins at the last change that leaves enough days before the last week; days since a later change are
    held against the level before it.
    """
    start = max((day for day in changes if len(x) - MONITORED - day >= LEAST_BASELINE), default=0)
    newer = min((day for day in changes if day - start >= LEAST_BASELINE), default=len(x))
    monitored = max(MONITORED, len(x) - newer)
    return control_chart(x[start:], n[start:], monitored=monitored), start
