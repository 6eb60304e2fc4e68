"""Order management in the report: what a reader is told, with and without the files that tell of requests."""

import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from cancel_analysis.catalog.item_rules import RULES
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.kinds import Prose, TableView
from cancel_analysis.order_management import orders as order_module
from cancel_analysis.order_management.request_rows import SOON_HOURS
from cancel_analysis.order_management.requests import OUTCOMES, VIEWS
from cancel_analysis.sections import order_management
from cancel_analysis.study.one_shop import study_shop
from cancel_analysis.tables import INITIATORS
from tests.frames import ZONE, cancel_requests, order_lines, returns
from tests.study.test_one_shop import intake_of

AS_OF = date(2026, 11, 15)
GONE = {"status": "cancelled", "after_sale": "cancel", "cancelled_by": "seller", "cancel_reason_text": "Out of stock",
        "cancelled_at": "2026-11-03 10:00:00"}  # fmt: skip
ORDERS = order_lines(
    {"order_id": "m", "sku_id": "A", "line_amount": 30.0, "quantity": 2, "category": "Light", **GONE},
    {"order_id": "m", "sku_id": "B", "line_amount": 8.0, "first_line": False, "category": "Cups", **GONE},
    {"order_id": "n", "sku_id": "A", "category": "Light", **GONE},
    {"order_id": "n", "sku_id": "B", "first_line": False, "category": "Cups", "status": "shipped",
     "rts_at": "2026-11-04 10:00:00", "shipped_at": "2026-11-04 18:00:00"},
    *({"order_id": f"done {n}", "category": "Light"} for n in range(8)),
)  # fmt: skip


def made(market="US", orders=ORDERS, back=None, asked=None, **settings):
    shop = make_shop({"id": "shop", "market": market, "currency": "THB", "timezone": ZONE})
    intake = intake_of(orders, back)
    if asked is not None:
        intake = replace(intake, requests=replace(intake.orders, table=asked))
    return study_shop(shop, intake, as_of=AS_OF, **settings)


def tables(section):
    return {one.name: one for one in section.exhibits if isinstance(one, TableView)}


def text_of(section):
    return "\n".join(one.text for one in section.exhibits if isinstance(one, Prose))


def test_orders_by_status_say_the_rate_and_what_else_a_reader_must_know():
    section = order_management.orders_by_status(made())
    text = text_of(section)
    assert "10 orders were placed from 17 Oct 2026 to 15 Nov 2026" in text
    assert "cancelled 1: 10.0% (" in text
    assert "One more order lost some of its items." in text
    assert "One order has lines in different states." in text
    shown = tables(section)
    states = shown["order_desk_states"].frame.set_index("state")["orders"]
    assert (states["cancelled"], states["shipped"], states["completed"], states.sum()) == (1, 1, 8, 10)
    assert shown["order_desk_category"].frame.set_index("group")["orders"].to_dict() == {"Light": 10, "Cups": 2}


def test_item_level_cancellations_are_held_against_the_rules_and_missed_ones_told_as_a_range():
    section = order_management.orders_by_status(made())
    shown = tables(section)
    scopes = shown["partial_scopes"].frame.set_index("scope")
    assert scopes["units"].to_dict() == {"item": 1, "order": 3}
    assert shown["partial_checks"].frame[["allowed", "rule", "units"]].iloc[0].tolist() == ["yes", "fits", 1]
    # Item A was cancelled alone in the order n, B was made ready there: of A one unit at least is lost.
    text = text_of(section)
    assert "One order of several items was cancelled whole" in text
    assert re.search(r"kept 1–2 of its 3 items, worth ฿8\.00–฿23\.00", text)
    elsewhere = text_of(order_management.orders_by_status(made("ID")))
    assert "If this market offers it" in elsewhere


def test_filters_reach_the_desk():
    cups = order_management.orders_by_status(made(category="Cups"))
    assert "2 orders were placed" in text_of(cups)
    assert "Only orders with a line of Cups." in text_of(cups)
    assert "order_desk_category" not in tables(cups)


def test_a_period_without_orders_says_so():
    old = order_lines({"created_at": "2026-01-02 10:00:00"})
    section = order_management.orders_by_status(made(orders=old))
    assert "No order was placed from 17 Oct 2026 to 15 Nov 2026." in text_of(section)
    assert not tables(section)


def test_without_request_files_the_desk_says_what_it_would_need():
    text = text_of(order_management.requests(made()))
    assert "exports carry none" in text
    # That no file of returns was given is told once, where it matters for the figures.
    assert "return" not in text
    back = returns({"status": "pending"}, {"status": "completed"})
    section = order_management.requests(made(back=back))
    assert "One return request is open: one waits for you." in text_of(section)
    assert set(tables(section)["request_views"].frame["kind"]) == {"return"}
    assert "until" not in [column.name for column in tables(section)["request_returns"].columns]


def test_the_request_queue_tells_what_runs_out():
    asked = cancel_requests(
        {"order_id": "done 1", "created_at": "2026-11-15 12:00:00"},
        {"order_id": "done 2", "created_at": "2026-11-15 12:00:00", "deadline_at": "2026-11-18 12:00:00"},
        {"order_id": "done 3", "created_at": "2026-11-10 12:00:00"},
        {"order_id": "done 4", "created_at": "2026-11-02 10:30:00", "needs_answer": False, "status": "completed"},
        {"created_at": "2026-11-10 12:00:00", "status": "rejected", "updated_at": "2026-11-10 15:00:00"},
    )
    section = order_management.requests(made(asked=asked))
    text = text_of(section)
    assert "3 cancellation requests wait for an answer." in text
    assert "One runs out by 17 Nov 2026, 00:00." in text
    assert "One is past its deadline" in text
    assert "accepted after 24 hours (official)" in text
    assert "One cancellation was free" in text
    assert "One request was answered, after 3.0 hours." in text
    waiting = tables(section)["request_waiting"].frame
    assert waiting["order_id"].tolist() == ["done 3", "done 1", "done 2"]
    assert waiting["says"].tolist() == ["official", "official", "the platform, for this request"]
    assert waiting["until"].iloc[0] == "11 Nov 2026, 12:00"
    assert waiting["hours_left"].tolist() == pytest.approx([-108.0, 12.0, 60.0])
    outcomes = tables(section)["request_outcomes"]
    assert outcomes.frame.set_index("outcome").loc["rejected", "share"] == 1.0
    assert "inferred" in outcomes.note


def test_return_deadlines_and_arbitration_are_shown_where_the_file_has_them():
    back = returns(
        {"status": "pending", "deadline_at": "2026-11-16 08:00:00", "next_action": "SELLER_RESPOND_RETURN"},
        {"status": "in_process", "next_action": "BUYER_SHIP", "arbitration": "IN_PROGRESS"},
    )
    section = order_management.requests(made(back=back))
    assert "2 return requests are open: one waits for you, one waits for the buyer." in text_of(section)
    assert "One runs out by" in text_of(section)
    frame = tables(section)["request_returns"].frame
    assert frame[["action", "until", "dispute"]].iloc[0].tolist() == [
        "Seller respond return",
        "16 Nov 2026, 08:00",
        "–",
    ]
    assert tables(section)["request_arbitration"].frame["label"].tolist() == ["under way"]


def test_every_value_has_its_words_and_every_shown_column_is_there():
    text = words("en")
    for prefix, values in (
        ("order_status.state", order_module.STATES), ("order_status.rate", order_module.RATES), ("request.view", VIEWS),
        ("request.outcome", OUTCOMES), ("request.waits", ("seller", "buyer", "platform", "unknown")),
        ("partial.scope", ("item", "package", "order")),
        ("partial.allowed", ("yes", "no", "unknown")), ("partial.why", (*RULES, "fits", "quantity", "split_order")),
        ("partial.by", INITIATORS), ("request.due", ("soon", "overdue", "later", "unknown")),
    ):  # fmt: skip
        for value in values:
            assert text(f"{prefix}.{value}")
    asked = cancel_requests({"created_at": "2026-11-15 12:00:00"})
    back = returns({"status": "pending", "arbitration": "CLOSED"})
    whole = made(asked=asked, back=back)
    for section in (order_management.orders_by_status(whole), order_management.requests(whole)):
        for table in tables(section).values():
            assert {column.name for column in table.columns} <= set(table.frame.columns), table.name
            assert table.caption
    assert SOON_HOURS == 24


def test_amounts_of_another_currency_are_not_added():
    strange = order_lines({"order_id": "a", **GONE}, {"order_id": "b", **GONE, "currency": "USD"}, {"order_id": "c"})
    frame = tables(order_management.orders_by_status(made(orders=strange)))["partial_scopes"].frame
    assert frame[["units", "amount"]].iloc[0].tolist() == [2, 10.0]
    back = returns({"status": "completed"}, {"status": "completed", "currency": "USD"})
    views = tables(order_management.requests(made(back=back)))["request_views"].frame.set_index("view")
    assert views.loc["completed", ["requests", "refund_amount"]].tolist() == [2, 10.0]
    assert pd.notna(views["units"]).all()
