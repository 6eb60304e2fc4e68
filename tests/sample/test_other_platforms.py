"""The small files of other systems hold what their `truth.json` says: counted here from the raw text."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from typing import Any

import pytest

from cancel_analysis.catalog.shops import read_shops

from .raw import SAMPLE

OTHER = SAMPLE / "other"
SHOPEE = sorted((OTHER / "shopee-id").glob("*.csv"))


def told(door: str) -> dict[str, Any]:
    return json.loads((OTHER / door / "truth.json").read_text(encoding="utf-8"))


def rows(path: Any) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rupiah(text: str) -> int:
    """38.300 = 38,300; 10.0 = 10,000; 1.234.567; 599: read back by hand, without the writer's own code."""
    if re.fullmatch(r"\d+\.0", text):
        return int(text[:-2]) * 1000
    assert re.fullmatch(r"\d{1,3}(\.\d{3})*", text), text
    return int(text.replace(".", ""))


def test_every_file_is_small() -> None:
    paths = [path for path in OTHER.rglob("*") if path.is_file()]
    assert len(paths) >= 8
    assert max(path.stat().st_size for path in paths) <= 40_000


@pytest.mark.parametrize("path", SHOPEE, ids=lambda path: path.name)
def test_shopee(path: Any) -> None:
    table = rows(path)
    truth = told("shopee-id")["files"][path.name]
    key = "No. Pesanan" if "No. Pesanan" in table[0] else "order_id"
    orders: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in table:
        orders[row[key]].append(row)
    gone = {order: lines for order, lines in orders.items() if lines[0]["Status Pesanan"] == "Batal"}
    words = {"Dibatalkan oleh Pembeli": "buyer", "Dibatalkan oleh Penjual": "seller"}
    by = Counter(
        next((who for word, who in words.items() if lines[0]["Alasan Pembatalan"].startswith(word)), "system")
        for lines in gone.values()
    )
    lost = [row for lines in gone.values() for row in lines]
    found = {
        "rows": len(table),
        "columns": len(table[0]),
        "orders": len(orders),
        "units": sum(int(row["Jumlah"]) for row in table),
        "value": sum(rupiah(row["Total Harga Produk"]) for row in table),
        "cancelled_orders": len(gone),
        "cancelled_by": dict(sorted(by.items())),
        "cancelled_units": sum(int(row["Jumlah"]) for row in lost),
        "cancelled_value": sum(rupiah(row["Total Harga Produk"]) for row in lost),
        "returned_units": sum(int(row["Returned quantity"]) for row in table),
        "has_created_time": "Waktu Pesanan Dibuat" in table[0],
        "orders_with_equal_lines": sum(
            len({tuple(r.values()) for r in lines}) < len(lines) for lines in orders.values()
        ),
    }
    assert found == {name: truth[name] for name in found}
    assert sum(truth["cancelled_for"].values()) == len(gone)


def test_each_door_names_a_shipped_mapping() -> None:
    shops = {shop.id: shop for shop in read_shops(OTHER)}
    assert set(shops) == {path.name for path in OTHER.iterdir() if path.is_dir()}
    for door, shop in shops.items():
        assert shop.synthetic
        assert shop.mapping == door
        assert {path.name for path in shop.files} == {path.name for path in (OTHER / door).glob("*.csv")}


def test_traps_of_shopee() -> None:
    tables = {path.name: rows(path) for path in SHOPEE}
    assert sorted(len(table[0]) for table in tables.values()) == [17, 17, 30]
    every = [row for table in tables.values() for row in table]
    prices = {row["Harga Setelah Diskon"] for row in every}
    assert {"38.300", "10.0", "1.234.567", "599"} <= prices
    statuses = {row["Status Pesanan"] for row in every}
    assert {"Batal", "Selesai"} < statuses
    assert any(re.search(r"hingga 2026-\d\d-\d\d", status) for status in statuses)
    assert {row["Total Pembayaran"] for row in every if row["Status Pesanan"] == "Batal"} == {"0"}
    assert all(row["Total Pembayaran"] != "0" for row in every if row["Status Pesanan"] != "Batal")
    (undated,) = (
        table for table in tables.values() if "Waktu Pesanan Dibuat" not in table[0] and "order_id" in table[0]
    )
    assert all(row["Waktu Pengiriman Diatur"] for row in undated)
    native = tables["Order.toship.20261101_20261115.csv"]
    assert all("BUYERDATA" in row["Nama Penerima"] for row in native)
    reasons = {row["Alasan Pembatalan"].partition("Alasan: ")[2] for row in every}
    assert {"Penjual gagal mengirimkan pesanan tepat waktu", "Paket hilang di perjalanan"} <= reasons


def test_invoices() -> None:
    table, truth = rows(OTHER / "invoices" / "online-retail.csv"), told("invoices")
    parts: dict[str, list[dict[str, str]]] = {"sales": [], "cancellations": [], "written_off": []}
    for row in table:
        negative = row["Quantity"].startswith("-")
        kind = "cancellations" if row["InvoiceNo"].startswith("C") else "written_off" if negative else "sales"
        assert negative == (kind != "sales")
        parts[kind].append(row)
    for kind in ("sales", "cancellations"):
        lines = parts[kind]
        cents = sum(abs(int(row["Quantity"])) * round(float(row["UnitPrice"]) * 100) for row in lines)
        assert truth[kind] == {
            "documents": len({row["InvoiceNo"] for row in lines}),
            "lines": len(lines),
            "units": sum(abs(int(row["Quantity"])) for row in lines),
            "value": cents / 100,
        }
    lost = parts["written_off"]
    assert (len(lost), -sum(int(row["Quantity"]) for row in lost)) == (
        truth["written_off_lines"],
        truth["written_off_units"],
    )
    assert truth["rows"] == len(table)
    assert truth["lines_without_customer"] == sum(row["CustomerID"] == "" for row in table) > 0


def test_sales_report() -> None:
    table, truth = rows(OTHER / "sales-report" / "sales.csv"), told("sales-report")
    assert truth["rows"] == len(table)
    single = list({tuple(row.items()): row for row in table}.values())
    assert len(table) - len(single) == truth["duplicate_lines"] > 0
    assert {len(row["Date"]) for row in table} == {8, 10}
    words = {
        "Cancelled": "cancelled", "Pending": "open", "Shipped": "shipped", "Shipped - Delivered to Buyer": "shipped",
        "Shipped - Returned to Seller": "returned", "Shipped - Rejected by Buyer": "rejected",
        "Shipped - Lost in Transit": "lost",
    }  # fmt: skip
    lines, units, orders = Counter[str](), Counter[str](), defaultdict(set)
    for row in single:
        kind = words[row["Status"]]
        lines[kind] += 1
        units[kind] += int(row["Qty"])
        orders[row["Order ID"]].add(kind)
        assert (row["Qty"] == "0") == (kind == "cancelled")
    assert (dict(lines), dict(units), len(orders)) == (truth["lines"], truth["units"], truth["orders"])
    assert truth["orders_cancelled_whole"] == sum(kinds == {"cancelled"} for kinds in orders.values()) > 0
    assert truth["orders_cancelled_in_part"] == sum(
        "cancelled" in kinds and len(kinds) > 1 for kinds in orders.values()
    )
    value = [(float(row["Amount"] or 0), words[row["Status"]]) for row in single]
    assert sum(amount for amount, _ in value) == pytest.approx(truth["value"])
    assert sum(amount for amount, kind in value if kind == "cancelled") == pytest.approx(truth["cancelled_value"])
    unpriced = [row for row in single if row["Amount"] == ""]
    assert len(unpriced) == truth["cancelled_lines_without_amount"] > 0
    assert {row["Status"] for row in unpriced} == {"Cancelled"}
