"""The rates of a shop: a daily cube that adds up, rolling windows over it, each rate with its interval.

`daily` sums order facts by day, once by the order's date (`created`) and once by the day on which each
thing happened (`event`). Everything later is a sum over days of that cube.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis import inference
from cancel_analysis.catalog.rates import BASES, MEASURES, RATES, WINDOWS, Rate, find_rate
from cancel_analysis.catalog.shops import DEFAULT_BUYER_WEIGHT, DEFAULT_SELLER_WEIGHT, ShopSettings
from cancel_analysis.errors import SettingsError
from cancel_analysis.rates.order_sums import NAMES, added, arrays_of, event_of, lost_by_day, summed
from cancel_analysis.rates.sums import Cube, DailySums, WindowSums
from cancel_analysis.rates.untold import CLUSTERS, why_untold


def daily(facts: pd.DataFrame, items: pd.DataFrame, as_of: date) -> Cube:
    """The additive cube: a row a basis and day, from the first day with an order to `as_of`.

    Columns: basis (`created`, `event`), date, a column a measure, the sums of squares and products over
    orders that money and item rates need, and those of `DOUBTS`. `facts` are order facts
    (`describe_orders`) at the same
    `as_of`; `items` gives the day of each lost unit on the event basis. Days without anything are
    there, with zeros. Without any order the cube has the one day `as_of`.
    """
    end = np.datetime64(as_of)
    first = min(facts["created_date"].min().date(), as_of) if len(facts) else as_of
    days = np.arange(np.datetime64(first), end + 1)
    columns, lost = arrays_of(facts), lost_by_day(facts, items, first, as_of)
    dated = {name: _places(columns[name], days) for name in {"created_date", *map(event_of, NAMES)} - {""}}
    table = np.zeros((len(NAMES), 2, len(days)))
    for row, name in enumerate(NAMES):
        values = added(columns, name)
        for basis, event in enumerate(("created_date", event_of(name))):
            if event:
                inside, place = dated[event]
                table[row, basis] = summed(values[inside], place, len(days))
        if name in lost:
            table[row, 1] = lost[name]
    whole = np.array([name in MEASURES and MEASURES[name].whole for name in NAMES])
    head = pd.DataFrame({"basis": np.repeat(["created", "event"], len(days)), "date": np.tile(days, 2)})
    rows = table.reshape(len(NAMES), -1)
    # Two blocks of columns, as a frame made of a hundred costs what it takes to make a hundred.
    counts, sums = (
        pd.DataFrame(rows[chosen].T.astype(dtype), columns=np.array(NAMES, dtype=object)[chosen])
        for chosen, dtype in ((whole, "int64"), (~whole, "float64"))
    )
    cube = pd.concat([head.astype({"date": "datetime64[us]"}), counts, sums], axis=1)
    return cube[["basis", "date", *NAMES]]


def _places(dates: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of `dates` are among `days`, and at which place each of these is."""
    place = (dates.astype("datetime64[D]") - days[0]).astype(np.int64)
    inside = np.flatnonzero(~np.isnat(dates) & (place >= 0) & (place < len(days)))
    return inside, place[inside]


def created_sums(facts: pd.DataFrame) -> pd.DataFrame:
    """The measures and products of order facts, summed by `created_date`: a row a date, only dates with an order."""
    dates, place = np.unique(facts["created_date"].to_numpy(), return_inverse=True)
    columns, sums = arrays_of(facts), {}
    for name in NAMES:
        values = added(columns, name)
        sums[name] = summed(values, place, len(dates))
        if values.dtype.kind == "f":
            # A sum of nothing known is not known.
            sums[name][summed(~np.isnan(values), place, len(dates)) == 0] = np.nan
    return pd.DataFrame({"date": dates, **sums})


def rolling(
    cube: Cube | DailySums,
    rate: str | Rate,
    window: int,
    *,
    basis: str = "created",
    shop: ShopSettings | None = None,
) -> pd.DataFrame:
    """One rate over the last `window` days, for every day of the cube.

    Columns: date, window, days (how many of the window's days the data cover), numerator,
    denominator, rate (NaN when the denominator is 0), low, high, and numerator and rate again when
    doubtful orders are left out (`_least`) and when all are counted (`_other`). `untold` says why the
    files cannot tell a rate (`why_untold`), '' where they can; numerator and denominator are then 0.
    `shop` gives the weights of the weighted rate (default 2.3 and 1.0).
    """
    sums = DailySums.of(cube)
    if basis not in BASES:
        raise SettingsError(f"unknown date basis {basis!r}; known are {', '.join(BASES)}")
    return window_figures(sums, rate, window, sums.days(basis), basis=basis, shop=shop)


def rates_at(
    cube: Cube | DailySums, as_of: date, shop: ShopSettings | None = None, windows: Sequence[int] = WINDOWS
) -> pd.DataFrame:
    """Every rate at the end of `as_of`, for each window and both date bases.

    Columns: metric (the rate's name in the catalog), label, unit, basis, then those of `rolling`.
    """
    sums = DailySums.of(cube)
    keys = [(rate, basis) for rate in RATES.values() for basis in BASES]
    lengths, ends = np.array(windows), [as_of] * len(windows)
    found = [rate_figures(sums, rate, lengths, ends, basis=basis, shop=shop) for rate, basis in keys]
    return _figures_frame(
        {
            "metric": [rate.name for rate, _ in keys for _ in windows],
            "label": [rate.label for rate, _ in keys for _ in windows],
            "unit": [rate.unit for rate, _ in keys for _ in windows],
            "basis": [basis for _, basis in keys for _ in windows],
            **{name: np.concatenate([figures[name] for figures in found]) for name in found[0]},
        }
    )


def untold_rates(cube: Cube | DailySums, as_of: date, window: int) -> dict[str, str]:
    """The rates by the order's date that the files cannot tell of the `window` days up to `as_of`: name → why."""
    sums = DailySums.of(cube)
    placed = WindowSums(sums, "created", window, _days([as_of]))
    found = {rate.name: why_untold(sums, rate, rate.denominator, placed, "created")[0] for rate in RATES.values()}
    return {name: why for name, why in found.items() if why}


def window_figures(cube: Cube | DailySums, rate: str | Rate, window: int, ends: Any, **asked: Any) -> pd.DataFrame:
    """`rate_figures` as a frame: a row an end."""
    return _figures_frame(rate_figures(cube, rate, window, ends, **asked))


def _figures_frame(columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({**columns, "untold": pd.array(columns["untold"], dtype="str")})


def rate_figures(
    cube: Cube | DailySums,
    rate: str | Rate,
    window: int | np.ndarray,
    ends: Any,
    *,
    basis: str = "created",
    shop: ShopSettings | None = None,
    denominator: str | None = None,
    limit: float | None = None,
    fbt_out: tuple[bool, bool] = (False, False),
) -> dict[str, np.ndarray]:
    """One rate over windows of `window` days that end on `ends`, as `rolling` describes: its columns as arrays.

    `window` is one length, or one for each end.
    `denominator` divides by another measure, as some limits ask for; `fbt_out` leaves orders that the platform
    fulfils out of the numerator and of the denominator. With `limit` there are
    `signal`, `signal_least`, `signal_other` and `weight` (what a counted order weighs: 1, or Σw² / Σw), and
    where the usual interval would say another thing than the signal, `low` and `high` are those of the
    signal's own rule. Days outside the cube count as empty; `days` tells. SettingsError for an unknown
    rate, basis, measure or window.
    """
    rate = find_rate(rate) if isinstance(rate, str) else rate
    divided_by = denominator or rate.denominator
    if basis not in BASES:
        raise SettingsError(f"unknown date basis {basis!r}; known are {', '.join(BASES)}")
    if divided_by not in MEASURES:
        raise SettingsError(f"unknown measure {divided_by!r}; known are {', '.join(MEASURES)}")
    if np.min(window) < 1:
        raise SettingsError(f"a window has at least one day, not {window!r}")
    daily_sums = DailySums.of(cube)
    sums = WindowSums(daily_sums, basis, window, _days(ends))
    untold = why_untold(daily_sums, rate, divided_by, sums, basis)
    sums.mute(untold)
    total = sums.without(divided_by, fbt_out[1])
    # By event date the orders cancelled in a window are not those placed in it.
    part = basis == "created" or MEASURES[rate.numerator].event == MEASURES[divided_by].event
    if rate.kind == "weighted":
        estimate = _weighted_estimate(sums, total, part, shop)
    elif rate.kind == "ratio":
        estimate = _ratio_estimate(sums, rate, total)
    else:
        estimate = _share_estimate(sums, rate, total, part, fbt_out[0])
        # Nor is what a limit counts always among what it divides by.
        part = part and not estimate.beyond(total)
    many = len(sums.ends)
    figures = {
        "date": sums.ends,
        "window": np.full(many, window),
        "days": sums.days,
        "numerator": estimate.numerator,
        "denominator": total,
        "rate": _share(estimate.numerator, total),
        "low": estimate.low,
        "high": estimate.high,
        "numerator_least": estimate.least,
        "rate_least": _share(estimate.least, total),
        "numerator_other": estimate.other,
        "rate_other": _share(estimate.other, total),
        "untold": np.array(untold, dtype=object),
    }
    if limit is not None:
        rule = inference.LimitRule(rate.kind, part, estimate.largest_weight)
        figures |= _signals(figures, estimate, rule, total, limit)
    high = np.asarray(figures["high"], dtype=float)
    return {**figures, "high": np.where(np.isfinite(high), high, np.nan)}


def _days(ends: Any) -> np.ndarray:
    """Days however they are written, as datetime64 in microseconds."""
    if isinstance(ends, np.ndarray) and ends.dtype.kind == "M":
        return ends.astype("datetime64[us]")
    days = list(ends)
    if all(isinstance(day, date) for day in days):
        return np.array([str(day)[:10] for day in days], dtype="datetime64[us]")
    return pd.to_datetime(pd.Series(days, dtype="object")).to_numpy().astype("datetime64[us]")


@dataclass(frozen=True)
class _Estimate:
    """A rate over some windows, an entry a window.

    `least` and `other`: the numerator without the doubtful orders and with all of them. `squares`: the sum of the
    squared weights of what is counted. `size`: the number of independent orders that an interval rests on.
    """

    numerator: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    other: np.ndarray
    squares: np.ndarray
    size: np.ndarray
    largest_weight: float = 1.0

    def beyond(self, total: np.ndarray) -> bool:
        """Whether more is counted in some window than the denominator has."""
        return bool((np.maximum(self.numerator, self.other) > total).any())


def _share_estimate(
    sums: WindowSums, rate: Rate, total: np.ndarray, part: bool, without_fbt: bool = False
) -> _Estimate:
    """A share of counted orders; `part`: the counted ones are among those of the denominator.

    Where more is counted than there is to count among, it is two counts beside each other all the same.
    """
    numerator = sums.without(rate.numerator, without_fbt)
    least, other = (
        sums.without(name, without_fbt) if name else numerator for name in (rate.numerator_least, rate.numerator_other)
    )
    beside = (np.maximum(numerator, other) > total) | (not part)
    if np.ndim(sums.window) == 0:
        # Windows of one length are looked at together, so that their intervals are of one kind.
        beside[:] = beside.any()
    low, high = (inference.poisson if beside.any() else inference.wilson)(numerator, total)
    if beside.any() and not beside.all():
        low[~beside], high[~beside] = inference.wilson(numerator[~beside], total[~beside])
    return _Estimate(numerator, low, high, least, other, squares=numerator, size=total)


def _weighted_estimate(sums: WindowSums, total: np.ndarray, part: bool, shop: ShopSettings | None) -> _Estimate:
    """Cancelled orders weighted by who cancelled them."""
    weights = (shop.seller_weight, shop.buyer_weight) if shop else (DEFAULT_SELLER_WEIGHT, DEFAULT_BUYER_WEIGHT)
    by_seller, by_buyer = sums("cancelled_by_seller"), sums("cancelled_by_buyer")
    numerator = weights[0] * by_seller + weights[1] * by_buyer
    squares, largest = weights[0] ** 2 * by_seller + weights[1] ** 2 * by_buyer, max(weights)
    low, high = inference.weighted_rate(
        numerator, squares, by_seller + by_buyer, total, part_of_total=part, largest_weight=largest
    )
    # Whoever cancelled may be the one that weighs most.
    other = numerator + largest * sums("cancelled_by_unknown")
    return _Estimate(numerator, low, high, numerator, other, squares, total, largest)


def _ratio_estimate(sums: WindowSums, rate: Rate, total: np.ndarray) -> _Estimate:
    """Money or units over money or units, whose lines of one order are lost together."""
    x, y = rate.numerator, rate.denominator
    numerator = sums(x)
    # Refunds can pass a value below zero only by a file's error; an interval needs what is possible.
    products = (
        np.maximum(numerator, 0),
        np.maximum(total, 0),
        sums(f"{x}__{x}"),
        sums(f"{x}__{y}"),
        sums(f"{y}__{y}"),
        sums(CLUSTERS[y.split("_", 1)[1]]),
    )
    low, high = inference.ratio_of_sums(*products)
    least, other = _readings(sums, rate, numerator)
    return _Estimate(numerator, low, high, least, other, numerator, inference.effective_size(*products))


def _readings(sums: WindowSums, rate: Rate, numerator: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numerator without the doubtful orders, and with all of them."""
    least = sums(rate.numerator_least) if rate.numerator_least else numerator
    other = sums(rate.numerator_other) if rate.numerator_other else numerator
    return least, other


def _signals(
    figures: dict[str, np.ndarray], estimate: _Estimate, rule: inference.LimitRule, total: np.ndarray, limit: float
) -> dict[str, np.ndarray]:
    """The signals against `limit`, and an interval that agrees with them."""
    numerator, squares, size = estimate.numerator, estimate.squares, estimate.size
    found = dict(
        zip(
            ("signal", "low", "high"),
            rule.agreeing((figures["low"], figures["high"]), numerator, total, limit, squares=squares, size=size),
            strict=True,
        )
    )
    counted = numerator > 0
    found["weight"] = np.where(counted, squares / np.where(counted, numerator, 1), estimate.largest_weight)
    for reading, count in (("least", estimate.least), ("other", estimate.other)):
        moved = squares + (count - numerator) * estimate.largest_weight
        found[f"signal_{reading}"] = rule.signals(count, total, limit, squares=moved, size=size)
    return found


def _share(numerator: np.ndarray, total: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, numerator / total, np.nan)
