"""Return exports: both widths, statuses that are no returns, mixed money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cancel_analysis import tables
from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders import Intake, load_orders, load_returns
from tests.loaders.exports import PERSONAL, RETURN_HEADER, Row, back, description, order, write_csv, write_xlsx

NEWER = (
    "Return Quantity",
    "Return Sub Status",
    "Refund Time",
    "Compensation Status",
    "Compensation Amount",
    "Appeal Status",
)


def shop(market: str = "US", **settings: Any) -> ShopSettings:
    return make_shop({"id": "s", "market": market, "refuse_limit": 1.0, **settings})


def load(tmp_path: Path, *rows: Row, to: ShopSettings | None = None, **options: Any) -> Intake:
    return load_returns(
        write_csv(tmp_path / "r.csv", rows, options.pop("header", RETURN_HEADER), **options), to or shop()
    )


def test_one_request_whole(tmp_path: Path) -> None:
    intake = load(tmp_path, back())
    tables.check(intake.table, tables.RETURNS)
    line = intake.table.iloc[0]
    assert line[["return_id", "order_id", "sku_id"]].tolist() == [
        "403000000000000001",
        "576000000000000001",
        "1729380000000000001",
    ]
    assert (line.return_type, line.status, line.quantity) == ("return_and_refund", "completed", 1)
    assert (line.refund_amount, line.currency, line.reason_text) == (18.5, "USD", "Item defective")
    assert line.requested_at == pd.Timestamp("2026-08-20 09:00", tz="America/Los_Angeles")
    assert line.refunded_at == pd.Timestamp("2026-08-25 09:00", tz="America/Los_Angeles")
    assert line[["initiator", "reason_code"]].isna().all()
    assert line.source_row == 2
    assert PERSONAL not in intake.table.to_csv()


def test_the_older_export_of_nineteen_columns(tmp_path: Path) -> None:
    header = [name for name in RETURN_HEADER if name not in NEWER]
    assert len(header) == 19
    line = load(tmp_path, back(), header=header).table.iloc[0]
    assert line[["quantity", "refunded_at", "compensation_amount"]].isna().all()
    assert line.status == "completed"


def test_the_last_columns_in_another_order(tmp_path: Path) -> None:
    plain = load(tmp_path, back()).table
    pd.testing.assert_frame_equal(load(tmp_path, back(), header=RETURN_HEADER[::-1]).table, plain)


@pytest.mark.parametrize(
    ("status", "substatus", "expected"),
    [
        ("Completed", "", "completed"),
        ("In Process", "", "in_process"),
        ("To Process", "", "pending"),
        ("Refund rejected", "", "rejected"),
        ("Canceled", "", "withdrawn"),
        ("Cancelled", "", "withdrawn"),
        ("Completed", "Cancelled", "withdrawn"),
        ("In Process", "Return request canceled", "withdrawn"),
        ("Completed", "Refunded", "completed"),
    ],
)
def test_statuses(tmp_path: Path, status: str, substatus: str, expected: str) -> None:
    row = back(return_status=status, return_sub_status=substatus)
    assert load(tmp_path, row).table["status"].tolist() == [expected]


def test_unknown_values_are_reported(tmp_path: Path) -> None:
    rows = [back(number, return_status="Neu", return_type="Umtauschwunsch") for number in (1, 3, 4)]
    intake = load(tmp_path, *rows, back(2, return_status="Neu", refund_time=""))
    assert intake.table["status"].tolist() == ["completed"] * 3 + ["unknown"]
    assert intake.table["return_type"].tolist() == ["unknown"] * 3 + ["return_and_refund"]
    found = intake.account.unknown_values.set_index(["column", "taken_as"])["value"].to_dict()
    assert found == {
        ("Return Status", "completed"): "Neu",
        ("Return Status", "unknown"): "Neu",
        ("Return Type", "unknown"): "Umtauschwunsch",
    }


def test_money_of_two_forms_in_one_file(tmp_path: Path) -> None:
    rows = [back(1, return_unit_price="234.9"), back(2, return_unit_price="R$ 62,90"), back(3, return_unit_price="")]
    amounts = load(tmp_path, *rows, to=shop("BR")).table["refund_amount"]
    assert amounts.tolist()[:2] == [234.9, 62.9]
    assert pd.isna(amounts[2])


def test_the_malformed_workbook(tmp_path: Path) -> None:
    plain = load(tmp_path, back(1), back(2)).table
    other = load_returns(write_xlsx(tmp_path / "r.xlsx", [back(1), back(2)], form="scattered"), shop()).table
    pd.testing.assert_frame_equal(other.drop(columns="source_file"), plain.drop(columns="source_file"))


def test_a_description_row_would_be_one_here_too(tmp_path: Path) -> None:
    account = load(tmp_path, description(RETURN_HEADER), back(1)).account
    assert (account.description, account.used) == (1, 1)


@pytest.mark.parametrize("column", ["return_order_id", "order_id", "sku_id"])
def test_lost_digits(tmp_path: Path, column: str) -> None:
    account = load(tmp_path, back(1), back(2, **{column: "4.03E+17"})).account
    assert account.refused == 1
    assert "replaced the digits" in account.refusals.loc[0, "reason"]


def test_equal_rows_of_one_request_stay(tmp_path: Path) -> None:
    assert len(load(tmp_path, back(1), back(1)).table) == 2


def test_the_newer_file_knows_better(tmp_path: Path) -> None:
    old = write_csv(tmp_path / "Return order-2026-08-21-09_00.csv", [back(1, return_status="To Process"), back(2)])
    new = write_csv(tmp_path / "Return order-2026-09-01-09_00.csv", [back(1), back(3)])
    for paths in ([old, new], [new, old]):
        intake = load_returns(paths, shop())
        assert intake.account.superseded == 1
        assert intake.table.set_index("return_id")["status"].to_dict() == dict.fromkeys(
            ("403000000000000001", "403000000000000002", "403000000000000003"), "completed"
        )


def test_the_two_exports_are_told_apart(tmp_path: Path) -> None:
    orders = write_csv(tmp_path / "o.csv", [order()])
    returns = write_csv(tmp_path / "r.csv", [back()])
    with pytest.raises(WrongFileError, match="looks like a TikTok Shop return and refund export"):
        load_orders(returns, shop())
    with pytest.raises(WrongFileError, match="looks like a TikTok Shop order export"):
        load_returns(orders, shop())
