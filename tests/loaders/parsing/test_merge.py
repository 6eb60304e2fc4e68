"""Overlapping order exports, and how old a file is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.loaders import load_orders
from cancel_analysis.loaders.parsing.merge import name_moment
from tests.loaders.exports import cancelled, order, write_csv, write_xlsx


@pytest.fixture
def shop() -> ShopSettings:
    return make_shop({"id": "s", "market": "US", "refuse_limit": 1.0})


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("All order-2026-11-16-09_12.csv", datetime(2026, 11, 16, 9, 12)),
        ("Semua pesanan-2026-01-22-16_21.xlsx", datetime(2026, 1, 22, 16, 21)),
        ("全部 订单-2026-11-16-10_05 (1).csv", datetime(2026, 11, 16, 10, 5)),
        ("orders_20261116.csv", datetime(2026, 11, 16)),
        ("orders_20261116091205.csv", datetime(2026, 11, 16, 9, 12, 5)),
        ("20260801-20260831.csv", datetime(2026, 8, 31)),
        ("orders 2026-13-45.csv", None),
        ("order 576202611160001234.csv", None),
        ("august.csv", None),
    ],
)
def test_moment_in_a_name(name: str, moment: datetime | None) -> None:
    assert name_moment(name) == moment


def test_the_newer_row_wins_whatever_the_order(tmp_path: Path, shop: ShopSettings) -> None:
    old = write_csv(tmp_path / "All order-2026-08-20-09_00.csv", [order(1, order_status="Shipped"), order(2), order(3)])
    new = write_csv(tmp_path / "All order-2026-08-27-09_00.csv", [order(1), cancelled(2), order(4)])
    for paths in ([old, new], [new, old]):
        intake = load_orders(paths, shop)
        assert (intake.account.rows, intake.account.superseded, intake.account.used) == (6, 2, 4)
        lines = intake.table.set_index("order_id")
        assert lines["status"].str.cat(sep=" ") in (
            "completed completed cancelled completed",
            "completed cancelled completed completed",
        )
        assert lines.loc["576000000000000002", "status"] == "cancelled"
        assert lines.loc["576000000000000003", "source_file"] == old.name
        assert lines["first_line"].all()
        assert set(lines["updated_at"].dt.strftime("%d %H")) == {"20 09", "27 09"}
        by_file = intake.account.files.set_index("file")["superseded"]
        assert by_file.to_dict() == {old.name: 2, new.name: 0}


def test_without_a_moment_in_the_name_the_newest_event_counts(tmp_path: Path, shop: ShopSettings) -> None:
    late = write_csv(tmp_path / "a.csv", [order(1, order_status="Canceled", delivered_time="30/08/2026 10:00:00")])
    early = write_csv(tmp_path / "b.csv", [order(1)])
    assert load_orders([late, early], shop).table["source_file"].tolist() == ["a.csv"]


def test_at_the_same_moment_the_later_given_wins(tmp_path: Path, shop: ShopSettings) -> None:
    one, two = (write_csv(tmp_path / name, [order(1)]) for name in ("a.csv", "b.csv"))
    assert load_orders([one, two], shop).table["source_file"].tolist() == ["b.csv"]
    assert load_orders([two, one], shop).table["source_file"].tolist() == ["a.csv"]


def test_a_refused_row_supersedes_nothing(tmp_path: Path, shop: ShopSettings) -> None:
    old = write_csv(tmp_path / "2026-08-20-09_00.csv", [order(1)])
    new = write_csv(tmp_path / "2026-08-27-09_00.csv", [order(1, quantity="x"), order(2)])
    intake = load_orders([old, new], shop)
    assert (intake.account.superseded, intake.account.refused, intake.account.used) == (0, 1, 2)


def test_occurrences_are_matched_one_to_one(tmp_path: Path, shop: ShopSettings) -> None:
    old = write_csv(tmp_path / "2026-08-20-09_00.csv", [order(1), order(1), order(1)])
    new = write_csv(tmp_path / "2026-08-27-09_00.csv", [order(1), order(1)])
    intake = load_orders([old, new], shop)
    assert (intake.account.superseded, intake.account.used) == (2, 3)
    assert sorted(intake.table["line_no"]) == [1, 2, 3]
    assert intake.table["first_line"].sum() == 1


def test_csv_and_xlsx_with_other_dates_and_columns_together(tmp_path: Path, shop: ShopSettings) -> None:
    turned = order(
        2, created_time="08/13/2026 09:00:00 AM", paid_time="", rts_time="", shipped_time="", delivered_time=""
    )
    one = write_csv(tmp_path / "2026-08-20-09_00.csv", [order(1)])
    two = write_xlsx(tmp_path / "2026-08-27-09_00.xlsx", [turned])
    intake = load_orders([one, two], shop)
    assert intake.account.files["date_order"].tolist() == ["dmy", "mdy"]
    assert intake.table["created_at"].nunique() == 1


def test_the_same_file_twice_is_one_file(tmp_path: Path, shop: ShopSettings) -> None:
    path = write_csv(tmp_path / "a.csv", [order(1)])
    assert load_orders([path, tmp_path / "." / "a.csv"], shop).account.rows == 1


def test_two_files_of_one_name_are_told_apart(tmp_path: Path, shop: ShopSettings) -> None:
    paths = []
    for number, month in enumerate(("july", "august"), start=1):
        (tmp_path / month).mkdir()
        paths.append(write_csv(tmp_path / month / "All order.csv", [order(number)]))
    assert load_orders(paths, shop).table["source_file"].tolist() == ["july/All order.csv", "august/All order.csv"]
