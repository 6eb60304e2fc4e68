"""Affected items, broken down: stage → responsibility → reason → product, as small frames.

Every function takes the affected items of a period (`tables.AFFECTED_ITEMS`) and returns one tidy
frame; shares are fractions. Items of unpaid orders are listed, but stand outside every share, as
on the platform's own dashboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.shown_words import shown_wordings
from cancel_analysis.rates.groups import Groups
from cancel_analysis.rates.holes import find_holes
from cancel_analysis.rates.moments import instants, midnight, zone_of
from cancel_analysis.rates.product_rates import LIKELY, product_rates
from cancel_analysis.tables import RESPONSIBILITIES, STAGES

# The periods that the linked picture can be narrowed to; the last one stands for all of them.
PICTURE_DAYS = WINDOWS
MOST_CATEGORIES = 12
# Money of which less than this share of the items is known is no sum: what is missing would count as 0.
LEAST_VALUED = 0.9
AMOUNT = {"amount": ("amount", "sum"), "valued": ("amount", "count"), "rows": ("amount", "size")}


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
    key, product = products_of(frame)
    return frame.assign(product_key=key, product=product)


def products_of(frame: pd.DataFrame, rows: np.ndarray | None = None) -> tuple[pd.Series, pd.Series]:
    """`product_key` and `product` of each row (of some `rows`, by number), as `with_products` has them."""
    frame = frame[["product_id", "product_name", "sku_id"]]
    frame = frame if rows is None else frame.take(rows)
    product = _first_known(frame["product_name"], frame["sku_id"])
    return _first_known(frame["product_id"], product), product


def _first_known(values: pd.Series, others: pd.Series) -> pd.Series:
    empty = values.isna().to_numpy()
    if empty.all():
        return others
    return values.fillna(others) if empty.any() else values


def valued(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame aggregated with `AMOUNT`: amounts of which too little is known become empty, not a smaller sum."""
    unknown = frame["valued"] < LEAST_VALUED * frame["rows"]
    return frame.assign(amount=frame["amount"].astype("float64").mask(unknown)).drop(columns=["valued", "rows"])


def amounts_of(groups: Groups, amounts: pd.Series | np.ndarray) -> np.ndarray:
    """The sum of amounts of each group; NaN where too little is known, which is no smaller sum."""
    sums, known = groups.amounts(amounts)
    return np.where(known < LEAST_VALUED * groups.size(), np.nan, sums)


def article_of(orders: pd.DataFrame) -> str:
    """What tells articles apart in the order lines: `product`, `sku`, or what stands in: `category`, `order`."""
    if orders.empty or orders["product_name"].notna().any() or orders["product_id"].notna().any():
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
    groups = Groups.of(items["stage"])
    found = _ranks(groups.values(), STAGES)
    units, orders, amount = np.zeros(len(STAGES), np.int64), np.zeros(len(STAGES), np.int64), np.zeros(len(STAGES))
    units[found], orders[found] = groups.sum(items["units"]), groups.different(items["order_id"])
    amount[found] = amounts_of(groups, items["amount"])
    paid = np.array([stage != "unpaid" for stage in STAGES])
    return pd.DataFrame(
        {
            "stage": list(STAGES),
            "items": units,
            "orders": orders,
            "amount": amount,
            "share": _share(np.where(paid, units, np.nan), units[paid].sum()),
            "share_of_ordered": _share(units, units_ordered),
        }
    )


def refund_kinds(items: pd.DataFrame) -> pd.DataFrame:
    """What the refund stage is made of: failed deliveries, refused parcels, parcels cancelled on
    their way, the rest (kind, items, amount)."""
    lost = (items["stage"] == "refund").to_numpy()
    kind = np.full(len(items), "other", dtype=object)
    for name, flag in (("failed_delivery", "failed_delivery"), ("refused", "refused"), ("in_transit", "in_transit")):
        kind[items[flag].to_numpy()] = name
    groups = Groups.of(kind[lost])
    units, amounts = groups.sum(items["units"].to_numpy()[lost]), amounts_of(groups, items["amount"].to_numpy()[lost])
    found = {str(name): (int(units[place]), amounts[place]) for place, name in enumerate(groups.values())}
    # Most markets know no cancellation on the way; a line of nothing would ask what it is.
    kinds = ["failed_delivery", "refused", *(["in_transit"] if "in_transit" in found else []), "other"]
    rows = [(name, *found.get(name, (0, 0.0))) for name in kinds]
    return pd.DataFrame(rows, columns=["kind", "items", "amount"])


def readings(items: pd.DataFrame, party: str) -> tuple[pd.Series, pd.Series]:
    """Which items are certainly `party`'s responsibility, and which can be: two masks.

    Three things leave it open: an ambiguous reason (two readings), a finding still to come, and a
    responsibility that is not known, which can be anybody's.
    """
    certain, possible = _Read.of(items).readings(party)
    return pd.Series(certain, index=items.index), pd.Series(possible, index=items.index)


@dataclass(frozen=True)
class _Read:
    """Whose responsibility items are in their two readings (arrays of texts), and whether that is in doubt."""

    own: np.ndarray
    other: np.ndarray
    doubtful: np.ndarray

    @classmethod
    def of(cls, items: pd.DataFrame) -> _Read:
        doubtful = items["ambiguous"].to_numpy(dtype=bool) | items["pending"].to_numpy(dtype=bool)
        own, other = (items[name].to_numpy(dtype=object) for name in ("responsibility", "responsibility_other"))
        return cls(own, other, doubtful)

    def readings(self, party: str) -> tuple[np.ndarray, np.ndarray]:
        """As `readings`."""
        own, unknown = self.own == party, self.own == "unknown"
        return own & ~self.doubtful & ~unknown, own | unknown | (self.doubtful & (self.other == party))


def responsibility_by_stage(items: pd.DataFrame) -> pd.DataFrame:
    """Per stage and responsibility: items and share of the stage, and the least and the most that they can be.

    Returns stage, responsibility, items, share, items_least, items_most, share_least, share_most; a party
    that no reading names is left out. See `readings`.
    """
    units, read = items["units"].to_numpy(), _Read.of(items)
    stage = items["stage"].to_numpy(dtype=object)
    rows = []
    for name in STAGES:
        inside = stage == name
        total = int(units[inside].sum())
        for party in RESPONSIBILITIES:
            own, (certain, possible) = read.own == party, read.readings(party)
            if (own | (read.other == party))[inside].any():
                rows.append(
                    (name, party, total, *(int(units[inside & mask].sum()) for mask in (own, certain, possible)))
                )
    found = list(zip(*rows, strict=True)) or [()] * 6
    of_stage = np.array(found[2], dtype=float)
    counts = dict(
        zip(("items", "items_least", "items_most"), (np.array(sums, np.int64) for sums in found[3:]), strict=True)
    )
    shares = {name.replace("items", "share"): _share(sums, of_stage) for name, sums in counts.items()}
    names = {"stage": pd.array(found[0], dtype="str"), "responsibility": pd.array(found[1], dtype="str")}
    columns = ["stage", "responsibility", "items", "share", "items_least", "items_most", "share_least", "share_most"]
    return pd.DataFrame({**names, **counts, **shares}, columns=columns)


def reasons_by_stage(items: pd.DataFrame) -> pd.DataFrame:
    """Per stage, reason and responsibility: items, orders, amount, share of the stage, most first.

    Returns stage, reason, root_cause, responsibility, responsibility_other, items, orders, amount, share.
    """
    keys = ["stage", "reason", "root_cause", "responsibility", "responsibility_other"]
    groups = Groups.of(*(items[key] for key in keys))
    units, stage = groups.sum(items["units"]), _ranks(groups.values(), STAGES)
    order = np.lexsort((groups.codes(1)[0], -units, stage))
    columns = {
        **{key: groups.values(place) for place, key in enumerate(keys)},
        "items": units,
        "orders": groups.different(items["order_id"]),
        "amount": amounts_of(groups, items["amount"]),
        "share": _share(units, np.bincount(stage, weights=units, minlength=len(STAGES))[stage]),
    }
    return pd.DataFrame({name: values[order] for name, values in columns.items()})


def products_by_reason(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Per reason and product: items, the reason's share, units ordered, items per unit ordered.

    `orders` are the order lines of the same period. Returns stage, reason, product, sku_ids, items,
    share, units_ordered, rate, amount; within a reason the product with most items first.
    """
    key, product = products_of(items)
    groups = Groups.of(items["stage"], items["reason"], key)
    units, of_reason = groups.sum(items["units"]), groups.within(2)
    size = np.bincount(of_reason, weights=units, minlength=1)[of_reason]
    ordered = _units_of(products_of(orders)[0], orders["quantity"])
    units_ordered = np.array([ordered.get(name, 0) for name in groups.values(2)], dtype=np.int64)
    named = product.array.take(groups.first)
    by_name = pd.factorize(named, sort=True)[0]
    order = np.lexsort((by_name, -units, groups.codes(1)[0], -size, _ranks(groups.values(), STAGES)))
    columns = {
        "stage": groups.values(),
        "reason": groups.values(1),
        "product": named,
        "sku_ids": groups.named(items["sku_id"]),
        "items": units,
        "share": _share(units, size),
        "units_ordered": units_ordered,
        "rate": _share(units, units_ordered),
        "amount": amounts_of(groups, items["amount"]),
    }
    return pd.DataFrame({name: values[order] for name, values in columns.items()})


def product_totals(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Per product: items lost after payment by stage, in all, units ordered, rate, its first reason.

    Returns product, sku_ids, cancellation, refund, return_refund, items, share, units_ordered, rate,
    likely_rate, likely_low, likely_high, top_reason, top_reason_items, largest_order_items, orders_lost; most items
    first, among equals the highest likely rate: the rate drawn towards that of all products, the more the less its
    orders tell (`inference.shrink`), so that one of one does not lead. What one order holds is lost together: low and
    high are those of `inference.ratio_of_sums`, as those of the item rates in groups are. `largest_order_items` are
    the items that the one order with most of them lost, of `orders_lost`.
    """
    lost = items[["product_id", "product_name", "sku_id", "order_id", "stage", "reason", "units"]]
    lost = lost[(lost["stage"] != "unpaid").to_numpy()]
    key, product = products_of(lost)
    groups, units = Groups.of(key), lost["units"].to_numpy()
    stage = lost["stage"].to_numpy(dtype=object)
    total, named = groups.sum(units), product.array.take(groups.first)
    ordered_key = products_of(orders)[0]
    ordered = _units_of(ordered_key, orders["quantity"])
    units_ordered = np.array([ordered.get(name, 0) for name in groups.values()], dtype=np.int64)
    rates = product_rates(ordered_key, orders, key, lost).set_index("product_key").reindex(groups.values())
    reasons = Groups.of(key, lost["reason"])
    of_reason, product_of = reasons.sum(units), reasons.codes()[0]
    # Of each product the reason with most items comes first, among equals the first by name.
    first = np.lexsort((reasons.codes(1)[0], -of_reason, product_of))
    first = first[np.unique(product_of[first], return_index=True)[1]]
    likely = rates["likely_rate"].to_numpy()
    order = np.lexsort((pd.factorize(named, sort=True)[0], -likely, -total))
    columns = {
        "product": named,
        "sku_ids": groups.named(lost["sku_id"]),
        **{name: groups.sum(np.where(stage == name, units, 0)) for name in STAGES[1:]},
        "items": total,
        "share": _share(total, total.sum()),
        "units_ordered": units_ordered,
        "rate": _share(total, units_ordered),
        **{name: rates[name].to_numpy() for name in LIKELY},
        "top_reason": reasons.values(1)[first],
        "top_reason_items": of_reason[first],
        **{name: rates[name].to_numpy() for name in ("largest_order_items", "orders_lost")},
    }
    return pd.DataFrame({name: values[order] for name, values in columns.items()})


def _units_of(key: pd.Series, units: pd.Series) -> dict[str, int]:
    """The sum of `units` of each `key`."""
    groups = Groups.of(key)
    return dict(zip(groups.values(), groups.sum(units).tolist(), strict=True))


def unknown_share(items: pd.DataFrame) -> float:
    """The share of the items lost after payment whose reason no catalog knows; 0 when nothing was lost."""
    units = np.where(items["stage"] != "unpaid", items["units"], 0)
    return float(units[items["reason"] == "unknown"].sum() / units.sum()) if units.sum() else 0.0


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
    columns = [
        "product_id",
        "product_name",
        "sku_id",
        "category",
        "stage",
        "responsibility",
        "reason",
        "units",
        "amount",
    ]
    lost = items[[*columns, "order_created_at"]]
    lost = lost[(lost["stage"] != "unpaid").to_numpy()]
    key, product = products_of(lost)
    products, categories = Groups.of(key), Groups.of(lost["category"].fillna(""))
    kept = _largest(products.sum(lost["units"]), most_products)[products.number]
    common = _largest(categories.sum(lost["units"]), MOST_CATEGORIES)[categories.number]
    listed = products.named(lost["sku_id"])
    placed = lost["order_created_at"].dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    days = np.searchsorted(PICTURE_DAYS[:-1], (np.datetime64(as_of) - placed).astype(np.int64) + 1)
    keys: dict[str, Any] = {
        "days": np.array(PICTURE_DAYS)[days],
        "category": np.where(common, categories.values()[categories.number], "").astype(object),
        **{name: lost[name] for name in ("stage", "responsibility", "reason")},
        "product": np.where(kept, product.to_numpy(dtype=object), ""),
        "sku_ids": np.where(kept, listed.to_numpy(dtype=object)[products.number], ""),
    }
    groups = Groups.of(*keys.values())
    named = {name: groups.values(place) for place, name in enumerate(keys)}
    return pd.DataFrame({**named, "items": groups.sum(lost["units"]), "amount": amounts_of(groups, lost["amount"])})


def _largest(sums: np.ndarray, most: int) -> np.ndarray:
    """Which of `sums` are among the `most` largest (mask)."""
    largest = np.zeros(len(sums), dtype=bool)
    largest[pd.Series(sums).sort_values(ascending=False).index[:most]] = True
    return largest


def named_ids(frame: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Of each group the first few different SKUs in order, and how many more there are: `a, b, c +2`."""
    groups = Groups.of(*(frame[key] for key in keys))
    order = np.argsort(groups.first, kind="stable")
    levels = [groups.values(place)[order] for place in range(len(keys))]
    index = pd.MultiIndex.from_arrays(levels, names=list(keys)) if len(keys) > 1 else pd.Index(levels[0], name=keys[0])
    return pd.Series(groups.named(frame["sku_id"])[order], index=index).dropna()


def first_id(ids: str) -> str:
    """The first SKU of a product's list and how many more it has: two long numbers fit no line."""
    named, _, more = ids.partition(" +")
    first, *rest = named.split(", ")
    others = len(rest) + int(more or 0)
    return f"{first} +{others}" if others else first


def _ranks(values: Any, order: Sequence[str]) -> np.ndarray:
    """The place of each of `values` in `order`."""
    places = {value: number for number, value in enumerate(order)}
    return np.array([places[value] for value in values], dtype=np.int64)


def _share(part: np.ndarray, whole: np.ndarray | float) -> np.ndarray:
    """part / whole as a fraction; NaN where the whole is nothing (a share of nothing is not 0)."""
    below = np.broadcast_to(np.asarray(whole, dtype=float), part.shape)
    return np.asarray(np.divide(part, below, out=np.full(part.shape, np.nan), where=below != 0))
