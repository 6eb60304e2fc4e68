"""Gaps laid out by hand: one SKU, a few statements, a few orders, and what they must give."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.diagnosis.stock import GAP_COLUMNS, SNAPSHOT_HOURS, by_sku, match_stock, sending_of
from tests.frames import affected_items, order_lines, stock_log, stock_snapshots

AS_OF = date(2026, 11, 15)


def moment(hour, day=10):
    return f"2026-11-{day:02d} {int(hour):02d}:{round(hour % 1 * 60):02d}:00"


def order(number, hour, units=1, sku="S1", day=10):
    return {"order_id": f"5{number:015d}", "sku_id": sku, "quantity": units, "created_at": moment(hour, day)}


def lost(number, hour, units=1, sku="S1", day=10):
    return {
        "order_id": f"5{number:015d}",
        "sku_id": sku,
        "units": units,
        "order_created_at": moment(hour, day),
        "event_at": moment(hour, day + 1),
    }


def run(orders, items, log, shown, days=30):
    items = affected_items(*items) if items else affected_items({}).iloc[:0]
    return match_stock(order_lines(*orders), items, stock_log(*log), stock_snapshots(*shown), AS_OF, days)


# The seller's system: five at 08:00, none from 10:00, fifty from 20:00. The platform showed five all the time.
LOG = [
    {"at": moment(8), "stock": 5},
    {"at": moment(10), "stock": 0, "result": "timeout"},
    {"at": moment(20), "stock": 50},
]
SHOWN = [{"at": moment(hour), "stock": 5} for hour in (8, 12, 16)] + [{"at": moment(20.5), "stock": 50}]
ORDERS = [order(1, 9), order(2, 11, 2), order(3, 13), order(4, 21)]


def test_lag_and_oversold_units_are_those_counted_by_hand():
    found = run(ORDERS, [lost(2, 11, 2), lost(3, 13)], LOG, SHOWN)
    assert len(found.gaps) == 1
    gap = found.gaps.iloc[0]
    # From the moment at which nothing was left until the delivery: ten hours.
    assert (gap["start"], gap["end"]) == (pd.Timestamp(moment(10)), pd.Timestamp(moment(20)))
    assert gap["hours"] == pytest.approx(10.0)
    # Orders 2 (two units) and 3 (one) were placed then; order 1 had stock, order 4 came after the delivery.
    assert (gap["ordered_units"], gap["oversold_units"]) == (3, 3)
    assert (gap["cancelled_units"], gap["explained_units"], gap["explained_orders"]) == (3, 3, 2)
    # At 08:00 the platform showed five, one was ordered at 09:00: four when the gap began, five again at 12:00.
    assert gap["most_shown"] == 5
    assert found.items["own"].tolist() == [0, -2]
    assert found.items["shown"].tolist() == [4, 5]


def test_cancellations_outside_the_gap_are_not_explained():
    found = run(ORDERS, [lost(1, 9), lost(4, 21)], LOG, SHOWN)
    assert found.items["explained"].sum() == 0
    assert set(found.items["state"]) == {"own_had_stock"}
    assert found.gaps["oversold_units"].sum() == 3


def test_only_the_units_beyond_the_true_stock_are_explained():
    log = [{"at": moment(8), "stock": 2}]
    shown = [{"at": moment(8), "stock": 9}]
    found = run([order(1, 9, 3), order(2, 10, 4)], [lost(1, 9, 3), lost(2, 10, 4)], log, shown)
    # Two of the first three were there, none of the four.
    assert found.items["explained"].tolist() == [1, 4]
    assert found.gaps["oversold_units"].sum() == 5


def test_an_order_takes_from_both_sides_until_the_next_statement():
    # Both sides say three and hear nothing for hours; three orders are no gap, the fourth is one unit beyond.
    orders = [order(number, 9 + number) for number in range(1, 5)]
    found = run(orders, [lost(4, 13)], [{"at": moment(8), "stock": 3}], [{"at": moment(8), "stock": 3}])
    assert found.gaps["oversold_units"].tolist() == [1]
    assert found.gaps["hours"].tolist() == [0]
    assert found.items["explained"].tolist() == [1]


def test_a_sku_sold_out_and_told_has_no_gap():
    log = [{"at": moment(8), "stock": 5}, {"at": moment(10), "stock": 0}]
    shown = [{"at": moment(8), "stock": 5}, {"at": moment(10), "stock": 0}, {"at": moment(16), "stock": 0}]
    found = run([order(1, 9)], [lost(1, 9)], log, shown)
    assert found.gaps.empty
    assert list(found.gaps.columns) == GAP_COLUMNS
    assert found.skus.empty
    assert found.items["state"].tolist() == ["own_had_stock"]


def test_the_snapshot_before_is_no_evidence_of_a_gap():
    # Told within the minute; the next snapshot, an hour later, shows that it was heard.
    log = [{"at": moment(8), "stock": 5}, {"at": moment(10), "stock": 0}]
    found = run([order(1, 9)], [], log, [{"at": moment(8), "stock": 5}, {"at": moment(11), "stock": 0}])
    assert found.gaps.empty
    # Once a snapshot or an order shows the gap, it began when the stock ran out.
    shown = run([order(1, 9)], [], log, [{"at": moment(8), "stock": 5}, {"at": moment(11), "stock": 4}])
    assert shown.gaps["start"].tolist() == [pd.Timestamp(moment(10))]
    ordered = run([order(1, 10.5)], [], log, [{"at": moment(8), "stock": 5}, {"at": moment(11), "stock": 0}])
    assert ordered.gaps[["hours", "oversold_units"]].to_numpy().tolist() == [[1, 1]]


def test_several_statements_of_one_moment_do_not_cut_a_gap():
    log = [{"at": moment(8), "stock": 0}, {"at": moment(11), "stock": 0}, {"at": moment(11), "stock": -1}]
    found = run([order(1, 11)], [], log, [{"at": moment(8), "stock": 9}])
    assert len(found.gaps) == 1


def test_an_old_snapshot_says_nothing():
    log = [{"at": moment(8, 8), "stock": 0}, {"at": moment(8, 13), "stock": 0}]
    found = run([order(1, 9, day=12)], [lost(1, 9, day=12)], log, [{"at": moment(8, 8), "stock": 5}])
    assert found.items["state"].tolist() == ["no_record"]
    assert found.gaps["hours"].tolist() == [SNAPSHOT_HOURS]


def test_a_log_that_ends_says_nothing_of_later_orders():
    found = run(
        [order(1, 9, day=14)],
        [lost(1, 9, day=14)],
        [{"at": moment(8, 8), "stock": 0}],
        [{"at": moment(8, 14), "stock": 5}],
    )
    assert found.items["state"].tolist() == ["no_record"]


def test_a_sku_without_both_records_is_no_record():
    found = run([order(1, 9, sku="S2")], [lost(1, 9, sku="S2")], LOG, SHOWN)
    assert found.items["state"].tolist() == ["no_record"]
    assert found.items["explained"].tolist() == [0]


def test_a_log_by_the_sellers_own_number_is_matched():
    log = [{"at": moment(8), "stock": 0, "sku_id": None, "seller_sku": "A-1"}]
    orders = [{**order(1, 9), "seller_sku": "A-1"}, {**order(2, 9, sku="S9"), "seller_sku": "A-2"}]
    found = run(orders, [lost(1, 9)], log, [{"at": moment(8), "stock": 5}])
    assert found.items["explained"].tolist() == [1]
    assert found.skus["seller_sku"].tolist() == ["A-1"]
    unknown = stock_log({"sku_id": None, "seller_sku": "nobody"})
    assert by_sku(unknown, order_lines(*orders)).empty


def test_a_gap_reaches_into_the_period_only_with_its_hours_there():
    log, shown = (
        [{"at": moment(12, 9), "stock": 0}],
        [{"at": moment(12, 9), "stock": 5}, {"at": moment(12, 10), "stock": 5}],
    )
    whole = run([order(1, 9)], [], log, shown)
    short = match_stock(
        order_lines(order(1, 9)),
        affected_items({}).iloc[:0],
        stock_log(*log),
        stock_snapshots(*shown),
        date(2026, 11, 10),
        1,
    )
    assert whole.gaps["hours"].sum() > short.gaps["hours"].sum()
    # From midnight to midnight, and nothing before.
    assert short.gaps["hours"].sum() == 24
    assert short.gaps["start"].iloc[0] == pd.Timestamp("2026-11-10")


def test_the_night_the_clocks_change_has_an_hour_more():
    zone = "Europe/London"
    log = stock_log({"at": "2026-10-24 22:00:00", "stock": 0}, {"at": "2026-10-25 10:00:00", "stock": 9}, zone=zone)
    shown = stock_snapshots({"at": "2026-10-24 22:00:00", "stock": 5}, zone=zone)
    orders = order_lines({"created_at": "2026-10-24 23:00:00", "order_id": "5" * 15}, zone=zone)
    found = match_stock(orders, affected_items({}, zone=zone).iloc[:0], log, shown, date(2026, 10, 25), 7)
    assert found.gaps["hours"].tolist() == [13]


def test_what_was_never_sent_is_counted_and_the_wait_measured():
    log = stock_log(
        {"at": moment(8), "sent_at": moment(8.5)}, {"at": moment(9), "sent_at": moment(10.5)}, {"at": moment(10)}
    )
    assert sending_of(log) == {"statements": 3.0, "never_sent": 1.0, "minutes_to_send": 60.0}
    found = run(ORDERS, [], LOG, SHOWN)
    assert found.skus["never_sent"].tolist() == [3]


def plain_gap(log, shown, orders):
    """The same told one event after another, without frames: oversold units of each order."""
    events = sorted(
        [(at, 1, stock, None) for at, stock in log]
        + [(at, 2, stock, None) for at, stock in shown]
        + [(at, 0, units, number) for number, (at, units) in enumerate(orders)]
    )
    own = platform = None
    beyond = {}
    for _, kind, value, number in events:
        if kind == 1:
            own = value
        elif kind == 2:
            platform = value
        else:
            if own is not None and platform is not None:
                beyond[number] = min(max(value - max(own, 0), 0), value)
            own = None if own is None else own - value
    return beyond


hours = st.integers(1, 23)
stocks = st.integers(-3, 6)


@settings(max_examples=20)
@given(
    st.lists(st.tuples(hours, stocks), max_size=6, unique_by=lambda pair: pair[0]),
    st.lists(st.tuples(hours, st.integers(0, 6)), max_size=6, unique_by=lambda pair: pair[0]),
    st.lists(st.tuples(hours, st.integers(1, 4)), min_size=1, max_size=8),
)
def test_oversold_units_are_those_of_a_plain_walk_through_the_events(log, shown, orders):
    items = [lost(number, hour, units) for number, (hour, units) in enumerate(orders)]
    found = run(
        [order(number, hour, units) for number, (hour, units) in enumerate(orders)],
        items,
        [{"at": moment(hour), "stock": stock} for hour, stock in log]
        or [{"at": moment(1), "sku_id": "S9", "stock": 0}],
        [{"at": moment(hour), "stock": stock} for hour, stock in shown]
        or [{"at": moment(1), "sku_id": "S9", "stock": 0}],
    )
    # Orders of one moment come in the order of the file, as there.
    expected = plain_gap(log, shown, orders)
    assert found.items["explained"].sum() == sum(expected.values())
    assert found.gaps["oversold_units"].sum() == sum(expected.values())
    assert (found.items["explained"] <= found.items["units"]).all()
    assert (found.items["explained"] >= 0).all()
    assert (found.gaps["hours"] >= 0).all()
    assert found.gaps["explained_units"].sum() == found.items["explained"].sum()
