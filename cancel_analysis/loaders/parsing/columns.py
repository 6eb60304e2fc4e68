"""Which column of an export becomes which column of a canonical table: by name, never by position.

Header names are English in every market but Japan; what differs is their number, order and spelling. A
column that is not listed here is not read at all: that is how buyer data stays outside.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

COUNTRY = "country"
# How a field's text becomes a value.
KINDS = ("id", "text", "localized", "integer", "money", "time")


@dataclass(frozen=True)
class Field:
    """One field: its canonical name, kind and header spellings.

    A file without a `needed` column is refused as the wrong file: the stage or the leaving out of samples
    rests on it. Amounts, SKUs, who cancelled and when it was delivered may be missing: what follows from them
    is then not known. A row without a value in a `filled` field is refused.
    """

    name: str
    kind: str
    headers: tuple[str, ...]
    needed: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Layout:
    """One kind of export: its fields, and the keys that make a row the same row in another file."""

    kind: str
    title: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @property
    def row_id(self) -> str:
        """The field whose digits tell a data row from the description row."""
        return self.fields[0].name

    def of_kind(self, *kinds: str) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.kind in kinds)

    def __getitem__(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


# The one market whose export is not in English; taken from a real header.
JAPANESE: dict[str, str] = {
    "order_id": "注文ID",
    "status": "注文状況",
    "substatus": "注文のサブ状況",
    "after_sale": "キャンセル/返品のタイプ",
    "seller_sku": "セラーSKU",
    "product_name": "商品名",
    "variation": "バリエーション",
    "category": "商品カテゴリー",
    "quantity": "数量",
    "quantity_affected": "返品済みのSKU数",
    "unit_price": "SKUの元の価格",
    "line_amount": "SKU小計（割引後）",
    "order_amount": "注文金額",
    "order_refund_amount": "注文の返金額",
    "created_at": "注文作成時刻",
    "paid_at": "注文の支払い日時",
    "rts_at": "発送準備完了日時",
    "shipped_at": "発送日時",
    "delivered_at": "配達日時",
    "cancelled_at": "キャンセル日時",
    "cancelled_by": "キャンセル元：",
    "cancel_reason_text": "キャンセル理由",
    "payment_method": "支払い方法",
    "fulfillment_type": "フルフィルメントタイプ",
    "warehouse": "倉庫名",
    "package_id": "荷物ID",
    "tracking_id": "追跡ID",
    "carrier": "配送業者名",
    "region": "都道府県",
}


def _with_japanese(*fields: Field) -> tuple[Field, ...]:
    own = {field.name: (*field.headers, JAPANESE[field.name]) for field in fields if field.name in JAPANESE}
    return tuple(replace(field, headers=own.get(field.name, field.headers)) for field in fields)


ORDERS = Layout(
    "orders",
    "TikTok Shop order export",
    _with_japanese(
        Field("order_id", "id", ("Order ID",), needed=True, filled=True),
        Field("sku_id", "id", ("SKU ID",)),
        Field("status", "localized", ("Order Status",), needed=True),
        Field("substatus", "localized", ("Order Substatus", "Order Sub Status")),
        Field(
            "after_sale",
            "localized",
            ("Cancelation/Return Type", "Cancellation/Return Type", "Cancel/Return Type"),
        ),
        Field("product_id", "text", ("Product ID",)),
        Field("seller_sku", "text", ("Seller SKU",)),
        Field("product_name", "text", ("Product Name",)),
        Field("variation", "text", ("Variation", "SKU Name")),
        Field("category", "text", ("Product Category",)),
        Field("quantity", "integer", ("Quantity",), needed=True, filled=True),
        Field("quantity_affected", "integer", ("Sku Quantity of return", "Quantity of return"), needed=True),
        Field("unit_price", "money", ("SKU Unit Original Price",)),
        Field("line_amount", "money", ("SKU Subtotal After Discount",)),
        Field("order_amount", "money", ("Order Amount",), needed=True),
        Field("order_refund_amount", "money", ("Order Refund Amount",)),
        Field("created_at", "time", ("Created Time", "Order Created Time"), needed=True, filled=True),
        Field("paid_at", "time", ("Paid Time",), needed=True),
        Field("rts_at", "time", ("RTS Time", "Ready to Ship Time"), needed=True),
        Field("shipped_at", "time", ("Shipped Time",), needed=True),
        Field("delivered_at", "time", ("Delivered Time",)),
        Field("cancelled_at", "time", ("Cancelled Time", "Canceled Time"), needed=True),
        Field("cancelled_by", "localized", ("Cancel By", "Cancelled By", "Canceled By")),
        Field("cancel_reason_text", "text", ("Cancel Reason",), needed=True),
        Field("payment_method", "text", ("Payment Method",), needed=True),
        Field("fulfillment_type", "text", ("Fulfillment Type", "Fulfilment Type")),
        Field("warehouse", "text", ("Warehouse Name", "Warehouse")),
        Field("package_id", "id", ("Package ID",)),
        Field("tracking_id", "id", ("Tracking ID", "Tracking Number")),
        Field("carrier", "text", ("Shipping Provider Name", "Shipping Provider")),
        Field("region", "text", ("State", "Province", "State/Province", "Region", "Prefecture")),
        # Only to notice that files are of two countries' shops; no table keeps it.
        Field(COUNTRY, "text", ("Country", "Country/Region", "国")),
    ),
    key=("order_id", "sku_id"),
)

RETURNS = Layout(
    "returns",
    "TikTok Shop return and refund export",
    (
        Field("return_id", "id", ("Return Order ID", "Return ID"), needed=True, filled=True),
        Field("order_id", "id", ("Order ID",), needed=True, filled=True),
        Field("sku_id", "id", ("SKU ID",), needed=True, filled=True),
        Field("seller_sku", "text", ("Seller SKU",)),
        Field("product_name", "text", ("Product Name",)),
        Field("variation", "text", ("SKU Name", "Variation")),
        Field("return_type", "localized", ("Return Type",), needed=True),
        Field("status", "localized", ("Return Status",), needed=True),
        Field("substatus", "localized", ("Return Sub Status", "Return Substatus")),
        Field("requested_at", "time", ("Time Requested", "Requested Time"), needed=True, filled=True),
        Field("refunded_at", "time", ("Refund Time",)),
        Field("reason_text", "text", ("Return Reason",), needed=True),
        Field("quantity", "integer", ("Return Quantity",)),
        Field("refund_amount", "money", ("Return unit price",), needed=True),
        Field("dispute_status", "text", ("Dispute Status",)),
        Field("appeal_status", "text", ("Appeal Status",)),
        Field("compensation_status", "text", ("Compensation Status",)),
        Field("compensation_amount", "money", ("Compensation Amount",)),
        Field("return_tracking_id", "id", ("Return Logistics Tracking ID",)),
    ),
    key=("return_id", "sku_id"),
)

LAYOUTS = (RETURNS, ORDERS)


def plain_name(header: str) -> str:
    """A header with case, spaces and signs taken away, so that `Order  ID ` is `Order ID`."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", header).casefold())


@dataclass(frozen=True)
class Match:
    """Where a layout's fields stand in one file's header, and which needed ones are missing."""

    layout: Layout
    positions: dict[str, int]
    missing: tuple[str, ...]


def match(header: Sequence[str], layout: Layout) -> Match:
    """Find the fields of `layout` in `header`; of two columns of one name the first counts."""
    places: dict[str, int] = {}
    for position, name in enumerate(header):
        places.setdefault(plain_name(name), position)
    positions: dict[str, int] = {}
    for field in layout.fields:
        for spelling in field.headers:
            if plain_name(spelling) in places:
                positions[field.name] = places[plain_name(spelling)]
                break
    missing = tuple(f.headers[0] for f in layout.fields if f.needed and f.name not in positions)
    return Match(layout, positions, missing)
