from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.changes import change, changes
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)
NOW, BEFORE, LONG_AGO = "2026-11-10 10:00:00", "2026-11-03 10:00:00", "2026-09-01 10:00:00"


def shop(*rows):
    """(created, product, lost reason or None, event) → orders and items."""
    orders, items = [], []
    for number, (created, product, reason, event) in enumerate(rows):
        line = {"order_id": f"5000000000{number:06d}", "sku_id": f"S-{product}", "product_name": product}
        orders.append({**line, "created_at": created, "paid_at": created})
        if reason:
            items.append({**line, "reason": reason, "order_created_at": created, "event_at": event})
    return (affected_items(*items) if items else affected_items({}).iloc[:0]), order_lines(*orders)


def test_counts_rates_and_contributions_by_hand():
    items, orders = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 4,
        *[(NOW, "Lamp", None, None)] * 6,
        *[(BEFORE, "Lamp", "out_of_stock", BEFORE)] * 1,
        *[(BEFORE, "Cup", "pricing_error", BEFORE)] * 1,
        *[(BEFORE, "Lamp", None, None)] * 18,
    )
    one = change(items, orders, AS_OF)
    assert (one.lines, one.ordered, one.lines_before, one.ordered_before) == (4, 10, 2, 20)
    assert one.change == pytest.approx(0.3)
    parts = one.parts.set_index("reason")["contribution"]
    assert parts["out_of_stock"] == pytest.approx(4 / 10 - 1 / 20)
    assert parts["pricing_error"] == pytest.approx(-1 / 20)
    assert one.main_parts()["reason"].tolist() == ["out_of_stock"]


def test_weeks_are_compared_at_the_same_age():
    items, orders = shop(
        (NOW, "Lamp", None, None),
        (BEFORE, "Lamp", "out_of_stock", "2026-11-08 23:59:00"),
        (BEFORE, "Lamp", "out_of_stock", "2026-11-09 00:00:00"),
    )
    assert change(items, orders, AS_OF).lines_before == 1


def test_a_change_that_may_be_chance_is_called_noise():
    few, orders = shop(
        (NOW, "Lamp", "out_of_stock", NOW), (NOW, "Lamp", None, None), *[(BEFORE, "Lamp", None, None)] * 5
    )
    assert change(few, orders, AS_OF).within_noise
    many, orders = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 40,
        *[(NOW, "Lamp", None, None)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 100,
    )
    assert not change(many, orders, AS_OF).within_noise


def test_only_periods_that_the_data_reach_are_compared():
    items, orders = shop((NOW, "Lamp", None, None), (BEFORE, "Lamp", None, None))
    assert [one.weeks for one in changes(items, orders, AS_OF)] == []
    items, orders = shop((NOW, "Lamp", None, None), ("2026-11-02 00:00:00", "Lamp", None, None))
    assert [one.weeks for one in changes(items, orders, AS_OF)] == [1]
    items, orders = shop((NOW, "Lamp", None, None), (LONG_AGO, "Lamp", None, None))
    assert [one.weeks for one in changes(items, orders, AS_OF)] == [1, 8]


def test_an_empty_week_claims_nothing():
    items, orders = shop((BEFORE, "Lamp", "out_of_stock", BEFORE))
    one = change(items, orders, AS_OF)
    assert np.isnan(one.rate)
    assert one.within_noise


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([NOW, BEFORE]),
            st.sampled_from("ABC"),
            st.sampled_from([None, "out_of_stock", "pricing_error"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_parts_and_products_add_up_to_the_change(rows):
    items, orders = shop(*((created, product, reason, created) for created, product, reason in rows))
    one = change(items, orders, AS_OF)
    if not one.ordered or not one.ordered_before:
        return
    assert one.parts["contribution"].sum() == pytest.approx(one.change, abs=1e-12)
    assert one.products["contribution"].sum() == pytest.approx(one.change, abs=1e-12)
    pd.testing.assert_series_equal(
        one.products["rate_effect"] + one.products["mix_effect"], one.products["contribution"], check_names=False
    )


def test_lines_of_one_order_are_not_taken_for_independent_ones():
    orders = order_lines(
        *(
            {"order_id": f"5{week}{n:014d}", "sku_id": f"S{line}", "created_at": when, "paid_at": when}
            for week, when in enumerate((NOW, BEFORE))
            for n in range(50)
            for line in range(4)
        )
    )
    lost = orders[orders["order_id"].isin([f"50{n:014d}" for n in range(8)])]
    items = affected_items(
        *(
            {"order_id": row.order_id, "sku_id": row.sku_id, "order_created_at": NOW, "event_at": NOW}
            for row in lost.itertuples()
        )
    )
    whole = change(items, orders, AS_OF)
    alone = change(items[items["sku_id"] == "S0"], orders[orders["sku_id"] == "S0"], AS_OF)
    assert whole.change == pytest.approx(alone.change)
    assert whole.low == pytest.approx(alone.low, abs=0.01), "four lines that share a fate are worth one"
