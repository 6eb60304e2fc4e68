"""Signals over time: a control chart for daily rates, and the days on which the rate changed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats

from cancel_analysis.inference.spread import Floats, lower_tail, upper_tail

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


@dataclass(frozen=True)
class Chart:
    """A row a day: count, total, rate, centre (its weekday's usual rate), low, high, z, monitored, alarm.

    `alarm` is `high`, `low` or empty, for monitored days only; `sigma` is Laney's factor, by how much days
    vary more than chance (at least 1); `can_say` is false with too short a baseline.
    """

    days: pd.DataFrame
    sigma: float
    can_say: bool


@dataclass(frozen=True)
class ChangePoint:
    """The rate changed from one level to another: `day` is the first of the new one (number of the input)."""

    day: int
    before: float
    after: float
    gain: float


def control_chart(
    count: ArrayLike, total: ArrayLike, *, monitored: int = MONITORED, false_alarm: float = FALSE_ALARM
) -> Chart:
    """Laney's p′ chart with weekdays (Laney 2002), the last `monitored` days against all days before.

    Each baseline day's rate is compared with its weekday's usual one in units of binomial standard
    errors; the moving range of those z-values says by how much days vary more than chance (sigma).
    A monitored day is an alarm when a beta-binomial of that variance shows as much in less than
    `false_alarm` / 2 of days on either side; the tail and not three standard deviations, because
    counts of few losses are skew. Sigma comes from so many days, so the tail is taken as of a t
    distribution with those degrees of freedom. With sigma 1 and many losses this is the p chart.
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
        return Chart(frame.assign(low=np.nan, high=np.nan, alarm=""), np.nan, False)
    sigma = max(float(np.abs(np.diff(own)).mean() / 1.128), 1.0)
    # What the variance of z over chance means as correlation within a day: 1 + (n − 1) ρ = sigma².
    usual = max(float(n[base & (n > 0)].mean()), 2.0)
    correlation = min((sigma**2 - 1) / (usual - 1), 0.5)
    cv = np.sqrt(correlation * (1 - centre) / np.maximum(centre, 1e-9))
    # Each weekday's usual rate is uncertain too.
    cv = np.sqrt(cv**2 + sigma**2 / (x[base].sum() / WEEKDAYS + WEEKDAY_LOSSES))
    reach = stats.t.isf(false_alarm / 2, 0.6 * len(own))
    tail = float(stats.norm.sf(reach))
    more, fewer = (f(x, np.maximum(n, 1), np.clip(centre, 1e-9, 0.97), cv) for f in (upper_tail, lower_tail))
    watched = ~base & (n > 0)
    alarm = np.where(watched & (more <= tail), "high", np.where(watched & (fewer <= tail), "low", ""))
    width = reach * sigma * error
    low, high = np.clip(centre - width, 0, 1), np.clip(centre + width, 0, 1)
    return Chart(frame.assign(low=low, high=high, alarm=alarm), sigma, True)


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
            found = _best_split(x[start:stop], expected[start:stop])
            if found and (best is None or found[0] > best[0]):
                best = (found[0], start + found[1])
        if best is None or best[0] / spread < threshold:
            break
        cuts.append(best[1])
    edges = [0, *sorted(cuts), len(x)]
    rates = [float(x[a:b].sum() / max(n[a:b].sum(), 1)) for a, b in pairwise(edges)]
    return tuple(
        ChangePoint(day, rates[i], rates[i + 1], _gain(x, expected, edges[i], day, edges[i + 2]))
        for i, day in enumerate(sorted(cuts))
    )


def _best_split(x: Floats, expected: Floats) -> tuple[float, int] | None:
    days = np.arange(LEAST_SEGMENT, len(x) - LEAST_SEGMENT + 1)
    if not len(days):
        return None
    k, e = np.cumsum(x)[days - 1], np.cumsum(expected)[days - 1]
    gain = 2 * (_ratio(k, e) + _ratio(x.sum() - k, expected.sum() - e) - _ratio(x.sum(), expected.sum()))
    at = int(np.argmax(gain))
    return float(gain[at]), int(days[at])


def _gain(x: Floats, expected: Floats, start: int, day: int, stop: int) -> float:
    parts = [(x[a:b].sum(), expected[a:b].sum()) for a, b in ((start, day), (day, stop), (start, stop))]
    return float(2 * (_ratio(*parts[0]) + _ratio(*parts[1]) - _ratio(*parts[2])))


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
        return float(stats.chi2.isf(false_alarm, 1))
    width = np.log(high * (1 - low) / (low * (1 - high)))
    candidates = np.linspace(1, 40, 4000)
    root = np.sqrt(candidates)
    chance = stats.chi2.sf(candidates, 1) + stats.norm.pdf(root) * root * width
    return float(candidates[np.argmax(chance <= false_alarm)])
