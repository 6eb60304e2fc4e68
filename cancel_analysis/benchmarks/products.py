"""Products that the platform would take down: where a limit names a share of a product's own orders.

The source says what share, not how it is counted for a product; here it is counted as the shop's own rate is,
over the orders that hold the product, in the same window and with the same orders in the denominator.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing
from cancel_analysis.catalog.policies import Limit
from cancel_analysis.inference import more_until
from cancel_analysis.rates.breakdown import with_products, within

COLUMNS = ["product_key", "product", "numerator", "denominator", "rate"]


def product_standing(standings: Sequence[Standing]) -> Standing | None:
    """The standing whose limit takes products down; None where none that gives a verdict does."""
    found = (standing for standing in standings if standing.gives_verdict and standing.limit.product_value is not None)
    return next(found, None)


def taken_down(
    facts: pd.DataFrame, orders: pd.DataFrame, items: pd.DataFrame, limit: Limit, as_of: date
) -> pd.DataFrame:
    """The products whose own rate is at the limit's `product_value` or over it, the highest first: `COLUMNS`.

    `facts` are order facts, `orders` ORDER_LINES and `items` AFFECTED_ITEMS at the end of `as_of`. The numerator are
    the orders cancelled by the seller's fault of which the product itself was lost so, the denominator the orders
    that hold the product, of those that the limit counts. Empty where the limit names no such share.
    """
    at_risk = products_at_risk(facts, orders, items, limit, as_of)
    return at_risk.loc[at_risk["crosses_at"] == 0, COLUMNS].reset_index(drop=True)


def products_at_risk(
    facts: pd.DataFrame, orders: pd.DataFrame, items: pd.DataFrame, limit: Limit, as_of: date
) -> pd.DataFrame:
    """Every product that lost an order to the seller's fault in the limit's window, the nearest to its line first.

    Columns `COLUMNS`, then `crosses_at`: the cancellation by the seller's fault, of the orders that there are,
    with which the product's own rate is at the limit's `product_value` (0: it is there now). A product is taken down
    when the shop is over its line as well. Frames and errors as in `taken_down`.
    """
    if limit.product_value is None:
        return pd.DataFrame(columns=[*COLUMNS, "crosses_at"])
    counted = facts if limit.denominator == "orders_placed" else facts[facts["paid"]]
    lines = with_products(within(orders, "created_at", as_of, limit.window_days))
    lines = lines[lines["order_id"].isin(counted["order_id"])].drop_duplicates(["order_id", "product_key"])
    at_fault = facts.loc[facts["seller_fault"], "order_id"]
    mine = items[(items["responsibility"] == "seller") & (items["initiator"] != "buyer") & items["return_id"].isna()]
    lost = with_products(mine[mine["order_id"].isin(at_fault)])[["order_id", "product_key"]].drop_duplicates()
    lines = lines.merge(lost.assign(lost=True), on=["order_id", "product_key"], how="left")
    table = (
        lines.assign(lost=lines["lost"].eq(True))
        .groupby("product_key")
        .agg(product=("product", "first"), numerator=("lost", "sum"), denominator=("order_id", "nunique"))
        .reset_index()
    )
    table = table[table["numerator"] > 0]
    counts = zip(table["numerator"].tolist(), table["denominator"].tolist(), strict=True)
    left = [more_until(int(count), int(total), limit.product_value, strict=True) for count, total in counts]
    crosses = pd.Series([0 if more is None else more + 1 for more in left], index=table.index, dtype="int64")
    table = table.assign(rate=table["numerator"] / table["denominator"], crosses_at=crosses)
    order = ["crosses_at", "rate", "denominator", "product_key"]
    table = table.sort_values(order, ascending=[True, False, False, True], ignore_index=True)
    return table[[*COLUMNS, "crosses_at"]]
