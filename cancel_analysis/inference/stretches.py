"""How the delays of weeks differ: each week's are the common ones times a factor, told by the delays themselves."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from scipy import special

from cancel_analysis.inference.distributions import Floats

WEEK = 7
# How restlessly delays may stretch or shrink from week to week: the standard deviation of their logarithm's step.
DRIFTS = (0.01, 0.03, 0.06)
# And how far they may move each week in one direction.
LINES = (0.0, 0.02)
WAYS = tuple(product(DRIFTS, LINES))
STRETCH_START = 0.3
# Steps towards the stretches; with the rounds that go before, more of them change nothing.
STEPS = 3
KNOTS = 10


def stretches(density: Floats, tail: Floats, seen: Floats, start: Floats) -> tuple[Floats, Floats]:
    """How much longer than the common curve each week's delays are, in logarithms: mean (weeks,) and covariance.

    Each week's own delays, given that they were seen, say how far they are stretched; a line plus a random walk
    says how weeks hang together. The likelihood is taken as normal about where the weight lies, which is found
    in `ROUNDS` steps from `start` on.
    """
    days, ages = seen.shape
    count = days // WEEK
    weekly = seen.reshape(count, WEEK, ages).sum(axis=1)
    by_day = seen.sum(axis=1).reshape(count, WEEK)
    last_age = np.minimum(days - 1 - np.arange(days), ages - 1).reshape(count, WEEK)
    # A jagged curve would seem to fix each week's stretch far better than its events do.
    smooth = np.cumsum(density)
    nodes, weights = special.roots_hermitenorm(7)
    weights = weights / weights.sum()
    mean, variance = start, np.full(count, 0.1**2)
    for _ in range(STEPS):
        grid = mean[:, None] + np.sqrt(variance)[:, None] * nodes
        upto = stretched(smooth, tail, np.arange(ages, dtype=float), grid[:, :, None])
        chance = np.maximum(np.diff(upto, axis=2, prepend=0.0), 1e-6)
        at_last = np.take_along_axis(upto, np.broadcast_to(last_age[:, None, :], (*grid.shape, WEEK)), axis=2)
        fits = np.einsum("wa,wga->wg", weekly, np.log(chance))
        fits -= np.einsum("wd,wgd->wg", by_day, np.log(np.maximum(at_last, 1e-9)))
        # Expected slope and bend of the log-likelihood, by Stein's identities.
        slope = (fits * weights * nodes).sum(axis=1) / np.sqrt(variance)
        bend = (fits * weights * (nodes**2 - 1)).sum(axis=1) / variance
        precision = np.maximum(-bend, 1e-6)
        # No week moves further in one step than the normal form can be trusted.
        move = np.clip(slope, -0.3 * precision - 3 * np.sqrt(precision), 0.3 * precision + 3 * np.sqrt(precision))
        mean, covariance = _along(precision * mean + move, precision)
        variance = np.maximum(np.diag(covariance), 1e-8)
    return mean, covariance


def _along(pull: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """Posterior mean and covariance of the weeks' stretches, averaged over how they may move.

    Week w alone says: normal with mean pull/precision and variance 1/precision.
    """
    week = np.arange(len(pull), dtype=float)
    line = np.outer(week - week.mean(), week - week.mean())
    walk = np.minimum.outer(week, week)
    root = np.sqrt(precision)
    # All ways to move side by side: (ways, weeks, weeks).
    drift, steepness = (np.array(axis)[:, None, None] for axis in zip(*WAYS, strict=True))
    prior = STRETCH_START**2 + drift**2 * walk + steepness**2 * line
    inner = np.eye(len(week)) + root[:, None] * prior * root
    covariances = prior - prior @ (root[:, None] * np.linalg.solve(inner, root[:, None] * prior))
    means = np.stack([covariance @ pull for covariance in covariances])
    fits = np.array([0.5 * pull @ mean for mean in means]) - 0.5 * np.linalg.slogdet(inner)[1]
    weight = np.exp(fits - fits.max())
    weight /= weight.sum()
    mean = weight @ means
    apart = means - mean
    return mean, np.tensordot(weight, covariances, axes=1) + (weight[:, None] * apart).T @ apart


def stretched(curve: Floats, tail: Floats, age: Floats, stretch: Floats) -> Floats:
    """The share by `age` days (whole, inclusive) when delays are exp(stretch) times as long; curve (…, ages).

    `tail`: what the common curve has past the horizon, of which only shrunk delays show anything.
    """
    ages = curve.shape[-1]
    further = np.broadcast_to(curve[..., -1:] + np.cumsum(tail), (*curve.shape[:-1], len(tail)))
    points = np.concatenate([np.zeros((*curve.shape[:-1], 1)), curve, further], axis=-1)
    factor = np.exp(-stretch)
    end = between(points, np.broadcast_to(ages * factor, np.broadcast_shapes(np.shape(factor), np.shape(age))))
    return np.clip(between(points, np.minimum(age + 1, ages) * factor) / np.maximum(end, 1e-12), 1e-6, 1.0)


def between(points: Floats, time: Floats) -> Floats:
    """Values at `time` (…, times) on the smooth curve through `points` (…, at 0, 1, 2 …); past the end the last.

    Cubic between two days (Catmull and Rom 1974): straight lines lie below a curve that bends, always.
    """
    last = points.shape[-1] - 1
    place = np.clip(time, 0.0, float(last))
    low = np.minimum(place.astype(int), last - 1)
    part = place - low
    slopes = np.gradient(points, axis=-1, edge_order=2 if last > 1 else 1)
    first, leaving = _each_at(points, low), _each_at(slopes, low)
    second, coming = _each_at(points, low + 1), _each_at(slopes, low + 1)
    rest = 1 - part
    step = part * part * (3 - 2 * part)
    return np.asarray(first + step * (second - first) + part * rest * (rest * leaving - part * coming))


def _each_at(values: Floats, place: Any) -> Floats:
    """`values` (…, places) at whole places (…, times); one curve for all is simply looked up."""
    if values.ndim == 1:
        return np.asarray(values[place])
    return np.take_along_axis(np.broadcast_to(values, (*place.shape[:-1], values.shape[-1])), place, -1)


def smooth_density(share: Floats, events: float) -> tuple[Floats, Floats]:
    """The density of a curve (ages,) that so many events told, made smooth, and its tail past the horizon."""
    density = _smooth(np.diff(share, prepend=0.0) * events)
    density /= density.sum()
    return density, _tail(density)


def cubic_splines(at: Floats, knots: Floats) -> Floats:
    """The cubic B-splines over `knots` (de Boor's recursion): a row a value of `at`, a column a spline."""
    left, right = knots[:-1], knots[1:]
    basis = ((at[:, None] >= left) & (at[:, None] < right)).astype(float)
    for degree in (1, 2, 3):
        rise, fall = knots[degree:-1] - knots[: -degree - 1], knots[degree + 1 :] - knots[1:-degree]
        up = np.divide(at[:, None] - knots[: -degree - 1], rise, out=np.zeros((len(at), len(rise))), where=rise > 0)
        down = np.divide(knots[degree + 1 :] - at[:, None], fall, out=np.zeros((len(at), len(fall))), where=fall > 0)
        basis = up * basis[:, :-1] + down * basis[:, 1:]
    return basis


def _smooth(events: Floats) -> Floats:
    """Counts by age made smooth: a Poisson regression on cubic B-splines, closer together at short delays."""
    age = np.sqrt((np.arange(len(events)) + 0.5) / len(events))
    inner = np.linspace(0, 1, max(min(KNOTS, len(events) // 3), 3))
    basis = cubic_splines(age, np.r_[[0.0] * 3, inner, [1.0] * 3])
    rough = np.diff(np.eye(basis.shape[1]), n=3, axis=0)
    # Just enough to keep splines without events from running away.
    penalty = 0.1 * rough.T @ rough + 1e-6 * np.eye(basis.shape[1])
    fitted = np.log(events + 0.5)
    for _ in range(25):
        mean = np.exp(np.minimum(np.maximum(fitted, -15), 30))
        work = fitted + (events - mean) / mean
        weighed = basis.T * mean
        fitted = basis @ np.linalg.solve(weighed @ basis + penalty, weighed @ work)
    return np.asarray(np.exp(np.clip(fitted, -15, 30)))


def _tail(density: Floats) -> Floats:
    """What a smooth density (ages,) would have been past the horizon, had anything been allowed to come there.

    Delays that have shrunk reach the horizon with what was past it before. It goes on falling as it fell.
    """
    ages = len(density)
    back = max(ages // 4, 1)
    fall = min(np.log(density[-1] / density[-1 - back]) / back, 0.0) if ages > back else -1.0
    return np.asarray(density[-1] * np.exp(fall * np.arange(1, ages // 2 + 2)))
