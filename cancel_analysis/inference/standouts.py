"""Which of many units stand out, and in what order to look at them.

The usual rates of a shop's products differ beyond chance, so "is this one above the average" is the
wrong question: half of them are. The question here is whether a unit's rate is higher than the
spread of the shop's ordinary units explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cancel_analysis.inference.arrays import LEVEL, pair, plain
from cancel_analysis.inference.distributions import Floats, hypergeometric_upper_tail
from cancel_analysis.inference.spread import (
    EVEN_CVS,
    WEEK_CVS,
    Spread,
    fit,
    fit_without_each,
    shape,
    upper_tail,
)

# Of a hundred units named, at most five are to be chance.
FALSE_DISCOVERY_RATE = 0.05
# A unit with two losses is an anecdote, whatever its p-value.
LEAST_COUNT = 3
# Up to so many units each is held against a fit of its own to the others.
FEW_UNITS = 12
# How much like units differ, as standard deviation over mean, before they have spoken themselves: a half-normal
# distribution of this scale, half of it below 0.5, one in six above 1. Ten units cannot tell; fifty outvote it.
USUAL_CV = 0.7
# The same for the weeks of one shop: half of it below 0.1, one in twenty above 0.3.
USUAL_WEEK_CV = 0.15
# The spread is fitted to the same data, which leaves p-values a little small; measured in the calibration.
CARE = 1.5


@dataclass(frozen=True)
class ExcessTests:
    """What `standouts` found, an entry a unit in the order given.

    `rate` is the shrunk rate with its interval `low` … `high`: what to rank by. `p` is the chance that
    an ordinary unit of this size shows as many; `flagged` are those that stand out. `ordinary` is
    the spread of the units that do not.
    """

    flagged: NDArray[np.bool_]
    p: Floats
    p_adjusted: Floats
    rate: Floats
    low: Floats
    high: Floats
    ordinary: Spread


def find_standouts(
    count: ArrayLike,
    total: ArrayLike,
    false_discovery_rate: float = FALSE_DISCOVERY_RATE,
    *,
    least: int = LEAST_COUNT,
) -> ExcessTests:
    """Rank units by their shrunk rates and flag those above what ordinary units show.

    `count` of `total` of each unit are lost. Flags: `excess_over_ordinary`, Benjamini & Hochberg at
    `false_discovery_rate`, and at least `least` lost. A unit without a total is never flagged;
    of fewer than two units none is.
    """
    p, ordinary = excess_over_ordinary(count, total)
    adjusted = benjamini_hochberg(p)
    rate, low, high = shrink(count, total)
    with np.errstate(invalid="ignore"):
        flagged = (adjusted <= false_discovery_rate) & (np.atleast_1d(np.asarray(count)) >= least)
    return ExcessTests(flagged, p, adjusted, rate, low, high, ordinary)


def excess_over_ordinary(count: ArrayLike, total: ArrayLike, usual_cv: float = USUAL_CV) -> tuple[Floats, Spread]:
    """One-sided p of each unit under the spread of the ordinary ones, and that spread.

    The ordinary units follow a beta-binomial spread; some may be of another kind, which neither raises
    the mean nor widens the spread of the ordinary (`spread.fit`, outliers). The p-value is
    predictive: the tail averaged over all spreads that the *other* units leave possible. How likely
    each spread was before is a half-normal distribution of scale `usual_cv`, which decides where
    units are few. NaN, no test: a unit that would not stand out even if all of it were lost.
    """
    x, n = (np.atleast_1d(values) for values in pair(count, total))
    if np.any(x > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    if 2 <= (n > 0).sum() <= FEW_UNITS:
        return _one_by_one(x, n, usual_cv)
    ordinary, weights = fit_without_each(x, n, usual_cv)
    p = np.full(x.shape, np.nan)
    if (n > 0).sum() < 2:
        return p, ordinary
    possible = (n > 0) & (_tail(n, n, ordinary, weights) <= FALSE_DISCOVERY_RATE)
    # No unit under the mean stands out; only for the others is the tail worth its time.
    high = possible & (x > n * ordinary.mean)
    p[possible] = 1.0
    p[high] = np.minimum(CARE * _tail(x[high], n[high], ordinary, weights[:, high]), 1.0)
    return p, ordinary


def shrink(count: ArrayLike, total: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats, Floats]:
    """Rates drawn towards the mean of all units, the more the less a unit has: rate, low, high.

    Empirical Bayes with a beta-binomial model: the posterior mean and central interval of each
    unit's own rate, averaged over the spreads that the units leave possible. For ranking: one lost
    of one no longer leads the list. A unit without a total gets the mean of all.
    """
    x, n = (np.atleast_1d(values) for values in pair(count, total))
    if np.any(x > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    spread = fit(x, n)
    a, b = shape(spread.means, spread.cvs)
    first, second = np.zeros(x.shape), np.zeros(x.shape)
    for ak, bk, weight in zip(a, b, spread.weights, strict=True):
        mean = (ak + x) / (ak + bk + n)
        first += weight * mean
        second += weight * (mean * (1 - mean) / (ak + bk + n + 1) + mean**2)
    variance = np.clip(second - first**2, 1e-15, None)
    # The beta distribution with the mixture's mean and variance.
    size = np.maximum(first * (1 - first) / variance - 1, 1e-3)
    tail = (1 - level) / 2
    low, high = special.betaincinv(first * size, (1 - first) * size, [[tail], [1 - tail]])
    return first, low, high


def _tail(x: Floats, n: Floats, spread: Spread, weights: Floats) -> Floats:
    """P(X ≥ x) averaged over each unit's own weights (pairs, units); units of one size and count are summed once."""
    table, back = np.unique(np.stack([x, n]), axis=1, return_inverse=True)
    kept = weights.max(axis=1, initial=0.0) > 1e-4
    tails = upper_tail(table[0], table[1], spread.means[kept, None], spread.cvs[kept, None])
    share = weights[kept] / weights[kept].sum(axis=0)
    return np.asarray(np.clip((tails[:, np.ravel(back)] * share).sum(axis=0), 0.0, 1.0))


def _one_by_one(x: Floats, n: Floats, usual_cv: float) -> tuple[Floats, Spread]:
    """`excess_over_ordinary` of few units: each is held against a fit of its own to the others.

    One of three units moves the common fit so far that taking it out again leaves nothing to stand on.
    """
    ordinary = _fit_ordinary(x, n, usual_cv)
    p, tested = np.full(x.shape, np.nan), np.flatnonzero(n > 0)
    fits = [_fit_ordinary(np.delete(x, unit), np.delete(n, unit), usual_cv) for unit in tested]
    pairs = [len(others.weights) for others in fits]
    most, lost = np.repeat(n[tested], pairs), np.repeat(x[tested], pairs)
    means, cvs = (np.concatenate(each) for each in zip(*((others.means, others.cvs) for others in fits), strict=True))
    tails = upper_tail(np.stack([most, lost], axis=1), most[:, None], means[:, None], cvs[:, None])
    for unit, others, tail in zip(tested, fits, np.split(tails, np.cumsum(pairs)[:-1]), strict=True):
        all_lost, as_many = tail.T
        if all_lost @ others.weights <= FALSE_DISCOVERY_RATE:
            p[unit] = min(CARE * float(as_many @ others.weights), 1.0)
    return p, ordinary


def _fit_ordinary(x: Floats, n: Floats, usual_cv: float) -> Spread:
    return fit(x, n, outliers=True, cvs=EVEN_CVS, usual_cv=usual_cv, even_mean=True)


def excess_over_past(count: ArrayLike, total: ArrayLike, recent: int, usual_cv: float = USUAL_WEEK_CV) -> float:
    """One-sided p that the last `recent` units of a series (weeks) are no more than the ones before explain.

    The spread is fitted to the past units alone, so that a rise does not widen it; the recent ones
    together are held against it. The p-value is averaged over all spreads that the past leaves
    possible; where weeks differ by chance alone it is that of the exact test of two Poisson counts
    (Przyborowski & Wilenski 1940). NaN: no past or nothing recent.
    """
    x, n = (np.atleast_1d(values) for values in pair(count, total))
    if np.any(x > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    now = n[-recent:].sum()
    if not 0 < recent < len(x) or now <= 0 or n[:-recent].sum() <= 0:
        return float("nan")
    past = fit(x[:-recent], n[:-recent], cvs=WEEK_CVS, usual_cv=usual_cv, even_mean=True)
    # Of several units each has a rate of its own; their sum differs less than one of them.
    together = float(np.sqrt((n[-recent:] ** 2).sum()) / now)
    tails = upper_tail(x[-recent:].sum(), now, past.means, past.cvs * together)
    return float(np.clip(tails @ past.weights, 0.0, 1.0))


def benjamini_hochberg(p: ArrayLike, weights: ArrayLike = 1.0) -> NDArray[np.float64]:
    """P-values adjusted for the false-discovery rate (Benjamini & Hochberg 1995), in the given order.

    Calling everything with an adjusted p of at most q a discovery keeps the expected share of false
    ones at q, when the tests are independent or positively dependent. `weights` (Genovese, Roeder &
    Wasserman 2006) say before any result how much a test matters; only their ratios count, and the
    tests with none are never a discovery. NaN stays NaN and is no test.
    """
    values = np.atleast_1d(np.asarray(p, dtype=float))
    share = np.broadcast_to(np.asarray(weights, dtype=float), values.shape)
    result = np.full(values.shape, np.nan)
    seen = np.flatnonzero(~np.isnan(values))
    if np.any((values[seen] < 0) | (values[seen] > 1)):
        raise ValueError("p-values lie between 0 and 1")
    if np.any(share < 0):
        raise ValueError("weights cannot be negative")
    if not len(seen):
        return result
    with np.errstate(divide="ignore", invalid="ignore"):
        weighed = np.where(share[seen] > 0, values[seen] * share[seen].mean() / share[seen], np.inf)
    order = np.argsort(weighed, kind="stable")
    scaled = weighed[order] * len(order) / np.arange(1, len(order) + 1)
    result[seen[order]] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result


def excess_p(count: ArrayLike, total: ArrayLike, rest_count: ArrayLike, rest_total: ArrayLike) -> Any:
    """One-sided p that a unit's rate is above the rest's: Fisher's exact test (hypergeometric tail).

    `rest_*` are without the unit itself. An empty unit or rest gives 1: nothing speaks for an excess.
    """
    x, n = pair(count, total)
    rx, rn = pair(rest_count, rest_total)
    if np.any(x > n) or np.any(rx > rn):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    tail = hypergeometric_upper_tail(x, n + rn, x + rx, n)
    return plain(np.where(n + rn > 0, np.clip(tail, 0.0, 1.0), 1.0))
