"""Objects as the Partner API answers them, with only what a test is about to be said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Object = dict[str, Any]
# 2026-11-02 10:00 in Bangkok.
START = int(datetime(2026, 11, 2, 3, 0, tzinfo=UTC).timestamp())
HOUR, DAY = 3600, 86400
BUYER = "BUYERDATA"


def unit(number: int, sku: int = 1, **changes: Any) -> Object:
    """One line item: one unit of one SKU."""
    return {
        "id": f"5800000000000{number:05d}",
        "product_id": f"17300000000000{sku:04d}",
        "product_name": f"Lamp {sku}",
        "sku_id": f"17290000000000{sku:04d}",
        "sku_name": "Red, M",
        "seller_sku": f"L-{sku}",
        "sale_price": "45.25",
        "original_price": "60.00",
        "currency": "THB",
        "display_status": "COMPLETED",
        "package_id": "1152000000000001",
        "package_status": "COMPLETED",
        "tracking_number": "JX0001",
        "shipping_provider_name": "J&T Express",
        "is_gift": False,
        **changes,
    }


def order(number: int, units: list[Object] | None = None, **changes: Any) -> Object:
    """A completed order of one unit, with the buyer's data that the API sends along."""
    created = START + number * 60
    return {
        "id": f"5770000000000{number:05d}",
        "status": "COMPLETED",
        "create_time": created,
        "paid_time": created + 300,
        "rts_time": created + 20 * HOUR,
        "collection_time": created + 26 * HOUR,
        "delivery_time": created + 3 * DAY,
        "update_time": created + 4 * DAY,
        "recommended_shipping_time": (created + DAY) * 1000,
        "is_cod": False,
        "is_sample_order": False,
        "is_replacement_order": False,
        "is_on_hold_order": False,
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "warehouse_id": "7000000000000000001",
        "payment_method_name": "Card",
        "payment": {"currency": "THB", "sub_total": "45.25", "total_amount": "85.25"},
        "line_items": [unit(1)] if units is None else units,
        "packages": [{"id": "1152000000000001"}],
        "buyer_email": f"{BUYER}@example.com",
        "buyer_message": f"{BUYER} please hurry",
        "buyer_uid": f"{BUYER}-1",
        "cpf": f"{BUYER}-123",
        "recipient_address": {
            "name": f"{BUYER} Name",
            "phone_number": f"{BUYER} 0812345678",
            "full_address": f"{BUYER} Street 1, Chiang Mai",
            "district_info": [
                {"address_level": "L1", "address_level_name": "Province", "address_name": "Chiang Mai"},
                {"address_level": "L2", "address_level_name": "City", "address_name": f"{BUYER} Town"},
            ],
        },
        **changes,
    }


def cancelled(number: int, units: list[Object] | None = None, **changes: Any) -> Object:
    """An order that its buyer cancelled before it was ready."""
    whole = {
        "status": "CANCELLED",
        "rts_time": 0,
        "collection_time": 0,
        "delivery_time": 0,
        "cancel_time": START + number * 60 + 2 * HOUR,
        "cancellation_initiator": "BUYER",
        "cancel_reason": "ไม่ต้องการแล้ว",
    }
    gone = {"display_status": "CANCELLED", "cancel_user": "BUYER", "cancel_reason": "ไม่ต้องการแล้ว"}
    return order(number, [unit(1, **gone)] if units is None else units, **{**whole, **changes})


def cancellation(number: int, **changes: Any) -> Object:
    """A buyer's request to cancel order `number`, waiting for an answer."""
    asked = START + number * 60 + HOUR
    return {
        "cancel_id": f"4030000000000{number:05d}",
        "order_id": f"5770000000000{number:05d}",
        "cancel_type": "BUYER_CANCEL",
        "cancel_status": "CANCELLATION_REQUEST_PENDING",
        "role": "BUYER",
        "cancel_reason": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "cancel_reason_text": "No longer needed",
        "create_time": asked,
        "update_time": asked,
        "seller_next_action_response": [{"action": "SELLER_RESPOND_CANCEL", "deadline": asked + DAY}],
        "refund_amount": {"currency": "THB", "refund_total": "85.25", "refund_subtotal": "45.25"},
        "cancel_line_items": [request_unit(1, refund="85.25")],
        **changes,
    }


def request_unit(number: int, sku: int = 1, refund: str | None = None) -> Object:
    """One unit that a request is about."""
    line = {
        "order_line_item_id": f"5800000000000{number:05d}",
        "sku_id": f"17290000000000{sku:04d}",
        "seller_sku": f"L-{sku}",
        "sku_name": "Red, M",
        "product_name": f"Lamp {sku}",
    }
    return line if refund is None else {**line, "refund_amount": {"currency": "THB", "refund_total": refund}}


def returned(number: int, **changes: Any) -> Object:
    """A return of order `number` that is over."""
    asked = START + number * 60 + 5 * DAY
    return {
        "return_id": f"4040000000000{number:05d}",
        "order_id": f"5770000000000{number:05d}",
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "arbitration_status": "",
        "role": "BUYER",
        "return_reason": "ecom_order_delivered_refund_and_return_reason_damaged",
        "return_reason_text": "Package or product is damaged",
        "create_time": asked,
        "update_time": asked + 4 * DAY,
        "refund_amount": {"currency": "THB", "refund_total": "45.25"},
        "shipping_fee_amount": [{"currency": "THB", "seller_paid_return_shipping_fee": "32.50"}],
        "return_tracking_number": "RT0001",
        "return_line_items": [request_unit(1, refund="45.25")],
        **changes,
    }


def answer(**lists: list[Object]) -> Object:
    """A response object: `answer(orders=[…])`."""
    return {"code": 0, "message": "Success", "request_id": "1", "data": {**lists, "total_count": 1}}


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def write_lines(path: Path, *values: Any) -> Path:
    path.write_text("\n".join(json.dumps(value, ensure_ascii=False) for value in values) + "\n", encoding="utf-8")
    return path


def local(seconds: int) -> datetime:
    """Unix seconds as Bangkok's clock."""
    return (datetime.fromtimestamp(seconds, UTC) + timedelta(hours=7)).replace(tzinfo=None)
