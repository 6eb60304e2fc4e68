"""Rates by the day of the order: the age of the days, the counts, alarms and lasting changes."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.catalog.calendars import special_days
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.rates.over_time import METRICS, daily_counts, rates_over_time, settled_age
from tests.frames import affected_items, order_lines

SHOP = make_shop({"id": "shop", "market": "TH"})
ALL, FAULT = METRICS
LAST = date(2026, 11, 15)


def facts(*rows):
    """(day of the order, days until the seller cancelled it or None, days until it was paid) → order facts."""
    orders, items = [], []
    for number, (day, wait, paid) in enumerate(rows):
        placed = pd.Timestamp(day) + pd.Timedelta(hours=10)
        one = {"order_id": f"5000000000{number:06d}", "created_at": str(placed)}
        orders.append({**one, "paid_at": str(placed + pd.Timedelta(days=paid))})
        if wait is not None:
            gone = str(placed + pd.Timedelta(days=wait, hours=1))
            orders[-1] |= {
                "status": "cancelled",
                "cancelled_at": gone,
                "cancelled_by": "seller",
                "quantity_affected": 1,
            }
            items.append({"order_id": one["order_id"], "order_created_at": one["created_at"], "event_at": gone})
    lost = affected_items(*items) if items else affected_items({}).iloc[:0]
    return describe_orders(order_lines(*orders), lost, SHOP, LAST)


def test_the_age_is_that_by_which_nearly_all_cancellations_had_come():
    old = [("2026-10-01", 2, 0)] * 19 + [("2026-10-02", 9, 0)]
    # Young orders have had no time to be cancelled late, and must not make the age shorter.
    young = [("2026-11-14", 0, 0)] * 100
    assert settled_age(facts(*old, *young), FAULT, LAST) == 2
    assert settled_age(facts(*old[1:], *young), FAULT, LAST) == 9
    assert settled_age(facts(("2026-10-01", None, 0)), FAULT, LAST) == 1


def test_every_day_is_counted_at_the_same_age():
    rows = [
        ("2026-11-09", 1, 0),
        ("2026-11-09", 3, 0),
        ("2026-11-09", None, 0),
        ("2026-11-13", 1, 0),
        ("2026-11-14", 0, 0),
    ]
    frame = daily_counts(facts(*rows), ALL, LAST, 2).set_index("date")
    assert frame.loc["2026-11-09", ["count", "total"]].tolist() == [1, 3]
    assert frame.loc["2026-11-10", ["count", "total"]].tolist() == [0, 0]
    assert np.isnan(frame.loc["2026-11-10", "rate"])
    assert frame.index.max() == pd.Timestamp("2026-11-13")


def test_the_sellers_fault_is_of_paid_orders():
    rows = [("2026-11-09", 1, 0), ("2026-11-09", None, 0), ("2026-11-09", None, 4)]
    assert daily_counts(facts(*rows), FAULT, LAST, 2)["total"].iloc[0] == 2
    assert daily_counts(facts(*rows), ALL, LAST, 2)["total"].iloc[0] == 3


def days_with(lost):
    """40 orders a day up to LAST, of which so many are cancelled on the day after the order."""
    rows = []
    for back, count in enumerate(reversed(lost)):
        day = LAST - timedelta(days=back)
        rows += [(str(day), 1 if n < count else None, 0) for n in range(40)]
    return facts(*rows)


def test_a_day_out_of_the_ordinary_is_named_and_no_change_is_made_of_it():
    found = rates_over_time(days_with([1, 2] * 30 + [1, 9, 2, 1, 2, 1, 2, 1]), ALL, LAST)
    assert found.can_say
    assert found.changes == ()
    assert found.alarms["date"].dt.date.tolist() == [LAST - timedelta(days=6)]
    assert found.watched == (LAST - timedelta(days=7), LAST - timedelta(days=1))


def test_a_lasting_change_is_dated_and_its_days_are_no_alarms_of_their_own():
    found = rates_over_time(days_with([1, 2] * 28 + [9] * 10), ALL, LAST)
    (change,) = found.changes
    assert change.day == LAST - timedelta(days=9)
    assert change.first <= change.day <= change.last
    assert (change.before, change.after) == pytest.approx((1.5 / 40, 9 / 40))
    assert (found.days["alarm"] != "").sum() >= 5
    assert found.alarms.empty
    assert found.days["level"].iloc[[0, -1]].tolist() == pytest.approx([1.5 / 40, 9 / 40])


def test_after_a_change_long_ago_the_chart_begins_anew():
    found = rates_over_time(days_with([1, 2] * 15 + [7, 8] * 25 + [20, 7]), ALL, LAST)
    (change,) = found.changes
    first = found.days.loc[found.days["centre"].notna(), "date"].iloc[0].date()
    assert first == change.day
    assert found.alarms["date"].dt.date.tolist() == [LAST - timedelta(days=1)]


@pytest.mark.parametrize("lost", [[1] * 20, [0] * 80])
def test_few_days_or_no_loss_say_nothing(lost):
    found = rates_over_time(days_with(lost), ALL, LAST)
    assert not found.can_say
    assert found.alarms.empty
    assert found.changes == ()


def test_holidays_and_sales_days_are_named_in_the_charts_days():
    special = special_days("TH", LAST - timedelta(days=60), LAST)
    found = rates_over_time(days_with([1, 2] * 30 + [1, 2, 1, 9, 1, 2, 1, 2]), ALL, LAST, special)
    names = found.days.set_index(found.days["date"].dt.date)["event"]
    assert names[date(2026, 11, 11)] == "11.11"
    assert names[date(2026, 10, 23)] == "HM King Chulalongkorn Memorial Day"
    assert names[date(2026, 11, 10)] == ""
    # It stays in the chart: that the day stands out is seen, and whose day it was.
    assert found.alarms[["date", "event"]].to_numpy().tolist() == [[pd.Timestamp("2026-11-11"), "11.11"]]
    assert (rates_over_time(days_with([1, 2] * 34), ALL, LAST).days["event"] == "").all()
