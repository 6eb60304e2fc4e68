"""Saved API responses: every fact of them that the loader rests on, and what it does with damaged ones."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis import tables
from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.errors import TooManyRefusedError, UnreadableFileError, WrongFileError
from cancel_analysis.loaders import ApiIntake, load_api
from cancel_analysis.loaders.parsing.account import OUTCOMES, Account
from cancel_analysis.loaders.parsing.refusals import shown_value
from tests.loaders.api_objects import (
    BUYER,
    DAY,
    HOUR,
    START,
    answer,
    cancellation,
    cancelled,
    local,
    order,
    request_unit,
    returned,
    unit,
    write_json,
    write_lines,
)

SHOP = make_shop({"id": "s", "market": "TH", "refuse_limit": 1.0})


def load(tmp_path: Path, *values: Any, shop: ShopSettings = SHOP) -> ApiIntake:
    return load_api(write_lines(tmp_path / "api.jsonl", *values), shop)


def orders(tmp_path: Path, *values: Any) -> pd.DataFrame:
    intake = load(tmp_path, *values)
    assert intake.orders is not None
    return intake.orders.table


def adds_up(account: Account) -> bool:
    whole = account.rows == sum(getattr(account, outcome) for outcome in OUTCOMES)
    files = account.files
    by_file = (files["rows"] == files[list(OUTCOMES)].sum(axis=1)).all()
    return bool(whole and by_file and account.refused == len(account.refusals))


def test_an_order_whole(tmp_path: Path) -> None:
    line = orders(tmp_path, order(1)).iloc[0]
    created = START + 60
    clock = {name: value.tz_localize(None) for name, value in line.items() if isinstance(value, pd.Timestamp)}
    assert clock == {
        "created_at": local(created),
        "paid_at": local(created + 300),
        "rts_at": local(created + 20 * HOUR),
        "shipped_at": local(created + 26 * HOUR),
        "delivered_at": local(created + 3 * DAY),
        "updated_at": local(created + 4 * DAY),
    }
    assert str(line["created_at"].tz) == "Asia/Bangkok"
    rest = line.dropna().drop(list(clock))
    assert rest.to_dict() == {
        "shop_id": "s",
        "order_id": "577000000000000001",
        "sku_id": "172900000000000001",
        "line_no": 1,
        "first_line": True,
        "product_id": "173000000000000001",
        "seller_sku": "L-1",
        "product_name": "Lamp 1",
        "variation": "Red, M",
        "quantity": 1,
        "quantity_affected": 0,
        "unit_price": 60.0,
        "line_amount": 45.25,
        "order_amount": 85.25,
        "currency": "THB",
        "status": "completed",
        "substatus": "completed",
        "payment_method": "Card",
        "is_cod": False,
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "warehouse": "7000000000000000001",
        "package_id": "1152000000000001",
        "tracking_id": "JX0001",
        "carrier": "J&T Express",
        "region": "Chiang Mai",
        "source_file": "api.jsonl",
        "source_row": 1,
    }


@pytest.mark.parametrize("form", ["response", "list", "lines", "pages", "data", "indented", "one"])
def test_every_form_of_file(tmp_path: Path, form: str) -> None:
    some = [order(1), order(2)]
    path = tmp_path / "saved.json"
    if form == "response":
        write_json(path, answer(orders=some))
    elif form == "list":
        write_json(path, some)
    elif form == "lines":
        write_lines(path, *some)
    elif form == "pages":
        write_lines(path, answer(orders=some[:1]), answer(orders=some[1:]))
    elif form == "data":
        write_json(path, answer(orders=some)["data"])
    elif form == "indented":
        path.write_text("\ufeff" + "\n".join(json.dumps(one, indent=2) for one in some), encoding="utf-8")
    else:
        write_json(path, [answer(orders=some[:1]), [some[1]]])
    intake = load_api(path, SHOP)
    assert intake.orders is not None
    assert list(intake.orders.table["order_id"]) == [one["id"] for one in some]
    assert intake.requests is None
    assert intake.returns is None


def test_kinds_may_be_mixed(tmp_path: Path) -> None:
    intake = load(tmp_path, answer(orders=[order(1)], cancellations=[cancellation(2)]), returned(3), cancelled(4))
    assert [one and len(one.table) for one in (intake.orders, intake.requests, intake.returns)] == [2, 1, 1]
    for one in (intake.orders, intake.requests, intake.returns):
        assert one is not None
        assert adds_up(one.account)
        assert one.account.refused == 0
    assert list(intake.orders.table["source_row"]) == [1, 4]


def test_units_of_a_sku_are_counted(tmp_path: Path) -> None:
    table = orders(tmp_path, order(1, [unit(1), unit(2, 2), unit(3), unit(4, sale_price="44.75")]))
    assert table[["sku_id", "quantity", "line_amount", "line_no"]].to_numpy().tolist() == [
        ["172900000000000001", 3, 135.25, 1],
        ["172900000000000002", 1, 45.25, 1],
    ]
    assert table["first_line"].tolist() == [True, False]


def test_cancelled_units_stand_beside_kept_ones(tmp_path: Path) -> None:
    gone = {"display_status": "CANCELLED", "cancel_user": "SELLER", "cancel_reason": "Out of stock"}
    table = orders(tmp_path, order(1, [unit(1, **gone), unit(2), unit(3), unit(4, 2)], cancel_reason="Out of stock"))
    seen = table[["sku_id", "line_no", "quantity", "quantity_affected", "after_sale", "status", "cancelled_by"]]
    assert seen.astype("object").where(seen.notna(), None).to_numpy().tolist() == [
        ["172900000000000001", 1, 2, 0, None, "completed", None],
        ["172900000000000002", 1, 1, 0, None, "completed", None],
        ["172900000000000001", 2, 1, 1, "cancel", "completed", "seller"],
    ]
    assert table["first_line"].tolist() == [True, False, False]
    assert table.loc[2, ["shipped_at", "delivered_at", "rts_at"]].isna().all()
    found = attribute(table, None, SHOP).items
    assert found[["units", "amount", "stage", "reason", "responsibility", "whole_order"]].to_numpy().tolist() == [
        [1, 45.25, "cancellation", "out_of_stock", "seller", False]
    ]


def test_packages_are_lines_of_their_own(tmp_path: Path) -> None:
    created = START + 60
    waiting = {"package_id": "1152000000000002", "display_status": "AWAITING_SHIPMENT", "package_status": "TO_FULFILL"}
    moving = {"display_status": "IN_TRANSIT", "rts_time": created + HOUR}
    table = orders(tmp_path, order(1, [unit(1, **moving), unit(2, **waiting)], status="PARTIALLY_SHIPPING"))
    assert table["status"].tolist() == ["to_ship", "to_ship"]
    assert table["substatus"].tolist() == ["in_transit", "awaiting_shipment"]
    assert table["rts_at"].dt.tz_localize(None)[0] == pd.Timestamp(local(created + HOUR))
    assert table["shipped_at"].notna().tolist() == [True, False]
    assert table.loc[1, ["rts_at", "delivered_at"]].isna().all()


@pytest.mark.parametrize(
    ("status", "expected", "substatus"),
    [
        ("UNPAID", "unpaid", None),
        ("ON_HOLD", "on_hold", None),
        ("AWAITING_SHIPMENT", "to_ship", "awaiting_shipment"),
        ("PARTIALLY_SHIPPING", "to_ship", None),
        ("AWAITING_COLLECTION", "to_ship", "awaiting_collection"),
        ("IN_TRANSIT", "shipped", "in_transit"),
        ("DELIVERED", "shipped", "delivered"),
        ("COMPLETED", "completed", "completed"),
        ("CANCELLED", "cancelled", "cancelled"),
    ],
)
def test_statuses(tmp_path: Path, status: str, expected: str, substatus: str | None) -> None:
    line = orders(tmp_path, order(1, [unit(1, display_status=None)], status=status)).iloc[0]
    assert line["status"] == expected
    assert (line["substatus"] if pd.notna(line["substatus"]) else None) == substatus


def test_an_unknown_status_is_reported_and_told_by_time(tmp_path: Path) -> None:
    given = (order(number, [unit(1, display_status="FLOATING")], status="FLOATING") for number in (1, 2, 3))
    intake = load(tmp_path, *given)
    assert intake.orders is not None
    assert intake.orders.table["status"].tolist() == ["completed"] * 3
    assert intake.orders.account.unknown_values.to_numpy().tolist() == [
        ["status", "FLOATING", 3, "completed"],
        ["display_status", "FLOATING", 3, "nothing"],
    ]


def test_milliseconds_texts_and_zeros(tmp_path: Path) -> None:
    changes = {"create_time": START * 1000, "paid_time": str(START + 5), "rts_time": "", "delivery_time": None}
    line = orders(tmp_path, order(1, collection_time=0, **changes)).iloc[0]
    assert line["created_at"].tz_localize(None) == pd.Timestamp(local(START))
    assert line["paid_at"].tz_localize(None) == pd.Timestamp(local(START + 5))
    assert line[["rts_at", "shipped_at", "delivered_at"]].isna().all()


def test_amounts_as_numbers_and_gifts(tmp_path: Path) -> None:
    table = orders(tmp_path, order(1, [unit(1, sale_price=45), unit(2, 2, sale_price="0", is_gift=True)]))
    assert table["line_amount"].tolist() == [45.0, 0.0]


def test_another_currency_is_kept_apart(tmp_path: Path) -> None:
    table = orders(tmp_path, order(1, payment={"currency": "usd", "total_amount": "3"}), order(2, payment={}))
    assert table["currency"].tolist() == ["USD", "THB"]


def test_cash_on_delivery_by_flag_or_method(tmp_path: Path) -> None:
    table = orders(
        tmp_path, order(1, is_cod=True, paid_time=0), order(2, payment_method_name="Cash on delivery"), order(3)
    )
    assert table["is_cod"].tolist() == [True, True, False]


def test_samples_and_replacements_are_left_out_and_counted(tmp_path: Path) -> None:
    two = [unit(1), unit(2, 2)]
    intake = load(tmp_path, order(1, two, is_sample_order=True), order(2, is_replacement_order=True), order(3))
    assert intake.orders is not None
    account = intake.orders.account
    assert (account.rows, account.samples, account.used) == (4, 3, 1)
    assert intake.left_out == {"577000000000000001", "577000000000000002"}
    assert "2 orders are left out: the API calls them samples or replacements" in account.notes


def test_on_hold_by_its_flag(tmp_path: Path) -> None:
    table = orders(tmp_path, order(1, status="AWAITING_SHIPMENT", is_on_hold_order=True))
    assert table["status"].tolist() == ["on_hold"]


def test_who_cancelled_and_why(tmp_path: Path) -> None:
    operator = unit(1, display_status="CANCELLED", cancel_user="OPERATOR", cancel_reason="Risk")
    plain = unit(1, display_status="CANCELLED")
    table = orders(
        tmp_path, cancelled(1, [operator]), cancelled(2, [plain], cancellation_initiator="SYSTEM"), cancelled(3)
    )
    assert table["cancelled_by"].tolist() == ["operator", "system", "buyer"]
    assert table["cancel_reason_text"].tolist() == ["Risk", "ไม่ต้องการแล้ว", "ไม่ต้องการแล้ว"]
    assert table["cancel_reason_code"].isna().all()
    assert table["quantity_affected"].tolist() == [1, 1, 1]
    assert table["cancelled_at"].dt.tz_localize(None)[0] == pd.Timestamp(local(START + 60 + 2 * HOUR))


def test_without_a_time_of_cancellation_the_last_change_is_taken(tmp_path: Path) -> None:
    line = orders(tmp_path, cancelled(1, cancel_time=0)).iloc[0]
    assert line["cancelled_at"] == line["updated_at"]


def test_nothing_of_the_buyer_gets_in(tmp_path: Path) -> None:
    strange = {"note": BUYER, "buyer": {"name": BUYER}}
    private = {"buyer_email": BUYER, "note": BUYER, "buyer_videos_images": [BUYER]}
    intake = load(
        tmp_path, order(1), order(2, create_time=BUYER), cancellation(1) | private, returned(1) | private, strange
    )
    for one in (intake.orders, intake.requests, intake.returns):
        assert one is not None
        parts = [one.table, one.account.files, one.account.refusals, one.account.unknown_values]
        assert not any(frame.astype("str").apply(lambda c: c.str.contains(BUYER)).any().any() for frame in parts)
    hidden = shown_value(BUYER)
    assert intake.orders is not None
    assert intake.orders.account.refusals["value"].tolist() == [hidden, "fields note, buyer"]


def test_the_newest_statement_of_an_order_wins(tmp_path: Path) -> None:
    old = write_json(tmp_path / "z.json", answer(orders=[order(1, status="IN_TRANSIT", update_time=START + DAY)]))
    again = answer(orders=[order(1, update_time=START + 9 * DAY), order(1, status="DELIVERED"), order(2)])
    new = write_json(tmp_path / "a.json", again)
    for paths in ([old, new], [new, old]):
        intake = load_api(paths, SHOP).orders
        assert intake is not None
        assert intake.table["status"].tolist() == ["completed", "completed"]
        assert intake.table["source_file"].unique().tolist() == ["a.json"]
        assert (intake.account.rows, intake.account.superseded, intake.account.used) == (4, 2, 2)
        assert adds_up(intake.account)
        assert intake.account.files.set_index("file")["superseded"].to_dict() == {"a.json": 1, "z.json": 1}
        newest = intake.account.files.set_index("file")["newest"]
        assert newest["a.json"] == pd.Timestamp(local(START + 9 * DAY))


def test_the_same_page_saved_twice_counts_once(tmp_path: Path) -> None:
    intake = load(tmp_path, answer(orders=[order(1)]), answer(orders=[order(1)])).orders
    assert intake is not None
    assert (len(intake.table), intake.account.superseded) == (1, 1)


def test_a_cancellation_request(tmp_path: Path) -> None:
    units = [request_unit(1, refund="10"), request_unit(2, refund="11.5"), request_unit(3, 2, refund="5")]
    intake = load(tmp_path, cancellation(1, cancel_line_items=units)).requests
    assert intake is not None
    line = intake.table.iloc[0]
    assert line.drop([name for name in intake.table if name.endswith("_at")]).to_dict() == {
        "shop_id": "s",
        "request_id": "403000000000000001",
        "first_line": True,
        "order_id": "577000000000000001",
        "sku_id": "172900000000000001",
        "product_name": "Lamp 1",
        "units": 2,
        "needs_answer": True,
        "status": "pending",
        "initiator": "buyer",
        "reason_code": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "reason_text": "No longer needed",
        "next_action": "SELLER_RESPOND_CANCEL",
        "refund_amount": 21.5,
        "currency": "THB",
        "source_file": "api.jsonl",
        "source_row": 1,
    }
    asked = START + 60 + HOUR
    times = ("created_at", "updated_at", "deadline_at")
    assert [line[name].tz_localize(None) for name in times] == [local(asked), local(asked), local(asked + DAY)]
    assert intake.table["first_line"].tolist() == [True, False]
    assert intake.table["refund_amount"].tolist() == [21.5, 5.0]


@pytest.mark.parametrize(
    ("status", "extra", "expected"),
    [
        ("CANCELLATION_REQUEST_PENDING", {}, "pending"),
        ("CANCELLATION_REQUEST_SUCCESS", {}, "accepted"),
        ("CANCELLATION_REQUEST_COMPLETE", {}, "completed"),
        ("CANCELLATION_REQUEST_CANCEL", {}, "withdrawn"),
        ("CANCELLATION_REQUEST_CANCELLED", {}, "withdrawn"),
        ("CANCELLATION_REQUEST_CANCEL", {"reject_reason": "seller_reject_apply_product_has_been_packed"}, "rejected"),
        ("CANCELLATION_REQUEST_NEW", {}, "unknown"),
    ],
)
def test_statuses_of_requests(tmp_path: Path, status: str, extra: dict[str, str], expected: str) -> None:
    intake = load(tmp_path, cancellation(1, cancel_status=status, **extra)).requests
    assert intake is not None
    assert intake.table["status"].tolist() == [expected]
    assert len(intake.account.unknown_values) == (expected == "unknown")


def test_who_asks_and_whether_it_needs_an_answer(tmp_path: Path) -> None:
    cases = [("CANCEL", "SELLER"), ("CANCEL", "SYSTEM"), ("BUYER_CANCEL", "BUYER"), (None, "BUYER")]
    asked = [cancellation(n, cancel_type=kind, role=role) for n, (kind, role) in enumerate(cases)]
    intake = load(tmp_path, *asked).requests
    assert intake is not None
    assert intake.table["needs_answer"].tolist() == [False, False, True, True]
    assert intake.table["initiator"].tolist() == ["seller", "system", "buyer", "buyer"]


def test_the_earliest_deadline_counts(tmp_path: Path) -> None:
    actions = [{"action": "LATER", "deadline": START + 9 * DAY}, {"action": "SOON", "deadline": (START + DAY) * 1000}]
    intake = load(tmp_path, cancellation(1, seller_next_action_response=actions)).requests
    assert intake is not None
    line = intake.table.iloc[0]
    assert (line["next_action"], line["deadline_at"].tz_localize(None)) == ("SOON", pd.Timestamp(local(START + DAY)))


def test_a_request_without_lines_is_about_the_whole_order(tmp_path: Path) -> None:
    intake = load(tmp_path, cancellation(1, cancel_line_items=None)).requests
    assert intake is not None
    line = intake.table.iloc[0]
    assert (pd.isna(line["sku_id"]), line["units"], line["refund_amount"]) == (True, 0, 85.25)


def test_a_total_without_shares_is_shared_by_units(tmp_path: Path) -> None:
    units = [request_unit(1), request_unit(2), request_unit(3, 2)]
    intake = load(tmp_path, cancellation(1, cancel_line_items=units, refund_amount={"refund_total": "30"})).requests
    assert intake is not None
    assert intake.table["refund_amount"].tolist() == [20.0, 10.0]


def test_a_return(tmp_path: Path) -> None:
    units = [request_unit(1, refund="20"), request_unit(2, refund="20"), request_unit(3, 2, refund="5.25")]
    intake = load(tmp_path, returned(1, return_line_items=units, arbitration_status="SUPPORT_BUYER")).returns
    assert intake is not None
    table = intake.table
    line = table.iloc[0]
    expected = {
        "return_id": "404000000000000001",
        "order_id": "577000000000000001",
        "sku_id": "172900000000000001",
        "seller_sku": "L-1",
        "product_name": "Lamp 1",
        "variation": "Red, M",
        "return_type": "return_and_refund",
        "status": "completed",
        "initiator": "buyer",
        "reason_code": "ecom_order_delivered_refund_and_return_reason_damaged",
        "reason_text": "Package or product is damaged",
        "quantity": 2,
        "refund_amount": 40.0,
        "currency": "THB",
        "return_tracking_id": "RT0001",
        "arbitration": "SUPPORT_BUYER",
    }
    assert line[list(expected)].to_dict() == expected
    asked = START + 60 + 5 * DAY
    assert line["requested_at"].tz_localize(None) == pd.Timestamp(local(asked))
    assert line["refunded_at"] == line["updated_at"]
    assert table["quantity"].tolist() == [2, 1]
    assert table["return_freight"].sum() == pytest.approx(32.5)
    assert table["return_freight"].tolist() == pytest.approx([32.5 * 2 / 3, 32.5 / 3])


@pytest.mark.parametrize(
    ("status", "expected", "action"),
    [
        ("RETURN_OR_REFUND_REQUEST_PENDING", "pending", None),
        ("RETURN_OR_REFUND_REQUEST_SUCCESS", "in_process", None),
        ("RETURN_OR_REFUND_REQUEST_CANCEL", "withdrawn", None),
        ("RETURN_OR_REFUND_REQUEST_COMPLETE", "completed", None),
        ("REFUND_OR_RETURN_REQUEST_REJECT", "rejected", None),
        ("AWAITING_BUYER_SHIP", "in_process", "AWAITING_BUYER_SHIP"),
        ("BUYER_SHIPPED_ITEM", "in_process", None),
        ("REJECT_RECEIVE_PACKAGE", "rejected", None),
        ("AWAITING_BUYER_RESPONSE", "pending", "AWAITING_BUYER_RESPONSE"),
        ("REPLACEMENT_REQUEST_PENDING", "pending", None),
        ("REPLACEMENT_REQUEST_REFUND_SUCCESS", "completed", None),
        ("REPLACEMENT_REQUEST_REJECT", "rejected", None),
    ],
)
def test_statuses_of_returns(tmp_path: Path, status: str, expected: str, action: str | None) -> None:
    intake = load(tmp_path, returned(1, return_status=status)).returns
    assert intake is not None
    line = intake.table.iloc[0]
    assert line["status"] == expected
    assert (line["next_action"] if pd.notna(line["next_action"]) else None) == action
    assert pd.notna(line["refunded_at"]) == (expected == "completed")
    assert intake.account.unknown_values.empty


def test_deadline_and_type_of_a_return(tmp_path: Path) -> None:
    asks = [{"action": "SELLER_RESPOND_RETURN", "deadline": START + 7 * DAY}]
    kinds = ("REFUND", "RETURN_AND_REFUND", "REPLACEMENT", "SWAP")
    some = [returned(n, return_type=kind, seller_next_action_response=asks) for n, kind in enumerate(kinds)]
    intake = load(tmp_path, *some).returns
    assert intake is not None
    assert intake.table["return_type"].tolist() == ["refund_only", "return_and_refund", "replacement", "unknown"]
    assert (intake.table["next_action"] == "SELLER_RESPOND_RETURN").all()
    assert (intake.table["deadline_at"].dt.tz_localize(None) == local(START + 7 * DAY)).all()


def test_a_return_and_its_order_are_attributed_by_code(tmp_path: Path) -> None:
    intake = load(tmp_path, order(1), returned(1))
    assert intake.orders is not None
    assert intake.returns is not None
    items = attribute(intake.orders.table, intake.returns.table, SHOP).items
    assert items[["stage", "basis", "units", "amount"]].to_numpy().tolist() == [["return_refund", "code", 1, 45.25]]


@pytest.mark.parametrize(
    ("broken", "field", "words"),
    [
        (order(1, id=None), "id", "is empty"),
        (order(1, id=5.77e17), "id", "digits"),
        (order(1, id="5.77E+17"), "id", "digits"),
        (order(1, id="A-1"), "id", "no number"),
        (order(1, create_time=0), "create_time", "is empty"),
        (order(1, create_time="yesterday"), "create_time", "Unix time"),
        (order(1, paid_time=17), "paid_time", "Unix time"),
        (order(1, paid_time=True), "paid_time", "Unix time"),
        (order(1, []), "line_items", "no line items"),
        (order(1, line_items="none"), "line_items", "list of objects"),
        (order(1, [unit(1), unit(2, sale_price="12,50")]), "sale_price", "amount of money"),
        (cancellation(1, order_id=""), "order_id", "is empty"),
        (returned(1, return_line_items=[]), "sku_id", "is empty"),
    ],
)
def test_a_damaged_object_is_refused_with_its_place(tmp_path: Path, broken: Any, field: str, words: str) -> None:
    intake = load(tmp_path, order(8), cancellation(8), returned(8), broken)
    kind = next(
        one
        for one, name in (
            (intake.requests, "cancel_id"), (intake.returns, "return_id"), (intake.orders, "id"),
        )
        if name in broken
    )  # fmt: skip
    assert kind is not None
    (refusal,) = kind.account.refusals.to_dict("records")
    assert (refusal["file"], refusal["row"], refusal["column"]) == ("api.jsonl", 4, field)
    assert words in refusal["reason"]
    assert refusal["remedy"]
    assert (kind.account.refused, kind.account.used) == (1, 1)
    assert adds_up(kind.account)


def test_too_many_refused_is_an_error(tmp_path: Path) -> None:
    strict = make_shop({"id": "s", "market": "TH"})
    with pytest.raises(TooManyRefusedError, match="orders rows had to be refused"):
        load(tmp_path, order(1), order(2, id=""), shop=strict)


def test_ids_that_a_program_has_rounded(tmp_path: Path) -> None:
    rounded = [order(n, id=577_000_000_000_000_000 + n * 128 * 10) for n in range(1, 7)]
    intake = load(tmp_path, *rounded).orders
    assert intake is not None
    assert (intake.account.refused, len(intake.table)) == (6, 0)
    assert "rounded" in intake.account.refusals["reason"][0]
    exact = [order(n, id=577_000_000_000_000_001 + n) for n in range(12)]
    again = load(tmp_path, *exact).orders
    assert again is not None
    assert again.table["order_id"].tolist() == [str(577_000_000_000_000_001 + n) for n in range(12)]


def test_strangers_are_refused_and_counted(tmp_path: Path) -> None:
    error = {"code": 36009003, "message": "Internal error", "data": None}
    products = {"code": 0, "data": {"products": [{"id": "1"}]}}
    intake = load(tmp_path, order(1), error, {"hello": 1}, 5, products, {"orders": 7}).orders
    assert intake is not None
    found = intake.account.refusals[["row", "value", "reason"]].to_numpy().tolist()
    assert found == [
        [2, "fields code, message, data", "is an answer that reports an error"],
        [3, "fields hello", "is no order, cancellation or return"],
        [4, "a int", "is no order, cancellation or return"],
        [5, "fields code, data", "is no order, cancellation or return"],
        [6, "a int", "is no order, cancellation or return"],
    ]
    assert adds_up(intake.account)


@pytest.mark.parametrize("value", [{"shop": "x", "expected": "ok"}, [1, 2], "text", {"code": 5, "message": "no"}])
def test_a_file_without_any_of_the_three_kinds(tmp_path: Path, value: Any) -> None:
    path = write_json(tmp_path / "other.json", value)
    with pytest.raises(WrongFileError, match=r"no orders, cancellations or return_orders[\s\S]*What to do") as error:
        load_api(path, SHOP)
    assert "other.json" in str(error.value)


def test_an_empty_page_is_no_error(tmp_path: Path) -> None:
    intake = load(tmp_path, answer(orders=[]), {"code": 0, "data": {"total_count": 0, "next_page_token": ""}})
    assert intake.orders is not None
    assert len(tables.check(intake.orders.table, tables.ORDER_LINES)) == 0
    assert intake.orders.account.notes == ("api.jsonl: no orders in it are used",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(answer(orders=[order(1)]))[:-40], "no whole JSON"),
        (json.dumps(order(1)) + "\n" + json.dumps(order(2))[:300], "line 2"),
        ('{"orders": [NaN]}', "NaN"),
        ("<html>", "line 1, column 1"),
        ("", "empty"),
        ("[" * 100_000, "brackets|whole JSON"),
    ],
)
def test_a_file_that_is_no_whole_json(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "cut.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFileError) as error:
        load_api(path, SHOP)
    assert re.search(words, str(error.value))
    assert "cut.json" in str(error.value)


def test_text_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps(cancelled(1), ensure_ascii=False).encode("tis-620"))
    with pytest.raises(UnreadableFileError, match="UTF-8"):
        load_api(path, SHOP)
    path.write_bytes(json.dumps(cancelled(1), ensure_ascii=False).encode("utf-16"))
    assert load_api(path, SHOP).orders is not None


def test_half_a_letter_does_not_break_the_table(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text(json.dumps(order(1, [unit(1, product_name="Lamp \ud83d")])), encoding="ascii")
    intake = load_api(path, SHOP).orders
    assert intake is not None
    assert intake.table["product_name"].tolist() == ["Lamp \ufffd"]


UNIT = st.fixed_dictionaries(
    {
        "sku": st.integers(1, 3),
        "cents": st.integers(0, 10**7),
        "gone": st.booleans(),
        "package": st.integers(1, 2),
        "name": st.text(max_size=8),
    }
)
ORDER = st.fixed_dictionaries(
    {
        "number": st.integers(1, 4),
        "changed": st.integers(0, 3),
        "status": st.sampled_from(["COMPLETED", "CANCELLED", "IN_TRANSIT", "AWAITING_SHIPMENT", "ODD"]),
        "units": st.lists(UNIT, min_size=1, max_size=6),
        "sample": st.booleans(),
        "broken": st.sampled_from([None, None, None, "id", "create_time"]),
        "file": st.integers(0, 1),
    }
)


def told(one: dict[str, Any]) -> dict[str, Any]:
    units = [
        unit(
            n,
            piece["sku"],
            sale_price=f"{piece['cents'] / 100:.2f}",
            package_id=str(piece["package"]),
            product_name=piece["name"],
            display_status="CANCELLED" if piece["gone"] else one["status"],
        )
        for n, piece in enumerate(one["units"])
    ]
    whole = order(one["number"], units, status=one["status"], is_sample_order=one["sample"])
    whole["update_time"] = START + one["changed"] * DAY + 10 * DAY
    return whole if one["broken"] is None else {**whole, one["broken"]: None}


@settings(max_examples=25)
@given(st.lists(ORDER, min_size=1, max_size=8))
def test_any_orders_come_back_whole(some: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in (0, 1):
            mine = [told(one) for one in some if one["file"] == number]
            paths.append(write_json(Path(folder) / f"{number}.json", answer(orders=mine)))
        intake = load_api(paths, SHOP).orders
    assert intake is not None
    table = tables.check(intake.table, tables.ORDER_LINES)
    assert adds_up(intake.account)
    assert intake.account.used == len(table)
    sound = sorted((one for one in some if one["broken"] is None), key=lambda one: (one["changed"], one["file"]))
    newest = {one["number"]: one for one in sound}
    kept = {number: one for number, one in newest.items() if not one["sample"]}
    assert intake.account.refused == sum(one["broken"] is not None for one in some)
    assert set(table["order_id"]) == {order(number)["id"] for number in kept}
    assert table.loc[table["first_line"], "order_id"].is_unique
    assert table["first_line"].sum() == len(kept)
    assert not table.duplicated(["order_id", "sku_id", "line_no"]).any()
    for number, one in kept.items():
        lines = table[table["order_id"] == order(number)["id"]]
        units = Counter(unit(0, piece["sku"])["sku_id"] for piece in one["units"])
        assert lines.groupby("sku_id")["quantity"].sum().to_dict() == dict(units)
        assert round(lines["line_amount"].sum() * 100) == sum(piece["cents"] for piece in one["units"])
        gone = sum(piece["gone"] or one["status"] == "CANCELLED" for piece in one["units"])
        assert lines["quantity_affected"].sum() == gone


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["data", "orders", "id", "create_time", "line_items", "cancel_id", "code", "x"]), inner
            )
        ),
    )
)
def test_no_json_breaks_the_loader(value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_json(Path(folder) / "any.json", value)
        try:
            intake = load_api(path, SHOP)
        except (UnreadableFileError, WrongFileError):
            return
    assert all(adds_up(one.account) for one in (intake.orders, intake.requests, intake.returns) if one is not None)


@pytest.mark.slow
def test_a_hundred_thousand_orders_in_seconds(tmp_path: Path) -> None:
    pages = (answer(orders=[order(number) for number in range(k, k + 50)]) for k in range(0, 100_000, 50))
    path = tmp_path / "many.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(page) + "\n" for page in pages)
    start = time.process_time()
    intake = load_api(path, SHOP).orders
    # About 5 s of one core where this was written; a wide margin for slower ones.
    assert time.process_time() - start < 30
    assert intake is not None
    assert len(intake.table) == intake.account.used == 100_000


def test_the_documentation_names_every_word_of_the_api(project: Path) -> None:
    text = (project / "docs" / "api_files.md").read_text(encoding="utf-8")
    rows = (project / "cancel_analysis" / "catalog" / "data" / "api_values.csv").read_text(encoding="utf-8")
    words = {line.split(",")[1] for line in rows.splitlines()[1:]}
    assert {word for word in words if f"`{word}`" not in text} == set()


@pytest.mark.reference
def test_every_word_that_the_facts_name_is_known(project: Path) -> None:
    facts = (project / ".." / "shared" / "reference" / "api.md").read_text(encoding="utf-8")
    known = {
        line.split(",")[1]
        for line in (project / "cancel_analysis/catalog/data/api_values.csv").read_text(encoding="utf-8").splitlines()
    }
    statuses = re.search(r"`status` \(([A-Z_, ]+)\)", facts)
    assert statuses is not None
    assert set(statuses[1].split(", ")) <= known
    for name in re.findall(r"\b(?:REFUND_OR_RETURN|AWAITING_BUYER|BUYER_SHIPPED|REJECT_RECEIVE)_[A-Z_]+\b", facts):
        assert name in known


def test_empty_pages_of_a_search_are_noted_and_stop_nothing(tmp_path: Path) -> None:
    write_json(tmp_path / "page1.json", answer(orders=[order(1)]))
    (tmp_path / "page2.json").write_text("[]")
    (tmp_path / "page3.json").write_text("[]\n\n")
    intake = load_api(sorted(tmp_path.glob("*.json")), SHOP)
    assert intake.orders is not None
    assert intake.orders.table["order_id"].nunique() == 1
    noted = [note for note in intake.orders.account.notes if "empty answer" in note]
    assert [note.split(":")[0] for note in noted] == ["page2.json", "page3.json"]


def test_a_price_and_a_sku_that_are_not_stated_are_not_known(tmp_path: Path) -> None:
    lines = [unit(1, sale_price=None, original_price=None), unit(2, sku_id=None, seller_sku="LAMP-2")]
    intake = load_api(write_json(tmp_path / "a.json", answer(orders=[order(1, lines)])), SHOP)
    assert intake.orders is not None
    table = intake.orders.table
    assert table["line_amount"].isna().sum() == 1
    assert "LAMP-2" in table["sku_id"].to_list()
