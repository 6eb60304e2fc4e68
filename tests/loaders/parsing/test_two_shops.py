"""Files of two shops in one folder are noticed and told; one shop's usual files are not."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.cli.commands import app
from cancel_analysis.errors import TooManyRefusedError
from cancel_analysis.explore.card import card_html, card_text
from cancel_analysis.explore.shop import Shop
from cancel_analysis.loaders import Intake, load_mapped, load_orders, load_shop
from cancel_analysis.sections.method import method
from cancel_analysis.study.one_shop import study_shop
from tests.loaders import api_objects as api
from tests.loaders.exports import ORDER_HEADER, cancelled, order, write_csv, write_xlsx
from tests.loaders.mapped.layouts import MONTHLY_17, shopee_month, write_workbook

US = make_shop({"id": "us", "market": "US"})


def mdy(row: dict[str, str]) -> dict[str, str]:
    """The row with the month first in every time."""
    swapped = dict(row)
    for name, text in row.items():
        if name.endswith("Time") and text:
            day, month, rest = text.split("/", 2)
            swapped[name] = f"{month}/{day}/{rest}"
    return swapped


def told(intake: Intake) -> str:
    assert set(intake.account.mixed) <= set(intake.account.notes)
    return "\n".join(intake.account.mixed)


def test_two_countries_are_told(tmp_path: Path) -> None:
    us = write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 9)])
    gb = write_csv(tmp_path / "b.csv", [order(n, country="United Kingdom") for n in range(20, 29)])
    said = told(load_orders([us, gb], US))
    assert "United States in a.csv" in said
    assert "United Kingdom in b.csv" in said


def test_a_country_that_looks_like_a_person_is_not_told(tmp_path: Path) -> None:
    us = write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 9)])
    odd = write_csv(tmp_path / "b.csv", [order(20, country="Jane Doe, 1 High St")])
    notes = "\n".join(load_orders([us, odd], US).account.notes)
    assert "Jane" not in notes


def test_two_orders_of_dates_are_told(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 9)])
    second = write_csv(tmp_path / "b.csv", [mdy(order(n)) for n in range(20, 29)])
    intake = load_orders([first, second], US)
    assert "the day comes first in a.csv" in told(intake)
    assert "the month comes first in b.csv" in told(intake)
    assert intake.table["created_at"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2026-08-13"]


def test_amounts_of_two_currencies_are_told_and_never_added(tmp_path: Path) -> None:
    dollars = write_csv(tmp_path / "a.csv", [order(n, order_amount="USD 21.00") for n in range(1, 9)])
    pounds = [order(n, order_amount="GBP 7.00", sku_subtotal_after_discount="£6.00") for n in range(20, 26)]
    intake = load_orders([dollars, write_csv(tmp_path / "b.csv", pounds)], US)
    assert intake.account.used == 14
    assert intake.account.refused == 0
    by_file = intake.table.groupby("source_file")[["order_amount", "line_amount"]].sum(min_count=1)
    assert by_file.loc["a.csv"].tolist() == [8 * 21.0, 8 * 18.5]
    assert by_file.loc["b.csv"].isna().all()
    assert "amounts are in GBP" in told(intake)
    notes = "\n".join(intake.account.notes)
    assert "column 'Order Amount': 6 cells cannot be used (what is in them is in another currency" in notes


def test_amounts_of_another_currency_in_every_file_mean_the_wrong_market(tmp_path: Path) -> None:
    pounds = write_csv(tmp_path / "b.csv", [order(n, order_amount="GBP 7.00") for n in range(20, 29)])
    with pytest.raises(TooManyRefusedError, match=r"amounts are in GBP, but market US means USD"):
        load_orders(pounds, US)
    result = CliRunner().invoke(app, ["check", str(pounds), "--market", "US"])
    assert result.exit_code == 1
    assert "is the market right?" in result.output


def test_one_number_with_another_time_of_creation_is_told(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 9)])
    second = write_csv(tmp_path / "b.csv", [order(n, created_time="13/08/2026 08:00:00") for n in (7, 8)] + [order(30)])
    said = told(load_orders([first, second], US))
    assert "2 order numbers stand in several files with another time of creation (a.csv, b.csv)" in said
    assert "other products" not in said


def test_one_number_with_other_products_is_told(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 9)])
    second = write_csv(tmp_path / "b.csv", [order(8, sku_id="1729380000000000999", order_amount="99.00")])
    assert "1 order numbers stand in several files with other products" in told(load_orders([first, second], US))


def test_weekly_exports_of_one_shop_raise_no_note(tmp_path: Path) -> None:
    days = {n: f"{10 + n:02d}/08/2026" for n in range(1, 15)}

    def week(numbers: range, delivered: int) -> list[dict[str, str]]:
        rows = []
        for n in numbers:
            moments = {"created_time": f"{days[n]} 09:00:00", "paid_time": f"{days[n]} 09:05:00"}
            later = {"rts_time": "", "shipped_time": "", "delivered_time": "", "order_status": "To ship"}
            gone = {"cancelled_time": f"{days[n]} 20:00:00"}
            if n % 5 == 0:
                rows.append(cancelled(n, **moments, **gone) if n <= delivered else order(n, **moments, **later))
            else:
                done = {name: f"30/08/2026 0{place}:00:00" for place, name in enumerate(list(later)[:3])}
                rows.append(order(n, **moments, **(done if n <= delivered else later)))
                rows.append(order(n, **moments, **(done if n <= delivered else later), sku_id="1729380000000000777"))
        return rows

    files = [
        write_csv(tmp_path / "All order-2026-08-17-09_00.csv", week(range(1, 8), 2)),
        write_xlsx(tmp_path / "All order-2026-08-24-09_00.xlsx", week(range(3, 15), 8)),
        write_csv(tmp_path / "All order-2026-08-31-09_00.csv", week(range(1, 15), 14)),
    ]
    intake = load_orders(files, US)
    assert intake.account.superseded > 0
    assert intake.account.mixed == ()


def test_exports_by_status_that_split_an_order_raise_no_note(tmp_path: Path) -> None:
    """Of an order of two lines one was cancelled: each export by status has a part of it."""
    kept = write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 9)])
    gone = write_csv(tmp_path / "b.csv", [cancelled(8, sku_id="1729380000000000999")])
    assert load_orders([kept, gone], US).account.mixed == ()


def test_shopee_months_raise_no_note_and_a_second_shop_does(tmp_path: Path) -> None:
    shop = make_shop({"id": "toko", "mapping": "shopee-id"})
    months = []
    for seed, month in ((1, "2025-10"), (2, "2025-11")):
        rows, _ = shopee_month(MONTHLY_17, seed, month=month)
        months.append(write_workbook(tmp_path / f"{month}.xlsx", MONTHLY_17, rows))
    intake = load_mapped(months, shop, "shopee-id")
    assert intake.orders.account.mixed == ()
    # Another shop's files count their orders from one too.
    others, _ = shopee_month(MONTHLY_17, 1, month="2024-02")
    second = write_workbook(tmp_path / "other.xlsx", MONTHLY_17, [row for row in others if row[5] < "2024-02-29"])
    mixed = "\n".join(load_mapped([*months, second], shop, "shopee-id").orders.account.mixed)
    assert "with another time of creation" in mixed


def test_a_mapped_column_of_currencies_is_never_added(tmp_path: Path) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "title: house\nmarket: US\norders:\n  columns: {order_id: id, sku_id: sku, quantity: n, created_at: day, "
        "line_amount: amount, currency: cur, status: state}\n  statuses: {done: completed, gone: cancelled}\n"
        "dates: [ymd]\n"
    )
    path = tmp_path / "orders.csv"
    with path.open("w", newline="") as stream:
        rows: list[list[Any]] = [[f"A{n}", "S", 1, "2026-08-01 10:00", "5.00", "usd", "done"] for n in range(6)]
        rows += [["B1", "S", 1, "2026-08-02 10:00", "900.00", "MXN", "gone"]]
        csv.writer(stream).writerows([["id", "sku", "n", "day", "amount", "cur", "state"], *rows])
    intake = load_mapped(path, make_shop({"id": "h", "market": "US"}), mapping).orders
    assert intake.account.used == 7
    assert intake.table["line_amount"].sum() == 30.0
    assert intake.table["line_amount"].isna().sum() == 1
    assert any("MXN" in note and "1 of them on cancelled rows" in note for note in intake.account.notes)


def test_api_answers_in_another_currency_are_never_added(tmp_path: Path) -> None:
    own = api.order(1, line_items=[api.unit(1, currency="USD")], payment={"currency": "USD", "total_amount": "20"})
    other = api.order(2, line_items=[api.unit(2, currency="GBP")], payment={"currency": "GBP", "total_amount": "9"})
    orders = [own, own | {"id": "577000000000000009"}, other]
    (tmp_path / "orders.json").write_text(json.dumps({"data": {"orders": orders}}))
    intake = load_shop(make_shop({"id": "s", "market": "US", "files": "*.json"}, tmp_path)).orders
    row = intake.table.set_index("order_id").loc[other["id"]]
    assert row[["order_amount", "line_amount"]].isna().all()
    assert any("GBP" in note and "never added" in note for note in intake.account.notes)


def test_the_notes_reach_check_the_card_and_the_report(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 40)])
    write_csv(tmp_path / "b.csv", [order(n, country="United Kingdom") for n in range(50, 90)], ORDER_HEADER)
    result = CliRunner().invoke(app, ["check", str(tmp_path), "--market", "US"])
    assert "are these files of two shops?" in result.output
    own = make_shop({"id": "s", "market": "US", "files": "*.csv"}, tmp_path)
    study = study_shop(own, load_shop(own))
    shop = Shop(study)
    assert "are these files of two shops?" in card_text(study, shop.rates())
    assert "are these files of two shops?" in card_html(study, shop.rates())
    intake = next(part for part in method(study).exhibits if part.name == "intake")
    assert any("are these files of two shops?" in line.text and line.kind == "warning" for line in intake.lines)
