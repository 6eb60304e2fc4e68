"""Signals about a limit: exact binomial sums, no simulation."""

from __future__ import annotations

import numpy as np
from scipy import stats

from calibration.claims import Claim, beta
from cancel_analysis import inference

LIMITS = (0.01, 0.015, 0.025, 0.04, 0.05, 0.1, 0.2)


def measure(scale: float, seed: int) -> list[Claim]:
    """Largest error over all totals up to a bound (and some large ones); then with weeks that differ."""
    totals = [*range(1, int(1500 * scale) + 1), 2500, 5000, 20_000, 100_000]
    claims = []
    for limit in LIMITS:
        worst = {"above": 0.0, "below": 0.0}
        for total in totals:
            top = int(min(total, total * limit + 12 * np.sqrt(total * limit) + 12))
            count = np.arange(top + 1)
            chance = stats.binom.pmf(count, total, limit)
            said = inference.signals(count, total, limit)
            for side in worst:
                worst[side] = max(worst[side], float(chance[said == side].sum()))
        for side, value in worst.items():
            setting = f"limit {100 * limit:g} %, every total to {totals[-5]:,} and up to {totals[-1]:,}"
            claims.append(Claim("signal", setting, f"called {side} at the limit, worst total", value, most=0.025))
    generator = np.random.default_rng(seed)
    draws = int(200_000 * scale)
    for total, cv in ((200, 0.3), (1000, 0.3), (5000, 0.3)):
        count = generator.binomial(total, generator.beta(*beta(0.025, cv), draws))
        said = inference.signals(count, total, 0.025)
        setting = f"limit 2.5 %, {total:,} orders, rate itself differs by {100 * cv:.0f} % from week to week"
        claims.append(
            Claim("signal", setting, "called above, long-run rate at the limit", float((said == "above").mean()))
        )
    return claims


def table() -> str:
    """Orders that tell a true rate 1, 2 or 5 points off a limit from one at it, four times in five."""
    lines = [
        "| limit | 1 point above | 2 above | 5 above | 1 point below | 2 below | 5 below |",
        "|---|---|---|---|---|---|---|",
    ]
    for limit in LIMITS:
        cells = []
        for side in (1, -1):
            for points in (1, 2, 5):
                rate = round(limit + side * points / 100, 6)
                needed = inference.orders_to_tell(limit, rate).orders if rate >= 0 else None
                cells.append(f"{needed:,}" if needed else "–")
        lines.append(f"| {100 * limit:g} % | " + " | ".join(cells) + " |")
    return "\n".join(lines)
