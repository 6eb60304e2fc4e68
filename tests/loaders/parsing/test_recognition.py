"""Which file is which, and what a wrong one looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import folder_shop
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders import identify, load_shop
from cancel_analysis.loaders.parsing.columns import ORDERS, RETURNS, match
from tests.loaders.exports import ORDER_HEADER, back, order, write_csv, write_xlsx

REFERENCE = Path(__file__).resolve().parents[3] / "../shared/reference/headers"
WRONG = [
    ("Order/adjustment ID,Type,Order created time,Total settlement amount", "income or settlement statement"),
    ("Statement date,Statement ID,Currency,Settlement amount", "income or settlement statement"),
    ("No. Pesanan,Status Pesanan,Alasan Pembatalan,Jumlah", "a Shopee order export"),
    ("Order ID,Order Status,Cancel reason,Tracking Number*,Order Creation Date", "a Shopee order export"),
    ("orderItemId,orderType,lazadaId,lazadaSku,createTime", "a Lazada order export"),
    ("amazon-order-id,purchase-date,order-status", "an Amazon order report"),
    ("Order ID,Product ID,Creator Username,Content Type", "affiliate report"),
    ("Order ID,Order Status,SKU ID,Quantity,Seller SKU", "with columns taken out"),
    ("invoice,date,sum", "its first columns are 'invoice', 'date', 'sum'"),
]


def test_exports(tmp_path: Path) -> None:
    assert identify(write_csv(tmp_path / "o.csv", [order()])) == "tiktok_orders"
    assert identify(str(write_xlsx(tmp_path / "o.xlsx", [order()], form="scattered"))) == "tiktok_orders"
    assert identify(write_csv(tmp_path / "r.csv", [back()])) == "tiktok_returns"
    assert identify(write_csv(tmp_path / "e.csv", [], ORDER_HEADER)) == "tiktok_orders"


@pytest.mark.parametrize(("header", "words"), WRONG)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_wrong_files(tmp_path: Path, header: str, words: str, delimiter: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(header.replace(",", delimiter) + "\n" + delimiter * header.count(",") + "\n", encoding="utf-8")
    with pytest.raises(WrongFileError, match=words) as caught:
        identify(path)
    assert "has no column" in str(caught.value)
    assert "Seller Center" in (caught.value.remedy or "")
    assert caught.value.place.file == "wrong.csv"


def test_a_shop_sorts_its_files(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [back()])
    write_csv(tmp_path / "b.csv", [order()])
    write_xlsx(tmp_path / "c.xlsx", [order(2)])
    intake = load_shop(folder_shop(tmp_path, "US"))
    assert intake.orders.account.files["file"].tolist() == ["b.csv", "c.xlsx"]
    assert intake.returns is not None
    assert intake.returns.account.used == 1


def test_a_shop_without_returns_and_one_without_orders(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "b.csv", [order()])
    assert load_shop(folder_shop(tmp_path, "US")).returns is None
    path.unlink()
    write_csv(tmp_path / "a.csv", [back()])
    with pytest.raises(WrongFileError, match=r"the only file of shop .* is no order export"):
        load_shop(folder_shop(tmp_path, "US"))


def test_a_wrong_file_stops_the_shop(tmp_path: Path) -> None:
    write_csv(tmp_path / "b.csv", [order()])
    (tmp_path / "c.csv").write_text("No. Pesanan,Status Pesanan\n1,Batal\n")
    with pytest.raises(WrongFileError, match=r"Shopee.*\[c\.csv\]\n.*mapping: shopee-id.*mapping='shopee-id'"):
        load_shop(folder_shop(tmp_path, "US"))


def test_an_export_without_some_columns_is_told_what_it_lacks(tmp_path: Path) -> None:
    header = [name for name in ORDER_HEADER if name not in ("Paid Time", "Cancel Reason")]
    write_csv(tmp_path / "a.csv", [order()], header)
    with pytest.raises(WrongFileError, match="no TikTok Shop order export: it has no column 'Paid Time', 'Cancel Reas"):
        load_shop(folder_shop(tmp_path, "US"))


OPTIONAL = ("SKU ID", "SKU Subtotal After Discount", "Cancel By", "Delivered Time")


def test_an_export_without_optional_columns_is_read_and_says_so(tmp_path: Path) -> None:
    header = [name for name in ORDER_HEADER if name not in OPTIONAL]
    write_csv(tmp_path / "a.csv", [order(1), order(2, seller_sku="")], header)
    orders = load_shop(folder_shop(tmp_path, "US")).orders
    assert orders.account.used == 2
    assert orders.table["sku_id"].tolist() == ["LAMP-1", "Table lamp"]
    assert orders.table[["line_amount", "cancelled_by", "delivered_at"]].isna().all(axis=None)
    assert any("Cancel By" in note for note in orders.account.notes)


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (
            "order_id,product_category,Status Pesanan,Alasan Pembatalan,Waktu Pesanan Dibuat,Jumlah,Provinsi",
            "shopee-id",
        ),
        ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", "invoices"),
        ("day,thing,sum", None),
    ],
)
def test_a_strangers_error_names_the_mapping_that_fits(tmp_path: Path, header: str, mapping: str | None) -> None:
    (tmp_path / "x.csv").write_text(header + "\n" + "1," * header.count(",") + "1\n", encoding="utf-8")
    with pytest.raises(WrongFileError) as caught:
        load_shop(folder_shop(tmp_path, "US"))
    said = str(caught.value)
    assert (f"mapping={mapping!r}" if mapping else "cancel-analysis mapping 'x.csv'") in said
    # A file of orders is never called an export of returns.
    assert "no TikTok Shop order export" in said


@pytest.mark.reference
@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*_header_*.txt")), ids=lambda path: path.name)
def test_the_real_headers_are_whole(path: Path) -> None:
    header = [line.split("\t")[1] for line in path.read_text(encoding="utf-8").splitlines()]
    layout = RETURNS if path.name.startswith("returns") else ORDERS
    found = match(header, layout)
    assert not found.missing
    assert {field.name for field in layout.fields} - set(found.positions) <= {"product_id"}
