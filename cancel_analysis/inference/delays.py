"""What is still to come: returns (or cancellations) that recent cohorts have not shown yet.

A cohort is what happened on one day (orders delivered, orders placed); what follows it comes after a
delay of 0 … `horizon` days. On the last day of the data only short delays of recent cohorts can have
been seen: the delays are truncated on the right. The counts of such a triangle tell the share of
each cohort that is already in, and so how many more will come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import interpolate, special

from cancel_analysis.inference.spread import WEEK_CVS, Floats, fit, log_pmf, shape

LEVELS = (0.8, 0.95)
# An interval of whole counts is given only if it holds what it says to within two points.
TOLERANCE = 0.02
# Fewer events than this do not make out a delay curve.
LEAST_EVENTS = 30
# Whole cohorts past the horizon: without any, the tail of the curve is a guess.
LEAST_COMPLETE_DAYS = 14
# From this share on a cohort's count may stand in a trend as it is.
MATURE = 0.95
DRAWS = 4000
SEED = 20_260_817
# How fast delays may stretch or shrink from week to week, as the standard deviation of their logarithm.
DRIFTS = (0.01, 0.03, 0.06)
# And how far they may move each week in one direction.
LINES = (0.0, 0.02)
STRETCH_START = 0.3
# An age is told by the cohorts whose stretched delays let it be seen, if they are this share of the whole ones.
LEAST_TELLING = 0.25
ROUNDS = 12
STEPS = 4
KNOTS = 10
WEEK = 7
REASONS = ("", "short_history", "few_events")


@dataclass(frozen=True)
class Delays:
    """The share of all delays that are at most 0 … horizon days, what it rests on, and draws of it.

    `at_risk[a]` events with a delay of at most a among the cohorts that could show one of a;
    `events[a]` those of exactly a.
    """

    share: Floats
    events: Floats
    at_risk: Floats

    @property
    def horizon(self) -> int:
        return len(self.share) - 1

    def draw(self, generator: np.random.Generator, size: int) -> Floats:
        """`size` curves (size, horizon + 1) that the counts leave possible."""
        hazard = generator.beta(
            self.events + 0.05, np.maximum(self.at_risk - self.events, 0) + 0.5, (size, self.horizon + 1)
        )
        return _curve(hazard)


@dataclass(frozen=True)
class Completion:
    """A row a weekly cohort, oldest first, and whether anything can be said at all.

    Columns: first_day, last_day (numbers of the input), total, seen, completeness (share of its events
    that are in), mature, expected (final count), low_80, high_80, low_95, high_95 (of the final
    count; NaN where no whole-numbered interval holds its level to within two points).
    `more`: draws (DRAWS, weeks) of how many events are still to come, whose sums speak of several weeks
    at once. `reason` is one of REASONS: empty when something can be said.
    """

    weeks: pd.DataFrame
    delays: Delays | None
    stretch: Floats
    more: Floats
    reason: str

    @property
    def can_say(self) -> bool:
        return not self.reason


def triangle(start: ArrayLike, delay: ArrayLike, days: int, horizon: int) -> Floats:
    """Counts (days, horizon + 1) by cohort day and delay, of events with day `start` and `delay` in days.

    Events after the last day (start + delay ≥ days) or past the horizon are left out. NaN is no event.
    """
    day, late = np.asarray(start, dtype=float), np.asarray(delay, dtype=float)
    kept = np.isfinite(day) & np.isfinite(late)
    kept &= (late >= 0) & (late <= horizon) & (day >= 0)
    kept &= np.where(kept, day + late, 0) < days
    result = np.zeros((days, horizon + 1))
    np.add.at(result, (day[kept].astype(int), late[kept].astype(int)), 1.0)
    return result


def estimate_delays(counts: ArrayLike, stretch: ArrayLike = 0.0) -> Delays:
    """The delay curve of a triangle (days, horizon + 1), whose last day is the last row's.

    The nonparametric maximum-likelihood estimate from right-truncated data (Lynden-Bell 1971, Lagakos,
    Barraj & De Gruttola 1988), as products of reverse-time hazards; what actuaries know as the
    chain ladder (Mack 1993). All delays are taken to be at most the horizon.
    `stretch` (days,): each day's delays are exp(stretch) times the common ones; the curve is that
    of the common ones, counts of a day spread evenly over it.
    """
    seen = _observed(counts)
    days, ages = seen.shape
    factor = np.exp(np.broadcast_to(np.asarray(stretch, dtype=float), (days,)))
    upto = np.concatenate([np.zeros((days, 1)), np.cumsum(seen, axis=1)], axis=1)
    ends = np.arange(1, ages + 1) * factor[:, None]
    at_end = _between(upto, ends)
    at_start = _between(upto, ends - factor[:, None])
    # A day tells about an age only when it could have shown all of it.
    could = ends <= np.minimum(days - np.arange(days), ages)[:, None] + 1e-9
    # Past the horizon nothing comes, so ages stretched past it by nearly everyone are told by whole cohorts.
    whole = days - np.arange(days) >= ages
    few = (at_end * could).sum(axis=0) < LEAST_TELLING * at_end[whole].sum(axis=0)
    could |= whole[:, None] & few
    events, at_risk = np.maximum(((at_end - at_start) * could).sum(axis=0), 0), (at_end * could).sum(axis=0)
    hazard = np.divide(events, at_risk, out=np.zeros(ages), where=at_risk > 0)
    return Delays(_curve(hazard), events, at_risk)


def complete(
    total: ArrayLike, counts: ArrayLike, *, still_open: ArrayLike | None = None, weeks: int | None = None
) -> Completion:
    """How many events each weekly cohort will have had in the end, with prediction intervals.

    `total` (days,) units a cohort day; `counts` (days, horizon + 1) as of `triangle`. Weeks end with
    the last day. `still_open` (days,): only these units can still have an event (orders not shipped yet).
    `weeks`: only the newest so many are handed back.

    Delays may stretch or shrink slowly from week to week (a random walk of their scale, filtered from
    the delays themselves); rates differ from week to week by a beta distribution; both, and the
    curve, are drawn as the data leave them possible, and the count still to come is binomial.
    """
    n, seen = np.asarray(total, dtype=float), _observed(counts)
    days, ages = seen.shape
    if n.shape != (days,):
        raise ValueError("one total for each cohort day")
    if np.any(seen.sum(axis=1) > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    count = days // WEEK
    used = slice(days - count * WEEK, days)
    n_week, r_week = (one[used].reshape(count, WEEK).sum(axis=1) for one in (n, seen.sum(axis=1)))
    frame = pd.DataFrame(
        {
            "first_day": days - WEEK * np.arange(count, 0, -1),
            "last_day": days - WEEK * np.arange(count, 0, -1) + WEEK - 1,
            "total": n_week,
            "seen": r_week,
        }
    )
    reason = "short_history" if days < ages + LEAST_COMPLETE_DAYS else "few_events" if seen.sum() < LEAST_EVENTS else ""
    if reason:
        empty = [
            "completeness",
            "expected",
            *(f"{end}_{round(100 * one)}" for one in LEVELS for end in ("low", "high")),
        ]
        frame = frame.assign(**dict.fromkeys(empty, np.nan), mature=frame["last_day"] <= days - ages)
        return Completion(
            frame.tail(weeks or count).reset_index(drop=True), None, np.zeros(0), np.zeros((0, 0)), reason
        )
    delays = estimate_delays(seen)
    generator = np.random.default_rng(SEED)
    done = days - ages + 1
    stretch = np.zeros(count)
    for _ in range(ROUNDS):
        stretch, covariance = _stretches(delays, seen[used], stretch)
        # The common curve is that of the whole cohorts; a level of their stretch would say the same twice.
        stretch = stretch - np.average(stretch, weights=(r_week + 1e-9) * (frame["last_day"] <= days - ages))
        by_day = np.repeat(stretch, WEEK)
        by_day = np.concatenate([np.full(days - len(by_day), by_day[0]), by_day])
        # Whole cohorts alone: a slow drift of the newest ones would otherwise bend the common curve.
        whole = np.concatenate([seen[:done], np.zeros((ages - 1, ages))])
        delays = estimate_delays(whole, np.concatenate([by_day[:done], np.zeros(ages - 1)]))
    stretches = generator.multivariate_normal(stretch, covariance, DRAWS, method="eigh")
    share = _week_shares(delays.draw(generator, DRAWS), _smooth_density(delays)[1], stretches, n[used])
    middle = share.mean(axis=0)
    spread = fit(r_week, n_week, exposure=middle, cvs=WEEK_CVS)
    mean, cv = spread.draw(generator, DRAWS)
    # A draw by which young weeks would have quite other rates than all the others is less likely.
    young = (middle < 1 - 1e-9) & (n_week > 0)
    counted = r_week[young], n_week[young]
    fits = (
        log_pmf(*counted, np.minimum(mean[:, None] * share[:, young], 0.97), cv[:, None])
        - log_pmf(*counted, np.minimum(mean[:, None] * middle[young], 0.97), cv[:, None])
    ).sum(axis=1)
    weight = np.exp(fits - fits.max())
    chosen = generator.choice(DRAWS, DRAWS, p=weight / weight.sum())
    share, mean, cv = share[chosen], mean[chosen], cv[chosen]
    middle = share.mean(axis=0)
    a, b = shape(np.minimum(mean[:, None] * share, 0.97), cv[:, None])
    seen_rate = generator.beta(a + r_week, b + n_week - r_week)
    rate = np.clip(seen_rate / np.maximum(share, 1e-9), seen_rate, 1.0)
    left = n_week - r_week
    chance = np.clip((rate - seen_rate) / np.maximum(1 - seen_rate, 1e-12), 0.0, 1.0)
    if still_open is not None:
        opened = np.asarray(still_open, dtype=float)[used].reshape(count, WEEK).sum(axis=1)
        chance = np.clip(chance * left / np.maximum(opened, 1), 0.0, 1.0)
        left = opened
    more = generator.binomial(left.astype(np.int64), chance)
    more[:, frame["last_day"] <= days - ages] = 0
    frame["completeness"] = middle
    frame["mature"] = middle >= MATURE
    frame["expected"] = r_week + more.mean(axis=0)
    for level in LEVELS:
        ends = [whole_interval(more[:, week], level) for week in range(count)]
        frame[f"low_{round(100 * level)}"] = r_week + [low for low, _ in ends]
        frame[f"high_{round(100 * level)}"] = r_week + [high for _, high in ends]
    kept = frame.tail(weeks or count)
    return Completion(kept.reset_index(drop=True), delays, stretch, more[:, kept.index].astype(float), "")


def whole_interval(draws: ArrayLike, level: float, tolerance: float = TOLERANCE) -> tuple[float, float]:
    """The interval of whole counts about the middle whose share of the draws is nearest to `level`.

    Of a few whole counts no interval may hold 80 %: then (NaN, NaN), cannot say. When all draws are
    one count, that count is certain and is both ends.
    """
    values = np.sort(np.asarray(draws, dtype=float))
    if values[0] == values[-1]:
        return float(values[0]), float(values[0])
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")
    lows = [one for one in (low - 1, low, low + 1) if one >= values[0]]
    best, found = np.inf, (np.nan, np.nan)
    for one in lows:
        for other in (high - 1, high, high + 1):
            if other < one:
                continue
            above = len(values) - np.searchsorted(values, other, side="right")
            below = np.searchsorted(values, one, side="left")
            held = 1 - (above + below) / len(values)
            # Of two as near, the one that leaves out as much on either side.
            score = abs(held - level) + 0.05 * abs(int(above) - int(below)) / len(values)
            if abs(held - level) <= tolerance and score < best:
                best, found = score, (float(one), float(other))
    return found


def _observed(counts: ArrayLike) -> Floats:
    seen = np.asarray(counts, dtype=float)
    days, ages = seen.shape
    late = np.arange(days)[:, None] + np.arange(ages) >= days
    if np.any(seen < 0) or np.any(seen[late] > 0):
        raise ValueError("counts are not negative, and none is from after the last day")
    return seen


def _curve(hazard: Floats) -> Floats:
    """Share with a delay of at most 0, 1, … from reverse-time hazards along the last axis."""
    keep = 1 - np.clip(hazard, 0.0, 1.0)
    later = np.cumprod(keep[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([later[..., 1:], np.ones((*hazard.shape[:-1], 1))], axis=-1)


def _tail(density: Floats) -> Floats:
    """What a smooth density (ages,) would have been past the horizon, had anything been allowed to come there.

    Delays that have shrunk reach the horizon with what was past it before. It goes on falling as it fell.
    """
    ages = len(density)
    back = max(ages // 4, 1)
    fall = min(np.log(density[-1] / density[-1 - back]) / back, 0.0) if ages > back else -1.0
    return np.asarray(density[-1] * np.exp(fall * np.arange(1, ages // 2 + 2)))


def _stretched(curve: Floats, tail: Floats, age: Floats, stretch: Floats) -> Floats:
    """The share by `age` days (whole, inclusive) when delays are exp(stretch) times as long; curve (…, ages).

    `tail`: what the common curve has past the horizon, of which only shrunk delays show anything.
    """
    ages = curve.shape[-1]
    further = np.broadcast_to(curve[..., -1:] + np.cumsum(tail), (*curve.shape[:-1], len(tail)))
    points = np.concatenate([np.zeros((*curve.shape[:-1], 1)), curve, further], axis=-1)
    factor = np.exp(-stretch)
    end = _between(points, np.broadcast_to(ages * factor, np.broadcast_shapes(np.shape(factor), np.shape(age))))
    return np.clip(_between(points, np.minimum(age + 1, ages) * factor) / np.maximum(end, 1e-12), 1e-6, 1.0)


def _between(points: Floats, time: Floats) -> Floats:
    """Values at `time` (…, times) on the smooth curve through `points` (…, at 0, 1, 2 …); past the end the last.

    Cubic between two days (Catmull and Rom 1974): straight lines lie below a curve that bends, always.
    """
    last = points.shape[-1] - 1
    place = np.clip(time, 0.0, float(last))
    low = np.minimum(place.astype(int), last - 1)
    part = place - low
    slopes = np.gradient(points, axis=-1, edge_order=2 if last > 1 else 1)
    rows, along = (np.broadcast_to(one, (*place.shape[:-1], last + 1)) for one in (points, slopes))
    first, second = np.take_along_axis(rows, low, -1), np.take_along_axis(rows, low + 1, -1)
    leaving, coming = np.take_along_axis(along, low, -1), np.take_along_axis(along, low + 1, -1)
    rest = 1 - part
    step = part * part * (3 - 2 * part)
    return np.asarray(first + step * (second - first) + part * rest * (rest * leaving - part * coming))


def _stretches(delays: Delays, seen: Floats, start: Floats) -> tuple[Floats, Floats]:
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
    density, tail = _smooth_density(delays)
    smooth = np.cumsum(density)
    nodes, weights = special.roots_hermitenorm(7)
    weights = weights / weights.sum()
    mean, variance = start, np.full(count, 0.1**2)
    for _ in range(STEPS):
        grid = mean[:, None] + np.sqrt(variance)[:, None] * nodes
        upto = _stretched(smooth, tail, np.arange(ages, dtype=float), grid[:, :, None])
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
    means, covariances, fits = [], [], []
    for drift in DRIFTS:
        for steepness in LINES:
            prior = STRETCH_START**2 + drift**2 * walk + steepness**2 * line
            inner = np.eye(len(week)) + root[:, None] * prior * root
            covariance = prior - prior @ (root[:, None] * np.linalg.solve(inner, root[:, None] * prior))
            mean = covariance @ pull
            means.append(mean)
            covariances.append(covariance)
            fits.append(0.5 * pull @ mean - 0.5 * np.linalg.slogdet(inner)[1])
    weight = np.exp(np.array(fits) - max(fits))
    weight /= weight.sum()
    mean = weight @ np.stack(means)
    apart = np.stack(means) - mean
    return mean, np.tensordot(weight, np.stack(covariances), axes=1) + (weight[:, None] * apart).T @ apart


def _smooth(events: Floats) -> Floats:
    """Counts by age made smooth: a Poisson regression on cubic B-splines, closer together at short delays."""
    age = np.sqrt((np.arange(len(events)) + 0.5) / len(events))
    inner = np.linspace(0, 1, max(min(KNOTS, len(events) // 3), 3))
    basis = interpolate.BSpline.design_matrix(age, np.r_[[0.0] * 3, inner, [1.0] * 3], 3).toarray()
    rough = np.diff(np.eye(basis.shape[1]), n=3, axis=0)
    # Just enough to keep splines without events from running away.
    penalty = 0.1 * rough.T @ rough + 1e-6 * np.eye(basis.shape[1])
    fitted = np.log(events + 0.5)
    for _ in range(25):
        mean = np.exp(np.clip(fitted, -15, 30))
        work = fitted + (events - mean) / mean
        fitted = basis @ np.linalg.solve((basis.T * mean) @ basis + penalty, (basis.T * mean) @ work)
    return np.asarray(np.exp(np.clip(fitted, -15, 30)))


def _smooth_density(delays: Delays) -> tuple[Floats, Floats]:
    density = _smooth(np.diff(delays.share, prepend=0.0) * delays.events.sum())
    density /= density.sum()
    return density, _tail(density)


def _week_shares(curves: Floats, tail: Floats, stretch: Floats, total: Floats) -> Floats:
    """Draws (DRAWS, weeks) of the share of each weekly cohort's events that are in."""
    days = len(total)
    count, ages = days // WEEK, curves.shape[1]
    last_age = np.minimum(days - 1 - np.arange(days), ages - 1).astype(float)
    weight = total.reshape(count, WEEK) + 1e-9
    weight = weight / weight.sum(axis=1, keepdims=True)
    share = np.ones((len(curves), days))
    young = last_age < ages - 1
    age = np.broadcast_to(last_age[young], (len(curves), int(young.sum())))
    share[:, young] = _stretched(curves, tail, age, np.repeat(stretch, WEEK, axis=1)[:, young])
    return np.asarray((share.reshape(len(curves), count, WEEK) * weight).sum(axis=2))
