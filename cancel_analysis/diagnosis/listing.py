"""Step 4 of a diagnosis: listings that do not match the goods, by product and variation.

The orders lost to a mismatch are held against the rest of the same category, by an exact test, with
the false discovery rate held over all products and variations together. Counts are always given:
a category with few delivered orders can show nothing, and that must be seen.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from cancel_analysis.diagnosis.standouts import FALSE_DISCOVERY_RATE, LEAST_ORDERS, LEAST_RATIO
from cancel_analysis.inference import benjamini_hochberg, excess_p
from cancel_analysis.rates.breakdown import named_ids, with_products, within
from cancel_analysis.rates.grouped import LINE_KEYS

CAUSE = "listing"
LEVELS = {"product": ["product_key"], "variation": ["product_key", "sku_id"]}
COLUMNS = [
    "level",
    "against",
    "category",
    "product_key",
    "product",
    "variation",
    "sku_ids",
    "orders",
    "at_risk",
    "rate",
    "rest_orders",
    "rest_at_risk",
    "rest_rate",
    "excess",
    "p",
    "p_adjusted",
    "stands_out",
]


def compare_listings(orders: pd.DataFrame, items: pd.DataFrame, as_of: date, days: int) -> pd.DataFrame:
    """Orders lost to mismatch reasons per product and variation against the rest of their category.

    `items` and `orders` are canonical tables; orders placed in the `days` days up to `as_of` count.
    At risk are orders with a delivered line of it, as a mismatch is found in the parcel. Returns `COLUMNS`, one row a
    product and one a variation (where the product has several), those that stand out first, then
    most orders; `rest_*` are the rest of the category (of the shop, where the category holds no other
    product: `against` says which), without the others that stand out on the same level where there
    are such; without a rest p is empty. Products with no order at risk are left out.
    """
    lost = within(items[items["root_cause"] == CAUSE], "order_created_at", as_of, days)
    marked = lost[LINE_KEYS].drop_duplicates().assign(lost=True)
    lines = with_products(within(orders, "created_at", as_of, days)).merge(marked, on=LINE_KEYS, how="left")
    lines["lost"] = lines["lost"].notna()
    # A line lost to a mismatch was delivered, or stopped for it: it was at risk whatever the times say.
    lines = lines[lines["delivered_at"].notna() | lines["lost"]]
    lines["category"] = lines["category"].fillna("")
    tables = [_counts(lines, level, keys) for level, keys in LEVELS.items()]
    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        return table.reindex(columns=COLUMNS)
    rest = table["rest_at_risk"] > 0
    table["p"] = float("nan")
    counts = [table.loc[rest, name].to_numpy() for name in ("orders", "at_risk", "rest_orders", "rest_at_risk")]
    table.loc[rest, "p"] = excess_p(*counts)
    table["p_adjusted"] = benjamini_hochberg(table["p"])
    table["rate"] = table["orders"] / table["at_risk"]
    rest_rate = table["rest_orders"] / table["rest_at_risk"].where(rest)
    table["stands_out"] = (
        (table["p_adjusted"] <= FALSE_DISCOVERY_RATE)
        & (table["orders"] >= LEAST_ORDERS)
        & (table["rate"] >= LEAST_RATIO * rest_rate)
    )
    table = _against_the_others(table)
    order = ["stands_out", "orders", "rate", "product", "level"]
    return table.sort_values(order, ascending=[False, False, False, True, True], ignore_index=True)[COLUMNS]


def located(items: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Which items are mismatches of a product or variation that stands out, by the index of `items`."""
    keyed = with_products(items)
    found = table[table["stands_out"].astype(bool)]
    products = set(found.loc[found["level"] == "product", "product_key"])
    skus = set(found.loc[found["level"] == "variation", "sku_ids"])
    inside = keyed["product_key"].isin(products) | keyed["sku_id"].isin(skus)
    return (items["root_cause"] == CAUSE) & inside


def _counts(lines: pd.DataFrame, level: str, keys: list[str]) -> pd.DataFrame:
    # Two lines of one order in one listing are one order of it.
    listed = lines.sort_values("lost", ascending=False, kind="stable").drop_duplicates(["order_id", "category", *keys])
    grouped = listed.sort_index().groupby(["category", *keys])
    table = grouped.agg(
        product=("product", "first"),
        variation=("variation", "first"),
        orders=("lost", "sum"),
        at_risk=("lost", "size"),
    )
    table = table.assign(sku_ids=named_ids(lines, ["category", *keys])).reset_index()
    alone = table.groupby("category")["product_key"].transform("nunique") == 1
    table["against"] = (~alone).map({True: "category", False: "shop"})
    for name in ("orders", "at_risk"):
        whole = table.groupby("category")[name].transform("sum").mask(alone, table[name].sum())
        table[f"rest_{name}"] = whole - table[name]
    table["level"] = level
    if level == "variation":
        # A product of one variation is that variation: saying it twice would count as two tests.
        return table[table.groupby(["category", "product_key"])["sku_id"].transform("size") > 1]
    return table.assign(variation=None)


def _against_the_others(table: pd.DataFrame) -> pd.DataFrame:
    """Rest and excess against what does not stand out: two bad listings of a category hide each other."""
    for name in ("orders", "at_risk"):
        bad = table[name].where(table["stands_out"], 0)
        in_shop = bad.groupby(table["level"]).transform("sum")
        in_category = bad.groupby([table["level"], table["category"]]).transform("sum")
        table[f"rest_{name}"] -= in_category.where(table["against"] == "category", in_shop) - bad
    table["rest_rate"] = table["rest_orders"] / table["rest_at_risk"].where(table["rest_at_risk"] > 0)
    table["excess"] = table["orders"] - table["at_risk"] * table["rest_rate"]
    return table
