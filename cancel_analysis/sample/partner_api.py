"""Saved answers of the Partner API: orders and returns as the API tells them, and how such a file is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cancel_analysis.catalog.markets import market
from cancel_analysis.sample.exports import cancel_wording, happened, return_wording
from cancel_analysis.sample.orders import Line, Order, Request
from cancel_analysis.sample.people import MAIL_DOMAIN, MARKER
from cancel_analysis.sample.plans import Plan

Object = dict[str, Any]
# After the exports of the same day, so that some orders are newer here and the rest are newer there.
ORDERS_FETCHED = datetime(2026, 11, 16, 18, 30)
RETURN_CHANGED = datetime(2026, 11, 16, 11, 20)
SELLER_FREIGHT = 320
RETURN_CODES = {"damaged": "ecom_order_delivered_refund_and_return_reason_damaged"}
ROLES = {"User": "BUYER", "Seller": "SELLER", "System": "SYSTEM", "Operator": "OPERATOR"}


@dataclass(frozen=True)
class Spoken:
    """One object as a file states it: when it was last changed, how many lines it makes of how many SKUs."""

    key: str
    updated: datetime
    lines: int
    body: Object


def answer(kind: str, spoken: Sequence[Spoken]) -> bytes:
    """A saved answer, an object a line, so that a difference between two samples can be read."""
    objects = ",\n".join(json.dumps(statement.body, ensure_ascii=False, separators=(",", ":")) for statement in spoken)
    head = '{"code":0,"message":"Success","request_id":"202611160100000000000000000000000","data":{'
    count = len({statement.key for statement in spoken})
    return f'{head}"{kind}":[\n{objects}\n],"next_page_token":"","total_count":{count}}}}}\n'.encode()


def unix(plan: Plan, when: datetime) -> int:
    """A moment of the shop's clock in Unix seconds; the sample's weeks have no hour that a clock shows twice."""
    return int(when.replace(tzinfo=ZoneInfo(market(plan.market).timezone)).timestamp())


def money(plan: Plan, amount: int) -> str:
    """An amount as the API writes it: text, a point before decimals, no currency."""
    return f"{amount // 100}.{amount % 100:02d}" if plan.decimals else str(amount)


def currency(plan: Plan) -> str:
    """The currency of the shop's market."""
    return market(plan.market).currency


def shares(amount: int, units: int) -> list[int]:
    """An amount in as many whole parts as there are units."""
    return [amount * (number + 1) // units - amount * number // units for number in range(units)]


def unit_id(order: Order, line: Line, unit: int) -> str:
    """The number of one unit: the API lists each on its own."""
    position = next(number for number, other in enumerate(order.lines) if other is line)
    return f"{order.id[:-3]}{position}{unit + 10}"


def tell_orders(plan: Plan, orders: Sequence[Order], at: datetime) -> list[Spoken]:
    """All orders as they stood at `at`; of two an older statement too, as an earlier answer had it."""
    spoken = []
    for number, order in enumerate(orders):
        if number % 5 == 1 and order.paid is not None:
            spoken.append(_order(plan, order, order.paid))
        spoken.append(_order(plan, order, at))
    return spoken


def _order(plan: Plan, order: Order, at: datetime) -> Spoken:
    marks = (order.paid, order.rts, order.shipped, order.delivered, order.completed, order.cancelled)
    updated = max([order.created, *(when for when in marks if when is not None and when <= at)])
    status, _ = _status(order, at)
    body: Object = {
        "id": order.id,
        "status": status,
        "create_time": unix(plan, order.created),
        "update_time": unix(plan, updated),
        "recommended_shipping_time": unix(plan, order.created + timedelta(days=2)) * 1000,
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "warehouse_id": "7219900000000000001",
        "payment_method_name": order.payment,
        "is_cod": order.cod,
        "is_sample_order": False,
        "is_on_hold_order": False,
        "buyer_email": f"{MARKER}{order.id[-4:]}{MAIL_DOMAIN}",
        "buyer_message": order.buyer.message,
        "recipient_address": _address(plan, order),
        "payment": {
            "currency": currency(plan),
            "sub_total": money(plan, sum(line.amount for line in order.lines)),
            "shipping_fee": money(plan, order.shipping_fee - order.shipping_discount),
            "tax": money(plan, order.tax),
            "total_amount": money(plan, order.amount),
        },
        "packages": [{"id": order.package}] if happened(order.rts, at) else [],
        "line_items": [],
    }
    stamps = (
        ("paid_time", order.paid), ("rts_time", order.rts), ("collection_time", order.shipped),
        ("delivery_time", order.delivered), ("cancel_time", order.cancelled),
    )  # fmt: skip
    body |= {name: unix(plan, when) for name, when in stamps if when is not None and when <= at}
    if happened(order.cancelled, at):
        body |= {
            "cancellation_initiator": ROLES[order.cancelled_by],
            "cancel_reason": cancel_wording(plan, order.reason),
        }
    body["line_items"] = [
        _unit(plan, order, line, unit, price, at)
        for line in order.lines
        for unit, price in enumerate(shares(line.amount, line.quantity))
    ]
    return Spoken(order.id, updated, len({line.sku.id for line in order.lines}), body)


def _address(plan: Plan, order: Order) -> Object:
    return {
        "name": order.buyer.recipient,
        "phone_number": order.buyer.phone,
        "postal_code": order.buyer.postcode,
        "full_address": f"{order.buyer.street}, {order.buyer.town}",
        "address_detail": order.buyer.street,
        "region_code": plan.market,
        "district_info": [
            {"address_level_name": "State", "address_name": order.region},
            {"address_level_name": "City", "address_name": order.buyer.town},
        ],
    }


def _unit(plan: Plan, order: Order, line: Line, unit: int, price: int, at: datetime) -> Object:
    """One unit of a line, which the API lists as an item of its own."""
    status, package = _status(order, at)
    item: Object = {
        "id": unit_id(order, line, unit),
        "sku_id": line.sku.id,
        "seller_sku": line.sku.seller_sku,
        "product_id": f"1730{line.sku.id[4:]}",
        "product_name": line.sku.product.name,
        "sku_name": line.sku.variation,
        "sale_price": money(plan, price),
        "original_price": money(plan, line.sku.product.price),
        "currency": currency(plan),
        "display_status": status,
        "package_status": package,
        "is_gift": False,
    }
    if happened(order.rts, at):
        item |= {
            "package_id": order.package,
            "tracking_number": order.tracking,
            "shipping_provider_name": order.carrier.name,
        }
    if happened(order.cancelled, at):
        item |= {"cancel_user": ROLES[order.cancelled_by], "cancel_reason": cancel_wording(plan, order.reason)}
    return item


def _status(order: Order, at: datetime) -> tuple[str, str]:
    """Status of the order and of its package."""
    steps = (
        (order.cancelled, "CANCELLED", "CANCELLED"), (order.completed, "COMPLETED", "COMPLETED"),
        (order.delivered, "DELIVERED", "COMPLETED"), (order.shipped, "IN_TRANSIT", "FULFILLING"),
        (order.rts, "AWAITING_COLLECTION", "PROCESSING"), (order.paid, "AWAITING_SHIPMENT", "TO_FULFILL"),
    )  # fmt: skip
    for when, status, package in steps:
        if happened(when, at):
            return status, package
    return "UNPAID", "TO_FULFILL"


def dispute(orders: Sequence[Order]) -> None:
    """Make the shop's one return a dispute that is not over: the goods are back, the platform has not decided."""
    for order in orders:
        for request in order.requests:
            request.outcome, request.kind = "completed", "Return and refund"
            request.decided, request.closed = datetime(2026, 11, 9, 15), datetime(2026, 11, 20, 12)


def tell_returns(plan: Plan, orders: Sequence[Order]) -> list[Spoken]:
    """The returns under dispute: first as they were asked for, then as they stood at `RETURN_CHANGED`."""
    spoken = []
    for request in (request for order in orders for request in order.requests):
        asked = request.requested + timedelta(minutes=1)
        spoken += [
            _return(
                plan, request, asked, "RETURN_OR_REFUND_REQUEST_PENDING", "SELLER_RESPOND_RETURN",
                request.requested + timedelta(hours=48), "", 0,
            ),
            _return(
                plan, request, RETURN_CHANGED, "BUYER_SHIPPED_ITEM", "SELLER_RESPOND_RECEIVE_PACKAGE",
                datetime(2026, 11, 17, 15), "IN_PROGRESS", SELLER_FREIGHT,
            ),
        ]  # fmt: skip
    return spoken


def _return(
    plan: Plan, request: Request, updated: datetime, status: str, action: str, deadline: datetime, judged: str, fee: int
) -> Spoken:
    order, line = request.order, request.line
    body: Object = {
        "return_id": request.id,
        "order_id": order.id,
        "return_type": "RETURN_AND_REFUND" if request.kind == "Return and refund" else "REFUND",
        "return_status": status,
        "arbitration_status": judged,
        "role": "BUYER",
        "return_reason": RETURN_CODES[request.reason],
        "return_reason_text": return_wording(plan, request.reason),
        "create_time": unix(plan, request.requested),
        "update_time": unix(plan, updated),
        "seller_next_action_response": [{"action": action, "deadline": unix(plan, deadline)}],
        "refund_amount": {"currency": currency(plan), "refund_total": money(plan, request.refund)},
        "shipping_fee_amount": [{"currency": currency(plan), "seller_paid_return_shipping_fee": money(plan, fee)}]
        if fee
        else [],
        "return_line_items": [
            {
                "return_line_item_id": f"{request.id[:-2]}{unit + 10}",
                "order_line_item_id": unit_id(order, line, unit),
                "sku_id": line.sku.id,
                "seller_sku": line.sku.seller_sku,
                "sku_name": line.sku.variation,
                "product_name": line.sku.product.name,
                "refund_amount": {"currency": currency(plan), "refund_total": money(plan, part)},
            }
            for unit, part in enumerate(shares(request.refund, request.units))
        ],
    }
    if judged:
        body["return_tracking_number"] = f"RT{order.tracking}"
    return Spoken(request.id, updated, 1, body)
