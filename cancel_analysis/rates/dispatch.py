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
    paid = orders["paid_at"]
    if as_of is not None:
        paid = paid.where(paid < pd.Timestamp(as_of + timedelta(days=1)).tz_localize(orders["created_at"].dt.tz))
    grouped = orders.assign(paid_at=paid).groupby("order_id", sort=False)
    first = grouped.agg(created_at=("created_at", "min"), paid_at=("paid_at", "min"), is_cod=("is_cod", "any"))
    start = first["created_at"].where(first["is_cod"], first["paid_at"].fillna(first["created_at"]))
    # An empty frame has no zone left to be taken away.
    start = start if len(start) else orders["created_at"].iloc[:0]
    due = pd.Series(pd.NaT, index=start.index, dtype="datetime64[us]")
    event = pd.Series("", index=start.index, dtype="object")
    if shop.mapping is None:
        for deadline in dispatch_deadlines(shop.market):
            # The surer one comes first and holds.
            mine = _in_force(start, deadline, shop) & (event == "")
            if mine.any():
                due[mine] = due_moments(start[mine], deadline, shop.timezone)
                event[mine] = deadline.event
    return pd.DataFrame(
        {
            "order_id": start.index.astype("str"),
            "clock_from": start.dt.tz_localize(None).to_numpy(),
            "due_at": due.to_numpy(),
            "event": event.astype("str").to_numpy(),
        },
        columns=CLOCK_COLUMNS,
    )


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


def _in_force(start: pd.Series, deadline: Deadline, shop: ShopSettings) -> pd.Series:
    days = start.dt.tz_convert(deadline.until_zone or shop.timezone).dt.tz_localize(None)
    begun: pd.Series = days >= pd.Timestamp(deadline.valid_from or date.min.replace(year=1900))
    if deadline.valid_to is None:
        return begun
    not_over: pd.Series = days < pd.Timestamp(deadline.valid_to + timedelta(days=1))
    return begun & not_over


def _working_days_later(day_0: np.ndarray, days: int, country: str) -> np.ndarray:
    """`days` working days after each day; Monday to Friday without the public holidays of `country`, if any."""
    first, last = day_0.min().astype(object), day_0.max().astype(object)
    margin = timedelta(days=31 + 3 * days)
    found = holidays_between(country, first - margin, last + margin) if country else []
    free = np.array(found, dtype="datetime64[D]")
    begun = np.busday_offset(day_0, 0, roll="backward", holidays=free)
    return np.asarray(np.busday_offset(begun, days, holidays=free))
