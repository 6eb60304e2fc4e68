"""How often items of each product are lost, in its orders: the rate drawn towards that of all, and its range."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cancel_analysis.inference import effective_size, ratio_of_sums, shrink
from cancel_analysis.rates.groups import Groups, joint_codes

LIKELY = ["likely_rate", "likely_low", "likely_high"]


def product_rates(
    ordered_key: pd.Series, orders: pd.DataFrame, lost_key: pd.Series, lost: pd.DataFrame
) -> pd.DataFrame:
    """Of each product (product_key) the shrunk rate and the range of the rate (`LIKELY`), the items that the one
    order with most of them lost, and how many orders lost any; those that lost nothing tell how rates differ too.

    The keys are the products of the order lines and of the items lost.
    """
    keys = pd.concat([ordered_key, lost_key], ignore_index=True)
    pairs = Groups.of(keys, joint_codes(orders["order_id"], lost["order_id"])[0])
    quantity, units = orders["quantity"].to_numpy(), lost["units"].to_numpy()
    x = pairs.sum(np.concatenate([np.zeros_like(quantity), units])).astype(float)
    # A product whose orders are in none of the files has lost all that is known of it.
    y = np.maximum(x, pairs.sum(np.concatenate([quantity, np.zeros_like(units)])))
    of_product, products = pairs.codes()

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(of_product, weights=values, minlength=len(products))

    lost_units, ordered_units, *squares = (summed(values) for values in (x, y, x * x, x * y, y * y, y > 0))
    xx, xy, yy, count = squares
    low, high = ratio_of_sums(lost_units, ordered_units, xx, xy, yy, count)
    some = ordered_units > 0
    rate = np.divide(lost_units, ordered_units, out=np.zeros(len(products)), where=some)
    size = np.where(some, effective_size(lost_units, ordered_units, xx, xy, yy, count), 0.0)
    likely, _, _ = shrink(rate * size, size)
    largest = np.zeros(len(products))
    np.maximum.at(largest, of_product, x)
    losing = summed(x > 0).astype(np.int64)
    columns = dict(zip(LIKELY, (likely, low, high), strict=True))
    return pd.DataFrame(
        {
            "product_key": products,
            **columns,
            "largest_order_items": np.where(losing > 0, largest, np.nan),
            "orders_lost": losing,
        }
    )
