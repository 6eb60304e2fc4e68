"""Tails and quantiles of the distributions used here, from `scipy.special` alone.

`scipy.stats` holds the same and takes a second to import, and a fifth of a millisecond a call for checks of
arguments that are known to be right here; its functions are what the tests compare these with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


def normal_quantile(share: float) -> float:
    """The standard normal's value below which `share` lies."""
    return float(special.ndtri(share))


def normal_upper_tail(value: float) -> float:
    return float(special.ndtr(-value))


def normal_density(value: ArrayLike) -> Floats:
    x = np.asarray(value, dtype=float)
    return np.asarray(np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi))


def t_upper_quantile(share: float, degrees: ArrayLike) -> Any:
    """The value above which `share` of Student's t with `degrees` lies."""
    return -special.stdtrit(degrees, share)


def chi2_quantile(share: float, degrees: ArrayLike) -> Any:
    """The value below which `share` of a χ² with `degrees` lies."""
    return 2 * special.gammaincinv(np.asarray(degrees, dtype=float) / 2, share)


def chi2_upper_quantile(share: float, degrees: ArrayLike) -> Any:
    return special.chdtri(degrees, share)


def chi2_upper_tail(value: ArrayLike, degrees: ArrayLike) -> Any:
    return special.chdtrc(degrees, value)


def binomial_lower_tail(count: ArrayLike, total: ArrayLike, share: ArrayLike) -> Floats:
    """P(X ≤ count) for whole counts; below 0 it is 0, from `total` on 1."""
    k, n, p = _floats(count, total, share)
    inside = (k >= 0) & (k < n)
    tail = special.betaincc(np.where(inside, k + 1, 1), np.where(inside, n - k, 1), p)
    return np.where(inside, tail, np.where(k < 0, 0.0, 1.0))


def binomial_upper_tail(count: ArrayLike, total: ArrayLike, share: ArrayLike) -> Floats:
    """P(X > count) for whole counts; below 0 it is 1, from `total` on 0."""
    k, n, p = _floats(count, total, share)
    inside = (k >= 0) & (k < n)
    tail = special.betainc(np.where(inside, k + 1, 1), np.where(inside, n - k, 1), p)
    return np.where(inside, tail, np.where(k < 0, 1.0, 0.0))


def binomial_chance(count: ArrayLike, total: ArrayLike, share: float) -> Floats:
    """P(X = count) for whole counts from 0 to `total`."""
    k, n, p = _floats(count, total, share)
    ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.asarray(np.exp(ways + special.xlogy(k, p) + special.xlog1py(n - k, -p)))


def binomial_quantile(chance: ArrayLike, total: ArrayLike, share: float) -> Floats:
    """The least whole count with P(X ≤ count) ≥ `chance`."""
    q, n, p = _floats(chance, total, share)
    # The inverse of the continuous tail is off by rounding where `chance` is a count's own tail.
    guess = np.ceil(special.bdtrik(q, n, p))
    guess = np.where(np.isfinite(guess), np.clip(guess, 0, n), 0)
    guess = np.where(binomial_lower_tail(guess, n, p) < q, np.minimum(guess + 1, n), guess)
    below = np.maximum(guess - 1, 0)
    return np.asarray(np.where((guess > 0) & (binomial_lower_tail(below, n, p) >= q), below, guess), dtype=float)


def hypergeometric_upper_tail(count: ArrayLike, whole: ArrayLike, marked: ArrayLike, drawn: ArrayLike) -> Floats:
    """P(X ≥ count) of marked ones among `drawn` of `whole`, of which `marked` are; whole numbers, broadcast."""
    k, whole_, marked_, drawn_ = (np.atleast_1d(one) for one in _floats(count, whole, marked, drawn))
    most = np.minimum(marked_, drawn_)
    least = np.maximum(np.maximum(k, drawn_ + marked_ - whole_), 0)
    terms = np.maximum(most - least + 1, 0).astype(int)
    owner = np.repeat(np.arange(len(k)), terms)
    place = np.arange(terms.sum()) - np.repeat(np.cumsum(terms) - terms, terms)
    x, m, n, d = least[owner] + place, marked_[owner], whole_[owner], drawn_[owner]
    logarithm = _log_choose(m, x) + _log_choose(n - m, d - x) - _log_choose(n, d)
    tail = np.bincount(owner, np.exp(logarithm), minlength=len(k))
    sure = k <= np.maximum(drawn_ + marked_ - whole_, 0)
    found: Floats = np.where(sure, 1.0, np.minimum(tail, 1.0)).astype(float)
    return found.reshape(np.broadcast_shapes(*(np.shape(one) for one in (count, whole, marked, drawn))))


def harrell_davis(values: ArrayLike, share: float) -> float:
    """The quantile of Harrell and Davis (1982), a weighted mean of all of two or more `values`."""
    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    reached = special.betainc((n + 1) * share, (n + 1) * (1 - share), np.arange(n + 1) / n)
    return float(np.dot(np.diff(reached), ordered))


def _log_choose(n: Floats, k: Floats) -> Floats:
    return np.asarray(-special.betaln(n - k + 1, k + 1) - np.log1p(n))


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values)))
