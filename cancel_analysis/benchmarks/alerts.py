"""Alert lines, and what crossed one since the day before.

A shop's own lines (`alerts` in shops.yaml) are levels of the order cancellation rate over 7, 15 and
30 days; a shop without any is watched against the limits that give its verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from cancel_analysis.benchmarks.judgement import standing_of
from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.catalog.policies import Limit, Tier
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.cube import window_figures
from cancel_analysis.rates.sums import Cube

METRIC = "order_cancellation_rate"
CHANGES = ("crossed", "still_over", "back_under", "under")
COLUMNS = [
    "line", "origin", "metric", "window_days", "comparison", "limit", "confidence", "change", "numerator",
    "denominator", "rate", "low", "high", "rate_before", "effect",
]  # fmt: skip


@dataclass(frozen=True)
class AlertLine:
    """One line to be watched; `origin` is `own` (set for the shop) or `limit`."""

    limit: Limit
    origin: str


def alert_lines(shop: ShopSettings, on: date) -> tuple[AlertLine, ...]:
    """The shop's own lines; where it has none, the enforced limits that give its verdict on that day."""
    if shop.alerts:
        return tuple(AlertLine(_own(shop, days, level), "own") for days, level in shop.alerts)
    return tuple(AlertLine(limit, "limit") for limit in verdict_limits(shop, on) if limit.force == "enforced")


def crossed(
    cube: Cube, lines: Sequence[AlertLine], day: date, *, before: Cube | None = None, shop: ShopSettings | None = None
) -> pd.DataFrame:
    """How each line stands at the end of `day` against the end of the day before: a row a line, `COLUMNS`.

    change: `crossed` (over since that day), `still_over`, `back_under`, `under`. `before` is the cube as
    it was known a day earlier: an order cancelled on `day` changes the window it was placed in, so
    without it (the same cube is taken) such a crossing would seem to be an old one.
    """
    earlier = cube if before is None else before
    rows = []
    for line in lines:
        limit = line.limit
        now, then = (_at(known, limit, end, shop) for known, end in ((cube, day), (earlier, day - timedelta(days=1))))
        is_over, was_over = _over(limit, now), _over(limit, then)
        change = "still_over" if was_over else "crossed"
        if not is_over:
            change = "back_under" if was_over else "under"
        rows.append(
            {
                "line": limit.id,
                "origin": line.origin,
                "metric": limit.metric,
                "window_days": limit.window_days,
                "comparison": limit.comparison,
                "limit": limit.value,
                "confidence": "" if line.origin == "own" else limit.confidence,
                "change": change,
                **{name: now[name] for name in ("numerator", "denominator", "rate", "low", "high")},
                "rate_before": then["rate"],
                "effect": limit.effect,
            }
        )
    frame = pd.DataFrame(rows, columns=COLUMNS)
    order = frame["change"].map(CHANGES.index)
    return frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def _own(shop: ShopSettings, days: int, level: float) -> Limit:
    return Limit(
        id=f"alert_{days}",
        pack="alerts",
        market=shop.market,
        metric=METRIC,
        window_days=days,
        comparison="<=",
        value=level,
        minimum_orders=0,
        denominator="orders_placed",
        date_basis="created",
        effect="",
        source="shops.yaml",
        valid_from=None,
        valid_to=None,
        confidence="",
        scope=shop.id,
        force="enforced",
        tiers=(Tier(level, "<=", ""),),
    )


def _at(cube: Cube, limit: Limit, end: date, shop: ShopSettings | None) -> pd.Series:
    found: pd.Series = window_figures(
        cube,
        limit.metric,
        limit.window_days,
        [end],
        basis=limit.date_basis,
        shop=shop,
        denominator=limit.denominator,
        fbt_out=limit.fbt_out,
    ).iloc[0]
    return found


def _over(limit: Limit, figures: pd.Series) -> bool:
    where, _ = standing_of(limit, float(figures["numerator"]), float(figures["denominator"]), 1.0)
    return where == "over"
