"""After-sale rates at a fixed age, counted by hand and against a plain loop over the raw rows."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.after_sale import AGES, KINDS, after_sale_rates
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.study.cut import cut_orders, cut_returns
from tests.frames import order_lines, returns
from tests.rates.test_still_to_come import raw

AS_OF = date(2026, 11, 15)
SHOP = make_shop({"id": "shop", "market": "TH"})


def day(before, hour=12):
    return f"{AS_OF - timedelta(days=before)} {hour:02d}:00:00"


def order(number, delivered):
    """An order delivered so many days before the last."""
    return {"order_id": f"O{number}", "created_at": day(delivered + 3), "paid_at": day(delivered + 3),
            "rts_at": day(delivered + 2), "shipped_at": day(delivered + 2), "delivered_at": day(delivered)}  # fmt: skip


def asked(number, before, status="completed", paid=None):
    return {"return_id": f"R{number}", "order_id": f"O{number}", "requested_at": day(before, 18), "status": status,
            "refunded_at": None if paid is None else day(paid, 20)}  # fmt: skip


def found(orders, back, **given):
    lines = order_lines(*orders)
    requests = returns(*back) if back is not None else None
    facts = describe_orders(lines, attribute(lines, requests, SHOP).items, SHOP, AS_OF)
    return after_sale_rates(facts, lines, requests, AS_OF, **given)


def counts(result, week_ago):
    """Kind → (count at day 7, 14, 30) of the week that ended so many weeks ago."""
    rows = result.frame[result.frame["last_day"] == pd.Timestamp(AS_OF) - pd.Timedelta(days=7 * week_ago)]
    return {kind: tuple(rows.loc[rows["kind"] == kind, "count"]) for kind in KINDS}


# Ten orders delivered 40 days ago (the week that ended five weeks ago holds days 35 to 41).
TEN = [order(number, 40) for number in range(10)]
BACK = [
    asked(0, 38, paid=35),  # asked on day 2, paid on day 5
    asked(1, 33, paid=20),  # day 7 still counts; paid on day 20
    asked(2, 32, "rejected"),  # day 8
    asked(3, 30, "in_process"),  # day 10
    asked(4, 15, "pending"),  # day 25
    asked(5, 9, paid=2),  # day 31: too late for every age
]


def test_a_week_is_counted_by_hand():
    result = found([*TEN, order(98, 48)], BACK)
    assert counts(result, 5) == {"requested": (2, 4, 5), "accepted": (2, 3, 3), "completed": (1, 1, 2)}
    rows = result.frame[result.frame["orders"] == 10]
    assert len(rows) == 9
    assert rows["old_enough"].all()
    assert rows.loc[rows["kind"] == "requested", "rate"].tolist() == [0.2, 0.4, 0.5]
    # The one without an answer was asked on day 25.
    assert rows.loc[rows["kind"] == "accepted", "waiting"].tolist() == [0, 0, 1]


def test_a_young_week_says_so_at_each_age():
    result = found([order(1, 41), order(2, 13)], [asked(2, 12)])
    rows = result.frame[(result.frame["kind"] == "requested")]
    young = rows[rows["last_day"] == pd.Timestamp(AS_OF) - pd.Timedelta(days=7)]
    # Delivered 7 to 13 days ago: all are seven days old, not all fourteen.
    assert young["old_enough"].tolist() == [True, False, False]
    assert young["count"].tolist() == [1, 1, 1]


def test_a_request_before_the_delivery_is_no_after_sale_and_several_are_one():
    twice = [asked(0, 38), {**asked(0, 30), "return_id": "R0b"}]
    early = asked(1, 42)
    assert counts(found([*TEN, order(98, 48)], [*twice, early]), 5)["requested"] == (1, 1, 1)


def test_files_without_returns_say_nothing():
    assert found(TEN, None).reason == "no_file"
    marked = [{**order(0, 40), "after_sale": "return_refund", "quantity_affected": 1}, *TEN[1:]]
    assert found(marked, None).reason == "no_days"
    assert found([order(1, 2)], [asked(1, 1)]).reason == "short_history"
    assert found(TEN, None).frame.empty


@pytest.mark.parametrize("seed", [0, 3])
def test_weeks_against_a_loop_over_the_raw_rows(seed):
    lines, requests, told = raw(seed, 20)
    lines, requests = cut_orders(lines, AS_OF), cut_returns(requests, AS_OF)
    facts = describe_orders(lines, attribute(lines, requests, SHOP).items, SHOP, AS_OF)
    result = after_sale_rates(facts, lines, requests, AS_OF)
    for row in result.frame[result.frame["kind"] != "completed"].itertuples():
        # `told`: day of delivery (69 is the last day), delay and state of each order.
        inside = [
            one for one in told if one[0] <= 69 and (69 - one[0]) // 7 == (pd.Timestamp(AS_OF) - row.last_day).days // 7
        ]
        taken = ("in_process", "completed") if row.kind == "accepted" else None
        expected = sum(
            delay is not None and delay <= row.age and arrived + delay <= 69 and (taken is None or status in taken)
            for arrived, delay, status in inside
        )
        assert (row.orders, row.count) == (len(inside), expected)


def test_intervals_are_given_only_to_young_weeks_and_hold_what_is_seen():
    lines, requests, _ = raw(2, 20)
    lines, requests = cut_orders(lines, AS_OF), cut_returns(requests, AS_OF)
    facts = describe_orders(lines, attribute(lines, requests, SHOP).items, SHOP, AS_OF)
    frame = after_sale_rates(facts, lines, requests, AS_OF, predict=True).frame
    given = frame["expected"].notna()
    assert not (given & frame["old_enough"]).any()
    assert not (given & (frame["kind"] == "accepted")).any(), "the day of acceptance is in no file"
    young = frame[(frame["kind"] == "requested") & ~frame["old_enough"] & (frame["age"] == 14)]
    assert len(young) == 2
    assert young["expected"].notna().all()
    assert (young["expected"] >= young["rate"] - 1e-12).all()
    known = young.dropna(subset=["low"])
    assert ((known["low"] <= known["expected"]) & (known["expected"] <= known["high"])).all()
    assert set(frame["age"]) == set(AGES)
    assert np.isnan(after_sale_rates(facts, lines, requests, AS_OF).frame["expected"]).all()
