"""The files have the form of real exports: columns, encoding, tabs, dates, money, broken workbooks."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from .raw import SHOPS, cells, frame, paths, truth

COLUMNS = {"US": 57, "GB": 56, "TH": 63, "VN": 54, "ID": 61, "SG": 54}
MARKED_IDS = ("Order ID", "SKU ID", "Package ID", "Tracking ID", "Return Order ID", "Return Logistics Tracking ID")
REFERENCE = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "headers"


def _all_files(suffix: str) -> list[Path]:
    """The exports; what stands beside them is of other forms."""
    return sorted(
        path
        for shop in SHOPS
        for kind in ("orders", "returns")
        for path in paths(shop, kind)
        if path.suffix == f".{suffix}"
    )


def _header(path: Path) -> list[str]:
    return cells(path)[0]


@pytest.mark.parametrize("shop", SHOPS)
def test_order_columns_are_the_markets_own(shop: str) -> None:
    for path in paths(shop, "orders"):
        header = _header(path)
        assert len(header) == COLUMNS[truth(shop)["market"]]
        assert len(set(header)) == len(header)
        assert {"Cancelation/Return Type", "Sku Quantity of return", "Cancelled Time", "Cancel By"} <= set(header)


@pytest.mark.reference
@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference files are not on this machine")
@pytest.mark.parametrize(
    ("shop", "kind", "name"),
    [
        ("us-harbor-home", "orders", "orders_header_US_57cols.txt"),
        ("id-toko-gadget", "orders", "orders_header_ID_61cols.txt"),
        ("vn-saigon-shoes", "orders", "orders_header_VN_54cols.txt"),
        ("us-harbor-home", "returns", "returns_header_25cols.txt"),
    ],
)
def test_columns_equal_those_of_real_files(shop: str, kind: str, name: str) -> None:
    real = [line.split("\t")[1] for line in (REFERENCE / name).read_text(encoding="utf-8").splitlines()]
    for path in paths(shop, kind):
        assert _header(path) == real


def test_return_exports_come_in_both_forms() -> None:
    widths = {shop: len(_header(paths(shop, "returns")[0])) for shop in SHOPS}
    assert widths == {
        "us-harbor-home": 25,
        "uk-linen-lane": 25,
        "th-siam-beauty": 25,
        "vn-saigon-shoes": 19,
        "id-toko-gadget": 25,
        "sg-orchid-import": 19,
    }
    older = set(_header(paths("vn-saigon-shoes", "returns")[0]))
    assert older.isdisjoint({"Return Quantity", "Return Sub Status", "Refund Time", "Compensation Amount"})


@pytest.mark.parametrize("path", _all_files("csv"), ids=lambda path: f"{path.parent.name}-{path.name[-20:]}")
def test_csv_has_a_byte_order_mark_crlf_and_tabs(path: Path) -> None:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    header, *rows = cells(path)
    # A line end inside a quoted cell is a bare LF, so the CRLFs count the records.
    assert content.count(b"\r\n") == len(rows) + 1
    for row in rows:
        for column, cell in zip(header, row, strict=True):
            if column.endswith(" Time") or column in (*MARKED_IDS, "Time Requested"):
                assert cell == "" or re.fullmatch(r"[^\t]+\t", cell), (column, cell)
            else:
                assert "\t" not in cell, (column, cell)


def test_description_rows_are_there_missing_and_translated() -> None:
    second = {path.name: str(cells(path)[1][0]).strip() for shop in SHOPS for path in paths(shop, "orders")}
    kinds = {
        name: "none"
        if re.fullmatch(r"\d{10,}", text)
        else "english"
        if text.isascii() and "unique" in text[:17]
        else "local"
        for name, text in second.items()
    }
    assert set(kinds.values()) == {"none", "english", "local"}
    expected = {
        file["name"]: {None: "none", "en": "english"}.get(file["description_language"], "local")
        for shop in SHOPS
        for file in truth(shop)["files"]
        if file["kind"] == "orders"
    }
    assert kinds == expected
    assert second["All order-2026-11-16-09_12.csv"] == "Platform unique order ID."
    for shop in SHOPS:
        for path in paths(shop, "returns"):
            assert re.fullmatch(r"4035\d+", str(cells(path)[1][0]).strip())


@pytest.mark.parametrize("shop", SHOPS)
def test_dates_follow_the_interface_language_and_settle_themselves(shop: str) -> None:
    english_us = shop.startswith("us-")
    form = r"\d\d/\d\d/2026 \d\d:\d\d:\d\d [AP]M" if english_us else r"\d\d/\d\d/2026 \d\d:\d\d:\d\d"
    for path in (*paths(shop, "orders"), *paths(shop, "returns")):
        table = frame(path)
        column = "Created Time" if "Created Time" in table else "Time Requested"
        texts = [text for text in table[column] if text[:1].isdigit()]
        assert texts
        assert all(re.fullmatch(form, text) for text in texts)
        settled = {int(text[3:5] if english_us else text[:2]) for text in texts}
        assert max(settled) > 12
        assert max(int(text[:2] if english_us else text[3:5]) for text in texts) <= 12


@pytest.mark.parametrize(
    ("shop", "form"),
    [
        ("us-harbor-home", r"\d+\.\d\d"),
        ("uk-linen-lane", r"\d+\.\d\d"),
        ("th-siam-beauty", r"\d+\.\d\d"),
        ("vn-saigon-shoes", r"\d+"),
        ("id-toko-gadget", r"Rp\d{1,3}(\.\d{3})*"),
        ("sg-orchid-import", r"SGD \d+\.\d\d"),
    ],
)
def test_money_has_the_markets_form(shop: str, form: str) -> None:
    for path in paths(shop, "orders"):
        table = frame(path)
        table = table[table["Quantity"].str.isdigit()]
        for column in ("SKU Unit Original Price", "SKU Subtotal After Discount", "Order Amount", "Order Refund Amount"):
            assert table[column].str.fullmatch(form).all(), column


def test_money_is_mixed_within_one_return_export() -> None:
    thai = frame(paths("th-siam-beauty", "returns")[0])["Return unit price"]
    assert thai.str.fullmatch(r"THB \d+\.\d\d").any()
    assert thai.str.fullmatch(r"\d+(\.\d[1-9]?)?").any()
    column = cells(paths("id-toko-gadget", "returns")[0])[0].index("Return unit price")
    kinds = {type(row[column]) for row in cells(paths("id-toko-gadget", "returns")[0])[1:]}
    assert kinds == {str, float}


def _sheet(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode("utf-8")


def test_workbook_with_every_cell_in_its_own_row() -> None:
    (path,) = paths("th-siam-beauty", "orders")
    sheet = _sheet(path)
    assert set(re.findall(r"<row [^>]*>", sheet)) == {'<row r="1">'}
    assert sheet.count("<row ") == sheet.count("<c ")
    book = openpyxl.load_workbook(path, read_only=True)
    assert len(list(book.worksheets[0].iter_rows())) == 1
    book.close()


def test_workbooks_that_claim_to_be_one_cell() -> None:
    for path in (*paths("id-toko-gadget", "orders"), *paths("id-toko-gadget", "returns")):
        assert '<dimension ref="A1:A1"/>' in _sheet(path)
        book = openpyxl.load_workbook(path, read_only=True)
        assert [len(row) for row in book.worksheets[0].iter_rows()] == [1]
        book.close()


@pytest.mark.parametrize("path", _all_files("xlsx"), ids=lambda path: f"{path.parent.name}-{path.name[-20:]}")
def test_calamine_reads_every_workbook_whole(path: Path) -> None:
    (file,) = [file for file in truth(path.parent.name)["files"] if file["name"] == path.name]
    book = CalamineWorkbook.from_path(str(path))
    if file["kind"] == "orders":
        assert book.sheet_names == ["OrderSKUList"]
    rows = book.get_sheet_by_index(0).to_python()
    assert (len(rows) - 1, len(rows[0])) == (file["rows"], file["columns"])
    column = rows[0].index("Order ID")
    assert all(str(row[column]).strip() for row in rows)


def test_local_values_and_english_ones() -> None:
    for shop, completed in (
        ("th-siam-beauty", "เสร็จสมบูรณ์"),
        ("vn-saigon-shoes", "Đã hoàn tất"),
        ("sg-orchid-import", "已完成"),
    ):
        tables = [frame(path) for path in paths(shop, "orders")]
        assert any((table["Order Status"] == completed).any() for table in tables)
    for shop in SHOPS:
        for path in paths(shop, "orders"):
            table = frame(path)
            table = table[table["Quantity"].str.isdigit()]
            assert set(table["Cancel By"]) <= {"", "User", "Seller", "System", "Operator"}
            assert set(table["Cancelation/Return Type"]) <= {"", "Cancel", "Return/Refund"}
        table = frame(paths(shop, "returns")[0])
        assert set(table["Return Type"]) <= {"Return and refund", "Refund only"}
        assert set(table["Return Status"]) <= {
            "Completed", "In Process", "To Process", "Refund rejected", "Canceled", "Cancelled",
        }  # fmt: skip


def test_file_names_are_like_real_ones() -> None:
    names = {path.name for shop in SHOPS for path in paths(shop, "orders")}
    assert {
        "All order-2026-11-16-09_12.csv",
        "Semua pesanan-2026-11-16-08_40.xlsx",
        "全部 订单-2026-11-16-10_05.csv",
    } <= names
    assert all(re.search(r"-2026-\d\d-\d\d-\d\d_\d\d\.(csv|xlsx)$", name) for name in names)
