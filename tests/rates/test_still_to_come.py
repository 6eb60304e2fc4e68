"""Weekly cohorts against counts made by hand from the raw rows; what is over stays, what is later is not seen."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.cube import daily, rates_at
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.rates.over_time import MATURE_DAYS, settled_age
from cancel_analysis.rates.still_to_come import LONGEST, cancellations_to_come, return_horizon, returns_to_come
from cancel_analysis.study.cut import cut_orders, cut_returns
from tests.frames import order_lines, returns
from tests.studies import opened

AS_OF = date(2026, 11, 15)
FIRST = AS_OF - timedelta(days=69)
ID = make_shop({"id": "shop", "market": "ID"})
COUNTED = ("completed", "in_process", "pending")


def at(day, hour=10):
    return f"{FIRST + timedelta(days=int(day))} {hour:02d}:00:00"


@cache
def raw(seed, longest=6):
    """Orders delivered two days after they were placed, some asked back up to `longest` days later."""
    generator = np.random.default_rng(seed)
    told, orders, asked = [], [], []
    for number in range(700):
        created = int(generator.integers(0, 68))
        delay = int(generator.binomial(longest, 0.3)) if generator.random() < 0.15 else None
        status = str(generator.choice([*COUNTED, "rejected", "withdrawn"], p=[0.6, 0.1, 0.1, 0.1, 0.1]))
        name = f"O{number:05d}"
        orders.append({"order_id": name, "created_at": at(created), "paid_at": at(created, 11)})
        orders[-1] |= {"shipped_at": at(created + 1), "rts_at": at(created + 1), "delivered_at": at(created + 2)}
        if delay is not None:
            asked.append({"order_id": name, "requested_at": at(created + 2 + delay, 20), "status": status})
        told.append((created + 2, delay, status))
    return order_lines(*orders), returns(*asked), tuple(told)


def found_in(orders, asked, as_of=AS_OF, shop=ID):
    orders, asked = cut_orders(orders, as_of), cut_returns(asked, as_of)
    facts = describe_orders(orders, attribute(orders, asked, shop).items, shop, as_of)
    return returns_to_come(facts, orders, asked, shop, as_of)


@settings(max_examples=8)
@given(st.integers(0, 5), st.integers(0, 25))
def test_weeks_count_what_the_files_hold_and_nothing_later(seed, earlier):
    orders, asked, told = raw(seed)
    as_of = AS_OF - timedelta(days=earlier)
    last = 69 - earlier
    weeks = found_in(orders, asked, as_of).weeks
    for row in weeks.itertuples():
        first = (row.first_day.date() - FIRST).days
        mine = [one for one in told if first <= one[0] <= first + 6 and one[0] <= last]
        seen = [one for one in mine if one[1] is not None and one[0] + one[1] <= last and one[2] in COUNTED]
        assert (row.orders, row.seen) == (len(mine), len(seen))
        assert row.last_day == row.first_day + pd.Timedelta(days=6)
    assert weeks["last_day"].iloc[-1].date() == as_of


def test_rows_after_the_last_day_change_nothing():
    orders, asked, _ = raw(0)
    as_of = AS_OF - timedelta(days=10)
    end = pd.Timestamp(as_of + timedelta(days=1), tz="Asia/Bangkok")
    earlier = found_in(orders[orders["created_at"] < end], asked[asked["requested_at"] < end], as_of)
    pd.testing.assert_frame_equal(found_in(orders, asked, as_of).weeks, earlier.weeks)


def test_a_week_whose_time_has_passed_stays_as_it_is_and_the_newest_grows():
    found = found_in(*raw(1)[:2])
    assert found.can_say
    whole = found.weeks[found.weeks["maturity"] == 1]
    assert len(whole) > 5
    for column in ("expected", "low_80", "high_80", "low_95", "high_95"):
        assert (whole[column] == whole["seen"]).all()
    newest = found.weeks.iloc[-1]
    assert newest["expected"] > newest["seen"]
    assert newest["rate_expected"] == pytest.approx(newest["expected"] / newest["orders"])
    assert found.settled_until == whole["last_day"].iloc[-1].date()
    lately = found.open_weeks
    assert (lately.orders, lately.seen) == (newest["orders"], newest["seen"])
    assert lately.low_95 <= lately.expected <= lately.high_95


def test_maturity_is_the_share_of_the_window_that_has_passed():
    orders, asked, told = raw(2)
    newest = found_in(orders, asked).weeks.iloc[-1]
    days = [min(70 - day, 7) / 7 for day, _, _ in told if 63 <= day <= 69]
    assert newest["maturity"] == pytest.approx(np.mean(days))


def test_the_horizon_is_the_longest_window_of_the_market_or_what_the_shop_itself_shows():
    few = pd.Series([1.0, 2.0, 5.0] * 100)
    assert return_horizon(ID, AS_OF, few)[:2] == (6, "market")
    us = make_shop({"id": "shop", "market": "US"})
    assert return_horizon(us, AS_OF, few)[:2] == (30, "market")
    # One of 301 later than the window is an exception; one of thirty is not.
    assert return_horizon(ID, AS_OF, pd.concat([few, pd.Series([12.0])]))[:2] == (6, "market")
    assert return_horizon(ID, AS_OF, pd.concat([few, pd.Series([12.0] * 10)]))[:2] == (12, "data")
    assert return_horizon(replace(ID, market="JP"), AS_OF, few)[:2] == (LONGEST, "longest")
    assert return_horizon(replace(ID, mapping=Path("m.yaml")), AS_OF, few)[:2] == (LONGEST, "longest")


def test_a_return_after_the_window_is_counted_all_the_same():
    orders, asked, _ = raw(3)
    late = orders.iloc[[0]].assign(order_id="LATE", delivered_at=pd.Timestamp(at(20), tz="Asia/Bangkok"))
    back = asked.iloc[[0]].assign(
        order_id="LATE", return_id="L1", status="completed", requested_at=pd.Timestamp(at(40), tz="Asia/Bangkok")
    )
    before = found_in(orders, asked).weeks["seen"].sum()
    found = found_in(pd.concat([orders, late], ignore_index=True), pd.concat([asked, back], ignore_index=True))
    assert found.horizon == 6
    assert found.weeks["seen"].sum() == before + 1


def test_without_dates_of_returns_nothing_is_said():
    orders, asked, _ = raw(0)
    facts = describe_orders(orders, attribute(orders, None, ID).items, ID, AS_OF)
    assert returns_to_come(facts, orders, None, ID, AS_OF).reason == "no_file"
    marked = orders.assign(after_sale=["return_refund" if n % 9 == 0 else None for n in range(len(orders))])
    facts = describe_orders(marked, attribute(marked, None, ID).items, ID, AS_OF)
    found = returns_to_come(facts, marked, None, ID, AS_OF)
    assert (found.reason, found.open_weeks) == ("no_days", None)
    assert found.weeks["seen"].isna().all()
    young = orders["created_at"] >= pd.Timestamp(at(57), tz="Asia/Bangkok")
    assert found_in(orders[young], asked[asked["order_id"].isin(orders.loc[young, "order_id"])]).reason == (
        "short_history"
    )
    assert found_in(orders, asked.head(20)).reason == "few_events"


@cache
def with_cancellations():
    generator = np.random.default_rng(4)
    rows = []
    for _ in range(900):
        created = int(generator.integers(0, 70))
        cancelled, sent = created + int(generator.binomial(6, 0.3)), created + int(generator.binomial(5, 0.6))
        row = {"created_at": at(created, 1), "paid_at": at(created, 2), "status": "to_ship"}
        if generator.random() < 0.3 and cancelled <= min(sent, 69):
            row |= {"status": "cancelled", "cancelled_at": at(cancelled, 9), "cancelled_by": "buyer"}
            row |= {"after_sale": "cancel", "quantity_affected": 1, "cancel_reason_text": "No longer needed"}
        elif sent <= 69:
            row |= {"status": "shipped", "shipped_at": at(sent, 23), "rts_at": at(sent, 22)}
        rows.append(row)
    return order_lines(*rows)


def test_only_open_orders_can_still_be_cancelled():
    orders = with_cancellations()
    facts = describe_orders(orders, attribute(orders, None, ID).items, ID, AS_OF)
    found = cancellations_to_come(facts, orders, AS_OF)
    assert found.weeks["still_open"].sum() == (orders["status"] == "to_ship").sum() > 5
    assert found.weeks["seen"].sum() == (orders["status"] == "cancelled").sum()
    newest = found.weeks.iloc[-1]
    assert newest["seen"] < newest["expected"] < newest["seen"] + newest["still_open"]
    sent = orders.assign(status=orders["status"].replace("to_ship", "shipped"))
    sent["shipped_at"] = sent["shipped_at"].mask(orders["status"] == "to_ship", sent["paid_at"])
    facts = describe_orders(sent, attribute(sent, None, ID).items, ID, AS_OF)
    closed = cancellations_to_come(facts, sent, AS_OF).weeks
    assert (closed["expected"] == closed["seen"]).all()


def test_without_a_time_of_cancellation_what_is_still_to_come_is_not_known():
    """The order's day stands in for the cancellation's: each would count as cancelled at once."""
    orders = with_cancellations()
    orders = orders.assign(cancelled_at=orders["cancelled_at"].mask(orders["order_id"].notna()))
    items = attribute(orders, None, ID).items
    facts = describe_orders(orders, items, ID, AS_OF)
    assert facts.loc[facts["cancelled"], "cancel_undated"].all()
    found = cancellations_to_come(facts, orders, AS_OF)
    assert (found.reason, found.can_say) == ("no_days", False)
    assert found.weeks["still_open"].sum() > 5
    assert found.weeks["expected"].isna().all()
    assert found.together(found.weeks["still_open"] > 0) is None
    # By the day on which they were cancelled no rate of cancellations is known; by the order's day it is.
    rates = rates_at(daily(facts, items, AS_OF), AS_OF)
    rates = rates[(rates["metric"] == "order_cancellation_rate") & (rates["window"] == 30)].set_index("basis")
    assert rates["untold"].to_dict() == {"created": "", "event": "undated"}
    # Nor how soon after its order a cancellation comes: only days that are old enough are looked at.
    assert settled_age(facts, "order_cancellation_rate", AS_OF) == MATURE_DAYS


@pytest.mark.parametrize("name", ["us-harbor-home", "uk-linen-lane", "th-siam-beauty", "vn-saigon-shoes"])
def test_of_a_sample_shop_every_order_that_came_back_is_in_a_week(name):
    study = opened(name)
    weeks = study.returns_to_come.weeks
    kept = study.returns[study.returns["status"].isin(COUNTED)]
    day = study.orders.groupby("order_id")["delivered_at"].max().dt.tz_localize(None).dt.normalize()
    back = day[day.index.isin(kept["order_id"])].dropna()
    back = back[back >= weeks["first_day"].iloc[0]]
    returned = study.facts.loc[study.facts["returned_any"], "order_id"]
    pending = kept.loc[kept["status"] == "pending", "order_id"]
    assert weeks["seen"].sum() == back.index.isin([*returned, *pending]).sum() > 30
