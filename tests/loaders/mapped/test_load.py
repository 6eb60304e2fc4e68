"""Files of other platforms and houses, by a mapping: each format's facts, the samples' truth, chance tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.mapping.forms import EMPTY_TEXTS, FileMapping, Money
from cancel_analysis.catalog.mapping.mappings import read_mapping, shipped
from cancel_analysis.catalog.shops import ShopSettings, make_shop, read_shops
from cancel_analysis.errors import AmbiguousDatesError, SettingsError, TooManyRefusedError, WrongFileError
from cancel_analysis.loaders import ShopIntake, load_mapped, load_shop, understood
from cancel_analysis.loaders.mapped.values import read_amounts, read_times
from cancel_analysis.loaders.parsing.account import OUTCOMES, Account
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.study.one_shop import study_shop

ID = make_shop({"id": "toko", "mapping": "shopee-id"})
GB = make_shop({"id": "gifts", "market": "GB", "mapping": "invoices"})
US = make_shop({"id": "apparel", "market": "US", "mapping": "sales-report"})
PERSONAL = "BUYERDATA"


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def adds_up(account: Account) -> bool:
    return account.rows == sum(getattr(account, outcome) for outcome in OUTCOMES) == int(account.files["rows"].sum())


def rows_of(intake: ShopIntake) -> dict[str, Any]:
    """Order lines by order number; the last one of each."""
    return {str(row["order_id"]): row for row in intake.orders.table.to_dict("records")}


# --- Shopee Indonesia ------------------------------------------------------------------------

MONTHLY = (
    "order_id", "product_category", "Status Pesanan", "Alasan Pembatalan", "Status Pembatalan/ Pengembalian",
    "Waktu Pengiriman Diatur", "Waktu Pesanan Dibuat", "Waktu Pembayaran Dilakukan", "Metode Pembayaran",
    "Nomor Referensi SKU", "Nama Variasi", "Harga Setelah Diskon", "Jumlah", "Returned quantity",
    "Total Harga Produk", "Total Pembayaran", "Provinsi",
)  # fmt: skip


def shopee(order: str, **changes: str) -> list[str]:
    row = dict.fromkeys(MONTHLY, "") | {
        "order_id": order, "product_category": "Rumah", "Status Pesanan": "Selesai",
        "Waktu Pengiriman Diatur": "2026-11-02 09:00", "Waktu Pesanan Dibuat": "2026-11-01 10:00",
        "Waktu Pembayaran Dilakukan": "2026-11-01 10:04", "Metode Pembayaran": "ShopeePay",
        "Nomor Referensi SKU": "TAS-1", "Nama Variasi": "Kecil", "Harga Setelah Diskon": "38.300", "Jumlah": "1",
        "Returned quantity": "0", "Total Harga Produk": "38.300", "Total Pembayaran": "47.300",
        "Provinsi": "JAWA BARAT",
    }  # fmt: skip
    names = {name.lower().replace(" ", "_"): name for name in MONTHLY}
    row |= {names[name]: value for name, value in changes.items()}
    return list(row.values())


def load_shopee(path: Path, *rows: list[str], shop: ShopSettings = ID, header: Sequence[str] = MONTHLY) -> ShopIntake:
    return load_mapped(write(path / "Order.all.20261101_20261130.csv", header, rows), shop, "shopee-id")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("38.300", 38300), ("10.0", 10000), ("1.234.567", 1234567), ("599", 599), ("38.3", 38300), ("1.234.5", 1234500),
     ("0", 0), ("Rp38.3", 38300), ("Rp 1.234.567", 1234567), ("-10.0", -10000), ("38.3000", 38300)],
)  # fmt: skip
def test_lost_zeros_are_put_back(text: str, amount: int) -> None:
    values, reasons = read_amounts([text], read_mapping("shopee-id").money, "IDR", 0)
    assert (values, reasons) == ({text: amount}, {})


@pytest.mark.parametrize("text", ["1.23x", "1.2345", "12345.6.7", "USD 10", "", "1.23.456", "10,5", "--3", "."])
def test_what_is_no_amount_is_told(text: str) -> None:
    values, reasons = read_amounts([text], read_mapping("shopee-id").money, "IDR", 0)
    assert values == {}
    assert reasons[text]


WHO_AND_WHY = [
    ("Dibatalkan oleh Pembeli. Alasan: Tidak ingin membeli lagi", "buyer", "no_longer_needed", "buyer"),
    ("Dibatalkan oleh Penjual. Alasan: Stok habis", "seller", "out_of_stock", "seller"),
    ("Dibatalkan secara otomatis oleh sistem Shopee. Alasan: Penjual gagal mengirimkan pesanan tepat waktu",
     "system", "not_shipped_on_time", "seller"),
    ("Dibatalkan oleh sistem: Penjual tidak mengatur pengiriman tepat waktu",
     "system", "not_shipped_on_time", "seller"),
    ("Dibatalkan oleh sistem Pengiriman gagal", "system", "delivery_failed", "shipping"),
    ("dibatalkan oleh sistem - Paket hilang di perjalanan", "system", "package_lost", "shipping"),
    ("Dibatalkan oleh sistem. Alasan: Pembeli tidak melakukan pembayaran", "system", "not_paid", "buyer"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "who", "reason", "fault"), WHO_AND_WHY)
def test_who_cancelled_is_the_beginning_of_the_reason(
    text: str, who: str, reason: str, fault: str, tmp_path: Path
) -> None:
    intake = load_shopee(tmp_path, shopee("A", status_pesanan="Batal", alasan_pembatalan=text, total_pembayaran="0"))
    line = rows_of(intake)["A"]
    assert (line["status"], line["cancelled_by"], line["cancel_reason_code"]) == ("cancelled", who, reason)
    assert not str(line["cancel_reason_text"]).lower().startswith("dibatalkan")
    item = attribute(intake.orders.table, None, ID).items.iloc[0]
    assert (item["reason"], item["responsibility"], item["initiator"]) == (reason, fault, who)
    # The order's total is 0 on cancelled orders; the value is the products'.
    assert (line["order_amount"], item["amount"]) == (0, 38300)


def test_a_date_inside_a_status_makes_no_new_status(tmp_path: Path) -> None:
    texts = [
        f"Pesanan diterima, namun Pembeli masih dapat mengajukan pengembalian hingga 2026-12-0{n}." for n in (1, 2)
    ]
    intake = load_shopee(tmp_path, *(shopee(f"A{n}", status_pesanan=text) for n, text in enumerate(texts)))
    assert set(intake.orders.table["status"]) == {"completed"}
    assert set(intake.orders.table["substatus"]) == {"delivered"}
    assert intake.orders.account.unknown_values.empty


def test_equal_lines_are_genuine(tmp_path: Path) -> None:
    intake = load_shopee(tmp_path, shopee("A"), shopee("A"))
    assert list(intake.orders.table["line_no"]) == [1, 2]
    assert list(intake.orders.table["first_line"]) == [True, False]
    assert intake.orders.account.superseded == 0


def test_a_line_of_a_newer_file_supersedes(tmp_path: Path) -> None:
    old = write(tmp_path / "Order.all.20261101_20261115.csv", MONTHLY, [shopee("A"), shopee("B")])
    new = write(
        tmp_path / "Order.all.20261116_20261130.csv", MONTHLY,
        [shopee("A", status_pesanan="Batal", alasan_pembatalan="Dibatalkan oleh Pembeli. Alasan: Lainnya")],
    )  # fmt: skip
    intake = load_mapped([new, old], ID, "shopee-id")
    assert {order: row["status"] for order, row in rows_of(intake).items()} == {"A": "cancelled", "B": "completed"}
    assert (intake.orders.account.superseded, intake.orders.account.used) == (1, 2)


def test_missing_times_are_stood_in_for_and_told(tmp_path: Path) -> None:
    gone = {"Waktu Pesanan Dibuat", "Waktu Pembayaran Dilakukan"}
    keep = [number for number, name in enumerate(MONTHLY) if name not in gone]
    unpaid = "Dibatalkan oleh sistem. Alasan: Pembeli belum membayar"
    rows = [shopee("A"), shopee("B", status_pesanan="Batal", alasan_pembatalan=unpaid)]
    header = [MONTHLY[number] for number in keep]
    intake = load_shopee(tmp_path, *([row[n] for n in keep] for row in rows), header=header)
    lines = rows_of(intake)
    assert lines["A"]["created_at"] == lines["A"]["rts_at"] == lines["A"]["paid_at"]
    # Nothing stands in for the payment of an order that was cancelled because nobody paid.
    assert pd.isna(lines["B"]["paid_at"])
    told = " ".join(intake.orders.account.notes)
    assert "created_at: 2 rows have none in the files; rts_at stands in" in told
    assert "paid_at: 1 rows have none in the files; created_at stands in" in told
    assert "cancelled_at: 1 cancelled lines have no time of cancellation" in told
    assert set(intake.orders.table["cancelled_at"].isna()) == {True}


def test_an_empty_time_of_payment_means_unpaid_where_there_is_the_column(tmp_path: Path) -> None:
    reason = "Dibatalkan oleh Pembeli. Alasan: Lainnya"
    row = {"status_pesanan": "Batal", "alasan_pembatalan": reason, "waktu_pembayaran_dilakukan": ""}
    intake = load_shopee(
        tmp_path, shopee("A", waktu_pengiriman_diatur="", **row),
        shopee("B", waktu_pengiriman_diatur="", metode_pembayaran="COD (Bayar di Tempat)", **row),
    )  # fmt: skip
    items = attribute(intake.orders.table, None, ID).items
    assert dict(zip(items["order_id"], items["stage"], strict=True)) == {"A": "unpaid", "B": "cancellation"}


def test_unreadable_rows_are_refused_with_their_place(tmp_path: Path) -> None:
    rows = [
        shopee("A", total_harga_produk="1.2x"), shopee("B", jumlah="two"), shopee("", jumlah="1"),
        shopee("D", waktu_pesanan_dibuat="yesterday"), shopee("E", waktu_pesanan_dibuat="0026-11-01 10:00"),
        shopee("F", jumlah="-1"), ["only", "two"], [""] * len(MONTHLY), shopee("G"),
    ]  # fmt: skip
    with pytest.raises(TooManyRefusedError, match="6 of 8 orders rows"):
        load_shopee(tmp_path, *rows)
    intake = load_shopee(tmp_path, *rows, shop=replace(ID, refuse_limit=1.0))
    account = intake.orders.account
    assert adds_up(account)
    assert (account.rows, account.refused, account.used) == (8, 6, 2)
    refused = {int(row["row"]): (row["column"], row["value"]) for row in account.refusals.to_dict("records")}
    assert any("'Total Harga Produk': 1 cells" in note and "row 2" in note for note in account.notes)
    assert refused[3] == ("Jumlah", "•••")
    assert refused[4][0] == "order_id"
    assert refused[5] == ("Waktu Pesanan Dibuat", "•••••••••")
    assert refused[6] == ("Waktu Pesanan Dibuat", "0026-11-01 10:00")
    assert refused[7] == ("Jumlah", "-1")
    assert "1 empty rows were passed over" in " ".join(account.notes)


def test_a_small_number_cell_is_not_known_where_zeros_may_be_lost(tmp_path: Path) -> None:
    """A spreadsheet's 10 may have been 10.0, which is 10,000; a text tells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(MONTHLY)
    for order, amount in (("A", 10), ("B", 38.3), ("C", "599"), ("D", 2500)):
        row: list[Any] = shopee(order)
        row[MONTHLY.index("Total Harga Produk")] = amount
        sheet.append(row)
    book.save(tmp_path / "orders.xlsx")
    intake = load_mapped(tmp_path / "orders.xlsx", replace(ID, refuse_limit=1.0), "shopee-id")
    amounts = {order: row["line_amount"] for order, row in rows_of(intake).items()}
    # The unit price stands in for the first.
    assert amounts == {"A": 38300, "B": 38300, "C": 599, "D": 2500}
    assert any("is a number below 1000" in note for note in intake.orders.account.notes)


def test_an_unknown_status_is_reported_and_read_from_the_times(tmp_path: Path) -> None:
    intake = load_shopee(tmp_path, *(shopee(number, status_pesanan="Aneh") for number in ("A", "B", "C")))
    assert rows_of(intake)["A"]["status"] == "to_ship"
    unknown = intake.orders.account.unknown_values.to_dict("records")
    assert unknown == [{"column": "Status Pesanan", "value": "Aneh", "count": 3, "taken_as": "what the times say"}]


# --- invoices --------------------------------------------------------------------------------

INVOICE = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


def load_invoices(path: Path, *rows: Sequence[Any], shop: ShopSettings = GB, **options: Any) -> ShopIntake:
    full = [(number, sku, "thing", units, day, price, who, "UK") for number, sku, units, day, price, who in rows]
    return load_mapped(write(path / "invoices.csv", INVOICE, full, **options), shop, "invoices")


@pytest.mark.parametrize(
    ("missing", "cancelled"),
    [
        # Without prices customers tell; without customers article, units and price do; without both nothing does.
        ({"UnitPrice"}, {"1": 4, "2": 0, "3": 0}),
        ({"CustomerID"}, {"1": 0, "2": 4, "3": 0}),
        ({"UnitPrice", "CustomerID"}, {"1": 0, "2": 0, "3": 0}),
    ],
)
def test_a_column_that_documents_are_matched_by_may_be_missing(
    tmp_path: Path, missing: set[str], cancelled: dict[str, int]
) -> None:
    rows = [(1, "A", "x", 4, "9/13/2026 8:00", 3.0, "1", "UK"), (2, "A", "x", 4, "9/14/2026 8:00", 2.5, "2", "UK")]
    rows += [(3, "B", "y", 9, "9/15/2026 8:00", 2.5, "1", "UK"), ("C4", "A", "x", -4, "9/16/2026 8:00", 2.5, "1", "UK")]
    kept = [number for number, name in enumerate(INVOICE) if name not in missing]
    file = write(
        tmp_path / "invoices.csv", [INVOICE[number] for number in kept], [[row[n] for n in kept] for row in rows]
    )
    intake = load_mapped(file, GB, "invoices")
    assert intake.orders.table.set_index("order_id")["quantity_affected"].to_dict() == cancelled
    account = intake.orders.account
    assert adds_up(account)
    # What finds no sale is refused by its number, not forgotten.
    assert account.refused == (0 if sum(cancelled.values()) else 1)


def test_a_cancellation_document_is_put_to_the_latest_fitting_sale(tmp_path: Path) -> None:
    intake = load_invoices(
        tmp_path,
        (1, "A", 4, "9/13/2026 8:00", 2.5, PERSONAL + "1"),
        (2, "A", 10, "9/14/2026 8:00", 2.5, PERSONAL + "1"),
        (3, "A", 4, "9/15/2026 8:00", 2.5, PERSONAL + "2"),
        (4, "A", 9, "9/20/2026 8:00", 2.5, PERSONAL + "1"),
        ("C5", "A", -4, "9/16/2026 9:30", 2.5, PERSONAL + "1"),
        ("C6", "A", -3, "9/17/2026 9:30", 2.5, PERSONAL + "1"),
    )
    table = intake.orders.table.set_index("order_id")
    # The exact quantity first; then the latest with enough left; nothing sold later, nothing of others.
    assert table["quantity_affected"].to_dict() == {"1": 4, "2": 3, "3": 0, "4": 0}
    assert table["status"].to_dict() == {"1": "cancelled", "2": "completed", "3": "completed", "4": "completed"}
    assert str(table.loc["1", "cancelled_at"]) == "2026-09-16 09:30:00+01:00"
    items = attribute(intake.orders.table, None, GB).items
    assert items.set_index("order_id")[["units", "amount"]].to_dict("index") == {
        "1": {"units": 4, "amount": 10.0},
        "2": {"units": 3, "amount": 7.5},
    }
    assert set(items["stage"]) == {"cancellation"}
    assert adds_up(intake.orders.account)
    assert intake.orders.account.used == 6


def test_customers_are_forgotten(tmp_path: Path) -> None:
    intake = load_invoices(
        tmp_path, (1, "A", 4, "9/13/2026 8:00", 2.5, PERSONAL), ("C2", "B", -4, "9/16/2026 9:30", 2.5, PERSONAL)
    )
    account = intake.orders.account
    everything = intake.orders.table.to_csv() + account.refusals.to_csv() + repr(account)
    assert PERSONAL not in everything
    assert PERSONAL not in understood(tmp_path / "invoices.csv", "invoices", GB).to_csv()


def test_a_cancellation_without_its_sale_is_told_and_does_not_stop_the_load(tmp_path: Path) -> None:
    intake = load_invoices(
        tmp_path,
        (1, "A", 4, "9/13/2026 8:00", 2.5, "17"),
        ("C2", "B", -4, "9/16/2026 9:30", 2.5, "17"),
        ("C3", "A", -4, "9/01/2026 9:30", 2.5, "17"),
    )
    account = intake.orders.account
    assert list(account.refusals["value"]) == ["C2", "C3"]
    assert "0 of 2 cancellation documents were put to a sale; 2 cancel a sale that is in no file" in " ".join(
        account.notes
    )
    assert intake.orders.table["quantity_affected"].sum() == 0
    # Both cancellations are in no rate: of three rows two, so the rate may be two thirds too low.
    assert (account.bias.lost, account.bias.lost_cancelled, account.bias.rows) == (2, 2, 3)
    assert account.bias.too_low_by == pytest.approx(2 / 3)


def test_cancellations_without_a_customer_need_the_same_units_and_price(tmp_path: Path) -> None:
    intake = load_invoices(
        tmp_path,
        (1, "A", 4, "9/13/2026 8:00", 2.5, ""),
        (2, "A", 4, "9/13/2026 9:00", 2.5, "17"),
        (3, "B", 5, "9/13/2026 8:00", 2.5, ""),
        ("C4", "A", -4, "9/16/2026 9:30", 2.5, ""),
        ("C5", "B", -4, "9/16/2026 9:30", 2.5, ""),
    )
    assert intake.orders.table.set_index("order_id")["quantity_affected"].to_dict() == {"1": 4, "2": 0, "3": 0}


def test_one_document_may_cancel_several_sales_and_more_than_was_sold(tmp_path: Path) -> None:
    intake = load_invoices(
        tmp_path,
        (1, "A", 4, "9/13/2026 8:00", 2.5, "17"),
        (2, "A", 5, "9/14/2026 8:00", 2.5, "17"),
        ("C3", "A", -12, "9/16/2026 9:30", 2.5, "17"),
    )
    assert list(intake.orders.table["quantity_affected"]) == [4, 5]
    assert "3 of their units are more than was sold" in " ".join(intake.orders.account.notes)


def test_negative_lines_that_are_no_cancellation_are_refused(tmp_path: Path) -> None:
    rows = [
        (1, "A", 4, "9/13/2026 8:00", 2.5, "17"),
        (2, "A", -4, "9/13/2026 8:00", 0, ""),
        ("C3", "A", 4, "9/14/2026 8:00", 2.5, "17"),
        (4, "A", 1, "9/14/2026 8:00", 0, "17"),
    ]
    intake = load_invoices(tmp_path, *rows, shop=replace(GB, refuse_limit=1.0))
    assert list(intake.orders.account.refusals["row"]) == [3, 4]
    assert intake.orders.account.samples == 1


def test_another_encoding_can_be_named(tmp_path: Path) -> None:
    path = shipped()["invoices"]
    own = tmp_path / "own.yaml"
    own.write_text(path.read_text(encoding="utf-8") + "encoding: cp1252\n", encoding="utf-8")
    file = write(
        tmp_path / "a.csv", INVOICE, [(1, "A", "crème brûlée £", 1, "9/13/2026 8:00", 2.5, "1", "UK")], "cp1252"
    )
    table = load_mapped(file, GB, own).orders.table
    assert list(table["product_name"]) == ["crème brûlée £"]


# --- sales report ----------------------------------------------------------------------------

SALES = ("index", "Order ID", "Date", "Status", "SKU", "Category", "Qty", "currency", "Amount", "ship-state")


def load_sales(path: Path, *rows: Sequence[Any]) -> ShopIntake:
    full = [(number, *row, "OHIO") for number, row in enumerate(rows)]
    return load_mapped(write(path / "sales.csv", SALES, full), US, "sales-report")


def test_a_sales_report_in_two_forms_of_dates(tmp_path: Path) -> None:
    intake = load_sales(
        tmp_path,
        ("1", "04-05-26", "Shipped", "S", "Set", 1, "USD", "6.50"),
        ("1", "04-05-26", "Shipped", "S", "Set", 1, "USD", "6.50"),
        ("2", "30/04/2026", "Cancelled", "S", "Set", 0, "", ""),
        ("3", "05/04/2026", "Shipped - Returned to Seller", "S", "Set", 1, "USD", "6.50"),
        ("4", "04-07-26", "Pending", "S", "Set", 1, "USD", "6.50"),
        ("5", "04-07-26", "Cancelled", "NEW", "Set", 0, "USD", ""),
        ("6", "04-08-26", "Shipped - Rejected by Buyer", "S", "Set", 2, "USD", "13.00"),
    )
    lines = rows_of(intake)
    days = {order: f"{row['created_at']:%Y-%m-%d}" for order, row in lines.items()}
    assert days == {
        "1": "2026-04-05", "2": "2026-04-30", "3": "2026-04-05", "4": "2026-04-07", "5": "2026-04-07",
        "6": "2026-04-08",
    }  # fmt: skip
    # An amount that is not there is what the article usually costs, and nothing where nobody knows.
    assert (lines["2"]["quantity"], lines["2"]["line_amount"]) == (1, 6.5)
    assert lines["5"]["quantity"] == 1
    assert pd.isna(lines["5"]["line_amount"])
    assert lines["4"]["status"] == "on_hold"
    assert pd.isna(lines["4"]["paid_at"])
    account = intake.orders.account
    # The running number of the report tells two lines of one order apart.
    assert (account.rows, account.superseded, account.used) == (7, 0, 7)
    assert adds_up(account)
    items = attribute(intake.orders.table, None, US).items.set_index("order_id")
    assert items["stage"].to_dict() == {"2": "cancellation", "3": "refund", "5": "cancellation", "6": "refund"}
    assert items["failed_delivery"].to_dict() == {"2": False, "3": True, "5": False, "6": False}
    assert items["refused"].to_dict() == {"2": False, "3": False, "5": False, "6": True}
    told = " ".join(account.notes)
    assert "quantity: 2 rows have none in the files; 1 for 0 on a cancelled line stands in" in told
    assert "line_amount: 1 rows have none in the files; the median amount" in told
    assert "1 rows equal another in all that is read of them and differ in index" in told


def test_nobody_is_late_by_another_platforms_deadlines(tmp_path: Path) -> None:
    intake = load_sales(tmp_path, *((str(n), "04-05-26", "Shipped", "S", "Set", 1, "USD", "6.50") for n in range(5)))
    items = attribute(intake.orders.table, None, US).items
    facts = describe_orders(intake.orders.table, items, US, datetime(2026, 5, 1).date())
    assert not facts["dispatch_due"].any()
    assert facts["paid"].all()


# --- forms of dates and money ----------------------------------------------------------------


def test_one_clear_date_settles_the_form_of_all() -> None:
    times = read_times(["13/02/2026 10:00", "03/02/2026 10:00"], ["dmy", "mdy"], "UTC")
    assert str(times.values["03/02/2026 10:00"]) == "2026-02-03 10:00:00"
    assert not times.undecided


def test_dates_that_nothing_settles_are_asked_for(tmp_path: Path) -> None:
    rows = [(1, "A", 4, "9/3/2026 8:00", 2.5, "17")]
    with pytest.raises(AmbiguousDatesError, match=r"9/3/2026 8:00.*differently") as caught:
        load_invoices(tmp_path, *rows)
    assert "'dates' of the mapping 'invoices'" in str(caught.value)
    table = load_invoices(tmp_path, *rows, shop=replace(GB, date_order="mdy")).orders.table
    assert f"{table['created_at'][0]:%Y-%m-%d}" == "2026-09-03"


def test_times_with_their_own_zone_become_the_shops() -> None:
    times = read_times(["2026-11-01T20:00:00+00:00"], ["%Y-%m-%dT%H:%M:%S%z"], "Asia/Jakarta")
    assert str(times.values["2026-11-01T20:00:00+00:00"]) == "2026-11-02 03:00:00"


@pytest.mark.parametrize(
    ("form", "text", "amount"),
    [
        (Money(".", ","), "1,234.56", 1234.56),
        (Money(",", "."), "1.234,56", 1234.56),
        (Money(",", " "), "1 234,56", 1234.56),
        (Money(".", "'"), "1'234.50", 1234.5),
        (Money(".", ","), "(12.50)", -12.5),
        (Money(".", ","), "$12.5", 12.5),
        (Money(".", ""), "1234.5", 1234.5),
        (None, "12.50", 12.5),
    ],
)
def test_forms_of_money(form: Money | None, text: str, amount: float) -> None:
    assert read_amounts([text], form, "USD", 2) == ({text: amount}, {})


@pytest.mark.parametrize(
    ("form", "text"),
    [(Money(".", ","), "1.234,56"), (Money(",", "."), "1,234.56"), (Money(".", ","), "12,34"), (Money(".", ","), "€5")],
)
def test_money_in_another_form_is_no_amount(form: Money, text: str) -> None:
    assert list(read_amounts([text], form, "USD", 2)[1]) == [text]


# --- an orders file and a refunds file -------------------------------------------------------

REFUNDS = """
title: House
dates: [ymd]
orders:
  columns:
    {order_id: order, line_id: line, sku_id: article, quantity: units, line_amount: sum, created_at: day, status: state}
  stand_ins: {paid_at: [created_at]}
  key: [line_id]
  statuses: {done: completed, void: cancelled}
  samples: {line_amount: "0"}
returns:
  columns: {line_id: line, requested_at: [asked, day], refunded_at: paid back, refund_amount: back, reason_text: why,
            status: state}
  statuses: {ok: completed, '/^no/': rejected}
  default_status: completed
  reasons: {broken: defective}
"""


def test_refunds_are_joined_by_line_id(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(REFUNDS)
    orders = write(
        tmp_path / "orders.csv", ("order", "line", "article", "units", "sum", "day", "state"),
        [("1", "a", "X", 2, "9.00", "2026-11-01", "done"), ("1", "b", "Y", 1, "5.00", "2026-11-01", "done"),
         ("2", "c", "X", 1, "4.50", "2026-11-02", "void"), ("3", "d", "X", 1, "0", "2026-11-02", "done")],
    )  # fmt: skip
    refunds = write(
        tmp_path / "refunds.csv", ("line", "asked", "paid back", "back", "why", "state"),
        [("a", "2026-11-08", "2026-11-10", "9.00", "broken", "ok"), ("b", "2026-11-09", "", "5.00", "dunno", "no way"),
         ("z", "2026-11-09", "", "1.00", "broken", "ok")],
    )  # fmt: skip
    shop = make_shop({"id": "h", "market": "US", "refuse_limit": 0.5})
    intake = load_mapped([orders, refunds], shop, tmp_path / "house.yaml")
    assert intake.returns is not None
    table = intake.returns.table
    assert list(table["order_id"]) == ["1", "1"]
    assert list(table["sku_id"]) == ["X", "Y"]
    assert list(table["status"]) == ["completed", "rejected"]
    assert intake.orders.account.samples == 1
    refused = intake.returns.account.refusals.to_dict("records")
    assert [(row["row"], row["column"], row["value"]) for row in refused] == [(4, "line", "•")]
    assert "no order line" in refused[0]["reason"]
    assert adds_up(intake.returns.account)
    items = attribute(intake.orders.table, table, shop).items.set_index(["order_id", "sku_id"])
    assert items.loc[("1", "X"), "reason"] == "defective"
    assert items.loc[("1", "X"), "amount"] == 9.0
    # The refund's date and the order's are two dates, and both are there.
    assert f"{items.loc[('1', 'X'), 'event_at']:%Y-%m-%d}" == "2026-11-08"
    assert f"{items.loc[('1', 'X'), 'order_created_at']:%Y-%m-%d}" == "2026-11-01"
    assert len(items) == 2


# --- files that do not fit -------------------------------------------------------------------


def test_a_file_that_does_not_fit_names_what_is_missing(tmp_path: Path) -> None:
    file = write(tmp_path / "x.csv", ("a", "b"), [(1, 2)])
    with pytest.raises(WrongFileError, match=r"does not fit the mapping 'shopee-id'.*order_id \('No\. Pesanan'"):
        load_mapped(file, ID, "shopee-id")


def test_returns_alone_are_not_enough(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(REFUNDS)
    file = write(tmp_path / "refunds.csv", ("line", "asked", "back"), [("a", "2026-11-08", "9.00")])
    with pytest.raises(WrongFileError, match="the only file is no order file"):
        load_mapped(file, make_shop({"id": "h", "market": "US"}), tmp_path / "house.yaml")


# --- the samples -----------------------------------------------------------------------------


def other(sample: Path, name: str) -> tuple[ShopIntake, dict[str, Any], ShopSettings]:
    folder = sample / "other"
    shop = next(shop for shop in read_shops(folder) if shop.id == name)
    truth: dict[str, Any] = json.loads((folder / name / "truth.json").read_text(encoding="utf-8"))
    return load_shop(shop), truth, shop


@pytest.mark.parametrize("name", ["shopee-id", "invoices", "sales-report"])
def test_samples_load_whole_and_without_buyers(name: str, sample: Path) -> None:
    intake, truth, shop = other(sample, name)
    account = intake.orders.account
    assert adds_up(account)
    everything = intake.orders.table.to_csv() + account.refusals.to_csv() + repr(account) + " ".join(account.notes)
    assert truth["personal_marker"] not in everything
    for path in shop.files:
        frame = understood(path, name, shop)
        assert truth["personal_marker"] not in frame.to_csv()
        assert not (frame["state"] == "unknown").any()


def test_shopee_sample_as_its_truth_says(sample: Path) -> None:
    intake, truth, shop = other(sample, "shopee-id")
    table = intake.orders.table
    codes = {
        "address": "change_address", "failed": "delivery_failed", "late": "not_shipped_on_time", "lost": "package_lost",
        "no_need": "no_longer_needed", "price": "better_price", "stock": "out_of_stock", "unpaid": "not_paid",
    }  # fmt: skip
    for label, told in (*truth["files"].items(), ("all", truth["all"])):
        lines = table if label == "all" else table[table["source_file"] == label]
        gone = lines[lines["status"] == "cancelled"]
        assert len(lines) == told["rows"]
        assert lines["order_id"].nunique() == told["orders"]
        assert lines["quantity"].sum() == told["units"]
        assert lines["line_amount"].sum() == told["value"]
        assert gone["order_id"].nunique() == told["cancelled_orders"]
        assert gone.groupby("cancelled_by")["order_id"].nunique().to_dict() == told["cancelled_by"]
        why = {codes[name]: count for name, count in told["cancelled_for"].items()}
        assert gone.groupby("cancel_reason_code")["order_id"].nunique().to_dict() == why
        assert gone["quantity"].sum() == told["cancelled_units"]
        assert gone["line_amount"].sum() == told["cancelled_value"]
        assert lines.loc[lines["status"] != "cancelled", "quantity_affected"].sum() == told["returned_units"]
    items = attribute(table, None, shop).items
    assert items.loc[items["reason"] == "delivery_failed", "failed_delivery"].all()


def test_invoice_sample_as_its_truth_says(sample: Path) -> None:
    intake, truth, shop = other(sample, "invoices")
    table, account = intake.orders.table, intake.orders.account
    assert account.rows == truth["rows"]
    sales = truth["sales"]
    assert (table["order_id"].nunique(), len(table), table["quantity"].sum()) == (
        sales["documents"], sales["lines"], sales["units"],
    )  # fmt: skip
    assert table["line_amount"].sum() == pytest.approx(sales["value"])
    raw = pd.read_csv(shop.files[0], dtype=str)
    documents = raw[raw["InvoiceNo"].str.startswith("C")]
    assert len(documents) == truth["cancellations"]["lines"]
    lost = account.refusals[account.refusals["value"].astype("str").str.startswith("C")]
    units = -documents["Quantity"].astype(int)
    unmatched = units[[int(row) - 2 for row in lost["row"]]].sum()
    assert table["quantity_affected"].sum() == truth["cancellations"]["units"] - unmatched
    assert account.refused == len(lost) + truth["written_off_lines"]
    # Most documents are of customers who bought before.
    assert len(lost) <= 2


def test_sales_sample_as_its_truth_says(sample: Path) -> None:
    intake, truth, _ = other(sample, "sales-report")
    table, account = intake.orders.table, intake.orders.account
    assert (account.rows, account.superseded) == (truth["rows"], truth["duplicate_lines"])
    assert table["order_id"].nunique() == truth["orders"]
    kinds = pd.Series("shipped", index=table.index)
    kinds = kinds.mask(table["status"] == "on_hold", "open")
    kinds = kinds.mask(table["status"] == "cancelled", "cancelled")
    for code, kind in (("package_lost", "lost"), ("package_rejected", "rejected"), ("delivery_failed", "returned")):
        kinds = kinds.mask(table["cancel_reason_code"] == code, kind)
    assert kinds.value_counts().to_dict() == truth["lines"]
    noted = [note for note in account.notes if note.startswith("line_amount")]
    assert sum(int(note.split()[1]) for note in noted) == truth["cancelled_lines_without_amount"]


@pytest.mark.parametrize("name", ["shopee-id", "invoices", "sales-report"])
def test_samples_reach_a_study(name: str, sample: Path) -> None:
    intake, _, shop = other(sample, name)
    made = study_shop(shop, intake)
    assert len(made.rates)
    # TikTok Shop's limits are no other platform's.
    assert made.judgement.verdict == "cannot_tell"
    assert not len(made.judgement.frame)


# --- understanding ---------------------------------------------------------------------------


def test_understood_says_what_is_read_and_what_is_not(tmp_path: Path) -> None:
    header = [*MONTHLY, "Catatan"]
    file = write(tmp_path / "a.csv", header, [[*shopee(n, status_pesanan="Aneh"), "x"] for n in "ABC"])
    frame = understood(file, "shopee-id")
    state = {(row["what"], row["in_file"]): row["state"] for row in frame.to_dict("records")}
    assert state[("columns", "Status Pesanan")] == "read"
    assert state[("columns", "Catatan")] == "not read"
    assert state[("columns", "Nama Produk")] == "missing"
    # Three orders have it; of one alone it is not shown.
    assert state[("statuses", "Aneh")] == "unknown"
    assert "zeros at the end lost" in frame.loc[frame["what"] == "money", "in_file"].iloc[0]


# --- chance ----------------------------------------------------------------------------------

MOMENT = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))
LINE = st.fixed_dictionaries(
    {
        "order": st.integers(1, 30),
        "sku": st.sampled_from(["A", "B", "Ü/1", "long name, with comma"]),
        "units": st.integers(1, 99),
        "amount": st.integers(0, 9_999_999),
        "at": MOMENT,
        "state": st.sampled_from(["done", "void", "on the way until 2026-01-02"]),
    }
)
HOUSE = """
title: House
money: {{thousands: "{thousands}", decimal: "{decimal}"}}
dates: ["{dates}"]
orders:
  columns: {{order_id: No., sku_id: Article, quantity: Units, line_amount: Sum, created_at: Placed, status: State}}
  stand_ins: {{paid_at: [created_at]}}
  equal_lines: {equal}
  statuses:
    done: completed
    void: cancelled
    '/^on the way/': shipped
"""
STATES = {"done": "completed", "void": "cancelled", "on the way until 2026-01-02": "shipped"}
PLAIN_SHOP = make_shop({"id": "house", "market": "US", "timezone": "UTC", "refuse_limit": 1.0})


def written(cents: int, thousands: str, decimal: str) -> str:
    return f"{cents // 100:,}".replace(",", thousands) + f"{decimal}{cents % 100:02d}"


@settings(max_examples=20)
@given(
    lines=st.lists(LINE, min_size=1, max_size=25),
    marks=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("", ".")]),
    form=st.sampled_from(["%d/%m/%Y %H:%M", "%m-%d-%y %H:%M", "%Y%m%d%H%M", "%I:%M %p, %d.%m.%Y"]),
    equal=st.sampled_from(["genuine", "duplicates"]),
)
def test_a_table_in_a_mappings_form_comes_back(
    lines: list[dict[str, Any]], marks: tuple[str, str], form: str, equal: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("house")
    (folder / "h.yaml").write_text(HOUSE.format(thousands=marks[0], decimal=marks[1], dates=form, equal=equal))
    rows = [
        (f"N{line['order']}", line["sku"], line["units"], written(line["amount"], *marks), line["at"].strftime(form),
         line["state"])
        for line in lines
    ]  # fmt: skip
    file = write(folder / "x.csv", ("No.", "Article", "Units", "Sum", "Placed", "State"), rows)
    intake = load_mapped(file, PLAIN_SHOP, folder / "h.yaml").orders
    assert adds_up(intake.account)
    assert intake.account.refused == 0
    expected = [
        (row[0], row[1], row[2], line["amount"] / 100, line["at"], STATES[line["state"]])
        for row, line in zip(rows, lines, strict=True)
    ]
    if equal == "duplicates":
        kept = [one for number, one in enumerate(expected) if rows[number] not in rows[:number]]
        assert intake.account.superseded == len(expected) - len(kept)
        expected = kept
    table = intake.table
    found = zip(
        table["order_id"], table["sku_id"], table["quantity"], table["line_amount"],
        table["created_at"].dt.tz_localize(None).dt.to_pydatetime(), table["status"], strict=True,
    )  # fmt: skip
    assert [tuple(one) for one in found] == expected
    assert not table.duplicated(["order_id", "sku_id", "line_no"]).any()
    assert table["first_line"].sum() == table["order_id"].nunique()


CELL = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    st.sampled_from(["", "1", "-3", "12.50", "2026-11-01", "13/11/2026 10:00", "done", "void", "1e5", "NaN", "0"]),
)


BLANK_CELLS = {"", *EMPTY_TEXTS}


@settings(max_examples=25)
@given(rows=st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=15))
def test_garbage_never_vanishes(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the cells hold, every row is used, left out with a cause, or empty."""
    folder = tmp_path_factory.mktemp("garbage")
    text = HOUSE.format(thousands=",", decimal=".", dates="dmy", equal="genuine")
    (folder / "h.yaml").write_text(text)
    file = write(folder / "x.csv", ("No.", "Article", "Units", "Sum", "Placed", "State"), rows)
    intake = load_mapped(file, PLAIN_SHOP, folder / "h.yaml").orders
    account = intake.account
    # The generator's cells hold one word that stands for an empty cell, in any case.
    blank = sum(all(cell.strip().casefold() in BLANK_CELLS for cell in row) for row in rows)
    assert adds_up(account)
    assert account.rows == len(rows) - blank
    assert len(intake.table) == account.used
    assert len(account.refusals) == account.refused
    assert account.refusals["reason"].notna().all()
    assert set(account.refusals["row"]).isdisjoint(intake.table["source_row"])


SALE = st.tuples(st.sampled_from("AB"), st.integers(1, 9), st.integers(0, 20), st.sampled_from(["17", "18", ""]))


@settings(max_examples=20)
@given(sales=st.lists(SALE, min_size=1, max_size=12), gone=st.lists(SALE, max_size=8))
def test_never_more_is_cancelled_than_was_sold(
    sales: list[tuple[str, int, int, str]],
    gone: list[tuple[str, int, int, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("invoices")
    start = datetime(2026, 9, 13)

    def line(number: str, sign: int, one: tuple[str, int, int, str]) -> tuple[Any, ...]:
        sku, units, day, who = one
        at = start + timedelta(days=day)
        return (number, sku, sign * units, f"{at.month}/{at.day}/{at.year} 8:00", 2, who)

    rows = [line(f"{number}", 1, one) for number, one in enumerate(sales)]
    rows += [line(f"C{number}", -1, one) for number, one in enumerate(gone)]
    shop = replace(GB, date_order="mdy")
    intake = load_invoices(folder, *rows, shop=shop)
    table, account = intake.orders.table, intake.orders.account
    assert adds_up(account)
    assert len(table) == len(sales)
    assert (table["quantity_affected"] <= table["quantity"]).all()
    unmatched = {str(value) for value in account.refusals["value"]}
    matched = sum(one[1] for number, one in enumerate(gone) if f"C{number}" not in unmatched)
    assert table["quantity_affected"].sum() <= matched
    affected = table[table["quantity_affected"] > 0]
    assert (affected["cancelled_at"] >= affected["created_at"]).all()


def test_a_mapping_may_be_read_once_for_many_loads(tmp_path: Path) -> None:
    mapping = read_mapping("invoices")
    assert isinstance(mapping, FileMapping)
    file = write(tmp_path / "a.csv", INVOICE, [(1, "A", "x", 1, "9/13/2026 8:00", 2.5, "1", "UK")])
    assert len(load_mapped(file, GB, mapping).orders.table) == 1
    with pytest.raises(SettingsError, match="no mapping called"):
        load_mapped(file, GB, "nothing")
