"""Alert lines: what may be set, and what crossed since the day before."""

from datetime import date

import pandas as pd
import pytest

from cancel_analysis.benchmarks.alerts import CHANGES, alert_lines, crossed
from cancel_analysis.catalog.policies import reference_lines
from cancel_analysis.catalog.shops import LOWEST_ALERT, make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.rates.cube import daily
from cancel_analysis.rates.order_facts import describe_orders
from tests.benchmarks.test_judgement import cube
from tests.frames import affected_items, order_lines

DAY = date(2026, 11, 15)


def shop(**settings):
    return make_shop({"id": "shop", "market": "TH", **settings})


def test_the_lowest_line_is_that_of_the_catalog():
    (line,) = [one for one in reference_lines("setting") if one.id == "alert_lowest"]
    assert line.value == LOWEST_ALERT


def test_a_shops_own_lines_come_before_its_limits():
    own = alert_lines(shop(alerts={30: 0.03, 7: 0.05}), DAY)
    assert [(one.limit.window_days, one.limit.value, one.origin) for one in own] == [
        (7, 0.05, "own"),
        (30, 0.03, "own"),
    ]
    assert {one.limit.metric for one in own} == {"order_cancellation_rate"}
    limits = alert_lines(shop(), DAY)
    assert {one.origin for one in limits} == {"limit"}
    assert {one.limit.metric for one in limits} == {"seller_fault_cancellation_rate", "late_dispatch_rate"}
    assert all(one.limit.force == "enforced" for one in limits)


def test_two_percent_can_be_set():
    assert shop(alerts={7: 0.02}).alerts == ((7, 0.02),)


@pytest.mark.parametrize(
    ("alerts", "told"),
    [
        ({7: 0.019}, r"'alerts.7': must be a rate from 0.02 \(2.0%\) up"),
        ({7: 5}, "below 1, not 5"),
        ({7: True}, "must be a rate"),
        ({7: "5 %"}, "must be a rate"),
        ({14: 0.05}, "can be set for 7, 15, 30 days, not 14"),
        ({True: 0.05}, "can be set for"),
        ([0.05], "must give a rate to a number of days"),
    ],
)
def test_what_cannot_be_set_is_refused(alerts, told):
    with pytest.raises(SettingsError, match=told):
        shop(alerts=alerts)


def counts(gone, placed, day=DAY):
    return cube(day, cancelled_by_buyer_or_seller=gone, orders_placed=placed)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ((5, 100), (6, 100), "crossed"),  # 5 % is still on the line
        ((6, 100), (7, 100), "still_over"),
        ((6, 100), (5, 100), "back_under"),
        ((5, 100), (5, 100), "under"),
        ((0, 0), (1, 3), "crossed"),
        ((0, 0), (0, 0), "under"),
    ],
)
def test_the_four_ways_of_a_line(before, now, change):
    lines = alert_lines(shop(alerts={7: 0.05}), DAY)
    row = crossed(counts(*now), lines, DAY, before=counts(*before, day=date(2026, 11, 14))).iloc[0]
    assert row["change"] == change
    assert (row["numerator"], row["denominator"]) == now


def test_what_was_cancelled_yesterday_crosses_yesterday():
    """Ordered a week ago, cancelled yesterday: the day before, nobody knew."""
    when = {"created_at": "2026-11-10 10:00:00", "paid_at": "2026-11-10 10:05:00"}
    orders = [{**when, "order_id": f"59{n:014d}"} for n in range(20)]
    for one in orders[:3]:
        one |= {
            "status": "cancelled",
            "cancelled_at": "2026-11-15 09:00:00",
            "cancelled_by": "seller",
            "quantity_affected": 1,
        }
    items = [
        {"order_id": one["order_id"], "order_created_at": when["created_at"], "event_at": "2026-11-15 09:00:00"}
        for one in orders[:3]
    ]
    mine, lines, parts = shop(alerts={7: 0.05}), order_lines(*orders), affected_items(*items)
    cubes = [daily(describe_orders(lines, parts, mine, day), parts, day) for day in (DAY, date(2026, 11, 14))]
    row = crossed(cubes[0], alert_lines(mine, DAY), DAY, before=cubes[1], shop=mine).iloc[0]
    assert (row["change"], row["rate"], row["rate_before"]) == ("crossed", pytest.approx(0.15), 0)


def test_no_line_gives_an_empty_frame():
    frame = crossed(counts(1, 10), (), DAY)
    assert isinstance(frame, pd.DataFrame)
    assert frame.empty
    assert "change" in frame
    assert CHANGES[0] == "crossed"
