"""What each order adds to the daily cube, and sums of it over days: measures, products of them, and doubts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cancel_analysis.catalog.rates import MEASURES, RATES
from cancel_analysis.rates.groups import Groups, places_of
from cancel_analysis.rates.moments import instants, midnight, zone_of

if TYPE_CHECKING:
    from cancel_analysis.catalog.rates import Columns

# For an interval that knows that the lines of one order are lost together: sums of squares and
# products over orders, which add up over days as the sums themselves do.
PRODUCTS: dict[str, tuple[str, str]] = {}
for _rate in RATES.values():
    if _rate.kind == "ratio":
        _x, _y = _rate.numerator, _rate.denominator
        PRODUCTS |= {f"{_x}__{_x}": (_x, _x), f"{_x}__{_y}": (_x, _y), f"{_y}__{_y}": (_y, _y)}

Doubt = Callable[["Columns"], np.ndarray]


def _flag(name: str) -> Doubt:
    return lambda facts: np.asarray(facts[name])


def _blank(amount: str, base: str = "") -> Doubt:
    return lambda facts: np.isnan(facts[amount]) & (np.asarray(facts[base]) if base else True)


def _valued(amount: str, base: str) -> Doubt:
    return lambda facts: ~np.isnan(facts[amount]) & (np.asarray(facts[base]) > 0)


# Sums that say how far a rate may be believed: what only the loss itself tells, what has no value in the
# files, what should have arrived and of which no file says that it did. They stand on the created basis.
DOUBTS: dict[str, Doubt] = {
    name: _flag(name)
    for name in (
        "dispatched_by_loss", "delivered_by_loss", "ended_by_loss", "should_have_arrived", "arrival_unknown",
        "lost_by_cancelling", "partly_cancelled_by_unknown", "cancel_undated",
    )
}  # fmt: skip
for _past in ("cancelled", "refunded", "returned"):
    DOUBTS[f"blank_{_past}"] = _blank(f"amount_{_past}")
    DOUBTS[f"valued_{_past}"] = _valued(f"amount_{_past}", f"units_{_past}")
for _base in ("paid", "dispatched", "delivered"):
    DOUBTS[f"blank_{_base}"] = _blank("amount", _base)
    DOUBTS[f"valued_{_base}"] = _valued("amount", _base)

NAMES = (*MEASURES, *PRODUCTS, *DOUBTS)


def arrays_of(facts: pd.DataFrame) -> dict[str, np.ndarray]:
    """The flags, days, units and amounts of order facts as arrays."""
    texts = ("shop_id", "order_id", "currency", "cancelled_by")
    return {str(name): facts[name].to_numpy() for name in facts.columns if name not in texts}


def added(facts: Columns, name: str) -> np.ndarray:
    """What each order adds to one of `NAMES`, NaN where no file tells its amount."""
    if name in MEASURES:
        return MEASURES[name].added(facts)
    if name in PRODUCTS:
        x, y = PRODUCTS[name]
        return np.asarray(added(facts, x) * added(facts, y))
    return DOUBTS[name](facts)


def summed(values: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """The sums of the values at each of `count` places; what is not known adds nothing."""
    known = np.where(np.isnan(values), 0.0, values) if values.dtype.kind == "f" else values
    # Of no place at all, whole numbers would be handed back.
    return np.asarray(np.bincount(places, weights=known, minlength=count), dtype=float)


def event_of(name: str) -> str:
    """The column of order facts with the day that dates a measure of whole orders, or its square; '' of others."""
    if name in PRODUCTS:
        x, y = PRODUCTS[name]
        return MEASURES[x].event if x == y else ""
    return MEASURES[name].event if name in MEASURES else ""


def lost_by_day(facts: pd.DataFrame, items: pd.DataFrame, first: date, as_of: date) -> dict[str, np.ndarray]:
    """Units and amounts (in the order's own currency) by the day they were lost, and squared within an order and day.

    A measure of each stage, a sum a day from `first` to `as_of`. Their products with the denominator stay zero: on
    the event basis the two are of different days.
    """
    happened = items["event_at"]
    place = places_of(items["order_id"], facts["order_id"])
    day = (happened.dt.tz_localize(None).to_numpy().astype("datetime64[D]") - np.datetime64(first)).astype(np.int64)
    count = (as_of - first).days + 1
    seen = (place >= 0) & (instants(happened) < midnight(as_of + timedelta(days=1), zone_of(happened)))
    seen &= (day >= 0) & (day < count)
    place, day = place[seen], day[seen]
    pairs = Groups.of(place, day)
    of_pair = day[pairs.first]
    stage = items["stage"].to_numpy(dtype=object)[seen]
    currency = facts["currency"].to_numpy(dtype=object)[place] == items["currency"].to_numpy(dtype=object)[seen]
    own = currency & ~facts["other_currency"].to_numpy()[place]
    sizes = {"item": items["units"].to_numpy()[seen], "money": np.where(own, items["amount"].to_numpy()[seen], np.nan)}
    sums = {}
    for name, measure in MEASURES.items():
        if measure.stage:
            values = np.where(stage == measure.stage, sizes[measure.unit], 0)
            of_order = summed(values, pairs.number, len(pairs))
            sums[name] = summed(of_order, of_pair, count)
            sums[f"{name}__{name}"] = summed(of_order * of_order, of_pair, count)
    return sums
