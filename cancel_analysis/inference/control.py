"""Signals over time: a control chart for daily rates, and the days on which the rate changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cancel_analysis.inference.distributions import (
    Floats,
    chi2_upper_quantile,
    chi2_upper_tail,
    normal_density,
    normal_upper_tail,
    t_upper_quantile,
)
from cancel_analysis.inference.spread import lower_tail, upper_tail

# Three standard deviations on either side, as control charts have: a day in 370 of a steady shop.
FALSE_ALARM = 0.0027
MONITORED = 7
# Days that fix the limits; fewer do not show how much days differ.
LEAST_BASELINE = 28
WEEKDAYS = 7
# A weekday's own rate is trusted like this many losses of the usual one.
WEEKDAY_LOSSES = 10.0
# No change of less than a week is a change of the shop.
LEAST_SEGMENT = 7
MOST_CHANGES = 3
# Days whose likelihood is less than this (as 2 log) below the best one's can be the day of the change, at 95 %:
# the law of Yao (1987), critical value of Hansen (2000), table 1.
DAY_RANGE = 7.35


@dataclass(frozen=True)
class ControlChart:
    """A row a day: count, total, rate, centre (its weekday's usual rate), low, high, z, monitored, alarm.

    `low` and `high` are the rates beyond which a day is an alarm (on baseline days: would be);
    `alarm` is `high`, `low` or empty, for monitored days only; `sigma` is Laney's factor, by how much days
    vary more than chance (at least 1); `can_say` is false with too short a baseline.
    """

    days: pd.DataFrame
    sigma: float
    can_say: bool


@dataclass(frozen=True)
class ChangePoint:
    """The rate changed from one level to another: `day` is the first of the new one (number of the input).

    `first` … `last`: the days that it can have been, at 95 %.
    """

    day: int
    first: int
    last: int
    before: float
    after: float
    gain: float


def control_chart(
    count: ArrayLike, total: ArrayLike, *, monitored: int = MONITORED, false_alarm: float = FALSE_ALARM
) -> ControlChart:
    """Laney's p′ chart with weekdays (Laney 2002), the last `monitored` days against all days before.

    Each baseline day's rate is compared with its weekday's usual one in units of binomial standard
    errors; the moving range of those z-values says by how much days vary more than chance (sigma).
    A monitored day is an alarm when a beta-binomial of that variance shows as much in less than
    `false_alarm` / 2 of days on either side (`false_alarm` above, where no day can be too low); the tail
    and not three standard deviations, because counts of few losses are skew. Sigma comes from so many
    days, so the tail is taken as of a t distribution with those degrees of freedom. With sigma 1 and
    many losses this is the p chart.
    """
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    base = np.arange(len(x)) < len(x) - monitored
    centre = weekday_rates(np.where(base, x, 0), np.where(base, n, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(n > 0, x / n, np.nan)
        error = np.sqrt(centre * (1 - centre) / n)
        z = np.where((n > 0) & (error > 0), (rate - centre) / error, np.nan)
    frame = pd.DataFrame({"count": x, "total": n, "rate": rate, "centre": centre, "z": z, "monitored": ~base})
    own = z[base & np.isfinite(z)]
    can_say = len(own) >= LEAST_BASELINE and x[base].sum() > 0
    if not can_say:
        return ControlChart(frame.assign(low=np.nan, high=np.nan, alarm=""), np.nan, False)
    spread = float(np.abs(np.diff(own)).mean() / 1.128)
    # Weekdays were fitted to the same days, which took some of their variance away.
    variance = max(spread**2 * len(own) / (len(own) - WEEKDAYS), 1.0)
    # What the variance of z over chance means as correlation within a day: variance = 1 + (n − 1) ρ.
    usual = max(float(n[base & (n > 0)].mean()), 2.0)
    correlation = min((variance - 1) / (usual - 1), 0.5)
    cv = np.sqrt(correlation * (1 - centre) / np.maximum(centre, 1e-9))
    # Each weekday's usual rate is uncertain too.
    cv = np.sqrt(cv**2 + variance / (x[base].sum() / WEEKDAYS + WEEKDAY_LOSSES))
    tail = normal_upper_tail(float(t_upper_quantile(false_alarm / 2, 0.6 * len(own))))
    usual_rate = np.clip(centre, 1e-9, 0.97)
    too_few = _limit(lower_tail, n, usual_rate, cv, np.full(len(n), tail))
    # Where even a day without a loss is ordinary, all of the chance goes to the upper side.
    too_many = _limit(upper_tail, n, usual_rate, cv, np.where(too_few < 0, 2, 1) * tail)
    watched = ~base & (n > 0)
    alarm = np.where(watched & (x >= too_many), "high", np.where(watched & (x <= too_few), "low", ""))
    with np.errstate(divide="ignore", invalid="ignore"):
        # Half a case inside the counts that are alarms, so that a point beyond the line is one.
        low = np.where(n > 0, np.maximum(too_few + 0.5, 0) / n, np.nan)
        high = np.where(n > 0, np.minimum(too_many - 0.5, n) / n, np.nan)
    return ControlChart(frame.assign(low=low, high=high, alarm=alarm), max(spread, 1.0), True)


def _limit(
    tail: Callable[[Floats, Floats, Floats, Floats], Floats], n: Floats, centre: Floats, cv: Floats, chance: Floats
) -> Floats:
    """The count nearest to the usual one whose tail has no more than `chance`; −1 or n + 1 where none has."""
    above = tail is upper_tail
    inner = np.floor(n * centre)
    # Ten standard deviations and ten cases away nothing is left of either tail.
    reach = np.ceil(10 + 10 * np.sqrt(n * centre + (n * centre * cv) ** 2))
    outer = np.minimum(inner + reach, n + 1) if above else np.maximum(inner - reach, -1.0)
    while np.any(np.abs(outer - inner) > 1):
        middle = np.floor((inner + outer) / 2)
        # Never asked of n + 1 or −1: the middle lies between them.
        rare = tail(middle, np.maximum(n, 1), centre, cv) <= chance
        moving = np.abs(outer - inner) > 1
        outer, inner = np.where(moving & rare, middle, outer), np.where(moving & ~rare, middle, inner)
    return np.asarray(outer)


def weekday_rates(count: ArrayLike, total: ArrayLike) -> Floats:
    """The usual rate of each day by its weekday (its place in the week), drawn towards the rate of all days."""
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    every = x.sum() / n.sum() if n.sum() else 0.0
    place = np.arange(len(x)) % WEEKDAYS
    own, at_risk = np.bincount(place, x, WEEKDAYS), np.bincount(place, n, WEEKDAYS)
    factor = (own + WEEKDAY_LOSSES) / (at_risk * every + WEEKDAY_LOSSES) if every else np.ones(WEEKDAYS)
    # The pattern moves losses between weekdays; it adds none.
    scale = x.sum() / max((at_risk * every * factor).sum(), 1e-12) if every else 1.0
    return np.asarray(np.minimum(every * factor * scale, 1.0)[place])


def change_points(count: ArrayLike, total: ArrayLike, *, false_alarm: float = 0.05) -> tuple[ChangePoint, ...]:
    """The days on which the rate changed, oldest first; empty for a steady shop.

    Binary segmentation: the split that gains most likelihood (of counts around the weekday's usual
    rate), in units of the dispersion of days about their segments, is a change when a steady shop
    shows such a gain in less than `false_alarm` of cases (a bound for the maximum over all splits:
    Davies 1987, of a scan that keeps a week on each side).
    """
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    if len(x) < 2 * LEAST_SEGMENT or x.sum() == 0:
        return ()
    expected = n * weekday_rates(x, n)
    threshold = _scan_threshold(len(x), false_alarm)
    cuts: list[int] = []
    while len(cuts) < MOST_CHANGES:
        best: tuple[float, int] | None = None
        spread = _dispersion(x, expected, cuts)
        edges = [0, *sorted(cuts), len(x)]
        for start, stop in pairwise(edges):
            days, gains = _gains(x[start:stop], expected[start:stop])
            if len(days) and (best is None or gains.max() > best[0]):
                best = (float(gains.max()), start + int(days[np.argmax(gains)]))
        if best is None or best[0] / spread < threshold:
            break
        cuts.append(best[1])
    edges = [0, *sorted(cuts), len(x)]
    rates = [float(x[a:b].sum() / max(n[a:b].sum(), 1)) for a, b in pairwise(edges)]
    spread = _dispersion(x, expected, cuts)
    found = []
    for i, day in enumerate(sorted(cuts)):
        start, stop = edges[i], edges[i + 2]
        days, gains = _gains(x[start:stop], expected[start:stop])
        # Of its own gain and not the best, which later cuts can move: so the day is always in its range.
        gain = float(gains[day - start - LEAST_SEGMENT])
        can_be = start + days[gains >= gain - DAY_RANGE * spread]
        found.append(ChangePoint(day, int(can_be.min()), int(can_be.max()), rates[i], rates[i + 1], gain))
    return tuple(found)


def _gains(x: Floats, expected: Floats) -> tuple[NDArray[np.int_], Floats]:
    """The days on which these can be split, and what each split gains."""
    days = np.arange(LEAST_SEGMENT, len(x) - LEAST_SEGMENT + 1)
    k, e = np.cumsum(x)[days - 1], np.cumsum(expected)[days - 1]
    return days, 2 * (_ratio(k, e) + _ratio(x.sum() - k, expected.sum() - e) - _ratio(x.sum(), expected.sum()))


def _ratio(count: Floats | float, expected: Floats | float) -> Floats:
    """The Poisson log-likelihood's part that a level of its own gains: k log(k / e)."""
    return np.asarray(special.xlogy(count, np.asarray(count) / np.maximum(expected, 1e-12)))


def _dispersion(x: Floats, expected: Floats, cuts: list[int]) -> float:
    edges = [0, *sorted(cuts), len(x)]
    total, degrees = 0.0, 0
    for a, b in pairwise(edges):
        level = x[a:b].sum() / max(expected[a:b].sum(), 1e-12)
        mean = expected[a:b] * level
        kept = mean > 0
        total += float(((x[a:b] - mean)[kept] ** 2 / mean[kept]).sum())
        degrees += int(kept.sum()) - 1
    return max(total / max(degrees, 1), 1.0)


def _scan_threshold(days: int, false_alarm: float) -> float:
    """The gain (a χ² of one degree) that the best of all splits passes with probability `false_alarm`."""
    low, high = LEAST_SEGMENT / days, 1 - LEAST_SEGMENT / days
    if high <= low:
        return float(chi2_upper_quantile(false_alarm, 1))
    width = np.log(high * (1 - low) / (low * (1 - high)))
    candidates = np.linspace(1, 40, 4000)
    root = np.sqrt(candidates)
    chance = chi2_upper_tail(candidates, 1) + normal_density(root) * root * width
    return float(candidates[np.argmax(chance <= false_alarm)])
