"""Intervals of rates: what the underlying rate can be. Numbers only.

Every function takes plain numbers or arrays (broadcast against each other) and gives back floats for
plain numbers, arrays otherwise. Intervals are two-sided and of the underlying rate, at `level`.
Definitions, assumptions and what each cannot do stand in ``docs/methods.md``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cancel_analysis.inference.arrays import LEVEL, pair, plain, z_of
from cancel_analysis.inference.distributions import chi2_quantile, chi2_upper_quantile

# A measured variance of losses weighs as much as the worst case when so many orders have lost something.
TRUSTED_LOSSES = 5.0


def wilson(count: ArrayLike, total: ArrayLike, level: float = LEVEL) -> tuple[Any, Any]:
    """Wilson's score interval of a proportion, `count` of `total` (Wilson 1927).

    Chosen because its coverage stays near `level` for small totals and rates near 0, where the
    textbook interval collapses. Totals need not be whole (an effective size may be handed in).
    Nothing seen (total 0) gives (0, 1). Raises ValueError unless 0 ≤ count ≤ total.
    """
    x, n = pair(count, total)
    if np.any(x > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    z = z_of(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        spread = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        centre = p + z**2 / (2 * n)
        low = (centre - spread) / (1 + z**2 / n)
        high = (centre + spread) / (1 + z**2 / n)
    # Rounding must not leave 1e-19 where the formula says 0, nor 0 or 1 uncovered.
    low = np.where((n == 0) | (x == 0), 0.0, np.clip(low, 0.0, 1.0))
    high = np.where((n == 0) | (x == n), 1.0, np.clip(high, 0.0, 1.0))
    return plain(low), plain(high)


def poisson(count: ArrayLike, exposure: ArrayLike, level: float = LEVEL) -> tuple[Any, Any]:
    """Exact interval of `count` per `exposure` when the count is no part of it (Garwood 1936).

    For rates by event date: this week's cancellations are not among this week's orders, so the
    rate may pass 1. Exposure 0 gives (0, inf).
    """
    x, e = pair(count, exposure)
    tail = (1 - level) / 2
    low = np.where(x > 0, chi2_quantile(tail, 2 * np.where(x > 0, x, 1)) / 2, 0.0)
    high = chi2_upper_quantile(tail, 2 * (x + 1)) / 2
    safe = np.where(e > 0, e, 1.0)
    return plain(np.where(e > 0, low / safe, 0.0)), plain(np.where(e > 0, high / safe, np.inf))


def newcombe(
    count_a: ArrayLike, total_a: ArrayLike, count_b: ArrayLike, total_b: ArrayLike, level: float = LEVEL
) -> tuple[Any, Any]:
    """Interval of the difference of two independent proportions, a − b (Newcombe 1998, method 10).

    Built from the two Wilson intervals. A side with nothing seen leaves its rate anywhere in 0 … 1,
    so with both empty the difference is (−1, 1).
    """
    xa, na = pair(count_a, total_a)
    xb, nb = pair(count_b, total_b)
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
    return plain(np.clip(low, -1.0, 1.0)), plain(np.clip(high, -1.0, 1.0))


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
    s, ss = pair(weighted_sum, weighted_squares)
    x, n = pair(count, total)
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
    return plain(low), plain(high)


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
    Wilson's interval is then taken at the effective size that this variance stands for (Korn &
    Graubard 1998, with Wilson's in place of the exact interval). A variance that rests on few losing
    orders is drawn towards the worst case, orders lost whole, which is Kish's size (Σy)²/Σy².
    A ratio above 1 (more refunded than the goods cost) falls back on the normal interval.
    Σy = 0 gives (0, 1). Inputs are sums over orders, so windows add up.
    """
    x, y = pair(sum_x, sum_y)
    ratio, variance, size = _linearised(x, y, sum_xx, sum_xy, sum_yy, clusters)
    inside = ratio <= 1
    with np.errstate(invalid="ignore"):
        low, high = wilson(np.where(inside, ratio, 0.0) * size, size, level)
        wide = z_of(level) * np.sqrt(np.where(np.isfinite(variance), variance, ratio**2))
    low = np.where(inside, low, np.maximum(ratio - wide, 0.0))
    high = np.where(inside, high, ratio + wide)
    return plain(np.where(y > 0, low, 0.0)), plain(np.where(y > 0, high, 1.0))


def effective_size(
    sum_x: ArrayLike,
    sum_y: ArrayLike,
    sum_xx: ArrayLike,
    sum_xy: ArrayLike,
    sum_yy: ArrayLike,
    clusters: ArrayLike,
) -> Any:
    """How many independent units tell as much about Σx / Σy as these clusters do (see `ratio_of_sums`)."""
    x, y = pair(sum_x, sum_y)
    return plain(_linearised(x, y, sum_xx, sum_xy, sum_yy, clusters)[2])


def _linearised(
    x: Any, y: Any, sum_xx: ArrayLike, sum_xy: ArrayLike, sum_yy: ArrayLike, clusters: ArrayLike
) -> tuple[Any, Any, Any]:
    """The ratio, its variance, and the effective size."""
    xx, xy, yy, k = (np.asarray(v, dtype=float) for v in (sum_xx, sum_xy, sum_yy, clusters))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(y > 0, x / y, 0.0)
        residual = np.maximum(xx - 2 * ratio * xy + ratio**2 * yy, 0.0)
        variance = np.where(k > 1, residual * k / np.maximum(k - 1, 1), np.nan) / y**2
        kish = np.where(yy > 0, y**2 / yy, 0.0)
        size = ratio * (1 - ratio) / variance
        known = np.isfinite(size) & (size > 0)
        losing = np.where(xx > 0, x**2 / xx, 0.0)
        trust = np.where(known, losing / (losing + TRUSTED_LOSSES), 0.0)
        size = kish / (trust * kish / np.where(known, size, 1.0) + 1 - trust)
    return ratio, variance, size
