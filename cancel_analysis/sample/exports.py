"""What an export shows of the orders at the moment it is made: rows of text, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cancel_analysis.sample import texts
from cancel_analysis.sample.headers import OLDER_RETURN_COLUMNS, ORDER_COLUMNS, RETURN_COLUMNS, description_row
from cancel_analysis.sample.orders import Line, Order, Request
from cancel_analysis.sample.plans import FilePlan, Plan
from cancel_analysis.sample.writer import Cell

COUNTRIES = {
    "US": "United States", "GB": "United Kingdom", "TH": "ประเทศไทย", "ID": "Indonesia", "VN": "Việt Nam",
    "SG": "新加坡",
}  # fmt: skip
# What a spreadsheet leaves of an 18-digit number.
RUINED_ID = "5.77E+17"
RUINED_SKU_ID = "1.73E+18"
IMPOSSIBLE_DAY = "31/09/2026 10:12:44"
# Fees that some market's export has a column for and that no sample order pays.
NEVER_CHARGED = (
    "Retail Delivery Fee", "Buyer Service Fee", "Handling Fee", "Shipping Insurance", "Item Insurance",
    "Distance Shipping Fee", "Distance Fee",
)  # fmt: skip


@dataclass(frozen=True)
class Export:
    """One file before it is written: its plan, its columns, its rows, and the lines behind them."""

    plan: FilePlan
    columns: tuple[str, ...]
    rows: list[list[Cell]]
    lines: list[tuple[Order, Line]]
    requests: list[Request]


def make_export(shop: Plan, file: FilePlan, orders: Sequence[Order]) -> Export:
    """The file `file` of a shop, as its orders stand when it is exported."""
    if file.kind == "returns":
        columns = OLDER_RETURN_COLUMNS if file.older else RETURN_COLUMNS
        requests = sorted(
            (r for order in orders for r in order.requests if r.state(file.exported) != "none"),
            key=lambda r: r.requested,
            reverse=True,
        )
        dicts = [_return_cells(shop, file, request, number) for number, request in enumerate(requests)]
        return Export(file, columns, _ordered(columns, dicts), [], requests)
    columns = ORDER_COLUMNS[shop.market]
    # Newest first, as Seller Center lists them.
    chosen = [order for order in reversed(orders) if file.first <= order.created.date() <= file.last]
    lines = [(order, line) for order in chosen for line in order.lines]
    dicts = [_order_cells(shop, order, line, file.exported) for order, line in lines]
    rows = _ordered(columns, dicts)
    if file.description:
        rows = [*_ordered(columns, [description_row(columns, file.description)]), *rows]
    return Export(file, columns, rows, lines, [])


def _ordered(columns: Sequence[str], dicts: Iterable[dict[str, Cell] | dict[str, str]]) -> list[list[Cell]]:
    return [[cells.get(column, "") for column in columns] for cells in dicts]


def in_period(order: Order, first: date, last: date) -> bool:
    """Whether the order was created from `first` to `last`, both included."""
    return first <= order.created.date() <= last


def states(order: Order, line: Line, at: datetime) -> tuple[str, str]:
    """Status and substatus of a line at a time, by our own keys; an unpaid order has no substatus."""
    if happened(order.cancelled, at) or (line.cancelled_units == line.quantity and happened(line.cancelled, at)):
        return "cancelled", "cancelled"
    if order.never_paid or not (order.cod or happened(order.paid, at)):
        return "unpaid", ""
    if happened(order.completed, at):
        return "completed", "completed"
    if happened(order.delivered, at):
        return "shipped", "delivered"
    if happened(order.shipped, at):
        return "shipped", "in_transit"
    return "to_ship", "awaiting_collection" if happened(order.rts, at) else "awaiting_shipment"


def happened(when: datetime | None, at: datetime) -> bool:
    """Whether something with a time has happened at another time."""
    return when is not None and when <= at


def counted_requests(order: Order, at: datetime) -> list[Request]:
    """The order's requests that are returns: agreed to, whether finished or not."""
    return [request for request in order.requests if request.state(at) in ("in_process", "completed")]


def show_time(shop: Plan, when: datetime | None, at: datetime) -> str:
    """A time as the interface language writes it, empty when it has not come."""
    if when is None or when > at:
        return ""
    if shop.market == "US":
        half = "AM" if when.hour < 12 else "PM"
        return f"{when.month:02d}/{when.day:02d}/{when.year} {(when.hour + 11) % 12 + 1:02d}:{when:%M:%S} {half}"
    return f"{when.day:02d}/{when.month:02d}/{when.year} {when:%H:%M:%S}"


def show_money(shop: Plan, amount: int) -> str:
    """An amount in the form of the market; the same digits always."""
    if shop.money == "Rp":
        return f"Rp{amount:,}".replace(",", ".")
    if shop.decimals == 0:
        return str(amount)
    text = f"{amount // 100}.{amount % 100:02d}"
    return f"{shop.money} {text}" if shop.money != "plain" else text


def cancel_wording(shop: Plan, reason: str) -> str:
    """A cancellation's reason as the file words it."""
    return texts.UNKNOWN_CANCEL[shop.market] if reason == "unknown" else texts.CANCEL_REASONS[shop.market][reason]


def return_wording(shop: Plan, reason: str) -> str:
    """A request's reason as the file words it."""
    return texts.UNKNOWN_RETURN[shop.market] if reason == "unknown" else texts.RETURN_REASONS[shop.market][reason]


def _order_cells(shop: Plan, order: Order, line: Line, at: datetime) -> dict[str, Cell]:
    """The cells of one order line by the English name of their column."""
    status, substatus = states(order, line, at)
    # Of an order that goes on: this line alone was cancelled.
    line_cancelled = status == "cancelled" and not happened(order.cancelled, at)
    packed = happened(order.rts, at) and not line_cancelled
    product = line.sku.product
    cells: dict[str, Cell] = {
        "Order ID": order.id,
        "Order Status": texts.status(shop.interface, status),
        "Order Substatus": texts.substatus(shop.interface, substatus),
        "Normal or Pre-order": "Normal",
        "SKU ID": line.sku.id,
        "Seller SKU": line.sku.seller_sku,
        "Product Name": product.name,
        "Variation": line.sku.variation,
        "Quantity": str(line.quantity),
        "Fulfillment Type": "Fulfillment by seller",
        "Warehouse Name": shop.warehouse,
        "Tracking ID": order.tracking if packed else "",
        "Delivery Option Type": "Standard",
        "Delivery Option": "Standard shipping",
        "Shipping Provider Name": order.carrier.name if packed else "",
        "Payment Method": order.payment,
        "Weight(kg)": f"{product.grams * line.quantity / 1000:.2f}",
        "Product Category": product.category,
        "Package ID": order.package if packed else "",
        "Purchase Channel": "TikTok Shop",
        "Checked Status": "Unchecked",
    }
    cells |= _loss_cells(shop, order, line, at)
    cells |= _money_cells(shop, order, line, at)
    cells |= _time_cells(shop, order, line, at, line_cancelled=line_cancelled)
    cells |= _buyer_cells(shop, order)
    return cells | _spoiled_cells(order)


def _loss_cells(shop: Plan, order: Order, line: Line, at: datetime) -> dict[str, Cell]:
    """What was cancelled or given back of the line, by whom and why."""
    returned = [request for request in counted_requests(order, at) if request.line is line]
    in_full, in_part = happened(order.cancelled, at), happened(line.cancelled, at)
    kind, units = "", 0
    if in_full or in_part:
        kind = "Cancel"
        # Nothing was sold yet, so the platform counts nothing as given back.
        units = 0 if order.never_paid else line.cancelled_units or line.quantity
    elif returned:
        kind, units = "Return/Refund", sum(request.units for request in returned)
    cells: dict[str, Cell] = {"Cancelation/Return Type": kind, "Sku Quantity of return": str(units)}
    if in_full:
        cells |= {"Cancel By": order.cancelled_by, "Cancel Reason": cancel_wording(shop, order.reason)}
    elif in_part:
        cells |= {"Cancel By": "Seller", "Cancel Reason": cancel_wording(shop, "out_of_stock")}
    return cells


def _money_cells(shop: Plan, order: Order, line: Line, at: datetime) -> dict[str, Cell]:
    gift = order.outcome == "gift"
    # A gift's goods are paid by the platform altogether.
    platform = line.before - line.seller_discount if gift else line.platform_discount
    fee = 0 if gift else order.shipping_fee
    amounts = {
        "SKU Unit Original Price": line.sku.product.price,
        "SKU Subtotal Before Discount": line.before,
        "SKU Platform Discount": platform,
        "SKU Seller Discount": line.seller_discount,
        "SKU Subtotal After Discount": line.before - line.seller_discount - platform,
        "Shipping Fee After Discount": 0 if gift else fee - order.shipping_discount,
        "Original Shipping Fee": fee,
        "Shipping Fee Seller Discount": 0,
        "Shipping Fee Platform Discount": order.shipping_discount if fee else 0,
        "Payment platform discount": 0,
        "Taxes": 0 if gift else order.tax,
        "Order Amount": order.amount,
        "Order Refund Amount": _refunded(order, at),
        **dict.fromkeys(NEVER_CHARGED, 0),
    }
    return {column: show_money(shop, amount) for column, amount in amounts.items()}


def _time_cells(shop: Plan, order: Order, line: Line, at: datetime, *, line_cancelled: bool) -> dict[str, Cell]:
    """The times of the order; a line that was cancelled alone was never shipped."""
    times = {
        "Created Time": order.created,
        "Paid Time": order.paid,
        "RTS Time": None if line_cancelled else order.rts,
        "Shipped Time": None if line_cancelled else order.shipped,
        "Delivered Time": None if line_cancelled else order.delivered,
        "Cancelled Time": order.cancelled if happened(order.cancelled, at) else line.cancelled,
    }
    return {column: show_time(shop, when, at) for column, when in times.items()}


def _buyer_cells(shop: Plan, order: Order) -> dict[str, Cell]:
    buyer = order.buyer
    return {
        "Buyer Message": buyer.message,
        "Buyer Username": buyer.username,
        "Recipient": buyer.recipient,
        "Phone #": buyer.phone,
        "Zipcode": buyer.postcode,
        "Country": COUNTRIES[shop.market],
        "Detail Address": buyer.street,
        "Additional address information": buyer.extra,
        "House Name or Number": buyer.extra,
        "Delivery Instruction": buyer.message,
        "Seller Note": buyer.note,
        # Each market has one column of each kind.
        **dict.fromkeys(("State", "Province"), order.region),
        **dict.fromkeys(("City", "Regency and City", "District"), buyer.town),
        **dict.fromkeys(("Districts", "Sub-district", "Commune", "Villages"), buyer.quarter),
    }


def _spoiled_cells(order: Order) -> dict[str, Cell]:
    """What a spreadsheet has made of a few rows, which a loader must refuse."""
    if order.refusal == "order":
        return {"Order ID": RUINED_ID, "SKU ID": RUINED_SKU_ID, "Package ID": ""}
    if order.refusal == "sku":
        return {"SKU ID": RUINED_SKU_ID}
    if order.refusal == "date":
        return {"Created Time": IMPOSSIBLE_DAY}
    return {}


def _refunded(order: Order, at: datetime) -> int:
    """What has gone back to the buyer of the whole order, as each of its lines repeats it."""
    if happened(order.cancelled, at):
        return 0 if order.paid is None else order.amount
    total = sum(request.refund for request in order.requests if request.state(at) == "completed")
    if order.paid is not None:
        total += sum(
            line.amount * line.cancelled_units // line.quantity for line in order.lines if happened(line.cancelled, at)
        )
    return total


def _return_cells(shop: Plan, file: FilePlan, request: Request, number: int) -> dict[str, Cell]:
    at = file.exported
    order, line = request.order, request.line
    state = request.state(at)
    status, substatus = states(order, line, at)
    shown, shown_sub = _return_status(request, state, older=file.older)
    done = state == "completed"
    comes_back = request.kind == "Return and refund" and state in ("in_process", "completed")
    return {
        "Return Order ID": request.id,
        "Order ID": order.id,
        "Order Amount": _mixed_money(shop, file, order.amount, number),
        "Order Status": texts.status(shop.interface, status),
        "Order Substatus": texts.substatus(shop.interface, substatus),
        "Payment Method": order.payment,
        "SKU ID": line.sku.id,
        "Seller SKU": line.sku.seller_sku,
        "Product Name": line.sku.product.name,
        "SKU Name": line.sku.variation,
        "Buyer Username": order.buyer.username,
        "Return Type": request.kind,
        "Time Requested": show_time(shop, request.requested, at),
        "Return Reason": return_wording(shop, request.reason),
        # The name says price of one unit; real files hold the refund of the whole row.
        "Return unit price": _mixed_money(shop, file, request.refund, number),
        "Return Quantity": str(request.units),
        "Return Logistics Tracking ID": f"RT{order.tracking}" if comes_back else "",
        "Return Status": shown,
        "Return Sub Status": shown_sub,
        "Refund Time": show_time(shop, request.closed if done else None, at),
        "Dispute Status": "",
        "Appeal Status": "",
        "Compensation Status": "",
        "Compensation Amount": "",
        "Buyer Note": order.buyer.message,
    }


def _return_status(request: Request, state: str, *, older: bool) -> tuple[str, str]:
    """Status and sub status of a request; both spellings of canceled, and one only the sub status tells."""
    if state == "pending":
        return "To Process", "Awaiting seller review"
    if state == "in_process":
        return "In Process", "Refund in process" if request.kind == "Refund only" else "Return in transit"
    if state == "rejected":
        return "Refund rejected", "Refund rejected"
    if state == "withdrawn":
        if request.spelling == 2 and not older:
            return "Completed", "Request cancelled"
        return ("Canceled" if request.spelling == 0 else "Cancelled"), "Request cancelled"
    return "Completed", "Refund completed"


def _mixed_money(shop: Plan, file: FilePlan, amount: int, number: int) -> Cell:
    """Two forms within one file, where a market has them: `234.9` beside `THB 62.90`, numbers beside `Rp38.824`."""
    if shop.market == "TH":
        return (
            f"THB {show_money(shop, amount)}" if number % 3 == 0 else show_money(shop, amount).rstrip("0").rstrip(".")
        )
    if shop.market == "ID" and file.format == "xlsx" and number % 3 == 0:
        return amount
    return show_money(shop, amount)
