"""One date for one event: since when a rate is another one, said the same wherever the report speaks of it.

Three computations find a start: the day since which the seller-fault rate is another one, the same for orders
cancelled by anybody, and the Monday of the week since which a cause takes more lines. They differ by some days for
one and the same event. The day of the rate that decides the verdict is the source of truth, then the seller-fault
rate's, then the other's; the Monday stands only where no rate changed near it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from cancel_analysis.rates.over_time import LevelChange, OverTime
from cancel_analysis.study.once import once_a_study
from cancel_analysis.study.one_shop import Study

# Two changes of one shop within so many days are one event: a week's cut and a young day's lag explain no more.
ONE_EVENT = timedelta(days=14)
# Causes that end orders before dispatch, and so move the rates that are followed day by day.
CANCELLING = ("stock", "late_dispatch", "price", "payment", "address", "address_details", "risk_control")


def followed(study: Study) -> OverTime:
    """The rate whose course the report shows: the one that decides the verdict, else the seller-fault rate."""
    deciding = study.judgement.deciding
    series = {each.metric: each for each in study.over_time}
    metric = deciding.limit.metric if deciding is not None else ""
    return series.get(metric, series["seller_fault_cancellation_rate"])


@once_a_study
def event_days(study: Study) -> Mapping[date, date]:
    """The day of every change that was found → the day that is told for it."""
    first = followed(study)
    days: dict[date, date] = {}
    for series in (first, *(each for each in study.over_time if each is not first)):
        for change in series.changes:
            near = [day for day in days.values() if abs(day - change.day) <= ONE_EVENT]
            days[change.day] = min(near, key=lambda day: abs(day - change.day)) if near else change.day
    return days


def start_day(study: Study, cause: str, monday: date) -> date:
    """The day that is told for a cause that takes more since the week of `monday`."""
    near = [day for day in event_days(study).values() if abs(day - monday) <= ONE_EVENT]
    if cause not in CANCELLING or not near:
        return monday
    return min(near, key=lambda day: abs(day - monday))


def newest_change(study: Study) -> LevelChange | None:
    """The last lasting change of the followed rate; None where its level held."""
    changes = followed(study).changes
    return changes[-1] if changes else None
