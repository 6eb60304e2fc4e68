"""Exports and API files of one shop: the newer statement wins, the accounts still add up, and what each file is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis import tables
from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import ShopSettings, make_shop, read_shops
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders import ApiIntake, ExportIntake, Intake, ShopIntake, combine, load_api, load_shop
from cancel_analysis.loaders.parsing.account import OUTCOMES, Account
from cancel_analysis.loaders.statements import with_codes
from cancel_analysis.study.one_shop import study_shop
from tests.frames import cancel_requests, order_lines, returns
from tests.loaders import api_objects as api
from tests.loaders.exports import back, cancelled, order, write_csv

EXPORT = "All order-2026-08-27-09_00.csv"
# The export's moment, in Los Angeles, as Unix seconds.
MOMENT = int(datetime(2026, 8, 27, 16, 0, tzinfo=UTC).timestamp())


def shop_of(folder: Path, **settings: Any) -> ShopSettings:
    return make_shop({"id": "s", "market": "US", "files": "*", **settings}, folder)


def spoken(number: int, update: int, sku: str = "1729380000000000001", **changes: Any) -> dict[str, Any]:
    """An order of the exports as the API tells it, last changed at `update`."""
    units = changes.pop("units", None) or [api.unit(1, sku_id=sku, seller_sku=None, currency="USD")]
    created = MOMENT - 14 * api.DAY
    whole = {
        "id": str(576000000000000000 + number),
        "create_time": created,
        "paid_time": created + 300,
        "rts_time": created + api.DAY,
        "collection_time": created + api.DAY + api.HOUR,
        "delivery_time": created + 4 * api.DAY,
        "payment": {"currency": "USD", "total_amount": "21.00"},
        "payment_method_name": None,
        "recipient_address": None,
        "update_time": update,
    }
    return api.order(number, units, **{**whole, **changes})


def asked(number: int, **changes: Any) -> dict[str, Any]:
    line = {**api.request_unit(1), "sku_id": "1729380000000000001"}
    whole = {
        "order_id": str(576000000000000000 + number),
        "cancel_status": "CANCELLATION_REQUEST_COMPLETE",
        "cancel_line_items": [line],
        "refund_amount": {"currency": "USD", "refund_total": "21.00"},
    }
    return api.cancellation(number, **{**whole, **changes})


def adds_up(account: Account) -> bool:
    files = account.files
    return account.rows == sum(getattr(account, outcome) for outcome in OUTCOMES) and all(
        int(files[name].sum()) == getattr(account, name) for name in ("rows", *OUTCOMES)
    )


def test_the_newer_statement_of_an_order_wins(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1, order_status="Shipped"), order(2, order_status="Shipped"), order(3)])
    later, earlier = spoken(1, MOMENT + 1), spoken(2, MOMENT - 1, status="AWAITING_COLLECTION")
    api.write_json(tmp_path / "orders.json", api.answer(orders=[later, earlier, spoken(4, MOMENT)]))
    intake = load_shop(shop_of(tmp_path))
    table = tables.check(intake.orders.table, tables.ORDER_LINES)
    lines = table.set_index(table["order_id"].str[-1])
    assert lines["source_file"].to_dict() == {"1": "orders.json", "2": EXPORT, "3": EXPORT, "4": "orders.json"}
    assert lines["status"].to_dict() == {"1": "completed", "2": "shipped", "3": "completed", "4": "completed"}
    assert table["first_line"].all()
    account = intake.orders.account
    assert adds_up(account)
    assert (account.rows, account.superseded, account.used) == (6, 2, len(table))
    assert account.files.set_index("file")["superseded"].to_dict() == {EXPORT: 1, "orders.json": 1}


def test_of_one_moment_the_api_is_taken(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1)])
    api.write_json(tmp_path / "orders.json", [spoken(1, MOMENT)])
    assert load_shop(shop_of(tmp_path)).orders.table["source_file"].tolist() == ["orders.json"]


def test_what_only_the_older_knows_is_kept(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1), order(2)])
    api.write_json(tmp_path / "orders.json", [spoken(1, MOMENT + 1), spoken(2, MOMENT - 1)])
    table = load_shop(shop_of(tmp_path)).orders.table
    lines = table.set_index(table["order_id"].str[-1])
    assert lines["category"].tolist() == ["Lamps", "Lamps"]
    assert lines["region"].tolist() == ["Ohio", "Ohio"]
    assert lines["product_id"].tolist() == ["173000000000000001", "173000000000000001"]
    assert lines["seller_sku"].tolist() == ["LAMP-1", "LAMP-1"]
    # What the newer does know stays its own.
    assert lines["product_name"].to_dict() == {"1": "Lamp 1", "2": "Table lamp"}
    assert lines["line_amount"].to_dict() == {"1": 45.25, "2": 18.5}


def test_part_of_an_order_takes_the_place_of_the_whole_line(tmp_path: Path) -> None:
    gone = {"display_status": "CANCELLED", "cancel_user": "SELLER", "cancel_reason": "Out of stock"}
    units = [
        api.unit(n, sku_id="1729380000000000001", currency="USD", **extra) for n, extra in enumerate(({}, {}, gone))
    ]
    write_csv(tmp_path / EXPORT, [order(1, quantity=3)])
    api.write_json(tmp_path / "orders.json", [spoken(1, MOMENT + 1, units=units)])
    table = load_shop(shop_of(tmp_path)).orders.table
    assert table[["quantity", "quantity_affected", "line_no", "first_line"]].to_numpy().tolist() == [
        [2, 0, 1, True],
        [1, 1, 2, False],
    ]


def test_samples_by_the_api_leave_the_exports_too(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1), order(2), order(3)])
    some = [spoken(1, MOMENT - 1, is_replacement_order=True), spoken(2, MOMENT + 1, is_sample_order=True)]
    api.write_json(tmp_path / "orders.json", some)
    intake = load_shop(shop_of(tmp_path)).orders
    assert intake.table["order_id"].str[-1].tolist() == ["3"]
    assert (intake.account.rows, intake.account.samples, intake.account.used) == (5, 4, 1)
    assert adds_up(intake.account)


def test_returns_of_both_kinds_of_file(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1), order(2)])
    write_csv(tmp_path / "Return order-2026-08-27-09_05.csv", [back(1), back(2, return_status="In Process")])
    line = [{**api.request_unit(1, refund="18.50"), "sku_id": "1729380000000000001"}]
    some = [
        api.returned(
            number,
            return_id=str(403000000000000000 + number),
            order_id=str(576000000000000000 + number),
            return_line_items=line,
            refund_amount={"currency": "USD", "refund_total": "18.50"},
            create_time=MOMENT - 7 * api.DAY,
            update_time=update,
        )
        for number, update in ((1, MOMENT - api.DAY), (2, MOMENT + api.DAY))
    ]
    api.write_json(tmp_path / "returns.json", api.answer(return_orders=some))
    intake = load_shop(shop_of(tmp_path))
    assert intake.returns is not None
    table = tables.check(intake.returns.table, tables.RETURNS)
    lines = table.set_index(table["order_id"].str[-1])
    assert lines["source_file"].to_dict() == {"1": "Return order-2026-08-27-09_05.csv", "2": "returns.json"}
    assert lines["status"].tolist() == ["completed", "completed"]
    # The export knows neither code nor freight; the API's older word of them still stands.
    assert lines["return_freight"].tolist() == [32.5, 32.5]
    assert lines["reason_code"].notna().all()
    assert adds_up(intake.returns.account)
    assert (intake.returns.account.superseded, intake.returns.account.used) == (2, 2)
    assert [account.kind for account in intake.accounts] == ["orders", "returns"]


def test_codes_of_cancellations_reach_the_orders_of_an_export(tmp_path: Path) -> None:
    rows = [
        cancelled(1),
        cancelled(2, cancel_by="Seller", cancel_reason="Out of stock"),
        cancelled(3, cancel_by=""),
        cancelled(4),
        order(5),
    ]
    write_csv(tmp_path / EXPORT, rows)
    code = "ecom_order_to_ship_canceled_reason_no_longer_needed"
    some = [
        asked(1),
        asked(2),
        asked(3, cancel_line_items=[], role="SYSTEM", cancel_reason="system_code"),
        asked(4, cancel_status="CANCELLATION_REQUEST_CANCEL"),
        asked(5),
    ]
    api.write_json(tmp_path / "cancellations.json", api.answer(cancellations=some))
    intake = load_shop(shop_of(tmp_path))
    table = intake.orders.table
    lines = table.set_index(table["order_id"].str[-1])
    assert lines["cancel_reason_code"].dropna().to_dict() == {"1": code, "3": "system_code"}
    assert lines["cancelled_by"].dropna().to_dict() == {"1": "buyer", "2": "seller", "3": "system", "4": "buyer"}
    assert intake.requests is not None
    assert intake.requests.table.set_index("order_id")["units"].tolist() == [1, 1, 1, 1, 1]
    items = attribute(table, None, shop_of(tmp_path)).items
    assert items.set_index(items["order_id"].str[-1])["basis"].to_dict()["1"] == "code"


def test_a_code_goes_to_the_line_it_is_about() -> None:
    one = "50000000000001"
    cut = {"order_id": one, "status": "completed", "after_sale": "cancel", "quantity_affected": 1}
    orders = order_lines(
        {**cut, "line_no": 1, "cancelled_by": "seller"},
        {**cut, "line_no": 2, "cancelled_by": "buyer", "first_line": False},
        {**cut, "sku_id": "S2", "cancelled_by": "operator", "first_line": False},
        {"order_id": one, "sku_id": "S3", "first_line": False},
    )
    done = {"order_id": one, "status": "completed", "needs_answer": False}
    requests = cancel_requests(
        {**done, "initiator": "buyer", "reason_code": "old", "updated_at": "2026-11-09 10:00:00"},
        {**done, "initiator": "buyer", "reason_code": "new", "updated_at": "2026-11-10 10:00:00"},
        {**done, "initiator": "seller", "reason_code": "stock", "updated_at": "2026-11-08 10:00:00"},
        {**done, "sku_id": "S2", "initiator": "system", "reason_code": "late", "updated_at": "2026-11-08 10:00:00"},
        {**done, "sku_id": "S3", "initiator": "system", "reason_code": "none", "updated_at": "2026-11-08 10:00:00"},
    )
    result = with_codes(orders, requests)
    assert result["cancel_reason_code"].fillna("").tolist() == ["stock", "new", "late", ""]
    # Half an order carries no time of its own; the request knows it.
    assert result["cancelled_at"].dt.day.tolist()[:3] == [8.0, 10.0, 8.0]
    assert tables.check(result, tables.ORDER_LINES) is result
    unrelated = cancel_requests({**done, "order_id": "6000000000000", "initiator": "buyer"})
    assert with_codes(orders, unrelated) is orders


def test_a_request_for_a_whole_order_has_its_units(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1, quantity=2), order(1, sku_id="1729380000000000002"), order(2)])
    some = [asked(1, cancel_line_items=[]), asked(9, cancel_line_items=[])]
    api.write_json(tmp_path / "c.json", api.answer(cancellations=some))
    intake = load_shop(shop_of(tmp_path))
    assert intake.requests is not None
    assert intake.requests.table["units"].tolist() == [3, 0]


def test_a_shop_of_api_files_only(tmp_path: Path) -> None:
    some = [spoken(number, MOMENT + number) for number in range(3)]
    api.write_lines(tmp_path / "orders.ndjson", *some)
    intake = load_shop(shop_of(tmp_path))
    assert len(intake.orders.table) == 3
    assert (intake.returns, intake.requests, intake.stock_log) == (None, None, None)
    found = study_shop(shop_of(tmp_path), intake, as_of=datetime(2026, 8, 20).date())
    assert len(found.orders) == 3


def test_every_kind_of_file_in_one_folder(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1)])
    write_csv(tmp_path / "returns.csv", [back(1)])
    (tmp_path / "log.csv").write_text("Time;SKU;Stock;Sent;Result\n2026-08-20 09:00:00;L-1;5;;\n")
    (tmp_path / "seen.csv").write_text("Time,SKU,Platform stock\n2026-08-20 09:00:00,L-1,6\n")
    (tmp_path / "t.csv").write_text("Waybill,Time,Event\n92,2026-08-20 09:00:00,Delivered\n")
    api.write_json(tmp_path / "c.json", api.answer(cancellations=[asked(1)]))
    (tmp_path / "truth.json").write_text('{"shop": "s"}')
    intake = load_shop(shop_of(tmp_path))
    kinds = ["orders", "returns", "requests", "stock_log", "stock_snapshots", "tracking"]
    assert [account.kind for account in intake.accounts] == kinds
    assert all(adds_up(account) and account.used == 1 for account in intake.accounts)


def test_a_stranger_in_the_folder_is_an_error(tmp_path: Path) -> None:
    write_csv(tmp_path / EXPORT, [order(1)])
    (tmp_path / "notes.json").write_text('{"hello": 1}')
    with pytest.raises(WrongFileError, match=r"notes\.json"):
        load_shop(shop_of(tmp_path))
    (tmp_path / "notes.json").unlink()
    (tmp_path / "visits.csv").write_text("Day,Visits\n2026-08-20,5\n")
    with pytest.raises(WrongFileError, match=r"visits\.csv"):
        load_shop(shop_of(tmp_path))


def test_truth_named_itself_is_read_and_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text('{"shop": "s"}')
    with pytest.raises(WrongFileError, match=r"truth\.json"):
        load_api(tmp_path / "truth.json", make_shop({"id": "s", "market": "US"}))


def test_without_any_order_there_is_no_shop(tmp_path: Path) -> None:
    api.write_json(tmp_path / "c.json", api.answer(cancellations=[asked(1)]))
    with pytest.raises(WrongFileError, match="the only file of shop 's' is no order export"):
        load_shop(shop_of(tmp_path))
    with pytest.raises(WrongFileError, match="no file holds orders"):
        combine(None, ApiIntake())


def account_of(table: pd.DataFrame, name: str, kind: str = "orders") -> Account:
    """An account in which every row of `table` is used."""
    counts = dict.fromkeys(OUTCOMES, 0) | {"used": len(table)}
    files = pd.DataFrame([{"file": name, "rows": len(table), **counts}])
    nothing = pd.DataFrame()
    return Account(kind=kind, rows=len(table), files=files, refusals=nothing, unknown_values=nothing, **counts)


STATEMENT = st.tuples(st.integers(1, 4), st.integers(1, 2), st.one_of(st.none(), st.integers(1, 5)))


@settings(max_examples=25)
@given(st.lists(STATEMENT, min_size=1, max_size=8), st.lists(STATEMENT, min_size=1, max_size=8))
def test_any_two_intakes_merge_into_one(own: list[tuple[int, int, Any]], other: list[tuple[int, int, Any]]) -> None:
    def intake(some: list[tuple[int, int, Any]], name: str) -> Intake:
        rows = [
            {
                "order_id": f"5000000000{order}",
                "sku_id": f"S{sku}",
                "updated_at": None if day is None else f"2026-11-0{day} 10:00:00",
                "source_file": name,
                "line_no": number,
            }
            for number, (order, sku, day) in enumerate(some)
        ]
        table = order_lines(*rows)
        return Intake(table, account_of(table, name))

    mine, theirs = intake(own, "a.csv"), intake(other, "b.json")
    whole = combine(ExportIntake(mine), ApiIntake(theirs)).orders
    assert adds_up(whole.account)
    assert whole.account.used == len(whole.table)
    keys = {(order, sku) for order, sku, _ in own + other}
    found = set(zip(whole.table["order_id"].str[-1].astype(int), whole.table["sku_id"].str[1].astype(int), strict=True))
    assert found == keys
    # No key has lines of both files, and the file that has them said it last.
    assert whole.table.groupby(["order_id", "sku_id"])["source_file"].nunique().eq(1).all()
    for number, sku in keys:
        days = [max((d or 0 for o, s, d in some if (o, s) == (number, sku)), default=-1) for some in (own, other)]
        lines = whole.table[(whole.table["order_id"].str[-1] == str(number)) & (whole.table["sku_id"] == f"S{sku}")]
        assert lines["source_file"].iloc[0] == ("a.csv" if days[0] > days[1] else "b.json")
    assert whole.table.loc[whole.table["first_line"], "order_id"].is_unique


def test_one_source_alone_stays_as_it_is() -> None:
    table = order_lines({}, {})
    intake = Intake(table, account_of(table, "a.csv"))
    back_ = Intake(returns({}), account_of(returns({}), "r.csv", "returns"))
    assert combine(ShopIntake(intake, back_)) == ShopIntake(intake, back_)
    assert combine(None, ApiIntake(intake)).orders is intake


def test_the_sample_loads_with_its_truth_beside_it(project: Path) -> None:
    for shop in read_shops(project / "data" / "sample"):
        assert all(path.name != "truth.json" for path in shop.files)
