"""False discoveries among products of very unequal size whose ordinary rates differ."""

from __future__ import annotations

import numpy as np

from calibration.claims import Claim, beta
from cancel_analysis import inference

RATE = 0.03
# Products, repetitions at full scale, planted share and how many times the usual rate they have.
SETTINGS = ((10, 250), (50, 200), (300, 80), (2000, 50))
SPREADS = (0.0, 0.3, 0.6, 1.0)
# Repetitions of a small run. Where nothing is planted each says yes or no, so they must be many: 10 false of the 32 of
# four spreads break the claim. Where 30 products or more are planted each is a mean over all that were flagged (it
# scatters by 0.01 to 0.04): 16 of them break it from 0.08 on.
LEAST_RUNS, LEAST_PLANTED_RUNS, MANY = 8, 4, 300


def measure(scale: float, seed: int) -> list[Claim]:
    claims = []
    for products, runs in SETTINGS:
        shares = {"nothing planted": 0.0, "a tenth at 5 ×": 5.0, "a tenth at 10 ×": 10.0}
        pooled: dict[str, list[float]] = {name: [] for name in shares}
        for spread in SPREADS:
            for name, factor in shares.items():
                least = LEAST_PLANTED_RUNS if factor and products >= MANY else LEAST_RUNS
                count = max(int(runs * scale), least)
                false, power = _run(
                    products, spread, factor, count, np.random.default_rng([seed, products, int(10 * spread)])
                )
                pooled[name] += false
                setting = f"{products:,} products, ordinary rates differ by {100 * spread:.0f} %, {name}"
                claims.append(Claim("standouts", setting, "false among flagged", float(np.mean(false)), runs=count))
                if factor:
                    claims.append(Claim("standouts", setting, "planted products flagged", power, runs=count))
        for name, false in pooled.items():
            # Three standard errors of the simulation itself are no broken claim.
            slack = 3 * float(np.std(false)) / np.sqrt(len(false))
            setting = f"{products:,} products, spreads 0 … 100 % together, {name}"
            claims.append(
                Claim(
                    "standouts", setting, "false among flagged", float(np.mean(false)), None, 0.05 + slack, len(false)
                )
            )
    return claims


def _run(
    products: int, spread: float, factor: float, runs: int, generator: np.random.Generator
) -> tuple[list[float], float]:
    false, found, planted = [], 0, 0
    for _ in range(runs):
        total = np.ceil(60 * np.exp(generator.normal(0, 1.5, products))).astype(int)
        rate = generator.beta(*beta(RATE, spread), products) if spread else np.full(products, RATE)
        bad = np.zeros(products, dtype=bool)
        if factor:
            # Among those with orders enough to show anything.
            able = np.flatnonzero(total >= np.quantile(total, 0.3))
            bad[generator.choice(able, products // 10, replace=False)] = True
            rate = np.where(bad, np.minimum(RATE * factor, 0.9), rate)
        flagged = inference.find_standouts(generator.binomial(total, rate), total).flagged
        false.append(float((flagged & ~bad).sum() / max(flagged.sum(), 1)))
        found, planted = found + int((flagged & bad).sum()), planted + int(bad.sum())
    return false, found / max(planted, 1)
