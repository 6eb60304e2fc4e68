"""The columns of the exports, by market, and what the description row says of them.

Header names are English in every market; which columns there are differs. United States, Indonesia
and Vietnam are as real files have them; Thailand (63), United Kingdom and Singapore are plausible
ones, since no real file of theirs is at hand: a reader must go by name anyway.
"""

from __future__ import annotations

_LINE = (
    "Order ID|Order Status|Order Substatus|Cancelation/Return Type|Normal or Pre-order|SKU ID|Seller SKU|Product Name|"
    "Variation|Quantity|Sku Quantity of return|SKU Unit Original Price|SKU Subtotal Before Discount|"
    "SKU Platform Discount|SKU Seller Discount|SKU Subtotal After Discount|Shipping Fee After Discount|"
    "Original Shipping Fee|Shipping Fee Seller Discount|Shipping Fee Platform Discount|Payment platform discount"
)
_TIMES = (
    "Order Amount|Order Refund Amount|Created Time|Paid Time|RTS Time|Shipped Time|Delivered Time|Cancelled Time|"
    "Cancel By|Cancel Reason|Fulfillment Type|Warehouse Name|Tracking ID"
)
_BUYER = "Shipping Provider Name|Buyer Message|Buyer Username|Recipient|Phone #"
_ADDRESS = "Detail Address|Additional address information"
_GOODS = "Payment Method|Weight(kg)|Product Category|Package ID"
_CHECKED = "Seller Note|Checked Status|Checked Marked by"


def _columns(*parts: str) -> tuple[str, ...]:
    return tuple("|".join(parts).split("|"))


ORDER_COLUMNS: dict[str, tuple[str, ...]] = {
    "US": _columns(
        _LINE, "Retail Delivery Fee|Taxes", _TIMES, "Delivery Option Type|Delivery Option", _BUYER,
        "Country|State|City|Zipcode", _ADDRESS, "House Name or Number|Delivery Instruction", _GOODS,
        "Seller Note|Shipping Information",
    ),
    "GB": _columns(
        _LINE, "Taxes", _TIMES, "Delivery Option Type|Delivery Option", _BUYER, "Zipcode|Country|State|City", _ADDRESS,
        "House Name or Number", _GOODS, _CHECKED,
    ),
    "ID": _columns(
        _LINE, "Buyer Service Fee|Handling Fee|Shipping Insurance|Item Insurance", _TIMES, "Delivery Option", _BUYER,
        "Zipcode|Country|Province|Regency and City|Districts|Villages", _ADDRESS, _GOODS, "Purchase Channel", _CHECKED,
        "Tokopedia Invoice Number",
    ),
    "VN": _columns(
        _LINE, "Taxes", _TIMES, "Delivery Option", _BUYER, "Country|Province|District|Commune", _ADDRESS, _GOODS,
        _CHECKED,
    ),
    "TH": _columns(
        _LINE, "Distance Shipping Fee|Distance Fee|Buyer Service Fee|Handling Fee|Shipping Insurance|Item Insurance",
        "Taxes", _TIMES, "Delivery Option Type|Delivery Option", _BUYER,
        "Zipcode|Country|Province|District|Sub-district", _ADDRESS, _GOODS, "Purchase Channel", _CHECKED,
    ),
    "SG": _columns(
        _LINE, "Taxes", _TIMES, "Delivery Option", _BUYER, "Zipcode|Country|State|City", _ADDRESS, _GOODS, _CHECKED
    ),
}  # fmt: skip

RETURN_COLUMNS = _columns(
    "Return Order ID|Order ID|Order Amount|Order Status|Order Substatus|Payment Method|SKU ID|Seller SKU|Product Name|"
    "SKU Name|Buyer Username|Return Type|Time Requested|Return Reason|Return unit price|Return Quantity|"
    "Return Logistics Tracking ID|Return Status|Return Sub Status|Refund Time|Dispute Status|Appeal Status|"
    "Compensation Status|Compensation Amount|Buyer Note"
)
_NEWER_ONLY = ("Return Quantity", "Return Sub Status", "Refund Time", "Compensation Status", "Compensation Amount")
# Five columns are known to be missing from the older form; the sixth is a guess.
OLDER_RETURN_COLUMNS = tuple(c for c in RETURN_COLUMNS if c not in (*_NEWER_ONLY, "Appeal Status"))

# What leaves the reader's hand as text with a tab behind it, so that a spreadsheet keeps the digits.
TABBED = frozenset(
    _columns(
        "Order ID|SKU ID|Package ID|Tracking ID|Created Time|Paid Time|RTS Time|Shipped Time|Delivered Time",
        "Cancelled Time|Return Order ID|Return Logistics Tracking ID|Time Requested|Refund Time",
    )
)

# Columns that speak of the buyer; nothing of them may reach a report. State and province are no part.
PERSONAL = _columns(
    "Buyer Message|Buyer Username|Recipient|Phone #|Zipcode|City|Regency and City|District|Districts|Sub-district",
    "Commune|Villages|Detail Address|Additional address information|House Name or Number|Delivery Instruction",
    "Seller Note|Checked Marked by|Buyer Note",
)

_DESCRIBED = {
    "en": {
        "Order ID": "Platform unique order ID.",
        "Order Status": "Current order status.",
        "Cancelation/Return Type": "The filed to explain the order is in cancellation or in return/refund.",
        "SKU ID": "Platform SKU ID.",
        "Seller SKU": "Seller sku input by the seller in the product system.",
        "Product Name": "Platform product name.",
        "Variation": "Platform SKU variation",
        "Quantity": "SKU sold quantity in the order.",
        "Sku Quantity of return": "SKU returned quantity in the order.",
        "SKU Unit Original Price": "1 SKU original price.",
        "Created Time": "Order created time.",
        "Order Amount": "Buyer paid amount.",
    },
    "th": {
        "Order ID": "หมายเลขคำสั่งซื้อที่ไม่ซ้ำกันของแพลตฟอร์ม",
        "Order Status": "สถานะคำสั่งซื้อปัจจุบัน",
        "SKU ID": "รหัส SKU ของแพลตฟอร์ม",
        "Product Name": "ชื่อสินค้าบนแพลตฟอร์ม",
        "Quantity": "จำนวน SKU ที่ขายในคำสั่งซื้อ",
        "Created Time": "เวลาที่สร้างคำสั่งซื้อ",
    },
    "vi": {
        "Order ID": "Mã đơn hàng duy nhất của nền tảng.",
        "Order Status": "Trạng thái đơn hàng hiện tại.",
        "SKU ID": "Mã SKU của nền tảng.",
        "Product Name": "Tên sản phẩm trên nền tảng.",
        "Quantity": "Số lượng SKU đã bán trong đơn hàng.",
        "Created Time": "Thời gian tạo đơn hàng.",
    },
    "id": {
        "Order ID": "ID pesanan unik platform.",
        "Order Status": "Status pesanan saat ini.",
        "SKU ID": "ID SKU platform.",
        "Product Name": "Nama produk di platform.",
        "Quantity": "Jumlah SKU yang terjual dalam pesanan.",
        "Created Time": "Waktu pesanan dibuat.",
    },
    "zh": {
        "Order ID": "平台唯一订单号。",
        "Order Status": "当前订单状态。",
        "SKU ID": "平台 SKU ID。",
        "Product Name": "平台商品名称。",
        "Quantity": "订单中 SKU 的销售数量。",
        "Created Time": "订单创建时间。",
    },
}


def description_row(columns: tuple[str, ...], language: str) -> dict[str, str]:
    """What stands below the header in most exports: a sentence a column, in the interface language."""
    sentences = _DESCRIBED[language]
    return {column: sentences.get(column, "") for column in columns}
