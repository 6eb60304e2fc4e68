"""Step 4 of a diagnosis: listings that do not match the goods, by product and variation.

The orders lost to a mismatch are held against the rest of the same category, by an exact test, with
the false discovery rate held over all products and variations together. Counts are always given:
a category with few delivered orders can show nothing, and that must be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.diagnosis.standouts import FALSE_DISCOVERY_RATE, LEAST_ORDERS, LEAST_RATIO
from cancel_analysis.inference import benjamini_hochberg, excess_p
from cancel_analysis.rates.breakdown import products_of
from cancel_analysis.rates.groups import Groups, array_of, codes_of, lines_of, missing, texts
from cancel_analysis.rates.lines import in_days, local_days

CAUSE = "listing"
LEVELS = {"product": ["product_key"], "variation": ["product_key", "sku_id"]}
COUNTS = ("orders", "at_risk", "rest_orders", "rest_at_risk")
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
    mismatched = (array_of(items["root_cause"]) == CAUSE) & in_days(local_days(items["order_created_at"]), as_of, days)
    marked = lines_of(items, mismatched, orders)
    lost = np.zeros(len(orders), dtype=bool)
    lost[marked[marked >= 0]] = True
    # A line lost to a mismatch was delivered, or stopped for it: it was at risk whatever the times say.
    at_risk = ~np.isnat(array_of(orders["delivered_at"])) | lost
    rows = np.flatnonzero(at_risk & in_days(local_days(orders["created_at"]), as_of, days))
    lines = {name: array_of(orders[name])[rows] for name in ("sku_id", "variation", "category")}
    lines["order"] = codes_of(orders["order_id"])[0][rows]
    lines["product_key"], lines["product"] = map(array_of, products_of(orders, rows))
    lines["category"] = np.where(missing(lines["category"]), "", lines["category"])
    lines["lost"] = lost[rows]
    table = pd.concat([_counts(lines, level, keys) for level, keys in LEVELS.items()], ignore_index=True)
    if table.empty:
        return table.reindex(columns=COLUMNS)
    orders_of, of, rest_orders, rest_of = (table[name].to_numpy() for name in COUNTS)
    rest = rest_of > 0
    p = np.full(len(table), np.nan)
    p[rest] = excess_p(orders_of[rest], of[rest], rest_orders[rest], rest_of[rest])
    p_adjusted, rate = np.asarray(benjamini_hochberg(p)), orders_of / of
    rest_rate = np.divide(rest_orders, rest_of, out=np.full(len(table), np.nan), where=rest)
    bad = (p_adjusted <= FALSE_DISCOVERY_RATE) & (orders_of >= LEAST_ORDERS) & (rate >= LEAST_RATIO * rest_rate)
    table = table.assign(p=p, p_adjusted=p_adjusted, rate=rate, stands_out=bad, **_against_the_others(table, bad))
    order = ["stands_out", "orders", "rate", "product", "level"]
    return table.sort_values(order, ascending=[False, False, False, True, True], ignore_index=True)[COLUMNS]


def located(items: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Which items are mismatches of a product or variation that stands out, by the index of `items`."""
    bad = table["stands_out"].to_numpy(dtype=bool)
    level, keys, skus = (array_of(table[name])[bad] for name in ("level", "product_key", "sku_ids"))
    product, _ = products_of(items)
    products, variations = set(keys[level == "product"]), set(skus[level == "variation"])
    inside = [key in products or sku in variations for key, sku in zip(product, array_of(items["sku_id"]), strict=True)]
    return pd.Series((array_of(items["root_cause"]) == CAUSE) & np.array(inside, dtype=bool), index=items.index)


def _counts(lines: Mapping[str, NDArray[Any]], level: str, keys: Sequence[str]) -> pd.DataFrame:
    """A row a listing of a category, with the orders that lost it, those that had it, and the same of the rest."""
    listings = Groups.of(lines["category"], *(lines[key] for key in keys))
    # Two lines of one order in one listing are one order of it: the first that was lost, else the first.
    by_loss = np.argsort(~lines["lost"], kind="stable")
    once = Groups.of(listings.number[by_loss], lines["order"][by_loss], unsorted=True)
    rows = np.sort(by_loss[once.first])
    listed = listings.of_rows(rows)
    category, product_key = (lines[name][listings.first] for name in ("category", "product_key"))
    categories = Groups.of(category)
    alone = (categories.different(product_key) == 1)[categories.number]
    counts: dict[str, NDArray[np.int64]] = {"orders": listed.sum(lines["lost"][rows]), "at_risk": listed.size()}
    for name in ("orders", "at_risk"):
        whole = np.where(alone, counts[name].sum(), categories.sum(counts[name])[categories.number])
        counts[f"rest_{name}"] = whole - counts[name]
    table = pd.DataFrame(
        {
            "level": level,
            "against": texts(np.where(alone, "shop", "category")),
            "category": texts(category),
            "product_key": texts(product_key),
            "product": texts(listed.first_of(lines["product"][rows])),
            "variation": texts(listed.first_of(lines["variation"][rows])) if level == "variation" else None,
            "sku_ids": listings.named(lines["sku_id"]),
            **counts,
        }
    )
    if level == "variation":
        # A product of one variation is that variation: saying it twice would count as two tests.
        products = Groups.of(category, product_key)
        return table[products.size()[products.number] > 1]
    return table


def _against_the_others(table: pd.DataFrame, bad: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """Rest and excess against what does not stand out: two bad listings of a category hide each other."""
    in_shop, in_category = Groups.of(table["level"]), Groups.of(table["level"], table["category"])
    near = array_of(table["against"]) == "category"
    rest = {}
    for name in ("orders", "at_risk"):
        own = np.where(bad, table[name].to_numpy(), 0)
        others = np.where(near, in_category.sum(own)[in_category.number], in_shop.sum(own)[in_shop.number])
        rest[name] = table[f"rest_{name}"].to_numpy() - (others - own)
    rate = np.full(len(table), np.nan)
    np.divide(rest["orders"], rest["at_risk"], out=rate, where=rest["at_risk"] > 0)
    excess = table["orders"].to_numpy() - table["at_risk"].to_numpy() * rate
    return {"rest_orders": rest["orders"], "rest_at_risk": rest["at_risk"], "rest_rate": rate, "excess": excess}
