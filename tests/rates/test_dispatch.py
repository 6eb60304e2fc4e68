"""Dispatch deadlines: which days count, what meets them, when the day ends, and what stands for the carrier's scan."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.policies import dispatch_deadlines
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.cube import daily, window_figures
from cancel_analysis.rates.dispatch import dispatch_clock, due_moments, first_scans
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.tables import AFFECTED_ITEMS, empty
from tests.frames import order_lines, tracking_events

LA, JAKARTA = "America/Los_Angeles", "Asia/Jakarta"
US, ID = make_shop({"id": "shop", "market": "US"}), make_shop({"id": "shop", "market": "ID"})
AS_OF = date(2026, 12, 20)


def fact(order, shop=US, zone=LA, as_of=AS_OF, tracking=None):
    orders = order_lines({"status": "shipped", "currency": shop.currency, **order}, zone=zone)
    return describe_orders(orders, empty(AFFECTED_ITEMS, zone), shop, as_of, tracking).iloc[0]


def placed(moment, **more):
    return {"created_at": moment, "paid_at": moment, **more}


@pytest.mark.parametrize(
    ("paid", "due"),
    [
        ("2026-11-10 09:00", "2026-11-13"),  # Tuesday; Veterans Day on Wednesday does not count
        ("2026-11-11 09:00", "2026-11-13"),  # placed on it: as if on the day before
        ("2026-11-25 09:00", "2026-11-30"),  # over Thanksgiving and a weekend
        ("2026-07-02 09:00", "2026-07-07"),  # the Fourth is a Saturday, kept on Friday the 3rd
        ("2026-11-14 23:59", "2026-11-17"),  # a Saturday
    ],
)
def test_federal_holidays_do_not_count_in_the_united_states(paid, due):
    assert fact(placed(paid))["due_date"] == pd.Timestamp(due)


def test_indonesian_public_holidays_do_not_count_and_thai_ones_are_not_known():
    friday = placed("2026-08-14 09:00")
    # Monday 17 August is Independence Day.
    assert fact(friday, ID, JAKARTA)["due_date"] == pd.Timestamp("2026-08-19")
    thai = make_shop({"id": "shop", "market": "TH"})
    # Monday 7 December stands in for the King's birthday, Thursday the 10th is Constitution Day.
    assert fact(placed("2026-12-08 09:00"), thai, "Asia/Bangkok")["due_date"] == pd.Timestamp("2026-12-10")


def test_the_event_that_meets_the_deadline_is_the_markets_on_that_day():
    ready_only = {"rts_at": "2026-11-03 10:00", "status": "to_ship"}
    monday = placed("2026-11-02 10:00", **ready_only)
    assert fact(monday)["late_dispatch"], "ready to ship is no scan"
    assert fact(monday, ID, JAKARTA)["late_dispatch"], "ready to ship is not shipped"
    assert not fact(monday, make_shop({"id": "s", "market": "VN"}), "Asia/Ho_Chi_Minh")["late_dispatch"]
    assert not fact({**monday, "shipped_at": "2026-11-04 23:59:59"})["late_dispatch"]
    assert fact({**monday, "shipped_at": "2026-11-05 00:00:00"})["late_dispatch"]
    # Until the end of 2025 being ready to ship was enough.
    before = placed("2025-11-03 10:00", rts_at="2025-11-04 10:00", shipped_at="2025-11-07 10:00")
    assert not fact(before, as_of=date(2025, 12, 1))["late_dispatch"]
    last, first = (placed(day, rts_at=day, status="to_ship") for day in ("2025-12-31 10:00", "2026-01-01 10:00"))
    assert [fact(order, as_of=date(2026, 2, 1))["late_dispatch"] for order in (last, first)] == [False, True]


def test_the_day_ends_at_midnight_of_the_pacific_wherever_the_shop_keeps_its_clock():
    eastern = make_shop({"id": "shop", "market": "US", "timezone": "America/New_York"})
    zone = "America/New_York"
    monday = placed("2026-11-02 10:00")
    assert not fact({**monday, "shipped_at": "2026-11-05 02:59:59"}, eastern, zone)["late_dispatch"]
    assert fact({**monday, "shipped_at": "2026-11-05 03:00:00"}, eastern, zone)["late_dispatch"]
    # Half past one in New York is still the day before on the Pacific.
    night = fact(placed("2026-11-03 01:30", status="to_ship"), eastern, zone, as_of=date(2026, 11, 5))
    assert night["late_dispatch"], "day 0 is Monday, the time was up on Thursday at three"


def test_the_carriers_scan_goes_before_the_time_of_shipment():
    order = placed("2026-11-02 10:00", order_id="O1", tracking_id="T1", shipped_at="2026-11-04 09:00")

    def events(*rows):
        return tracking_events(*({"tracking_id": "T1", **row} for row in rows), zone=LA)

    assert not fact(order)["late_dispatch"], "without events the time of shipment stands for the scan"
    picked_up = {"step": "picked_up", "at": "2026-11-04 10:00"}
    late = {"step": "in_transit", "at": "2026-11-05 08:00"}
    again = {"step": "in_transit", "at": "2026-11-06 08:00"}
    assert fact(order, tracking=events(picked_up, late, again))["late_dispatch"]
    assert not fact(order, tracking=events(picked_up))["late_dispatch"], "being picked up says nothing of the scan"
    in_time = {"step": "in_transit", "at": "2026-11-04 20:00"}
    late_in_the_file = {**order, "shipped_at": "2026-11-05 09:00"}
    assert not fact(late_in_the_file, tracking=events(in_time, again))["late_dispatch"]
    by_order = tracking_events({"tracking_id": "X", "order_id": "O1", **late}, zone=LA)
    assert fact(order, tracking=by_order)["late_dispatch"]
    # What the carrier says later than the day of the report is not known yet.
    assert not fact(order, tracking=events(late), as_of=date(2026, 11, 3))["dispatch_due"]


def test_an_order_that_went_out_without_a_time_is_neither_due_nor_late():
    order = placed("2026-11-02 10:00", delivered_at="2026-11-09 10:00", status="completed")
    assert not fact(order)["dispatch_due"]
    assert not fact({**order, "delivered_at": None, "status": "shipped"})["dispatch_due"]
    waiting = fact({**order, "delivered_at": None, "status": "to_ship"})
    assert (waiting["dispatch_due"], waiting["late_dispatch"]) == (True, True)


def test_orders_of_the_platforms_own_are_out_of_the_numerator_and_in_the_denominator():
    monday = placed("2026-11-02 10:00", shipped_at="2026-11-09 10:00", currency="USD")
    kinds = [
        "Fulfillment by seller", "FULFILLMENT_BY_SELLER", None, "Fulfillment by TikTok Shop", "FULFILLMENT_BY_TIKTOK",
    ]  # fmt: skip
    orders = order_lines(*({**monday, "fulfillment_type": kind} for kind in kinds), zone=LA)
    items = empty(AFFECTED_ITEMS, LA)
    as_of = date(2026, 11, 20)
    facts = describe_orders(orders, items, US, as_of)
    assert facts["by_platform"].to_list() == [False, False, False, True, True]
    cube = daily(facts, items, as_of)

    def figures(fbt_out):
        row = window_figures(cube, "late_dispatch_rate", 30, [as_of], fbt_out=fbt_out).iloc[0]
        return row["numerator"], row["denominator"]

    assert figures((False, False)) == (5, 5)
    assert figures((True, False)) == (3, 5)
    assert figures((True, True)) == (3, 3)
    # More above the line than below it is no crash, but two counts beside each other.
    assert figures((False, True)) == (5, 3)


@given(st.datetimes(pd.Timestamp("2026-01-01").to_pydatetime(), pd.Timestamp("2027-12-01").to_pydatetime()))
def test_working_days_are_those_that_a_calendar_walk_gives(moment):
    (deadline,) = [known for known in dispatch_deadlines("US") if known.event == "in_transit"]
    local = pd.DatetimeIndex([moment]).as_unit("us").tz_localize(LA, ambiguous=False, nonexistent="shift_forward")
    start = pd.Series(local)
    day = start.iloc[0].date()
    closed = federal(day.year - 1) | federal(day.year) | federal(day.year + 1)

    def works(one):
        return one.weekday() < 5 and one not in closed

    while not works(day):
        day -= timedelta(days=1)
    left = 2
    while left:
        day += timedelta(days=1)
        left -= works(day)
    assert due_moments(start, deadline, LA).iloc[0] == pd.Timestamp(day + timedelta(days=1))


def federal(year):
    """The federal holidays of one year by their rules in 5 U.S.C. 6103, moved off weekends as they are kept."""

    def nth(month, weekday, count):
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))

    def kept(day):
        return day - timedelta(days=1) if day.weekday() == 5 else day + timedelta(days=1) if day.weekday() == 6 else day

    last_monday = date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday())
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    # New Year's Day of the next year can be kept on 31 December.
    days = {kept(day) for day in [*fixed, date(year + 1, 1, 1)]} | set(fixed)
    return days | {nth(1, 0, 3), nth(2, 0, 3), last_monday, nth(9, 0, 1), nth(10, 0, 2), nth(11, 3, 4)}


def test_no_order_and_no_tracking_are_no_problem():
    orders = order_lines({"currency": "USD"}, zone=LA).head(0)
    assert dispatch_clock(orders, US, AS_OF).empty
    assert first_scans(orders, None).empty
    lines = order_lines({"currency": "USD"}, zone=LA)
    assert first_scans(lines, tracking_events(zone=LA)).isna().all()
    items = empty(AFFECTED_ITEMS, LA)
    cube = daily(describe_orders(orders, items, US, AS_OF), items, AS_OF)
    assert np.isnan(window_figures(cube, "late_dispatch_rate", 30, [AS_OF]).iloc[0]["rate"])
