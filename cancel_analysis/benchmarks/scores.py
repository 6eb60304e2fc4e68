"""Where a shop stands with the platform: its scores as the user read them, and what the files can tell of each.

A score is never made up from its parts: the weights are the platform's, and most parts are in no export. What is
counted are the parts that an export tells, and how many more cancellations lead to the next step of a limit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing
from cancel_analysis.catalog.policies import OFFICIAL, Limit, limits
from cancel_analysis.catalog.scores import Measure, PointsRule, Score, Step, points_rules, scores
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.inference import more_until
from cancel_analysis.rates.breakdown import are_within, within
from cancel_analysis.rates.cube import rate_figures
from cancel_analysis.rates.sums import Cube, DailySums

FAULT = "seller_fault_cancellation_rate"
# No source names the window of the time that after-sales take.
HANDLING_DAYS = 30
# Where a measure's figure is from: the files, a part of it from the files, the user, or nowhere.
KNOWN = ("files", "part", "typed", "missing")
MEASURE_COLUMNS = [
    "score", "measure", "rate", "window_days", "known", "value", "unit", "numerator", "denominator", "low", "high",
    "confidence", "source",
]  # fmt: skip
STEP_COLUMNS = [
    "limit_id", "metric", "window_days", "from_value", "from_orders", "numerator", "denominator", "rate", "reached",
    "more", "points", "effect", "confidence", "source",
]  # fmt: skip


@dataclass(frozen=True)
class ScoreRead:
    """One score of the market, what the user read of it, and how far that is from its next step (None: not known).

    `delivered` are the orders that count towards the number from which on the score is given.
    """

    score: Score
    value: float | None
    step: Step | None
    away: float | None
    delivered: int | None


@dataclass(frozen=True)
class PlatformStanding:
    """What the platform scores and what is known of it.

    `measures` has a row a part of a score (`MEASURE_COLUMNS`; `known` is one of `KNOWN`), `steps` a row a step of the
    limits on seller-fault cancellations (`STEP_COLUMNS`): from which rate (or number of orders) on, `more`
    cancellations of the orders that there are (0: reached), violation points (NaN: none are known), the effect.
    `points_now` are the points for what the rates are now, which the account may show already.
    """

    scores: tuple[ScoreRead, ...]
    measures: pd.DataFrame
    steps: pd.DataFrame
    points_now: int
    read_on: date | None
    nameless: bool

    @property
    def next_step(self) -> pd.Series | None:
        """The step that the fewest more cancellations lead to; None where all are reached, or there is none."""
        left = self.steps[self.steps["more"] > 0]
        return None if left.empty else left.iloc[int(left["more"].to_numpy().argmin())]


def platform_standing(
    cube: Cube | DailySums,
    facts: pd.DataFrame,
    returns: pd.DataFrame | None,
    standings: Sequence[Standing],
    shop: ShopSettings,
    as_of: date,
    *,
    untellable: Collection[str] = (),
) -> PlatformStanding:
    """The standing at the end of `as_of` from order facts, RETURNS and the shop's `standings` (`judge`).

    `untellable` are the rates that the shop's files cannot tell. Another platform's shop has no such score.
    """
    known = () if shop.mapping is not None else scores(shop.market)
    typed = dict(shop.standing)
    day = typed.pop("read_on", None)
    sums = DailySums.of(cube)
    rows = [
        _measure(score, measure, sums, returns, typed, shop, as_of, untellable)
        for score in known
        for measure in score.measures
    ]
    measures = pd.DataFrame(rows, columns=MEASURE_COLUMNS)
    figures = ["value", "numerator", "denominator", "low", "high"]
    measures = measures.astype({**dict.fromkeys(figures, "float64"), "window_days": "Int64"})
    rules = () if shop.mapping is not None else points_rules(shop.market, as_of)
    mine = [each for each in standings if each.limit.metric == FAULT and _acts(each)]
    return PlatformStanding(
        scores=tuple(_read(score, typed.get(score.name), facts, as_of) for score in known),
        measures=measures,
        steps=_steps(mine, rules),
        points_now=_points_now([each for each in standings if _acts(each)], rules),
        read_on=date.fromisoformat(str(day)) if day else None,
        nameless=any(each.nameless for each in mine),
    )


def _acts(standing: Standing) -> bool:
    """Whether the platform acts at this limit: one that gives the verdict, or an official one beside it."""
    limit = standing.limit
    return limit.force == "enforced" and (standing.gives_verdict or limit.pack == OFFICIAL)


def _read(score: Score, value: float | str | None, facts: pd.DataFrame, as_of: date) -> ScoreRead:
    delivered = None
    if score.least_delivered is not None and score.least_days is not None:
        placed = are_within(facts["created_date"], as_of, score.least_days)
        delivered = int(facts["delivered"].to_numpy()[placed].sum())
    if value is None:
        return ScoreRead(score, None, None, None, delivered)
    figure = float(value)
    step = score.next_step(figure)
    return ScoreRead(score, figure, step, None if step is None else abs(figure - step.value), delivered)


def _measure(
    score: Score,
    measure: Measure,
    sums: DailySums,
    returns: pd.DataFrame | None,
    typed: dict[str, float | str],
    shop: ShopSettings,
    as_of: date,
    untellable: Collection[str],
) -> dict[str, object]:
    """One part of a score: from the files where they tell it, else as the user read it, else missing."""
    row: dict[str, object] = {
        "score": score.name, "measure": measure.name, "rate": measure.rate, "window_days": measure.window_days,
        "known": "missing", "unit": measure.unit, "confidence": measure.confidence, "source": measure.source,
    }  # fmt: skip
    if measure.typed in typed:
        return {**row, "known": "typed", "value": float(typed[measure.typed])}
    if measure.knows == "whole" and measure.rate not in untellable and measure.window_days is not None:
        found = _rate(sums, measure.rate, measure.window_days, shop, as_of)
        if found["denominator"] > 0:
            return {**row, "known": "files", **found}
    if measure.knows == "part" and returns is not None:
        hours, answered, asked = handling_hours(returns, as_of)
        if answered:
            return {**row, "known": "part", "value": hours, "numerator": answered, "denominator": asked}
    return row


def _rate(sums: DailySums, metric: str, window: int, shop: ShopSettings, as_of: date) -> dict[str, float]:
    """The rate as the market's own page counts it, where one does; else by its general definition."""
    own: Limit | None = next(
        (one for one in limits(shop.market, as_of) if one.metric == metric and one.pack == OFFICIAL), None
    )
    more = {} if own is None else {"denominator": own.denominator, "fbt_out": own.fbt_out}
    figures = rate_figures(sums, metric, window, [as_of], shop=shop, **more)  # type: ignore[arg-type]
    said = {"value": "rate", **{name: name for name in ("numerator", "denominator", "low", "high")}}
    return {name: float(figures[source][0]) for name, source in said.items()}


def handling_hours(returns: pd.DataFrame, as_of: date, days: int = HANDLING_DAYS) -> tuple[float, int, int]:
    """The median hours from a return's request to its refund, of how many refunded, of how many asked for.

    Requests of the last `days` days in RETURNS; a request in several lines is one, refunded with its last. It is a
    part of what the platform measures: when the seller answered is in no export.
    """
    asked = within(returns[["return_id", "requested_at", "refunded_at"]], "requested_at", as_of, days)
    by_request = asked.groupby("return_id").agg(
        asked=("requested_at", "min"), paid=("refunded_at", lambda times: times.max(skipna=False))
    )
    hours = (by_request["paid"] - by_request["asked"]).dt.total_seconds() / 3600
    hours = hours[hours >= 0]
    return (float(np.median(hours)) if len(hours) else float("nan")), len(hours), len(by_request)


def _points_now(standings: Sequence[Standing], rules: Sequence[PointsRule]) -> int:
    return sum(
        _points(each.limit.metric, each.rate, each.numerator, rules) or 0
        for each in standings
        if each.standing == "over"
    )


def _points(metric: str, rate: float, numerator: float, rules: Sequence[PointsRule]) -> int | None:
    """The points for a rate, of the highest rule that it reaches; None where no rule gives any."""
    reached = [rule for rule in rules if rule.metric == metric and rate >= rule.from_value]
    return max(reached, key=lambda rule: rule.from_value).at(numerator) if reached else None


def _steps(standings: Sequence[Standing], rules: Sequence[PointsRule]) -> pd.DataFrame:
    """Every step of the limits, lowest first; one of a number of orders (`from_orders`) after that of its rate."""
    rows = []
    for standing in standings:
        limit, count, total = standing.limit, int(standing.numerator), int(standing.denominator)
        if not total or total < limit.minimum_orders or limit.date_basis != "created":
            continue
        same = {
            "limit_id": limit.id, "metric": limit.metric, "window_days": limit.window_days, "numerator": count,
            "denominator": total, "rate": standing.rate, "confidence": limit.confidence, "source": limit.source,
        }  # fmt: skip
        for tier in limit.tiers:
            left = more_until(count, total, tier.value, strict=tier.comparison == "<")
            more = 0 if left is None else left + 1
            at = count + more
            rows.append(
                {
                    **same, "from_value": tier.value, "from_orders": 0, "reached": more == 0, "more": more,
                    "points": _points(limit.metric, max(tier.value, standing.rate if not more else 0), at, rules),
                    "effect": tier.effect_at(at),
                }
            )  # fmt: skip
            by_orders = max(more, tier.many_from - count) if tier.many_from else 0
            # From so many orders on the same rate costs more; a window of fewer never gets there.
            if tier is limit.tiers[0] and more < by_orders <= total - count:
                rows.append(
                    {
                        **same, "from_value": tier.value, "from_orders": tier.many_from, "reached": False,
                        "more": by_orders, "effect": tier.effect_many,
                        "points": _points(limit.metric, tier.value, count + by_orders, rules),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows, columns=STEP_COLUMNS).astype({"points": "float64", "more": "int64"})
