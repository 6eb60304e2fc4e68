from datetime import date
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.diagnosis.changes import DIGITS, Change, explain_change
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)
NOW, BEFORE, LONG_AGO = "2026-11-10 10:00:00", "2026-11-02 10:00:00", "2026-09-01 10:00:00"


def shop(*rows):
    """(created, product, lost reason or None, event) → orders and items."""
    orders, items = [], []
    for number, (created, product, reason, event) in enumerate(rows):
        line = {"order_id": f"5000000000{number:06d}", "sku_id": f"S-{product}", "product_name": product}
        orders.append({**line, "created_at": created, "paid_at": created})
        if reason:
            items.append({**line, "reason": reason, "order_created_at": created, "event_at": event})
    return order_lines(*orders), (affected_items(*items) if items else affected_items({}).iloc[:0])


def last_week(orders, items) -> Change:
    one = explain_change(orders, items, AS_OF)[0]
    assert one.weeks == 1
    return one


def test_counts_rates_and_contributions_by_hand():
    orders, items = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 4,
        *[(NOW, "Lamp", None, None)] * 6,
        *[(BEFORE, "Lamp", "out_of_stock", BEFORE)] * 1,
        *[(BEFORE, "Cup", "pricing_error", BEFORE)] * 1,
        *[(BEFORE, "Lamp", None, None)] * 18,
    )
    one = last_week(orders, items)
    assert (one.lines, one.ordered, one.lines_before, one.ordered_before) == (4, 10, 2, 20)
    assert one.change == pytest.approx(0.3)
    parts = one.parts.set_index("reason")["effect"]
    assert parts["out_of_stock"] == pytest.approx(4 / 10 - 1 / 20)
    assert parts["pricing_error"] == pytest.approx(-1 / 20)
    products = one.products.set_index("product")
    # Lamp: 1 of 19 then, 4 of 10 now, its share of the orders 0.95 then, 1 now; Cup: 1 of 1, then none.
    assert products.at["Lamp", "rate_effect"] == pytest.approx((4 / 10 - 1 / 19) * 0.975)
    assert products.at["Cup", "rate_effect"] == 0
    assert products.at["Cup", "mix_effect"] == pytest.approx((1 - (0.1 + 0.4) / 2) * -0.05)
    assert products.loc["Lamp", ["lines", "ordered", "lines_before", "ordered_before"]].tolist() == [4, 10, 1, 19]


def test_weeks_are_compared_at_the_same_age():
    orders, items = shop(
        (NOW, "Lamp", None, None),
        (BEFORE, "Lamp", "out_of_stock", "2026-11-08 23:59:00"),
        (BEFORE, "Lamp", "out_of_stock", "2026-11-09 00:00:00"),
    )
    assert last_week(orders, items).lines_before == 1


def test_a_change_that_may_be_chance_is_called_noise():
    orders, few = shop(
        (NOW, "Lamp", "out_of_stock", NOW), (NOW, "Lamp", None, None), *[(BEFORE, "Lamp", None, None)] * 5
    )
    assert last_week(orders, few).within_noise
    orders, many = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 40,
        *[(NOW, "Lamp", None, None)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 100,
    )
    assert not last_week(orders, many).within_noise


def test_only_periods_that_the_data_reach_are_compared():
    orders, items = shop((NOW, "Lamp", None, None), ("2026-11-03 10:00:00", "Lamp", None, None))
    assert [one.weeks for one in explain_change(orders, items, AS_OF)] == []
    orders, items = shop((NOW, "Lamp", None, None), ("2026-11-02 00:00:00", "Lamp", None, None))
    assert [one.weeks for one in explain_change(orders, items, AS_OF)] == [1]
    orders, items = shop((NOW, "Lamp", None, None), (BEFORE, "Lamp", None, None), (LONG_AGO, "Lamp", None, None))
    assert [one.weeks for one in explain_change(orders, items, AS_OF)] == [1, 8]
    # Nothing was ordered last week: the eight weeks are compared, the one is not.
    orders, items = shop(
        (NOW, "Lamp", None, None), ("2026-10-20 10:00:00", "Lamp", None, None), (LONG_AGO, "Lamp", None, None)
    )
    assert [one.weeks for one in explain_change(orders, items, AS_OF)] == [8]


def test_an_empty_week_claims_nothing():
    orders, items = shop((BEFORE, "Lamp", "out_of_stock", BEFORE))
    assert explain_change(orders, items, AS_OF) == ()
    assert explain_change(orders.iloc[:0], items, AS_OF) == ()


def test_weeks_that_differ_anyway_are_not_told_of_a_change_each_monday():
    """A shop that loses 2 % and 18 % in turn has lost 18 %: nothing new. One that always lost 10 % has a change."""

    def weeks(lost):
        days = pd.date_range("2026-09-15", periods=9, freq="7D")
        rows = [
            (str(day), "Lamp", "out_of_stock" if n < count else None, str(day))
            for day, count in zip(days, lost, strict=True)
            for n in range(200)
        ]
        return shop(("2026-09-14 00:00:00", "Lamp", None, None), *rows)

    restless = explain_change(*weeks([4, 36] * 4 + [40]), AS_OF)
    steady = explain_change(*weeks([20] * 8 + [40]), AS_OF)
    assert [one.within_noise for one in restless] == [True, True]
    assert [one.within_noise for one in steady] == [False, False]


def test_a_rise_and_a_fall_that_cancel_out_are_told():
    orders, items = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 60,
        *[(NOW, "Lamp", None, None)] * 140,
        *[(BEFORE, "Lamp", "pricing_error", BEFORE)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 140,
    )
    one = last_week(orders, items)
    assert one.change == 0
    assert one.within_noise
    assert one.told
    assert set(one.main_parts()["reason"]) == {"out_of_stock", "pricing_error"}


@settings(max_examples=25, deadline=None)
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
    orders, items = shop(*((created, product, reason, created) for created, product, reason in rows))
    lost = {when: sum(1 for at, _, reason in rows if at == when and reason) for when in (NOW, BEFORE)}
    ordered = {when: sum(1 for at, _, _ in rows if at == when) for when in (NOW, BEFORE)}
    found = explain_change(orders, items, AS_OF)
    if not ordered[NOW] or not ordered[BEFORE]:
        assert found == ()
        return
    one = found[0]
    change = Fraction(lost[NOW], ordered[NOW]) - Fraction(lost[BEFORE], ordered[BEFORE])
    for parts in (one.by_reason.parts, one.by_product.parts):
        assert sum((part.effect for part in parts), Fraction(0)) == change
    tenths = [round(value * 10**DIGITS) for value in one.parts["shown"]]
    assert abs(sum(tenths) - change * 10**DIGITS) <= Fraction(1, 2)
    for shown in (one.products["shown"], one.products["rate_shown"] + one.products["mix_shown"]):
        assert sum(round(value * 10**DIGITS) for value in shown) == sum(tenths) == round(one.shown * 10**DIGITS)


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
    whole = last_week(orders, items)
    alone = last_week(orders[orders["sku_id"] == "S0"], items[items["sku_id"] == "S0"])
    assert whole.change == pytest.approx(alone.change)
    assert whole.low == pytest.approx(alone.low, abs=0.01), "four lines that share a fate are worth one"
