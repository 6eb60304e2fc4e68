"""Orders cancelled as out of stock against the seller's own log, counted by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.diagnosis.stock_reasons import STATES, reason_against_stock
from cancel_analysis.inference import wilson
from tests.diagnosis.test_stock import lost, moment, order
from tests.frames import affected_items, order_lines, stock_log

AS_OF = date(2026, 11, 15)


def found(orders, items, log):
    times = {item["order_id"]: item["event_at"] for item in items}
    orders = [{"cancelled_at": times.get(line["order_id"]), **line} for line in orders]
    frame = affected_items(*items) if items else affected_items({}).iloc[:0]
    return reason_against_stock(order_lines(*orders), frame, stock_log(*log) if log else None, AS_OF, 30)


def states(result):
    return dict(zip(result.items["order_id"].str[-1].astype(int), result.items["state"], strict=True))


def test_each_order_is_told_by_the_stock_when_it_was_placed_and_when_it_was_cancelled():
    # Five at 08:00, none from 12:00, ten from 20:00; cancelled at the same hour of the next day.
    log = [
        {"at": moment(8), "stock": 5},
        {"at": moment(12), "stock": 0},
        {"at": moment(20), "stock": 10},
        {"at": moment(10, 11), "stock": 0},
        {"at": moment(23, 12), "stock": 10},
    ]
    orders = [order(1, 7), order(2, 9), order(3, 9.5, 4), order(4, 11), order(5, 13), order(6, 21)]
    items = [lost(1, 7), lost(2, 9), lost(3, 9.5, 4), lost(4, 11), lost(5, 13), lost(6, 21)]
    result = found(orders, items, log)
    # 1: before any statement. 2: five were there, and ten at 09:00 of the next day. 3: four of the four left, and ten
    # again. 4: 1 + 4 of five were taken, none left. 5: none. 6: ten when ordered, none the next evening.
    assert states(result) == {1: "no_record", 2: "had", 3: "had", 4: "none", 5: "none", 6: "gone"}
    own = result.items.set_index(result.items["order_id"].str[-1].astype(int))["own_at_order"]
    assert own.drop(1).to_dict() == {2: 5, 3: 4, 4: 0, 5: 0, 6: 10}
    assert (result.had, result.gone, result.none, result.no_record, result.known) == (2, 1, 2, 1, 5)
    assert result.share == pytest.approx(2 / 5)
    assert (result.low, result.high) == pytest.approx(wilson(2, 5))
    assert result.items["state"].iloc[0] == "had", "those with stock stand first"


def test_without_a_statement_in_between_what_the_order_took_is_still_there():
    # The last one was sold to this order: nobody else took it before it was cancelled.
    result = found([order(1, 9)], [lost(1, 9)], [{"at": moment(8), "stock": 1}, {"at": moment(8, 13), "stock": 0}])
    assert states(result) == {1: "had"}


def test_an_order_larger_than_the_stock_was_rightly_cancelled():
    result = found(
        [order(1, 9, 3)], [lost(1, 9, 1)], [{"at": moment(8), "stock": 2}, {"at": moment(8, 13), "stock": 9}]
    )
    assert states(result) == {1: "none"}


def test_an_order_of_two_lines_had_stock_only_when_both_had():
    orders = [order(1, 9), {**order(1, 9, sku="S2"), "first_line": False}]
    items = [lost(1, 9), lost(1, 9, sku="S2")]
    log = [
        {"at": moment(8), "stock": 5},
        {"at": moment(8), "stock": 0, "sku_id": "S2"},
        {"at": moment(9, 13), "stock": 5},
    ]
    result = found(orders, items, log)
    assert (result.had, result.none) == (0, 1)
    assert result.items["state"].tolist() == ["had", "none"]
    assert set(result.items["order_state"]) == {"none"}, "one empty shelf is reason enough to cancel the order"
    # Of the other line nothing is known: it may have been the empty one.
    silent = found(orders, items, log[:1] + log[2:])
    assert (silent.had, silent.none, silent.no_record) == (0, 0, 1)


def test_a_log_that_ended_and_no_log_at_all_say_nothing():
    ended = found([order(1, 9)], [lost(1, 9)], [{"at": moment(8, 5), "stock": 5}])
    assert (ended.no_record, ended.known) == (1, 0)
    assert pd.isna(ended.share)
    assert not ended.material
    without = found([order(1, 9)], [lost(1, 9)], [])
    assert (without.missing, without.no_record) == ("stock_log", 1)


def test_only_the_reason_out_of_stock_of_the_period_is_looked_at():
    items = [{**lost(1, 9), "reason": "pricing_error"}, {**lost(2, 9), "stage": "return_refund", "return_id": "R"}]
    result = found([order(1, 9), order(2, 9)], items, [{"at": moment(8), "stock": 5}])
    assert result.items.empty
    old = reason_against_stock(
        order_lines(order(1, 9)), affected_items(lost(1, 9)), stock_log({"at": moment(8), "stock": 5}), AS_OF, 3
    )
    assert old.items.empty


@pytest.mark.parametrize(("had", "none", "material"), [(4, 0, False), (5, 5, True), (5, 30, False), (20, 30, True)])
def test_a_finding_needs_enough_orders_and_a_share_beyond_a_lag(had, none, material):
    # The full SKU and the empty one, an order each minute.
    log = [{"at": moment(8), "stock": 999}, {"at": moment(8), "stock": 0, "sku_id": "S2"},
           {"at": moment(23, 12), "stock": 999}]  # fmt: skip
    numbered = [(n, "S1" if n < had else "S2") for n in range(had + none)]
    orders = [order(n, 9 + n / 60, sku=sku) for n, sku in numbered]
    result = found(orders, [lost(n, 9 + n / 60, sku=sku) for n, sku in numbered], log)
    assert (result.had, result.none) == (had, none)
    assert result.material is material


@given(
    st.lists(st.tuples(st.integers(0, 47), st.integers(0, 6)), min_size=1, max_size=8, unique_by=lambda one: one[0]),
    st.lists(st.tuples(st.integers(0, 46), st.integers(1, 3)), min_size=1, max_size=8),
)
def test_the_stock_at_an_order_is_what_a_walk_through_time_gives(statements, placed):
    log = [{"at": moment(hour % 24, 10 + hour // 24), "stock": stock} for hour, stock in statements]
    orders = [order(n, hour % 24 + 0.5, units, day=10 + hour // 24) for n, (hour, units) in enumerate(placed)]
    items = [lost(n, hour % 24 + 0.5, units, day=10 + hour // 24) for n, (hour, units) in enumerate(placed)]
    result = found(orders, items, log)
    for row in result.items.itertuples():
        stock = None
        number = int(row.order_id[1:])
        for hour in range(placed[number][0] + 1):
            stock = dict(statements).get(hour, stock)
            if stock is not None and hour < placed[number][0]:
                stock -= sum(units for at, units in placed if at == hour)
        assert row.state in STATES
        if stock is not None and row.state != "no_record":
            assert row.own_at_order == stock


def test_without_a_time_of_cancellation_only_the_stock_at_the_order_is_known():
    log = [{"at": moment(8), "stock": 5}, {"at": moment(12), "stock": 0}, {"at": moment(8, 13), "stock": 9}]
    orders = [{**order(1, 9), "cancelled_at": None}, {**order(2, 13), "cancelled_at": None}]
    items = [{**lost(1, 9), "event_at": moment(9)}, {**lost(2, 13), "event_at": moment(13)}]
    # Five were there when the first was placed; whether they were still there later cannot be told.
    assert states(found(orders, items, log)) == {1: "no_record", 2: "none"}
