"""False alarms of the control chart and of change points on steady shops, and delays for planted jumps."""

from __future__ import annotations

import numpy as np

from calibration.claims import Claim
from cancel_analysis import inference

PATTERN = np.array([0.8, 0.9, 1.0, 1.0, 1.0, 1.15, 1.15])
WEEKDAYS = np.array([1.2, 1.1, 1.0, 1.0, 1.0, 0.9, 0.8])
BASE, RATE = 84, 0.04


def measure(scale: float, seed: int) -> list[Claim]:
    claims = []
    runs = max(int(1000 * scale), 40)
    for orders in (20, 100, 1000):
        for cv in (0.0, 0.2):
            generator = np.random.default_rng([seed, orders, int(10 * cv)])
            alarms, changes = [], []
            for _ in range(runs):
                count, total = _days(generator, orders, cv, BASE + 7)
                alarms.append((inference.control_chart(count, total).days["alarm"] != "").sum() / 7)
                changes.append(bool(inference.change_points(count, total)))
            setting = f"{orders:,} orders a day, days differ by {100 * cv:.0f} %, weekday pattern"
            slack = 3 * np.sqrt(0.0027 / (7 * runs))
            claims.append(
                Claim(
                    "control chart",
                    setting,
                    "false alarms a day",
                    float(np.mean(alarms)),
                    None,
                    0.0027 + slack,
                    runs,
                )
            )
            bound = 0.05 + 3 * np.sqrt(0.05 / runs)
            claims.append(
                Claim("change points", setting, "steady shop with one", float(np.mean(changes)), None, bound, runs)
            )
    for orders in (100, 1000):
        for jump in (1.5, 2.0, 3.0):
            generator = np.random.default_rng([seed, orders, int(10 * jump), 1])
            waits, near = [], []
            for _ in range(max(runs // 5, 20)):
                count, total = _days(generator, orders, 0.1, BASE + 28, jump)
                alarm = inference.control_chart(count, total, monitored=28).days["alarm"].to_numpy()[BASE:] == "high"
                waits.append(int(np.argmax(alarm)) + 1 if alarm.any() else 29)
                days = [one.day for one in inference.change_points(count, total)]
                near.append(any(abs(day - BASE) <= 3 for day in days))
            setting = f"{orders:,} orders a day, jump to {jump:g} ×"
            claims.append(
                Claim(
                    "control chart",
                    setting,
                    "days to the first alarm, median (29: none in 28)",
                    float(np.median(waits)),
                    percent=False,
                )
            )
            claims.append(Claim("change points", setting, "day named within 3 days", float(np.mean(near))))
    return claims


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
