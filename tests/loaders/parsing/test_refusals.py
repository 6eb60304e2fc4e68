"""What a refused cell shows: forms of numbers, never a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.errors import CancelAnalysisError, TooManyRefusedError
from cancel_analysis.loaders import load_api, load_mapped, load_orders, load_tracking
from cancel_analysis.loaders.parsing.refusals import shown_header, shown_value
from tests.loaders.exports import order, write_csv

NAME = "Somchai Jaidee"
HIDDEN = "••••••• ••••••"


@pytest.mark.parametrize(
    "text",
    [
        "5.77E+17", "1,73e18", "576000000000000001", "-3", "1.5", "12.00 EUR", "EUR 12.00", "RM 12.00", "Rp38.824",
        "฿120", "12 บาท", "31/09/2026 10:12:44", "2026-08-13T09:00:00Z", "8/13/2026 9:00 PM", "9:00 p.m.", "C12",
        "INV-2041", "N/A", "true", "", "-", "#REF!", "2026-08-13", "13.08.2026", "1234567.89", "1.234.567", "123456",
    ],
)  # fmt: skip
def test_numbers_times_amounts_and_codes_are_shown(text: str) -> None:
    assert shown_value(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (NAME, HIDDEN),
        ("สมชาย", "•••••"),
        ("many", "••••"),
        ("12 Baker St.", "12 ••••• ••."),
        ("june95", "••••95"),
        ("o'Neil", "•'••••"),
        ("+66 81 234 5678", "text of 15 characters"),
        ("2025550143", "text of 10 characters"),
        ("(202) 555-0143", "text of 14 characters"),
        ("081 234 5678", "text of 12 characters"),
        ("a\x00\ud83d", "•\ufffd\ufffd"),
        ("221B Baker Street, London", "text of 25 characters"),
        ("a@b.example", "•@•.•••••••"),
        ("E", "•"),
    ],
)
def test_other_texts_are_hidden(text: str, shown: str) -> None:
    assert shown_value(text) == shown


def test_no_loader_shows_a_name(tmp_path: Path) -> None:
    shop = make_shop({"id": "s", "market": "US", "refuse_limit": 1})
    slipped = write_csv(tmp_path / "a.csv", [order(1), order(2, Quantity=NAME), order(3, **{"SKU ID": NAME})])
    account = load_orders(slipped, shop).account
    assert account.refusals[["column", "value"]].values.tolist() == [["Quantity", HIDDEN]]
    assert not any(word in note for note in account.notes for word in NAME.split())
    with pytest.raises(TooManyRefusedError) as caught:
        load_orders(slipped, make_shop({"id": "s", "market": "US"}))
    assert HIDDEN in str(caught.value)
    assert NAME not in str(caught.value)
    events = tmp_path / "tracking.csv"
    events.write_text(f"Tracking ID,Time,Event\nT1,{NAME},Delivered\nT1,2026-10-26T08:00:00Z,Delivered\n")
    assert load_tracking(events, shop).account.refusals["value"].tolist() == [HIDDEN]
    saved = tmp_path / "a.json"
    saved.write_text(json.dumps({"data": {"orders": [{"id": "576000000000000001", "create_time": NAME}]}}))
    intake = load_api(saved, shop).orders
    assert intake is not None
    assert intake.account.refusals["value"].tolist() == [HIDDEN]


@pytest.mark.parametrize(
    "value", ["12.50", "2026-11-03 09:00:00", "a@b.example", "+62 811 0000 1234", "576000000000000001"]
)
def test_a_first_row_of_values_shows_no_name(value: str) -> None:
    assert "Somchai" not in shown_header([NAME, "Jl. Mawar 5", value], 4)
    assert shown_header(["Order ID", "Phone #", "Weight(kg)", "Name"], 3) == "'Order ID', 'Phone #', 'Weight(kg)'"


@pytest.mark.parametrize("load", [load_orders, load_tracking, partial(load_mapped, mapping="sales-report")])
def test_a_file_without_a_header_shows_nobody(
    tmp_path: Path, load: Callable[[list[Path], ShopSettings], object]
) -> None:
    path = tmp_path / "first.csv"
    path.write_text(f"{NAME},Jl. Mawar,2026-11-03 09:00:00,12\n" * 3, encoding="utf-8")
    with pytest.raises(CancelAnalysisError) as told:
        load([path], make_shop({"id": "s", "market": "IN"}))
    assert "Somchai" not in str(told.value)
