"""Real layouts of other platforms, each against a count of what was written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError, UnreadableFileError
from cancel_analysis.loaders import load_mapped, understood
from cancel_analysis.loaders.mapped.values import read_times
from cancel_analysis.study.one_shop import study_shop
from tests.loaders.mapped.layouts import (
    MONTHLY_17,
    NATIVE_49,
    PERSONAL,
    REASONS,
    lost_zeros,
    shopee_month,
    write_workbook,
)

ID = make_shop({"id": "toko", "mapping": "shopee-id"})
IN = make_shop({"id": "report", "market": "IN", "mapping": "sales-report"})
GB = make_shop({"id": "gifts", "market": "GB", "mapping": "invoices"})
US = make_shop({"id": "house", "market": "US"})


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


# --- Shopee Indonesia ------------------------------------------------------------------------


@pytest.mark.parametrize("header", [MONTHLY_17, NATIVE_49], ids=["monthly-17", "native-49"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_shopee_month_loads_whole(header: tuple[str, ...], form: str, tmp_path: Path) -> None:
    rows, truth = shopee_month(header, seed=7)
    make = write if form == "csv" else write_workbook
    intake = load_mapped(make(tmp_path / f"NovemberSales2025.{form}", header, rows), ID, "shopee-id")
    table, account = intake.orders.table, intake.orders.account
    assert (account.rows, account.used, account.refused, account.undated) == (truth.rows, truth.rows, 0, 0)
    assert int(table["first_line"].sum()) == table["order_id"].nunique() == truth.orders
    assert (table.groupby("order_id")["status"].agg(lambda s: (s == "cancelled").all())).sum() == truth.cancelled
    assert table["quantity"].sum() == truth.units
    assert table.loc[table["status"] == "cancelled", "quantity"].sum() == truth.units_cancelled
    firsts = table[table["first_line"] & (table["status"] == "cancelled")]
    expected: dict[tuple[str, str], int] = {}
    for text, count in truth.reasons.items():
        expected[REASONS[text]] = expected.get(REASONS[text], 0) + count
    items = attribute(table, None, ID).items.drop_duplicates("order_id")
    items = items[items["order_id"].isin(firsts["order_id"])]
    assert items.groupby(["initiator", "reason"]).size().to_dict() == expected
    assert PERSONAL not in table.to_csv()
    by_status = account.by_status.set_index("status")
    assert by_status.loc["cancelled", "rows"] + by_status.loc["completed", "rows"] == truth.rows


def test_what_a_monthly_layout_does_not_say_is_not_known(tmp_path: Path) -> None:
    rows, truth = shopee_month(MONTHLY_17, seed=3, orders=300)
    intake = load_mapped(write(tmp_path / "a.csv", MONTHLY_17, rows), ID, "shopee-id")
    assert intake.orders.table["line_amount"].isna().all()
    assert "sku_id" in " ".join(intake.orders.account.notes)
    assert set(intake.orders.table["sku_id"]) == {"Celengan", "Nampan / Tray"}
    study = study_shop(ID, intake)
    rates = study.rates[study.rates["basis"] == "created"]
    money = rates[rates["metric"].str.endswith("money_rate")]
    assert money[["rate", "low", "high", "numerator", "denominator"]].isna().all(axis=None)
    assert set(money["untold"]) == {"value"}
    assert not study.costs.value_known
    assert np.isnan(study.costs.value)
    assert study.costs.lines.set_index("line").loc["lost_sales", "amount"] != 0
    # Completed without a completion time: the status is what a return rate rests on.
    month = rates[rates["window"] == 30].set_index("metric")
    assert month.loc["return_rate", "denominator"] == pytest.approx(truth.completed)
    assert month.loc["return_rate", "numerator"] == pytest.approx(truth.returned)
    on_the_day = study.rates[(study.rates["basis"] == "event") & (study.rates["metric"] == "return_rate")]
    assert on_the_day["rate"].isna().all()
    assert set(on_the_day["untold"]) == {"undated"}


def test_the_native_layout_has_values_and_a_cancelled_line_is_worth_its_price(tmp_path: Path) -> None:
    rows, truth = shopee_month(NATIVE_49, seed=5)
    intake = load_mapped(write(tmp_path / "a.csv", NATIVE_49, rows), ID, "shopee-id")
    assert intake.orders.table["line_amount"].sum() == truth.value


def test_an_order_without_a_date_counts_in_the_totals_only(tmp_path: Path) -> None:
    rows, truth = shopee_month(MONTHLY_17, seed=11)
    place, status = MONTHLY_17.index("Waktu Pesanan Dibuat"), MONTHLY_17.index("Status Pesanan")
    gone = [row for row in rows if row[status] == "Batal"][:6]
    for row in gone:
        row[place] = "-"
    intake = load_mapped(write(tmp_path / "a.csv", MONTHLY_17, rows), ID, "shopee-id")
    account = intake.orders.account
    assert (account.used, account.refused, account.undated) == (truth.rows, 0, len(gone))
    assert intake.orders.table["order_id"].nunique() == truth.orders
    bias = account.bias
    assert (bias.lost, bias.lost_cancelled) == (6, 6)
    lines = [row[status] for row in rows]
    assert bias.share_all == pytest.approx(lines.count("Batal") / len(lines))
    assert bias.too_low_by == pytest.approx(bias.share_all - (lines.count("Batal") - 6) / (len(lines) - 6))
    items = attribute(intake.orders.table, None, ID).items
    assert items["order_created_at"].isna().sum() == 6


@pytest.mark.parametrize("empty", ["-", "--", "N/A", "NULL", "无", " – "])
def test_empty_is_many_things(empty: str, tmp_path: Path) -> None:
    rows, _ = shopee_month(NATIVE_49, seed=2, orders=30)
    changed = [[empty if cell == "-" else cell for cell in row] for row in rows]
    intake = load_mapped(write(tmp_path / "a.csv", NATIVE_49, changed), ID, "shopee-id")
    assert intake.orders.account.refused == 0
    assert intake.orders.table.loc[intake.orders.table["status"] == "cancelled", "delivered_at"].isna().all()


def test_what_empty_is_can_be_changed(tmp_path: Path) -> None:
    text = "empty: [leer]\norders:\n  columns: {order_id: No, quantity: Units, created_at: Day, status: State}\n"
    text += "  statuses: {gone: cancelled, '-': shipped}\n"
    (tmp_path / "house.yaml").write_text(text)
    mapping = read_mapping(tmp_path / "house.yaml")
    rows = [["1", "2", "2026-11-01", "-"], ["2", "1", "leer", "gone"]]
    intake = load_mapped(write(tmp_path / "a.csv", ["No", "Units", "Day", "State"], rows), US, mapping)
    assert list(intake.orders.table["status"]) == ["shipped", "cancelled"]
    assert intake.orders.account.undated == 1


@pytest.mark.parametrize(("amount", "text"), [(38300, "38.3"), (10000, "10.0"), (1234567, "1.234.567"), (599, "599")])
def test_the_generator_writes_money_as_the_export_does(amount: int, text: str) -> None:
    assert lost_zeros(amount) == text


# --- tables joined by key --------------------------------------------------------------------

ORDERS = ["order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
          "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date"]  # fmt: skip
ITEMS = ["order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"]


def two_tables(folder: Path) -> None:
    def order(name: str, status: str, carrier: str = "", customer: str = "") -> list[str]:
        return [name, PERSONAL, status, "2026-10-02 10:56:33", "2026-10-02 11:07:15", carrier, customer,
                "2026-10-20 00:00:00"]  # fmt: skip

    write(folder / "orders.csv", ORDERS, [
        order("a1", "delivered", "2026-10-04 19:55:00", "2026-10-10 21:25:13"),
        order("a2", "canceled"), order("a3", "canceled"), order("a4", "unavailable"),
        order("a5", "shipped", "2026-10-05"),
    ])  # fmt: skip
    write(folder / "items.csv", ITEMS, [
        ["a1", "1", "p1", "s", "2026-10-06 11:07:15", "29.99", "8.72"],
        ["a1", "2", "p2", "s", "2026-10-06 11:07:15", "10.01", "8.72"],
        ["a3", "1", "p1", "s", "2026-10-06 11:07:15", "29.99", "8.72"],
        ["a5", "1", "p3", "s", "2026-10-06 11:07:15", "5.00", "1.00"],
        ["zz", "1", "p3", "s", "2026-10-06 11:07:15", "5.00", "1.00"],
    ])  # fmt: skip
    write(folder / "payments.csv", ["order_id", "payment_type", "payment_value"], [["a1", "boleto", "40.00"]])


def test_without_any_time_of_payment_no_order_is_called_unpaid(tmp_path: Path) -> None:
    two_tables(tmp_path)
    path = tmp_path / "orders.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    at = rows[0].index("order_approved_at")
    write(path, [*rows[0][:at], *rows[0][at + 1 :]], [[*row[:at], *row[at + 1 :]] for row in rows[1:]])
    shop = make_shop({"id": "two", "market": "BR", "mapping": "orders-and-items", "refuse_limit": 0.2})
    intake = load_mapped(sorted(tmp_path.glob("*.csv")), shop, "orders-and-items")
    table = intake.orders.table
    sent = table[table["order_id"] != "a4"]
    assert (sent["paid_at"] == sent["created_at"]).all()
    stages = attribute(table, None, shop).items.set_index("order_id")["stage"]
    assert stages[["a2", "a3"]].eq("cancellation").all()


def test_two_tables_are_joined_and_an_order_without_items_counts(tmp_path: Path) -> None:
    two_tables(tmp_path)
    shop = make_shop({"id": "two", "market": "BR", "mapping": "orders-and-items", "refuse_limit": 0.2})
    intake = load_mapped(sorted(tmp_path.glob("*.csv")), shop, "orders-and-items")
    table, account = intake.orders.table, intake.orders.account
    assert table["order_id"].nunique() == 5
    assert len(table) == 6
    assert int(table["first_line"].sum()) == 5
    assert table.loc[table["status"] == "cancelled", "order_id"].nunique() == 2
    assert table["line_amount"].sum() == pytest.approx(29.99 + 10.01 + 29.99 + 5.0)
    alone = table.set_index("order_id").loc["a2"]
    assert pd.isna(alone["line_amount"])
    assert (alone["sku_id"], alone["quantity"]) == ("a2", 1)
    files = account.files.set_index("file")
    assert files.loc["orders.csv", ["rows", "used", "refused"]].to_list() == [5, 5, 0]
    assert files.loc["items.csv", ["rows", "used", "refused"]].to_list() == [5, 4, 1]
    assert account.refusals[["file", "row", "column"]].to_numpy().tolist() == [["items.csv", 6, "order_id"]]
    notes = " ".join(account.notes)
    assert "2 orders have none" in notes
    assert "payments.csv: fits no table" in notes
    # What is estimated has not happened.
    assert table["delivered_at"].dropna().dt.day.unique().tolist() == [10]
    frame = understood(tmp_path / "orders.csv", "orders-and-items", shop, sorted(tmp_path.glob("*.csv")))
    assert "order_estimated_delivery_date" in frame.loc[frame["state"] == "not read", "in_file"].to_list()


CANCELLATIONS = """
orders:
  columns: {order_id: order, sku_id: sku, quantity: units, line_amount: sum, created_at: day}
  default_status: completed
  joins:
    cancelled:
      key: [order_id, sku_id]
      means: cancelled
      columns: {order_id: order, sku_id: sku, quantity_affected: cancelled units, cancel_reason_text: reason,
                cancelled_at: cancelled on, cancelled_by: who}
  initiators: {shop: seller, customer: buyer}
"""


def test_a_table_of_cancellations_says_what_was_cancelled(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(CANCELLATIONS)
    write(tmp_path / "o.csv", ["order", "sku", "units", "sum", "day"], [
        ["1", "a", "2", "20", "2026-10-01"], ["1", "b", "1", "5", "2026-10-01"], ["2", "a", "3", "30", "2026-10-02"],
    ])  # fmt: skip
    write(tmp_path / "c.csv", ["order", "sku", "cancelled units", "reason", "cancelled on", "who"], [
        ["1", "a", "1", "Out of stock", "2026-10-03", "shop"], ["1", "a", "1", "Out of stock", "2026-10-04", "shop"],
        ["2", "a", "1", "No longer needed", "2026-10-03", "customer"],
    ])  # fmt: skip
    intake = load_mapped([tmp_path / "o.csv", tmp_path / "c.csv"], US, tmp_path / "house.yaml")
    lines = intake.orders.table.set_index(["order_id", "sku_id"])
    assert lines.loc[("1", "a"), ["status", "quantity_affected", "cancelled_by"]].to_list() == [
        "cancelled",
        2,
        "seller",
    ]
    assert lines.loc[("1", "b"), ["status", "quantity_affected"]].to_list() == ["completed", 0]
    assert lines.loc[("2", "a"), ["status", "after_sale", "quantity_affected"]].to_list() == ["completed", "cancel", 1]
    items = attribute(intake.orders.table, None, US).items.set_index(["order_id", "sku_id"])
    assert items.loc[("1", "a"), ["units", "reason", "initiator"]].to_list() == [2, "out_of_stock", "seller"]
    assert items.loc[("2", "a"), ["units", "reason", "initiator"]].to_list() == [1, "no_longer_needed", "buyer"]
    assert intake.orders.account.used == 6


def test_a_join_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(CANCELLATIONS.replace("key: [order_id, sku_id]", "key: [category]"))
    with pytest.raises(SettingsError, match=r"key .orders\.joins\.cancelled\.key."):
        read_mapping(tmp_path / "house.yaml")


# --- dates -----------------------------------------------------------------------------------


def moments(*days: str) -> list[str]:
    return [f"{day} {hour}:{minute:02d}" for day in days for hour in range(8, 20) for minute in range(0, 60, 7)]


def test_two_digit_years_where_a_day_past_twelve_settles_them() -> None:
    found = read_times(moments("12/1/10", "12/13/10"), ("ymd", "dmy", "mdy"), "Europe/London")
    assert not found.undecided
    assert found.values["12/1/10 8:00"] == pd.Timestamp("2010-12-01 08:00")
    assert found.basis.startswith("mdy")


def test_days_that_follow_one_another_settle_the_order() -> None:
    found = read_times(moments("12/1/10", "12/2/10"), ("ymd", "dmy", "mdy"), "Europe/London")
    assert found.values["12/2/10 8:00"] == pd.Timestamp("2010-12-02 08:00")
    assert "month apart" in found.basis
    other = read_times(moments("1/12/10", "2/12/10"), ("ymd", "dmy", "mdy"), "Europe/London")
    assert other.values["2/12/10 8:00"] == pd.Timestamp("2010-12-02 08:00")
    # Two single documents say nothing of how a shop trades.
    assert read_times(["12/1/10 8:00", "12/2/10 9:00"], ("dmy", "mdy"), "UTC").undecided


def test_dates_that_only_one_form_reads_give_the_range_of_the_others() -> None:
    sure = [f"2022-0{month}-{day:02d}" for month in (4, 5, 6) for day in range(13, 29)]
    doubtful = [f"0{month}-0{day}-22" for month in (4, 5, 6) for day in range(1, 10)]
    found = read_times([*sure, *doubtful], ("ymd", "dmy", "mdy"), "Asia/Kolkata")
    assert not found.undecided
    assert found.values["06-01-22"] == pd.Timestamp("2022-06-01")
    assert "as the others do" in found.basis


def test_a_column_that_is_no_date_ends_the_load_and_is_named(tmp_path: Path) -> None:
    header = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice"]
    rows = [[str(number), "A", "1", f"{number % 12 + 1}~1~10 8:26", "2.50"] for number in range(400)]
    with pytest.raises(UnreadableFileError, match=r"column 'InvoiceDate'") as caught:
        load_mapped(write(tmp_path / "i.csv", header, rows), GB, "invoices")
    assert "'dates' of the mapping" in str(caught.value)


def test_a_sales_report_without_skus_loads_and_the_category_is_no_price_list(tmp_path: Path) -> None:
    header = ["Order ID", "Date", "Status", "Qty", "Amount", "Category", "currency"]
    rows = [["1", "04-13-22", "Shipped", "1", "400", "Set", "INR"], ["2", "04-02-22", "Cancelled", "0", "", "Set", ""],
            ["3", "04-14-22", "Shipped", "2", "900", "kurta", "INR"]]  # fmt: skip
    intake = load_mapped(write(tmp_path / "s.csv", header, rows), IN, "sales-report")
    lines = intake.orders.table.set_index("order_id")
    assert intake.orders.account.refused == 0
    assert lines.loc["2", "sku_id"] == "Set"
    assert pd.isna(lines.loc["2", "line_amount"])
    assert lines.loc["2", "created_at"].date().isoformat() == "2022-04-02"
    assert "sku_id: 3 rows have none in the files; category stands in" in intake.orders.account.notes
