"""How far a shop is from a limit in a rolling window, and how likely it is to cross it soon."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from cancel_analysis.inference.distributions import Floats
from cancel_analysis.inference.spread import WEEK_CVS, fit, shape

DAYS_AHEAD = 7
DRAWS = 4000
SEED = 20_260_817
WEEK = 7
# The past that says how weeks differ; older weeks are another shop.
MOST_WEEKS = 12
# Fewer whole weeks say nothing about how weeks differ.
LEAST_WEEKS = 3
# Two cancellations in twelve weeks draw no distribution of weeks.
LEAST_COUNT = 3
# Orders of a day differ by so much even from like weekdays; the data correct it.
LEAST_VOLUME_CV = 0.1


@dataclass(frozen=True)
class Runway:
    """What is left to a limit.

    `more`: how many more cancellations of orders already in the window leave it uncrossed (0: the next
    one crosses, None: crossed already). `leaving`: cancellations and orders that leave the
    window within the days ahead. `chance`: the probability that the window's rate is over the limit
    on at least one of those days (None: too little past to say); `by_day`: on each of them.
    """

    count: int
    total: int
    more: int | None
    leaving: tuple[int, int]
    chance: float | None
    by_day: Floats | None


def more_until(count: int, total: int, limit: float, *, strict: bool = False) -> int | None:
    """How many more cancellations of the same orders leave `limit` uncrossed; None when it is crossed.

    Crossed is count / total > limit; with `strict` (the limit says "less than") ≥ limit. Exact in
    the limit's decimal value. Orders in the window stay as they are.
    """
    if total <= 0:
        return 0
    room = Fraction(str(limit)) * total
    most = room.numerator // room.denominator
    if strict and most == room:
        most -= 1
    return None if count > most else most - count


def fewer_needed(count: int, total: int, limit: float, *, strict: bool = False) -> int:
    """How many of `count` cancellations are too many for `limit` (0: it is not crossed), as in `more_until`."""
    if total <= 0:
        return 0
    room = Fraction(str(limit)) * total
    most = room.numerator // room.denominator - (1 if strict and room.denominator == 1 else 0)
    return max(count - max(most, 0), 0)


def days_until_under(
    count: ArrayLike, total: ArrayLike, window: int, limit: float, *, strict: bool = False, minimum: int = 0
) -> int | None:
    """After how many days a crossed limit is no longer crossed, if nothing more is counted.

    Days as in `runway`. New days bring as many orders as the same weekday did on average in the last
    four weeks, and no cancellation; days that leave the window take theirs along. 0 when the limit
    is not crossed now; None when it stays crossed (never for a limit above 0).
    """
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    recent = n[-4 * WEEK :]
    bound = Fraction(str(limit))
    # Day k from now is like the days 7, 14, 21, 28 before it.
    coming = [float(recent[::-1][(WEEK - 1 - day) % WEEK :: WEEK].mean()) if len(recent) >= WEEK else 0.0
              for day in range(window)]  # fmt: skip
    for day in range(window + 1):
        kept = slice(max(len(x) + day - window, 0), len(x))
        below = float(n[kept].sum()) + sum(coming[:day])
        over = Fraction(x[kept].sum()) >= bound * Fraction(below) if strict else x[kept].sum() > bound * Fraction(below)
        if not over or below <= 0 or below < minimum:
            return day
    return None


def leaving(count: ArrayLike, total: ArrayLike, window: int, ahead: int = DAYS_AHEAD) -> tuple[int, int]:
    """Cancellations and orders of the days that leave the window within `ahead` days; days as in `runway`."""
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    first = max(len(x) - window, 0)
    leaves = slice(first, max(first + ahead - max(window - len(x), 0), first))
    return int(x[leaves].sum()), int(n[leaves].sum())


def look_ahead(
    count: ArrayLike,
    total: ArrayLike,
    window: int,
    limit: float,
    *,
    strict: bool = False,
    minimum: int = 0,
    completeness: ArrayLike | None = None,
    ahead: int = DAYS_AHEAD,
) -> Runway:
    """Runway of a rate of daily counts to a limit over the last `window` days.

    `count` of `total` a day, oldest first, to today, by the day the orders were placed (each count is
    part of that day's total). `minimum`: the limit counts only from so many orders in the window.
    `completeness`: share of a day's cancellations that are in after 0, 1, 2 … days (default: all at once);
    what is still to come of days already in the window then counts too.

    The chance is a predictive simulation: days that leave the window are known; new days have orders
    as the same weekdays lately had; their rate is that of a new week, drawn from the beta
    distribution that the last weeks leave possible (mean and spread both uncertain). It knows no
    planned sale and no change that starts tomorrow.
    """
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    if x.shape != n.shape or x.ndim != 1 or np.any(x > n) or np.any(x < 0):
        raise ValueError("one count and one total a day, no count larger than its total")
    now, below = int(x[-window:].sum()), int(n[-window:].sum())
    more = more_until(now, below, limit, strict=strict)
    gone = leaving(x, n, window, ahead)
    weeks = min(len(x) // WEEK, MOST_WEEKS)
    if weeks < LEAST_WEEKS or x[-weeks * WEEK :].sum() < LEAST_COUNT:
        return Runway(now, below, more, gone, None, None)
    crossed = _simulate(x, n, window, limit, strict, minimum, completeness, ahead, weeks)
    return Runway(now, below, more, gone, float(crossed.any(axis=1).mean()), crossed.mean(axis=0))


def _simulate(
    x: Floats,
    n: Floats,
    window: int,
    limit: float,
    strict: bool,
    minimum: int,
    completeness: ArrayLike | None,
    ahead: int,
    weeks: int,
) -> np.ndarray:
    """(draws, days ahead): is the window over the limit at the end of that day?"""
    generator = np.random.default_rng(SEED)
    share = np.ones(1) if completeness is None else np.asarray(completeness, dtype=float)
    age = np.minimum(len(x) - 1 - np.arange(len(x)), len(share) - 1)
    past = slice(len(x) - weeks * WEEK, len(x))
    n_week = n[past].reshape(weeks, WEEK).sum(axis=1)
    x_week = x[past].reshape(weeks, WEEK).sum(axis=1)
    seen = (n[past] * share[age[past]]).reshape(weeks, WEEK).sum(axis=1) / np.maximum(n_week, 1)
    mean, cv = fit(x_week, n_week, exposure=np.maximum(seen, 1e-6), cvs=WEEK_CVS).draw(generator, DRAWS)
    # The coming week has a rate of its own; so has the newest, which its own count tells about.
    rate = generator.beta(*shape(np.minimum(mean, 0.97), cv))[:, None]
    new_n = _volumes(n[past].reshape(weeks, WEEK), ahead, generator)
    new_x = generator.binomial(new_n, np.minimum(rate, 1.0))
    unripe = np.flatnonzero((share[age] < 1) & (n > x) & (np.arange(len(x)) > len(x) - window - 1))
    late = np.zeros((DRAWS, len(unripe), ahead))
    for place, day in enumerate(map(int, unripe)):
        chance = np.clip(rate[:, 0] * (1 - share[age[day]]) / (1 - rate[:, 0] * share[age[day]]), 0, 1)
        rest = generator.binomial(int(n[day] - x[day]), chance)
        late[:, place] = _arrivals(rest, share, int(age[day]) + 1, ahead, generator)
    result = np.zeros((DRAWS, ahead), dtype=bool)
    own = np.zeros((DRAWS, ahead, ahead))
    for day in range(ahead):
        own[:, day, day:] = _arrivals(new_x[:, day], share, 0, ahead - day, generator)
    bound = Fraction(str(limit))
    for day in range(ahead):
        start = len(x) + day + 1 - window
        kept = slice(max(start, 0), len(x))
        new = slice(max(start - len(x), 0), day + 1)
        still = late[:, unripe >= start, : day + 1].sum(axis=(1, 2))
        numerator = x[kept].sum() + still + own[:, new, : day + 1].sum(axis=(1, 2))
        below = n[kept].sum() + new_n[:, new].sum(axis=1)
        left, right = numerator * bound.denominator, below * bound.numerator
        over = left >= right if strict else left > right
        result[:, day] = over & (below >= max(minimum, 1))
    return result


def _volumes(past: Floats, ahead: int, generator: np.random.Generator) -> np.ndarray:
    """Orders of the days ahead (draws, ahead): like weekdays of the last four weeks, weeks differing as they did."""
    recent = past[-4:]
    level = recent.sum(axis=1)
    share = past.sum(axis=0) / max(past.sum(), 1)
    steps = np.diff(np.log(np.maximum(past.sum(axis=1), 1)))
    spread = float(np.sqrt((np.square(steps).sum() / 2 + LEAST_VOLUME_CV**2) / (len(steps) + 1)))
    factor = np.exp(generator.normal(0, spread, (DRAWS, 1)) - spread**2 / 2)
    expected = level.mean() * factor * np.tile(share, ahead // WEEK + 1)[:ahead]
    return np.asarray(generator.poisson(expected))


def _arrivals(number: np.ndarray, share: Floats, age: int, ahead: int, generator: np.random.Generator) -> np.ndarray:
    """Of `number` cancellations still to come, how many come at age, age + 1 … (draws, ahead)."""
    result = np.zeros((len(number), ahead))
    left = number.astype(np.int64)
    seen = share[min(age - 1, len(share) - 1)] if age else 0.0
    for step in range(ahead):
        upto = share[min(age + step, len(share) - 1)]
        chance = np.clip((upto - seen) / (1 - seen), 0, 1) if seen < 1 else 0.0
        come = generator.binomial(left, chance)
        result[:, step], left, seen = come, left - come, upto
    return result
