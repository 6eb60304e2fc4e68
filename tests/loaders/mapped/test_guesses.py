"""What a file seems to hold: every form of dates, which column is which, and whose words may be shown."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog.mapping.forms import CUSTOMER
from cancel_analysis.loaders.mapped.guesses import (
    Column,
    Sheet,
    date_forms,
    document_rows,
    guess_columns,
    guess_stand_ins,
    known_headers,
    listed_values,
    open_sheet,
)

HEADER = ("Order ID", "SKU", "Quantity", "Order date", "Estimated delivery date", "Status", "Customer ID")


def opened(path: Path, header: Sequence[str], *rows: Sequence[str]) -> tuple[Sheet, dict[str, Column]]:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    known = known_headers()
    sheet = open_sheet(path, known)
    return sheet, guess_columns(sheet, known)


def sale(number: int, quantity: str = "1", status: str = "Sold", day: str = "13.11.2026") -> list[str]:
    return [f"N{number}", "A-1", quantity, f"{day} 10:00", "20.11.2026 10:00", status, f"K{number}"]


def test_a_column_is_found_by_its_header_and_by_what_it_holds(tmp_path: Path) -> None:
    _, found = opened(tmp_path / "x.csv", HEADER, *(sale(number) for number in range(4)))
    assert {name: (column.header, column.sure) for name, column in found.items()} == {
        "order_id": ("Order ID", True), "sku_id": ("SKU", True), "quantity": ("Quantity", True),
        "created_at": ("Order date", True), "status": ("Status", True),
    }  # fmt: skip
    # The same header over words is no column of times.
    _, other = opened(tmp_path / "y.csv", HEADER, *(sale(number, day="soon") for number in range(4)))
    assert "created_at" not in other


def test_a_customer_is_of_use_only_where_cancellations_are_documents(tmp_path: Path) -> None:
    rows = [sale(number) for number in range(4)]
    assert CUSTOMER not in opened(tmp_path / "x.csv", HEADER, *rows)[1]
    sheet, found = opened(tmp_path / "y.csv", HEADER, *rows, sale(5, quantity="-1"))
    assert found[CUSTOMER].header == "Customer ID"
    assert [row[0] for row in document_rows(sheet, found)] == ["N5"]


def test_what_the_file_has_not_is_stood_in_for(tmp_path: Path) -> None:
    sheet, found = opened(
        tmp_path / "x.csv", ("Order ID", "Product Name", "Unit price", "Order date"), ["1", "A", "2.50", ""]
    )
    assert guess_stand_ins(sheet, found) == {
        "line_amount": "unit_price", "quantity": "1", "sku_id": "product_name", "paid_at": "created_at",
    }  # fmt: skip


def test_few_values_are_listed_and_no_persons_words(tmp_path: Path) -> None:
    rows = [sale(number, status=status) for status in ("Sold", "Gone") for number in range(4)]
    rows += [sale(number, status=f"Expected on 2026-11-{number}") for number in range(10, 14)]
    rows += [sale(20, status="please ring twice")] * 8
    sheet, found = opened(tmp_path / "x.csv", HEADER, *rows)
    # Eight rows of one order are one buyer's; a day inside a text makes no new text.
    assert listed_values(sheet, found, "status") == {"Sold": 4, "Gone": 4, r"/^Expected on \S+$/": 4}
    assert listed_values(sheet, found, "cancelled_by") == {}


@settings(max_examples=30)
@given(
    st.lists(st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)), min_size=1, max_size=12),
    st.sampled_from(["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]),
)
def test_a_form_that_a_date_proves_is_the_only_one(times: list[datetime], form: str) -> None:
    proof = datetime(2026, 11, 28)
    found = date_forms([time.strftime(form) for time in (proof, *times)])
    assert found == [{"%Y": "ymd", "%d": "dmy", "%m": "mdy"}[form[:2]]]


@pytest.mark.parametrize("texts", [["soon", "later"], ["12", "13.5"], ["2026-11-01", "never", "perhaps"]])
def test_texts_that_are_mostly_no_dates_have_no_form(texts: list[str]) -> None:
    assert date_forms(texts) == []
