"""The catalog of localized values: closed canonical lists, no contradictions, every form that was seen."""

from __future__ import annotations

import pytest

from cancel_analysis import tables
from cancel_analysis.catalog import values

ALLOWED = {
    "status": set(tables.STATUSES) - {"unknown"},
    "substatus": set(tables.SUBSTATUSES) - {"unknown"},
    "after_sale": set(tables.AFTER_SALES),
    "cancelled_by": set(tables.INITIATORS) - {"unknown"},
    "return_type": set(tables.RETURN_TYPES) - {"unknown"},
    "return_status": set(tables.RETURN_STATUSES) - {"unknown"},
    "return_substatus": {"withdrawn"},
    "payment": {"cod"},
}


def test_every_row_stands_in_a_known_field_with_a_canonical_value() -> None:
    assert set(ALLOWED) == {value.field for value in values.values()}
    for value in values.values():
        assert value.canonical in ALLOWED[value.field], value
        assert value.source in {"export", "api", "translation"}, value
        assert value.language, value


def test_one_spelling_means_one_thing() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for value in values.values():
        meanings.setdefault((value.field, values.plain_value(value.value)), set()).add(value.canonical)
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("field", "text", "canonical"),
    [
        ("status", "To ship", "to_ship"),
        ("status", " to  SHIP ", "to_ship"),
        ("status", "Canceled", "cancelled"),
        ("status", "Cancelled", "cancelled"),
        ("status", "AWAITING_SHIPMENT", "to_ship"),
        ("status", "ค้างชำระ", "unpaid"),
        ("status", "ที่จะจัดส่ง", "to_ship"),
        ("status", "จัดส่งแล้ว", "shipped"),
        ("status", "เสร็จสมบูรณ์", "completed"),
        ("status", "ยกเลิกแล้ว", "cancelled"),
        ("status", "Belum dibayar", "unpaid"),
        ("status", "Dikirim", "shipped"),
        ("status", "Selesai", "completed"),
        ("status", "Dibatalkan", "cancelled"),
        ("status", "Đã vận chuyển", "shipped"),
        ("status", "Đã hủy", "cancelled"),
        ("status", "未支付", "unpaid"),
        ("status", "待发货", "to_ship"),
        ("status", "已完成", "completed"),
        ("status", "已取消", "cancelled"),
        ("substatus", "รอจัดส่ง", "awaiting_shipment"),
        ("substatus", "รอเข้ารับ", "awaiting_collection"),
        ("substatus", "อยู่ระหว่างขนส่ง", "in_transit"),
        ("substatus", "จัดส่งสำเร็จ", "delivered"),
        ("substatus", "Đã giao", "delivered"),
        ("substatus", "待揽收", "awaiting_collection"),
        ("substatus", "运输中", "in_transit"),
        ("substatus", "已送达", "delivered"),
        ("cancelled_by", "User", "buyer"),
        ("cancelled_by", "Operator", "operator"),
        ("after_sale", "Return/Refund", "return_refund"),
        ("return_status", "To Process", "pending"),
        ("return_status", "Refund rejected", "rejected"),
        ("return_type", "Refund only", "refund_only"),
        ("status", "Nieuw", None),
        ("status", "", None),
    ],
)
def test_what_exports_say(field: str, text: str, canonical: str | None) -> None:
    assert values.canonical(field, text) == canonical


def test_a_letter_and_its_parts_are_one_value() -> None:
    assert values.canonical("status", "Đã hủy") == "cancelled"


@pytest.mark.parametrize(
    "text",
    [
        "Cash on delivery",
        "COD",
        "Cash On Delivery (COD)",
        "เก็บเงินปลายทาง",
        "Bayar di tempat",
        "Thanh toán khi nhận hàng",
        "货到付款",
        "Bayaran tunai semasa penghantaran",
    ],
)
def test_cash_on_delivery(text: str) -> None:
    assert values.is_cash_on_delivery(text)


@pytest.mark.parametrize("text", ["Credit card", "CODAPAY", "PayPal", "", "Discount code"])
def test_other_ways_of_paying(text: str) -> None:
    assert not values.is_cash_on_delivery(text)
