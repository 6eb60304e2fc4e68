"""Signals about a limit: exact binomial sums; simulation for counts beside their total, weighted counts and money."""

from __future__ import annotations

from functools import cache

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
            said = inference.read_signals(count, total, limit)
            for side in worst:
                worst[side] = max(worst[side], float(chance[said == side].sum()))
        for side, value in worst.items():
            setting = f"limit {100 * limit:g} %, every total to {totals[-5]:,} and up to {totals[-1]:,}"
            claims.append(Claim("signal", setting, f"called {side} at the limit, worst total", value, most=0.025))
    generator = np.random.default_rng(seed)
    claims += _beside(generator, int(100_000 * scale)) + _money(generator, int(20_000 * scale))
    draws = int(200_000 * scale)
    for total, cv in ((200, 0.3), (1000, 0.3), (5000, 0.3)):
        count = generator.binomial(total, generator.beta(*beta(0.025, cv), draws))
        said = inference.read_signals(count, total, 0.025)
        setting = f"limit 2.5 %, {total:,} orders, rate itself differs by {100 * cv:.0f} % from week to week"
        claims.append(
            Claim("signal", setting, "called above, long-run rate at the limit", float((said == "above").mean()))
        )
    return claims


def _beside(generator: np.random.Generator, draws: int) -> list[Claim]:
    """By event date, and weighted (2.3 and 1): shops at the limit, the worst of four sizes and three mixtures."""
    claims = []
    for limit in (0.025, 0.1):
        for kind, part in (("share", False), ("weighted", True), ("weighted", False)):
            worst = {"above": 0.0, "below": 0.0}
            for orders in (100, 300, 1000, 5000):
                for sellers in (0.1, 0.5, 0.9):
                    rates = (limit * sellers / 2.3, limit * (1 - sellers)) if kind == "weighted" else (limit, 0.0)
                    first, second = (generator.poisson(orders * rate, draws) for rate in rates)
                    # Of the orders themselves or of a number that varies by itself.
                    total = np.full(draws, orders) if part else generator.poisson(orders, draws)
                    weight = 2.3 if kind == "weighted" else 1.0
                    said = inference.LimitRule(kind, part, weight).signals(
                        weight * first + second, total, limit, squares=weight**2 * first + second
                    )
                    for side in worst:
                        worst[side] = max(worst[side], float((said == side).mean()))
            name = {True: "weighted counts", False: "weighted counts by event date"}[part]
            name = "counts by event date" if kind == "share" else name
            setting = f"limit {100 * limit:g} %, {name}, 100 to 5,000 orders"
            bound = 0.025 + 3 * np.sqrt(0.025 * 0.975 / draws)
            for side, value in worst.items():
                claims.append(Claim("signal", setting, f"called {side} at the limit, worst", value, None, bound, draws))
    return claims


def _money(generator: np.random.Generator, draws: int) -> list[Claim]:
    """Shares of value, 1,000 orders of very unequal worth: an approximation, so it is shown, not held."""
    limit, orders = 0.025, 1000
    said = []
    for _ in range(draws):
        worth = np.exp(generator.normal(3, 0.8, orders))
        lost = np.where(generator.random(orders) < limit, worth, 0.0)
        sums = (lost.sum(), worth.sum(), (lost**2).sum(), (lost * worth).sum(), (worth**2).sum(), orders)
        size = inference.effective_size(*sums)
        said.append(str(inference.LimitRule("ratio").signals(sums[0], sums[1], limit, size=size)))
    setting = "limit 2.5 % of value, 1,000 orders of very unequal worth"
    return [
        Claim("signal", setting, f"called {side} at the limit", said.count(side) / draws, runs=draws)
        for side in ("above", "below")
    ]


@cache
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
