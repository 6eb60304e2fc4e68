"""What loading costs by kind of file: seconds a megabyte, as a ratio to a TikTok Shop CSV, in one run.

    python -m bench.kinds [--rows 60000] [--only NAME]

Makes a file of each kind in a temporary folder, loads each in a process of its own, and prints rows, megabytes,
processor seconds, rows a second and the ratios of seconds a megabyte and a row. "Reader" is what cutting the same
file into cells takes, and nothing else (DuckDB for CSV, calamine for a workbook, json for answers): no loader can
take less. A workbook is packed, so its megabytes are those of the same cells as CSV. A row of few short cells costs
more a megabyte than one of sixty columns of which forty are passed over, and less a row: kinds that are above the
goal by both are named. Exits with status 1 when rows are lost.
"""

from __future__ import annotations

import argparse
import collections
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.loading import PROJECT, write_export
from tests.loaders.mapped.layouts import MONTHLY_17, NATIVE_49

# The goal for every kind, a megabyte or a row.
MOST_RATIO = 2.0
RUNS = 2

Table = tuple[tuple[str, ...], Iterator[Sequence[Any]]]


def _moments(rows: int) -> Iterator[tuple[int, datetime]]:
    first = datetime(2026, 6, 1)
    for number in range(rows):
        yield number, first + timedelta(seconds=number * 5_000_000 // rows)


def _shopee(header: tuple[str, ...], rows: int) -> Table:
    def lines() -> Iterator[Sequence[Any]]:
        for number, moment in _moments(rows):
            gone = number % 9 == 1
            stamp = f"{moment:%Y-%m-%d %H:%M}"
            price = f"{10 + number % 90}.{number % 10}00"
            cells = dict.fromkeys(header, "0") | {
                "order_id": f"ORD_{number // 2:07d}", "No. Pesanan": f"2606{number // 2:010d}",
                "product_category": f"Kategori {number % 40}", "Status Pesanan": "Batal" if gone else "Selesai",
                "Alasan Pembatalan": "Dibatalkan oleh Pembeli. Alasan: Ubah Pesanan yang Ada" if gone else "",
                "Opsi Pengiriman": "Hemat Kargo-SPX Hemat", "Waktu Pesanan Dibuat": stamp,
                "Metode Pembayaran": "COD (Bayar di Tempat)", "Jumlah": str(1 + number % 3), "Total Berat": "500 gr",
                "Total Pembayaran": "0" if gone else price, "Kota/Kabupaten": "KAB. BOGOR", "Provinsi": "JAWA BARAT",
                "Waktu Pembayaran Dilakukan": "-" if gone else stamp, "Waktu Pengiriman Diatur": "-" if gone else stamp,
                "Waktu Pesanan Selesai": "-" if gone else stamp, "No. Resi": "-" if gone else f"SPXID{number:012d}",
                "Nama Produk": f"Toples kaca serbaguna ukuran sedang {number % 500}",
                "Nomor Referensi SKU": f"TP-{number % 500}", "Nama Variasi": "Biru", "Harga Setelah Diskon": price,
                "Total Harga Produk": "0" if gone else price, "Nama Penerima": "S***i", "No. Telepon": "62********12",
                "Alamat Pengiriman": "J*** K*** 12, Bogor Tengah, KAB. BOGOR, JAWA BARAT, ID",
            }  # fmt: skip
            yield [cells[name] for name in header]

    return header, lines()


def _invoices(rows: int) -> Table:
    def lines() -> Iterator[Sequence[Any]]:
        moments = dict(_moments(rows))
        for number in range(rows):
            # All lines of an invoice have its time.
            moment = moments[number // 20 * 20]
            sku, units, price = f"2{number % 3900:04d}", 1 + number % 12, f"{1 + number % 9}.55"
            bill, customer = f"{536365 + number // 20}", 17850 + number // 20 % 4300
            if number % 60 == 59:
                bill, units = f"C{536365 + number // 20}", -units
            stamp = f"{moment.month}/{moment.day}/{moment:%y} {moment.hour}:{moment:%M}"
            yield bill, sku, f"WHITE HANGING HEART {number % 3900}", units, stamp, price, customer, "United Kingdom"

    header = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
    return header, lines()


def _sales_report(rows: int) -> Table:
    header = (
        "index", "Order ID", "Date", "Status", "Fulfilment", "Sales Channel", "ship-service-level", "Category", "Size",
        "Courier Status", "Qty", "currency", "Amount", "ship-city", "ship-state", "ship-postal-code", "ship-country",
        "B2B", "fulfilled-by",
    )  # fmt: skip

    def lines() -> Iterator[Sequence[Any]]:
        for number, moment in _moments(rows):
            gone = number % 7 == 3
            yield (
                number, f"405-{number:07d}-{number * 7 % 9999999:07d}", f"{moment:%m-%d-%y}",
                "Cancelled" if gone else "Shipped - Delivered to Buyer", "Merchant", "Amazon.in", "Standard",
                ("Set", "kurta", "Top")[number % 3], "XL", "" if gone else "Shipped", 0 if gone else 1, "INR",
                "" if gone else f"{300 + number % 900}.00", "MUMBAI", "MAHARASHTRA", "400081", "IN", "FALSE",
                "Easy Ship",
            )  # fmt: skip

    return header, lines()


def _orders(rows: int) -> Table:
    header = (
        "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
        "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date",
    )  # fmt: skip

    def lines() -> Iterator[Sequence[Any]]:
        for number, moment in _moments(rows):
            gone = number % 50 == 7
            later = ["" if gone else f"{moment + timedelta(hours=hours):%Y-%m-%d %H:%M:%S}" for hours in (1, 30, 200)]
            status = "canceled" if gone else "delivered"
            plan = f"{moment + timedelta(days=20):%Y-%m-%d} 00:00:00"
            yield _hash(number), _hash(number + rows), status, f"{moment:%Y-%m-%d %H:%M:%S}", *later, plan

    return header, lines()


def _items(rows: int) -> Table:
    header = ("order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value")

    def lines() -> Iterator[Sequence[Any]]:
        for number, moment in _moments(rows):
            if number % 50 != 7:
                price = f"{20 + number % 80}.90"
                stamp = f"{moment + timedelta(days=5):%Y-%m-%d %H:%M:%S}"
                yield _hash(number), 1, _hash(number % 3000), _hash(9), stamp, price, "8.72"

    return header, lines()


def _hash(number: int) -> str:
    return f"{random.Random(number).getrandbits(128):032x}"


def _csv(path: Path, table: Table) -> int:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(table[0])
        writer.writerows(table[1])
    return path.stat().st_size


def _xlsx(path: Path, table: Table) -> int:
    """A workbook of texts; the size of the same cells as CSV."""
    import xlsxwriter

    size = io.StringIO(newline="")
    writer = csv.writer(size)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate((table[0], *table[1])):
            writer.writerow(row)
            for place, cell in enumerate(row):
                if cell != "":
                    sheet.write_string(number, place, str(cell))
    return len(size.getvalue().encode())


def _japanese(path: Path, rows: int) -> int:
    """The export of `bench.loading` under the Japanese header, amounts and times as that market has them."""
    import duckdb

    from cancel_analysis.loaders.parsing.columns import JAPANESE, ORDERS

    english = path.with_suffix(".en.csv")
    write_export(english, rows)
    names = {field.headers[0]: JAPANESE[field.name] for field in ORDERS.fields if field.name in JAPANESE}
    with duckdb.connect() as connection:
        source = connection.read_csv(str(english), all_varchar=True, header=True)
        cells = ", ".join(
            (f"regexp_extract(\"{name}\", '[0-9]+') || ' JPY'" if _is_money(name) else f'"{name}"')
            + f' AS "{names.get(name, name)}"'
            for name in source.columns
        )
        connection.execute(f"COPY (SELECT {cells} FROM source OFFSET 1) TO '{path}' (header, force_quote *)")
    english.unlink()
    return path.stat().st_size


def _is_money(name: str) -> bool:
    return name in ("SKU Unit Original Price", "SKU Subtotal After Discount", "Order Amount", "Order Refund Amount")


def _api(path: Path, rows: int) -> int:
    with path.open("w", encoding="utf-8") as stream:
        for number, moment in _moments(rows):
            created, gone = int(moment.timestamp()), number % 9 == 1
            unit = {
                "id": f"58{number:016d}", "product_id": f"17300{number % 900:013d}", "product_name": "Ceramic lamp",
                "sku_id": f"17290{number % 900:013d}", "sku_name": "White", "seller_sku": f"L-{number % 900}",
                "sale_price": "18.50", "original_price": "20.00", "currency": "USD",
                "display_status": "CANCELLED" if gone else "COMPLETED", "package_id": f"1150{number:015d}",
            }  # fmt: skip
            order = {
                "id": f"577{number:015d}", "status": "CANCELLED" if gone else "COMPLETED", "create_time": created,
                "paid_time": created + 300, "update_time": created + 500_000, "buyer_message": "", "line_items": [unit],
                "rts_time": 0 if gone else created + 70_000, "collection_time": 0 if gone else created + 90_000,
                "delivery_time": 0 if gone else created + 300_000, "cancel_time": created + 900 if gone else 0,
                "cancellation_initiator": "BUYER" if gone else "", "payment_method_name": "Credit card",
                "payment": {"currency": "USD", "total_amount": "21.00", "sub_total": "18.50"},
                "recipient_address": {"name": "J*** D**", "phone_number": "(+1)555*****01", "postal_code": "94103"},
            }  # fmt: skip
            stream.write(json.dumps(order) + "\n")
    return path.stat().st_size


@dataclass(frozen=True)
class FileKind:
    """A kind of file: how it is made (folder and rows → its megabytes as text), and the shop that reads it."""

    name: str
    make: Callable[[Path, int], int]
    shop: dict[str, Any]


def _tables(folder: Path, rows: int) -> int:
    return _csv(folder / "orders.csv", _orders(rows)) + _csv(folder / "items.csv", _items(rows))


def _tiktok(folder: Path, rows: int) -> int:
    path = folder / "All order-2026-11-16-09_12.csv"
    write_export(path, rows)
    return path.stat().st_size


GIFTS, REPORT = {"market": "GB"}, {"mapping": "sales-report"}
INDIA = {"market": "other", "currency": "INR", "timezone": "Asia/Kolkata"}
SHOPEE = {"mapping": "shopee-id"}
KINDS = (
    FileKind("TikTok Shop CSV", _tiktok, {"market": "US", "date_order": "mdy"}),
    FileKind("Japanese export, CSV", lambda f, n: _japanese(f / "all.csv", n), {"market": "JP", "date_order": "mdy"}),
    FileKind("Shopee 17 columns, XLSX", lambda f, n: _xlsx(f / "m.xlsx", _shopee(MONTHLY_17, n)), SHOPEE),
    FileKind("Shopee 49 columns, XLSX", lambda f, n: _xlsx(f / "m.xlsx", _shopee(NATIVE_49, n)), SHOPEE),
    FileKind("Shopee 49 columns, CSV", lambda f, n: _csv(f / "m.csv", _shopee(NATIVE_49, n)), SHOPEE),
    FileKind("invoices, 2-digit years", lambda f, n: _csv(f / "i.csv", _invoices(n)), {**GIFTS, "mapping": "invoices"}),
    FileKind("orders + items, by key", _tables, {"market": "BR", "mapping": "orders-and-items"}),
    FileKind("sales report, other market", lambda f, n: _csv(f / "s.csv", _sales_report(n)), {**INDIA, **REPORT}),
    FileKind("API answers, JSON lines", lambda f, n: _api(f / "o.jsonl", n), {"market": "US"}),
)  # fmt: skip


def work(kind: FileKind, folder: Path) -> None:
    """The child's side: processor seconds of loading without the imports, and the account."""
    from cancel_analysis.catalog.shops import make_shop
    from cancel_analysis.loaders import load_shop

    shop = make_shop({"id": "bench", "files": "*", "refuse_limit": 0.05, **kind.shop}, folder)
    reader = min(_read_alone(folder) for _ in range(RUNS))
    began = _busy()
    account = load_shop(shop).orders.account
    seconds = _busy() - began
    print(json.dumps({"seconds": seconds, "rows": account.rows, "used": account.used, "reader": reader}))


def _read_alone(folder: Path) -> float:
    """Processor seconds of cutting every file of `folder` into cells of text."""
    import duckdb
    import python_calamine

    began = _busy()
    for path in folder.iterdir():
        if path.suffix == ".xlsx":
            python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        elif path.suffix == ".jsonl":
            with path.open("rb") as lines:
                collections.deque(map(json.loads, lines), maxlen=0)
        else:
            with duckdb.connect(config={"threads": "1"}) as connection:
                connection.read_csv(str(path), all_varchar=True, header=True).to_arrow_table()
    return _busy() - began


def _busy() -> float:
    """Processor seconds of this process and of those it waited for: other work on the machine says less in them."""
    return sum(os.times()[:4])


def measure(kind: FileKind, folder: Path) -> dict[str, Any]:
    """The best of some runs in fresh processes."""
    command = [sys.executable, "-m", "bench.kinds", "--only", kind.name, "--folder", str(folder)]
    runs = []
    for _ in range(RUNS):
        output = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
        ).stdout
        runs.append(json.loads(output.splitlines()[-1]))
    best: dict[str, Any] = min(runs, key=lambda run: run["seconds"])
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--only", choices=[kind.name for kind in KINDS])
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        work(next(kind for kind in KINDS if kind.name == options.only), options.folder)
        return 0
    base = row = None
    lost, slow = [], []
    print(f"{'kind':28}{'rows':>9}{'MB':>7}{'seconds':>9}{'rows/s':>9}{'s/MB':>8}{'a MB':>7}{'a row':>7}{'reader':>8}")
    for kind in KINDS:
        if options.only and kind.name not in (options.only, KINDS[0].name):
            continue
        with tempfile.TemporaryDirectory(prefix="cancel-analysis-bench-") as folder:
            megabytes = kind.make(Path(folder), options.rows) / 1e6
            result = measure(kind, Path(folder))
        each = result["seconds"] / megabytes
        rows, seconds = result["rows"], result["seconds"]
        base, row = base or each, row or seconds / rows
        figures = f"{rows:9,}{megabytes:7.1f}{seconds:9.2f}{rows / seconds:9,.0f}{each:8.3f}{each / base:7.1f}"
        figures += f"{seconds / rows / row:7.1f}{result['reader']:8.2f}"
        print(f"{kind.name:28}{figures}")
        if result["used"] < 0.9 * result["rows"]:
            lost.append(f"{kind.name}: {result['used']:,} of {result['rows']:,} rows used")
        if min(each / base, seconds / rows / row) > MOST_RATIO:
            slow.append(
                f"{kind.name}: {each / base:.1f} × the cost a megabyte of a TikTok Shop CSV (goal {MOST_RATIO:g})"
            )
    print("\n".join([*lost, *slow]))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
