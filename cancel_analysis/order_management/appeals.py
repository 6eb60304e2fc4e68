"""Which seller-fault cancellations can be appealed, on what ground, and what the files say for and against it.

Nothing is made up: a ground is `supported` only by a time or a record in the files, `contradicted` only by one,
and `possible` where the files leave it open. Whether the platform accepts an appeal, no file can say.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing, orders_counted, standing_of, verdict_of
from cancel_analysis.catalog.appeals import GROUNDS, grounds
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.inference import LimitRule
from cancel_analysis.rates.dispatch import dispatch_clock, first_scans

METRIC = "seller_fault_cancellation_rate"
HOW_LIKELY = ("supported", "possible", "contradicted")
# Steps that only a parcel in a carrier's hands has.
HANDED_OVER = ("picked_up", "in_transit", "out_for_delivery", "delivered")
FAILED = ("exception", "returning", "returned")
COLUMNS = [
    "order_id", "created_at", "cancelled_at", "reason", "initiator", "units", "amount", "currency", "ground",
    "how_likely", "shown_by", "missing", "due_at", "ready_at", "shipped_at", "handed_over_at", "asked_at",
    "leaves_on", "file_first",
]  # fmt: skip


@dataclass(frozen=True)
class Appeals:
    """A row a cancellation that counts against the limit in its window (`COLUMNS`), in the order in which to file.

    `ground` is one of `catalog.appeals.GROUNDS` or '' (the files speak for none), `how_likely` one of
    `HOW_LIKELY` or ''; `shown_by` what in the files says so, `missing` what no file of the shop can show:
    names of sentences, not sentences. `leaves_on` is the day from which the cancellation no longer counts in the
    limit's window. `file_first` marks the supported ones that together bring the shop back within the limit.
    `standing` is the limit's now; `numerator`, `rate`, `standing_after` and `verdict_after` are those without the
    supported ones, all accepted.
    """

    frame: pd.DataFrame
    standing: Standing
    supported: int
    possible: int
    numerator: float
    rate: float
    standing_after: str
    verdict_after: str


def find_appeals(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    items: pd.DataFrame,
    standing: Standing,
    shop: ShopSettings,
    as_of: date,
    *,
    requests: pd.DataFrame | None = None,
    tracking: pd.DataFrame | None = None,
) -> Appeals:
    """The cancellations that `standing` counts (its limit's window up to `as_of`), each with its best ground.

    `facts` are order facts, `orders` ORDER_LINES, `items` AFFECTED_ITEMS, `requests` CANCEL_REQUESTS and `tracking`
    TRACKING_EVENTS where there are such files, all at the end of `as_of`. `standing` is of a limit on seller-fault
    cancellations by order date.
    """
    limit = standing.limit
    table = _evidence(orders_counted(facts, limit, as_of)["order_id"], orders, items, requests, tracking, shop, as_of)
    # Files without a time of being ready cannot say that an order never was.
    knows_ready = bool(orders["rts_at"].notna().any())
    rows = table.to_dict("records")
    judged = [_best(row, shop.market, knows_ready=knows_ready, has_tracking=tracking is not None) for row in rows]
    told = pd.DataFrame(judged, columns=["ground", "how_likely", "shown_by", "missing"], index=table.index)
    table = table.join(told.astype("str"))
    placed = table["created_at"].dt.tz_localize(None).dt.normalize()
    table["leaves_on"] = placed + pd.Timedelta(days=limit.window_days)
    rank = table["how_likely"].map({name: place for place, name in enumerate(HOW_LIKELY)}).fillna(len(HOW_LIKELY))
    # Of as well supported ones the youngest first: it would count longest.
    table = table.assign(rank=rank).sort_values(["rank", "created_at", "order_id"], ascending=[True, False, True])
    supported = int((table["how_likely"] == "supported").sum())
    fewer = standing.outlook.fewer if standing.outlook is not None else 0
    table["file_first"] = np.arange(len(table)) < (fewer if 0 < fewer <= supported else 0)
    numerator = standing.numerator - supported
    where, _ = standing_of(limit, numerator, standing.denominator, shop.near_share)
    said = LimitRule().signals(numerator, standing.denominator, limit.value or 0.0) if standing.denominator else ""
    return Appeals(
        frame=table[COLUMNS].reset_index(drop=True),
        standing=standing,
        supported=supported,
        possible=int((table["how_likely"] == "possible").sum()),
        numerator=numerator,
        rate=numerator / standing.denominator if standing.denominator else float("nan"),
        standing_after=where,
        verdict_after=verdict_of(where, str(said), limit.force),
    )


def _evidence(
    order_ids: pd.Series,
    orders: pd.DataFrame,
    items: pd.DataFrame,
    requests: pd.DataFrame | None,
    tracking: pd.DataFrame | None,
    shop: ShopSettings,
    as_of: date,
) -> pd.DataFrame:
    """A row an order with the times that the files hold of it; NaT where they hold none."""
    lines = orders[orders["order_id"].isin(order_ids)]
    lines = lines.assign(scan=first_scans(lines, tracking))
    lost = items[items["order_id"].isin(order_ids) & items["return_id"].isna()].sort_values("event_at", kind="stable")
    by_order = lines.groupby("order_id")
    table = by_order.agg(created_at=("created_at", "min"), ready_at=("rts_at", "max"), shipped_at=("shipped_at", "max"))
    of_items = lost.groupby("order_id")
    table = table.join(
        of_items.agg(
            cancelled_at=("event_at", "last"), reason=("reason", "last"), root_cause=("root_cause", "last"),
            initiator=("initiator", "last"), units=("units", "sum"), currency=("currency", "first"),
            other=("responsibility_other", "last"),
        )
    )  # fmt: skip
    # The order's own time, which stands in for one that the file lacks, is no evidence of what came before what.
    table["cancelled_at"] = table["cancelled_at"].where(by_order["cancelled_at"].max().notna())
    table["amount"] = of_items["amount"].sum(skipna=False)
    zone = orders["created_at"].dt.tz
    due = dispatch_clock(lines, shop, as_of).set_index("order_id")["due_at"]
    table["due_at"] = due.dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    nothing = pd.Series(pd.NaT, index=table.index, dtype=table["created_at"].dtype)
    table["handed_over_at"], table["failed_at"] = _carrier_times(lines, tracking, nothing)
    table["asked_at"] = nothing
    if requests is not None:
        asked = requests[(requests["initiator"] == "buyer") & requests["order_id"].isin(order_ids)]
        table["asked_at"] = asked.groupby("order_id")["created_at"].min().reindex(table.index).astype(nothing.dtype)
    return table.reset_index()


def _carrier_times(
    lines: pd.DataFrame, tracking: pd.DataFrame | None, nothing: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """When the carrier first had each order's parcel, and when it first could not deliver it."""
    if tracking is None:
        return nothing, nothing
    parcels = lines[["order_id", "tracking_id"]].dropna().drop_duplicates()
    events = tracking.drop(columns=["order_id"]).merge(parcels, on="tracking_id")
    own = tracking.dropna(subset=["order_id"])
    events = pd.concat([events, own[own["order_id"].isin(lines["order_id"])]], ignore_index=True)

    def first(steps: tuple[str, ...]) -> pd.Series:
        times = events[events["step"].isin(steps)].groupby("order_id")["at"].min()
        return times.reindex(nothing.index).astype(nothing.dtype)

    return first(HANDED_OVER), first(FAILED)


def _best(row: dict[Hashable, Any], market: str, *, knows_ready: bool, has_tracking: bool) -> tuple[str, str, str, str]:
    """The best supported ground: ground, how_likely, shown_by, missing; ('', '', '', '') where none comes near."""
    known = grounds(market)
    found = [one for one in _grounds_of(row, knows_ready, has_tracking) if one[0] in known]
    if not found:
        return "", "", "", ""
    return min(found, key=lambda one: (HOW_LIKELY.index(one[1]), GROUNDS.index(one[0])))


def _grounds_of(row: dict[Hashable, Any], knows_ready: bool, has_tracking: bool) -> Iterator[tuple[str, str, str, str]]:
    """Each ground that the cancellation's reason or its times bring up."""
    gone = _time(row["cancelled_at"])
    asked, ready, due = _time(row["asked_at"]), _time(row["ready_at"]), _time(row["due_at"])
    handed, failed = _time(row["handed_over_at"]), _time(row["failed_at"])
    if asked is not None and gone is not None and asked <= gone:
        yield "buyer_asked", "supported", "asked_before", "conversation"
    elif row["other"] == "buyer":
        yield "buyer_asked", "possible", "two_readings", "conversation"
    if row["root_cause"] == "late_dispatch":
        if handed is not None and gone is not None:
            if handed <= gone:
                yield "handed_over", "supported", "scanned_before", "carrier_page"
            else:
                yield "handed_over", "contradicted", "scanned_after", ""
        elif not knows_ready:
            yield "carrier_failed", "possible", "ready_unknown", "pickup_proof"
        elif ready is None or (due is not None and ready >= due):
            yield "carrier_failed", "contradicted", "never_ready" if ready is None else "ready_late", ""
        elif due is not None:
            yield "carrier_failed", "possible", "ready_in_time", "pickup_proof" if has_tracking else "tracking"
        else:
            yield "carrier_failed", "possible", "ready_before", "pickup_proof"
    if row["root_cause"] == "address":
        shown = "delivery_failed" if failed is not None else "reason_address"
        yield "address", "supported" if failed is not None else "possible", shown, "carrier_page"
    if row["root_cause"] == "price":
        yield "platform_error", "possible", "reason_price", "price_proof"


def _time(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
