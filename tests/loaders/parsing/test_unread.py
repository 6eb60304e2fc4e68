"""Cells that cannot be read, in columns that a row can do without: the row counts, the cell is not known."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import UnreadableFileError
from cancel_analysis.loaders import load_mapped, load_orders, load_returns
from tests.loaders.exports import back, cancelled, order, write_csv, write_xlsx
from tests.loaders.mapped.layouts import MONTHLY_17, NATIVE_49, shopee_month, write_workbook

US = make_shop({"id": "us", "market": "US"})
ID = make_shop({"id": "toko", "mapping": "shopee-id"})
# What people and programs leave in cells: words, marks, formulas that failed, numbers of another kind.
ODD = st.sampled_from(
    ["?", "see mail", "#REF!", "12,34,5", "1.2.3", "0000-00-00", "31/31/2026 10:00:00", "1.73E+18", "TBC", "€?", "١٢"]
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(lambda t: t.strip() == t)
OPTIONAL = {
    "SKU ID": "sku_id",
    "SKU Subtotal After Discount": "line_amount",
    "Order Amount": "order_amount",
    "Delivered Time": "delivered_at",
    "Cancelled Time": "cancelled_at",
    "Paid Time": "paid_at",
    "Sku Quantity of return": "quantity_affected",
    "Product Name": "product_name",
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(sorted(OPTIONAL)), st.integers(0, 11), ODD), min_size=1, max_size=6))
def test_an_odd_cell_never_refuses_the_row_of_an_export(damage: list[tuple[str, int, str]]) -> None:
    rows = [cancelled(n) if n % 3 == 0 else order(n) for n in range(1, 13)]
    for name, place, text in damage:
        rows[place][name] = text
    with tempfile.TemporaryDirectory() as folder:
        intake = load_orders(write_csv(Path(folder) / "a.csv", rows), US)
    assert (intake.account.used, intake.account.refused) == (12, 0)
    assert intake.table["order_id"].nunique() == 12
    assert (intake.table["status"] == "cancelled").sum() == 4
    assert intake.table["sku_id"].notna().all()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["csv", "xlsx"]),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Total Harga Produk", "Harga Setelah Diskon", "Total Pembayaran", "Nomor Referensi SKU",
                 "Waktu Pembayaran Dilakukan", "Waktu Pesanan Selesai", "Returned quantity", "Nama Produk"]
            ),
            st.integers(0, 59),
            ODD,
        ),
        min_size=1,
        max_size=6,
    ),
)  # fmt: skip
def test_an_odd_cell_never_refuses_the_row_of_a_mapped_file(form: str, damage: list[tuple[str, int, str]]) -> None:
    rows, truth = shopee_month(NATIVE_49, seed=5, orders=60)
    for name, place, text in damage:
        rows[place][NATIVE_49.index(name)] = text
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"m.{form}"
        if form == "xlsx":
            write_workbook(path, NATIVE_49, rows)
        else:
            with path.open("w", newline="", encoding="utf-8") as stream:
                csv.writer(stream).writerows([NATIVE_49, *rows])
        intake = load_mapped(path, ID, "shopee-id").orders
    assert (intake.account.used, intake.account.refused) == (truth.rows, 0)
    assert intake.table["order_id"].nunique() == truth.orders
    assert intake.table["quantity"].sum() == truth.units


def test_the_note_counts_cells_by_column_and_status(tmp_path: Path) -> None:
    rows = [order(n) for n in range(1, 7)] + [cancelled(n) for n in range(7, 10)]
    for place in (2, 6, 7):
        rows[place]["Order Amount"] = "call Jane 555 0100"
    rows[4]["Delivered Time"] = "soon"
    for write in (write_csv, write_xlsx):
        path = tmp_path / ("a.csv" if write is write_csv else "a.xlsx")
        intake = load_orders(write(path, rows), US)
        notes = [note for note in intake.account.notes if "cannot be used" in note]
        assert len(notes) == 2
        amounts = next(note for note in notes if "Order Amount" in note)
        assert "3 cells" in amounts
        assert "2 of them on cancelled rows" in amounts
        assert "row 4" in amounts
        assert "Jane" not in "\n".join(intake.account.notes)
        assert intake.table["order_amount"].isna().sum() == 3
        assert intake.table["delivered_at"].isna().sum() == 4


def test_what_identifies_dates_or_counts_still_refuses(tmp_path: Path) -> None:
    rows = [order(1, order_id="none"), order(2, created_time="soon"), order(3, quantity="two"), order(4)]
    patient = make_shop({"id": "s", "market": "US", "refuse_limit": 1.0})
    intake = load_orders(write_csv(tmp_path / "a.csv", [order(9), *rows]), patient)
    assert intake.account.refused == 3
    assert sorted(intake.account.refusals["column"]) == ["Created Time", "Order ID", "Quantity"]


def test_a_return_without_a_readable_amount_is_a_return(tmp_path: Path) -> None:
    rows = [back(n) for n in range(1, 5)]
    rows[1] |= {"Return unit price": "?", "Refund Time": "later", "Return Quantity": "some"}
    intake = load_returns(write_csv(tmp_path / "r.csv", rows), US)
    assert (intake.account.used, intake.account.refused) == (4, 0)
    assert intake.table["refund_amount"].isna().sum() == 1


def test_a_column_of_which_nothing_can_be_read_ends_the_load(tmp_path: Path) -> None:
    rows = [order(n, cancelled_time="unknown") for n in range(1, 31)]
    with pytest.raises(UnreadableFileError, match="nothing in this column can be read as a date") as caught:
        load_orders(write_csv(tmp_path / "a.csv", rows), US)
    assert "Cancelled Time" in str(caught.value)


# --- numbers of a rupiah workbook ------------------------------------------------------------


def month(path: Path, cells: dict[int, object], column: str = "Total Harga Produk") -> Path:
    """A native month as a workbook in which some cells of a column of amounts are numbers."""
    import xlsxwriter

    rows, _ = shopee_month(NATIVE_49, seed=3, orders=40)
    for row in rows:
        row[NATIVE_49.index("Status Pesanan")], row[NATIVE_49.index("Alasan Pembatalan")] = "Selesai", ""
        row[NATIVE_49.index("Total Harga Produk")] = "38.300"
        row[NATIVE_49.index("Harga Setelah Diskon")] = ""
    place = NATIVE_49.index(column)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate([list(NATIVE_49), *rows]):
            for at, cell in enumerate(row):
                value = cells.get(number - 1, cell) if at == place and number else cell
                if value != "":
                    (sheet.write_number if isinstance(value, int | float) else sheet.write_string)(number, at, value)
    return path


@pytest.mark.parametrize(
    ("cells", "amounts", "unknown"),
    [
        # A fraction has lost zeros; a whole number below 1,000 may have.
        ({0: 38.3, 1: 150, 2: 0}, {0: 38_300.0, 2: 0.0}, {1}),
        ({0: 1234.5}, {}, {0}),
        # Plain numbers, and none that has lost anything.
        ({0: 150, 1: 38_300, 2: 1_234_000}, {0: 150.0, 1: 38_300.0, 2: 1_234_000.0}, set()),
        # Plain ones and damaged ones together settle nothing for the small ones.
        ({0: 150, 1: 38_300, 2: 14.5}, {1: 38_300.0, 2: 14_500.0}, {0}),
        ({0: "599", 1: "10.0", 2: "150.000"}, {0: 599.0, 1: 10_000.0, 2: 150_000.0}, set()),
    ],
)
def test_number_cells_of_a_rupiah_workbook(
    cells: dict[int, object], amounts: dict[int, float], unknown: set[int], tmp_path: Path
) -> None:
    intake = load_mapped(month(tmp_path / "m.xlsx", cells), ID, "shopee-id").orders
    assert intake.account.refused == 0
    assert intake.account.used == intake.account.rows
    found = intake.table.set_index("source_row")["line_amount"]
    for place, amount in amounts.items():
        assert found[place + 2] == amount
    assert {place for place in cells if found.isna()[place + 2]} == unknown
    notes = [note for note in intake.account.notes if "Total Harga Produk" in note]
    assert len(notes) == (1 if unknown else 0)
    if unknown:
        assert f"{len(unknown)} cells cannot be used" in notes[0]


def test_every_row_of_a_month_with_number_cells_is_used(tmp_path: Path) -> None:
    """As a spreadsheet keeps the monthly layout: totals below a million as numbers, with a point for thousands."""
    import xlsxwriter

    rows, truth = shopee_month(MONTHLY_17, seed=11)
    place = MONTHLY_17.index("Total Pembayaran")
    path = tmp_path / "month.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate([list(MONTHLY_17), *rows]):
            for at, cell in enumerate(row):
                if at == place and number and cell.count(".") < 2:
                    sheet.write_number(number, at, float(cell))
                elif cell != "":
                    sheet.write_string(number, at, cell)
    intake = load_mapped(path, ID, "shopee-id").orders
    assert (intake.account.used, intake.account.refused) == (truth.rows, 0)
    assert intake.table["order_id"].nunique() == truth.orders
