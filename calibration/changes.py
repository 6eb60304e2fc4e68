"""Week against week: how often a steady shop is told of a change, and whether what was planted is named first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.claims import Claim, beta
from cancel_analysis import inference

PRODUCTS, CAUSES, RATE = 12, 5, 0.06
EARLIER = 12
SPANS = (1, 8)


@dataclass(frozen=True)
class Shop:
    """Thirteen weeks: counts (weeks, products, causes) and totals (weeks, products); the last is the newest."""

    counts: np.ndarray
    totals: np.ndarray

    def by_cause(self, span: int) -> inference.Decomposition:
        """The newest week against the `span` before, by cause, as the report takes it apart."""
        counts, totals, then = self.counts.sum(axis=1), self.totals.sum(axis=1, keepdims=True), _before(span)
        return inference.decompose(
            counts[then].sum(axis=0)[None], totals[then].sum(axis=0), counts[-1:], totals[-1],
            earlier=(counts[:EARLIER, None], totals[:EARLIER]),
        )  # fmt: skip

    def by_product(self, span: int) -> inference.Decomposition:
        """The same by product."""
        counts, totals, then = self.counts.sum(axis=2), self.totals, _before(span)
        return inference.decompose(
            counts[then].sum(axis=0), totals[then].sum(axis=0), counts[-1], totals[-1],
            earlier=(counts[:EARLIER, :, None], totals[:EARLIER]),
        )  # fmt: skip


def _before(span: int) -> slice:
    return slice(EARLIER - span, EARLIER)


def measure(scale: float, seed: int) -> list[Claim]:
    runs = max(int(1500 * scale), 60)
    return _steady(runs, seed) + _planted(max(runs // 2, 60), seed)


def _steady(runs: int, seed: int) -> list[Claim]:
    claims = []
    for orders in (200, 1000, 10_000):
        for whole, parts, differ in (
            (0.0, 0.0, "not at all"),
            (0.2, 0.0, "by 20 % as a whole"),
            (0.0, 0.4, "by 40 % in each cause"),
        ):
            generator = np.random.default_rng([seed, orders, int(10 * whole), int(10 * parts)])
            called: dict[int, list[bool]] = {span: [] for span in SPANS}
            for _ in range(runs):
                shop = _shop(generator, orders, whole, parts)
                for span in SPANS:
                    causes = shop.by_cause(span)
                    called[span].append(not causes.noise or bool(causes.main_parts()))
            for span in SPANS:
                claims.append(
                    Claim(
                        "change",
                        f"{orders:,} orders a week, weeks differ {differ}, {_weeks(span)}",
                        "steady shop told of a change, or of any cause",
                        float(np.mean(called[span])),
                        None,
                        0.05 + 3 * np.sqrt(0.05 / runs),
                        runs,
                    )
                )
    return claims


def _planted(runs: int, seed: int) -> list[Claim]:
    """One cause of one product up by so many standard errors of the whole comparison."""
    claims = []
    for orders in (200, 1000, 10_000):
        every_told = every_first = 0
        for size in (3, 4):
            for span in SPANS:
                generator = np.random.default_rng([seed, orders, size, span])
                told, cause_first, product_first = [], [], []
                for _ in range(runs):
                    shop = _shop(generator, orders, 0.0, 0.0, size, span)
                    causes = shop.by_cause(span)
                    first_cause, first_product = causes.main_parts()[:1], shop.by_product(span).main_parts()[:1]
                    told.append(not causes.noise or bool(first_cause))
                    cause_first.append([(one.cause, one.effect > 0) for one in first_cause] == [(0, True)])
                    product_first.append(told[-1] and [(one.unit, one.cause) for one in first_product] == [(0, 0)])
                every_told, every_first = every_told + sum(told), every_first + sum(cause_first)
                setting = f"{orders:,} orders a week, a product's cause up by {size} standard errors, {_weeks(span)}"
                # An interval at 95 % leaves 0 out in 85 % of cases at three standard errors, in 98 % at four.
                least = 0.9 if orders >= 1000 and size == 4 else None
                for what, share, bound in (
                    ("told of a change", told, None),
                    ("planted cause named first", cause_first, least and least - 3 * np.sqrt(0.09 / runs)),
                    ("planted product named first", product_first, None),
                ):
                    claims.append(Claim("change", setting, what, float(np.mean(share)), bound, None, runs))
        setting = f"{orders:,} orders a week, planted as above"
        bound = 0.95 - 3 * np.sqrt(0.0475 / every_told)
        right = every_first / every_told
        claims.append(
            Claim("change", setting, "planted cause first, where told of a change", right, bound, None, every_told)
        )
    return claims


def _weeks(span: int) -> str:
    return "against last week" if span == 1 else f"against the {span} weeks before"


def _shop(
    generator: np.random.Generator, orders: int, whole: float, parts: float, size: float = 0.0, span: int = 1
) -> Shop:
    """Weeks whose rates differ as a whole, or each cause by itself, by so much (standard deviation over mean)."""
    weight = 1 / np.arange(1, PRODUCTS + 1)
    base = RATE * np.ones((PRODUCTS, CAUSES)) / CAUSES
    counts, totals = [], []
    for week in range(EARLIER + 1):
        total = generator.multinomial(orders, weight / weight.sum())
        rates = base * (generator.beta(*beta(RATE, whole)) / RATE if whole else 1.0)
        if parts:
            rates = rates * generator.gamma(1 / parts**2, parts**2, size=CAUSES)
        if size and week == EARLIER:
            error = np.sqrt((1 + 1 / span) * RATE * (1 - RATE) / orders)
            rates[0, 0] += size * error * weight.sum() / weight[0]
        chances = np.column_stack([rates, 1 - rates.sum(axis=1)])
        counts.append(np.array([generator.multinomial(n, p)[:CAUSES] for n, p in zip(total, chances, strict=True)]))
        totals.append(total)
    return Shop(np.array(counts), np.array(totals))
