"""Files of every make: encodings, delimiters, workbooks, and those that cannot be read."""

from __future__ import annotations

import os
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.errors import UnreadableFileError, WrongFileError
from cancel_analysis.loaders import load_orders, load_returns
from tests.loaders.exports import ORDER_HEADER, back, cancelled, csv_text, description, order, write_csv, write_xlsx


@pytest.fixture
def shop() -> ShopSettings:
    return make_shop({"id": "s", "market": "US", "refuse_limit": 0.5})


ROWS = [
    order(1),
    cancelled(2),
    order(3, **{"Product Name": 'Lampe "Été", ไทย 灯\nsecond line', "Created Time": "02/08/2026 09:00:00"}),
]


def content(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=["source_file", "source_row"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16"])
@pytest.mark.parametrize("tabs", [True, False])
def test_csv_of_every_make(tmp_path: Path, shop: ShopSettings, delimiter: str, encoding: str, tabs: bool) -> None:
    plain = load_orders(write_csv(tmp_path / "plain.csv", ROWS), shop)
    path = write_csv(tmp_path / "other.csv", ROWS, delimiter=delimiter, encoding=encoding, tabs=tabs)
    other = load_orders(path, shop)
    pd.testing.assert_frame_equal(content(other.table), content(plain.table))
    assert other.table["source_row"].tolist() == [2, 3, 4]


@pytest.mark.parametrize("form", ["whole", "scattered", "a1"])
def test_xlsx_of_every_make(tmp_path: Path, shop: ShopSettings, form: str) -> None:
    rows = [description(), *ROWS]
    plain = load_orders(write_csv(tmp_path / "plain.csv", rows), shop)
    other = load_orders(write_xlsx(tmp_path / "other.xlsx", rows, form=form), shop)
    pd.testing.assert_frame_equal(content(other.table), content(plain.table))
    assert other.account.files.loc[0, "sheet"] == "OrderSKUList"
    assert other.account.description == 1
    assert other.table["source_row"].tolist() == [3, 4, 5]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, shop: ShopSettings, newline: str) -> None:
    path = tmp_path / "a.csv"
    text = csv_text([order(1), order(2)]).replace("\r\n", newline)
    path.write_bytes(text.encode())
    assert load_orders(path, shop).account.used == 2


def test_mixed_line_ends_lose_no_row(tmp_path: Path, shop: ShopSettings) -> None:
    lines = csv_text([order(n) for n in range(1, 9)]).split("\r\n")
    path = tmp_path / "a.csv"
    path.write_bytes(("\r\n".join(lines[:4]) + "\n" + "\n".join(lines[4:])).encode())
    assert load_orders(path, shop).account.used == 8


def test_ragged_rows_are_refused_by_number(tmp_path: Path, shop: ShopSettings) -> None:
    lines = csv_text([order(n) for n in range(1, 7)]).split("\r\n")
    lines[2] = ",".join(lines[2].split(",")[:-3])
    lines[4] += ',"one too many"'
    path = tmp_path / "a.csv"
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")
    account = load_orders(path, shop).account
    assert (account.rows, account.used, account.refused) == (6, 4, 2)
    assert account.refusals["row"].tolist() == [3, 5]
    assert account.refusals["reason"].str.contains("cells where the header has").all()


def test_an_empty_cell_too_many_is_no_fault(tmp_path: Path, shop: ShopSettings) -> None:
    path = tmp_path / "a.csv"
    path.write_text("".join(line + ",\r\n" for line in csv_text([order(1), order(2)]).split("\r\n") if line))
    assert load_orders(path, shop).account.used == 2


CUTS = [
    ("Credit card", 0),
    ("Credit card", 6),  # inside quotes
    ("Table lamp", -1),  # before a quote that would have opened a cell
    ("Seller Note", 0),  # in the header
]


@pytest.mark.parametrize(("words", "further"), CUTS)
@pytest.mark.parametrize("quotes", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_is_cut_off_is_no_healthy_file(
    tmp_path: Path, shop: ShopSettings, words: str, further: int, quotes: bool, encoding: str
) -> None:
    text = csv_text([order(n) for n in range(1, 5)])
    text = text if quotes else text.replace('"', "")
    path = tmp_path / "a.csv"
    path.write_bytes(text[: text.rfind(words) + further].encode(encoding))
    row = 1 if words == "Seller Note" else 5
    if row == 1 and not quotes:
        # A header that ends between two names is a whole one, and the last name is no needed one.
        assert load_orders(path, shop).account.rows == 0
        return
    with pytest.raises(UnreadableFileError, match=rf"ends in the middle of row {row}; it looks cut off") as caught:
        load_orders(path, shop)
    assert "Export or copy the file again" in (caught.value.remedy or "")


def test_a_file_cut_in_its_last_cell_is_cut_off(tmp_path: Path, shop: ShopSettings) -> None:
    for number, rows in enumerate(([order(1), order(2)], [back(1), back(2)])):
        load = load_returns if number else load_orders
        text = csv_text(rows, list(rows[0])).removesuffix('"\r\n')
        path = tmp_path / f"{number}.csv"
        path.write_text(text, newline="")
        with pytest.raises(UnreadableFileError, match="in the middle of row 3"):
            load(path, shop)
        # Only the line's end is lacking.
        path.write_text(text + '"', newline="")
        assert load(path, shop).account.used == 2
        path.write_text((text + '"').replace('"', ""), newline="")
        assert load(path, shop).account.used == 2


def test_a_short_row_elsewhere_is_a_refused_row(tmp_path: Path, shop: ShopSettings) -> None:
    lines = csv_text([order(n) for n in range(1, 5)]).split("\r\n")
    lines[2] = lines[2][: lines[2].rfind(",")]
    path = tmp_path / "a.csv"
    for end in ("\r\n", "", "\r\n\r\n"):
        path.write_text("\r\n".join(line for line in lines if line) + end, newline="")
        account = load_orders(path, shop).account
        assert (account.used, account.refused) == (3, 1)
        assert account.refusals["row"].tolist() == [3]


def test_a_quote_that_is_never_closed_takes_its_own_row_only(tmp_path: Path, shop: ShopSettings) -> None:
    lines = csv_text([order(n) for n in range(1, 7)]).replace('"', "").split("\r\n")
    lines[3] = '"' + lines[3]
    path = tmp_path / "a.csv"
    path.write_text("\r\n".join(lines), newline="")
    account = load_orders(path, shop).account
    assert (account.used, account.refused) == (5, 1)
    assert account.refusals[["row", "reason"]].values.tolist() == [
        [4, "a quote is opened in this row and never closed"]
    ]


def test_empty_rows_are_no_rows(tmp_path: Path, shop: ShopSettings) -> None:
    blank = dict.fromkeys(ORDER_HEADER, "")
    intake = load_orders(write_csv(tmp_path / "a.csv", [order(1), blank, order(2), blank]), shop)
    assert intake.account.rows == intake.account.used == 2
    assert intake.table["source_row"].tolist() == [2, 4]
    assert any("2 empty rows" in note for note in intake.account.notes)


def test_another_encoding_is_named(tmp_path: Path, shop: ShopSettings) -> None:
    path = write_csv(tmp_path / "a.csv", [order(1), order(2, product_name="Été")], encoding="cp1252")
    with pytest.raises(UnreadableFileError, match=r"not UTF-8.*row 3.*Product Name.*\n.*CSV UTF-8") as caught:
        load_orders(path, shop)
    assert caught.value.place.row == 3


def test_bytes_that_nobody_needs_do_no_harm(tmp_path: Path, shop: ShopSettings) -> None:
    path = write_csv(tmp_path / "a.csv", [order(1, detail_address="Rue de l'Été")], encoding="cp1252")
    assert load_orders(path, shop).account.used == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><html>log in</html>", "web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "password"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"PK\x03\x04 but no archive", "cannot be read"),
        (b"a\x00b\x00c\x00,\x00", "not a text file"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_is_no_table_at_all(tmp_path: Path, shop: ShopSettings, content: bytes, words: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=words) as caught:
        load_orders(path, shop)
    assert caught.value.remedy
    assert f"a{suffix}" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path, shop: ShopSettings) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be opened"):
        load_orders(tmp_path / "none.csv", shop)
    with pytest.raises(UnreadableFileError, match="cannot be opened"):
        load_orders(tmp_path, shop)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may read everything")
def test_a_file_that_is_locked(tmp_path: Path, shop: ShopSettings) -> None:
    path = write_csv(tmp_path / "a.csv", [order()])
    path.chmod(0)
    with pytest.raises(UnreadableFileError, match="cannot be opened"):
        load_orders(path, shop)


def test_a_locked_file_says_so(tmp_path: Path, shop: ShopSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write_csv(tmp_path / "a.csv", [order()])
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableFileError, match="Close it in other programs"):
        load_orders(path, shop)


def test_a_workbook_of_one_cell_is_not_taken_for_data(tmp_path: Path, shop: ShopSettings) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = "Order ID"
    book.save(path)
    with pytest.raises(UnreadableFileError, match=r"only one cell.*\n.*CSV"):
        load_orders(path, shop)


def test_an_empty_workbook_and_a_broken_one(tmp_path: Path, shop: ShopSettings) -> None:
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(UnreadableFileError, match="empty"):
        load_orders(path, shop)
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("readme.txt", "no workbook")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        load_orders(path, shop)


def resaved(path: Path, rows: list[dict[str, str]], dates: int | None) -> Path:
    """As a spreadsheet saves it: numbers as numbers, and the first `dates` rows' dates (None: all) as date cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Notes"])
    sheet = book.create_sheet("Export")
    sheet.append(ORDER_HEADER)
    for number, row in enumerate(rows):
        cells: list[object] = []
        for name in ORDER_HEADER:
            cell: object = row[name]
            if name.endswith(" Time") and cell and (dates is None or number < dates):
                cell = datetime.strptime(str(cell), "%d/%m/%Y %H:%M:%S")
            elif cell and ("Amount" in name or "Quantity" in name or "SKU S" in name or "Price" in name):
                cell = float(str(cell))
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
    return path


def test_a_workbook_with_real_dates_and_numbers(tmp_path: Path, shop: ShopSettings) -> None:
    plain = load_orders(write_csv(tmp_path / "plain.csv", ROWS), shop)
    other = load_orders(resaved(tmp_path / "a.xlsx", ROWS, None), shop)
    pd.testing.assert_frame_equal(content(other.table), content(plain.table))
    assert other.account.files.loc[0, "date_order"] == "ymd"
    assert other.account.files.loc[0, "sheet"] == "Export"


def test_dates_that_a_spreadsheet_turned_by_half_are_refused(tmp_path: Path, shop: ShopSettings) -> None:
    rows = [order(n) for n in range(1, 11)]
    with pytest.raises(Exception, match="some dates are date cells and others are text"):
        load_orders(resaved(tmp_path / "a.xlsx", rows, 4), shop)


def test_ids_that_are_numbers_have_lost_digits(tmp_path: Path, shop: ShopSettings) -> None:
    book = openpyxl.Workbook()
    book.active.append(ORDER_HEADER)
    for number in range(1, 6):
        row = order(number)
        book.active.append(
            [int(row[name]) if name == "Order ID" and number == 2 else row[name] for name in ORDER_HEADER]
        )
    book.save(tmp_path / "a.xlsx")
    account = load_orders(tmp_path / "a.xlsx", shop).account
    assert account.refusals[["row", "column", "value"]].values.tolist() == [[3, "Order ID", "5.76E+17"]]
    assert "without opening it in a spreadsheet" in account.refusals.loc[0, "remedy"]


def test_the_content_decides_not_the_suffix(tmp_path: Path, shop: ShopSettings) -> None:
    write_xlsx(tmp_path / "a.xlsx", ROWS).rename(tmp_path / "b.csv")
    assert load_orders(tmp_path / "b.csv", shop).account.files.loc[0, "format"] == "xlsx"
    write_csv(tmp_path / "c.csv", ROWS).rename(tmp_path / "d.xlsx")
    assert load_orders(tmp_path / "d.xlsx", shop).account.files.loc[0, "format"] == "csv"


def test_names_with_signs_that_mean_something_to_a_database(tmp_path: Path, shop: ShopSettings) -> None:
    folder = tmp_path / "shop's [1] *?"
    folder.mkdir()
    path = write_csv(folder / "All 'order' [2]*?.csv", ROWS)
    write_csv(folder / "All 'order' 2xx.csv", ROWS)
    assert load_orders(path, shop).account.rows == 3


def test_a_table_without_a_header_is_no_export(tmp_path: Path, shop: ShopSettings) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_text(ROWS).split("\r\n", 1)[1])
    with pytest.raises(WrongFileError, match="holds values"):
        load_orders(path, shop)
