"""How much the rates of many units differ beyond chance: the beta-binomial model and its fit.

A unit (a product, a week) has a rate of its own, drawn from a beta distribution with `mean` and
`cv` (standard deviation over mean); its count is binomial around that. The fit is not one pair of
values but weights over a grid of them, so that what follows knows how little a few units tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from cancel_analysis.inference.arrays import pair
from cancel_analysis.inference.distributions import Floats

# How much rates of like units differ, as standard deviation over mean; all equally likely before any data.
# 0 is pure chance; at 1 a tenth of the units has more than twice the usual rate. Weeks differ little,
# products much, and with ten of them the data alone cannot say how much.
CVS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5)
# Weeks of one shop: a week at twice the usual rate is an event, not the way weeks differ.
WEEK_CVS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
EVEN_CVS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25)
MEANS = 17
# The means of a grid, in its steps from the centre.
GRID = np.linspace(-4, 4, MEANS)
# How many of the units may be of another kind, and how far off; half the weight before data is on none.
OUTLIER_SHARES = (0.02, 0.05, 0.1, 0.2, 0.35)
PRIOR_PURE = 0.5
OUTLIER_RATIOS = (3.0, 5.0, 8.0, 13.0, 21.0)
OUTLIER_CV = 0.4
# The units with most at stake fix the spread; more of them only take time.
MOST_UNITS = 250
# Below this, a beta distribution is a point, and its logarithms only lose digits.
LEAST_CV = 0.002
# Units more alike inside than this are not units that differ, but units of two kinds.
MOST_CORRELATION = 0.3
# From this count on sums over counts are longer than an integral over rates.
LONG_SUM = 400
# Sums over counts are made some terms at a time, at first so many, and never more than so many numbers at once.
FIRST_TERMS = 16
MOST_TERMS = 512
MOST_CELLS = 1 << 18


@dataclass(frozen=True)
class Spread:
    """Weights over pairs of (mean, cv); `units` with anything in them made it.

    `mean` and `cv` are averages over the weights; the arrays hold the pairs that matter.
    """

    means: Floats
    cvs: Floats
    weights: Floats
    units: int

    @property
    def mean(self) -> float:
        return float(self.means @ self.weights)

    @property
    def cv(self) -> float:
        return float(self.cvs @ self.weights)

    def draw(self, generator: np.random.Generator, size: int) -> tuple[Floats, Floats]:
        """`size` pairs of (mean, cv), as likely as their weights."""
        chosen = generator.choice(len(self.weights), size=size, p=self.weights)
        return self.means[chosen], self.cvs[chosen]


def shape(mean: ArrayLike, cv: ArrayLike) -> tuple[Floats, Floats]:
    """The two parameters of the beta distribution with this mean and cv (a cv it cannot have is cut)."""
    m = np.asarray(mean, dtype=float)
    correlation = np.clip(np.maximum(np.asarray(cv, dtype=float), LEAST_CV) ** 2 * m / (1 - m), 1e-9, 0.95)
    size = 1 / correlation - 1
    return m * size, (1 - m) * size


def log_pmf(count: ArrayLike, total: ArrayLike, mean: ArrayLike, cv: ArrayLike) -> Floats:
    """Log of P(X = count) for a unit of `total`; arrays broadcast."""
    x, n = pair(count, total)
    a, b = shape(mean, cv)
    ways = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    return np.asarray(ways + _log_beta_ratio(x, n, a, b))


def upper_tail(count: ArrayLike, total: ArrayLike, mean: ArrayLike, cv: ArrayLike) -> Floats:
    """P(X ≥ count) for a unit of `total`: exact sums, an integral over the rate for long ones."""
    (x, n, m, c), shaped = _flat(count, total, mean, cv)
    result = np.empty(x.shape)
    # From above the sum stops when nothing more comes; below the mean it is shorter from the other end.
    low = (x <= n * m) & (x <= LONG_SUM)
    result[low] = 1 - _sum_below(x[low], n[low], m[low], c[low])
    long = ~low & (np.minimum(x, n - x) > LONG_SUM)
    result[long] = _integral_above(x[long], n[long], m[long], c[long])
    short = ~low & ~long
    result[short] = _sum_from(x[short], n[short], m[short], c[short])
    return np.clip(result, 0.0, 1.0).reshape(shaped)


def lower_tail(count: ArrayLike, total: ArrayLike, mean: ArrayLike, cv: ArrayLike) -> Floats:
    """P(X ≤ count) for a unit of `total`."""
    (x, n, m, c), shaped = _flat(count, total, mean, cv)
    result = np.empty(x.shape)
    long = x > LONG_SUM
    result[long] = 1 - upper_tail(x[long] + 1, n[long], m[long], c[long])
    result[~long] = _sum_below(x[~long] + 1, n[~long], m[~long], c[~long])
    return np.clip(result, 0.0, 1.0).reshape(shaped)


def fit(
    count: ArrayLike,
    total: ArrayLike,
    *,
    exposure: ArrayLike = 1.0,
    outliers: bool = False,
    cvs: tuple[float, ...] = CVS,
    usual_cv: float = np.inf,
    even_mean: bool = False,
) -> Spread:
    """Weights over (mean, cv) by the likelihood of the counts.

    `exposure`: the share of each unit's losses that can have been seen yet. `outliers`: some units may
    be of another kind, with three to twenty times the mean; the weights are those of the ordinary
    ones. `cvs`: how much rates may differ; all are equally likely before, or a half-normal distribution
    with the scale `usual_cv` says how likely each is. `even_mean`: before any data all means are
    equally likely, not all their logarithms; then none lost of a few is no proof of a tiny mean.
    Units without a total say nothing; without any unit the mean could be anything.
    """
    prior = _Prior(cvs, usual_cv, even_mean, outliers)
    return _Fit(count, total, exposure, prior).spread()


def fit_without_each(count: ArrayLike, total: ArrayLike, usual_cv: float) -> tuple[Spread, Floats]:
    """The spread of the ordinary units, and for each unit the weights that all the others give.

    Returns the spread and an array (pairs of the spread, units): the likelihood is a product over units, so
    leaving one out is a division. Units past the largest `MOST_UNITS` took no part and see all weights.
    """
    fitted = _Fit(count, total, 1.0, _Prior(EVEN_CVS, usual_cv, even_mean=True, outliers=True))
    spread = fitted.spread()
    return spread, fitted.weights_without_each()


@dataclass(frozen=True)
class _Prior:
    """What is held likely before any data; see `fit`."""

    cvs: tuple[float, ...]
    usual_cv: float
    even_mean: bool
    outliers: bool


class _Fit:
    """The grid of (mean, cv) with a log-likelihood a pair and unit, centred where the weight lies."""

    def __init__(self, count: ArrayLike, total: ArrayLike, exposure: ArrayLike, prior: _Prior) -> None:
        x, n = pair(count, total)
        x, n = np.atleast_1d(x), np.atleast_1d(n)
        seen = np.broadcast_to(np.asarray(exposure, dtype=float), x.shape)
        self.size = len(x)
        used = np.flatnonzero((n > 0) & (seen > 0))
        self.units = len(used)
        self.used = used[np.argsort(-(n * seen)[used], kind="stable")[:MOST_UNITS]]
        self.prior, self.along = prior, len(prior.cvs)
        x, n, seen = x[self.used], n[self.used], seen[self.used]
        # Where all could be seen, units have one mean; what hangs on it alone is computed once.
        seen = seen if np.any(seen != 1) else np.ones(1)
        mean = (x.sum() + 0.5) / ((n * seen).sum() + 1)
        # Wide at first, and below the overall mean, which outliers pull up; then closer, where the weight lies.
        centre, step = float(np.log(min(mean, 0.9))) - 0.5, max(0.5, float(np.sqrt(1 / (x.sum() + 0.5))))
        self.cvs = np.tile(prior.cvs, MEANS)
        for _ in range(6):
            grid = np.minimum(centre + step * GRID, np.log(0.97))
            self.means = np.repeat(np.exp(grid), self.along)
            self.values = self._log_likelihood(x, n, seen)
            self.log_weights = self.values.sum(axis=2) + self._log_prior()
            weight = np.exp(self.log_weights - self.log_weights.max())
            along = weight.sum(axis=0).reshape(MEANS, -1).sum(axis=1) / weight.sum()
            new_centre = float(along @ grid)
            new_step = float(np.sqrt(max(along @ (grid - new_centre) ** 2, (0.25 * step) ** 2)))
            if abs(new_centre - centre) < 0.5 * step and 0.6 < new_step / step < 1.4:
                break
            centre, step = new_centre, new_step

    def spread(self) -> Spread:
        weight = np.exp(self.log_weights - self.log_weights.max()).sum(axis=0)
        weight /= weight.sum()
        self.matter = weight > 1e-5
        kept = weight[self.matter]
        return Spread(self.means[self.matter], self.cvs[self.matter], kept / kept.sum(), self.units)

    def weights_without_each(self) -> Floats:
        """(pairs that matter, units of the input)."""
        without = self.log_weights[:, :, None] - self.values
        weight = np.exp(without - without.max(axis=(0, 1))).sum(axis=0)[self.matter]
        every = self.spread().weights
        result = np.repeat(every[:, None], self.size, axis=1)
        result[:, self.used] = weight / weight.sum(axis=0)
        return result

    def _log_prior(self) -> Floats:
        each = -((self.cvs / self.prior.usual_cv) ** 2) / 2
        if self.prior.even_mean:
            # The grid is even in the mean's logarithm, so means that are all equally likely weigh as the mean itself.
            each = each + np.log(self.means)
            # Nearly all lost and none lost, side by side, is no way for like units to differ.
            each[self.cvs**2 * self.means / (1 - self.means) > MOST_CORRELATION] = -np.inf
        if not self.prior.outliers:
            return np.asarray(each[None, :])
        kinds = len(OUTLIER_SHARES) * len(OUTLIER_RATIOS)
        prior = np.array([PRIOR_PURE, *[(1 - PRIOR_PURE) / kinds] * kinds])
        return np.asarray(np.log(prior)[:, None] + each)

    def _log_likelihood(self, x: Floats, n: Floats, seen: Floats) -> Floats:
        """(kind of outliers, pair, unit); the first kind is none."""
        mean = np.minimum(self.means[:, None] * seen, 0.97)
        ordinary = log_pmf(x, n, mean, self.cvs[:, None])
        if self.prior.outliers:
            # The outliers' part hangs on the mean alone, so it is the same along the spread.
            by_mean = mean.reshape(MEANS, self.along, -1)[:, 0]
            far = np.minimum(by_mean * np.array(OUTLIER_RATIOS)[:, None, None], 0.97)
            other = np.repeat(log_pmf(x, n, far, OUTLIER_CV), self.along, axis=1)
            # How much likelier as an outlier; past e^±50 it is the same as certain.
            gain = np.exp(np.clip(other - ordinary, -50, 50))[:, None]
            share = np.array(OUTLIER_SHARES)[:, None, None]
            mixed = ordinary + np.log(1 - share + share * gain)
            return np.concatenate([ordinary[None], mixed.reshape(mixed.shape[0] * mixed.shape[1], *ordinary.shape)])
        return ordinary[None]


def _log_beta_ratio(x: Any, n: Any, a: Any, b: Any) -> Any:
    """log B(a + x, b + n − x) − log B(a, b), from the three gammas that each side has."""
    log_gamma = special.gammaln
    return (
        (log_gamma(a + x) - log_gamma(a))
        + (log_gamma(b + n - x) - log_gamma(b))
        - (log_gamma(a + b + n) - log_gamma(a + b))
    )


def _flat(*values: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
    """The values broadcast against each other and laid flat, a row each; and the shape that they had."""
    every = np.broadcast(*values)
    flat = np.empty((len(values), *every.shape))
    for row, value in enumerate(values):
        flat[row, ...] = value
    return flat.reshape(len(values), -1), every.shape


def _sum_below(x: Floats, n: Floats, m: Floats, cv: Floats) -> Floats:
    """P(X < x), term by term from 0; whoever is done leaves."""
    order = np.argsort(-x, kind="stable")
    x, n = x[order], n[order]
    a, b = shape(m[order], cv[order])
    term = np.exp(_log_beta_ratio(0.0, n, a, b))
    total = np.where(x > 0, term, 0.0)
    for k in range(1, int(np.ceil(x.max(initial=0)))):
        left = int(np.searchsorted(-x, -k, side="left"))
        term, n, a, b = term[:left], n[:left], a[:left], b[:left]
        term = term * np.maximum(n - k + 1, 0) * (k - 1 + a) / (k * np.maximum(n - k + b, 1e-300))
        total[:left] += term
    result = np.empty(total.shape)
    result[order] = total
    return result


def _sum_from(x: Floats, n: Floats, m: Floats, cv: Floats) -> Floats:
    """P(X ≥ x), term by term from x until nothing more comes."""
    total, active = np.zeros(len(x)), np.arange(len(x))
    a, b = shape(m, cv)
    going_on = np.stack([np.exp(log_pmf(x, n, m, cv)), x, n, a, b])
    terms = FIRST_TERMS
    while len(active):
        term, k, n, a, b = going_on[:, :, None]
        count = k + np.arange(terms)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Beyond the last count, where nothing is, it may be 0 / 0.
            ratio = np.maximum(n - count, 0) / (count + 1) * (count + a) / (n - count - 1 + b)
            term = np.multiply.accumulate(np.concatenate([term, ratio], axis=1), axis=1)
            sums = np.add.accumulate(np.concatenate([total[active, None], term[:, :-1]], axis=1), axis=1)[:, 1:]
            # The ratio of terms falls from some count on, so what is left is at most this sum.
            left = term[:, 1:]
            going = (left > 0) & ((ratio >= 0.999) | (left > 1e-9 * sums * (1 - np.minimum(ratio, 0.999))))
        on = going.all(axis=1)
        last = np.where(on, terms - 1, np.argmin(going, axis=1))
        total[active] = sums[np.arange(len(active)), last]
        going_on[0], going_on[1] = term[:, -1], going_on[1] + terms
        active, going_on = active[on], going_on[:, on]
        # Most sums are short, and those that are not are long.
        terms = min(2 * terms, MOST_TERMS, max(MOST_CELLS // max(len(active), 1), FIRST_TERMS))
    return total


def _integral_above(x: Floats, n: Floats, m: Floats, cv: Floats, nodes: int = 300) -> Floats:
    """P(X ≥ x) = ∫ beta(p) P(binomial ≥ x | p) dp by the trapezoid over log-odds, where both fall off smoothly."""
    if not len(x):
        return np.zeros(0)
    a, b = shape(m, cv)
    middle = special.digamma(a) - special.digamma(b)
    width = np.sqrt(special.polygamma(1, a) + special.polygamma(1, b))
    seen = special.digamma(a + x) - special.digamma(b + n - x)
    seen_width = np.sqrt(special.polygamma(1, a + x) + special.polygamma(1, b + n - x))
    start = np.minimum(middle, seen - 9 * seen_width)
    stop = np.maximum(middle + 9 * width, seen + 9 * seen_width)
    t = start + (stop - start) * np.linspace(0, 1, nodes)[:, None]
    log_density = -a * np.logaddexp(0, -t) - b * np.logaddexp(0, t) - special.betaln(a, b)
    values = np.exp(log_density) * special.betainc(x, n - x + 1, special.expit(t))
    return np.asarray(np.trapezoid(values, t, axis=0))
