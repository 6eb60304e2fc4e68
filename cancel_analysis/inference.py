"""How sure a figure is: intervals, tests and decisions. Numbers only; nothing here knows a shop.

Every function takes plain numbers or arrays (broadcast against each other) and gives back floats for
plain numbers, arrays otherwise. Intervals are two-sided and of the underlying rate, at `level`.
Definitions, assumptions and what each cannot do stand in ``docs/methods.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

LEVEL = 0.95
SIGNALS = ("above", "below", "cannot_tell")

Number = float | NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """One interval of an underlying rate."""

    low: float
    high: float
    level: float = LEVEL

    def against(self, limit: float) -> str:
        """`above` or `below` when the whole interval lies on that side of `limit`, else `cannot_tell`."""
        if self.low > limit:
            return "above"
        if self.high < limit:
            return "below"
        return "cannot_tell"


def wilson(count: ArrayLike, total: ArrayLike, level: float = LEVEL) -> tuple[Any, Any]:
    """Wilson's score interval of a proportion, `count` of `total` (Wilson 1927).

    Chosen because its coverage stays near `level` for small totals and rates near 0, where the
    textbook interval collapses. Totals need not be whole (an effective size may be handed in).
    Nothing seen (total 0) gives (0, 1). Raises ValueError unless 0 ≤ count ≤ total.
    """
    x, n = _pair(count, total)
    if np.any(x > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    z = _z(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        spread = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        centre = p + z**2 / (2 * n)
        low = (centre - spread) / (1 + z**2 / n)
        high = (centre + spread) / (1 + z**2 / n)
    # Rounding must not leave 1e-19 where the formula says 0, nor 0 or 1 uncovered.
    low = np.where((n == 0) | (x == 0), 0.0, np.clip(low, 0.0, 1.0))
    high = np.where((n == 0) | (x == n), 1.0, np.clip(high, 0.0, 1.0))
    return _plain(low), _plain(high)


def poisson(count: ArrayLike, exposure: ArrayLike, level: float = LEVEL) -> tuple[Any, Any]:
    """Exact interval of `count` per `exposure` when the count is no part of it (Garwood 1936).

    For rates by event date: this week's cancellations are not among this week's orders, so the
    rate may pass 1. Exposure 0 gives (0, inf).
    """
    x, e = _pair(count, exposure)
    tail = (1 - level) / 2
    low = np.where(x > 0, stats.chi2.ppf(tail, 2 * np.where(x > 0, x, 1)) / 2, 0.0)
    high = stats.chi2.isf(tail, 2 * (x + 1)) / 2
    safe = np.where(e > 0, e, 1.0)
    return _plain(np.where(e > 0, low / safe, 0.0)), _plain(np.where(e > 0, high / safe, np.inf))


def newcombe(
    count_a: ArrayLike, total_a: ArrayLike, count_b: ArrayLike, total_b: ArrayLike, level: float = LEVEL
) -> tuple[Any, Any]:
    """Interval of the difference of two independent proportions, a − b (Newcombe 1998, method 10).

    Built from the two Wilson intervals. A side with nothing seen leaves its rate anywhere in 0 … 1,
    so with both empty the difference is (−1, 1).
    """
    xa, na = _pair(count_a, total_a)
    xb, nb = _pair(count_b, total_b)
    low_a, high_a = wilson(xa, na, level)
    low_b, high_b = wilson(xb, nb, level)
    with np.errstate(invalid="ignore", divide="ignore"):
        pa, pb = np.where(na > 0, xa / na, np.nan), np.where(nb > 0, xb / nb, np.nan)
        difference = pa - pb
        low = difference - np.sqrt((pa - low_a) ** 2 + (high_b - pb) ** 2)
        high = difference + np.sqrt((high_a - pa) ** 2 + (pb - low_b) ** 2)
    blind = (na == 0) | (nb == 0)
    low = np.where(blind, np.asarray(low_a) - np.asarray(high_b), low)
    high = np.where(blind, np.asarray(high_a) - np.asarray(low_b), high)
    return _plain(np.clip(low, -1.0, 1.0)), _plain(np.clip(high, -1.0, 1.0))


def weighted_rate(
    weighted_sum: ArrayLike,
    weighted_squares: ArrayLike,
    count: ArrayLike,
    total: ArrayLike,
    level: float = LEVEL,
    *,
    part_of_total: bool = True,
    largest_weight: float = 1.0,
) -> tuple[Any, Any]:
    """Interval of Σw / total, where `count` of `total` units carry a weight w and the others 0.

    The interval of the plain share is stretched about the estimate by the ratio of the two standard
    errors (the way Dobson et al. 1991 weight a Poisson count): with equal weights it is that weight
    times Wilson's interval. With nothing counted the largest weight stretches it, the careful choice.
    `part_of_total=False` takes the Poisson interval instead (rates by event date).
    """
    s, ss = _pair(weighted_sum, weighted_squares)
    x, n = _pair(count, total)
    low, high = wilson(x, n, level) if part_of_total else poisson(x, n, level)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, mean = np.where(n > 0, x / n, 0.0), np.where(n > 0, s / n, 0.0)
        average, square = np.where(x > 0, s / x, 0.0), np.where(x > 0, ss / x, 0.0)
        if part_of_total:
            # At a share of 1 the ratio has no value; half a unit less keeps it finite.
            p = np.minimum(share, 1 - 0.5 / np.maximum(n, 1))
            stretch = (square - p * average**2) / (1 - p)
        else:
            stretch = square
        stretch = np.where(x > 0, np.sqrt(np.maximum(stretch, 0.0)), largest_weight)
        top = largest_weight if part_of_total else np.inf
        low = np.clip(mean + stretch * (np.asarray(low) - share), 0.0, top)
        high = np.clip(mean + stretch * (np.asarray(high) - share), 0.0, top)
    return _plain(low), _plain(high)


def ratio_of_sums(
    sum_x: ArrayLike,
    sum_y: ArrayLike,
    sum_xx: ArrayLike,
    sum_xy: ArrayLike,
    sum_yy: ArrayLike,
    clusters: ArrayLike,
    level: float = LEVEL,
) -> tuple[Any, Any]:
    """Interval of Σx / Σy where the lines of one order (a cluster) are lost together.

    The variance is that of the linearised ratio with orders as clusters (Cochran 1977, §6);
    Wilson's interval is then taken at the effective size that this variance stands for, never more
    than Kish's (Σy)²/Σy² (Korn & Graubard 1998, with Wilson's in place of the exact interval).
    A ratio above 1 (more refunded than the goods cost) falls back on the normal interval.
    Σy = 0 gives (0, 1). Inputs are sums over orders, so windows add up.
    """
    x, y = _pair(sum_x, sum_y)
    xx, xy, yy, k = (np.asarray(v, dtype=float) for v in (sum_xx, sum_xy, sum_yy, clusters))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(y > 0, x / y, 0.0)
        residual = np.maximum(xx - 2 * ratio * xy + ratio**2 * yy, 0.0)
        variance = np.where(k > 1, residual * k / np.maximum(k - 1, 1), np.nan) / y**2
        kish = np.where(yy > 0, y**2 / yy, 0.0)
        size = ratio * (1 - ratio) / variance
        size = np.where(np.isfinite(size) & (size > 0), np.minimum(size, kish), kish)
        inside = ratio <= 1
        low, high = wilson(np.where(inside, ratio, 0.0) * size, size, level)
        wide = _z(level) * np.sqrt(np.where(np.isfinite(variance), variance, ratio**2))
        low = np.where(inside, low, np.maximum(ratio - wide, 0.0))
        high = np.where(inside, high, ratio + wide)
    return _plain(np.where(y > 0, low, 0.0)), _plain(np.where(y > 0, high, 1.0))


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """P-values adjusted for the false-discovery rate (Benjamini & Hochberg 1995), in the given order.

    Calling everything with an adjusted p of at most q a discovery keeps the expected share of false
    ones at q, when the tests are independent or positively dependent. NaN stays NaN and is no test.
    """
    values = np.atleast_1d(np.asarray(p, dtype=float))
    result = np.full(values.shape, np.nan)
    seen = np.flatnonzero(~np.isnan(values))
    if np.any((values[seen] < 0) | (values[seen] > 1)):
        raise ValueError("p-values lie between 0 and 1")
    order = seen[np.argsort(values[seen], kind="stable")]
    scaled = values[order] * len(order) / np.arange(1, len(order) + 1)
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result


def excess_p(count: ArrayLike, total: ArrayLike, rest_count: ArrayLike, rest_total: ArrayLike) -> Any:
    """One-sided p that a unit's rate is above the rest's: Fisher's exact test (hypergeometric tail).

    `rest_*` are without the unit itself. An empty unit or rest gives 1: nothing speaks for an excess.
    """
    x, n = _pair(count, total)
    rx, rn = _pair(rest_count, rest_total)
    if np.any(x > n) or np.any(rx > rn):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    tail = stats.hypergeom.sf(x - 1, n + rn, x + rx, n)
    return _plain(np.where(n + rn > 0, np.clip(tail, 0.0, 1.0), 1.0))


def signal(count: float, total: float, limit: float, level: float = LEVEL) -> str:
    """What `count` of `total` says about the underlying rate against `limit`, by Wilson's interval."""
    low, high = wilson(count, total, level)
    return Interval(float(low), float(high), level).against(limit)


def orders_to_settle(rate: ArrayLike, limit: ArrayLike, level: float = LEVEL) -> Any:
    """How many orders at the same observed `rate` make `signal` decide about `limit`.

    A whole number, None when the two are equal; for arrays an array with inf there.

    Wilson's interval leaves out the limit exactly when |rate − limit| > z √(limit (1 − limit) / n),
    solved for n. It is the whole number needed, not what is still to come; the rate will not stay
    as it is to the digit, so it is a size, no promise.
    """
    p, p0 = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(limit, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.floor(_z(level) ** 2 * p0 * (1 - p0) / (p - p0) ** 2) + 1
    needed = np.where(p == p0, np.inf, n)
    if needed.ndim:
        return needed
    return int(needed) if np.isfinite(needed) else None


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.broadcast_arrays(np.asarray(first, dtype=float), np.asarray(second, dtype=float))
    if np.any(a < 0) or np.any(b < 0):
        raise ValueError("counts and totals cannot be negative")
    return a, b


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not {level!r}")
    return float(stats.norm.isf((1 - level) / 2))


def _plain(values: Any) -> Any:
    array = np.asarray(values, dtype=float)
    return float(array) if array.ndim == 0 else array
