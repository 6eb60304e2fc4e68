"""The rate of each product over its orders, and what one order with most of it lost."""

import pandas as pd
import pytest

from cancel_analysis.inference import ratio_of_sums
from cancel_analysis.rates.product_rates import product_rates


def test_an_order_is_a_cluster_and_an_order_in_no_file_has_lost_all_that_is_known():
    orders = pd.DataFrame({"order_id": ["1", "1", "2", "3"], "quantity": [2, 1, 3, 1]})
    ordered = pd.Series(["cup", "cup", "cup", "pot"])
    lost = pd.DataFrame({"order_id": ["1", "2", "9"], "units": [3, 1, 2]})
    found = product_rates(ordered, orders, pd.Series(["cup", "cup", "cup"]), lost).set_index("product_key")
    assert found.loc["cup", ["largest_order_items", "orders_lost"]].tolist() == [3, 3]
    assert pd.isna(found.loc["pot", "largest_order_items"])
    assert found.loc["pot", "orders_lost"] == 0
    # Orders of cup: 3 of 3, 1 of 3, and 2 of an order that no file has, which is taken as 2 of 2.
    expected = ratio_of_sums(6, 8, 9 + 1 + 4, 9 + 3 + 4, 9 + 9 + 4, 3)
    assert found.loc["cup", ["likely_low", "likely_high"]].tolist() == pytest.approx(list(expected))
    assert found.loc["pot", "likely_rate"] < found.loc["cup", "likely_rate"]
