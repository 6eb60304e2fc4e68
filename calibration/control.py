"""False alarms of the control chart and of change points on steady shops, and delays for planted jumps."""

from __future__ import annotations

import numpy as np

from calibration.claims import Claim
from cancel_analysis import inference

PATTERN = np.array([0.8, 0.9, 1.0, 1.0, 1.0, 1.15, 1.15])
WEEKDAYS = np.array([1.2, 1.1, 1.0, 1.0, 1.0, 0.9, 0.8])
BASE, RATE = 84, 0.04
# Days after a jump in which it is waited for.
AFTER = 28
NOMINAL = 0.0027


def measure(scale: float, seed: int) -> list[Claim]:
    runs = max(int(1000 * scale), 40)
    return _steady(runs, seed) + _jumps(max(runs // 5, 20), seed)


def _steady(runs: int, seed: int) -> list[Claim]:
    claims = []
    for orders in (20, 100, 1000):
        for cv in (0.0, 0.2):
            generator = np.random.default_rng([seed, orders, int(10 * cv)])
            alarms, changes = [], []
            for _ in range(runs):
                count, total = _days(generator, orders, cv, BASE + 7)
                alarms.append((inference.control_chart(count, total).days["alarm"] != "").sum() / 7)
                changes.append(bool(inference.change_points(count, total)))
            setting = f"{orders:,} orders a day, days differ by {100 * cv:.0f} %, weekday pattern"
            # Alarms of one shop share its limits, so shops and not days are the units of the standard error.
            bound = NOMINAL + 3 * max(np.std(alarms), np.sqrt(NOMINAL / 7)) / np.sqrt(runs)
            claims.append(
                Claim("control chart", setting, "false alarms a day", float(np.mean(alarms)), None, bound, runs)
            )
            bound = 0.05 + 3 * np.sqrt(0.05 / runs)
            claims.append(
                Claim("change points", setting, "steady shop with one", float(np.mean(changes)), None, bound, runs)
            )
    return claims


def _jumps(runs: int, seed: int) -> list[Claim]:
    """A rate that jumps after `BASE` days, and stays there."""
    claims = []
    covered: list[bool] = []
    for orders in (20, 100, 1000):
        for jump in (1.5, 2.0, 3.0):
            generator = np.random.default_rng([seed, orders, int(10 * jump), 1])
            alarms, changes, near = [], [], []
            for _ in range(runs):
                count, total = _days(generator, orders, 0.1, BASE + AFTER, jump)
                days = inference.control_chart(count, total, monitored=AFTER).days
                high = days["alarm"].to_numpy()[BASE:] == "high"
                alarms.append(int(np.argmax(high)) + 1 if high.any() else np.inf)
                changes.append(_first_seen(count, total))
                found = inference.change_points(count, total)
                near.append(any(abs(one.day - BASE) <= 3 for one in found))
                covered += [one.first <= BASE <= one.last for one in found[:1]]
            setting = f"{orders:,} orders a day, jump to {jump:g} ×"
            claims.append(_delay("control chart", setting, "days to the first alarm, median", alarms))
            claims.append(_delay("change points", setting, "days until a change is told, median", changes))
            claims.append(Claim("change points", setting, "day named within 3 days", float(np.mean(near)), runs=runs))
    claims.append(
        Claim(
            "change points",
            "a jump that was found, all of the above",
            "day of the jump in the range of days told",
            float(np.mean(covered)),
            0.95 - 3 * np.sqrt(0.0475 / len(covered)),
            None,
            len(covered),
        )
    )
    return claims


def _first_seen(count: np.ndarray, total: np.ndarray) -> float:
    """Days after the jump until a change is told, looking every day; infinite if never."""
    for day in range(1, AFTER + 1):
        found = inference.change_points(count[: BASE + day], total[: BASE + day])
        if any(one.after > one.before and one.day > BASE - 7 for one in found):
            return day
    return np.inf


def _delay(method: str, setting: str, what: str, waits: list[float]) -> Claim:
    median = float(np.quantile(waits, 0.5, method="inverted_cdf"))
    seen = f"{np.mean(np.isfinite(waits)):.0%} within {AFTER} days"
    shown = (
        f"none in {AFTER} days ({seen})"
        if np.isinf(median)
        else f"{median:g} {'day' if median == 1 else 'days'} ({seen})"
    )
    return Claim(method, setting, what, median, runs=len(waits), shown=shown)


def _days(
    generator: np.random.Generator, orders: int, cv: float, days: int, jump: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    place = np.arange(days) % 7
    total = generator.poisson(orders * WEEKDAYS[place])
    rate = RATE * PATTERN[place] * np.where(np.arange(days) >= BASE, jump, 1.0)
    if cv:
        size = (1 - rate) / (rate * cv**2) - 1
        rate = generator.beta(rate * size, (1 - rate) * size)
    return generator.binomial(total, rate), total
