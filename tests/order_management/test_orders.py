"""The order counts against counts made by hand and in plain Python, and against the named rates."""

from collections import Counter, defaultdict
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.errors import SettingsError
from cancel_analysis.order_management.orders import STATES, review_orders
from tests.frames import order_lines
from tests.studies import SAMPLE, opened

AS_OF = date(2026, 11, 15)
GONE = {"status": "cancelled", "cancelled_at": "2026-11-03 10:00:00", "cancelled_by": "seller", "after_sale": "cancel"}
ORDERS = order_lines(
    {"order_id": "1", "status": "completed", "category": "Light"},
    {"order_id": "2", "status": "to_ship", "category": "Light"},
    {"order_id": "3", "status": "on_hold", "category": "Light"},
    {"order_id": "4", "status": "unpaid", "paid_at": None, "category": "Light"},
    {"order_id": "5", **GONE, "category": "Light"},
    # Sent and come back: the platform lists it under cancelled.
    {"order_id": "6", **GONE, "cancelled_by": "system", "shipped_at": "2026-11-02 20:00:00", "category": "Light"},
    # Two lines in two categories: one is cancelled, the other on its way.
    {"order_id": "7", **GONE, "sku_id": "S2", "product_name": "Mug", "category": "Cups"},
    {"order_id": "7", "first_line": False, "status": "shipped", "category": "Light"},
    # Every unit cancelled although the line is not called so.
    {"order_id": "8", "status": "to_ship", "after_sale": "cancel", "quantity_affected": 1, "cancelled_by": "buyer"},
    {"order_id": "9", "created_at": "2026-10-01 10:00:00"},
)


def states(counts):
    return {row.state: row.orders for row in counts.states.itertuples() if row.orders}


def test_each_order_stands_where_its_least_advanced_living_line_stands():
    counts = review_orders(ORDERS, AS_OF, 30)
    assert states(counts) == {"completed": 1, "to_ship": 2, "unpaid": 1, "cancelled": 2, "failed": 1, "shipped": 1}
    assert counts.orders == 8
    assert (counts.on_hold, counts.mixed, counts.partly_cancelled) == (1, 1, 1)
    assert counts.initiators.set_index("cancelled_by")["orders"].to_dict() == {"seller": 1, "buyer": 1}


def test_the_rates_say_what_they_count():
    counts = review_orders(ORDERS, AS_OF, 30)
    rates = counts.rates.set_index("name")
    assert rates["cancelled"].to_dict() == {"buyer_or_seller": 2, "anybody": 2, "with_failed": 3}
    assert counts.rate() == pytest.approx(2 / 8)
    # Wilson 1927 for 2 of 8, by its formula.
    z, p, n = 1.959964, 0.25, 8
    centre, spread = p + z * z / 2 / n, z * (p * (1 - p) / n + z * z / 4 / n / n) ** 0.5
    assert rates.loc["anybody", "low"] == pytest.approx((centre - spread) / (1 + z * z / n), abs=1e-6)
    assert rates.loc["anybody", "high"] == pytest.approx((centre + spread) / (1 + z * z / n), abs=1e-6)


def test_a_filter_takes_every_order_with_a_matching_line_and_leaves_its_place():
    cups = review_orders(ORDERS, AS_OF, 30, category="Cups")
    assert states(cups) == {"shipped": 1}
    assert (cups.units, cups.units_cancelled) == (1, 1)
    assert review_orders(ORDERS, AS_OF, 30, product="Mug").orders == 1
    assert review_orders(ORDERS, AS_OF, 30, product="S2").orders == 1
    assert review_orders(ORDERS, AS_OF, 30, category="Light", product="Mug").orders == 0


def test_groups_count_an_order_in_each_of_its_categories():
    groups = review_orders(ORDERS, AS_OF, 30, by="category").groups.set_index("group")
    assert groups["orders"].to_dict() == {"Light": 7, "Cups": 1, "": 1}
    assert groups.loc["Light", "shipped"] == groups.loc["Cups", "shipped"] == 1
    assert groups.loc["Light", "cancelled_rate"] == pytest.approx(1 / 7)
    assert groups.loc["Cups", ["units", "units_cancelled"]].tolist() == [1, 1]
    products = review_orders(ORDERS, AS_OF, 30, by="product").groups.set_index("group")
    assert products["orders"].to_dict() == {"Lamp": 8, "Mug": 1}


def test_the_daily_frame_holds_every_day_and_sums_to_the_states():
    counts = review_orders(ORDERS, AS_OF, 30)
    assert len(counts.daily) == 30 * len(STATES)
    assert (
        counts.daily.groupby("state")["orders"].sum().to_dict() == counts.states.set_index("state")["orders"].to_dict()
    )
    assert counts.daily["date"].min() == pd.Timestamp("2026-10-17")


def test_no_order_at_all_has_no_rate():
    counts = review_orders(ORDERS, date(2026, 1, 1), 7)
    assert counts.orders == 0
    assert pd.isna(counts.rate())
    assert counts.rates[["low", "high"]].iloc[0].tolist() == [0.0, 1.0]


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(SettingsError, match="category"):
        review_orders(ORDERS, AS_OF, 30, by="colour")
    with pytest.raises(SettingsError, match="1 or more"):
        review_orders(ORDERS, AS_OF, 0)


line = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from("abcde"),
        "status": st.sampled_from(["unpaid", "on_hold", "to_ship", "shipped", "completed", "cancelled", "unknown"]),
        "category": st.sampled_from(["x", "y", None]),
        "quantity": st.integers(1, 3),
        "created_at": st.sampled_from(["2026-11-02 10:00:00", "2026-11-15 23:59:59", "2026-11-16 00:00:00"]),
    }
)


@given(st.lists(line, min_size=1, max_size=12))
def test_states_part_the_orders_and_each_is_placed_by_the_rule(rows):
    first = {}
    rows = [{**row, "created_at": first.setdefault(row["order_id"], row["created_at"])} for row in rows]
    counts = review_orders(order_lines(*rows), AS_OF, 30)
    orders = defaultdict(list)
    for row in rows:
        if row["created_at"] < "2026-11-16":
            orders[row["order_id"]].append(row["status"])
    expected = Counter()
    for lines in orders.values():
        living = [one for one in lines if one != "cancelled"]
        known = [one.replace("on_hold", "to_ship") for one in living if one != "unknown"]
        ladder = [one for one in ("unpaid", "to_ship", "shipped", "completed") if one in known]
        expected[ladder[0] if ladder else "unknown" if living else "cancelled"] += 1
    assert states(counts) == dict(expected)
    assert counts.states["orders"].sum() == counts.orders == len(orders)
    assert counts.daily["orders"].sum() == counts.orders
    groups = review_orders(order_lines(*rows), AS_OF, 30, by="category").groups
    assert groups["units"].sum() == counts.units
    assert (groups[list(STATES)].sum(axis=1) == groups["orders"]).all()


@pytest.mark.skipif(not (SAMPLE / "shops.yaml").exists(), reason="the sample data are not there")
@pytest.mark.parametrize("shop", ["us-harbor-home", "uk-linen-lane", "id-toko-gadget"])
def test_the_desk_agrees_with_the_named_rates(shop):
    study = opened(shop)
    counts = review_orders(study.orders, study.as_of, 30).rates.set_index("name")
    named = study.rates[(study.rates["basis"] == "created") & (study.rates["window"] == 30)].set_index("metric")
    for mine, theirs in (("buyer_or_seller", "order_cancellation_rate"), ("anybody", "total_cancellation_rate")):
        assert counts.loc[mine, "cancelled"] == named.loc[theirs, "numerator"]
        assert counts.loc[mine, "orders"] == named.loc[theirs, "denominator"]
