"""What is true of a sample shop, counted from the orders as they were made, never from the files.

Tests compare what they read out of the files with this; reports never see it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.sample import texts
from cancel_analysis.sample.exports import (
    Export,
    cancel_wording,
    counted_requests,
    happened,
    in_period,
    return_wording,
)
from cancel_analysis.sample.headers import PERSONAL
from cancel_analysis.sample.orders import SELLER_FAULT, Order, working_deadline
from cancel_analysis.sample.people import MAIL_DOMAIN, MARKER, PHONE_STEM
from cancel_analysis.sample.plans import AS_OF, EXPORT_DAY, LAST_DAY, Plan
from cancel_analysis.sample.side_files import SideFile, SideFiles, file_counts, newer_than

# When each order was last seen: an order that only an older file has stays as that file says.
Known = Mapping[str, datetime]
MEANING = {
    "orders": "orders that are not samples and not refused, unpaid ones included; each as its newest file shows it",
    "unpaid_open": "never paid, not cash on delivery, not cancelled (yet)",
    "unpaid_cancelled": "cancelled, never paid, not cash on delivery",
    "cancelled_before_shipping": "whole orders cancelled without a shipped time, paid or cash on delivery; by whom",
    "cancelled_after_ready": "those of them that had a ready-to-ship time",
    "seller_fault_cancelled": "those of them for out of stock, pricing error or collection time-out, not by the buyer",
    "not_on_time_by_buyer": "those of them the buyer asked for because nothing was shipped in time (two readings)",
    "failed": "cancelled with a shipped time because delivery failed",
    "refused": "cancelled with a shipped time because the parcel was refused",
    "lost": "cancelled with a shipped time because the parcel was lost",
    "partly_cancelled": "orders with units cancelled by the seller that are not cancelled as a whole",
    "late": "orders made ready only after the end of the second working day (Monday to Friday)",
    "return_requests": "requests for the orders, by state",
}


def tell(plan: Plan, orders: Sequence[Order], exports: Sequence[Export], side_files: SideFiles) -> dict[str, Any]:
    """The truth of one shop as plain JSON."""
    exported = max(export.plan.exported for export in exports)
    focus = plan.focus
    used = [order for order in orders if not order.refused]
    known = _last_seen(exports)
    return {
        "shop": plan.id,
        "market": plan.market,
        "interface_language": plan.interface,
        "story": plan.story,
        "root_cause": plan.root_cause,
        "stage": plan.stage,
        "expected": plan.expect,
        "focus": {
            "product_names": list(focus.products),
            "sku_ids": [sku.id for sku in plan.focus_skus()],
            "seller_skus": [sku.seller_sku for sku in plan.focus_skus()],
            "carrier": focus.carrier,
            "region": focus.region,
            "return_reason": focus.return_reason and texts.RETURN_REASONS[plan.market][focus.return_reason],
            "first_day": focus.first and focus.first.isoformat(),
            "weeks": _weeks(plan),
        },
        "as_of": LAST_DAY.isoformat(),
        "exported_on": EXPORT_DAY.isoformat(),
        "personal": {"marker": MARKER, "phone": PHONE_STEM, "mail": MAIL_DOMAIN, "columns": list(PERSONAL)},
        "accounts": _accounts(exports, side_files),
        "files": [_file(plan, export, exports) for export in exports] + [_side_file(file) for file in side_files.files],
        "refusals": _refusals(exports),
        "meaning": MEANING,
        "at_export": counts(used, exported, known),
        "at_as_of": counts(used, AS_OF, known),
        "windows_at_as_of": {str(days): counts(_created_within(used, days), AS_OF, known) for days in WINDOWS},
        "focus_at_as_of": {str(days): _focus_counts(plan, _created_within(used, days), known) for days in (30, 91)},
        "cancel_reasons_at_export": _cancel_reasons(plan, used, known),
        "return_reasons_at_export": _return_reasons(plan, used, exported),
        "unknown_reasons_at_export": _unknown(plan, used, exported, known),
        **side_files.truth,
    }


def counts(orders: Sequence[Order], at: datetime, known: Known) -> dict[str, Any]:
    """What the files say has become of `orders` at a time; `MEANING` says what each figure is."""
    real = [(order, min(at, known[order.id])) for order in orders if not order.sample]
    gone = [(order, seen) for order, seen in real if happened(order.cancelled, seen)]
    early = [(order, seen) for order, seen in gone if not happened(order.shipped, seen) and not order.never_paid]
    reasons = Counter(order.reason for order, _ in gone)
    requests = Counter(request.state(at) for order, _ in real for request in order.requests)
    del requests["none"]
    return {
        "orders": len(real),
        "samples": len(orders) - len(real),
        "lines": sum(len(order.lines) for order, _ in real),
        "units": sum(line.quantity for order, _ in real for line in order.lines),
        "unpaid_open": sum(
            not order.cod and not happened(order.paid, seen) and not happened(order.cancelled, seen)
            for order, seen in real
        ),
        "unpaid_cancelled": sum(order.never_paid for order, _ in gone),
        "cancelled_orders": len(gone),
        "cancelled_by": _by_initiator(gone),
        "cancelled_before_shipping": _by_initiator(early),
        "cancelled_after_ready": sum(happened(order.rts, seen) for order, seen in early),
        "seller_fault_cancelled": sum(order.reason in SELLER_FAULT for order, _ in early),
        "not_on_time_by_buyer": sum(order.reason == "not_on_time" for order, _ in early),
        "failed": reasons["delivery_failed"],
        "refused": reasons["rejected"],
        "lost": reasons["lost"],
        "partly_cancelled": sum(any(happened(line.cancelled, seen) for line in order.lines) for order, seen in real),
        "partly_cancelled_units": sum(
            line.cancelled_units for order, seen in real for line in order.lines if happened(line.cancelled, seen)
        ),
        "shipped": sum(happened(order.shipped, seen) for order, seen in real),
        "delivered": sum(happened(order.delivered, seen) for order, seen in real),
        "late": sum(
            order.rts is not None and order.rts <= seen and order.rts > working_deadline(order.paid or order.created)
            for order, seen in real
        ),
        "return_requests": dict(sorted(requests.items())),
        "returned_units": sum(request.units for order, _ in real for request in counted_requests(order, at)),
    }


def _by_initiator(orders: Sequence[tuple[Order, datetime]]) -> dict[str, int]:
    return dict(sorted(Counter(order.cancelled_by for order, _ in orders).items()))


def _last_seen(exports: Sequence[Export]) -> Known:
    oldest_first = sorted(exports, key=lambda export: export.plan.exported)
    return {order.id: export.plan.exported for export in oldest_first for order, _ in export.lines}


def _created_within(orders: Sequence[Order], window: int) -> list[Order]:
    return [order for order in orders if in_period(order, LAST_DAY - timedelta(days=window - 1), LAST_DAY)]


def _weeks(plan: Plan) -> list[str]:
    first = plan.focus.first
    if first is None:
        return []
    day, found = first, []
    while day <= LAST_DAY:
        year, week, _ = day.isocalendar()
        found.append(f"{year}-W{week:02d}")
        day += timedelta(days=7)
    return found


def _newer_orders(export: Export, exports: Sequence[Export]) -> set[str]:
    """Orders that a newer file of the same kind has too; orders are never split over files."""
    return {
        order.id
        for other in exports
        if other.plan.kind == export.plan.kind and other.plan.exported > export.plan.exported
        for order, _ in other.lines
    }


def _file_counts(export: Export, exports: Sequence[Export]) -> dict[str, int]:
    newer = _newer_orders(export, exports)
    rows = len(export.rows)
    left_out = {
        "description": int(export.plan.description is not None),
        "samples": sum(order.sample for order, _ in export.lines),
        "superseded": sum(order.id in newer for order, _ in export.lines),
        "refused": sum(order.refused for order, _ in export.lines),
    }
    return {"rows": rows, **left_out, "used": rows - sum(left_out.values())}


def _file(plan: Plan, export: Export, exports: Sequence[Export]) -> dict[str, Any]:
    file = export.plan
    return {
        "name": file.name,
        "kind": file.kind,
        "format": file.format,
        "fault": file.fault,
        "exported": file.exported.isoformat(sep=" "),
        "columns": len(export.columns),
        "date_order": "mdy" if plan.market == "US" else "dmy",
        "description_language": file.description,
        **_file_counts(export, exports),
    }


def _side_file(file: SideFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "kind": file.kind,
        "format": file.name.rsplit(".", 1)[1],
        "exported": file.saved.isoformat(sep=" "),
        **file_counts(file),
    }


def _accounts(exports: Sequence[Export], side_files: SideFiles) -> dict[str, dict[str, int]]:
    """Rows of each kind over all of its files; of an export and the API the newer statement is used."""
    accounts = {}
    for kind in ("orders", "returns"):
        mine = [export for export in exports if export.plan.kind == kind]
        counted = [_file_counts(export, exports) for export in mine]
        for file in side_files.files:
            if file.kind == f"{kind}_api":
                counted += [file_counts(file), _overlap(mine, file)]
        accounts[kind] = {key: sum(file.get(key, 0) for file in counted) for key in counted[0]}
    accounts |= {file.kind: file_counts(file) for file in side_files.files if not file.kind.endswith("_api")}
    return accounts


def _overlap(exports: Sequence[Export], file: SideFile) -> dict[str, int]:
    """What becomes superseded when exports and an API file are read together: each object stands in both."""
    newest = max(export.plan.exported for export in exports)
    newer = newer_than(file, newest)
    older = file_counts(file)["used"] - sum(newer.values())
    twice = sum(newer.values()) + older
    return {"superseded": twice, "used": -twice}


def _refusals(exports: Sequence[Export]) -> list[dict[str, Any]]:
    column_of = {"order": "Order ID", "date": "Created Time"}
    found = []
    for export in exports:
        first = 2 + int(export.plan.description is not None)
        for number, (order, _) in enumerate(export.lines):
            if order.refused:
                column = column_of[order.refusal]
                value = export.rows[number + first - 2][export.columns.index(column)]
                found.append({"file": export.plan.name, "row": number + first, "column": column, "value": value})
    return found


def _focus_counts(plan: Plan, orders: Sequence[Order], known: Known) -> dict[str, Any]:
    """The planted story in figures: the focus beside the rest, at the end of the last day."""
    focus = plan.focus
    real = [order for order in orders if not order.sample]

    def cancelled(order: Order, *reasons: str) -> bool:
        return order.reason in reasons and happened(order.cancelled, min(AS_OF, known[order.id]))

    if plan.root_cause == "listing":
        skus = plan.focus_skus()
        delivered = [(o, line) for o in real if happened(o.delivered, min(AS_OF, known[o.id])) for line in o.lines]
        asked = [
            r for o in real for r in counted_requests(o, AS_OF) if r.reason == focus.return_reason
        ]  # fmt: skip
        return {
            "units_delivered": sum(line.quantity for _, line in delivered if line.sku in skus),
            "units_returned": sum(r.units for r in asked if r.line.sku in skus),
            "rest_units_delivered": sum(line.quantity for _, line in delivered if line.sku not in skus),
            "rest_units_returned": sum(r.units for r in asked if r.line.sku not in skus),
        }
    if plan.root_cause == "carrier":
        shipped = [order for order in real if happened(order.shipped, min(AS_OF, known[order.id]))]
        inside = [o for o in shipped if o.carrier.name == focus.carrier and o.region == focus.region]
        rest = [o for o in shipped if not (o.carrier.name == focus.carrier and o.region == focus.region)]
        return {
            "shipped": len(inside),
            "failed": sum(cancelled(o, "delivery_failed") for o in inside),
            "rest_shipped": len(rest),
            "rest_failed": sum(cancelled(o, "delivery_failed") for o in rest),
        }
    if plan.root_cause in ("stock", "late_dispatch"):
        skus = plan.focus_skus()
        begin = focus.first or plan.files[0].first
        since = [o for o in real if o.created.date() >= begin and (not skus or any(x.sku in skus for x in o.lines))]
        before = [o for o in real if o.created.date() < begin and (not skus or any(x.sku in skus for x in o.lines))]
        reasons = ["out_of_stock"] if plan.root_cause == "stock" else ["collection_timeout", "not_on_time"]
        return {
            "orders_since": len(since),
            "cancelled_since": sum(cancelled(o, *reasons) for o in since),
            "orders_before": len(before),
            "cancelled_before": sum(cancelled(o, *reasons) for o in before),
        }
    return {}


def _cancel_reasons(plan: Plan, orders: Sequence[Order], known: Known) -> list[dict[str, Any]]:
    """Lines that say they were cancelled, by initiator and wording, most frequent first."""
    found: Counter[tuple[str, str, str]] = Counter()
    for order in orders:
        for line in order.lines:
            if order.sample:
                continue
            if happened(order.cancelled, known[order.id]):
                found[order.cancelled_by, order.reason, cancel_wording(plan, order.reason)] += 1
            elif happened(line.cancelled, known[order.id]):
                found["Seller", "out_of_stock", cancel_wording(plan, "out_of_stock")] += 1
    return [
        {"cancel_by": by, "reason": reason, "text": text, "lines": count}
        for (by, reason, text), count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]


def _return_reasons(plan: Plan, orders: Sequence[Order], at: datetime) -> list[dict[str, Any]]:
    """Requests by wording and state, most frequent first."""
    found = Counter(
        (request.reason, return_wording(plan, request.reason), request.state(at))
        for order in orders
        for request in order.requests
        if request.state(at) != "none"
    )
    return [
        {"reason": reason, "text": text, "state": state, "requests": count}
        for (reason, text, state), count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]


def _unknown(plan: Plan, orders: Sequence[Order], at: datetime, known: Known) -> list[dict[str, Any]]:
    """Wordings that no catalog has, with their lines or requests."""
    cancelled = [row for row in _cancel_reasons(plan, orders, known) if row["reason"] == "unknown"]
    asked = [row for row in _return_reasons(plan, orders, at) if row["reason"] == "unknown"]
    return [{"where": "orders", "text": row["text"], "count": row["lines"]} for row in cancelled] + [
        {"where": "returns", "text": row["text"], "state": row["state"], "count": row["requests"]} for row in asked
    ]
