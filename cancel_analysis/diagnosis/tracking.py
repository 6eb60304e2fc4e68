"""Step 3 of a diagnosis: was a cancelled order really collected? Orders against the carrier's events.

Each cancelled line is held against the events of its parcel. What is found is one of `CHECKS`; the
first that fits counts, in the order in which they say more about the seller's own doing.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.rates.breakdown import within
from cancel_analysis.rates.groups import LINE_KEYS

# Steps that a parcel can only have once a carrier holds it; `exception` can also be a label called off.
MOVED = ("picked_up", "in_transit", "out_for_delivery", "delivered", "returning", "returned")
FAILED = ("exception", "returning", "returned")
# The seller's clock and the carrier's differ, and marking follows picking up by minutes in honest shops.
TOLERANCE_HOURS = 1
# A label printed a few hours before the order was cancelled is no proof that it was never handed over:
# such a parcel is listed, and explains nothing.
WAIT_HOURS = 24
# no_number: marked ready or shipped without one · before_handover: a number that was on its way before,
# so it is another parcel's · never_moved: the order says shipped, the carrier knows of no move ·
# label_only: marked ready, never taken by the carrier · delivered: reached the buyer though cancelled ·
# collected: cancelled as late, though the carrier had it by then · failed: the carrier's own events
# show the failure.
HANDOVER_CHECKS = ("no_number", "before_handover", "never_moved", "label_only")
ON_WAY_CHECKS = ("delivered", "collected", "failed")
# What needs no waiting to be true.
CERTAIN_CHECKS = ("no_number", "before_handover", *ON_WAY_CHECKS)
CHECKS = (*HANDOVER_CHECKS, *ON_WAY_CHECKS)


def check_tracking(
    orders: pd.DataFrame, items: pd.DataFrame, events: pd.DataFrame, as_of: date, days: int
) -> pd.DataFrame:
    """What the carrier's events say of each order line cancelled in the `days` days up to `as_of`.

    `items` are AFFECTED_ITEMS, `orders` ORDER_LINES, `events` TRACKING_EVENTS. Returns, by the index of
    `items`, newest cancellation first: order_id, sku_id, line_no, units, carrier, tracking_id, root_cause,
    ready_at, cancelled_at, first_event, first_move, last_event, last_step, check (one of `CHECKS`, or where
    nothing is wrong: `moved`, `not_sent`: cancelled before it was marked ready, `not_covered`: no event, and
    the file's events begin later or end earlier), waited (a day or more passed from ready to cancelled; no
    where the file does not say when it was cancelled, and cancelled_at is empty). Orders never paid and
    returns after delivery are not looked at. A parcel without events counts as never moved only where the
    file covers its time.
    """
    wanted = items[items["stage"].isin(["cancellation", "refund"]) & items["return_id"].isna()]
    wanted = within(wanted, "event_at", as_of, days)
    # A mark on an order that goes on is no cancellation, wherever its parcel was.
    cancelled = orders[(orders["status"] == "cancelled") | (orders["after_sale"] == "cancel")]
    columns = ["tracking_id", "rts_at", "shipped_at", "created_at", "cancelled_at"]
    lines = cancelled[[*LINE_KEYS, *columns]].drop_duplicates(LINE_KEYS)
    kept = wanted[[*LINE_KEYS, "units", "carrier", "root_cause", "event_at"]]
    rows = kept.reset_index(names="item").merge(lines, on=LINE_KEYS).set_index("item")
    events = events[events["at"].dt.tz_localize(None) < pd.Timestamp(as_of) + pd.Timedelta(days=1)]
    told = events.dropna(subset=["order_id"]).drop_duplicates("order_id").set_index("order_id")["tracking_id"]
    # An order file without the number, and a tracking file that knows the order.
    rows["tracking_id"] = rows["tracking_id"].fillna(rows["order_id"].map(told).astype("str"))
    told_of = parcels(events).reindex(rows["tracking_id"]).set_axis(rows.index)
    rows[told_of.columns] = told_of
    # Ready or taken by the carrier, whichever was said first: some files have only one of the two.
    rows["ready_at"] = rows[["rts_at", "shipped_at"]].min(axis=1)
    # The order's own time, which stands in for one that the file lacks, says nothing of how long a parcel waited.
    rows["cancelled_at"] = rows["event_at"].where(rows["cancelled_at"].notna())
    rows["check"] = _verdicts(rows, events)
    rows["waited"] = rows["cancelled_at"] - rows["ready_at"] >= pd.Timedelta(hours=WAIT_HOURS)
    rows = rows.sort_values(["event_at", "order_id", "sku_id"], ascending=[False, True, True], kind="stable")
    shown = ["units", "carrier", "tracking_id", "root_cause", "ready_at", "cancelled_at"]
    return rows[[*LINE_KEYS, *shown, "first_event", "first_move", "last_event", "last_step", "check", "waited"]]


def parcels(events: pd.DataFrame) -> pd.DataFrame:
    """One row a parcel: first_event, first_move, delivered_at, failed_at,
    back_at, last_event, last_step."""
    ordered = events.sort_values("at", kind="stable")
    step, at = ordered["step"], ordered["at"]
    frame = pd.DataFrame(
        {
            "tracking_id": ordered["tracking_id"],
            "first_event": at,
            "first_move": at.where(step.isin(MOVED)),
            "delivered_at": at.where(step == "delivered"),
            "failed_at": at.where(step.isin(FAILED)),
            "back_at": at.where(step.isin(("returning", "returned"))),
            "last_event": at,
            "last_step": step,
        }
    )
    grouped = frame.groupby("tracking_id")
    first = grouped[["first_event", "first_move", "delivered_at", "failed_at", "back_at"]].min()
    return first.join(grouped[["last_event"]].max()).join(grouped[["last_step"]].last())


def by_carrier(rows: pd.DataFrame) -> pd.DataFrame:
    """Per carrier: cancelled orders looked at, those with a finding, their share, and orders by finding."""
    looked = rows.assign(carrier=rows["carrier"].fillna(""), found=rows["check"].isin(CHECKS))
    table = looked.groupby("carrier").agg(orders=("order_id", "nunique"), units=("units", "sum"))
    found = looked[looked["found"]]
    table["found_orders"] = found.groupby("carrier")["order_id"].nunique()
    counts = found.groupby(["carrier", "check"])["order_id"].nunique().unstack(fill_value=0)
    table = table.join(counts.reindex(columns=list(CHECKS), fill_value=0))
    filled = ["found_orders", *CHECKS]
    table[filled] = table[filled].fillna(0).astype("int64")
    table["found_share"] = table["found_orders"] / table["orders"]
    return table.reset_index().sort_values(["found_orders", "carrier"], ascending=[False, True], ignore_index=True)


def _verdicts(rows: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    tolerance, wait = pd.Timedelta(hours=TOLERANCE_HOURS), pd.Timedelta(hours=WAIT_HOURS)
    numbered = rows["tracking_id"].notna() & (rows["tracking_id"] != "")
    ready, seen = rows["ready_at"].notna(), rows["first_event"].notna()
    moved = rows["first_move"].notna()
    early = (rows["first_move"] < rows["ready_at"] - tolerance) | (rows["first_event"] < rows["created_at"] - tolerance)
    covered = pd.Series(False, index=rows.index)
    if len(events):
        covered = (rows["ready_at"] >= events["at"].min()) & (rows["ready_at"] + wait <= events["at"].max())
    still = numbered & ready & ~moved
    conditions = {
        "no_number": ~numbered & ready,
        "before_handover": numbered & seen & early,
        # What is delivered after it turned round was delivered to the seller.
        "delivered": rows["delivered_at"].notna() & ~(rows["back_at"] <= rows["delivered_at"]),
        "not_covered": still & ~seen & ~covered,
        "never_moved": still & rows["shipped_at"].notna(),
        "label_only": still,
        "collected": (rows["root_cause"] == "late_dispatch") & moved & (rows["first_move"] <= rows["cancelled_at"]),
        "failed": moved & rows["failed_at"].notna(),
        "not_sent": ~ready & ~seen,
    }
    return np.select([value.to_numpy(bool) for value in conditions.values()], list(conditions), "moved")
