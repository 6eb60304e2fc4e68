"""Why a rate changed between two periods: how much by rates, how much by what was sold.

A rate over units (products, say) changes because units lose more or less than before, or because
units that always lose much have a larger share. Both parts, cut further by cause, add up to the
change exactly, at any number of digits shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cancel_analysis.inference.arrays import LEVEL, plain, z_of
from cancel_analysis.inference.distributions import Floats, t_upper_quantile
from cancel_analysis.inference.intervals import newcombe

# Parts that together make four fifths of the change are its explanation; never more than three.
ENOUGH = 0.8
MOST_PARTS = 3
MIX = "mix"
MIX_CAUSE = -1
# The chance that any part of a steady shop is called sure, however many parts there are: small beside that
# of the whole, since the whole and its parts by two keys are looked at and 5 % is the promise for all.
ANY_PART = 0.002
HALF = Fraction(1, 2)
# Periods from which a step can be told from restlessness. χ² about the best step has three degrees less than
# there are periods, and is smaller still for having been chosen: by simulation of 5 to 13 normal ones, 0.86 to 0.91.
LEAST_STEPPED = 5
CHOSEN_STEP = 0.87


@dataclass(frozen=True)
class Part:
    """One part of a change: `unit` and `cause` (`mix` for the unit's larger or smaller share), exact `effect`.

    `low` … `high` is the interval of the effect by itself. `sure`: it leaves out 0 even when widened for
    all the parts that were looked at (Bonferroni), so it is more than chance although nobody asked for it.
    """

    unit: Hashable
    cause: Hashable
    effect: Fraction
    low: float
    high: float
    sure: bool


@dataclass(frozen=True)
class Decomposition:
    """The change of a rate, after − before, and its parts, largest first; the parts sum to `change` exactly.

    `low` … `high` is the interval of the change, widened by `dispersion`; `noise` says that it holds 0.
    """

    before: Fraction
    after: Fraction
    parts: tuple[Part, ...]
    low: float
    high: float
    level: float
    dispersion: float

    @property
    def change(self) -> Fraction:
        return self.after - self.before

    @property
    def noise(self) -> bool:
        return self.low <= 0 <= self.high

    def main_parts(self, most: int = MOST_PARTS, enough: float = ENOUGH) -> tuple[Part, ...]:
        """The two or three parts that explain most of the change; within noise, those that are sure by themselves.

        Of a change: parts with its own sign whose own interval leaves out 0, largest first, until they
        make `enough` of it. Where the whole is within noise, sure parts of either sign (a rise and a fall can
        cancel out).
        """
        if self.noise:
            return tuple(part for part in self.parts if part.sure)[:most]
        sign = 1 if self.change > 0 else -1
        found: list[Part] = []
        for part in self.parts:
            if sign * part.effect <= 0 or part.low <= 0 <= part.high:
                continue
            found.append(part)
            if len(found) == most or sum(abs(counted.effect) for counted in found) >= enough * abs(self.change):
                break
        return tuple(found)

    def frame(self, digits: int = 6) -> pd.DataFrame:
        """A row a part: unit, cause, effect, shown, low, high, sure.

        `shown` is the effect rounded to `digits` so that the column sums to the rounded change.
        """
        shown = rounded([part.effect for part in self.parts], digits, self.change)
        rows = [
            (part.unit, part.cause, float(part.effect), float(value), part.low, part.high, part.sure)
            for part, value in zip(self.parts, shown, strict=True)
        ]
        return pd.DataFrame(rows, columns=["unit", "cause", "effect", "shown", "low", "high", "sure"])


def decompose(
    before: ArrayLike,
    before_total: ArrayLike,
    after: ArrayLike,
    after_total: ArrayLike,
    *,
    units: Sequence[Hashable] | None = None,
    causes: Sequence[Hashable] | None = None,
    level: float = LEVEL,
    earlier: tuple[ArrayLike, ArrayLike] | None = None,
    design: float = 1.0,
) -> Decomposition:
    """Take a change of a rate apart by unit and cause.

    `before`, `after`: whole counts (units, causes); `*_total`: (units,) whole numbers at risk. The rate
    is all counts over all totals. The effect of a cause in a unit is its change of rate times the
    unit's mean share of the total; the mix effect of a unit is its change of share times how far its
    mean rate lies from the mean of all (midpoints of the two periods: neither period is the base, and
    nothing is left over; Kitagawa 1955, das Gupta 1993, the Shapley value of two factors). A unit
    that is empty in a period keeps its rate of the other: its coming or going is all mix. For stages,
    responsibilities and reasons over the same orders take one unit and them as causes.

    `earlier`: counts (periods, units, causes) and totals (periods, units) of periods before, which say by
    how much more than chance the whole and each part vary anyway (`dispersion_of`); without it, by none.
    `design`: the design effect where what is counted comes in clusters (lines of one order; Kish).
    Raises ValueError when a period has nothing at risk, or a count is no whole number or too large.
    """
    x0, n0, x1, n1 = _checked(before, before_total, after, after_total)
    size, kinds = x0.shape
    names = list(units) if units is not None else list(range(size))
    labels = list(causes) if causes is not None else list(range(kinds))
    if len(names) != size or len(labels) != kinds:
        raise ValueError("one name for each unit and each cause")
    effects = _effects(x0, n0, x1, n1)
    tables, keys = (x0, n0, x1, n1), np.array([effect[:2] for effect in effects], dtype=int).reshape(-1, 2)
    low, high = _part_intervals(tables, keys, _part_dispersion(earlier, design, x0.shape, level), level)
    # As many intervals as there are parts: each so wide that of a steady shop none leaves out 0 too often.
    strict = 1 - ANY_PART / max(len(effects), 1)
    least, most = _part_intervals(tables, keys, _part_dispersion(earlier, design, x0.shape, strict), strict)
    sure = (least > 0) | (most < 0)
    parts = tuple(
        Part(names[i], MIX if j == MIX_CAUSE else labels[j], effect, float(low[k]), float(high[k]), bool(sure[k]))
        for k, (i, j, effect) in enumerate(effects)
    )
    d = design
    if earlier is not None:
        counts, totals = _periods(earlier, x0.shape)
        d *= dispersion_of(counts.sum(axis=(1, 2)) / design, totals.sum(axis=1) / design, level)
    lost0, total0, lost1, total1 = int(x0.sum()), int(n0.sum()), int(x1.sum()), int(n1.sum())
    span = newcombe(lost1 / d, total1 / d, lost0 / d, total0 / d, level)
    before_rate, after_rate = Fraction(lost0, total0), Fraction(lost1, total1)
    return Decomposition(before_rate, after_rate, parts, float(span[0]), float(span[1]), level, d)


def _effects(x0: Floats, n0: Floats, x1: Floats, n1: Floats) -> list[tuple[int, int, Fraction]]:
    """Unit, cause (`MIX_CAUSE` for its mix) and exact effect of each part of the change, largest first."""
    total0, total1 = int(n0.sum()), int(n1.sum())
    middle = (Fraction(int(x0.sum()), total0) + Fraction(int(x1.sum()), total1)) * HALF
    effects: list[tuple[int, int, Fraction]] = []
    for i in range(len(n0)):
        a, b = int(n0[i]), int(n1[i])
        if not a and not b:
            continue
        share0, share1 = Fraction(a, total0), Fraction(b, total1)
        if a and b:
            weight = (share0 + share1) * HALF
            for j in np.flatnonzero(x0[i] + x1[i]).tolist():
                effects.append((i, j, weight * (Fraction(int(x1[i, j]), b) - Fraction(int(x0[i, j]), a))))
        lost0, lost1 = int(x0[i].sum()), int(x1[i].sum())
        # A unit without a rate in one period keeps that of the other.
        own0, own1 = Fraction(lost0, a) if a else Fraction(lost1, b), Fraction(lost1, b) if b else Fraction(lost0, a)
        mix = ((own0 + own1) * HALF - middle) * (share1 - share0)
        if mix:
            effects.append((i, MIX_CAUSE, mix))
    return sorted(effects, key=lambda effect: -abs(effect[2]))


def _periods(earlier: tuple[ArrayLike, ArrayLike], shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    totals = np.asarray(earlier[1], dtype=float)
    return np.asarray(earlier[0], dtype=float).reshape(len(totals), *shape), totals


def _part_dispersion(
    earlier: tuple[ArrayLike, ArrayLike] | None, design: float, shape: tuple[int, ...], level: float
) -> Floats:
    """(units, causes + 1): the last column is of the unit's losses by any cause, for its mix."""
    if earlier is None:
        return np.full((shape[0], shape[1] + 1), design)
    counts, totals = _periods(earlier, shape)
    counts = np.concatenate([counts, counts.sum(axis=2, keepdims=True)], axis=2)
    return np.asarray(design * dispersion_of(counts / design, totals / design, level)).reshape(shape[0], -1)


def _part_intervals(
    tables: tuple[Floats, Floats, Floats, Floats], keys: NDArray[np.int_], dispersion: Floats, level: float
) -> tuple[Floats, Floats]:
    """The interval of each part by itself; `keys` (parts, 2) are its unit and its cause.

    A rate part: Newcombe's interval of its two rates, times the unit's mean share. A mix part: the
    variances of its two shares and of its rate's distance from the mean of all, carried through
    their product (each with half a case more, so that none of few is not taken as certain).
    """
    x0, n0, x1, n1 = tables
    low, high = np.zeros(len(keys)), np.zeros(len(keys))
    is_mix = keys[:, 1] == MIX_CAUSE
    i, j = keys[~is_mix].T
    d = dispersion[i, j]
    weight = (n0[i] / n0.sum() + n1[i] / n1.sum()) / 2
    least, most = newcombe(x1[i, j] / d, n1[i] / d, x0[i, j] / d, n0[i] / d, level)
    low[~is_mix], high[~is_mix] = weight * np.asarray(least), weight * np.asarray(most)
    i = keys[is_mix, 0]
    rates, variances = [], []
    for x, n in ((x0.sum(axis=1)[i], n0[i]), (x1.sum(axis=1)[i], n1[i])):
        p = (x + 0.5) / (n + 1)
        rates.append(np.where(n > 0, x / np.maximum(n, 1), np.nan))
        variances.append(np.where(n > 0, p * (1 - p) / np.maximum(n, 1), np.nan))
    # The mean of the two rates, or the one there is.
    both = np.isfinite(rates[0]) & np.isfinite(rates[1])
    rate = np.nanmean(rates, axis=0) if len(i) else np.zeros(0)
    rate_variance = dispersion[i, MIX_CAUSE] * np.nansum(variances, axis=0) / np.where(both, 4, 1)
    gap = rate - (x0.sum() / n0.sum() + x1.sum() / n1.sum()) / 2
    moved, share_variance = n1[i] / n1.sum() - n0[i] / n0.sum(), np.zeros(len(i))
    for n in (n0, n1):
        share = (n[i] + 0.5) / (n.sum() + 1)
        share_variance += share * (1 - share) / n.sum()
    reach = z_of(level) * np.sqrt(gap**2 * share_variance + moved**2 * rate_variance)
    low[is_mix], high[is_mix] = gap * moved - reach, gap * moved + reach
    return low, high


def dispersion_of(count: ArrayLike, total: ArrayLike, level: float = LEVEL) -> Any:
    """How many times the variance of pure chance like periods vary by, at least 1, for intervals at `level`.

    `count`: (periods,) or (periods, parts), oldest or newest first, `total`: (periods,) or like `count`; a
    number, or one a part. Pearson's χ² over its degrees of freedom, from five periods on about two levels with
    the best step between them: a rate that rose for good three weeks ago is news, not the way weeks differ.
    Of few periods it is uncertain itself: when it is above 1, it is widened as Student's t widens a normal
    interval with those degrees. Below two periods it is 1.
    """
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    n = n.reshape(n.shape + (1,) * (x.ndim - n.ndim))
    x, n = np.broadcast_arrays(x, n)
    periods = (n > 0).sum(axis=0)
    stepped = np.min([_pearson(x[:k], n[:k]) + _pearson(x[k:], n[k:]) for k in range(max(len(x), 1))], axis=0)
    may_step = periods >= LEAST_STEPPED
    squares = np.where(may_step, stepped / CHOSEN_STEP, _pearson(x, n))
    degrees = np.maximum(np.where(may_step, periods - 3, periods - 1), 0)
    times = squares / np.maximum(degrees, 1)
    care = (t_upper_quantile((1 - level) / 2, np.maximum(degrees, 1)) / z_of(level)) ** 2
    return plain(np.where((degrees > 0) & (times > 1), times * care, 1.0))


def _pearson(x: Floats, n: Floats) -> Floats:
    """Pearson's χ² of each column about its own rate."""
    rate = x.sum(axis=0) / np.maximum(n.sum(axis=0), 1e-12)
    variance = n * rate * (1 - rate)
    return np.asarray(np.divide((x - n * rate) ** 2, variance, out=np.zeros(x.shape), where=variance > 0).sum(axis=0))


def rounded(parts: Sequence[Fraction], digits: int, total: Fraction | None = None) -> list[Fraction]:
    """The parts rounded to `digits` decimals so that they sum to their rounded sum (largest remainders).

    `total`: their sum where it is known, as adding many unlike fractions is slow.
    """
    scale = 10**digits
    whole = [part * scale for part in parts]
    down = [part.numerator // part.denominator for part in whole]
    every = (sum(parts, Fraction(0)) if total is None else total) * scale + HALF
    more = every.numerator // every.denominator - sum(down)
    order = sorted(range(len(parts)), key=lambda i: (down[i] - whole[i], i))
    for i in order[:more]:
        down[i] += 1
    return [Fraction(numerator, scale) for numerator in down]


def _checked(*values: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    x0, n0, x1, n1 = (np.asarray(value, dtype=float) for value in values)
    x0, x1 = (counts[:, None] if counts.ndim == 1 else counts for counts in (x0, x1))
    if x0.shape != x1.shape or n0.shape != n1.shape or x0.shape[:1] != n0.shape:
        raise ValueError("both periods have the same units and causes")
    for numbers in (x0, n0, x1, n1):
        if np.any(numbers < 0) or np.any(numbers != np.floor(numbers)):
            raise ValueError("counts and totals are whole numbers and not negative")
    if np.any(x0.sum(axis=1) > n0) or np.any(x1.sum(axis=1) > n1):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    if not n0.sum() or not n1.sum():
        raise ValueError("a period has nothing at risk, so it has no rate")
    return x0, n0, x1, n1
