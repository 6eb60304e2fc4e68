"""Small files of other systems: a Shopee export in two layouts, invoices, a sales report. Each with its truth.

They are read through a mapping, not by the loaders of the platform's own exports; so they stand
outside the six shops. Names, numbers and buyers are invented; forms and traps are the real ones.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from cancel_analysis.sample.people import MARKER
from cancel_analysis.sample.random_stream import RandomStream

FOLDER = "other"
SEED = 20261140
SETTINGS = """# Written by `make sample`; files of other systems, each read through a shipped mapping.
defaults:
  synthetic: true
shops:
  - {id: shopee-id, name: Invented Batik, market: ID, mapping: shopee-id}
  # Stock written off and a cancellation without customer fit no sale: a few rows are refused, and shown.
  - {id: invoices, name: Invented Gifts, market: GB, mapping: invoices, refuse_limit: 0.05}
  - {id: sales-report, name: Invented Apparel, market: US, mapping: sales-report}
"""
SHOPEE_GOODS = (
    ("BTK-SRG-01", "Sarung Batik Tulis", "Merah", "Fashion", 149000),
    ("BTK-KMJ-02", "Kemeja Batik Pria", "L,Biru", "Fashion", 38300),
    ("DPR-SND-03", "Sendok Kayu", "", "Dapur", 599),
    ("DPR-WJN-04", "Wajan Besi 32 cm", "", "Dapur", 1234567),
    ("DPR-TAS-05", "Tas Anyaman", "Kecil", "Rumah", 10000),
)
REGIONS = (("KOTA BANDUNG", "JAWA BARAT"), ("KOTA SURABAYA", "JAWA TIMUR"), ("KAB. SLEMAN", "DI YOGYAKARTA"))
# Who cancels, with the words that follow; the seller's late shipping is written as the system's doing.
_BUYER, _SELLER = "Dibatalkan oleh Pembeli. Alasan: ", "Dibatalkan oleh Penjual. Alasan: "
_SYSTEM = "Dibatalkan secara otomatis oleh sistem Shopee. Alasan: "
CANCELLED = (
    ("buyer", "no_need", f"{_BUYER}Tidak ingin membeli lagi"),
    ("buyer", "address", f"{_BUYER}Perlu mengubah alamat pengiriman"),
    ("buyer", "price", f"{_BUYER}Menemukan harga yang lebih murah"),
    ("seller", "stock", f"{_SELLER}Stok produk habis"),
    ("system", "late", f"{_SYSTEM}Penjual gagal mengirimkan pesanan tepat waktu"),
    ("system", "late", f"{_SYSTEM}Penjual tidak mengatur pengiriman tepat waktu"),
    ("system", "failed", f"{_SYSTEM}Pengiriman gagal"),
    ("system", "lost", f"{_SYSTEM}Paket hilang di perjalanan"),
    ("system", "unpaid", f"{_SYSTEM}Pembayaran tidak dilakukan"),
)
MONTHLY = (
    "order_id", "product_category", "Status Pesanan", "Alasan Pembatalan", "Status Pembatalan/ Pengembalian",
    "Waktu Pengiriman Diatur", "Waktu Pesanan Dibuat", "Metode Pembayaran", "Nomor Referensi SKU", "Nama Variasi",
    "Harga Setelah Diskon", "Jumlah", "Returned quantity", "Total Harga Produk", "Total Pembayaran",
    "Kota/Kabupaten", "Provinsi",
)  # fmt: skip
# A month whose file has no created, paid or completed time at all.
UNDATED = tuple("Opsi Pengiriman" if name == "Waktu Pesanan Dibuat" else name for name in MONTHLY)
NATIVE = (
    "No. Pesanan", "Status Pesanan", "Alasan Pembatalan", "Status Pembatalan/ Pengembalian", "No. Resi",
    "Opsi Pengiriman", "Pesanan Harus Dikirimkan Sebelum (Menghindari keterlambatan)", "Waktu Pengiriman Diatur",
    "Waktu Pesanan Dibuat", "Waktu Pembayaran Dilakukan", "Metode Pembayaran", "SKU Induk", "Nama Produk",
    "Nomor Referensi SKU", "Nama Variasi", "Harga Awal", "Harga Setelah Diskon", "Jumlah", "Returned quantity",
    "Total Harga Produk", "Total Diskon", "Total Pembayaran", "Catatan dari Pembeli", "Username (Pembeli)",
    "Nama Penerima", "No. Telepon", "Alamat Pengiriman", "Kota/Kabupaten", "Provinsi", "Waktu Pesanan Selesai",
)  # fmt: skip


@dataclass(frozen=True)
class Sale:
    """One order of another platform: its goods as (place in the catalog, units), and who cancelled it for what."""

    number: str
    created: datetime
    goods: tuple[tuple[int, int], ...]
    by: str
    reason: str
    text: str
    place: tuple[str, str]
    arranged: datetime | None
    returned: int = 0


def other_platform_files() -> dict[str, bytes]:
    """Every file below the folder of other platforms, by its path there."""
    files = {**_shopee(), **_invoices(), **_sales_report(), "shops.yaml": SETTINGS.encode()}
    return {f"{FOLDER}/{path}": content for path, content in files.items()}


def _shopee() -> dict[str, bytes]:
    rng = RandomStream(SEED, 1)
    october = _sales(rng, date(2026, 10, 1), 31, 58)
    september = [sale for sale in _sales(rng, date(2026, 9, 1), 30, 40) if sale.arranged is not None]
    november = _sales(rng, date(2026, 11, 1), 15, 34)
    parts = {
        "Order.all.20261001_20261031.csv": (MONTHLY, october),
        "Order.all.20260901_20260930.csv": (UNDATED, september),
        "Order.toship.20261101_20261115.csv": (NATIVE, november),
    }
    files = {f"shopee-id/{name}": _csv(head, _shopee_rows(head, sales)) for name, (head, sales) in parts.items()}
    truth = {
        "about": (
            "Shopee Indonesia, three files of three months: the monthly layout, the same without any created time "
            "(only the time shipping was arranged), and the native layout. Money: a dot for thousands, trailing zeros "
            "lost (38.300, 10.0, 1.234.567, 599). Value is of the lines' products. Equal lines are genuine. An order "
            "waiting for the buyer says until when inside its status. failed and lost had left the seller"
        ),
        "currency": "IDR",
        "personal_marker": MARKER,
        "files": {name: _tell_sales(sales, head) for name, (head, sales) in parts.items()},
        "all": _tell_sales([sale for _, sales in parts.values() for sale in sales], None),
    }
    return {**files, "shopee-id/truth.json": _json(truth)}


def _sales(rng: RandomStream, first: date, days: int, count: int) -> list[Sale]:
    minutes = sorted(rng.whole(0, days * 24 * 60 - 1) for _ in range(count))
    sales = []
    for number, minute in enumerate(minutes):
        created = datetime.combine(first, datetime.min.time()) + timedelta(minutes=minute)
        goods = tuple(
            (rng.whole(0, len(SHOPEE_GOODS) - 1), rng.pick((1, 2, 3), (8, 2, 1)))
            for _ in range(rng.pick((1, 2), (4, 1)))
        )
        if number % 11 == 3:
            goods = (goods[0], goods[0])
        who, reason, text = CANCELLED[(number // 4) % len(CANCELLED)] if number % 4 == 1 else ("", "", "")
        sale = Sale(
            number=f"{created:%y%m%d}{rng.digits(4)}{'ABCDEFGHJK'[rng.whole(0, 9)]}{rng.digits(3)}",
            created=created,
            goods=goods,
            by=who,
            reason=reason,
            text=text,
            place=rng.pick(REGIONS),
            arranged=created + timedelta(minutes=rng.whole(60, 900)),
            returned=1 if not who and number % 13 == 6 else 0,
        )
        # What was called off at once or never paid was never arranged.
        sales.append(replace(sale, arranged=None) if reason in ("unpaid", "stock", "price") else sale)
    return sales


def _price(sale: Sale, place: int) -> int:
    return SHOPEE_GOODS[place][4]


def _total(sale: Sale) -> int:
    return sum(_price(sale, place) * units for place, units in sale.goods)


def shopee_money(amount: int) -> str:
    """An amount as the files have it: `38.300`, `1.234.567`, `599`, and `10.0` where zeros were lost."""
    if amount % 1000 == 0 and 0 < amount < 1_000_000:
        return f"{amount // 1000}.0"
    return f"{amount:,}".replace(",", ".")


def _shopee_rows(head: Sequence[str], sales: Sequence[Sale]) -> Iterable[list[str]]:
    for number, sale in enumerate(sales):
        done = sale.created + timedelta(days=4)
        waits = not sale.by and number % 6 == 2
        limit = (sale.created + timedelta(days=9)).date().isoformat()
        status = "Batal" if sale.by else "Selesai"
        if waits:
            status = f"Pesanan diterima, namun Pembeli masih dapat mengajukan pengembalian hingga {limit}."
        paid = "" if sale.reason == "unpaid" else f"{sale.created + timedelta(minutes=9):%Y-%m-%d %H:%M}"
        for place, units in sale.goods:
            sku, name, variation, category, price = SHOPEE_GOODS[place]
            cells = {
                "order_id": sale.number,
                "No. Pesanan": sale.number,
                "product_category": category,
                "Status Pesanan": status,
                "Alasan Pembatalan": sale.text,
                "Status Pembatalan/ Pengembalian": "Permintaan Disetujui" if sale.returned else "",
                "No. Resi": f"RESI{sale.number[-6:]}" if sale.arranged else "",
                "Opsi Pengiriman": "Reguler (Cashless)",
                "Pesanan Harus Dikirimkan Sebelum (Menghindari keterlambatan)": (
                    f"{sale.created + timedelta(days=3):%Y-%m-%d %H:%M}"
                ),
                "Waktu Pengiriman Diatur": f"{sale.arranged:%Y-%m-%d %H:%M}" if sale.arranged else "",
                "Waktu Pesanan Dibuat": f"{sale.created:%Y-%m-%d %H:%M}",
                "Waktu Pembayaran Dilakukan": paid,
                "Metode Pembayaran": "ShopeePay" if number % 3 or sale.reason == "unpaid" else "COD (Bayar di Tempat)",
                "SKU Induk": sku[:7],
                "Nama Produk": name,
                "Nomor Referensi SKU": sku,
                "Nama Variasi": variation,
                "Harga Awal": shopee_money(price),
                "Harga Setelah Diskon": shopee_money(price),
                "Jumlah": str(units),
                "Returned quantity": str(sale.returned if (place, units) == sale.goods[0] else 0),
                "Total Harga Produk": shopee_money(price * units),
                "Total Diskon": "0",
                # Repeats on every line, and a cancelled order has paid nothing.
                "Total Pembayaran": "0" if sale.by else shopee_money(_total(sale) + 9000),
                "Catatan dari Pembeli": f"{MARKER} titip satpam" if number % 9 == 4 else "",
                "Username (Pembeli)": f"{MARKER}_{number}",
                "Nama Penerima": f"{MARKER} Contoh",
                "No. Telepon": f"{MARKER} 555-01{number:02d}",
                "Alamat Pengiriman": f"{MARKER} Jl. Rekaan {number}",
                "Kota/Kabupaten": sale.place[0],
                "Provinsi": sale.place[1],
                "Waktu Pesanan Selesai": "" if sale.by or waits else f"{done:%Y-%m-%d %H:%M}",
            }  # fmt: skip
            yield [cells[name] for name in head]


def _tell_sales(sales: Sequence[Sale], head: Sequence[str] | None) -> dict[str, Any]:
    gone = [sale for sale in sales if sale.by]
    told: dict[str, Any] = {
        "rows": sum(len(sale.goods) for sale in sales),
        "orders": len(sales),
        "units": sum(units for sale in sales for _, units in sale.goods),
        "value": sum(_total(sale) for sale in sales),
        "cancelled_orders": len(gone),
        "cancelled_by": dict(sorted(Counter(sale.by for sale in gone).items())),
        "cancelled_for": dict(sorted(Counter(sale.reason for sale in gone).items())),
        "cancelled_units": sum(units for sale in gone for _, units in sale.goods),
        "cancelled_value": sum(_total(sale) for sale in gone),
        "returned_units": sum(sale.returned for sale in sales),
        "orders_with_equal_lines": sum(len(set(sale.goods)) < len(sale.goods) for sale in sales),
    }
    if head is not None:
        told |= {"columns": len(head), "has_created_time": "Waktu Pesanan Dibuat" in head}
    return told


STOCK = (
    ("71001A", "TEALIGHT JAR, RIDGED", 255),
    ("71002", "TWO TIER CAKE PLATE", 1275),
    ("71003B", "PAPER GARLAND, 10 FLAGS", 495),
    ("71004", "LUNCH TIN SPOTTED", 165),
    ("POST", "POSTAGE", 1800),
)
WRITTEN_OFF = "71004"


def _invoices() -> dict[str, bytes]:
    """Sales and cancellations as documents of their own: nothing but the customer and the goods links them."""
    rng = RandomStream(SEED, 2)
    head = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
    rows: list[tuple[str, ...]] = []
    sold, taken_back = Counter[str](), Counter[str]()
    number, when = 581000, datetime(2026, 9, 1, 8, 26)
    sales: list[tuple[str, list[tuple[int, int]]]] = []
    for place in range(70):
        number, when = number + 1, when + timedelta(minutes=rng.whole(300, 1500))
        customer = "" if place % 8 == 5 else f"{MARKER}{12000 + rng.whole(0, 40)}"
        if place % 6 == 4 and sales:
            buyer, goods = sales.pop(rng.whole(0, len(sales) - 1))
            for item, units in goods[: rng.whole(1, len(goods))]:
                back = rng.whole(1, units)
                rows.append(_invoice_row(f"C{number}", item, -back, when, buyer))
                taken_back.update(lines=1, units=back, value=STOCK[item][2] * back)
            taken_back["documents"] += 1
            continue
        goods = [(item, rng.pick((1, 2, 6, 12), (3, 3, 2, 1))) for item in range(len(STOCK)) if rng.chance(0.45)]
        goods = goods or [(0, 6)]
        for item, units in goods:
            rows.append(_invoice_row(str(number), item, units, when, customer))
            sold.update(lines=1, units=units, value=STOCK[item][2] * units)
        sold["documents"] += 1
        sales.append((customer, goods))
    # Broken goods written off: negative too, but no cancellation, without a price or a customer.
    for lost in (3, 11):
        number, when = number + 1, when + timedelta(hours=2)
        rows.append((str(number), WRITTEN_OFF, "damaged", str(-lost), _us(when), "0.00", "", "United Kingdom"))
    truth = {
        "about": (
            "invoices; a number that starts with C is a cancellation with negative quantities and no link to its sale. "
            "Negative lines without C (price 0) are stock written off, no cancellation. Dates are month first. "
            "CustomerID is personal"
        ),
        "currency": "GBP",
        "personal_marker": MARKER,
        "rows": len(rows),
        "sales": _cents(sold),
        "cancellations": _cents(taken_back),
        "written_off_lines": 2,
        "written_off_units": 14,
        "lines_without_customer": sum(row[6] == "" for row in rows),
    }
    return {"invoices/online-retail.csv": _csv(head, rows), "invoices/truth.json": _json(truth)}


def _cents(counted: Counter[str]) -> dict[str, Any]:
    return {**{key: counted[key] for key in ("documents", "lines", "units")}, "value": counted["value"] / 100}


def _invoice_row(number: str, item: int, units: int, when: datetime, customer: str) -> tuple[str, ...]:
    code, name, price = STOCK[item]
    return number, code, name, str(units), _us(when), f"{price // 100}.{price % 100:02d}", customer, "United Kingdom"


def _us(when: datetime) -> str:
    return f"{when.month}/{when.day}/{when.year} {when.hour}:{when.minute:02d}"


STATES = (
    ("Shipped - Delivered to Buyer", 11, ""),
    ("Shipped", 8, ""),
    ("Cancelled", 4, "cancelled"),
    ("Shipped - Returned to Seller", 2, "returned"),
    ("Pending", 2, "open"),
    ("Shipped - Rejected by Buyer", 1, "rejected"),
    ("Shipped - Lost in Transit", 1, "lost"),
)
STYLES = (
    ("QS101", "Set", 57400),
    ("QD202", "Western Dress", 73500),
    ("QT303", "Top", 43900),
    ("QK404", "kurta", 39900),
)


REPORT_COLUMNS = (
    "Order ID", "Date", "Status", "Fulfilment", "ship-service-level", "Style", "SKU", "Category", "Size", "Qty",
    "currency", "Amount", "ship-city", "ship-state", "ship-postal-code",
)  # fmt: skip


def _sales_report() -> dict[str, bytes]:
    """A marketplace's sales report: one status text a line, nothing of who or why."""
    rng = RandomStream(SEED, 3)
    rows: list[tuple[str, ...]] = []
    lines: Counter[str] = Counter()
    units: Counter[str] = Counter()
    orders: dict[str, set[str]] = {}
    value = {"all": 0, "cancelled": 0, "cancelled_without_amount": 0}
    duplicates: list[tuple[str, ...]] = []
    for number in range(130):
        day = date(2026, 9, 1) + timedelta(days=number * 75 // 130)
        # The report changed its form of dates on the first of October.
        shown = f"{day:%m-%d-%y}" if day < date(2026, 10, 1) else f"{day:%d/%m/%Y}"
        order = f"40{rng.whole(2, 8)}-{rng.digits(7)}-{rng.digits(7)}"
        for _ in range(2 if number % 9 == 2 else 1):
            row, kind, price, priced = _report_row(rng, order, shown)
            if row in rows:
                continue
            rows.append(row)
            lines[kind] += 1
            units[kind] += int(row[9])
            orders.setdefault(order, set()).add(kind)
            value["all"] += price if priced else 0
            value["cancelled"] += price if priced and kind == "cancelled" else 0
            value["cancelled_without_amount"] += kind == "cancelled" and not priced
            if number % 32 == 7:
                duplicates.append(row)
    for row in duplicates:
        # The same line again, as the report has it after two downloads were pasted together.
        rows.insert(rows.index(row) + 1, row)
    truth = {
        "about": (
            "a sales report; MM-DD-YY before October, DD/MM/YYYY since. A cancelled line has quantity 0 and may have "
            "no amount. Fully equal lines are duplicates, counted once in everything but rows"
        ),
        "currency": "USD",
        "personal_marker": MARKER,
        "rows": len(rows),
        "duplicate_lines": len(duplicates),
        "orders": len(orders),
        "lines": dict(sorted(lines.items())),
        "units": dict(sorted(units.items())),
        "orders_cancelled_whole": sum(kinds == {"cancelled"} for kinds in orders.values()),
        "orders_cancelled_in_part": sum("cancelled" in kinds and len(kinds) > 1 for kinds in orders.values()),
        "value": value["all"] / 100,
        "cancelled_value": value["cancelled"] / 100,
        "cancelled_lines_without_amount": value["cancelled_without_amount"],
    }
    return {"sales-report/sales.csv": _csv(REPORT_COLUMNS, rows), "sales-report/truth.json": _json(truth)}


def _report_row(rng: RandomStream, order: str, day: str) -> tuple[tuple[str, ...], str, int, bool]:
    """One line of the sales report, what became of it, its price in cents, and whether the row shows the price."""
    text, _, kind = rng.pick(STATES, [weight for _, weight, _ in STATES])
    style, category, price = rng.pick(STYLES)
    size = rng.pick(("S", "M", "L", "XL"))
    # Some cancelled lines lost their amount, some keep it; their quantity is 0 either way.
    priced = kind != "cancelled" or rng.chance(0.6)
    row = (
        order, day, text, "Merchant", "Standard", style, f"{style}-{category[:2].upper()}-{size}", category,
        size, "0" if kind == "cancelled" else "1", "USD" if priced else "",
        f"{price // 100}.{price % 100:02d}" if priced else "", f"{MARKER} TOWN", "OHIO", f"{MARKER} 4",
    )  # fmt: skip
    return row, kind or "shipped", price, priced


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def _json(truth: dict[str, Any]) -> bytes:
    return f"{json.dumps(truth, ensure_ascii=False, indent=1)}\n".encode()
