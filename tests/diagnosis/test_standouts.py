from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, hypergeom

from cancel_analysis.diagnosis.standouts import as_frame, find_standouts
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)


def shop(seed: int, rate, days: int = 90, per_day: int = 25, products: int = 10, **constant):
    """A made-up shop: `rate(day_number, product, carrier, region)` is the chance of a lost line."""
    draw = np.random.default_rng(seed)
    orders, lost = [], []
    for day in range(days):
        placed = pd.Timestamp(AS_OF) - pd.Timedelta(days=days - 1 - day) + pd.Timedelta(hours=9)
        for _ in range(per_day):
            number = f"5{len(orders):015d}"
            product = int(draw.integers(products))
            carrier, region = f"C{draw.integers(3)}", f"R{draw.integers(4)}"
            line = {
                "order_id": number,
                "sku_id": f"S{product}",
                "product_name": f"P{product}",
                "carrier": carrier,
                "region": region,
                "created_at": placed,
                "shipped_at": placed + pd.Timedelta(days=1),
                "delivered_at": placed + pd.Timedelta(days=3),
            }
            orders.append(line)
            if draw.random() < rate(day, product, carrier, region):
                lost.append(
                    {
                        **{k: line[k] for k in ("order_id", "sku_id", "product_name", "carrier", "region")},
                        "order_created_at": placed,
                        "event_at": placed,
                        **constant,
                    }
                )
    return order_lines(*orders), affected_items(*lost) if lost else affected_items({}).iloc[:0]


def test_a_steady_shop_is_told_nothing_stands_out():
    named = [find_standouts(*shop(seed, lambda *_: 0.02), AS_OF, 30) for seed in range(20)]
    # Each has at most a one in twenty chance of a false name; five of twenty would be no chance.
    assert sum(bool(found) for found in named) <= 4


def test_bad_skus_are_named_and_no_other():
    bad = {2, 7}
    orders, items = shop(1, lambda day, product, *_: 0.25 if product in bad and day >= 60 else 0.01)
    found = find_standouts(orders, items, AS_OF, 30)[0]
    assert found.root_cause == "stock"
    assert dict(zip(found.places["label"], found.places["sku_ids"], strict=True)) == {"P2": "S2", "P7": "S7"}
    lines = items[items["product_name"].isin(["P2", "P7"]) & (items["order_created_at"].dt.date > date(2026, 10, 16))]
    assert found.orders == len(lines)
    assert found.rate > 0.15 > found.rest_rate
    assert found.since is not None
    assert date(2026, 10, 5) <= found.since <= date(2026, 10, 26)


def test_the_carrier_in_its_region_is_told_apart_from_the_carrier():
    orders, items = shop(
        3,
        lambda day, product, carrier, region: 0.35 if (carrier, region) == ("C1", "R2") else 0.03,
        root_cause="carrier",
        stage="refund",
        reason="delivery_failed",
        responsibility="shipping",
    )
    found = find_standouts(orders, items, AS_OF, 30)[0]
    assert (found.dimension, list(found.places["label"])) == ("carrier_region", ["C1 · R2"])
    assert list(found.places["sku_ids"]) == ["S0, S1, S2 +7"]


def test_a_carrier_that_fails_everywhere_is_not_blamed_on_a_region():
    orders, items = shop(
        4,
        lambda day, product, carrier, region: 0.3 if carrier == "C1" else 0.03,
        root_cause="carrier",
        stage="refund",
        reason="delivery_failed",
        responsibility="shipping",
    )
    found = find_standouts(orders, items, AS_OF, 30)[0]
    assert (found.dimension, list(found.places["label"])) == ("carrier", ["C1"])


def test_a_rise_that_is_everywhere_is_told_by_its_week():
    orders, items = shop(
        5, lambda day, *_: 0.12 if day >= 69 else 0.01, root_cause="late_dispatch", reason="shipping_timeout"
    )
    found = find_standouts(orders, items, AS_OF, 30)[0]
    assert (found.root_cause, found.dimension, found.since) == ("late_dispatch", "weeks", date(2026, 10, 26))
    late = items[items["order_created_at"].dt.date >= date(2026, 10, 26)]
    assert found.rise["orders"].iloc[0] == len(late)
    assert found.rise["before_orders"].iloc[0] == len(items) - len(late)
    assert (found.rise["at_risk"].iloc[0], found.rise["before_at_risk"].iloc[0]) == (21 * 25, 69 * 25)


def test_products_and_weeks_that_differ_as_they_always_do_are_no_finding():
    usual = [0.01, 0.02, 0.03, 0.05, 0.015, 0.025, 0.04, 0.02, 0.06, 0.03]
    weeks = [1.0, 1.3, 0.8, 0.9, 1.2, 1.0, 0.7, 1.1, 0.9, 1.0, 1.3, 0.8, 1.35]
    named_by_fisher = 0
    for seed in range(3):
        orders, items = shop(seed, lambda day, product, *_: 2 * usual[product] * weeks[(day + 1) // 7], per_day=60)
        assert find_standouts(orders, items, AS_OF, 30) == ()
        lost, sold = (
            frame[frame[column].dt.date > date(2026, 10, 16)].groupby("sku_id").size().to_numpy()
            for frame, column in ((items, "order_created_at"), (orders, "created_at"))
        )
        p = hypergeom.sf(lost - 1, sold.sum(), lost.sum(), sold)
        named_by_fisher += (false_discovery_control(p) <= 0.05).any()
    # Held against the rest as if every product were like the other, some product is named.
    assert named_by_fisher


def test_addresses_lost_before_anything_was_sent_count():
    orders, items = shop(
        6,
        lambda day, product, carrier, region: 0.3 if region == "R2" and day >= 60 else 0.01,
        root_cause="address",
        reason="address_not_served",
    )
    unsent = orders["order_id"].isin(items["order_id"])
    orders = orders.assign(
        shipped_at=orders["shipped_at"].mask(unsent), delivered_at=orders["delivered_at"].mask(unsent)
    )
    found = find_standouts(orders, items, AS_OF, 30)[0]
    assert (found.root_cause, found.dimension, list(found.places["label"])) == ("address", "region", ["R2"])


def test_an_empty_shop_and_a_single_product_name_nothing():
    assert find_standouts(order_lines({}), affected_items({}).iloc[:0], AS_OF, 30) == ()
    assert find_standouts(order_lines({}), affected_items({}), AS_OF, 30) == ()


def test_the_lines_of_one_order_are_one_case():
    """Five lost lines of one order at one place say no more than one lost order; five orders do."""
    orders, items = shop(
        4, lambda *_: 0.01, root_cause="carrier", stage="refund", reason="delivery_failed", responsibility="shipping"
    )
    placed = pd.Timestamp(AS_OF) - pd.Timedelta(days=3)

    def lost(numbers):
        lines = [
            {
                "order_id": number,
                "sku_id": f"S{line}",
                "line_no": line,
                "product_name": f"P{line}",
                "carrier": "C9",
                "region": "R9",
                "created_at": placed,
                "shipped_at": placed + pd.Timedelta(hours=4),
            }
            for line, number in enumerate(numbers)
        ]
        more = [
            {name: line[name] for name in ("order_id", "sku_id", "line_no", "product_name", "carrier", "region")}
            | {"root_cause": "carrier", "stage": "refund", "reason": "delivery_failed", "responsibility": "shipping"}
            | {"order_created_at": placed, "event_at": placed}
            for line in lines
        ]
        return (
            pd.concat([orders, order_lines(*lines)], ignore_index=True),
            pd.concat([items, affected_items(*more)], ignore_index=True),
        )

    assert not find_standouts(*lost(["one"] * 5), AS_OF, 30)
    (found,) = find_standouts(*lost([f"order {number}" for number in range(5)]), AS_OF, 30)
    place = found.places.iloc[0]
    assert (place["orders"], place["at_risk"]) == (5, 5)
    # The shop's other losses to the carrier of these 30 days, counted on the items themselves.
    recent = items["order_created_at"].dt.date > date(2026, 10, 16)
    assert found.all_orders == items.loc[recent, "order_id"].nunique() + 5


def test_an_order_with_two_bad_skus_is_one_order():
    bad = {2, 7}
    orders, items = shop(1, lambda day, product, *_: 0.25 if product in bad and day >= 60 else 0.01)
    (first, second) = (items[items["product_name"] == name].iloc[-1] for name in ("P2", "P7"))
    # The last lost line of P7 is of the order that the last lost line of P2 is of.
    orders.loc[orders["order_id"] == second["order_id"], ["order_id", "line_no"]] = [first["order_id"], 2]
    items.loc[items["order_id"] == second["order_id"], ["order_id", "line_no"]] = [first["order_id"], 2]
    found = find_standouts(orders, items, AS_OF, 30)[0]
    lost = items[items["product_name"].isin(["P2", "P7"]) & (items["order_created_at"].dt.date > date(2026, 10, 16))]
    assert (len(lost), found.places["orders"].sum()) == (found.orders + 1, len(lost))
    assert found.orders == lost["order_id"].nunique()
    frame = as_frame([found])
    assert list(frame["place"]) == list(found.places["place"])
    assert set(frame["all_orders"]) == {found.all_orders}


def test_a_rise_of_the_whole_shop_is_a_row_too():
    orders, items = shop(6, lambda day, *_: 0.20 if day >= 69 else 0.01, root_cause="late_dispatch")
    found = find_standouts(orders, items, AS_OF, 30)[0]
    assert found.dimension == "weeks"
    (row,) = as_frame([found]).to_dict("records")
    assert (row["dimension"], row["place"], row["since"]) == ("weeks", str(found.since), pd.Timestamp(found.since))
    assert row["rate"] == found.rate > 0.1 > row["rest_rate"] == found.rest_rate
    assert list(as_frame([]).columns) == list(as_frame([found]).columns)
