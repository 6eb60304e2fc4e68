"""Why a rate changed between two periods: how much by rates, how much by what was sold.

A rate over units (products, say) changes because units lose more or less than before, or because
units that always lose much have a larger share. Both parts, cut further by cause, add up to the
change exactly, at any number of digits shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from cancel_analysis.inference.arrays import LEVEL, z_of
from cancel_analysis.inference.intervals import newcombe
from cancel_analysis.inference.spread import Floats

# Parts that together make four fifths of the change are its explanation; never more than three.
ENOUGH = 0.8
MOST_PARTS = 3
MIX = "mix"


@dataclass(frozen=True)
class Part:
    """One part of a change: `unit` and `cause` (`mix` for the unit's larger or smaller share), exact `effect`.

    `low` … `high`: the interval of the effect itself (of rate parts; a mix part has none: NaN).
    """

    unit: Hashable
    cause: Hashable
    effect: Fraction
    low: float
    high: float


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
        """The two or three parts that explain most of the change, none when it is within noise.

        Parts with the change's own sign whose own interval leaves out 0, or mix parts, largest first, until
        they make `enough` of it.
        """
        if self.noise:
            return ()
        sign = 1 if self.change > 0 else -1
        found: list[Part] = []
        for part in self.parts:
            if sign * part.effect <= 0 or part.low <= 0 <= part.high:
                continue
            found.append(part)
            if len(found) == most or sum(abs(one.effect) for one in found) >= enough * abs(self.change):
                break
        return tuple(found)

    def by(self, key: str) -> dict[Hashable, Fraction]:
        """The effects summed by `unit` or by `cause`; the sums still add up to the change."""
        sums: dict[Hashable, Fraction] = {}
        for part in self.parts:
            name = getattr(part, key)
            sums[name] = sums.get(name, Fraction(0)) + part.effect
        return sums

    def frame(self, digits: int = 6) -> pd.DataFrame:
        """A row a part: unit, cause, effect rounded so that the column sums to the rounded change, low, high."""
        shown = rounded([part.effect for part in self.parts], digits)
        rows = [
            (part.unit, part.cause, float(value), part.low, part.high)
            for part, value in zip(self.parts, shown, strict=True)
        ]
        return pd.DataFrame(rows, columns=["unit", "cause", "effect", "low", "high"])


def decompose(
    before: ArrayLike,
    before_total: ArrayLike,
    after: ArrayLike,
    after_total: ArrayLike,
    *,
    units: Sequence[Hashable] | None = None,
    causes: Sequence[Hashable] | None = None,
    level: float = LEVEL,
    dispersion: float = 1.0,
) -> Decomposition:
    """Take a change of a rate apart by unit and cause.

    `before`, `after`: whole counts (units, causes); `*_total`: (units,) whole numbers at risk. The rate
    is all counts over all totals. The effect of a cause in a unit is its change of rate times the
    unit's mean share of the total; the mix effect of a unit is its change of share times how far its
    mean rate lies from the mean of all (midpoints of the two periods: neither period is the base, and
    nothing is left over; Kitagawa 1955, das Gupta 1993, the Shapley value of two factors). A unit
    that is empty in a period keeps its rate of the other: its coming or going is all mix. For stages,
    responsibilities and reasons over the same orders take one unit and them as causes.

    `dispersion` (from `dispersion_of`): how many times the variance of chance weeks really vary by.
    Raises ValueError when a period has nothing at risk, or a count is no whole number or too large.
    """
    x0, n0, x1, n1 = _checked(before, before_total, after, after_total)
    size, kinds = x0.shape
    names = list(units) if units is not None else list(range(size))
    labels = list(causes) if causes is not None else list(range(kinds))
    if len(names) != size or len(labels) != kinds:
        raise ValueError("one name for each unit and each cause")
    total0, total1 = int(n0.sum()), int(n1.sum())
    rate0, rate1 = Fraction(int(x0.sum()), total0), Fraction(int(x1.sum()), total1)
    middle = (rate0 + rate1) / 2
    half = Fraction(1, 2)
    z = z_of(level) * np.sqrt(dispersion)
    parts = []
    for i in range(size):
        a, b = int(n0[i]), int(n1[i])
        if not a and not b:
            continue
        share0, share1 = Fraction(a, total0), Fraction(b, total1)
        weight = (share0 + share1) * half
        lost0, lost1 = int(x0[i].sum()), int(x1[i].sum())
        own0, own1 = Fraction(lost0, a) if a else Fraction(lost1, b), Fraction(lost1, b) if b else Fraction(lost0, a)
        if a and b:
            for j in range(kinds):
                k0, k1 = int(x0[i, j]), int(x1[i, j])
                if not k0 and not k1:
                    continue
                effect = weight * (Fraction(k1, b) - Fraction(k0, a))
                # The two rates with half a case more, so that none of few is not taken as certain.
                p0, p1 = (k0 + 0.5) / (a + 1), (k1 + 0.5) / (b + 1)
                reach = z * float(weight) * np.sqrt(p0 * (1 - p0) / a + p1 * (1 - p1) / b)
                parts.append(Part(names[i], labels[j], effect, float(effect) - reach, float(effect) + reach))
        mix = ((own0 + own1) * half - middle) * (share1 - share0)
        if mix:
            parts.append(Part(names[i], MIX, mix, float("nan"), float("nan")))
    parts.sort(key=lambda part: -abs(part.effect))
    low, high = newcombe(x1.sum() / dispersion, total1 / dispersion, x0.sum() / dispersion, total0 / dispersion, level)
    return Decomposition(rate0, rate1, tuple(parts), float(low), float(high), level, dispersion)


def dispersion_of(count: ArrayLike, total: ArrayLike, level: float = LEVEL) -> float:
    """How many times the variance of pure chance like periods vary by, at least 1, for intervals at `level`.

    Pearson's χ² over its degrees of freedom. Of few periods it is uncertain itself: what it has above
    1 is widened as Student's t widens a normal interval with those degrees.
    """
    x, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    kept = n > 0
    x, n = x[kept], n[kept]
    if len(x) < 2 or x.sum() == 0 or x.sum() == n.sum():
        return 1.0
    rate, degrees = x.sum() / n.sum(), len(x) - 1
    excess = ((x - n * rate) ** 2 / (n * rate * (1 - rate))).sum() / degrees - 1
    care = (stats.t.isf((1 - level) / 2, degrees) / z_of(level)) ** 2
    return float(1 + max(excess, 0.0) * care)


def rounded(parts: Sequence[Fraction], digits: int) -> list[Fraction]:
    """The parts rounded to `digits` decimals so that they sum to their rounded sum (largest remainders)."""
    scale = 10**digits
    whole = [part * scale for part in parts]
    down = [one.numerator // one.denominator for one in whole]
    # The sum of many fractions has a denominator of thousands of digits; remainders as integers are enough.
    fine = 10**18
    remainders = [int((one - low) * fine) for one, low in zip(whole, down, strict=True)]
    more = (sum(remainders) + fine // 2) // fine
    order = sorted(range(len(parts)), key=lambda i: (-remainders[i], i))
    for i in order[:more]:
        down[i] += 1
    return [Fraction(one, scale) for one in down]


def _checked(*values: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    x0, n0, x1, n1 = (np.asarray(one, dtype=float) for one in values)
    x0, x1 = (one[:, None] if one.ndim == 1 else one for one in (x0, x1))
    if x0.shape != x1.shape or n0.shape != n1.shape or x0.shape[:1] != n0.shape:
        raise ValueError("both periods have the same units and causes")
    for one in (x0, n0, x1, n1):
        if np.any(one < 0) or np.any(one != np.floor(one)):
            raise ValueError("counts and totals are whole numbers and not negative")
    if np.any(x0.sum(axis=1) > n0) or np.any(x1.sum(axis=1) > n1):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    if not n0.sum() or not n1.sum():
        raise ValueError("a period has nothing at risk, so it has no rate")
    return x0, n0, x1, n1
