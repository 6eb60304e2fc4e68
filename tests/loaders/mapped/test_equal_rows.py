"""Which equal rows are one line: against counts made of plain rows, by Python's own sets and counters."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.loaders import Account, load_mapped
from tests.loaders.mapped.layouts import NATIVE_49, shopee_month

IN = make_shop({"id": "report", "market": "IN", "mapping": "sales-report"})
ID = make_shop({"id": "toko", "mapping": "shopee-id"})
HOUSE = make_shop({"id": "house", "market": "US"})
HEADER = ("index", "Order ID", "Date", "Status", "SKU", "Category", "Qty", "currency", "Amount", "ship-city")
BUYER = "BUYERDATA"


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def line(number: int, order: str, sku: str = "S1") -> tuple[str, ...]:
    return (str(number), order, "04-15-22", "Shipped", sku, "Set", "1", "INR", "400", f"{BUYER} TOWN")


def noted(account: Account) -> str:
    return "\n".join(account.notes)


def test_a_running_number_makes_two_lines_of_two_equal_ones(tmp_path: Path) -> None:
    rows = [line(0, "1"), line(1, "1"), line(2, "2"), line(3, "2", "S2")]
    account = load_mapped(write(tmp_path / "s.csv", HEADER, rows), IN, "sales-report").orders.account
    assert (account.rows, account.used, account.superseded) == (4, 4, 0)
    assert "1 rows equal another in all that is read of them and differ in index: each counts as a line" in noted(
        account
    )
    assert BUYER not in noted(account)


def test_a_row_that_is_equal_in_every_column_counts_once(tmp_path: Path) -> None:
    rows = [line(0, "1"), line(0, "1"), line(0, "1"), line(3, "2")]
    intake = load_mapped(write(tmp_path / "s.csv", HEADER, rows), IN, "sales-report").orders
    assert (intake.account.used, intake.account.superseded) == (2, 2)
    assert intake.account.files["twice"].tolist() == [2]
    assert "2 rows equal another of the file in every column and count once" in noted(intake.account)
    assert len(intake.table) == 2


ROW = st.builds(line, st.integers(0, 3), st.sampled_from("12"), st.sampled_from(["S1", "S2"]))


@settings(max_examples=25)
@given(rows=st.lists(ROW, min_size=1, max_size=12), columns=st.permutations(range(len(HEADER))))
def test_as_many_lines_as_distinct_rows(rows: list[tuple[str, ...]], columns: list[int], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("sales")
    turned = [[row[place] for place in columns] for row in rows]
    header = [HEADER[place] for place in columns]
    intake = load_mapped(write(folder / "s.csv", header, turned), IN, "sales-report").orders
    distinct = Counter((row[1], row[4]) for row in set(rows))
    assert Counter(zip(intake.table["order_id"], intake.table["sku_id"], strict=True)) == distinct
    assert intake.account.used == len(set(rows))
    assert intake.account.used + intake.account.superseded == len(rows)


@settings(max_examples=20)
@given(rows=st.lists(ROW, min_size=2, max_size=12), cut=st.data())
def test_two_reports_that_overlap_count_a_line_as_often_as_the_fuller_one(
    rows: list[tuple[str, ...]], cut: Any, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("sales")
    start, end = cut.draw(st.integers(0, len(rows) - 1)), cut.draw(st.integers(1, len(rows)))
    # Each report numbers its rows anew, so the same line has another number in the other.
    first, second = (
        [(str(number), *row[1:]) for number, row in enumerate(part)] for part in (rows[:end], rows[start:])
    )
    files = [
        write(folder / "report 2022-05-01.csv", HEADER, first),
        write(folder / "report 2022-06-01.csv", HEADER, second),
    ]
    table = load_mapped(files, IN, "sales-report").orders.table
    counts = [Counter((row[1], row[4]) for row in part) for part in (first, second)]
    assert Counter(zip(table["order_id"], table["sku_id"], strict=True)) == counts[0] | counts[1]


def test_shopee_months_that_overlap_count_once(tmp_path: Path) -> None:
    rows, truth = shopee_month(NATIVE_49, seed=11, orders=200)
    files = [
        write(tmp_path / "Order.all.20251101_20251120.csv", NATIVE_49, rows[:150]),
        write(tmp_path / "Order.all.20251110_20251130.csv", NATIVE_49, rows[60:]),
    ]
    intake = load_mapped(files, ID, "shopee-id").orders
    assert (len(intake.table), intake.account.used) == (truth.rows, truth.rows)
    assert intake.table["quantity"].sum() == truth.units
    # The first cut may fall inside an order; of the others every row stands in both files.
    assert intake.account.superseded == len(rows[60:150])


MAPPING = """
orders:
  columns: {order_id: order, created_at: day, status: state}
  statuses: {done: completed, void: cancelled}
  equal_lines: duplicates
  stand_ins: {quantity: [1]}
  joins:
    items:
      key: order_id
      row_is: line
      columns: {order_id: order, sku_id: sku, line_amount: price}
"""


def test_lines_of_joined_tables_are_told_apart_by_what_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(MAPPING)
    write(tmp_path / "orders.csv", ["order", "day", "state", "note"], [
        ["1", "2026-10-01", "done", "x"], ["2", "2026-10-01", "void", ""], ["2", "2026-10-01", "void", ""],
    ])  # fmt: skip
    write(tmp_path / "items.csv", ["order", "line", "sku", "price"], [
        ["1", "1", "a", "5"], ["1", "2", "a", "5"], ["1", "2", "a", "5"], ["2", "1", "b", "7"],
    ])  # fmt: skip
    files = [tmp_path / "orders.csv", tmp_path / "items.csv"]
    intake = load_mapped(files, HOUSE, tmp_path / "house.yaml").orders
    lines = Counter(zip(intake.table["order_id"], intake.table["sku_id"], strict=True))
    assert lines == {("1", "a"): 2, ("2", "b"): 1}
    assert intake.account.files.set_index("file")["used"].to_dict() == {"orders.csv": 2, "items.csv": 3}
    assert "differ in line:" in noted(intake.account)
