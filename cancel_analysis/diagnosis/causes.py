"""The causes that a seller can act on: where each can gather, and how many orders it took there and in each week.

Counts only; what of them stands out is judged in `diagnosis.standouts`. Orders are counted, not their lines nor
units: an order is in each place that one of its lines is in, and lost there where one of those lines was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.rates.lines import Lines

# What a seller can act on at once; a buyer who simply changed the mind is no cause to look for.
CAUSES = (
    "stock", "late_dispatch", "listing", "price", "quality", "address", "address_details", "payment", "carrier",
    "risk_control",
)  # fmt: skip
PLACES: dict[str, tuple[str, ...]] = {
    "product": ("product_key",),
    "sku": ("sku_id",),
    "carrier": ("carrier",),
    "region": ("region",),
    "carrier_region": ("carrier", "region"),
}
# What shows only after delivery takes weeks to come back: within a month of the order most of it is missing.
SLOW_CAUSES = ("listing", "quality")
SLOW_DAYS = 60
# Where a cause can gather: a late parcel is no property of the colour of a shoe.
PLACES_OF = {
    # Stock is held by the SKU: naming the product would send the seller to count the wrong shelf.
    "stock": ("sku",),
    "carrier": ("carrier", "region", "carrier_region"),
    "address": ("region", "carrier_region"),
    # Who mistypes an address does so for any article and from anywhere: it can become more frequent, not gather.
    "address_details": (),
    "late_dispatch": ("product", "sku"),
    "payment": ("product",),
    "risk_control": ("product",),
}
DEFAULT_PLACES = ("product", "sku")


def days_of(cause: str, days: int) -> int:
    """How many days back the places of a cause are looked for, where the period has `days` days."""
    return max(days, SLOW_DAYS) if cause in SLOW_CAUSES else days


def at_risk_of(lines: Lines, cause: str) -> np.ndarray:
    """Which lines could have been lost to a cause: sent ones for the carrier's causes, delivered
    ones for what the buyer finds in the parcel, otherwise every line that was not left unpaid. (An
    address can also be the end of an order before it is sent.)"""
    if cause == "carrier":
        return lines.known("shipped_at")
    if cause in SLOW_CAUSES:
        return lines.known("delivered_at")
    return np.asarray(lines.known("paid_at") | lines.orders["is_cod"].to_numpy(dtype=bool))


def place_names(lines: pd.DataFrame, dimension: str) -> pd.Series:
    """The place of each line (with `product_key`): the values of its columns; empty where one is not known."""
    first, *others = PLACES[dimension]
    written = lines[first].astype("str")
    for column in others:
        written = written + " · " + lines[column].astype("str")
    known = lines[list(PLACES[dimension])].notna().all(axis=1)
    result: pd.Series = written.where(known)
    return result


def in_place(lines: pd.DataFrame, dimension: str, places: Iterable[str]) -> np.ndarray:
    """Which lines (with `product_key`) lie in the places of a dimension."""
    return np.asarray(place_names(lines, dimension).isin(set(places)), dtype=bool)


def count_places(lines: Lines, dimension: str, at_risk: np.ndarray, lost: np.ndarray) -> pd.DataFrame:
    """The places of a dimension, in their order: how many orders have a line `at_risk` in each, how many one `lost`."""
    columns = PLACES[dimension]
    codes = [lines.codes(column) for column in columns]
    placed = at_risk & np.all([code.numbers >= 0 for code in codes], axis=0)
    numbers = codes[0].numbers
    for code in codes[1:]:
        numbers = numbers * len(code.values) + code.numbers
    places, first, number = np.unique(numbers[placed], return_index=True, return_inverse=True)
    there = _orders_in(number, lines.order[placed], len(places))
    gone = _orders_in(number[lost[placed]], lines.order[placed & lost], len(places))
    rows = np.flatnonzero(placed)
    keys = {
        column: pd.Series(code.values[code.numbers[rows[first]]], dtype="str")
        for column, code in zip(columns, codes, strict=True)
    }
    counts = pd.DataFrame({**keys, "orders": gone, "at_risk": there})
    counts["dimension"] = dimension
    counts["place"] = place_names(counts, dimension)
    counts["label"] = _labels(lines, dimension, rows, number, counts["place"])
    return counts.assign(rest_orders=gone.sum() - gone, rest_at_risk=there.sum() - there)


def _orders_in(place: np.ndarray, order: np.ndarray, places: int) -> np.ndarray:
    """How many different orders (places,) the lines with these places and orders are of."""
    # One number a pair: numbers are sorted ten times as fast as pairs.
    orders = int(order.max(initial=0)) + 1
    pairs = np.unique(place.astype(np.int64) * orders + order)
    return np.bincount(pairs // orders, minlength=places).astype(np.int64)


def _labels(lines: Lines, dimension: str, rows: np.ndarray, number: np.ndarray, places: pd.Series) -> pd.Series:
    """What a reader calls each place; `number` says which one each of the `rows` (of the lines) is of."""
    if dimension not in ("product", "sku"):
        return places

    def first(column: str) -> pd.Series:
        known = lines.known(column)[rows]
        of, where = np.unique(number[known], return_index=True)
        values = lines.orders[column].iloc[rows[known][where]].set_axis(of)
        named: pd.Series = values.reindex(range(len(places)))
        return named

    product = first("product")
    if dimension == "product":
        return product
    variation = first("variation").map(lambda text: f" ({text})" if pd.notna(text) and text else "")
    return pd.Series(product + variation)


def weekly(orders: pd.DataFrame, items: pd.DataFrame, cause: str, as_of: date) -> pd.DataFrame:
    """Orders lost to `cause` by the week in which they were placed, oldest first: monday, orders, at_risk, rate.

    Weeks end on the weekday of `as_of`; a week without an order has no rate. Returns after delivery
    are left out: the newest weeks' returns are still to come.
    """
    mondays, lost, at_risk = count_weeks(Lines.of(orders, items), cause, as_of)
    with np.errstate(invalid="ignore"):
        rate = np.where(at_risk > 0, lost / at_risk, np.nan)
    return pd.DataFrame({"monday": mondays.astype("datetime64[us]"), "orders": lost, "at_risk": at_risk, "rate": rate})


def count_weeks(lines: Lines, cause: str, as_of: date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The Mondays (datetime64[D]) of all weeks, orders lost to the cause in each, orders at risk; oldest first."""
    last = np.datetime64(as_of)
    dated = ~np.isnat(lines.day)
    ago = (last - lines.day[dated]).astype(np.int64) // 7
    weeks = int(ago.max()) + 1 if len(ago) else 0
    own = lines.item_is("root_cause", cause) & ~lines.item_is("stage", "return_refund")
    at_risk = at_risk_of(lines, cause)[dated] & (ago >= 0)
    lost = at_risk & lines.lost(own)[dated]
    mondays = last - 7 * np.arange(weeks)[::-1] - 6
    order = lines.order[dated]
    counts = [_orders_in(ago[chosen], order[chosen], weeks)[::-1] for chosen in (lost, at_risk)]
    return np.asarray(mondays), counts[0], counts[1]
