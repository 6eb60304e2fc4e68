"""One order of the API → its order lines.

The API lists every unit as a line item of its own. Units of one SKU in one package that share their
outcome become one line; cancelled units of a SKU stand beside kept ones as a line of their own, so
that a part of an order can be cancelled without the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cancel_analysis.catalog.values import is_cash_on_delivery
from cancel_analysis.loaders.api.fields import (
    Fault,
    Object,
    Words,
    amount,
    flag,
    moment,
    number_id,
    objects,
    part,
    text,
)

NO_LINES = "the order has no line items"
# What a unit that waits for the carrier shows; the order's own times are then those of another package.
WAITING = ("TO_FULFILL", "PROCESSING")
# Names of the one level of an address that is kept, the same as in exports.
REGIONS = ("state", "province", "region", "prefecture")
WAITING_SUBSTATUSES = ("awaiting_shipment", "awaiting_collection")

Row = dict[str, Any]


def read_order(order: Object, currency: str, words: Words) -> list[Row]:
    """The lines of `order`, ORDER_LINES without shop, place in the file and first_line; kept lines come first.

    Times are microseconds since 1970, UTC. `currency` is the shop's, for orders that name none.
    Raises Fault when the order cannot be used.
    """
    order_id = number_id(order, "id")
    payment = part(order, "payment")
    times = {name: moment(order, field) for name, field in TIMES.items()}
    times["created_at"] = moment(order, "create_time", filled=True)
    times["updated_at"] = times["updated_at"] or max(time for time in times.values() if time)
    status = _status(order, times, words)
    method = text(order.get("payment_method_name"))
    shared: Row = {
        "order_id": order_id,
        "order_amount": amount(payment, "total_amount"),
        "currency": (text(payment.get("currency")) or _line_currency(order) or currency).upper(),
        "status": status,
        "created_at": times["created_at"],
        "paid_at": times["paid_at"],
        "updated_at": times["updated_at"],
        "payment_method": method,
        "is_cod": flag(order, "is_cod") or bool(method and is_cash_on_delivery(method)),
        "fulfillment_type": text(order.get("fulfillment_type")),
        "warehouse": text(order.get("warehouse_id")),
        "region": _region(part(order, "recipient_address")),
    }
    units = objects(order, "line_items")
    if not units:
        raise Fault("line_items", None, NO_LINES)
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for position, unit in enumerate(units):
        row = _unit(unit, order, status, times, words, first=position == 0)
        key = (row["after_sale"] is not None, *(row[name] for name in ALIKE))
        groups.setdefault(key, []).append(row)
    kept_first = sorted(groups, key=lambda key: key[0])
    seen: dict[str, int] = {}
    lines = []
    for key in kept_first:
        line = shared | _line(groups[key])
        line["line_no"] = seen[line["sku_id"]] = seen.get(line["sku_id"], 0) + 1
        lines.append(line)
    return lines


TIMES = {
    "updated_at": "update_time",
    "paid_at": "paid_time",
    "rts_at": "rts_time",
    "shipped_at": "collection_time",
    "delivered_at": "delivery_time",
    "cancelled_at": "cancel_time",
}
# Units that agree in these are one line.
ALIKE = ("sku_id", "package_id", "cancelled_by", "cancel_reason_text", "substatus")


def _status(order: Object, times: Mapping[str, int | None], words: Words) -> str:
    steps = (("cancelled_at", "cancelled"), ("delivered_at", "completed"), ("shipped_at", "shipped"))
    by_time = next((name for time, name in steps if times[time]), None)
    by_time = by_time or ("to_ship" if times["paid_at"] or times["rts_at"] else "unknown")
    status = words.look_up("status", "status", order.get("status"), by_time) or by_time
    # A held order keeps its place in the queue; the flag alone may say so.
    return "on_hold" if status == "to_ship" and flag(order, "is_on_hold_order") else status


def _region(address: Object) -> str | None:
    """State or province of an address; nothing else of it is read."""
    for district in objects(address, "district_info"):
        if (text(district.get("address_level_name")) or "").casefold() in REGIONS:
            return text(district.get("address_name"))
    return None


def _line_currency(order: Object) -> str | None:
    return next((found for unit in objects(order, "line_items") if (found := text(unit.get("currency")))), None)


def _unit(
    unit: Object, order: Object, status: str, times: Mapping[str, int | None], words: Words, *, first: bool
) -> Row:
    substatus = words.look_up("substatus", "display_status", unit.get("display_status") or order.get("status"), None)
    whole = status == "cancelled"
    cancelled = whole or substatus == "cancelled"
    own_rts = moment(unit, "rts_time")
    price = amount(unit, "sale_price")
    price = amount(unit, "original_price") if price is None else price
    row: Row = {
        "sku_id": _article(unit, order),
        "product_id": text(unit.get("product_id")),
        "seller_sku": text(unit.get("seller_sku")),
        "product_name": text(unit.get("product_name")),
        "variation": text(unit.get("sku_name")),
        "line_amount": price,
        "unit_price": amount(unit, "original_price"),
        "substatus": "cancelled" if cancelled else substatus,
        "after_sale": "cancel" if cancelled else None,
        "rts_at": own_rts or times["rts_at"],
        "shipped_at": times["shipped_at"],
        "delivered_at": times["delivered_at"],
        "cancelled_at": None,
        "cancelled_by": None,
        "cancel_reason_text": None,
        "package_id": text(unit.get("package_id")),
        "tracking_id": text(unit.get("tracking_number")) or text(order.get("tracking_number")),
        "carrier": text(unit.get("shipping_provider_name")) or text(order.get("shipping_provider")),
    }
    if cancelled:
        who = unit.get("cancel_user") or order.get("cancellation_initiator")
        row["cancelled_by"] = words.look_up("initiator", "cancel_user", who, "unknown")
        # The order's own text is that of its first line.
        own = text(order.get("cancel_reason")) if whole or first else None
        row["cancel_reason_text"] = text(unit.get("cancel_reason")) or own
        # Files from before the platform stated the time: its last change is then the nearest word.
        row["cancelled_at"] = times["cancelled_at"] or (times["updated_at"] if whole else None)
        if not whole:
            # Only what waits to be shipped can be taken out of an order that lives on.
            row |= {"rts_at": own_rts, "shipped_at": None, "delivered_at": None}
    elif substatus in WAITING_SUBSTATUSES or unit.get("package_status") in WAITING:
        waits = substatus == "awaiting_shipment" and not own_rts
        row |= {"rts_at": None if waits else row["rts_at"], "shipped_at": None, "delivered_at": None}
    elif substatus == "in_transit":
        row["delivered_at"] = None
    return row


def _article(unit: Object, order: Object) -> str:
    """The SKU's number; where there is none, the nearest thing that tells articles apart, at last the order."""
    if text(unit.get("sku_id")) is not None:
        return number_id(unit, "sku_id", short=True)
    names = (text(unit.get(name)) for name in ("seller_sku", "product_id", "product_name"))
    return next((name for name in names if name is not None), None) or text(order.get("id")) or ""


def _line(units: Sequence[Row]) -> Row:
    """Units that share their outcome as one line; it is ready when its last unit is."""
    ready = [unit["rts_at"] for unit in units]
    prices = [unit["line_amount"] for unit in units]
    return units[0] | {
        "quantity": len(units),
        "quantity_affected": len(units) if units[0]["after_sale"] else 0,
        # A price that is not stated is not 0: the line's value is then not known.
        "line_amount": None if None in prices else round(sum(prices), 4),
        "rts_at": None if None in ready else max(ready),
    }
