"""Order exports: every trap of the format, one a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cancel_analysis import tables
from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.errors import AmbiguousDatesError, TooManyRefusedError, WrongFileError
from cancel_analysis.loaders import Account, Intake, load_orders
from tests.loaders.exports import ORDER_HEADER, PERSONAL, Row, cancelled, description, order, write_csv


def shop(market: str = "US", **settings: Any) -> ShopSettings:
    return make_shop({"id": "s", "market": market, "refuse_limit": 1.0, **settings})


def load(tmp_path: Path, *rows: Row, to: ShopSettings | None = None, **options: Any) -> Intake:
    return load_orders(write_csv(tmp_path / "a.csv", rows, **options), to or shop())


def only(intake: Intake) -> pd.Series:
    assert len(intake.table) == 1
    return intake.table.iloc[0]


def sums(account: Account) -> bool:
    parts = account.description + account.samples + account.superseded + account.refused + account.used
    return account.rows == parts and account.refused == len(account.refusals)


def test_one_line_whole(tmp_path: Path) -> None:
    line = only(load(tmp_path, order()))
    assert line.drop(["source_file", "updated_at"]).to_dict() == {
        "shop_id": "s",
        "order_id": "576000000000000001",
        "sku_id": "1729380000000000001",
        "line_no": 1,
        "first_line": True,
        "product_id": pytest.approx(np.nan, nan_ok=True),
        "seller_sku": "LAMP-1",
        "product_name": "Table lamp",
        "variation": "White",
        "category": "Lamps",
        "quantity": 1,
        "quantity_affected": 0,
        "unit_price": 20.0,
        "line_amount": 18.5,
        "order_amount": 21.0,
        "order_refund_amount": 0.0,
        "currency": "USD",
        "status": "completed",
        "substatus": "delivered",
        "after_sale": pytest.approx(np.nan, nan_ok=True),
        "created_at": pd.Timestamp("2026-08-13 09:00", tz="America/Los_Angeles"),
        "paid_at": pd.Timestamp("2026-08-13 09:05", tz="America/Los_Angeles"),
        "rts_at": pd.Timestamp("2026-08-14 10:00", tz="America/Los_Angeles"),
        "shipped_at": pd.Timestamp("2026-08-14 18:00", tz="America/Los_Angeles"),
        "delivered_at": pd.Timestamp("2026-08-17 12:00", tz="America/Los_Angeles"),
        "cancelled_at": pd.NaT,
        "cancelled_by": pytest.approx(np.nan, nan_ok=True),
        "cancel_reason_code": pytest.approx(np.nan, nan_ok=True),
        "cancel_reason_text": pytest.approx(np.nan, nan_ok=True),
        "payment_method": "Credit card",
        "is_cod": False,
        "fulfillment_type": "Fulfillment by seller",
        "warehouse": "Main",
        "package_id": "1150000000000000001",
        "tracking_id": "920000000000001",
        "carrier": "USPS",
        "region": "Ohio",
        "source_row": 2,
    }


def test_a_cancelled_line(tmp_path: Path) -> None:
    line = only(load(tmp_path, cancelled()))
    assert (line.status, line.substatus, line.after_sale) == ("cancelled", "cancelled", "cancel")
    assert (line.cancelled_by, line.cancel_reason_text) == ("buyer", "No longer needed")
    assert line.quantity_affected == 1
    assert pd.isna(line.shipped_at)
    assert line.cancelled_at == pd.Timestamp("2026-08-13 20:00", tz="America/Los_Angeles")


def test_the_table_is_canonical_and_without_buyers(tmp_path: Path) -> None:
    intake = load(tmp_path, description(), order(1), cancelled(2), {**order(3), "Order ID": f"{PERSONAL} 9"})
    tables.check(intake.table, tables.ORDER_LINES)
    assert list(intake.table.columns) == tables.ORDER_LINES.names
    text = intake.table.to_csv() + intake.account.files.to_csv() + intake.account.unknown_values.to_csv()
    assert PERSONAL not in text
    assert {name for name in tables.ORDER_LINES.names if "buyer" in name or "address" in name} == set()


def test_columns_go_by_name(tmp_path: Path) -> None:
    header = ["Something New", *reversed(ORDER_HEADER)]
    mixed = [name.upper().replace(" ", "  ") + " " for name in header]
    rows = [dict(zip(mixed, [order(1).get(name, "?") for name in header], strict=True))]
    plain = load(tmp_path, order(1)).table
    pd.testing.assert_frame_equal(load(tmp_path, *rows, header=mixed, tabs=False).table, plain)


@pytest.mark.parametrize(
    ("column", "spelling"),
    [
        ("Cancelation/Return Type", "Cancellation/Return Type"),
        ("Cancelation/Return Type", "Cancel/Return Type"),
        ("Cancelled Time", "Canceled Time"),
        ("State", "Province"),
    ],
)
def test_known_spellings(tmp_path: Path, column: str, spelling: str) -> None:
    row = cancelled(1)
    row[spelling] = row.pop(column)
    header = [spelling if name == column else name for name in ORDER_HEADER]
    line = only(load(tmp_path, row, header=header))
    assert (line.after_sale, line.region) == ("cancel", "Ohio")
    assert line.cancelled_at.hour == 20


def test_a_file_without_a_column_that_decides_is_refused(tmp_path: Path) -> None:
    header = [name for name in ORDER_HEADER if name not in ("Shipped Time", "Payment Method")]
    with pytest.raises(WrongFileError, match=r"no column 'Shipped Time', 'Payment Method'.*taken out"):
        load(tmp_path, order(), header=header)


def test_a_column_that_only_describes_may_be_missing(tmp_path: Path) -> None:
    header = [name for name in ORDER_HEADER if name not in ("Product Category", "Warehouse Name")]
    intake = load(tmp_path, order(), header=header)
    assert pd.isna(only(intake).category)
    assert intake.account.notes == ("a.csv: has no column Product Category, Warehouse Name",)


class TestDescription:
    @pytest.mark.parametrize("text", ["Platform unique", "หมายเลขคำสั่งซื้อ", "平台唯一订单号", "Mã đơn hàng"])
    def test_in_any_language_right_below_the_header(self, tmp_path: Path, text: str) -> None:
        intake = load(tmp_path, description(text=text), order(1))
        assert (intake.account.rows, intake.account.description, intake.account.used) == (2, 1, 1)
        assert intake.table["source_row"].tolist() == [3]

    def test_missing(self, tmp_path: Path) -> None:
        assert load(tmp_path, order(1), order(2)).account.description == 0

    def test_anywhere_else_it_is_refused(self, tmp_path: Path) -> None:
        account = load(tmp_path, order(1), description(), order(2)).account
        assert (account.description, account.refused, account.used) == (0, 1, 2)
        assert account.refusals.loc[0, "row"] == 3

    def test_a_damaged_first_row_is_no_description(self, tmp_path: Path) -> None:
        for value in ("5.77E+17", "12345", "", "Order ID"):
            account = load(tmp_path, order(1, order_id=value), order(2)).account
            assert (account.description, account.refused) == (0, 1), value
        account = load(tmp_path, {**order(1), "Order ID": "ABC"}, order(2)).account
        assert (account.description, account.refused) == (0, 1)


class TestIds:
    def test_lost_digits(self, tmp_path: Path) -> None:
        rows = [order(1, order_id="5.77E+17"), order(2, sku_id="1,73E+18"), order(3)]
        account = load(tmp_path, *rows).account
        assert account.refusals[["row", "column", "value"]].values.tolist() == [[2, "Order ID", "5.77E+17"]]
        lost = next(note for note in account.notes if "'SKU ID'" in note)
        assert "1 cells cannot be used (what is in them a spreadsheet has replaced" in lost
        assert "row 3" in lost
        assert account.refusals["reason"].str.contains("replaced the digits").all()
        assert account.refusals["remedy"].str.contains("without opening it in a spreadsheet").all()

    def test_rounded_digits(self, tmp_path: Path) -> None:
        rows = [order(n, order_id=f"57600000000{n:04d}000") for n in range(1, 6)]
        account = load(tmp_path, *rows, order(7)).account
        assert (account.refused, account.used) == (5, 1)
        assert account.refusals["reason"].str.contains("rounded").all()

    def test_zeros_at_the_end_happen(self, tmp_path: Path) -> None:
        rows = [order(n) for n in range(1, 30)]
        assert load(tmp_path, *rows, order(order_id="576000000000007000")).account.refused == 0

    def test_a_second_header(self, tmp_path: Path) -> None:
        account = load(tmp_path, order(1), dict(zip(ORDER_HEADER, ORDER_HEADER, strict=True)), order(2)).account
        assert account.refused == 1
        assert "pasted together" in account.refusals.loc[0, "reason"]

    def test_no_sku(self, tmp_path: Path) -> None:
        intake = load(tmp_path, order(1), order(2, sku_id=""), order(3, sku_id="", seller_sku=""), order(4, sku_id="x"))
        assert intake.account.refused == 0
        assert any("'SKU ID': 1 cells" in note and "is no whole number" in note for note in intake.account.notes)
        # The nearest thing that tells articles apart stands in, and the account says so.
        assert intake.table["sku_id"].tolist() == ["1729380000000000001", "LAMP-1", "Table lamp", "LAMP-1"]
        assert any("3 rows have no SKU ID" in note for note in intake.account.notes)

    def test_digits_stay_text(self, tmp_path: Path) -> None:
        assert only(load(tmp_path, order(order_id="0057600000000000123"))).order_id == "0057600000000000123"


class TestSamples:
    def test_nothing_to_pay_and_no_way_of_paying(self, tmp_path: Path) -> None:
        account = load(tmp_path, order(1, order_amount="0.00", payment_method=""), order(2)).account
        assert (account.samples, account.used) == (1, 1)

    def test_unpaid_and_cancelled_orders_are_none(self, tmp_path: Path) -> None:
        account = load(tmp_path, cancelled(1, payment_method="", paid_time=""), order(2, order_amount="0")).account
        assert (account.samples, account.used) == (0, 2)

    @pytest.mark.parametrize(("market", "zero"), [("ID", "Rp0"), ("BR", "R$ 0,00"), ("MY", "MYR 0.00")])
    def test_zero_in_every_form(self, tmp_path: Path, market: str, zero: str) -> None:
        row = order(1, order_amount=zero, payment_method="", sku_unit_original_price="0")
        assert load(tmp_path, row | {"SKU Subtotal After Discount": "0"}, to=shop(market)).account.samples == 1


class TestDates:
    def forms(self, form: str) -> list[Row]:
        rows = [order(1), cancelled(2)]
        for row in rows:
            for name in row:
                if name.endswith(" Time") and row[name]:
                    row[name] = pd.to_datetime(row[name], format="%d/%m/%Y %H:%M:%S").strftime(form)
        return rows

    @pytest.mark.parametrize(
        ("form", "order_name"),
        [
            ("%d/%m/%Y %H:%M:%S", "dmy"),
            ("%m/%d/%Y %I:%M:%S %p", "mdy"),
            ("%d/%m/%Y %H:%M", "dmy"),
            ("%-m/%-d/%Y %-I:%M %p", "mdy"),
            ("%-d/%-m/%Y %-H:%M", "dmy"),
            ("%d-%m-%Y %H:%M:%S", "dmy"),
            ("%d.%m.%Y %H:%M", "dmy"),
            ("%Y-%m-%d %H:%M:%S", "ymd"),
            ("%Y/%m/%d %H:%M:%S", "ymd"),
            ("%Y-%m-%dT%H:%M:%S", "ymd"),
        ],
    )
    @pytest.mark.parametrize("tabs", [True, False])
    def test_every_form(self, tmp_path: Path, form: str, order_name: str, tabs: bool) -> None:
        times = [column.name for column in tables.ORDER_LINES.columns if column.kind == "time"]
        plain = load(tmp_path, order(1), cancelled(2)).table
        intake = load(tmp_path, *self.forms(form), tabs=tabs)
        pd.testing.assert_frame_equal(intake.table[times], plain[times])
        assert intake.account.files.loc[0, "date_order"] == order_name
        assert intake.account.files.loc[0, "date_order_basis"]

    def test_a_row_that_does_not_fit_is_refused(self, tmp_path: Path) -> None:
        rows = [order(n) for n in range(1, 21)]
        account = load(tmp_path, *rows, order(21, paid_time="08/13/2026 09:00:00")).account
        assert account.files.loc[0, "date_order"] == "dmy"
        assert account.refused == 0
        assert any("'Paid Time': 1 cells" in note and "row 22" in note for note in account.notes)
        assert any("day/month/year" in note for note in account.notes)

    @pytest.mark.parametrize("value", ["31/09/2026 10:00:00", "13/08/26 09:00:00", "yesterday", "46235.375"])
    def test_what_is_no_date(self, tmp_path: Path, value: str) -> None:
        account = load(tmp_path, order(1), order(2, created_time=value)).account
        assert account.refusals[["row", "column"]].values.tolist() == [[3, "Created Time"]]

    def test_an_order_must_have_been_created(self, tmp_path: Path) -> None:
        account = load(tmp_path, order(1), order(2, created_time="")).account
        assert account.refusals[["column", "reason"]].values.tolist() == [["Created Time", "is empty"]]

    def open_rows(self) -> list[Row]:
        times = {"created_time": "05/06/2026 09:00:00", "paid_time": "05/06/2026 10:00:00"}
        none = dict.fromkeys(("rts_time", "shipped_time", "delivered_time"), "")
        return [order(n, **times, **none) for n in range(1, 4)]

    def test_nothing_settles_so_it_is_asked_for(self, tmp_path: Path) -> None:
        with pytest.raises(AmbiguousDatesError, match=r"a\.csv.*\n.*date_order: dmy.*date_order='dmy'"):
            load(tmp_path, *self.open_rows())

    @pytest.mark.parametrize(("setting", "month"), [("dmy", 6), ("mdy", 5)])
    def test_the_setting_answers(self, tmp_path: Path, setting: str, month: int) -> None:
        intake = load(tmp_path, *self.open_rows(), to=shop(date_order=setting))
        assert set(intake.table["created_at"].dt.month) == {month}
        assert intake.account.files.loc[0, "date_order_basis"] == "date_order in shops.yaml"

    def test_events_settle(self, tmp_path: Path) -> None:
        # As months 5 June would come after 3 July: paid before created.
        rows = [*self.open_rows(), order(9, created_time="11/06/2026 09:00:00", paid_time="03/07/2026 09:00:00",
                                         rts_time="", shipped_time="", delivered_time="")]  # fmt: skip
        intake = load(tmp_path, *rows)
        assert set(intake.table["created_at"].dt.month) == {6}
        assert "backwards" in intake.account.files.loc[0, "date_order_basis"]

    def test_the_wall_clock_of_the_shop(self, tmp_path: Path) -> None:
        intake = load(tmp_path, order(1), to=shop("TH"))
        assert str(intake.table["created_at"].dtype.tz) == "Asia/Bangkok"  # type: ignore[union-attr]
        assert only(intake).created_at.hour == 9

    def test_the_hour_that_the_clock_skips_and_the_one_it_repeats(self, tmp_path: Path) -> None:
        rows = [order(1, created_time="08/03/2026 02:30:00"), order(2, created_time="01/11/2026 01:30:00"), order(3)]
        for row in rows[:2]:
            row.update(dict.fromkeys(("Paid Time", "RTS Time", "Shipped Time", "Delivered Time"), ""))
        created = load(tmp_path, *rows).table["created_at"]
        assert created.dt.strftime("%H:%M %z").tolist()[:2] == ["03:00 -0700", "01:30 -0800"]


class TestNumbers:
    @pytest.mark.parametrize("value", ["two", "1.5", "-1", "1e3", ""])
    def test_quantities_that_are_none(self, tmp_path: Path, value: str) -> None:
        account = load(tmp_path, order(1), order(2, quantity=value)).account
        assert account.refusals["column"].tolist() == ["Quantity"]

    @pytest.mark.parametrize("value", ["3", "3.0", " 3 ", "3\t"])
    def test_quantities(self, tmp_path: Path, value: str) -> None:
        assert only(load(tmp_path, order(quantity=value))).quantity == 3

    @pytest.mark.parametrize(
        ("market", "texts", "amounts"),
        [
            ("BR", ["R$ 62,90", "234.9", "BRL 35,91"], [62.9, 234.9, 35.91]),
            ("ID", ["Rp38.824", "Rp1.234.567", "599"], [38824, 1234567, 599]),
            ("VN", ["₫250.000", "250000", "1.250.000₫"], [250000, 250000, 1250000]),
            ("MY", ["MYR 0.00", "RM1,234.50", "12.3"], [0, 1234.5, 12.3]),
            ("TH", ["฿1,290.00", "1290", "THB 12.5"], [1290, 1290, 12.5]),
        ],
    )
    def test_forms_of_money_mixed_in_one_file(
        self, tmp_path: Path, market: str, texts: list[str], amounts: list[float]
    ) -> None:
        rows = [
            order(n, sku_subtotal_after_discount=text, order_amount=text, sku_unit_original_price=text)
            for n, text in enumerate(texts, start=1)
        ]
        table = load(tmp_path, *rows, to=shop(market)).table
        for name in ("line_amount", "order_amount", "unit_price"):
            assert table[name].tolist() == amounts

    def test_another_currency(self, tmp_path: Path) -> None:
        account = load(tmp_path, order(1), order(2, order_amount="EUR 12.00")).account
        assert account.refused == 0
        assert any("'Order Amount': 1 cells" in note and "EUR" in note and "row 3" in note for note in account.notes)

    def test_a_line_without_its_worth_is_used_and_the_worth_is_not_known(self, tmp_path: Path) -> None:
        intake = load(tmp_path, order(1), order(2, sku_subtotal_after_discount=""), order(3, order_amount="-"))
        assert intake.account.refused == 0
        assert intake.table["line_amount"].isna().tolist() == [False, True, False]

    def test_a_dash_is_nothing(self, tmp_path: Path) -> None:
        dashes = {"delivered_time": "-", "shipped_time": "N/A", "order_substatus": "--", "cancel_reason": "无"}
        intake = load(tmp_path, order(1), order(2, **dashes))
        assert intake.account.refused == 0
        assert intake.account.unknown_values.empty
        assert intake.table.loc[1, ["delivered_at", "shipped_at", "substatus", "cancel_reason_text"]].isna().all()

    def test_refusals_are_counted_by_status(self, tmp_path: Path) -> None:
        rows = [order(1), order(2), cancelled(3), cancelled(4, created_time="soon")]
        account = load(tmp_path, *rows).account
        told = account.by_status.set_index("status")
        assert told.loc["cancelled", ["rows", "refused"]].tolist() == [2, 1]
        assert told.loc["completed", ["rows", "refused"]].tolist() == [2, 0]
        assert (account.bias.lost, account.bias.lost_cancelled) == (1, 1)
        assert account.bias.too_low_by == pytest.approx(2 / 4 - 1 / 3)


class TestUnknownValues:
    def test_times_decide_an_unknown_status(self, tmp_path: Path) -> None:
        none = dict.fromkeys(("rts_time", "shipped_time", "delivered_time"), "")
        rows = [
            order(1, order_status="Verlopen", cancelled_time="15/08/2026 10:00:00"),
            order(2, order_status="Verlopen"),
            order(3, order_status="Verlopen", delivered_time=""),
            order(4, order_status="Verlopen", **none),
            order(5, order_status="Verlopen", **none, paid_time=""),
            order(6, order_status="", **none),
        ]
        intake = load(tmp_path, *rows)
        assert intake.table["status"].tolist() == ["cancelled", "completed", "shipped", "to_ship", "unknown", "to_ship"]
        found = intake.account.unknown_values.sort_values("taken_as")
        assert found["taken_as"].tolist() == ["cancelled", "completed", "shipped", "to_ship", "unknown"]
        assert set(found["column"]) == {"Order Status"}
        assert set(found["value"]) == {"Verlopen"}
        assert found["count"].sum() == 5

    def test_the_others_are_reported_and_not_guessed(self, tmp_path: Path) -> None:
        odd = {"cancel_by": "Robot", "order_substatus": "Weg", "cancelation_return_type": "Exchange"}
        intake = load(tmp_path, *(cancelled(number, **odd) for number in (1, 2, 3)))
        line = intake.table.iloc[0]
        assert (line.cancelled_by, line.substatus) == ("unknown", "unknown")
        assert pd.isna(line.after_sale)
        assert intake.account.unknown_values.set_index("column")["taken_as"].to_dict() == {
            "Cancel By": "unknown",
            "Order Substatus": "unknown",
            "Cancelation/Return Type": "nothing",
        }

    @pytest.mark.parametrize(
        ("status", "substatus", "expected"),
        [
            ("ที่จะจัดส่ง", "รอเข้ารับ", ("to_ship", "awaiting_collection")),
            ("Dibatalkan", "Dibatalkan", ("cancelled", "cancelled")),
            ("Đã vận chuyển", "Đã giao", ("shipped", "delivered")),
            ("待发货", "待揽收", ("to_ship", "awaiting_collection")),
        ],
    )
    def test_interface_languages(self, tmp_path: Path, status: str, substatus: str, expected: tuple[str, str]) -> None:
        intake = load(tmp_path, order(order_status=status, order_substatus=substatus))
        line = only(intake)
        assert (line.status, line.substatus) == expected
        assert intake.account.unknown_values.empty

    def test_cash_on_delivery(self, tmp_path: Path) -> None:
        rows = [order(1, payment_method="เก็บเงินปลายทาง"), order(2, payment_method=""), order(3)]
        assert load(tmp_path, *rows).table["is_cod"].tolist() == [True, False, False]


class TestLines:
    def test_orders_can_be_summed_by_their_first_line(self, tmp_path: Path) -> None:
        rows = [order(1), order(1, sku_id="1729380000000000002"), order(2), order(1, sku_id="1729380000000000003")]
        table = load(tmp_path, *rows).table
        assert table["first_line"].tolist() == [True, False, True, False]
        assert table.loc[table["first_line"], "order_amount"].sum() == 42.0

    def test_equal_lines_are_genuine(self, tmp_path: Path) -> None:
        table = load(tmp_path, order(1), order(1), order(2), order(1)).table
        assert table["line_no"].tolist() == [1, 2, 1, 3]

    def test_the_first_line_is_one_that_is_used(self, tmp_path: Path) -> None:
        table = load(tmp_path, order(1, quantity="x"), order(1), order(1)).table
        assert table["first_line"].tolist() == [True, False]


class TestAccount:
    def test_it_adds_up(self, tmp_path: Path) -> None:
        rows = [description(), order(1), cancelled(2), order(3, order_amount="0", payment_method=""),
                order(4, order_id="5.77E+17"), order(5, quantity="x")]  # fmt: skip
        account = load(tmp_path, *rows).account
        assert sums(account)
        assert account.frame().set_index("cause")["rows"].to_dict() == {
            "rows read": 6,
            "description of the columns": 1,
            "free samples": 1,
            "counted in another row: in a newer file, or the same row again": 0,
            "refused": 2,
            "used": 2,
        }
        assert account.files.loc[0, ["rows", "refused", "used"]].tolist() == [6, 2, 2]
        assert account.files.loc[0, "newest"] == pd.Timestamp("2026-08-17 12:00:00")

    def test_a_row_is_refused_once(self, tmp_path: Path) -> None:
        account = load(tmp_path, order(1), order(2, quantity="x", order_amount="y", created_time="z")).account
        assert (account.refused, len(account.refusals)) == (1, 1)

    def test_too_many(self, tmp_path: Path) -> None:
        rows = [order(n) for n in range(1, 99)] + [order(99, quantity="x"), order(100, order_id="5.77E+17")]
        with pytest.raises(TooManyRefusedError) as caught:
            load(tmp_path, *rows, to=shop(refuse_limit=0.01))
        message = str(caught.value)
        assert "2 of 100 orders rows had to be refused (2.0%; the limit is 1.0%)" in message
        assert "1 × is no whole number (first: a.csv, row 100, column 'Quantity', value '•')" in message
        assert "refuse_limit" in message
        assert load(tmp_path, *rows, to=shop(refuse_limit=0.02)).account.used == 98

    def test_the_wrong_market_is_asked_about(self, tmp_path: Path) -> None:
        amounts = {
            name: "MYR 12.00"
            for name in ORDER_HEADER
            if "Amount" in name or (name.startswith("SKU ") and "ID" not in name)
        }
        rows = [order(n) | amounts for n in range(1, 10)] + [order(10)]
        for to, refused in ((shop(refuse_limit=0.01), True), (shop(refuse_limit=0.95), False)):
            if not refused:
                assert load(tmp_path, *rows, to=to).account.used == 10
                continue
            with pytest.raises(TooManyRefusedError) as caught:
                load(tmp_path, *rows, to=to)
            assert "amounts are in MYR, but market US means USD: is the market right?" in str(caught.value)
            assert "refuse_limit" not in str(caught.value)

    def test_a_file_that_is_lost_for_the_most_part_is_not_to_be_gone_on_with(self, tmp_path: Path) -> None:
        with pytest.raises(TooManyRefusedError) as caught:
            load(tmp_path, *[order(n, order_id="5.77E+17") for n in range(1, 4)], order(4), to=shop(refuse_limit=0.01))
        assert "refuse_limit" not in str(caught.value)
        assert "without opening it in a spreadsheet" in str(caught.value)

    def test_the_header_alone_is_no_fault(self, tmp_path: Path) -> None:
        intake = load(tmp_path, header=ORDER_HEADER)
        assert (intake.account.rows, len(intake.table)) == (0, 0)
        tables.check(intake.table, tables.ORDER_LINES)
        assert intake.account.notes == ("a.csv: no orders in it are used",)

    def test_the_description_alone(self, tmp_path: Path) -> None:
        account = load(tmp_path, description()).account
        assert (account.rows, account.description) == (1, 1)
