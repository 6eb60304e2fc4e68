"""Item-level cancellation: the rules one by one; past cancellations told apart."""

from datetime import date
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.item_rules import RULES, find_item_rule, item_rules
from cancel_analysis.catalog.markets import markets
from cancel_analysis.catalog.policies import CONFIDENCES
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.order_management.single_items import (
    STATES,
    cancellation_scopes,
    check_item_cancellation,
    judged,
)
from tests.frames import ZONE, order_lines
from tests.studies import SAMPLE, opened

DAY = date(2026, 11, 2)
REFERENCE = Path(__file__).resolve().parents[2] / "../shared/reference/policies.md"
SHOP = make_shop({"id": "shop", "market": "US", "currency": "THB", "timezone": ZONE})
WAITING = {"status": "to_ship", "substatus": "awaiting_shipment", "order_id": "x"}
TWO_GONE = {"after_sale": "cancel", "cancelled_at": "2026-11-02 11:00:00"}
ORDER = order_lines(
    {**WAITING, "sku_id": "A", "quantity": 3, "line_amount": 30.0, "order_amount": 55.0},
    {**WAITING, "sku_id": "B", "quantity": 1, "line_amount": 20.0, "order_amount": 55.0, "first_line": False},
)


SCOPES = {"item", "package", "order"}


def check(lines=ORDER, units=None, reason="out_of_stock", market="US", on=DAY, by="seller"):
    return check_item_cancellation(lines, units or {"A": 2}, reason, market, on, by)


def attributed(orders):
    return attribute(orders, None, SHOP).items


# --- the rules ---------------------------------------------------------------------------------


def test_every_condition_is_whole_and_every_case_has_an_answer():
    for rule in item_rules():
        assert rule.rule in RULES
        assert rule.answer in ("yes", "no", "unknown")
        assert rule.confidence in CONFIDENCES
        assert set(rule.scopes) <= SCOPES
        assert set(rule.markets) <= {*markets(), "*"}
        assert rule.about.endswith(".")
        assert rule.source
    for market, scope, state in product(markets(), SCOPES, (*STATES, "unknown")):
        assert find_item_rule("state", scope, state, market, DAY) is not None
        assert find_item_rule("by", scope, "buyer", market, DAY) is not None


@pytest.mark.reference
def test_the_markets_are_those_of_the_reference():
    section = REFERENCE.read_text(encoding="utf-8").split("## 5.")[1].split("## 6.")[0]
    assert "Offered in the US and UK" in section
    offered = {code for code in markets() if find_item_rule("offered", "item", "", code, DAY).answer == "yes"}
    assert offered == {"US", "GB"}


def test_the_seller_may_cancel_items_that_are_out_of_stock_and_await_shipment():
    found = check()
    assert (found.allowed, found.scope, found.rule, found.confidence) == ("yes", "item", "fits", "official")
    assert (found.units, found.value, found.refund_amount, found.currency) == (2, 20.0, 20.0, "THB")
    assert check(market="UK").allowed == "yes"
    assert check(reason="Out of stock").allowed == "yes"
    assert check(reason="seller_cancel_reason_out_of_stock").allowed == "yes"


@pytest.mark.parametrize(
    ("change", "allowed", "rule"),
    [
        ({"market": "TH"}, "unknown", "offered"),
        ({"by": "buyer"}, "no", "by"),
        ({"by": "system"}, "no", "by"),
        ({"by": "unknown"}, "unknown", "by"),
        ({"reason": "pricing_error"}, "no", "reason"),
        ({"reason": "words that no catalog has"}, "unknown", "reason"),
        ({"units": {"A": 4}}, "no", "quantity"),
        # What is forbidden outweighs what is not known.
        ({"market": "TH", "by": "buyer"}, "no", "by"),
    ],
)
def test_each_condition_alone_stops_it(change, allowed, rule):
    found = check(**change)
    assert (found.allowed, found.rule) == (allowed, rule)
    assert found.why


@pytest.mark.parametrize(
    ("lines", "item", "order"),
    [
        ({"substatus": "awaiting_shipment"}, "yes", "yes"),
        ({"rts_at": "2026-11-02 12:00:00"}, "no", "yes"),
        ({"substatus": "awaiting_collection"}, "no", "yes"),
        ({"rts_at": "2026-11-02 12:00:00", "shipped_at": "2026-11-02 18:00:00"}, "no", "no"),
        ({"status": "shipped", "substatus": "in_transit"}, "no", "no"),
        ({"status": "unpaid", "paid_at": None}, "unknown", "unknown"),
        ({"paid_at": None, "is_cod": True}, "yes", "yes"),
    ],
    ids=["awaiting shipment", "ready", "awaiting collection", "collected", "in transit", "unpaid", "cash on delivery"],
)
def test_how_far_the_package_has_come_decides(lines, item, order):
    frame = order_lines(*({**WAITING, "sku_id": sku, **lines} for sku in "AB"))
    assert check(frame, {"A": 1}).allowed == item
    whole = check(frame, {"A": 1, "B": 1}, reason="pricing_error", market="TH")
    assert (whole.scope, whole.allowed) == ("order", order)


def test_the_moment_counts_not_what_came_later():
    frame = order_lines(
        *({**WAITING, "sku_id": sku, "rts_at": "2026-11-02 12:00:00", "status": "completed"} for sku in "AB")
    )
    assert check(frame, {"A": 1}, on=pd.Timestamp("2026-11-02 11:00:00")).allowed == "yes"
    assert check(frame, {"A": 1}, on=pd.Timestamp("2026-11-02 06:00:00", tz="UTC")).allowed == "no"
    assert check(frame, {"A": 1}).rule == "state"


def test_a_split_order_by_its_packages():
    ready = {"rts_at": "2026-11-02 12:00:00"}
    frame = order_lines(
        {**WAITING, "sku_id": "A", "package_id": "P1", **ready},
        {**WAITING, "sku_id": "B", "package_id": "P1", **ready},
        {**WAITING, "sku_id": "C", "package_id": "P2"},
        {**WAITING, "sku_id": "D", "package_id": "P2"},
    )
    single = check(frame, {"A": 1})
    assert (single.scope, single.allowed, single.rule) == ("item", "no", "split_order")
    package = check(frame, {"A": 1, "B": 1}, reason="pricing_error", market="TH")
    assert (package.scope, package.allowed) == ("package", "yes")
    assert check(frame, {"C": 1}).allowed == "yes"
    assert check(frame, {"A": 1, "C": 1}).rule == "split_order"


def test_units_that_are_gone_already_cannot_be_cancelled_again():
    frame = order_lines(
        {**WAITING, "sku_id": "A", "quantity": 3, "quantity_affected": 2, **TWO_GONE},
        {**WAITING, "sku_id": "B"},
    )
    assert check(frame, {"A": 2}).rule == "quantity"
    assert check(frame, {"A": 1}).allowed == "yes"
    # Before the first cancellation all three were there.
    assert check(frame, {"A": 2}, on=pd.Timestamp("2026-11-02 11:00:00")).allowed == "yes"
    assert check(frame, {"A": 1, "B": 1}).scope == "order"


def test_the_refund():
    assert check(units={"A": 3, "B": 1}).refund_amount == 55.0  # what was paid, shipping included
    assert check(units={"A": 1, "B": 1}).refund_amount == 30.0
    cod = order_lines(*({**WAITING, "sku_id": sku, "paid_at": None, "is_cod": True} for sku in "AB"))
    assert (check(cod, {"A": 1}).value, check(cod, {"A": 1}).refund_amount) == (10.0, 0.0)
    lines = order_lines(
        {**WAITING, "sku_id": "A", "line_no": 1, "line_amount": 9.0},
        {**WAITING, "sku_id": "A", "line_no": 2, "line_amount": 12.0, "quantity": 2},
        {**WAITING, "sku_id": "B"},
    )
    assert check(lines, {"A": 2}).refund_amount == 15.0


def test_questions_that_make_no_sense_are_refused():
    with pytest.raises(SettingsError, match="one order"):
        check(order_lines({"sku_id": "A"}, {"sku_id": "A"}))
    with pytest.raises(SettingsError, match="'Z' is not in the order; it has A, B"):
        check(units={"Z": 1})
    with pytest.raises(SettingsError, match="1 unit"):
        check(units={"A": 0})


# --- past cancellations ------------------------------------------------------------------------

GONE = {"status": "cancelled", "after_sale": "cancel", "cancelled_by": "seller", "cancel_reason_text": "Out of stock",
        "cancelled_at": "2026-11-03 10:00:00", "substatus": "cancelled"}  # fmt: skip

SENT_LATER = {"rts_at": "2026-11-04 10:00:00", "shipped_at": "2026-11-04 18:00:00"}
UNDATED = {"status": "completed", "cancelled_at": None, **SENT_LATER}
FAILED = {
    "cancelled_by": "system",
    "cancel_reason_text": "Package delivery failed",
    "shipped_at": "2026-11-02 20:00:00",
}


def test_item_level_cancellations_are_told_apart_from_whole_ones():
    orders = order_lines(
        {"order_id": "whole", **GONE},
        {"order_id": "whole", "sku_id": "S2", "first_line": False, **GONE},
        {"order_id": "item", **GONE},
        {"order_id": "item", "sku_id": "S2", "first_line": False, "status": "shipped"},
        {"order_id": "part", "quantity": 3, "quantity_affected": 1, **GONE, "status": "completed", **SENT_LATER},
        {"order_id": "late", **GONE, "rts_at": "2026-11-02 20:00:00"},
        {"order_id": "late", "sku_id": "S2", "first_line": False, "status": "shipped", "rts_at": "2026-11-02 20:00:00"},
        {"order_id": "buyer", **GONE, "cancelled_by": "buyer", "cancel_reason_text": "No longer needed"},
        {"order_id": "buyer", "sku_id": "S2", "first_line": False, "status": "shipped"},
        {"order_id": "package", "package_id": "P1", **GONE, "cancel_reason_text": "Pricing error"},
        {"order_id": "package", "package_id": "P2", "sku_id": "S2", "first_line": False, "status": "shipped"},
        # Sent and lost: no cancellation of items.
        {"order_id": "failed", **GONE, **FAILED},
        # Sent at no known time, cancelled at no known time: nobody can say how far it had come.
        {"order_id": "timeless", "quantity": 3, "quantity_affected": 1, **GONE, "status": "completed"},
        {"order_id": "undated", "quantity": 3, "quantity_affected": 2, **GONE, **UNDATED},
    )  # fmt: skip
    found = judged(cancellation_scopes(orders, attributed(orders)), "US").set_index("order_id")
    assert found["scope"].to_dict() == {
        "whole": "order", "item": "item", "part": "item", "late": "item", "buyer": "item", "package": "package",
        "timeless": "item", "undated": "item",
    }  # fmt: skip
    assert found["rule"].to_dict() == {
        "whole": "fits", "item": "fits", "part": "fits", "late": "state", "buyer": "by", "package": "fits",
        "timeless": "state", "undated": "state",
    }  # fmt: skip
    assert found["allowed"].value_counts().to_dict() == {"yes": 4, "no": 2, "unknown": 2}
    assert found.loc["whole", ["units", "amount", "sku_ids"]].tolist() == [2, 20.0, "S1, S2"]


def test_an_order_cancelled_in_two_steps_is_an_item_and_then_the_rest():
    orders = order_lines(
        {"order_id": "x", **GONE},
        {"order_id": "x", "sku_id": "S2", "first_line": False, **GONE, "cancelled_at": "2026-11-04 10:00:00"},
    )
    found = cancellation_scopes(orders, attributed(orders)).sort_values("event_at")
    assert found["scope"].tolist() == ["item", "order"]
    assert found["units"].tolist() == [1, 1]


def test_no_cancellation_at_all():
    orders = order_lines({})
    assert judged(cancellation_scopes(orders, attributed(orders)), "US").empty


@pytest.mark.skipif(not (SAMPLE / "shops.yaml").exists(), reason="the sample data are not there")
@pytest.mark.parametrize("shop", ["us-harbor-home", "id-toko-gadget"])
def test_every_cancelled_unit_of_the_sample_belongs_to_one_cancellation(shop):
    study = opened(shop)
    found = cancellation_scopes(study.orders, study.items)
    items = study.items
    mine = items[items["return_id"].isna() & (items["stage"] != "return_refund")]
    mine = mine[~mine["failed_delivery"] & ~mine["refused"]]
    marked = study.orders.loc[study.orders["after_sale"] == "cancel", "order_id"]
    mine = mine[mine["order_id"].isin(marked)]
    assert found["units"].sum() == mine["units"].sum()
    assert found["amount"].sum() == pytest.approx(mine["amount"].sum())
    whole = mine.groupby("order_id")["whole_order"].all()
    assert set(found.loc[found["scope"] == "order", "order_id"]) == set(whole.index[whole])
    assert judged(found, study.shop.market)["allowed"].notna().all()
