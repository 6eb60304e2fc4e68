"""What a page carries of its tables: values, not formatted cells, and nothing that the cells say already."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pandas as pd

from cancel_analysis.exhibits.kinds import ColumnView, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show.blocks import Texts, html, table_data
from cancel_analysis.report.show.blocks.text import cells

NUMBERS, TEXTS = NumberFormats("en"), Texts("en")


def held(frame: pd.DataFrame, *columns: ColumnView, shown: int = 30, currency: str = "USD") -> dict[str, Any] | None:
    """The data of a table of which `shown` rows are on the page."""
    view = TableView("t", "T", frame, columns, currency, most_rows=shown)
    script = table_data.script(view, cells(view, frame.head(shown), NUMBERS, TEXTS), TEXTS)
    if not script:
        return None
    found = re.fullmatch(r'<script type="application/json" class="table-data">(.*)</script>', script)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_what_the_cells_say_is_not_said_twice() -> None:
    ids = ["576460752303423488", "2"]
    frame = pd.DataFrame({"name": ["a", None], "id": ids, "items": [7, 999], "state": ["ok", "ok"]})
    columns = (
        ColumnView("name", "Name"),
        ColumnView("id", "Order", "id"),
        ColumnView("items", "Items", "integer"),
        ColumnView("state", "Verdict", "verdict"),
    )
    assert held(frame, *columns) is None
    thousand = held(frame.assign(items=[7, 1000]), *columns)
    assert thousand == {"columns": [[None, None, []], [None, None, []], [None, [7, 1000], []], [None, None, []]]}


def test_values_are_whole_and_their_headings_say_the_unit() -> None:
    frame = pd.DataFrame(
        {
            "share": [1 / 3, float("nan")],
            "loss": [-1234567.891, 2.0],
            "day": [pd.Timestamp("2026-11-15"), pd.NaT],
            "asked": [pd.Timestamp("2026-11-15 05:11", tz="Asia/Jakarta"), date(2026, 11, 1)],
        }
    )
    columns = (
        ColumnView("share", "Share", "percent"),
        ColumnView("loss", "Loss", "money"),
        ColumnView("day", "Day", "date"),
        ColumnView("asked", "Asked", "date"),
    )
    found = held(frame, *columns)
    assert found is not None
    assert [part[0] for part in found["columns"]] == ["Share (1 = 100%)", "Loss (USD)", None, None]
    assert [part[1] for part in found["columns"]] == [
        [0.3333333333, None],
        [-1234567.891, 2],
        ["2026-11-15", None],
        ["2026-11-15 05:11:00+07:00", "2026-11-01"],
    ]


def test_words_give_way_to_the_values_behind_them() -> None:
    frame = pd.DataFrame(
        {
            "range": ["1.2–3.4%", "–", "still growing"],
            "low": [0.012345, 0.1, 0.2],
            "high": [0.034, 0.3, 0.4],
            "worth": ["$5 (1–9)", "unchanged", "$0"],
            "money": [5.25, 6.0, 0.0],
            "points": ["+2.5", "–", "−1.0"],
            "change": [0.025, 0.5, -0.01],
        }
    )
    columns = (
        ColumnView("range", "True rate", data=("low", "high"), data_kind="percent"),
        ColumnView("worth", "Worth", data=("money", "low", "high"), data_kind="money"),
        ColumnView("points", "Change, points", data=("change",), data_kind="points"),
    )
    found = held(frame, *columns)
    assert found is not None
    assert found["places"] == [0, 0, 1, 1, 1, 2]
    assert [part[0] for part in found["columns"]] == [
        "True rate, from (1 = 100%)", "True rate, to (1 = 100%)",
        "Worth (USD)", "Worth, from (USD)", "Worth, to (USD)", None,
    ]  # fmt: skip
    low, high, money, *_, change = [part[1] for part in found["columns"]]
    assert (low, high) == ([0.012345, None, None], [0.034, None, None]), "what the page does not tell is not told here"
    assert money == [5.25, None, 0]
    assert change == [2.5, None, -1]


def test_a_cut_table_has_its_further_rows_up_to_a_limit() -> None:
    frame = pd.DataFrame({"name": [f"row {number}" for number in range(250)], "items": range(250)})
    columns = (ColumnView("name", "Name"), ColumnView("items", "Items", "integer"))
    found = held(frame, *columns, shown=5)
    assert found is not None
    names, items = found["columns"]
    assert (names[1], items[1]) == (None, None)
    assert names[2] == [f"row {number}" for number in range(5, table_data.MOST_ROWS)]
    assert items[2] == list(range(5, table_data.MOST_ROWS))
    assert found["left"] == 250 - table_data.MOST_ROWS
    whole = held(frame.head(table_data.MOST_ROWS), *columns, shown=5)
    assert whole is not None
    assert "left" not in whole


def test_no_value_leaves_its_script() -> None:
    frame = pd.DataFrame({"name": ["a", "</script><script>alert(1)</script>"], "share": [0.5, 0.25]})
    view = TableView("t", "T", frame, (ColumnView("name", "Name"), ColumnView("share", "S", "percent")), most_rows=1)
    page = html.table(view, NUMBERS, TEXTS)
    assert page.count("<script") == page.count("</script") == 1
    assert "alert(1)\\u003c" in page, "the further row is there"


def test_a_short_number_tells_how_many_more_there_are() -> None:
    frame = pd.DataFrame({"sku": ["1729383332041908520 +12", "1729383332041908520"]})
    page = html.table(TableView("t", "T", frame, (ColumnView("sku", "SKU", "id"),)), NUMBERS, TEXTS)
    assert ">…8520 +12</button>" in page
    assert ">…8520</button>" in page
    assert 'data-copy="1729383332041908520 +12"' in page


def test_where_words_hide_the_order_the_page_gets_each_row_s_place_in_it() -> None:
    frame = pd.DataFrame(
        {"words": ["$9", "₫5", "$10", "–"], "currency": ["USD", "VND", "USD", "USD"], "amount": [9.0, 5.0, 10.0, None]}
    )
    found = held(frame, ColumnView("words", "Amount", by=("currency", "amount")))
    assert found is not None
    assert found["ranks"] == {"0": [0, 2, 1, None]}, "amounts of two currencies are not compared"
    ties = held(frame.assign(amount=[9.0, 9.0, 10.0, 9.0]), ColumnView("words", "Amount", by=("amount",)), shown=3)
    assert ties is not None
    assert ties["ranks"] == {"0": [0, 0, 1]}, "of the rows shown"


def test_values_of_several_units_have_a_column_that_says_which() -> None:
    frame = pd.DataFrame({"told": ["12", "฿3,277"], "value": [12.0, 3276.6], "unit": ["orders", "THB"]})
    found = held(frame, ColumnView("told", "Count", "figure", data=("value",), unit="unit"), ColumnView("unit", "U"))
    assert found is not None
    assert found["columns"] == [[None, [12, 3276.6], []], ["Unit", ["orders", "THB"], []], [None, None, []]]
    assert found["places"] == [0, 0, 1]
