"""Until when an order must have been ready, shipped or scanned, and the carrier's first scan where it is known.

The deadline, what meets it and which days count are the market's, on the day of the order
(``catalog/data/deadlines.csv``). They are TikTok Shop's: nobody is called late by them on another platform.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.catalog.calendars import holidays_between
from cancel_analysis.catalog.policies import Deadline, dispatch_deadlines
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.coded import coded
from cancel_analysis.rates.moments import NEVER, instants, midnight, zone_of

CLOCK_COLUMNS = ["order_id", "clock_from", "due_at", "event"]
# The carrier's event that starts a parcel's way; being picked up is not it.
SCAN = "in_transit"


def dispatch_clock(orders: pd.DataFrame, shop: ShopSettings, as_of: date | None = None) -> pd.DataFrame:
    """When the clock of each order began, until when it ran, and what had to happen by then: one row an order.

    `orders` are ORDER_LINES. The clock runs from the payment, of cash on delivery and of orders not paid by the
    end of `as_of` (None: ever) from the order on. `due_at` is the first moment after the deadline (NaT where the
    market's deadline is not known), `event` one of the catalog's events or ''. Times are the wall clock of the
    orders' own times.
    """
    known = coded(orders["order_id"])
    numbers, ids = pd.factorize(orders["order_id"]) if known is None else (known.numbers, known.texts)
    created, paid = instants(orders["created_at"]), instants(orders["paid_at"])
    zone = zone_of(orders["created_at"])
    if as_of is not None:
        paid = np.where(paid < midnight(as_of + timedelta(days=1), zone), paid, NEVER)
    first, first_paid = (_earliest(times, numbers, len(ids)) for times in (created, paid))
    is_cod = np.bincount(numbers, weights=orders["is_cod"].to_numpy(), minlength=len(ids)) > 0
    moments = np.where(is_cod | np.isnat(first_paid), first, first_paid)
    start = pd.Series(pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(zone))
    due, event = np.full(len(ids), NEVER), np.full(len(ids), "", dtype=object)
    if shop.mapping is None:
        for deadline in dispatch_deadlines(shop.market):
            # The surer one comes first and holds.
            mine = _in_force(start, deadline, shop) & (event == "")
            if mine.any():
                due[mine] = due_moments(start[mine], deadline, shop.timezone).to_numpy()
                event[mine] = deadline.event
    return pd.DataFrame(
        {
            "order_id": ids.astype("str") if known is None else ids,
            "clock_from": start.dt.tz_localize(None),
            "due_at": due,
            "event": pd.array(event, dtype="str"),
        },
        columns=CLOCK_COLUMNS,
    )


def _earliest(times: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Of each of `count` groups (numbers, one a time) the first of its `times` (datetime64[us]); NaT without one."""
    known = ~np.isnat(times)
    found = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(found, groups[known], times[known].astype(np.int64))
    return np.where(found < np.iinfo(np.int64).max, found.astype("datetime64[us]"), NEVER)


def due_moments(start: pd.Series, deadline: Deadline, timezone: str) -> pd.Series:
    """The first moment after the deadline for clocks that began at `start` (zone-aware), wall clock of `start`.

    Days are those of the deadline's own zone where it has one, else of `timezone`, the shop's. The day of the
    order is day 0; of working days that day counts as the working day before when it is none itself.
    """
    assert deadline.value is not None  # those that run until an event happens are no dispatch deadlines
    if deadline.unit == "hours":
        return (start + pd.Timedelta(hours=deadline.value)).dt.tz_localize(None)
    zone = deadline.until_zone or timezone
    day_0 = start.dt.tz_convert(zone).dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    days = int(deadline.value)
    if deadline.unit == "business_days":
        last = _working_days_later(day_0, days, deadline.holidays)
    else:
        last = day_0 + days
    end = pd.Series(pd.DatetimeIndex(last + 1).as_unit("us"), index=start.index)
    end = end.dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    return end.dt.tz_convert(start.dt.tz).dt.tz_localize(None)


def first_scans(orders: pd.DataFrame, tracking: pd.DataFrame | None) -> pd.Series:
    """The carrier's first scan to *in transit* of each order line, NaT where no event tells it; index of `orders`.

    A line is found by its parcel's number, else by its order. The first event counts, as the parcel was under
    way from then on.
    """
    nothing = pd.Series(pd.NaT, index=orders.index, dtype=orders["shipped_at"].dtype)
    if tracking is None:
        return nothing
    scans = tracking[tracking["step"] == SCAN]
    if scans.empty:
        return nothing
    by_parcel = scans.groupby("tracking_id")["at"].min()
    by_order = scans.dropna(subset=["order_id"]).groupby("order_id")["at"].min()
    # Not `map`, which loses the zone of an empty answer.
    found = pd.Series(by_parcel.reindex(orders["tracking_id"]).array, index=orders.index)
    return found.fillna(pd.Series(by_order.reindex(orders["order_id"]).array, index=orders.index))


def _in_force(start: pd.Series, deadline: Deadline, shop: ShopSettings) -> np.ndarray:
    """Whether the deadline held on the day of each `start` (zone-aware), by the deadline's own clock."""
    zone = deadline.until_zone or shop.timezone
    times = instants(start)
    held = ~np.isnat(times)
    if deadline.valid_from is not None:
        held &= times >= midnight(deadline.valid_from, zone)
    if deadline.valid_to is not None:
        held &= times < midnight(deadline.valid_to + timedelta(days=1), zone)
    return np.asarray(held)


def _working_days_later(day_0: np.ndarray, days: int, country: str) -> np.ndarray:
    """`days` working days after each day; Monday to Friday without the public holidays of `country`, if any."""
    first, last = day_0.min().astype(object), day_0.max().astype(object)
    margin = timedelta(days=31 + 3 * days)
    found = holidays_between(country, first - margin, last + margin) if country else []
    free = np.array(found, dtype="datetime64[D]")
    begun = np.busday_offset(day_0, 0, roll="backward", holidays=free)
    return np.asarray(np.busday_offset(begun, days, holidays=free))
