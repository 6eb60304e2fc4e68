"""Caps on daily orders: what the shop's own days would have lost, counted by hand and in a second way."""

from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.policies import limits
from cancel_analysis.diagnosis.order_caps import daily_sales, order_caps, weekly_losses
from tests.frames import order_lines

AS_OF = date(2026, 11, 15)
(SFCR,) = [limit for limit in limits("TH", AS_OF) if limit.pack == "official" and "sfcr" in limit.id]


def standing(count=0, total=100, limit=SFCR, gives_verdict=True):
    return SimpleNamespace(limit=limit, tier=limit.tier_reached(count, total), gives_verdict=gives_verdict)


def shop_days(*orders_a_day, amount=10.0):
    rows = []
    for back, count in enumerate(reversed(orders_a_day)):
        day = AS_OF - timedelta(days=back)
        moment = f"{day} 10:00:00"
        rows += [{"created_at": moment, "paid_at": moment, "line_amount": amount}] * count
    return order_lines(*rows)


def test_an_even_shop_loses_what_the_percentage_says():
    caps = order_caps([standing(12)], shop_days(*[10] * 28), "THB", AS_OF)
    assert [cap.cap for cap in caps] == [0.9, 0.7, 0.5]
    # Ten orders of 10 a day: 700 a week, of which 10, 30 and 50 % go.
    assert [cap.loss for cap in caps] == pytest.approx([70, 210, 350])
    assert [(cap.low, cap.high) for cap in caps] == [pytest.approx((cap.loss, cap.loss)) for cap in caps]
    assert [cap.reached for cap in caps] == [True, False, False]
    assert (caps[0].average, caps[0].weeks, caps[0].confidence) == (10, 4, "official")


def test_an_uneven_shop_loses_more_and_the_range_is_of_its_own_weeks():
    busy = [10] * 6 + [40]
    caps = order_caps([standing()], shop_days(*[10] * 7, *busy), "THB", AS_OF)
    # 170 orders in 14 days: 12.14 a day, capped at 10.93; only the day of forty is above it.
    allowed = 0.9 * 170 / 14
    assert (caps[0].low, caps[0].high) == pytest.approx((0, (40 - allowed) * 10))
    assert caps[0].loss == pytest.approx((40 - allowed) * 10 / 2)
    assert not any(cap.reached for cap in caps)


def test_what_the_days_cannot_tell_is_not_known():
    caps = order_caps([standing()], shop_days(*[10] * 13), "THB", AS_OF)
    assert {cap.loss for cap in caps} == {None}
    assert order_caps([standing()], order_lines().head(0), "THB", AS_OF)[0].loss is None
    assert order_caps([standing(gives_verdict=False)], shop_days(*[10] * 28), "THB", AS_OF) == ()
    other = shop_days(*[10] * 28).assign(currency="USD")
    assert order_caps([standing()], other, "THB", AS_OF)[0].loss is None


def test_unpaid_orders_are_no_sales_and_cash_on_delivery_is():
    lines = shop_days(*[4] * 14)
    unpaid = lines.assign(paid_at=pd.Series(pd.NaT, index=lines.index, dtype=lines["paid_at"].dtype))
    assert daily_sales(unpaid, "THB", AS_OF).empty
    assert daily_sales(unpaid.assign(is_cod=True), "THB", AS_OF)["orders"].tolist() == [4] * 14


@given(st.lists(st.integers(0, 30), min_size=14, max_size=56), st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.9]))
def test_a_lower_cap_never_costs_less_and_none_takes_all(counts, cap):
    counts = counts[: len(counts) // 7 * 7]
    days = pd.DataFrame({"orders": counts, "sales": [7.0 * count for count in counts]}, dtype="float64")
    losses = weekly_losses(days, cap)
    again = [
        sum(7.0 * max(count - cap * sum(counts) / len(counts), 0) for count in counts[first : first + 7])
        for first in range(0, len(counts), 7)
    ]
    assert losses.tolist() == pytest.approx(again)
    assert (weekly_losses(days, 0.0) >= losses - 1e-9).all()
    assert weekly_losses(days, 0.0).sum() == pytest.approx(days["sales"].sum())
