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

from cancel_analysis.inference.distributions import Floats
from cancel_analysis.inference.spread import WEEK_CVS, fit, log_pmf, shape
from cancel_analysis.inference.stretches import WEEK, between, smooth_density, stretched, stretches

LEVELS = (0.8, 0.95)
_ENDS = [f"{end}_{round(100 * level)}" for level in LEVELS for end in ("low", "high")]
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
# An age is told by the cohorts whose stretched delays let it be seen, if they are this share of the whole ones.
LEAST_TELLING = 0.25
# Rounds of curve and stretches in turn: more change nothing.
ROUNDS = 6
# A mean rate above this has no beta distribution of weeks about it worth the name.
MOST_RATE = 0.97


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

    def smooth(self) -> tuple[Floats, Floats]:
        """The density (horizon + 1,) made smooth, and what it would have past the horizon."""
        return smooth_density(self.share, float(self.events.sum()))

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
    at once. `reason` is empty when something can be said, else `short_history` or `few_events`.
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
    at_end = between(upto, ends)
    at_start = between(upto, ends - factor[:, None])
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

    Delays may stretch or shrink from week to week (their scale follows a line and a random walk, told by
    the delays themselves); rates differ from week to week by a beta distribution; both, and the
    curve, are drawn as the data leave them possible, and the count still to come is binomial.
    ValueError for counts that contradict each other.
    """
    n, seen = np.asarray(total, dtype=float), _observed(counts)
    days, ages = seen.shape
    if n.shape != (days,):
        raise ValueError("one total for each cohort day")
    if np.any(seen.sum(axis=1) > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    count = days // WEEK
    last = days - 1 - WEEK * np.arange(count)[::-1]
    over = last <= days - ages
    frame = pd.DataFrame({"first_day": last - WEEK + 1, "last_day": last})
    frame["total"], frame["seen"] = _by_week(n), _by_week(seen.sum(axis=1))
    reason = "short_history" if days < ages + LEAST_COMPLETE_DAYS else "few_events" if seen.sum() < LEAST_EVENTS else ""
    if reason:
        frame[["completeness", "expected", *_ENDS]] = np.nan
        kept = frame.assign(mature=over).tail(weeks or count).reset_index(drop=True)
        return Completion(kept, None, np.zeros(0), np.zeros((0, 0)), reason)
    generator = np.random.default_rng(SEED)
    delays, stretch, covariance = _delays_and_stretches(seen)
    drawn = generator.multivariate_normal(stretch, covariance, DRAWS, method="eigh")
    share = _week_shares(delays.draw(generator, DRAWS), delays.smooth()[1], drawn, n[-count * WEEK :])
    n_week, r_week = frame["total"].to_numpy(), frame["seen"].to_numpy()
    share, seen_rate = _rates_seen(r_week, n_week, share, generator)
    rate = np.clip(seen_rate / np.maximum(share, 1e-9), seen_rate, 1.0)
    left = n_week - r_week
    chance = np.clip((rate - seen_rate) / np.maximum(1 - seen_rate, 1e-12), 0.0, 1.0)
    if still_open is not None:
        open_by_week = _by_week(np.asarray(still_open, dtype=float))
        chance = np.clip(chance * left / np.maximum(open_by_week, 1), 0.0, 1.0)
        left = open_by_week
    more = generator.binomial(left.astype(np.int64), chance)
    more[:, over] = 0
    frame["completeness"] = share.mean(axis=0)
    frame["mature"] = frame["completeness"] >= MATURE
    frame["expected"] = r_week + more.mean(axis=0)
    ends = [[end for level in LEVELS for end in whole_interval(draws, level)] for draws in more.T]
    frame[_ENDS] = r_week[:, None] + np.array(ends)
    kept = frame.tail(weeks or count)
    return Completion(kept.reset_index(drop=True), delays, stretch, more[:, kept.index].astype(float), "")


def _by_week(values: Floats) -> Floats:
    """Sums of whole weeks; weeks end with the last day, and days before the first whole one are left out."""
    count = len(values) // WEEK
    return np.asarray(values[len(values) - count * WEEK :].reshape(count, WEEK).sum(axis=1))


def _delays_and_stretches(seen: Floats) -> tuple[Delays, Floats, Floats]:
    """The common curve, how far each week is stretched from it (weeks,) in logarithms, and the covariance of that.

    The two hang on each other, so they are found in turns.
    """
    days, ages = seen.shape
    count, done = days // WEEK, days - ages + 1
    used = seen[days - count * WEEK :]
    # The common curve is that of the whole cohorts: a level of their stretch would say the same twice, and a slow
    # drift of the newest ones would bend it.
    last = days - 1 - WEEK * np.arange(count)[::-1]
    whole = np.concatenate([seen[:done], np.zeros((ages - 1, ages))])
    weight = (_by_week(seen.sum(axis=1)) + 1e-9) * (last <= days - ages)
    delays, stretch, covariance = estimate_delays(seen), np.zeros(count), np.zeros((count, count))
    for _ in range(ROUNDS):
        stretch, covariance = stretches(*delays.smooth(), used, stretch)
        stretch = stretch - np.average(stretch, weights=weight)
        by_day = np.repeat(stretch, WEEK)
        by_day = np.concatenate([np.full(days - len(by_day), by_day[0]), by_day])
        delays = estimate_delays(whole, np.concatenate([by_day[:done], np.zeros(ages - 1)]))
    return delays, stretch, covariance


def _rates_seen(seen: Floats, total: Floats, share: Floats, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws (DRAWS, weeks) of the share that is in, those that fit the counts best most often, and of the rate seen."""
    middle = share.mean(axis=0)
    mean, cv = fit(seen, total, exposure=middle, cvs=WEEK_CVS).draw(generator, DRAWS)
    mean, cv = mean[:, None], cv[:, None]
    # A draw by which young weeks would have quite other rates than all the others is less likely.
    young = (middle < 1 - 1e-9) & (total > 0)
    counted = seen[young], total[young]
    fits = log_pmf(*counted, np.minimum(mean * share[:, young], MOST_RATE), cv)
    fits = (fits - log_pmf(*counted, np.minimum(mean * middle[young], MOST_RATE), cv)).sum(axis=1)
    weight = np.exp(fits - fits.max())
    chosen = generator.choice(DRAWS, DRAWS, p=weight / weight.sum())
    share, mean, cv = share[chosen], mean[chosen], cv[chosen]
    a, b = shape(np.minimum(mean * share, MOST_RATE), cv)
    return share, generator.beta(a + seen, b + total - seen)


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
    lows = [end for end in (low - 1, low, low + 1) if end >= values[0]]
    best, found = np.inf, (np.nan, np.nan)
    for start in lows:
        for other in (high - 1, high, high + 1):
            if other < start:
                continue
            above = len(values) - np.searchsorted(values, other, side="right")
            below = np.searchsorted(values, start, side="left")
            held = 1 - (above + below) / len(values)
            # Of two as near, the one that leaves out as much on either side.
            score = abs(held - level) + 0.05 * abs(int(above) - int(below)) / len(values)
            if abs(held - level) <= tolerance and score < best:
                best, found = score, (float(start), float(other))
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
    share[:, young] = stretched(curves, tail, age, np.repeat(stretch, WEEK, axis=1)[:, young])
    return np.asarray((share.reshape(len(curves), count, WEEK) * weight).sum(axis=2))
