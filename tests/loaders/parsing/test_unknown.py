"""A value that no catalog has is shown where it is a word of the platform, never where it may be a person's."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.loaders import load_orders
from cancel_analysis.loaders.parsing.unknown import COLUMNS, MOST_WORDS, unknown_frame
from tests.loaders.exports import order, write_csv

SHOP = make_shop({"id": "s", "market": "US"})


@pytest.mark.parametrize(
    "personal",
    [
        "Maria Kanarienvogel", "Kanarienvogel", "MARIA", "maria@example.com", "+1 202 555 0143", "2025550143",
        "17 Canary Row, Springfield, Ohio 45501, United States", "สมชาย ใจดี",
    ],
)  # fmt: skip
def test_what_slipped_into_a_status_is_told_by_its_number(tmp_path: Path, personal: str) -> None:
    # Two lines of one order: what stands in an order stands on each of its lines.
    slipped = [order(1, order_status=personal), order(1, order_status=personal, sku_id="1729380000000000002")]
    known = [order(number, order_status="Verlopen") for number in (2, 3, 4)]
    account = load_orders(write_csv(tmp_path / "a.csv", [*slipped, *known]), SHOP).account
    assert account.unknown_values.to_numpy().tolist() == [
        ["Order Status", "Verlopen", 3, "completed"],
        ["Order Status", "1 value not shown", 2, "completed"],
    ]


def test_an_order_of_many_lines_is_one_order(tmp_path: Path) -> None:
    rows = [order(1, order_status="Maria", sku_id=f"172938000000000000{number}") for number in range(9)]
    account = load_orders(write_csv(tmp_path / "a.csv", rows), SHOP).account
    assert account.unknown_values["value"].tolist() == ["1 value not shown"]


@pytest.mark.parametrize("value", ["maria@example.com", "2025550143", "+1 (202) 555 0143", "x" * 41])
def test_some_things_are_no_words_however_often_they_are_there(value: str) -> None:
    frame = unknown_frame({("Status", value, "unknown"): 500})
    assert frame.to_numpy().tolist() == [["Status", "1 value not shown", 500, "unknown"]]


def test_words_of_a_program_are_shown_at_once() -> None:
    frame = unknown_frame({("status", "CANCELLATION_REQUEST_FLOATING", "unknown"): 1})
    assert frame["value"].tolist() == ["CANCELLATION_REQUEST_FLOATING"]


def test_a_column_of_names_is_no_column_of_words() -> None:
    counts = {("Status", f"Name {number}", "unknown"): 5 for number in range(MOST_WORDS + 1)}
    assert unknown_frame(counts).to_numpy().tolist() == [
        ["Status", f"{MOST_WORDS + 1} values not shown", 5 * (MOST_WORDS + 1), "unknown"]
    ]


def test_no_unknown_value_is_an_empty_table() -> None:
    assert list(unknown_frame({}).columns) == COLUMNS
