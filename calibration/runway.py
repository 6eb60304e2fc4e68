"""Are limits crossed as often as the runway says?"""

from __future__ import annotations

import numpy as np

from calibration.claims import Claim, beta
from cancel_analysis import inference

BANDS = ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0))
WEEKDAYS = np.array([1.2, 1.1, 1.0, 1.0, 1.0, 0.9, 0.8]) / 7
LIMIT = 0.025
# What `runways.LIKELY` calls likely: the verdict is then `watch`.
LIKELY = 0.5


def measure(scale: float, seed: int) -> list[Claim]:
    """Shops of 70 to 7,000 orders a week with rates from half the limit to over it; those not yet over are asked."""
    generator = np.random.default_rng(seed)
    said, came = [], []
    for _ in range(int(3000 * scale)):
        chance, crossed = _one(generator)
        if chance is not None:
            said.append(chance)
            came.append(crossed)
    forecast, outcome = np.array(said), np.array(came, dtype=float)
    claims = []
    for low, high in BANDS:
        kept = (forecast >= low) & ((forecast < high) | (high == 1.0))
        if kept.sum() < 10:
            continue
        mean = float(forecast[kept].mean())
        slack = 0.05 + 3 * np.sqrt(mean * (1 - mean) / kept.sum())
        setting = f"said {100 * low:.0f} … {100 * high:.0f} % (mean {100 * mean:.1f} %)"
        claims.append(
            Claim(
                "runway",
                setting,
                "crossed within 7 days",
                float(outcome[kept].mean()),
                mean - slack,
                mean + slack,
                int(kept.sum()),
            )
        )
    told = forecast >= LIKELY
    for setting, kept, what, value in (
        ("called likely to cross", told, "not crossed within 7 days (false alarm)", 1 - outcome),
        ("crossed within 7 days", outcome == 1, "called likely before", told.astype(float)),
    ):
        if kept.any():
            claims.append(Claim("runway", setting, what, float(value[kept].mean()), runs=int(kept.sum())))
    return claims


def _one(generator: np.random.Generator) -> tuple[float | None, bool]:
    weeks, ahead, window = 12, 7, int(generator.choice([7, 30]))
    orders = np.exp(generator.uniform(np.log(70), np.log(7000)))
    cv = float(generator.choice([0.05, 0.2, 0.4]))
    rate = generator.beta(*beta(LIMIT * generator.uniform(0.5, 1.2), cv), weeks + 1)
    volume = np.exp(generator.normal(0, 0.15, weeks + 1))
    total = generator.poisson(orders * np.repeat(volume, 7) * np.tile(WEEKDAYS, weeks + 1))
    # In half of the shops cancellations come up to four days after the order.
    share = np.array([1.0]) if generator.random() < 0.5 else np.array([0.4, 0.7, 0.85, 0.95, 1.0])
    by_age = np.diff(share, prepend=0.0)
    late = np.array([generator.multinomial(x, by_age) for x in generator.binomial(total, np.repeat(rate, 7))])
    upto = np.cumsum(late, axis=1)

    def seen(end: int) -> np.ndarray:
        """Cancellations by order day as they stand at the end of day `end` − 1."""
        return upto[np.arange(end), np.minimum(end - 1 - np.arange(end), len(share) - 1)]

    today = 7 * weeks
    found = inference.look_ahead(
        seen(today), total[:today], window, LIMIT, completeness=share if len(share) > 1 else None
    )
    if found.chance is None or found.more is None:
        return None, False
    crossed = False
    for end in range(today + 1, today + ahead + 1):
        below = total[end - window : end].sum()
        crossed |= bool(below) and seen(end)[-window:].sum() > LIMIT * below
    return found.chance, crossed
