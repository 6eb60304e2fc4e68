"""The causes that a seller can act on: where each can gather, and how many orders it took there and in each week.

Counts only; what of them stands out is judged in `diagnosis.standouts`. Orders are counted, not their lines nor
units: an order is in each place that one of its lines is in, and lost there where one of those lines was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.rates.groups import Groups, array_of, different
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
    if cause == "carrier" or cause in SLOW_CAUSES:
        return lines.known("shipped_at" if cause == "carrier" else "delivered_at")
    placed: np.ndarray = lines.known("paid_at") | array_of(lines.orders["is_cod"])
    return placed


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


def count_places(lines: Lines, dimension: str, at_risk: np.ndarray, lost: np.ndarray) -> dict[str, np.ndarray]:
    """The places of a dimension, in their order: how many orders have a line `at_risk` in each, how many one `lost`.

    Columns: `place` and `label` as a reader sees them, `number` of it among the lines' (`place_numbers`), orders,
    at_risk, and the same of the rest of the shop.
    """
    numbers = place_numbers(lines, dimension)
    placed = at_risk & (numbers >= 0)
    rows = np.flatnonzero(placed)
    found, first, place = np.unique(numbers[rows], return_index=True, return_inverse=True)
    there = _orders_in(place, lines.order[rows], len(found))
    gone = _orders_in(place[lost[rows]], lines.order[placed & lost], len(found))
    codes = (lines.codes(column) for column in PLACES[dimension])
    named = [code.values[code.numbers[rows[first]]].tolist() for code in codes]
    names = np.array([" · ".join(parts) for parts in zip(*named, strict=True)], dtype=object)
    return {
        "place": names,
        "label": _labels(lines, dimension, rows, Groups(place, len(found)), names),
        "number": found,
        "orders": gone,
        "at_risk": there,
        "rest_orders": gone.sum() - gone,
        "rest_at_risk": there.sum() - there,
    }


def place_numbers(lines: Lines, dimension: str) -> np.ndarray:
    """The place of each line (lines,) as a number, in the order of the places' names; -1 where one is not known."""
    first, *others = (lines.codes(column) for column in PLACES[dimension])
    numbers = first.numbers.astype(np.int64)
    for code in others:
        known = (numbers >= 0) & (code.numbers >= 0)
        numbers = np.where(known, numbers * len(code.values) + code.numbers, -1)
    return numbers


def _orders_in(place: np.ndarray, order: np.ndarray, places: int) -> np.ndarray:
    """How many different orders (places,) the lines with these places and orders are of."""
    # One number a pair: numbers are sorted ten times as fast as pairs.
    orders = int(order.max(initial=0)) + 1
    pairs = different(place.astype(np.int64) * orders + order)
    return np.bincount(pairs // orders, minlength=places).astype(np.int64)


def _labels(lines: Lines, dimension: str, rows: np.ndarray, place: Groups, names: np.ndarray) -> np.ndarray:
    """What a reader calls each place; `place` groups the `rows` of the lines."""
    if dimension not in ("product", "sku"):
        return names
    product = place.first_of(array_of(lines.orders["product"])[rows])
    if dimension == "product":
        return product
    variations = place.first_of(array_of(lines.orders["variation"])[rows]).tolist()
    more = [f" ({text})" if isinstance(text, str) and text else "" for text in variations]
    return np.array([name + text for name, text in zip(product.tolist(), more, strict=True)], dtype=object)


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
    own = (array_of(lines.items["root_cause"]) == cause) & (array_of(lines.items["stage"]) != "return_refund")
    at_risk = at_risk_of(lines, cause)[dated] & (ago >= 0)
    lost = at_risk & lines.lost(own)[dated]
    mondays = last - 7 * np.arange(weeks)[::-1] - 6
    order = lines.order[dated]
    counts = [_orders_in(ago[chosen], order[chosen], weeks)[::-1] for chosen in (lost, at_risk)]
    return np.asarray(mondays), counts[0], counts[1]
