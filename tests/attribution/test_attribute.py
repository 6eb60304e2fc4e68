"""Attribution: which units were lost, at which stage, by whose fault, and what is no loss at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import TableError, UnknownReasonError
from cancel_analysis.tables import (
    AFFECTED_ITEMS,
    AFTER_SALES,
    INITIATORS,
    RESPONSIBILITIES,
    RETURN_STATUSES,
    RETURN_TYPES,
    STAGES,
    STATUSES,
    SUBSTATUSES,
    check,
)  # fmt: skip
from tests.attribution.attribute_in_sql import in_sql
from tests.frames import order_lines, returns

SHOP = make_shop({"id": "shop", "market": "TH"})
NOON = "2026-11-03 12:00:00"
CANCELLED = {"status": "cancelled", "substatus": "cancelled", "after_sale": "cancel", "cancelled_at": NOON}
SHIPPED = {"rts_at": "2026-11-02 12:00:00", "shipped_at": "2026-11-03 08:00:00"}
DELIVERED = {**SHIPPED, "delivered_at": "2026-11-06 09:00:00", "substatus": "delivered"}


def cancelled(by: str | None, text: str | None, **more: object) -> dict[str, object]:
    return {**CANCELLED, "cancelled_by": by, "cancel_reason_text": text, **more}


def only(orders: pd.DataFrame, requests: pd.DataFrame | None = None, shop=SHOP) -> pd.Series:
    """The one item of these orders."""
    items = attribute(orders, requests, shop).items
    check(items, AFFECTED_ITEMS)
    assert len(items) == 1
    return items.iloc[0]


# --- stages of cancellations


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        (cancelled("buyer", "No longer needed"), "cancellation"),
        (cancelled("system", "Customer overdue to pay", paid_at=None), "unpaid"),
        (cancelled("buyer", "No longer needed", paid_at=None, is_cod=True), "cancellation"),
        (cancelled("system", "Package delivery failed", paid_at=None, is_cod=True, **SHIPPED), "refund"),
        (cancelled("system", "Package lost", paid_at=None), "refund"),  # a parcel was on its way, whatever the times
        (cancelled("seller", "Out of stock", rts_at="2026-11-03 11:00:00"), "refund"),
        (cancelled("seller", "Out of stock", rts_at="2026-11-03 13:00:00"), "cancellation"),  # marked afterwards
        (cancelled("seller", "Out of stock", cancelled_at=None, rts_at="2026-11-03 11:00:00"), "refund"),
        (cancelled("seller", "Out of stock", cancelled_at=None), "cancellation"),
    ],
)
def test_stage_of_a_cancelled_line(line, stage):
    assert only(order_lines(line)).stage == stage


def test_a_delivery_failure_and_a_refusal_are_flagged_apart():
    failed = only(order_lines(cancelled("system", "Package delivery failed", **SHIPPED)))
    refused = only(order_lines(cancelled("system", "Package rejected", **SHIPPED)))
    assert (failed.failed_delivery, failed.refused, failed.responsibility) == (True, False, "shipping")
    assert (refused.failed_delivery, refused.refused, refused.responsibility) == (False, True, "buyer")


def test_cancelled_after_shipping_without_a_reason_is_a_failed_delivery():
    item = only(order_lines(cancelled("system", None, **SHIPPED)))
    assert (item.stage, item.reason, item.basis) == ("refund", "delivery_failed", "timestamps")
    assert item.failed_delivery


def test_cancelled_after_shipping_for_an_unknown_reason_keeps_the_flag_and_stays_unknown():
    item = only(order_lines(cancelled("system", "ไม่มีใครรู้จัก", **SHIPPED)))
    assert (item.reason, item.responsibility, item.failed_delivery) == ("unknown", "unknown", True)
    assert not only(order_lines(cancelled("buyer", "ไม่มีใครรู้จัก", **SHIPPED))).failed_delivery


# --- what decides


def test_a_known_text_gives_code_rule_and_root_cause():
    item = only(order_lines(cancelled("seller", "สินค้าหมด")))
    assert (item.reason, item.responsibility, item.root_cause) == ("out_of_stock", "seller", "stock")
    assert (item.reason_code, item.basis, item.rule_id) == ("seller_cancel_reason_out_of_stock", "text", "out-of-stock")
    assert item.reason_text == "สินค้าหมด"


def test_a_code_is_believed_before_a_text():
    line = cancelled("seller", "No longer needed", cancel_reason_code="seller_cancel_reason_wrong_price")
    item = only(order_lines(line))
    assert (item.reason, item.basis) == ("pricing_error", "code")


def test_an_ambiguous_reason_carries_both_readings():
    item = only(order_lines(cancelled("buyer", "Product wasn't shipped on time")))
    assert item.ambiguous
    assert (item.responsibility, item.responsibility_other, item.root_cause) == ("seller", "buyer", "late_dispatch")


def test_the_rule_of_the_day_in_the_shops_own_zone():
    shop = make_shop({"id": "shop", "market": "ID"})
    line = {"created_at": "2025-08-20 10:00:00", "cancelled_by": "seller", "cancel_reason_text": "Stok habis"}
    # Half past midnight in Jakarta is still 30 August in UTC.
    days = {"2025-08-30 23:59:59": "buyer", "2025-08-31 00:00:00": "seller", "2025-08-31 00:30:00": "seller"}
    for moment, party in days.items():
        frame = order_lines({**CANCELLED, **line, "cancelled_at": moment}, zone="Asia/Jakarta")
        assert only(frame, shop=shop).responsibility == party, moment


def test_times_come_back_in_the_shops_zone():
    item = only(order_lines(cancelled("buyer", "No longer needed")))
    assert str(item.event_at) == "2026-11-03 12:00:00+07:00"
    assert str(item.order_created_at) == "2026-11-02 10:00:00+07:00"


# --- how many units, how much money


@pytest.mark.parametrize(
    ("line", "units", "amount"),
    [
        ({"quantity": 3, "line_amount": 30.0}, 3, 30.0),
        ({"quantity": 3, "quantity_affected": 3, "line_amount": 30.0}, 3, 30.0),
        ({"quantity": 3, "quantity_affected": 1, "line_amount": 30.0}, 1, 10.0),
        ({"quantity": 3, "quantity_affected": 9, "line_amount": 30.0}, 3, 30.0),
        ({"quantity": 3, "quantity_affected": 2, "line_amount": 30.0, "status": "completed"}, 2, 20.0),
    ],
)
def test_units_and_amount_of_a_cancelled_line(line, units, amount):
    item = only(order_lines({**cancelled("seller", "Out of stock"), **line}))
    assert (item.units, item.amount) == (units, amount)
    assert item.whole_order == (units == line["quantity"])


def test_a_living_line_marked_cancelled_without_units_is_not_affected():
    assert attribute(order_lines(cancelled("buyer", None, status="to_ship")), None, SHOP).items.empty


def test_a_partly_cancelled_order_is_not_a_whole_one_and_was_never_shipped():
    """Part of an order can only be cancelled while it waits; the rest being shipped later changes nothing."""
    orders = order_lines(
        {"order_id": "1", "sku_id": "A", "quantity": 2, **DELIVERED},
        {"order_id": "1", "sku_id": "B", "first_line": False, "after_sale": "cancel", "quantity_affected": 1,
         "cancelled_by": "seller", "cancel_reason_text": "Out of stock", **DELIVERED},
        {"order_id": "2", "sku_id": "A", **cancelled("seller", "Out of stock")},
        {"order_id": "2", "sku_id": "B", "first_line": False, **cancelled("seller", "Out of stock")},
    )  # fmt: skip
    items = attribute(orders, None, SHOP).items
    assert items.groupby("order_id")["whole_order"].all().to_dict() == {"1": False, "2": True}
    assert set(items["stage"]) == {"cancellation"}


def test_equal_lines_of_one_sku_are_two_items():
    orders = order_lines(
        {"order_id": "1", **cancelled("buyer", "No longer needed")},
        {"order_id": "1", "line_no": 2, "first_line": False, **cancelled("buyer", "No longer needed")},
    )
    items = attribute(orders, None, SHOP).items
    assert items["units"].sum() == 2
    assert items["line_no"].tolist() == [1, 2]
    assert items["whole_order"].all()


# --- returns


def test_a_return_takes_reason_refund_and_stage_from_its_request():
    orders = order_lines({"quantity": 2, "line_amount": 20.0, "after_sale": "return_refund", **DELIVERED})
    item = only(orders, returns({"reason_text": "Wrong product was sent", "refund_amount": 9.5}))
    assert (item.stage, item.reason, item.responsibility) == ("return_refund", "wrong_item", "seller")
    assert (item.units, item.amount, item.settled, item.whole_order) == (1, 9.5, True, False)
    assert item.return_id == "4000000000000000"
    assert str(item.event_at) == "2026-11-08 10:00:00+07:00"


@pytest.mark.parametrize(
    ("line", "request_", "stage"),
    [
        (DELIVERED, {"requested_at": "2026-11-04 10:00:00", "return_type": "refund_only"}, "refund"),
        (DELIVERED, {"return_type": "refund_only"}, "return_refund"),
        ({**SHIPPED, "status": "shipped"}, {"return_type": "refund_only"}, "refund"),
        ({**SHIPPED, "status": "shipped"}, {"return_type": "return_and_refund"}, "return_refund"),
        ({"status": "completed"}, {"return_type": "refund_only"}, "return_refund"),
    ],
)
def test_stage_of_a_request(line, request_, stage):
    assert only(order_lines(line), returns(request_)).stage == stage


def test_a_parcel_that_never_came_is_a_failed_delivery_only_before_delivery():
    request_ = {"return_type": "refund_only", "reason_text": "Package wasn't received"}
    before = only(order_lines({**SHIPPED, "status": "shipped"}), returns(request_))
    after = only(order_lines(DELIVERED), returns(request_))
    assert (before.failed_delivery, before.ambiguous) == (True, False)
    assert (after.failed_delivery, after.ambiguous, after.responsibility_other) == (False, True, "buyer")


def test_rejected_and_withdrawn_requests_are_no_returns_and_pending_ones_are_open():
    statuses = ["rejected", "withdrawn", "pending", "unknown", "completed", "in_process"]
    orders = order_lines(*[{"after_sale": "return_refund", "quantity_affected": 1, **DELIVERED} for _ in statuses])
    result = attribute(orders, returns(*[{"status": status} for status in statuses]), SHOP)
    assert result.items["settled"].tolist() == [True, False]
    assert result.not_returns.set_index("status")["requests"].to_dict() == dict.fromkeys(statuses[:4], 1)
    assert result.open_requests == 1


def test_an_unknown_status_with_a_refund_date_is_a_return():
    request_ = returns({"status": "unknown", "refunded_at": "2026-11-12 10:00:00"})
    assert only(order_lines(DELIVERED), request_).units == 1


def test_damaged_goods_wait_for_a_finding():
    item = only(order_lines(DELIVERED), returns({"reason_text": "Package or product is damaged"}))
    assert item.pending
    assert (item.responsibility, item.responsibility_other) == ("unknown", "seller")


def test_one_request_over_several_lines_of_one_sku():
    orders = order_lines(
        {"order_id": "1", "quantity": 2, **DELIVERED},
        {"order_id": "1", "quantity": 3, "line_no": 2, "first_line": False, **DELIVERED},
    )
    result = attribute(orders, returns({"order_id": "1", "quantity": 4, "refund_amount": 40.0}), SHOP)
    assert result.items["units"].tolist() == [2, 2]
    assert result.items["amount"].tolist() == [20.0, 20.0]
    assert result.orphans.empty


def test_lines_that_the_export_marks_are_taken_first():
    orders = order_lines(
        {"order_id": "1", **DELIVERED},
        {"order_id": "1", "line_no": 2, "first_line": False, "after_sale": "return_refund", **DELIVERED},
    )
    assert only(orders, returns({"order_id": "1"})).line_no == 2


def test_two_requests_share_a_line_and_never_exceed_it():
    orders = order_lines({"order_id": "1", "quantity": 3, "line_amount": 30.0, **DELIVERED})
    requests = returns(
        {"order_id": "1", "quantity": 2, "refund_amount": 20.0},
        {"order_id": "1", "quantity": 2, "refund_amount": 20.0, "requested_at": "2026-11-09 10:00:00"},
        {"order_id": "1", "quantity": 1, "refund_amount": 10.0, "requested_at": "2026-11-10 10:00:00"},
    )
    result = attribute(orders, requests, SHOP)
    assert result.items["units"].tolist() == [2, 1]
    assert result.items["amount"].tolist() == [20.0, 20.0]  # the refund that was paid, on the unit that was found
    causes = result.orphans.set_index("cause")[["requests", "units"]].T.to_dict("list")
    assert causes == {
        "more units than the order has left": [1, 1],
        "no unit left that was not cancelled or returned": [1, 1],
    }


def test_the_same_request_twice_counts_once_as_far_as_it_got():
    orders = order_lines({"order_id": "1", "quantity": 5, **DELIVERED})
    same = {"order_id": "1", "return_id": "R1"}
    requests = returns(
        {**same, "status": "in_process", "refund_amount": 1.0}, {**same, "status": "completed", "refund_amount": 7.0}
    )
    item = only(orders, requests)
    assert (item.units, item.amount, item.settled) == (1, 7.0, True)


@pytest.mark.parametrize(("marked", "units"), [(2, 2), (0, 1)])
def test_a_request_without_a_quantity_takes_the_order_exports(marked, units):
    orders = order_lines({"quantity": 3, "quantity_affected": marked, "after_sale": "return_refund", **DELIVERED})
    assert only(orders, returns({"quantity": None})).units == units


def test_a_request_without_a_refund_is_worth_its_units():
    orders = order_lines({"quantity": 2, "line_amount": 30.0, **DELIVERED})
    assert only(orders, returns({"refund_amount": None})).amount == 15.0


def test_returns_that_fit_no_order_are_counted_apart():
    orders = order_lines({"order_id": "1", **DELIVERED}, {"order_id": "2", **cancelled("buyer", "No longer needed")})
    requests = returns({"order_id": "9"}, {"order_id": "1", "sku_id": "S9"}, {"order_id": "2"})
    result = attribute(orders, requests, SHOP)
    assert result.items["order_id"].tolist() == ["2"]
    assert result.items["units"].sum() == 1
    assert result.orphans["cause"].tolist() == [
        "SKU not in its order",
        "no unit left that was not cancelled or returned",
        "order not in the order files",
    ]
    assert result.orphans["requests"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("requests", [None, returns({"order_id": "other"})])
def test_a_marked_line_without_a_request_is_affected_for_an_unknown_reason(requests):
    orders = order_lines({"after_sale": "return_refund", "quantity": 2, "quantity_affected": 1, **DELIVERED})
    item = only(orders, requests)
    assert (item.stage, item.reason, item.basis, item.units) == ("return_refund", "unknown", "timestamps", 1)
    assert (item.amount, item.responsibility, item.settled) == (5.0, "unknown", True)


def test_a_mark_on_the_order_counts_only_where_nothing_is_more_exact():
    """The export's mark repeats on every line of an order; the units stand on the line they belong to."""
    mark = {"after_sale": "return_refund", **DELIVERED}
    orders = order_lines(
        {"order_id": "1", "sku_id": "A", **mark},
        {"order_id": "1", "sku_id": "B", "first_line": False, "quantity_affected": 1, **mark},
        {"order_id": "2", "sku_id": "A", "order_refund_amount": 0.0, **mark},
    )
    items = attribute(orders, None, SHOP).items
    assert items[["order_id", "sku_id"]].to_numpy().tolist() == [["1", "B"], ["2", "A"]]
    assert items["settled"].tolist() == [True, False]


# --- unknown reasons


def test_unknown_reasons_are_listed_with_their_units():
    orders = order_lines(
        *[cancelled("system", "mystery", quantity=2) for _ in range(3)],
        cancelled("seller", None),
        cancelled("buyer", "No longer needed"),
    )
    listed = attribute(orders, None, SHOP).unknown_reasons
    assert listed["items"].tolist() == [6, 1]
    assert listed["text"].tolist()[0] == "mystery"
    assert listed["text"].isna().tolist() == [False, True]


def test_a_strict_shop_stops_at_an_unknown_reason_but_not_at_none():
    strict = replace(SHOP, strict=True)
    assert len(attribute(order_lines(cancelled("seller", None)), None, strict).items) == 1
    with pytest.raises(UnknownReasonError, match=r"text not shown.*cancellation, by system: 1") as told:
        attribute(order_lines(cancelled("system", "mystery")), None, strict)
    # What one order alone says can be what a buyer typed.
    assert "mystery" not in str(told.value)
    three = [cancelled("system", "mystery", order_id=f"50000000000000{number}") for number in range(3)]
    with pytest.raises(UnknownReasonError, match=r"mystery.*cancellation, by system: 3"):
        attribute(order_lines(*three), None, strict)


def test_nothing_affected_and_nothing_canonical():
    result = attribute(order_lines(DELIVERED), None, SHOP)
    check(result.items, AFFECTED_ITEMS)
    assert result.items.empty
    assert result.open_requests == 0
    with pytest.raises(TableError):
        attribute(order_lines(DELIVERED).drop(columns="status"), None, SHOP)


# --- what always holds

STATES = {
    "cancelled": cancelled("seller", "Out of stock"),
    "failed": cancelled("system", None, **SHIPPED),
    "unpaid": cancelled("system", "Customer overdue to pay", paid_at=None),
    "odd": cancelled(None, "??? unheard of"),
    "partial": {"after_sale": "cancel", "cancelled_by": "seller", "cancel_reason_text": "Out of stock", **SHIPPED},
    "kept": DELIVERED,
    "marked": {"after_sale": "return_refund", **DELIVERED},
}
LINES = st.tuples(st.sampled_from("1234"), st.sampled_from("AB"), st.sampled_from(sorted(STATES)),
                  st.integers(0, 4), st.integers(0, 5))  # fmt: skip
REQUESTS = st.tuples(
    st.sampled_from("12345"),
    st.sampled_from("AB"),
    st.sampled_from(["completed", "in_process", "rejected", "pending"]),
    st.one_of(st.none(), st.integers(0, 5)), st.sampled_from(["return_and_refund", "refund_only"]), st.integers(8, 12),
)  # fmt: skip


@settings(max_examples=20)
@given(st.lists(LINES, min_size=1, max_size=12), st.lists(REQUESTS, max_size=8))
def test_no_unit_is_lost_twice_and_no_request_vanishes(lines, asked):
    numbers: dict[tuple[str, str], int] = {}
    rows = []
    for order, sku, state, quantity, affected in lines:
        numbers[order, sku] = numbers.get((order, sku), 0) + 1
        rows.append(
            {"order_id": order, "sku_id": sku, "line_no": numbers[order, sku], "quantity": quantity,
             "quantity_affected": affected, "line_amount": 10.0 * quantity, **STATES[state]}
        )  # fmt: skip
    requests = returns(
        *[
            {"order_id": order, "sku_id": sku, "status": status, "quantity": quantity, "return_type": kind,
             "requested_at": f"2026-11-{day:02d} 10:00:00", "refund_amount": 3.0}
            for order, sku, status, quantity, kind, day in asked
        ]
    )  # fmt: skip
    orders = order_lines(*rows)
    result = attribute(orders, requests, SHOP)
    items = check(result.items, AFFECTED_ITEMS)

    ordered = orders.set_index(["order_id", "sku_id", "line_no"])["quantity"]
    lost = items.groupby(["order_id", "sku_id", "line_no"])["units"].sum()
    assert (lost <= ordered.reindex(lost.index)).all()
    assert (items["units"] >= 0).all()
    assert set(items["stage"]) <= set(STAGES)
    assert set(items["responsibility"]) <= set(RESPONSIBILITIES)
    assert not (items["failed_delivery"] & items["refused"]).any()
    assert (items["ambiguous"] == (items["responsibility"] != items["responsibility_other"])).all()

    # Every line that was cancelled is there once, and every request is an item, an orphan or no return.
    gone = orders[orders["status"] == "cancelled"]
    assert items["return_id"].isna()[items["whole_order"]].all()
    assert len(items.merge(gone, on=["order_id", "sku_id", "line_no"])) == len(gone)
    active = requests["status"].isin(["completed", "in_process"])
    without_item = result.orphans.loc[~result.orphans["cause"].str.startswith("more units"), "requests"].sum()
    assert items["return_id"].nunique() + without_item == active.sum()
    assert result.not_returns["requests"].sum() == (~active).sum()
    # A refund that found a unit is there in full.
    assert items.loc[items["return_id"].notna(), "amount"].sum() == pytest.approx(3.0 * items["return_id"].nunique())


def test_a_file_of_any_order_gives_the_same_items():
    orders = order_lines(
        cancelled("seller", "Out of stock"), {"quantity": 3, **DELIVERED}, {"quantity": 2, **DELIVERED}
    )
    requests = returns({"order_id": "5000000000000001"}, {"order_id": "5000000000000002", "quantity": 2})
    one = attribute(orders, requests, SHOP).items
    other = attribute(orders.iloc[::-1].reset_index(drop=True), requests.iloc[::-1].reset_index(drop=True), SHOP).items
    pd.testing.assert_frame_equal(one, other)


# --- cancellations on the way


def test_what_the_buyer_cancels_on_the_way_is_a_class_of_its_own():
    sent = {"paid_at": "2026-11-02 10:00:00", "rts_at": "2026-11-03 09:00:00", "shipped_at": "2026-11-03 12:00:00"}
    line = cancelled("buyer", "Product didn't arrive on time", **sent, cancelled_at="2026-11-12 10:00:00")
    item = only(order_lines(line))
    assert (item.in_transit, item.stage, item.responsibility, item.rule_id) == (True, "refund", "buyer", "in-transit")
    assert not item.failed_delivery
    # Ready on Friday, due on Wednesday.
    late = only(order_lines({**line, "rts_at": "2026-11-06 09:00:00", "shipped_at": "2026-11-06 12:00:00"}))
    assert (late.in_transit, late.responsibility, late.root_cause) == (True, "seller", "late_dispatch")
    by_system = only(order_lines({**line, "cancelled_by": "system"}))
    assert not by_system.in_transit
    before_shipping = only(order_lines({**line, "cancelled_at": "2026-11-03 11:00:00"}))
    assert not before_shipping.in_transit
    refused = only(order_lines({**line, "cancel_reason_text": "Package rejected"}))
    assert (refused.in_transit, refused.refused) == (False, True)


def test_the_rule_for_cancellations_on_the_way_is_its_markets_and_its_days():
    sent = {"paid_at": "2026-01-12 10:00:00", "created_at": "2026-01-12 10:00:00"}
    sent |= {"rts_at": "2026-01-13 09:00:00", "shipped_at": "2026-01-13 12:00:00"}
    for day, expected in (("2026-01-26", False), ("2026-01-27", True)):
        line = cancelled("buyer", "No longer needed", **sent, cancelled_at=f"{day} 10:00:00")
        assert only(order_lines(line)).in_transit == expected, day
        for market in ("ID", "US"):
            other = make_shop({"id": "shop", "market": market})
            assert not only(order_lines(line), shop=other).in_transit


# --- against the same in SQL


def any_orders_and_requests(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Order lines and requests of which nothing need fit anything: several lines of one SKU, more units asked for than
    ordered, the same request twice, requests of other orders, times in any order, blanks wherever there may be one."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-12-20")

    def perhaps(value: object, share: float = 0.6) -> object:
        return value if rng.random() < share else None

    def moment() -> pd.Timestamp:
        return start + pd.Timedelta(hours=int(rng.integers(0, 24 * 40)) // 7 * 7)

    def one_of(*values: object) -> object:
        return values[int(rng.integers(0, len(values)))]

    lines, asked = [], []
    for number in range(220):
        for line in range(int(rng.integers(1, 5))):
            times = {name: perhaps(moment()) for name in ("created_at", "paid_at", "rts_at", "shipped_at")}
            times |= {"delivered_at": perhaps(moment(), 0.4), "cancelled_at": perhaps(moment(), 0.4)}
            states = {"status": one_of(*STATUSES, "cancelled"), "substatus": perhaps(one_of(*SUBSTATUSES), 0.4)}
            states |= {"after_sale": perhaps(one_of(*AFTER_SALES)), "cancelled_by": perhaps(one_of(*INITIATORS))}
            units = {"quantity": int(rng.integers(0, 5)), "quantity_affected": int(rng.integers(0, 3))}
            money = {"line_amount": perhaps(float(rng.integers(0, 999)) / 8, 0.8)}
            money |= {"order_refund_amount": perhaps(float(rng.integers(0, 2)), 0.5)}
            said = {
                "cancel_reason_text": perhaps(one_of("Out of stock", " No longer needed ", "Package lost", "?", " "))
            }
            keys = {"order_id": f"O{number:03d}", "sku_id": f"S{int(rng.integers(0, 2))}", "line_no": line + 1}
            lines.append({**keys, **times, **states, **units, **money, **said, "is_cod": bool(rng.random() < 0.2)})
    for row in range(260):
        keys = {"order_id": f"O{int(rng.integers(0, 240)):03d}", "sku_id": f"S{int(rng.integers(0, 3))}"}
        keys |= {"return_id": f"R{int(rng.integers(0, 3))}" if rng.random() < 0.9 else "", "source_row": row // 3}
        kind = {"status": one_of(*RETURN_STATUSES), "return_type": one_of(*RETURN_TYPES)}
        kind |= {"refunded_at": perhaps(moment(), 0.3), "initiator": perhaps(one_of(*INITIATORS), 0.3)}
        kind |= {"reason_text": perhaps(one_of("Item defective", "No longer needed", "??"))}
        units = {"quantity": perhaps(int(rng.integers(0, 4))), "requested_at": moment()}
        asked.append({**keys, **kind, **units, "refund_amount": perhaps(float(rng.integers(0, 999)) / 8)})
    return order_lines(*lines), returns(*asked)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("market", ["TH", "US", "GB"])
def test_items_are_those_of_the_steps_in_sql(seed: int, market: str) -> None:
    orders, requests = any_orders_and_requests(seed)
    shop = make_shop({"id": "shop", "market": market, "timezone": "Asia/Bangkok"})
    for asked in (requests, None) if seed == 0 else (requests,):
        found, expected = attribute(orders, asked, shop), in_sql(orders, asked, shop)
        assert len(expected.items) > 200
        check(found.items, AFFECTED_ITEMS)
        # Requests without a number may stand side by side in any order.
        assert_frame_equal(_ordered(found.items), _ordered(expected.items), check_exact=True)
        for name in ("unknown_reasons", "not_returns", "orphans"):
            told = getattr(expected, name)
            texts = {column: "str" for column in told if told[column].dtype == object}
            assert_frame_equal(getattr(found, name), told.astype(texts), check_exact=True)
        assert found.open_requests == expected.open_requests


def _ordered(items: pd.DataFrame) -> pd.DataFrame:
    keys = ["order_created_at", "order_id", "sku_id", "line_no", "event_at", "return_id"]
    assert_frame_equal(items[keys], items[keys].sort_values(keys, kind="stable").reset_index(drop=True))
    return items.sort_values([*keys, "units", "amount", "reason_text"]).reset_index(drop=True)
