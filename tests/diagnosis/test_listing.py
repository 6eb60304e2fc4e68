from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from scipy.stats import fisher_exact

from cancel_analysis.diagnosis.listing import compare_listings, located
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)


def shop(counts, categories=None):
    """Orders and mismatches from {(product, sku): (delivered, lost)}."""
    orders, items = [], []
    for (product, sku), (delivered, lost) in counts.items():
        for number in range(delivered):
            line = {
                "order_id": f"{product}-{sku}-{number}",
                "sku_id": sku,
                "product_name": product,
                "variation": sku[-1],
                "category": (categories or {}).get(product, "C"),
                "delivered_at": "2026-11-05 10:00:00",
            }
            orders.append(line)
            if number < lost:
                items.append(
                    {
                        **{key: line[key] for key in ("order_id", "sku_id", "product_name", "variation", "category")},
                        "stage": "return_refund",
                        "root_cause": "listing",
                        "reason": "not_as_described",
                    }
                )
    return order_lines(*orders), affected_items(*items) if items else affected_items({}).iloc[:0]


def test_the_bad_listing_is_held_against_the_rest_of_its_category():
    orders, items = shop({("Bad", "B1"): (50, 12), ("Good", "G1"): (100, 1), ("Other", "O1"): (500, 0)}, {"Other": "D"})
    table = compare_listings(orders, items, AS_OF, 30).set_index("product")
    bad = table.loc["Bad"]
    assert bad["stands_out"]
    assert (bad["orders"], bad["at_risk"], bad["rest_orders"], bad["rest_at_risk"]) == (12, 50, 1, 100)
    assert bad["p"] == pytest.approx(fisher_exact([[12, 38], [1, 99]], alternative="greater").pvalue)
    assert bad["excess"] == pytest.approx(12 - 50 / 100)
    assert not table.loc["Good", "stands_out"]
    # Alone in its category: the rest of the shop is held against it, without what stands out there.
    assert table.loc["Other", "against"] == "shop"
    assert table.loc["Other", "rest_at_risk"] == 100
    assert located(items, compare_listings(orders, items, AS_OF, 30)).sum() == 12


def test_one_bad_variation_is_told_apart_from_its_product():
    counts = {("P", "P-a"): (60, 15), ("P", "P-b"): (200, 1), ("Q", "Q-a"): (200, 2), ("Q", "Q-b"): (200, 1)}
    orders, items = shop(counts)
    table = compare_listings(orders, items, AS_OF, 30)
    bad = table[(table["level"] == "variation") & table["stands_out"]]
    assert bad["sku_ids"].tolist() == ["P-a"]
    assert bad["rest_at_risk"].tolist() == [600]


def test_two_bad_listings_do_not_hide_each_other():
    counts = {("A", "A1"): (60, 15), ("B", "B1"): (60, 15), ("C", "C1"): (300, 1)}
    table = compare_listings(*shop(counts), AS_OF, 30)
    bad = table[table["stands_out"]]
    assert set(bad["product"]) == {"A", "B"}
    assert bad["rest_rate"].tolist() == pytest.approx([1 / 300] * 2)


def test_a_product_of_one_variation_is_one_test():
    table = compare_listings(*shop({("A", "A1"): (10, 1), ("B", "B1"): (10, 0)}), AS_OF, 30)
    assert table["level"].tolist() == ["product", "product"]


def test_lines_not_delivered_are_not_at_risk_and_counts_are_always_there():
    orders, items = shop({("A", "A1"): (5, 0), ("B", "B1"): (5, 0)})
    orders.loc[orders["product_name"] == "B", "delivered_at"] = pd.NaT
    table = compare_listings(orders, items, AS_OF, 30)
    assert table[["product", "orders", "at_risk", "rest_at_risk"]].to_numpy().tolist() == [["A", 0, 5, 0]]
    assert table["p"].isna().all()
    assert not table["stands_out"].any()


def test_nothing_delivered_gives_an_empty_table():
    orders, items = shop({("A", "A1"): (1, 0)})
    table = compare_listings(orders.assign(delivered_at=pd.NaT), items, AS_OF, 30)
    assert table.empty
    assert not located(items, table).any()
