"""Writes exports as Seller Center does, traps and all, so that a test says only what it is about."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ORDER_HEADER = [
    "Order ID",
    "Order Status",
    "Order Substatus",
    "Cancelation/Return Type",
    "Normal or Pre-order",
    "SKU ID",
    "Seller SKU",
    "Product Name",
    "Variation",
    "Quantity",
    "Sku Quantity of return",
    "SKU Unit Original Price",
    "SKU Subtotal Before Discount",
    "SKU Platform Discount",
    "SKU Seller Discount",
    "SKU Subtotal After Discount",
    "Order Amount",
    "Order Refund Amount",
    "Created Time",
    "Paid Time",
    "RTS Time",
    "Shipped Time",
    "Delivered Time",
    "Cancelled Time",
    "Cancel By",
    "Cancel Reason",
    "Fulfillment Type",
    "Warehouse Name",
    "Tracking ID",
    "Shipping Provider Name",
    "Buyer Message",
    "Buyer Username",
    "Recipient",
    "Phone #",
    "Country",
    "State",
    "City",
    "Zipcode",
    "Detail Address",
    "Payment Method",
    "Product Category",
    "Package ID",
    "Seller Note",
]
RETURN_HEADER = [
    "Return Order ID",
    "Order ID",
    "Order Amount",
    "Order Status",
    "Order Substatus",
    "Payment Method",
    "SKU ID",
    "Seller SKU",
    "Product Name",
    "SKU Name",
    "Buyer Username",
    "Return Type",
    "Time Requested",
    "Return Reason",
    "Return unit price",
    "Return Quantity",
    "Return Logistics Tracking ID",
    "Return Status",
    "Return Sub Status",
    "Refund Time",
    "Dispute Status",
    "Appeal Status",
    "Compensation Status",
    "Compensation Amount",
    "Buyer Note",
]
# What must never come out of a loader again.
PERSONAL = "BUYERDATA"
DIGITS = ("Order ID", "Return Order ID", "SKU ID", "Tracking ID", "Package ID", "Return Logistics Tracking ID")

Row = dict[str, str]


def order(number: int = 1, **changes: Any) -> Row:
    """One completed order line; `changes` by header, with `_` for a blank."""
    row = dict.fromkeys(ORDER_HEADER, "")
    row |= {
        "Order ID": str(576000000000000000 + number),
        "Order Status": "Completed",
        "Order Substatus": "Delivered",
        "Normal or Pre-order": "Normal",
        "SKU ID": "1729380000000000001",
        "Seller SKU": "LAMP-1",
        "Product Name": "Table lamp",
        "Variation": "White",
        "Quantity": "1",
        "Sku Quantity of return": "0",
        "SKU Unit Original Price": "20.00",
        "SKU Subtotal Before Discount": "20.00",
        "SKU Subtotal After Discount": "18.50",
        "Order Amount": "21.00",
        "Order Refund Amount": "0.00",
        "Created Time": "13/08/2026 09:00:00",
        "Paid Time": "13/08/2026 09:05:00",
        "RTS Time": "14/08/2026 10:00:00",
        "Shipped Time": "14/08/2026 18:00:00",
        "Delivered Time": "17/08/2026 12:00:00",
        "Fulfillment Type": "Fulfillment by seller",
        "Warehouse Name": "Main",
        "Tracking ID": "920000000000001",
        "Shipping Provider Name": "USPS",
        "Buyer Message": PERSONAL,
        "Buyer Username": PERSONAL,
        "Recipient": PERSONAL,
        "Phone #": PERSONAL,
        "Country": "United States",
        "State": "Ohio",
        "City": PERSONAL,
        "Zipcode": PERSONAL,
        "Detail Address": PERSONAL,
        "Payment Method": "Credit card",
        "Product Category": "Lamps",
        "Package ID": "1150000000000000001",
        "Seller Note": PERSONAL,
    }
    return row | _named(changes, ORDER_HEADER)


def cancelled(number: int = 1, **changes: Any) -> Row:
    """One order line that its buyer cancelled before anything was shipped."""
    row = order(number) | {
        "Order Status": "Canceled",
        "Order Substatus": "Canceled",
        "Cancelation/Return Type": "Cancel",
        "Sku Quantity of return": "1",
        "RTS Time": "",
        "Shipped Time": "",
        "Delivered Time": "",
        "Cancelled Time": "13/08/2026 20:00:00",
        "Cancel By": "User",
        "Cancel Reason": "No longer needed",
    }
    return row | _named(changes, ORDER_HEADER)


def back(number: int = 1, **changes: Any) -> Row:
    """One completed return."""
    row = dict.fromkeys(RETURN_HEADER, "")
    row |= {
        "Return Order ID": str(403000000000000000 + number),
        "Order ID": str(576000000000000000 + number),
        "SKU ID": "1729380000000000001",
        "Seller SKU": "LAMP-1",
        "Product Name": "Table lamp",
        "SKU Name": "White",
        "Buyer Username": PERSONAL,
        "Return Type": "Return and refund",
        "Time Requested": "20/08/2026 09:00:00",
        "Return Reason": "Item defective",
        "Return unit price": "18.50",
        "Return Quantity": "1",
        "Return Status": "Completed",
        "Refund Time": "25/08/2026 09:00:00",
        "Buyer Note": PERSONAL,
    }
    return row | _named(changes, RETURN_HEADER)


def _named(changes: dict[str, Any], header: Sequence[str]) -> Row:
    places = {"".join(filter(str.isalnum, name.casefold())): name for name in header}
    return {places["".join(filter(str.isalnum, name.casefold()))]: str(value) for name, value in changes.items()}


def description(header: Sequence[str] = ORDER_HEADER, text: str = "Platform's own words about") -> Row:
    """The row below the header that says what the columns hold."""
    return {name: f"{text} {name}." for name in header}


def csv_text(
    rows: Iterable[Row], header: Sequence[str] = ORDER_HEADER, *, tabs: bool = True, delimiter: str = ","
) -> str:
    """CSV with every cell in quotes and a tab after ids and times, as the platform writes it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    for row in rows:
        cells = [row.get(name, "") for name in header]
        if tabs:
            cells = [
                f"{cell}\t" if name.endswith("Time") or name == "Time Requested" or (name in DIGITS and cell) else cell
                for name, cell in zip(header, cells, strict=True)
            ]
        writer.writerow(cells)
    return stream.getvalue()


def write_csv(path: Path, rows: Iterable[Row], header: Sequence[str] | None = None, **options: Any) -> Path:
    """An export in CSV; `encoding`, `tabs` and `delimiter` differ where a spreadsheet saved it again."""
    rows = list(rows)
    if header is None:
        header = RETURN_HEADER if rows and "Return Order ID" in rows[0] else ORDER_HEADER
    encoding = options.pop("encoding", "utf-8-sig")
    path.write_bytes(csv_text(rows, header, **options).encode(encoding))
    return path


def write_xlsx(path: Path, rows: Iterable[Row], header: Sequence[str] | None = None, *, form: str = "whole") -> Path:
    """An export in XLSX: `whole`, `scattered` (each cell in a row element of its own) or `a1` (says it is one cell)."""
    rows = list(rows)
    if header is None:
        header = RETURN_HEADER if rows and "Return Order ID" in rows[0] else ORDER_HEADER
    lines = [list(header), *([row.get(name, "") for name in header] for row in rows)]
    body = []
    for number, line in enumerate(lines, start=1):
        cells = [_cell(f"{_letters(place)}{number}", cell) for place, cell in enumerate(line) if cell != ""]
        if form == "scattered":
            body += [f'<row r="1">{cell}</row>' for cell in cells]
        else:
            body.append(f'<row r="{number}">{"".join(cells)}</row>')
    dimension = f"A1:{_letters(len(header) - 1)}{len(lines)}" if form == "whole" else "A1:A1"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{packages}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
            f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="OrderSKUList" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
            f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><dimension ref="{dimension}"/>'
            f"<sheetData>{''.join(body)}</sheetData></worksheet>",
        )
    return path


def _cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _letters(place: int) -> str:
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)
