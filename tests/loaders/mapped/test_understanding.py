"""What was understood is told by the load itself: each file's own rows, each text once a row of its table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.loaders import Account, load_mapped, understood

US = make_shop({"id": "house", "market": "US", "refuse_limit": 0.5})
MAPPING = """
orders:
  columns: {order_id: order, created_at: day, status: state}
  stand_ins: {quantity: [1]}
  statuses: {done: completed}
  initiators: {shop: seller}
  joins:
    items:
      key: order_id
      row_is: line
      columns: {order_id: order, sku_id: sku, line_amount: price}
    cancellations:
      key: order_id
      means: cancelled
      columns: {order_id: order, cancelled_at: cancelled on, cancelled_by: who, cancel_reason_text: why}
"""


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def tables(folder: Path) -> list[Path]:
    """Twelve orders, four of them cancelled ("gone" in one table), two of those without items; 27 items."""
    (folder / "house.yaml").write_text(MAPPING)
    gone = {3, 4, 5, 6}
    orders = [[str(n), f"2026-10-{n + 1:02d}", "gone" if n in gone else "done"] for n in range(12)]
    items = [[str(n), f"s{k}", "5"] for n in range(12) if n not in (3, 4) for k in range(3 if n % 2 else 2)]
    cancelled = [[str(n), "2026-11-01", "shop", "Out of stock"] for n in sorted(gone)]
    return [
        write(folder / "orders.csv", ["order", "day", "state"], orders),
        write(folder / "items.csv", ["order", "sku", "price"], [*items, ["99", "s1", "5"]]),
        write(folder / "cancellations.csv", ["order", "cancelled on", "who", "why"], cancelled),
    ]


def loaded(folder: Path) -> Account:
    return load_mapped(tables(folder), US, folder / "house.yaml").orders.account


def test_each_file_has_its_own_columns_and_rows(tmp_path: Path) -> None:
    account = loaded(tmp_path)
    with (tmp_path / "items.csv").open() as stream:
        count = len(list(csv.reader(stream))) - 1
    told = account.understood
    read = told[(told["what"] == "columns") & (told["state"] == "read")]
    own = read.groupby("file")[["taken_as", "rows"]].apply(
        lambda part: dict(zip(part["taken_as"], part["rows"], strict=True))
    )
    assert own["orders.csv"] == {"order_id": 12, "created_at": 12, "status": 12}
    assert own["items.csv"] == {"order_id": count, "sku_id": count, "line_amount": count}
    assert own["cancellations.csv"]["cancel_reason_text"] == 4
    rows = told[told["what"] == "rows"].set_index(["file", "state"])["rows"]
    files = account.files.set_index("file")
    for name in files.index:
        assert rows[(name, "read")] == files.loc[name, "used"]
        assert rows[(name, "refused")] == files.loc[name, "refused"]
    assert files.loc["items.csv", ["used", "refused"]].tolist() == [count - 1, 1]


def test_a_text_counts_once_a_row_and_a_table_of_cancellations_explains_it(tmp_path: Path) -> None:
    account = loaded(tmp_path)
    texts = account.understood.set_index(["what", "in_file"])
    # Orders of several lines: the lines would be 21 and 7.
    assert texts.loc[("statuses", "done"), ["taken_as", "rows", "state"]].tolist() == ["completed", 8, "known"]
    assert texts.loc[("initiators", "shop"), "rows"] == 4
    assert texts.loc[("reasons", "Out of stock"), ["taken_as", "rows", "basis"]].tolist() == [
        "out_of_stock",
        4,
        "official",
    ]
    gone = account.understood[
        (account.understood["what"] == "statuses") & (account.understood["taken_as"] == "cancelled")
    ]
    assert gone[["rows", "state", "basis"]].to_numpy().tolist() == [[4, "known", "joined table"]]
    assert len(account.unknown_values) == 0


def test_what_the_tables_came_to_is_told_once(tmp_path: Path) -> None:
    account = loaded(tmp_path)
    assert account.joined == (
        "the tables came to 12 orders with 27 lines",
        "items: 25 of 26 rows were joined by order_id",
        "items: 2 orders have none; they count as orders, their units and values are not known",
        "cancellations: 4 of 4 rows were joined by order_id",
    )
    assert all(account.notes.count(note) == 1 for note in account.joined)


def test_rows_that_are_refused_later_say_nothing(tmp_path: Path) -> None:
    header = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
    rows = [["1", "A", "2", "2026-10-01", "5", "7"], ["C2", "B", "-1", "2026-10-02", "5", "8"]]
    path = write(tmp_path / "i.csv", header, rows)
    account = load_mapped(path, US, "invoices").orders.account
    told = understood(path, "invoices", US).set_index(["what", "state"])["rows"]
    assert told[("rows", "read")] == account.used == 1
    assert told[("rows", "refused")] == account.refused == 1


def test_a_newer_files_rows_are_not_counted_twice(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(
        "orders:\n  columns: {order_id: o, sku_id: s, quantity: q, created_at: d, status: st}\n"
        "  statuses: {ok: completed, void: cancelled}\n"
    )
    header = ["o", "s", "q", "d", "st"]
    every = [[str(n), "a", "1", "2026-10-01", "odd" if n < 5 else "ok"] for n in range(20)]
    files = [write(tmp_path / f"x 2026-10-0{day}.csv", header, part) for day, part in ((2, every[:15]), (3, every))]
    account = load_mapped(files, US, tmp_path / "house.yaml").orders.account
    assert account.unknown_values[["value", "count"]].to_numpy().tolist() == [["odd", 5]]
    known = account.understood[account.understood["in_file"] == "ok"]
    assert known["rows"].sum() == 15
