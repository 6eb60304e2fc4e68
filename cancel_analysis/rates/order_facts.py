"""One row an order: what was known of it at the end of one day, as flags, days, units and amounts.

Everything is computed in arrays over the order lines (`order_progress`) and the affected items (`order_losses`). Times
are the shop's wall clock without a zone: days and deadlines are the shop's own. The price is an hour's doubt about the
order of two events in the one night a year when clocks are set back.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.dispatch import dispatch_clock, first_scans
from cancel_analysis.rates.groups import Groups, array_of, find_rows, texts
from cancel_analysis.rates.moments import NEVER, first_known
from cancel_analysis.rates.order_losses import BUYER_OR_UNKNOWN, LOST_ON_WAY, Flags, Losses
from cancel_analysis.rates.order_progress import Progress, Times, by_platform

# An order that was paid so long ago should have arrived.
ARRIVES_WITHIN = np.timedelta64(30, "D")


def describe_orders(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    shop: ShopSettings,
    as_of: date,
    tracking: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What was known of each order at the end of `as_of` (the shop's day): one row an order.

    `orders` are ORDER_LINES, `items` AFFECTED_ITEMS of the same shop, `tracking` TRACKING_EVENTS where there
    are any: they tell the carrier's first scan, for which the order file's time of shipment stands else. Flags
    are bool, days are datetimes at midnight (NaT: has not happened), units are items, amounts are in the shop's
    currency, NaN where the files do not say them; an order in another currency has amount 0 and
    `other_currency`. `…_by_loss` marks what only an order's own loss tells. What another flag means stands with
    its measure in `catalog.rates`.
    """
    cut = np.datetime64(as_of + timedelta(days=1), "us")
    by_order = Groups.of(orders["order_id"])
    of_items = np.append(by_order.number, -1)[find_rows([items["order_id"]], [orders["order_id"]])]
    losses = Losses(items, Groups(of_items, len(by_order)), cut, shop.currency)
    lines = Progress(orders, by_order, dispatch_clock(orders, shop, as_of), first_scans(orders, tracking), losses)
    facts = _flags(lines, losses) | _sums(lines, losses) | _days(lines, losses)
    # Of what was not ordered yet nothing is known. The orders are numbered by their ids.
    known = np.flatnonzero(by_order.any(lines.known))
    rows = known[np.argsort(lines.created_at[known], kind="stable")]
    told = {name: orders[name].array.take(by_order.first[rows]) for name in ("shop_id", "order_id")}
    told["currency"] = texts(lines.currency[rows])
    return pd.DataFrame(told | {name: found[rows] for name, found in facts.items()})


def cancellations_undated(facts: pd.DataFrame) -> bool:
    """Whether most of what was cancelled has no time of its own, so that no week can be seen as it looked then."""
    lost, no_day = (int(facts[name].sum()) for name in ("lost_by_cancelling", "cancel_undated"))
    return no_day > lost / 2


def _flags(lines: Progress, losses: Losses) -> dict[str, Flags]:
    paid, came_back = lines.paid, lines.came_back
    refunded, returned = (losses.any(losses.seen & losses.text("stage", each)) for each in ("refund", "return_refund"))
    delivered = ~np.isnat(lines.delivered_at) | lines.says_delivered
    ended, ready = delivered | returned | came_back, ~np.isnat(lines.ready_at)
    some_gone = lines.gone > 0
    arrives = paid & ~lines.gone_whole & (lines.created_at < losses.cut - ARRIVES_WITHIN)
    return {
        "other_currency": lines.any(array_of(lines.lines["currency"]) != losses.currency),
        "cod": lines.flag("is_cod"),
        "by_platform": lines.any(by_platform(lines.lines).to_numpy()),
        "paid": paid,
        "unpaid": ~paid,
        **_cancelled(lines, losses),
        "partly_cancelled": some_gone & ~lines.gone_whole & paid,
        "partly_cancelled_by_unknown": some_gone & ~lines.gone_whole & paid
        & ~losses.any(losses.cancelled & ~losses.text("initiator", "unknown")),
        "dispatch_due": lines.dispatch_due,
        "late_dispatch": lines.dispatch_due
        & (lines.late_by_platform | np.isnat(lines.met_at) | (lines.met_at >= lines.due_at)),
        "dispatched": paid & (ready | lines.says_shipped | refunded),
        "shipped": ~np.isnat(lines.shipped_at) | lines.says_shipped | came_back,
        "delivered": delivered | returned,
        "delivery_ended": ended,
        # Known by nothing but the loss itself: a rate over such orders alone would be 100 %.
        "dispatched_by_loss": paid & refunded & ~ready & ~lines.says_shipped,
        "delivered_by_loss": returned & ~delivered,
        "ended_by_loss": (returned | came_back) & ~delivered,
        "should_have_arrived": arrives,
        "arrival_unknown": arrives & ~ended,
        "came_back": came_back,
        "lost_by_cancelling": some_gone,
        # No file says when: the day of the order stands in, which is no day of the loss.
        "cancel_undated": some_gone & (lines.cancel_at == lines.created_at)
        & ~lines.any(~np.isnat(lines.raw("cancelled_at"))),
        "failed_delivery": losses.any(losses.seen & losses.flag("failed_delivery")),
        "refused": losses.any(losses.seen & losses.flag("refused")),
        "refunded_any": paid & refunded,
        "returned_any": returned,
        **_faults(losses),
        "cancelled_in_transit": losses.any(losses.seen & losses.flag("in_transit")),
    }  # fmt: skip


def _cancelled(lines: Progress, losses: Losses) -> dict[str, Any]:
    """Of orders that were cancelled whole: by whom, and whether it was the seller's fault, at least and at most."""
    gone, seller = losses.cancelled, losses.text("responsibility", "seller") & ~losses.text("initiator", "buyer")
    whole, by = lines.cancelled, losses.cancelled_by()
    by[~whole] = None
    # Open in three ways: a reason with two readings, a finding still to come, no known reason.
    either = losses.text("responsibility", "seller") | losses.text("responsibility_other", "seller")
    other = (losses.open & either) | losses.text("responsibility", "unknown")
    counted = whole & lines.paid
    return {
        "cancelled": whole,
        "cancelled_by": pd.array(by, dtype="str"),
        "cancelled_by_buyer": by == "buyer",
        "cancelled_by_seller": by == "seller",
        "cancelled_by_system": (by == "system") | (by == "operator"),
        "cancelled_by_unknown": by == "unknown",
        "seller_fault": counted & losses.any(gone & seller),
        "seller_fault_least": counted & losses.any(gone & seller & ~losses.open),
        "seller_fault_other": counted & losses.any(gone & (seller | other)),
    }


def _faults(losses: Losses) -> dict[str, Flags]:
    """Of what came back: whose fault it was, at least and at most."""
    returned, asked = losses.seen & losses.returned, losses.asked
    lost = losses.text("reason", *LOST_ON_WAY)
    seller, unknown = losses.text("responsibility", "seller"), losses.text("responsibility", "unknown")
    not_buyer = ~losses.text("responsibility", *BUYER_OR_UNKNOWN)
    ambiguous, pending = losses.flag("ambiguous"), losses.flag("pending")
    least = not_buyer & ~pending & ~(ambiguous & losses.text("responsibility_other", *BUYER_OR_UNKNOWN))
    most = pending | ~losses.text("responsibility", "buyer")
    most |= ambiguous & ~losses.text("responsibility_other", "buyer")
    perhaps = (losses.open & losses.text("responsibility_other", "seller")) | unknown
    seller_back = (asked & seller) | lost
    seller_back_least = (asked & seller & ~losses.open) | (lost & ~pending)
    return {
        "non_buyer_fault_return": losses.any(returned & not_buyer),
        "non_buyer_fault_return_least": losses.any(returned & least),
        "non_buyer_fault_return_other": losses.any(returned & (not_buyer | most)),
        "seller_fault_return": losses.any(returned & seller),
        "seller_fault_return_least": losses.any(returned & seller & ~losses.open),
        "seller_fault_return_other": losses.any(returned & (seller | perhaps)),
        "seller_fault_back": losses.any(losses.seen & seller_back),
        "seller_fault_back_least": losses.any(losses.seen & seller_back_least),
        "seller_fault_back_other": losses.any(losses.seen & (seller_back | (asked & perhaps))),
    }


def _sums(lines: Progress, losses: Losses) -> dict[str, NDArray[Any]]:
    stages = {"cancelled": "cancellation", "refunded": "refund", "returned": "return_refund"}
    units = {name: losses.count(losses.seen & losses.text("stage", stage)) for name, stage in stages.items()}
    return {
        "units": lines.units,
        "amount": lines.amount,
        **{f"units_{name}": found for name, found in units.items()},
        **{f"amount_{name}": losses.amount(stage) for name, stage in stages.items()},
    }


def _days(lines: Progress, losses: Losses) -> dict[str, Times]:
    """The days on which it happened, at their midnights."""
    seen = losses.seen
    failed = losses.first(seen & (losses.flag("failed_delivery") | losses.flag("refused")))
    refund, returned = (losses.first(seen & losses.text("stage", each)) for each in ("refund", "return_refund"))
    back = losses.first(seen & (losses.asked | losses.text("reason", *LOST_ON_WAY)))
    moments = {
        "created_date": lines.created_at,
        "paid_date": np.where(lines.paid, lines.of_clock("clock_from"), NEVER),
        # The last day on which it was still in time.
        "due_date": lines.due_at - np.timedelta64(1, "us"),
        "dispatched_date": np.where(lines.paid, first_known(lines.ready_at, refund), NEVER),
        "shipped_date": np.where(lines.came_back, first_known(lines.shipped_at, failed), lines.shipped_at),
        "delivered_date": first_known(lines.delivered_at, returned),
        "ended_date": first_known(lines.delivered_at, failed, returned),
        "failed_date": failed,
        "cancelled_date": np.where(lines.cancelled, lines.cancel_at, NEVER),
        "last_cancel_date": lines.cancel_at,
        "refund_date": refund,
        "return_date": returned,
        "back_date": back,
        "in_transit_date": losses.first(seen & losses.flag("in_transit")),
    }
    return {name: found.astype("datetime64[D]").astype("datetime64[us]") for name, found in moments.items()}
