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
from numpy.typing import NDArray

from cancel_analysis.benchmarks.judgement import Standing, orders_counted, standing_of, verdict_of
from cancel_analysis.catalog.appeals import GROUNDS, grounds
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.inference import LimitRule
from cancel_analysis.rates.dispatch import dispatch_clock
from cancel_analysis.rates.groups import Groups, array_of, codes_of, find_rows, local, missing, pair_rows, texts

METRIC = "seller_fault_cancellation_rate"
HOW_LIKELY = ("supported", "possible", "contradicted")
# Steps that only a parcel in a carrier's hands has.
HANDED_OVER = ("picked_up", "in_transit", "out_for_delivery", "delivered")
FAILED = ("exception", "returning", "returned")
_NEVER = np.datetime64("NaT", "us")
# What the last item of an order says of it.
_LAST = {
    "cancelled_at": "event_at",
    "reason": "reason",
    "root_cause": "root_cause",
    "initiator": "initiator",
    "other": "responsibility_other",
}
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
    names = ("ground", "how_likely", "shown_by", "missing")
    told = {name: texts(best[place] for best in judged) for place, name in enumerate(names)}
    placed = table["created_at"].dt.tz_localize(None).dt.normalize()
    place_of = {name: place for place, name in enumerate(HOW_LIKELY)}
    rank = [place_of.get(best[1], len(HOW_LIKELY)) for best in judged]
    # Of as well supported ones the youngest first: it would count longest.
    table = table.assign(**told, leaves_on=placed + pd.Timedelta(days=limit.window_days), rank=rank)
    table = table.sort_values(["rank", "created_at", "order_id"], ascending=[True, False, True], ignore_index=True)
    supported = int((table["how_likely"] == "supported").sum())
    fewer = standing.outlook.fewer if standing.outlook is not None else 0
    table["file_first"] = np.arange(len(table)) < (fewer if 0 < fewer <= supported else 0)
    numerator = standing.numerator - supported
    where, _ = standing_of(limit, numerator, standing.denominator, shop.near_share)
    said = LimitRule().signals(numerator, standing.denominator, limit.value or 0.0) if standing.denominator else ""
    return Appeals(
        frame=table[COLUMNS],
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
    zone, wanted = orders["created_at"].dt.tz, np.array(sorted(set(order_ids)), dtype=object)
    number = find_rows([orders["order_id"]], [wanted])
    rows = np.flatnonzero(number >= 0)
    lines = Groups(number[rows], len(wanted))
    times = {name: array_of(orders[name])[rows] for name in ("created_at", "rts_at", "shipped_at", "cancelled_at")}
    number = np.where(missing(array_of(items["return_id"])), find_rows([items["order_id"]], [wanted]), -1)
    lost_rows = np.flatnonzero(number >= 0)
    lost_rows = lost_rows[np.argsort(array_of(items["event_at"])[lost_rows], kind="stable")]
    lost = Groups(number[lost_rows], len(wanted))
    last = {name: lost.last_of(array_of(items[column])[lost_rows]) for name, column in _LAST.items()}
    untold, units = lost.size() == 0, lost.sum(array_of(items["units"])[lost_rows])
    amounts = lost.sums(array_of(items["amount"])[lost_rows][:, None], known=True)[:, 0]
    # The order's own time, which stands in for one that the file lacks, is no evidence of what came before what.
    dated = lines.any(~np.isnat(times["cancelled_at"]))
    clock = dispatch_clock(orders[["order_id", "created_at", "paid_at", "is_cod"]].iloc[rows], shop, as_of)
    due = pd.DatetimeIndex(clock["due_at"].to_numpy()[find_rows([wanted], [clock["order_id"]])])
    handed_over, failed = _carrier_times(orders, rows, lines, tracking)
    asked = np.full(len(wanted), _NEVER)
    if requests is not None:
        number = find_rows([requests["order_id"]], [wanted])
        by_buyer = (number >= 0) & (array_of(requests["initiator"]) == "buyer")
        np.fmin.at(asked, number[by_buyer], array_of(requests["created_at"])[by_buyer])
    return pd.DataFrame(
        {
            "order_id": texts(wanted),
            "created_at": local(lines.least(times["created_at"]), zone),
            "ready_at": local(lines.most(times["rts_at"]), zone),
            "shipped_at": local(lines.most(times["shipped_at"]), zone),
            "cancelled_at": local(np.where(dated, last["cancelled_at"], _NEVER), zone),
            **{name: texts(last[name]) for name in ("reason", "root_cause", "initiator", "other")},
            "units": np.where(untold, np.nan, units) if untold.any() else units,
            "currency": texts(lost.first_of(array_of(items["currency"])[lost_rows])),
            "amount": np.where(untold, np.nan, amounts),
            "due_at": due.tz_localize(zone, ambiguous=np.zeros(len(due), dtype=bool), nonexistent="shift_forward"),
            "handed_over_at": local(handed_over, zone),
            "failed_at": local(failed, zone),
            "asked_at": local(asked, zone),
        }
    )


def _carrier_times(
    orders: pd.DataFrame, rows: NDArray[np.int64], lines: Groups, tracking: pd.DataFrame | None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """When the carrier first had each order's parcel, and when it first could not deliver it.

    `lines` groups the `rows` of the order lines by their order.
    """
    handed_over, failed = np.full(len(lines), _NEVER), np.full(len(lines), _NEVER)
    if tracking is None:
        return handed_over, failed
    # Events of the order's parcels, and those that name the order itself.
    for name in ("tracking_id", "order_id"):
        number, _ = codes_of(np.concatenate([array_of(orders[name])[rows], array_of(tracking[name])]))
        own, told = number[: len(rows)], number[len(rows) :]
        line, event = pair_rows(np.where(own < 0, -2, own), told)
        step, at = array_of(tracking["step"])[event], array_of(tracking["at"])[event]
        for first, steps in ((handed_over, HANDED_OVER), (failed, FAILED)):
            fits = np.isin(step, steps)
            np.fmin.at(first, lines.number[line[fits]], at[fits])
    return handed_over, failed


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
