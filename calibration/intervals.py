"""Coverage of the intervals: exact where it can be summed, simulated for money and dependent lines."""

from __future__ import annotations

import numpy as np
from scipy import stats

from calibration.claims import Claim
from cancel_analysis import inference


def measure(scale: float, seed: int) -> list[Claim]:
    claims = []
    rates = np.linspace(0.005, 0.3, 60)
    for total in (50, 200, 1000, 5000):
        count = np.arange(total + 1)
        low, high = inference.wilson(count, total)
        cover = [float(stats.binom.pmf(count, total, p)[(low <= p) & (p <= high)].sum()) for p in rates]
        setting = f"{total:,} orders, mean over rates 0.5 … 30 %"
        claims.append(Claim("Wilson", setting, "coverage of 95 %", float(np.mean(cover)), 0.945, 0.965))
    generator = np.random.default_rng(seed)
    runs = int(20_000 * scale)
    for na, nb, pa, pb in ((100, 100, 0.05, 0.1), (500, 4000, 0.03, 0.03), (2000, 2000, 0.08, 0.06)):
        xa, xb = generator.binomial(na, pa, runs), generator.binomial(nb, pb, runs)
        low, high = inference.newcombe(xa, na, xb, nb)
        cover_one = float(((low <= pa - pb) & (pa - pb <= high)).mean())
        setting = f"{pa:.0%} of {na:,} against {pb:.0%} of {nb:,}"
        claims.append(Claim("Newcombe", setting, "coverage of 95 %", cover_one, 0.94, 0.97, runs))
    for orders, rate in ((300, 0.08), (2000, 0.03)):
        claims.append(_money(generator, orders, rate, int(4000 * scale)))
    for orders, rate in ((300, 0.08), (2000, 0.03)):
        claims.append(_lines(generator, orders, rate, int(4000 * scale)))
    return claims


def _lines(generator: np.random.Generator, orders: int, rate: float, runs: int) -> Claim:
    """Orders of 1 to 6 lines; half of the losses take the whole order, half a line here and there."""
    size = generator.choice([1, 2, 3, 6], p=[0.6, 0.25, 0.1, 0.05], size=(runs, orders))
    whole = generator.random((runs, orders)) < rate / 2
    single = (rate / 2) / (1 - rate / 2)
    lost = np.where(whole, size, generator.binomial(size, single)).astype(float)
    x, y, xx, xy, yy = (one.sum(axis=1) for one in (lost, size, lost**2, lost * size, size**2))
    low, high = inference.ratio_of_sums(x, y, xx, xy, yy, np.full(runs, orders))
    cover = float(((low <= rate) & (rate <= high)).mean())
    setting = f"{orders:,} orders of 1 to 6 lines, {rate:.0%} lost, half of them order by order"
    return Claim("lines of orders", setting, "coverage of 95 %", cover, 0.93, 0.98, runs)


def _money(generator: np.random.Generator, orders: int, rate: float, runs: int) -> Claim:
    value = np.exp(generator.normal(3, 0.7, (runs, orders)))
    lost = value * (generator.random((runs, orders)) < rate)
    x, y, xx, xy, yy = (one.sum(axis=1) for one in (lost, value, lost**2, lost * value, value**2))
    low, high = inference.ratio_of_sums(x, y, xx, xy, yy, np.full(runs, orders))
    cover = float(((low <= rate) & (rate <= high)).mean())
    setting = f"{orders:,} orders of lognormal value, {rate:.0%} lost whole"
    return Claim("money rate", setting, "coverage of 95 %", cover, 0.93, 0.98, runs)
