"""Affected items, broken down: stage → responsibility → reason → product, as small frames.

Every function takes the affected items of a period (`tables.AFFECTED_ITEMS`) and returns one tidy
frame; shares are fractions. Items of unpaid orders are listed, but stand outside every share, as
on the platform's own dashboard.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.shown_words import shown_wordings
from cancel_analysis.inference import effective_size, ratio_of_sums, shrink
from cancel_analysis.rates.holes import find_holes
from cancel_analysis.rates.moments import instants, midnight, zone_of
from cancel_analysis.tables import RESPONSIBILITIES, STAGES

# Named in a product's id column before "+n"; more would not fit a line of the printed page.
NAMED_IDS = 3
# The periods that the linked picture can be narrowed to; the last one stands for all of them.
PICTURE_DAYS = WINDOWS
MOST_CATEGORIES = 12
# Money of which less than this share of the items is known is no sum: what is missing would count as 0.
LEAST_VALUED = 0.9
AMOUNT = {"amount": ("amount", "sum"), "valued": ("amount", "count"), "rows": ("amount", "size")}
LIKELY = ["likely_rate", "likely_low", "likely_high"]


def within(frame: pd.DataFrame, column: str, as_of: date, days: int) -> pd.DataFrame:
    """The rows whose `column` lies in the `days` days up to and with `as_of`, by the frame's own clock."""
    kept: pd.DataFrame = frame[are_within(frame[column], as_of, days)]
    return kept


def are_within(times: pd.Series, as_of: date, days: int) -> np.ndarray:
    """Which of `times` lie in the `days` days up to and with `as_of`, by their own clock."""
    # Two midnights are turned into instants, not every time into a clock's reading.
    zone, moments = zone_of(times), instants(times)
    first, after = midnight(as_of - timedelta(days=days - 1), zone), midnight(as_of + timedelta(days=1), zone)
    return np.asarray((moments >= first) & (moments < after))


def days_covered(created: pd.Series, as_of: date, days: int) -> int:
    """How many of the `days` days up to `as_of` the files cover (`created`: times or days of orders).

    Those on or after the shop's first order that lie in no hole between files of months apart (`holes.find_holes`).
    """
    begin = created.min()
    if pd.isna(begin):
        return days
    first: date = max(begin.date(), as_of - timedelta(days=days - 1))
    dark = sum(max((min(end, as_of) - max(start, first)).days + 1, 0) for start, end in find_holes(created))
    return (as_of - first).days + 1 - dark


def with_products(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `product_key` and `product`: the platform's product, by its id where the file has one.

    Exports carry no product id, so listings are told apart by their titles there, and a line
    without a title by its SKU.
    """
    key = frame["product_id"].fillna(frame["product_name"]).fillna(frame["sku_id"])
    return frame.assign(product_key=key, product=frame["product_name"].fillna(frame["sku_id"]))


def valued(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame aggregated with `AMOUNT`: amounts of which too little is known become empty, not a smaller sum."""
    unknown = frame["valued"] < LEAST_VALUED * frame["rows"]
    return frame.assign(amount=frame["amount"].astype("float64").mask(unknown)).drop(columns=["valued", "rows"])


def article_of(orders: pd.DataFrame) -> str:
    """What tells articles apart in the order lines: `product`, `sku`, or what stands in: `category`, `order`."""
    if orders[["product_name", "product_id"]].notna().any(axis=None) or orders.empty:
        return "product"
    if (orders["sku_id"] == orders["order_id"]).mean() > 1 / 2:
        return "order"
    category = orders["category"].fillna("")
    named = [sku.startswith(name) for sku, name in zip(orders["sku_id"], category, strict=True) if name]
    return "category" if len(named) > len(orders) / 2 and sum(named) > len(orders) / 2 else "sku"


def stages(items: pd.DataFrame, units_ordered: int) -> pd.DataFrame:
    """Per stage: items, orders, amount, share of the items lost after payment, share of all units ordered.

    Returns one row a stage, always all four: stage, items, orders, amount, share, share_of_ordered.
    """
    grouped = items.groupby("stage").agg(items=("units", "sum"), orders=("order_id", "nunique"), **AMOUNT)
    result = valued(grouped.reindex(list(STAGES), fill_value=0)).rename_axis("stage").reset_index()
    paid = result["stage"] != "unpaid"
    result["share"] = _share(result["items"].where(paid), result.loc[paid, "items"].sum())
    result["share_of_ordered"] = _share(result["items"], units_ordered)
    return result


def refund_kinds(items: pd.DataFrame) -> pd.DataFrame:
    """What the refund stage is made of: failed deliveries, refused parcels, parcels cancelled on
    their way, the rest (kind, items, amount)."""
    lost = items[items["stage"] == "refund"]
    kind = (
        pd.Series("other", index=lost.index)
        .mask(lost["failed_delivery"], "failed_delivery")
        .mask(lost["refused"], "refused")
        .mask(lost["in_transit"], "in_transit")
    )
    grouped = lost.assign(kind=kind).groupby("kind").agg(items=("units", "sum"), **AMOUNT)
    # Most markets know no cancellation on the way; a line of nothing would ask what it is.
    kinds = ["failed_delivery", "refused", *(["in_transit"] if "in_transit" in grouped.index else []), "other"]
    return valued(grouped.reindex(kinds, fill_value=0)).rename_axis("kind").reset_index()


def readings(items: pd.DataFrame, party: str) -> tuple[pd.Series, pd.Series]:
    """Which items are certainly `party`'s responsibility, and which can be: two masks.

    Three things leave it open: an ambiguous reason (two readings), a finding still to come, and a
    responsibility that is not known, which can be anybody's.
    """
    own, unknown = items["responsibility"] == party, items["responsibility"] == "unknown"
    doubtful = items["ambiguous"] | items["pending"]
    certain = own & ~doubtful & ~unknown
    return certain, own | unknown | (doubtful & (items["responsibility_other"] == party))


def responsibility_by_stage(items: pd.DataFrame) -> pd.DataFrame:
    """Per stage and responsibility: items and share of the stage, and the least and the most that they can be.

    Returns stage, responsibility, items, share, items_least, items_most, share_least, share_most; a party
    that no reading names is left out. See `readings`.
    """
    units = items["units"].to_numpy()
    read = {party: [mask.to_numpy(dtype=bool) for mask in readings(items, party)] for party in RESPONSIBILITIES}
    own = {party: (items["responsibility"] == party).to_numpy(dtype=bool) for party in RESPONSIBILITIES}
    other = {party: (items["responsibility_other"] == party).to_numpy(dtype=bool) for party in RESPONSIBILITIES}
    rows = []
    for stage, places in items.groupby("stage").indices.items():
        for party, (certain, possible) in read.items():
            if (own[party] | other[party])[places].any():
                counts = {"items": own[party], "items_least": certain, "items_most": possible}
                sums = {name: units[places][mask[places]].sum() for name, mask in counts.items()}
                rows.append({"stage": stage, "responsibility": party, "total": int(units[places].sum()), **sums})
    names = ["stage", "responsibility", "items", "items_least", "items_most", "total"]
    result = pd.DataFrame(rows, columns=names)
    counts_of = ("items", "items_least", "items_most")
    result = result.astype({**dict.fromkeys(("stage", "responsibility"), "str"), **dict.fromkeys(counts_of, "int64")})
    for name in counts_of:
        result[name.replace("items", "share")] = _share(result[name], result["total"])
    result["order"] = _rank(result["stage"], STAGES) * 10 + _rank(result["responsibility"], RESPONSIBILITIES)
    columns = ["stage", "responsibility", "items", "share", "items_least", "items_most", "share_least", "share_most"]
    return result.sort_values("order")[columns].reset_index(drop=True)


def reasons_by_stage(items: pd.DataFrame) -> pd.DataFrame:
    """Per stage, reason and responsibility: items, orders, amount, share of the stage, most first.

    Returns stage, reason, root_cause, responsibility, responsibility_other, items, orders, amount, share.
    """
    keys = ["stage", "reason", "root_cause", "responsibility", "responsibility_other"]
    result = items.groupby(keys).agg(items=("units", "sum"), orders=("order_id", "nunique"), **AMOUNT)
    result = valued(result).reset_index()
    result["share"] = _share(result["items"], result.groupby("stage")["items"].transform("sum"))
    result["order"] = _rank(result["stage"], STAGES)
    result = result.sort_values(["order", "items", "reason"], ascending=[True, False, True])
    return result.drop(columns="order").reset_index(drop=True)


def products_by_reason(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Per reason and product: items, the reason's share, units ordered, items per unit ordered.

    `orders` are the order lines of the same period. Returns stage, reason, product, sku_ids, items,
    share, units_ordered, rate, amount; within a reason the product with most items first.
    """
    affected, ordered = with_products(items), with_products(orders)
    units = ordered.groupby("product_key")["quantity"].sum()
    keys = ["stage", "reason", "product_key"]
    result = affected.groupby(keys).agg(product=("product", "first"), items=("units", "sum"), **AMOUNT)
    result = valued(result.assign(sku_ids=named_ids(affected, keys))).reset_index()
    result["share"] = _share(result["items"], result.groupby(["stage", "reason"])["items"].transform("sum"))
    result["units_ordered"] = result["product_key"].map(units).fillna(0).astype("int64")
    result["rate"] = _share(result["items"], result["units_ordered"])
    result["size"] = result.groupby(["stage", "reason"])["items"].transform("sum")
    result["order"] = _rank(result["stage"], STAGES)
    result = result.sort_values(
        ["order", "size", "reason", "items", "product"], ascending=[True, False, True, False, True]
    )
    columns = ["stage", "reason", "product", "sku_ids", "items", "share", "units_ordered", "rate", "amount"]
    return result[columns].reset_index(drop=True)


def product_totals(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Per product: items lost after payment by stage, in all, units ordered, rate, its first reason.

    Returns product, sku_ids, cancellation, refund, return_refund, items, share, units_ordered, rate,
    likely_rate, likely_low, likely_high, top_reason, top_reason_items, largest_order_items, orders_lost; most items
    first, among equals the highest likely rate: the rate drawn towards that of all products, the more the less its
    orders tell (`inference.shrink`), so that one of one does not lead. What one order holds is lost together: low and
    high are those of `inference.ratio_of_sums`, as those of the item rates in groups are. `largest_order_items` are
    the items that the one order with most of them lost, of `orders_lost`.
    """
    lost = with_products(items[items["stage"] != "unpaid"])
    ordered = with_products(orders)
    units = ordered.groupby("product_key")["quantity"].sum()
    result = lost.groupby("product_key").agg(product=("product", "first"), items=("units", "sum"))
    result.insert(1, "sku_ids", named_ids(lost, ["product_key"]))
    by_stage = lost.pivot_table(index="product_key", columns="stage", values="units", aggfunc="sum", fill_value=0)
    result = result.join(by_stage.reindex(columns=list(STAGES[1:]), fill_value=0))
    by_reason = lost.groupby(["product_key", "reason"])["units"].sum().reset_index()
    by_reason = by_reason.sort_values(["units", "reason"], ascending=[False, True])
    top = by_reason.drop_duplicates("product_key").set_index("product_key")
    result["top_reason"], result["top_reason_items"] = top["reason"], top["units"]
    result["share"] = _share(result["items"], result["items"].sum())
    result["units_ordered"] = units.reindex(result.index).fillna(0).astype("int64")
    result["rate"] = _share(result["items"], result["units_ordered"])
    by_order = _by_order(ordered, lost)
    result = result.join(_likely_rates(by_order))
    losing = by_order.loc[by_order["items"] > 0, "items"].groupby("product_key")
    result["largest_order_items"], result["orders_lost"] = losing.max(), losing.size()
    result = result.sort_values(["items", "likely_rate", "product"], ascending=[False, False, True])
    columns = ["product", "sku_ids", *STAGES[1:], "items", "share", "units_ordered", "rate"]
    columns += [*LIKELY, "top_reason", "top_reason_items", "largest_order_items", "orders_lost"]
    return result[columns].reset_index(drop=True)


def _by_order(ordered: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    """Of each product (product_key) and order (order_id): items lost and units ordered."""
    keys = ["product_key", "order_id"]
    frame = pd.DataFrame({"items": lost.groupby(keys)["units"].sum(), "units": ordered.groupby(keys)["quantity"].sum()})
    frame = frame.rename_axis(keys).fillna(0).astype("float64")
    # A product whose orders are in none of the files has lost all that is known of it.
    return frame.assign(units=frame[["items", "units"]].max(axis=1))


def _likely_rates(by_order: pd.DataFrame) -> pd.DataFrame:
    """Of each product the shrunk rate and the range of the rate; those that lost nothing tell how they differ too."""
    lost, units = by_order["items"], by_order["units"]
    each = {"x": lost, "y": units, "xx": lost * lost, "xy": lost * units, "yy": units * units}
    sums = pd.DataFrame({**each, "orders": (units > 0).astype("float64")}).groupby("product_key").sum()
    x, y, xx, xy, yy, orders = (sums[name].to_numpy() for name in sums)
    low, high = ratio_of_sums(x, y, xx, xy, yy, orders)
    rate = np.divide(x, y, out=np.zeros(len(sums)), where=y > 0)
    size = np.where(y > 0, effective_size(x, y, xx, xy, yy, orders), 0.0)
    likely, _, _ = shrink(rate * size, size)
    return pd.DataFrame(dict(zip(LIKELY, (likely, low, high), strict=True)), index=sums.index)


def unknown_share(items: pd.DataFrame) -> float:
    """The share of the items lost after payment whose reason no catalog knows; 0 when nothing was lost."""
    lost = items[items["stage"] != "unpaid"]
    units = lost["units"].sum()
    return float(lost.loc[lost["reason"] == "unknown", "units"].sum() / units) if units else 0.0


def reasonless(items: pd.DataFrame) -> int:
    """How many of the items lost after payment the files give no reason for: neither a known one nor any text."""
    without = items["reason_text"].fillna("").str.strip() == ""
    return int(items.loc[(items["stage"] != "unpaid") & (items["reason"] == "unknown") & without, "units"].sum())


def unknown_reasons(items: pd.DataFrame) -> pd.DataFrame:
    """The reasons that no catalog knows, most items first: stage, text (empty: the file gives none), items.

    A text that may be a person's is `HIDDEN`.
    """
    unknown = items[items["reason"] == "unknown"]
    said = shown_wordings(unknown["reason_text"].fillna(""), unknown["order_id"])
    frame = unknown.assign(text=said).groupby(["stage", "text"])["units"].sum()
    return frame.rename("items").reset_index().sort_values("items", ascending=False, kind="stable", ignore_index=True)


def linked(items: pd.DataFrame, as_of: date, most_products: int = 40) -> pd.DataFrame:
    """The small cube behind the linked picture, its counts adding up to the items lost after payment.

    Columns: days (the smallest of `PICTURE_DAYS` that reaches back to the order; the longest also
    for older ones), category, stage, responsibility, reason, product, sku_ids, items, amount.
    Products past the `most_products` with most items are summed as one (product empty), and
    categories past `MOST_CATEGORIES` too, so that the page stays small whatever the shop's size.
    """
    lost = with_products(items[items["stage"] != "unpaid"])
    totals = lost.groupby("product_key")["units"].sum().sort_values(ascending=False)
    named = set(totals.index[:most_products])
    ids = named_ids(lost, ["product_key"])
    kept = lost["product_key"].isin(named)
    category = lost["category"].fillna("")
    common = set(lost.groupby(category)["units"].sum().sort_values(ascending=False).index[:MOST_CATEGORIES])
    ago = (pd.Timestamp(as_of) - lost["order_created_at"].dt.tz_localize(None).dt.normalize()).dt.days
    lost = lost.assign(
        days=pd.cut(ago, [-1, *(days - 1 for days in PICTURE_DAYS[:-1]), float("inf")], labels=PICTURE_DAYS).astype(
            "int64"
        ),
        category=category.where(category.isin(common), ""),
        product=lost["product"].where(kept, ""),
        sku_ids=lost["product_key"].map(ids).where(kept, ""),
    )
    keys = ["days", "category", "stage", "responsibility", "reason", "product", "sku_ids"]
    return valued(lost.groupby(keys).agg(items=("units", "sum"), **AMOUNT)).reset_index()


def named_ids(frame: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Of each group the first few different SKUs in order, and how many more there are: `a, b, c +2`."""
    ids: dict[Hashable, list[str]] = {}
    pairs = frame[[*keys, "sku_id"]].dropna().drop_duplicates()
    for *key, sku in pairs.itertuples(index=False, name=None):
        ids.setdefault(key[0] if len(key) == 1 else tuple(key), []).append(sku)
    named = {}
    for group, skus in ids.items():
        more = f" +{len(skus) - NAMED_IDS}" if len(skus) > NAMED_IDS else ""
        named[group] = ", ".join(sorted(skus)[:NAMED_IDS]) + more
    if not named:
        return pd.Series(index=frame.set_index(list(keys)).index[:0], dtype="str")
    found = pd.Series(named, dtype="str")
    return found.rename_axis(list(keys) if len(keys) > 1 else keys[0])


def first_id(ids: str) -> str:
    """The first SKU of a product's list and how many more it has: two long numbers fit no line."""
    named, _, more = ids.partition(" +")
    first, *rest = named.split(", ")
    others = len(rest) + int(more or 0)
    return f"{first} +{others}" if others else first


def _rank(values: pd.Series, order: tuple[str, ...]) -> pd.Series:
    return values.map({value: number for number, value in enumerate(order)}).astype("int64")


def _share(part: pd.Series, whole: pd.Series | float) -> pd.Series:
    """part / whole as a fraction; empty where the whole is nothing (a share of nothing is not 0)."""
    share: pd.Series = part.astype("float64") / pd.Series(whole, index=part.index).astype("float64").replace(
        0.0, float("nan")
    )
    return share
