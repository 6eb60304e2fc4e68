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
from scipy import interpolate, stats

from cancel_analysis.inference.spread import WEEK_CVS, Floats, fit, shape

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
DRIFTS = (0.0, 0.02, 0.05, 0.1)
STRETCH_START = 0.3
ROUNDS = 12
KNOTS = 10
# A steady drift goes further than a random walk with steps as long; measured in the calibration.
WIDEN = 1.15
STRETCH_NODES = 81
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
    `reason` is one of REASONS: empty when something can be said.
    """

    weeks: pd.DataFrame
    delays: Delays | None
    stretch: Floats
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
    could[:, -1] |= days - np.arange(days) >= ages
    at_end[:, -1] = np.where(could[:, -1], upto[:, -1], at_end[:, -1])
    events, at_risk = ((at_end - at_start) * could).sum(axis=0), (at_end * could).sum(axis=0)
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
        return Completion(frame.tail(weeks or count).reset_index(drop=True), None, np.zeros(0), reason)
    delays = estimate_delays(seen)
    generator = np.random.default_rng(SEED)
    done = days - ages + 1
    for _ in range(ROUNDS):
        stretch = _stretches(delays, seen[used], generator)
        by_day = np.repeat(stretch.mean(axis=0), WEEK)
        by_day = np.concatenate([np.full(days - len(by_day), by_day[0]), by_day])
        # Whole cohorts alone: a slow drift of the newest ones would otherwise bend the common curve.
        whole = np.concatenate([seen[:done], np.zeros((ages - 1, ages))])
        delays = estimate_delays(whole, np.concatenate([by_day[:done], np.zeros(ages - 1)]))
    share = _week_shares(delays.draw(generator, DRAWS), stretch, n[used])
    middle = share.mean(axis=0)
    spread = fit(r_week, n_week, exposure=middle, cvs=WEEK_CVS)
    mean, cv = spread.draw(generator, DRAWS)
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
    return Completion(frame.tail(weeks or count).reset_index(drop=True), delays, stretch.mean(axis=0), "")


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


def _stretched(curve: Floats, age: Floats, stretch: Floats) -> Floats:
    """The share by `age` days (whole, inclusive) when delays are exp(stretch) times as long; curve (…, ages)."""
    ages = curve.shape[-1]
    points = np.concatenate([np.zeros((*curve.shape[:-1], 1)), curve], axis=-1)
    factor = np.exp(-stretch)
    end = _between(points, np.broadcast_to(ages * factor, np.broadcast_shapes(np.shape(factor), np.shape(age))))
    return np.minimum(_between(points, np.minimum(age + 1, ages) * factor) / np.maximum(end, 1e-12), 1.0)


def _between(points: Floats, time: Floats) -> Floats:
    """Values at `time` (…, times) on the lines through `points` (…, at 0, 1, 2 …); past the end the last."""
    last = points.shape[-1] - 1
    place = np.clip(time, 0.0, float(last))
    low = np.minimum(place.astype(int), last - 1)
    part = place - low
    rows = np.broadcast_to(points, (*place.shape[:-1], last + 1))
    return np.asarray((1 - part) * np.take_along_axis(rows, low, -1) + part * np.take_along_axis(rows, low + 1, -1))


def _stretches(delays: Delays, seen: Floats, generator: np.random.Generator) -> Floats:
    """Draws (DRAWS, weeks) of how much longer than the common curve each week's delays are, in logarithms.

    A hidden random walk on a grid: each week's own delays, given that they were seen, say how far
    they are stretched; neighbours help where there are few.
    """
    days, ages = seen.shape
    count = days // WEEK
    weekly = seen.reshape(count, WEEK, ages).sum(axis=1)
    by_day = seen.sum(axis=1).reshape(count, WEEK)
    last_age = np.minimum(days - 1 - np.arange(days), ages - 1).reshape(count, WEEK)
    # A jagged curve would seem to fix each week's stretch far better than its events do.
    smooth = np.cumsum(_smooth(np.diff(delays.share, prepend=0.0) * delays.events.sum()))
    smooth /= smooth[-1]
    centre, half = 0.0, 1.0
    for _ in range(2):
        grid = centre + np.linspace(-half, half, STRETCH_NODES)
        upto = _stretched(smooth, np.arange(ages, dtype=float)[None, :], grid[:, None])
        density = np.maximum(np.diff(upto, axis=1, prepend=0.0), 1e-6)
        fits = weekly @ np.log(density).T - np.einsum("wd,gwd->wg", by_day, np.log(np.maximum(upto[:, last_age], 1e-9)))
        posteriors, likelihood = zip(*(_walk(fits, grid, drift) for drift in DRIFTS), strict=True)
        weight = np.exp(np.array(likelihood) - max(likelihood))
        mixed = np.tensordot(weight / weight.sum(), np.stack(posteriors), axes=1)
        means = mixed @ grid
        deviations = np.sqrt(np.maximum(mixed @ grid**2 - means**2, 1e-8))
        low, high = (means - 5 * deviations).min(), (means + 5 * deviations).max()
        centre, half = (low + high) / 2, max((high - low) / 2, 0.01)
    step = grid[1] - grid[0]
    cumulative = np.cumsum(mixed, axis=1)
    place = generator.random((DRAWS, count))
    chosen = np.stack([np.searchsorted(cumulative[week], place[:, week]) for week in range(count)], axis=1)
    draws = grid[np.minimum(chosen, len(grid) - 1)] + step * (generator.random((DRAWS, count)) - 0.5)
    middle = draws.mean(axis=0)
    return np.asarray(middle + WIDEN * (draws - middle))


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


def _walk(fits: Floats, grid: Floats, drift: float) -> tuple[Floats, float]:
    """Posterior (weeks, grid) of a random walk with steps of `drift`, and the log-likelihood of all weeks."""
    step = grid[1] - grid[0]
    if drift < step / 2:
        moves = np.eye(len(grid))
    else:
        moves = stats.norm.pdf(grid[:, None], grid[None, :], drift)
        moves /= moves.sum(axis=0)
    start = stats.norm.pdf(grid, 0.0, STRETCH_START)
    start /= start.sum()
    # Weeks of a large shop can contradict each other; what is left must not be nothing at all.
    likelihood = np.maximum(np.exp(fits - fits.max(axis=1, keepdims=True)), 1e-100)
    total = float(fits.max(axis=1).sum())
    forward = []
    state = start
    for week, one in enumerate(likelihood):
        state = (moves @ state if week else state) * one + 1e-200
        total += float(np.log(state.sum()))
        state = state / state.sum()
        forward.append(state)
    back, result = np.ones(len(grid)), []
    for week in range(len(fits) - 1, -1, -1):
        both = forward[week] * back + 1e-200
        result.append(both / both.sum())
        back = moves.T @ (likelihood[week] * back)
        back /= back.sum()
    return np.stack(result[::-1]), total


def _week_shares(curves: Floats, stretch: Floats, total: Floats) -> Floats:
    """Draws (DRAWS, weeks) of the share of each weekly cohort's events that are in."""
    days = len(total)
    count, ages = days // WEEK, curves.shape[1]
    last_age = np.minimum(days - 1 - np.arange(days), ages - 1).reshape(count, WEEK)
    weight = total.reshape(count, WEEK) + 1e-9
    weight = weight / weight.sum(axis=1, keepdims=True)
    shares = np.empty((len(curves), count))
    for week in range(count):
        age = np.broadcast_to(last_age[week].astype(float), (len(curves), WEEK))
        shares[:, week] = _stretched(curves, age, stretch[:, week, None]) @ weight[week]
    return shares
