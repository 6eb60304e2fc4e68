"""Requests to cancel, as the cancellation API has them: free ones, those that need an answer, those at once.

They agree with the orders: a request that was granted stands at the moment its order was cancelled,
and one that was refused belongs to an order that went on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cancel_analysis.sample.exports import cancel_wording, happened
from cancel_analysis.sample.orders import BUYER_REASONS, Line, Order
from cancel_analysis.sample.partner_api import Object, Spoken, currency, money, shares, unit_id, unix
from cancel_analysis.sample.plans import AS_OF, Plan
from cancel_analysis.sample.random_stream import RandomStream

FETCHED = datetime(2026, 11, 16, 9, 0)
# Thailand cancels so much that a third week would make the file too large.
FIRST = {"TH": datetime(2026, 11, 2), "US": datetime(2026, 10, 26)}
FREE = timedelta(hours=1)
ANSWER = timedelta(hours=24)
# Refused, withdrawn and open requests, beside those that the cancelled orders show; by market.
OTHERS = {"TH": (7, 4, 9), "US": (4, 2, 5)}
PENDING, DONE = "CANCELLATION_REQUEST_PENDING", "CANCELLATION_REQUEST_COMPLETE"
REFUSED, WITHDRAWN = "CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED"
PACKED = "seller_reject_apply_product_has_been_packed"
_TO_SHIP = "ecom_order_to_ship_canceled_reason_"
_CODES = {
    "no_longer_needed": f"{_TO_SHIP}no_longer_needed",
    "better_price": f"{_TO_SHIP}better_price",
    "change_address": f"{_TO_SHIP}wrong_delivery_info",
    "mistake": f"{_TO_SHIP}created_by_mistakes",
    "delivery_cost": f"{_TO_SHIP}high_delivery_costs",
    "change_payment": f"{_TO_SHIP}change_payment_method",
    "not_on_time": f"{_TO_SHIP}not_shipped_on_time",
    "out_of_stock": "seller_cancel_reason_out_of_stock",
    "pricing_error": "seller_cancel_reason_wrong_price",
    "collection_timeout": "system_cancel_order_reason_shipping_timeout",
}
CODES = {
    "TH": _CODES
    | {
        "change_size": "buyer_cancel_wrong_item_variation_(colour,_size,_etc.)",
        "coupon": "buyer_cancel_need_to_input/change_coupon_code",
    },
    "US": _CODES | {"coupon": f"{_TO_SHIP}forgot_to_apply_coupons"},
}


@dataclass(frozen=True)
class CancelRequest:
    """One request and what became of it: free, at_once, accepted, timed_out, rejected, withdrawn or open."""

    id: str
    order: Order
    units: tuple[tuple[Line, int], ...]
    role: str
    reason: str
    created: datetime
    decided: datetime | None
    outcome: str
    deadline: datetime

    @property
    def needs_answer(self) -> bool:
        return self.outcome not in ("free", "at_once")


def ask(plan: Plan, orders: Sequence[Order]) -> list[CancelRequest]:
    """All requests that the shop's file holds, oldest first."""
    rng = RandomStream(plan.seed, 6)
    first = FIRST[plan.market]
    real = [order for order in orders if not order.sample and not order.refusal and not order.never_paid]
    found = []
    for order in real:
        found += _of_cancelled(plan, rng, order)
    found += _of_orders_that_went_on(plan, rng, [order for order in real if order.created >= first])
    return sorted(
        (request for request in found if first <= request.created <= FETCHED),
        key=lambda request: (request.created, request.id),
    )


def _of_cancelled(plan: Plan, rng: RandomStream, order: Order) -> list[CancelRequest]:
    found = []
    for line in order.lines:
        if line.cancelled is not None and happened(line.cancelled, FETCHED):
            part = ((line, line.cancelled_units),)
            found.append(
                _make_request(rng, order, part, "SELLER", "out_of_stock", line.cancelled, line.cancelled, "at_once")
            )
    gone = order.cancelled
    if gone is None or gone > FETCHED or order.shipped is not None or order.cancelled_by == "Operator":
        return found
    units = tuple((line, line.quantity) for line in order.lines)
    if order.cancelled_by != "User":
        role = order.cancelled_by.upper()
        return [*found, _make_request(rng, order, units, role, order.reason, gone, gone, "at_once")]
    if gone - order.created <= FREE:
        return [*found, _make_request(rng, order, units, "BUYER", order.reason, gone, gone, "free")]
    earliest = order.created + FREE + timedelta(minutes=1)
    silent = gone - ANSWER - timedelta(minutes=rng.whole(1, 20))
    if silent >= earliest and rng.chance(0.4):
        return [*found, _make_request(rng, order, units, "BUYER", order.reason, silent, gone, "timed_out")]
    asked = min(max(earliest, gone - rng.delay(((0, 0.2), (0.6, 5), (1, 20)))), gone)
    return [*found, _make_request(rng, order, units, "BUYER", order.reason, asked, gone, "accepted")]


def _of_orders_that_went_on(plan: Plan, rng: RandomStream, orders: Sequence[Order]) -> list[CancelRequest]:
    """Requests of orders that were not cancelled: refused, withdrawn, or waiting when the file was fetched."""
    refused, withdrawn, waiting = OTHERS[plan.market]
    sent = [o for o in orders if o.cancelled is None and o.rts is not None and happened(o.shipped, FETCHED)]
    sent = [o for o in sent if o.rts is not None and o.rts - o.created > timedelta(hours=4) and not _partial(o)]
    held = [o for o in orders if not (happened(o.shipped, FETCHED) or happened(o.cancelled, FETCHED) or _partial(o))]
    held = [o for o in held if o.paid is None or happened(o.paid, FETCHED)]
    # The oldest of those that still wait to be shipped have had their day to ask in.
    held = [o for o in held if FETCHED - o.created > timedelta(hours=4)]
    found = []
    for outcome, count, pool in (("rejected", refused, sent), ("withdrawn", withdrawn, sent), ("open", waiting, held)):
        for number in range(count):
            order = rng.pick(pool)
            pool.remove(order)
            earliest = order.created + FREE + timedelta(minutes=5)
            decided: datetime | None = None
            if outcome == "open":
                # Within the last day, or the platform would have answered for the seller.
                begin = max(earliest, FETCHED - ANSWER + timedelta(minutes=30))
                latest = FETCHED - timedelta(minutes=20)
            else:
                assert order.rts is not None
                begin, latest = earliest, order.rts - timedelta(hours=1)
            asked = begin + timedelta(seconds=int((latest - begin).total_seconds() * rng.unit()))
            if outcome != "open":
                assert order.rts is not None
                decided = min(asked + rng.delay(((0, 0.3), (0.7, 6), (1, 22))), order.rts)
            reason = rng.pick([name for name, _ in BUYER_REASONS[:5]])
            units = tuple((line, line.quantity) for line in order.lines)
            request = _make_request(rng, order, units, "BUYER", reason, asked, decided, outcome)
            if outcome == "open" and number == 0:
                # The platform may grant more than the rule: its own word counts.
                request = CancelRequest(**{**vars(request), "deadline": asked + 2 * ANSWER})
            found.append(request)
    return found


def _partial(order: Order) -> bool:
    return any(line.cancelled is not None for line in order.lines)


def _make_request(
    rng: RandomStream, order: Order, units: tuple[tuple[Line, int], ...], role: str, reason: str, created: datetime,
    decided: datetime | None, outcome: str,
) -> CancelRequest:  # fmt: skip
    minutes = int((created - datetime(2026, 1, 1)).total_seconds()) // 60
    number = f"4036{minutes:06d}{rng.digits(9)}"
    return CancelRequest(number, order, units, role, reason, created, decided, outcome, created + ANSWER)


def tell_requests(plan: Plan, asked: Sequence[CancelRequest]) -> list[Spoken]:
    """The requests as the API states them, newest first; a few decided ones also as they were before."""
    spoken = []
    for number, request in enumerate(asked):
        if request.needs_answer and request.decided is not None and number % 7 == 0:
            spoken.append(_spoken(plan, request, request.created, PENDING))
        status = {"open": PENDING, "rejected": REFUSED, "withdrawn": WITHDRAWN}.get(request.outcome, DONE)
        spoken.append(_spoken(plan, request, request.decided or request.created, status))
    return spoken[::-1]


def _spoken(plan: Plan, request: CancelRequest, updated: datetime, status: str) -> Spoken:
    order = request.order
    whole = sum(units for _, units in request.units) == sum(line.quantity for line in order.lines)
    paid = order.paid is not None
    goods = [part for line, units in request.units for part in shares(line.amount, line.quantity)[:units]]
    total = (order.amount if whole else sum(goods)) if paid else 0
    body: Object = {
        "cancel_id": request.id,
        "order_id": order.id,
        "cancel_type": "BUYER_CANCEL" if request.needs_answer else "CANCEL",
        "cancel_status": status,
        "role": request.role,
        "cancel_reason": CODES[plan.market].get(request.reason, ""),
        "cancel_reason_text": cancel_wording(plan, request.reason),
        "create_time": unix(plan, request.created),
        "update_time": unix(plan, updated),
    }
    if status == REFUSED:
        body["reject_reason"] = PACKED
    if status == PENDING:
        action = {"action": "SELLER_RESPOND_CANCEL", "deadline": unix(plan, request.deadline)}
        body["seller_next_action_response"] = [action]
    body["refund_amount"] = {
        "currency": currency(plan),
        "refund_total": money(plan, total),
        "refund_subtotal": money(plan, sum(goods) if paid else 0),
    }
    numbered = [(line, unit) for line, units in request.units for unit in range(units)]
    body["cancel_line_items"] = [
        {
            "cancel_line_item_id": f"{request.id[:-2]}{place + 10}",
            "order_line_item_id": unit_id(order, line, unit),
            "sku_id": line.sku.id,
            "seller_sku": line.sku.seller_sku,
            "product_name": line.sku.product.name,
            "refund_amount": {"currency": currency(plan), "refund_total": money(plan, part if paid else 0)},
        }
        for place, ((line, unit), part) in enumerate(zip(numbered, goods, strict=True))
    ]
    return Spoken(request.id, updated, len({line.sku.id for line, _ in request.units}), body)


def tell_queue(asked: Sequence[CancelRequest]) -> dict[str, Any]:
    """The queue of requests at the end of the last day; a request decided later was still open then."""
    known = [request for request in asked if request.created <= AS_OF]
    answerable = [request for request in known if request.needs_answer]
    open_requests = [request for request in answerable if not happened(request.decided, AS_OF)]
    closed = Counter(request.outcome for request in answerable if happened(request.decided, AS_OF))
    due_in_a_day = [
        request for request in open_requests if AS_OF < request.deadline <= AS_OF + timedelta(seconds=1, days=1)
    ]
    return {
        "meaning": (
            "requests asked for up to as_of, as they stood at its end. Those of a buyer that need an answer: all = "
            "to_proceed + completed + closed; closed = rejected + withdrawn; completed = accepted + timed_out. Free "
            "within the order's first hour and those that took effect at once (by role) stand apart"
        ),
        "first": min(request.created for request in asked).isoformat(sep=" "),
        "all": len(answerable),
        "to_proceed": len(open_requests),
        "completed": closed["accepted"] + closed["timed_out"],
        "closed": closed["rejected"] + closed["withdrawn"],
        **{outcome: closed[outcome] for outcome in ("accepted", "timed_out", "rejected", "withdrawn")},
        "free": sum(request.outcome == "free" for request in known),
        "at_once": dict(sorted(Counter(request.role for request in known if request.outcome == "at_once").items())),
        "item_level": sum(
            sum(units for _, units in request.units) < sum(line.quantity for line in request.order.lines)
            for request in known
        ),
        "due_within_24h": sorted(request.id for request in due_in_a_day),
        "due_later": sorted(request.id for request in open_requests if request not in due_in_a_day),
        "decided_after_as_of": sum(request.decided is not None for request in open_requests),
        "asked_after_as_of": len(asked) - len(known),
    }
