"""Coverage of completed cohorts, for shops of all sizes whose delays stay, wander or drift."""

from __future__ import annotations

import numpy as np
from scipy import stats

from calibration.claims import Claim, beta
from cancel_analysis import inference

DAYS, HORIZON, RATE, RATE_CV = 119, 45, 0.08, 0.15
SIZES = (50, 200, 1000, 5000, 50_000)
SHIFTS = ("steady", "wandering", "drifting")
WEEKDAYS = np.array([1.2, 1.1, 1.0, 1.0, 1.0, 0.9, 0.8]) / 7
RUNS = 120


def measure(scale: float, seed: int) -> list[Claim]:
    claims = []
    runs = max(int(RUNS * scale), 4)
    for size in SIZES:
        every: dict[int, list[list[bool]]] = {80: [], 95: []}
        said = []
        for number, shift in enumerate(SHIFTS):
            generator = np.random.default_rng([seed, size, number])
            shops = [_one(size, shift, generator) for _ in range(runs)]
            said += [share for _, share in shops]
            for level, hits in every.items():
                own = [held[level] for held, _ in shops if held[level]]
                hits += own
                setting = f"{size:,} orders a week, delays {shift}"
                claims.append(Claim("returns to come", setting, f"coverage of {level} %", _mean(own), runs=runs))
        for level, hits in every.items():
            # Cohorts of one shop go together, so the simulation's own error counts shops.
            slack = 0.02 + 2 * float(np.std([np.mean(one) for one in hits])) / np.sqrt(len(hits))
            setting = f"{size:,} orders a week, all kinds of delays"
            bounds = level / 100 - slack, level / 100 + slack
            claims.append(
                Claim("returns to come", setting, f"coverage of {level} %", _mean(hits), *bounds, runs=len(hits))
            )
        setting = f"{size:,} orders a week"
        claims.append(Claim("returns to come", setting, "open cohorts with an 80 % interval", float(np.mean(said))))
    return claims


def _one(size: int, shift: str, generator: np.random.Generator) -> tuple[dict[int, list[bool]], float]:
    """Of one shop: which open cohorts' ends the intervals held, and for which share one was given."""
    total, full = shop(size, shift, generator)
    seen = full * (np.arange(DAYS)[:, None] + np.arange(HORIZON + 1) < DAYS)
    found = inference.complete(total, seen, weeks=7)
    final = full.sum(axis=1).reshape(-1, 7).sum(axis=1)[-7:]
    frame = found.weeks
    still_open = ~(frame["completeness"] >= 0.995)
    held = {}
    for level in (80, 95):
        low, high = frame[f"low_{level}"], frame[f"high_{level}"]
        held[level] = [bool(one) for one in ((low <= final) & (final <= high))[still_open & low.notna()]]
    return held, float((still_open & frame["low_80"].notna()).sum() / max(still_open.sum(), 1))


def shop(size: int, shift: str, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Orders a day and all their returns by delay: a third quick refunds, the others parcels back."""
    weeks = DAYS // 7
    total = generator.poisson(size * np.tile(WEEKDAYS, weeks))
    rate = generator.beta(*beta(RATE, RATE_CV), weeks)
    if shift == "wandering":
        stretch = np.cumsum(generator.normal(0, 0.04, weeks))
    elif shift == "drifting":
        stretch = np.linspace(-0.15, 0.15, weeks) * generator.choice([-1, 1])
    else:
        stretch = np.zeros(weeks)
    edges = np.arange(HORIZON + 2)
    full = np.zeros((DAYS, HORIZON + 1))
    for day in range(DAYS):
        factor = np.exp(stretch[day // 7])
        curve = 0.3 * stats.gamma.cdf(edges, 4, scale=2 * factor) + 0.7 * stats.gamma.cdf(edges, 5, scale=4 * factor)
        share = np.diff(curve) / curve[-1]
        full[day] = generator.multinomial(generator.binomial(total[day], rate[day // 7]), share)
    return total, full


def _mean(hits: list[list[bool]]) -> float:
    flat = [one for shop_hits in hits for one in shop_hits]
    return float(np.mean(flat)) if flat else float("nan")
