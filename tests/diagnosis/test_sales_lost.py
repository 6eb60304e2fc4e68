"""Sales lost are the value of what was lost after payment, once an item, in the shop's currency alone."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.diagnosis.sales_lost import sales_lost
from tests.studies import opened

AS_OF = date(2026, 11, 15)


def frames(*rows):
    """Orders and lost items: (days before the last one, amount, stage or None) each, an order a row."""
    names = [str(number) for number in range(len(rows))]
    created = pd.to_datetime([AS_OF - timedelta(days=row[0]) for row in rows]).tz_localize("Asia/Jakarta")
    orders = pd.DataFrame(
        {"order_id": names, "created_at": created, "currency": "IDR", "line_amount": [row[1] for row in rows]}
    )
    lost = [row[2] is not None for row in rows]
    items = pd.DataFrame(
        {
            "order_id": names,
            "order_created_at": created,
            "currency": "IDR",
            "amount": [row[1] for row in rows],
            "stage": [row[2] for row in rows],
        }
    )[lost].reset_index(drop=True)
    return orders, items


def test_periods_weeks_and_share_add_up():
    orders, items = frames(
        (0, 100.0, "cancellation"), (6, 50.0, "return_refund"), (7, 30.0, "refund"), (31, 500.0, "cancellation"),
        (2, 900.0, None), (3, 70.0, "unpaid"), (95, 1.0, None),
    )  # fmt: skip
    found = sales_lost(orders, items, "IDR", AS_OF)
    assert (found.amount, found.orders, found.before) == (180.0, 3, 500.0)
    assert found.share == pytest.approx(180 / 1080), "never-paid orders are no sales"
    assert found.weeks[-2:] == (30.0, 150.0)
    assert sum(found.weeks) == pytest.approx(680)
    assert found.low < 180 < found.high


def test_the_time_before_the_first_order_is_not_known_and_another_currency_is_left_out():
    orders, items = frames((0, 100.0, "cancellation"), (40, 20.0, None))
    items.loc[0, "currency"] = "USD"
    found = sales_lost(orders, items, "IDR", AS_OF)
    assert found.amount == 0.0
    assert np.isnan(found.before)
    assert np.isnan(found.weeks[0])
    assert found.weeks[-1] == 0.0


def test_without_values_nothing_is_claimed():
    orders, items = frames((0, float("nan"), "cancellation"), (1, float("nan"), "refund"))
    found = sales_lost(orders, items, "IDR", AS_OF)
    assert not found.known
    assert np.isnan(found.amount)
    assert found.valued == 0.0


def test_where_too_few_values_are_known_it_is_told_how_many():
    orders, items = frames(*[(0, 10.0 if number < 8 else float("nan"), "cancellation") for number in range(10)])
    found = sales_lost(orders, items, "IDR", AS_OF)
    assert not found.known
    assert found.valued == pytest.approx(0.8)


@pytest.mark.parametrize("shop", ["id-toko-gadget", "uk-linen-lane", "us-harbor-home"])
def test_the_sum_is_that_of_the_costs(shop):
    study = opened(shop)
    found = sales_lost(study.orders, study.items, study.shop.currency, study.as_of)
    assert found.amount == pytest.approx(study.costs.value)
