"""Coverage of completed cohorts: shops of all sizes whose delays stay, wander or drift, and open orders."""

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
# With fewer shops a kind alone says too little about itself; all kinds together are held.
LEAST_RUNS = 60
# With fewer orders no file tells a steady shop from a wandering one: the ranges are right over all kinds together.
LEAST_ORDERS = 1000
# Only the newest week of a shop has open orders.
OPEN_RUNS = 3
OPEN_HORIZON = 9
Shop = tuple[dict[int, list[bool]], float]


def measure(scale: float, seed: int) -> list[Claim]:
    runs = max(int(RUNS * scale), 8)
    sizes = SIZES if runs >= LEAST_RUNS else SIZES[::4]
    claims = []
    for size in sizes:
        every: list[Shop] = []
        for number, shift in enumerate(SHIFTS):
            generator = np.random.default_rng([seed, size, number])
            shops = [_one(*shop(size, shift, generator)) for _ in range(runs)]
            alone = runs >= LEAST_RUNS and size >= LEAST_ORDERS
            claims += _coverage(f"{size:,} orders a week, delays {shift}", shops, held=alone)
            every += shops
        setting = f"{size:,} orders a week, all kinds of delays"
        claims += _coverage(setting, every)
        said = float(np.mean([share for _, share in every]))
        claims.append(Claim("returns to come", setting, "open cohorts with an 80 % interval", said))
    for size in sizes[1:]:
        generator = np.random.default_rng([seed, size, len(SHIFTS)])
        shops = [_one(*open_orders(size, generator)) for _ in range(OPEN_RUNS * runs)]
        claims += _coverage(f"{size:,} orders a week, cancellations of orders still open", shops)
    return claims


def _coverage(setting: str, shops: list[Shop], *, held: bool = True) -> list[Claim]:
    """Coverage of both levels, held to two points and two standard errors of the simulation."""
    claims = []
    for level in (80, 95):
        hits = [held[level] for held, _ in shops if held[level]]
        count = sum(len(one) for one in hits)
        mean = sum(sum(one) for one in hits) / count if count else float("nan")
        # Cohorts of one shop go together, so the simulation's own error counts shops.
        error = np.sqrt(sum((sum(one) - len(one) * mean) ** 2 for one in hits)) / max(count, 1)
        error = max(float(error), float(np.sqrt(level / 100 * (1 - level / 100) / max(count, 1))))
        slack = 0.02 + 2 * error
        bounds = (level / 100 - slack, level / 100 + slack) if held else (None, None)
        claims.append(Claim("returns to come", setting, f"coverage of {level} %", mean, *bounds, runs=count))
    return claims


def _one(total: np.ndarray, full: np.ndarray, still_open: np.ndarray | None = None) -> Shop:
    """Of one shop: which open cohorts' ends the intervals held, and for which share one was given."""
    seen = full * (np.arange(DAYS)[:, None] + np.arange(full.shape[1]) < DAYS)
    found = inference.complete(total, seen, still_open=still_open, weeks=7)
    final = full.sum(axis=1).reshape(-1, 7).sum(axis=1)[-7:]
    frame = found.weeks
    unfinished = ~(frame["completeness"] >= 0.995)
    held = {}
    for level in (80, 95):
        low, high = frame[f"low_{level}"], frame[f"high_{level}"]
        held[level] = [bool(one) for one in ((low <= final) & (final <= high))[unfinished & low.notna()]]
    return held, float((unfinished & frame["low_80"].notna()).sum() / max(unfinished.sum(), 1))


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
    edges, factor = np.arange(HORIZON + 2), np.exp(stretch)[:, None]
    curve = 0.3 * stats.gamma.cdf(edges, 4, scale=2 * factor) + 0.7 * stats.gamma.cdf(edges, 5, scale=4 * factor)
    share = np.diff(curve) / curve[:, -1:]
    full = np.zeros((DAYS, HORIZON + 1))
    for day in range(DAYS):
        full[day] = generator.multinomial(generator.binomial(total[day], rate[day // 7]), share[day // 7])
    return total, full


def open_orders(size: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders a day, their cancellations by delay, and how many are open on the last day.

    An order is cancelled when its cancellation comes before it is sent; both take longer or shorter from week
    to week, together.
    """
    weeks = DAYS // 7
    total = generator.poisson(size * np.tile(WEEKDAYS, weeks))
    rate = generator.beta(*beta(RATE, RATE_CV), weeks)
    stretch = np.cumsum(generator.normal(0, 0.04, weeks))
    edges, factor = np.arange(OPEN_HORIZON + 2), np.exp(stretch)[:, None]
    wishes = np.diff(stats.gamma.cdf(edges, 1.2, scale=1.5 * factor))
    sendings = np.diff(stats.gamma.cdf(edges, 3, scale=0.8 * factor))
    after, sending = np.indices((OPEN_HORIZON + 2, OPEN_HORIZON + 1))
    cancelled = after <= sending
    full, still_open = np.zeros((DAYS, OPEN_HORIZON + 1)), np.zeros(DAYS)
    for day in range(DAYS):
        wish, sent = wishes[day // 7], sendings[day // 7]
        wish, sent = wish / wish.sum(), sent / sent.sum()
        # Chances of (cancelled after c days, sent after s days), never cancelled in the last row.
        both = np.outer(np.append(2 * rate[day // 7] * wish, 1 - 2 * rate[day // 7]), sent)
        counts = generator.multinomial(total[day], both.ravel()).reshape(both.shape)
        full[day] = (counts * cancelled).sum(axis=1)[:-1]
        still_open[day] = counts[np.where(cancelled, after, sending) + day >= DAYS].sum()
    return total, full, still_open
