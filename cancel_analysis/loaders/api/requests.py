"""One cancellation or return of the API → its rows: one a SKU, as the API lists single units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cancel_analysis.loaders.api.fields import Object, Words, amount, moment, number_id, objects, part, text

# Texts that the seller leaves with a rejection; the status alone does not tell it from a withdrawal.
REJECTIONS = ("reject_reason", "seller_reject_reason", "reject_reason_text")
# Who must do something while a return waits for the buyer; the API gives an action only for the seller.
WAITS_FOR_BUYER = "AWAITING_BUYER"

Row = dict[str, Any]


def read_cancellation(cancellation: Object, currency: str, words: Words) -> list[Row]:
    """The rows of `cancellation`, CANCEL_REQUESTS without shop, place and first_line; times are microseconds UTC.

    Raises Fault when it cannot be used. A request that names no line item is one row without a SKU
    and of 0 units: it is about the whole order.
    """
    status = words.look_up("request_status", "cancel_status", cancellation.get("cancel_status"), "unknown")
    if status == "withdrawn" and any(text(cancellation.get(name)) for name in REJECTIONS):
        status = "rejected"
    who = words.look_up("initiator", "role", cancellation.get("role"), "unknown") or "unknown"
    kind = words.look_up("request_type", "cancel_type", cancellation.get("cancel_type"), None)
    action, deadline = _next(cancellation)
    created = moment(cancellation, "create_time", filled=True)
    shared: Row = {
        "request_id": number_id(cancellation, "cancel_id"),
        "order_id": number_id(cancellation, "order_id"),
        # Without its type, a buyer's request that still waits can only be one that needs an answer.
        "needs_answer": kind == "yes" or (kind is None and who == "buyer" and status == "pending"),
        "status": status or "unknown",
        "initiator": who,
        "reason_code": text(cancellation.get("cancel_reason")),
        "reason_text": text(cancellation.get("cancel_reason_text")),
        "created_at": created,
        "updated_at": moment(cancellation, "update_time") or created,
        "deadline_at": deadline,
        "next_action": action,
        "currency": _currency(cancellation, currency),
    }
    units = objects(cancellation, "cancel_line_items")
    if not units:
        return [shared | {"sku_id": None, "product_name": None, "units": 0, "refund_amount": _refund(cancellation)}]
    refunds = _shares(_refund(cancellation), units, _refund)
    rows = []
    for (sku, group), refund in zip(_by_sku(units).items(), refunds, strict=True):
        name = text(group[0].get("product_name"))
        rows.append(shared | {"sku_id": sku, "product_name": name, "units": len(group), "refund_amount": refund})
    return rows


def read_return(request: Object, currency: str, words: Words) -> list[Row]:
    """The rows of a return, RETURNS without shop and place; times are microseconds UTC.

    Raises Fault when it cannot be used, also when it names no SKU: a return is of something.
    """
    raw_status = text(request.get("return_status"))
    status = words.look_up("return_status", "return_status", raw_status, "unknown") or "unknown"
    action, deadline = _next(request)
    if action is None and raw_status and raw_status.upper().startswith(WAITS_FOR_BUYER):
        action = raw_status
    created = moment(request, "create_time", filled=True)
    updated = moment(request, "update_time") or created
    shared: Row = {
        "return_id": number_id(request, "return_id"),
        "order_id": number_id(request, "order_id"),
        "return_type": words.look_up("return_type", "return_type", request.get("return_type"), "unknown") or "unknown",
        "status": status,
        "requested_at": created,
        # The API states no time of the refund; a completed request is last changed when the money goes.
        "refunded_at": updated if status == "completed" else None,
        "initiator": words.look_up("initiator", "role", request.get("role"), "unknown"),
        "reason_code": text(request.get("return_reason")),
        "reason_text": text(request.get("return_reason_text")),
        "currency": _currency(request, currency),
        "return_tracking_id": text(request.get("return_tracking_number")),
        "updated_at": updated,
        "deadline_at": deadline,
        "next_action": action,
        "arbitration": text(request.get("arbitration_status")),
    }
    units = objects(request, "return_line_items")
    fees = [amount(fee, "seller_paid_return_shipping_fee") for fee in objects(request, "shipping_fee_amount")]
    freight = sum(fee for fee in fees if fee is not None) if any(fee is not None for fee in fees) else None
    groups = _by_sku(units) if units else {number_id(request, "sku_id", short=True): [request]}
    refunds = _shares(_refund(request), units or [request], _refund)
    freights = _shares(freight, units or [request], lambda unit: None)
    return [
        shared
        | {
            "sku_id": sku,
            "seller_sku": text(group[0].get("seller_sku")),
            "product_name": text(group[0].get("product_name")),
            "variation": text(group[0].get("sku_name")),
            "quantity": len(group),
            "refund_amount": refund,
            "return_freight": fee,
        }
        for (sku, group), refund, fee in zip(groups.items(), refunds, freights, strict=True)
    ]


def _by_sku(units: Sequence[Object]) -> dict[str, list[Object]]:
    groups: dict[str, list[Object]] = {}
    for unit in units:
        groups.setdefault(number_id(unit, "sku_id", short=True), []).append(unit)
    return groups


def _shares(total: float | None, units: Sequence[Object], own: Callable[[Object], float | None]) -> list[float | None]:
    """An amount a SKU: the sum of what its units state, else the request's total shared out by units."""
    groups = list(_by_sku(units).values())
    stated = [[own(unit) for unit in group] for group in groups]
    if all(value is not None for values in stated for value in values):
        return [round(sum(value for value in values if value is not None), 4) for values in stated]
    if total is None:
        return [None] * len(groups)
    return [total * len(group) / len(units) for group in groups]


def _refund(holder: Object) -> float | None:
    return amount(part(holder, "refund_amount"), "refund_total")


def _currency(holder: Object, otherwise: str) -> str:
    return (text(part(holder, "refund_amount").get("currency")) or otherwise).upper()


def _next(holder: Object) -> tuple[str | None, int | None]:
    """What the seller must do next and until when: the earliest of what is asked."""
    asked = [
        (text(one.get("action")), moment(one, "deadline")) for one in objects(holder, "seller_next_action_response")
    ]
    if not asked:
        return None, None
    return min(asked, key=lambda one: (one[1] is None, one[1] or 0))
