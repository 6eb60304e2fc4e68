"""Week against week: how often a steady shop's change is called one, and whether the planted part is named."""

from __future__ import annotations

import numpy as np

from calibration.claims import Claim, beta
from cancel_analysis import inference

PRODUCTS, CAUSES = 12, 5


def measure(scale: float, seed: int) -> list[Claim]:
    claims = []
    runs = max(int(1500 * scale), 60)
    for orders in (200, 1000, 10_000):
        for cv in (0.0, 0.2):
            generator = np.random.default_rng([seed, orders, int(10 * cv)])
            called = np.mean([not _week(generator, orders, cv, 0.0).noise for _ in range(runs)])
            bound = 0.05 + 3 * np.sqrt(0.05 / runs)
            setting = f"{orders:,} orders a week, rates of weeks differ by {100 * cv:.0f} %"
            claims.append(Claim("change", setting, "steady shop told of a change", float(called), None, bound, runs))
    for orders in (1000, 10_000):
        generator = np.random.default_rng([seed, orders, 99])
        first = []
        for _ in range(max(runs // 2, 60)):
            found = _week(generator, orders, 0.0, 4.0)
            parts = found.main_parts()
            first.append(bool(parts) and (parts[0].unit, parts[0].cause) == (0, 0))
        setting = f"{orders:,} orders a week, one product's cause up by four standard errors of the whole rate"
        claims.append(
            Claim("change", setting, "planted part named first", float(np.mean(first)), 0.85, None, len(first))
        )
    return claims


def _week(generator: np.random.Generator, orders: int, cv: float, jump: float) -> inference.Decomposition:
    """The last of nine weeks against the one before it, the spread of weeks taken from the first eight."""
    weight = 1 / np.arange(1, PRODUCTS + 1)
    base = 0.06 * np.ones((PRODUCTS, CAUSES)) / CAUSES
    counts, totals = [], []
    for week in range(9):
        total = generator.multinomial(orders, weight / weight.sum())
        level = generator.beta(*beta(0.06, cv)) / 0.06 if cv else 1.0
        rates = base * level
        if jump and week == 8:
            error = np.sqrt(2 * 0.06 * 0.94 / orders)
            rates[0, 0] += jump * error * weight.sum() / weight[0]
        chances = np.column_stack([rates, 1 - rates.sum(axis=1)])
        counts.append(np.array([generator.multinomial(n, p)[:CAUSES] for n, p in zip(total, chances, strict=True)]))
        totals.append(total)
    spread = inference.dispersion_of([one.sum() for one in counts[:8]], [one.sum() for one in totals[:8]])
    return inference.decompose(counts[7], totals[7], counts[8], totals[8], dispersion=spread)
