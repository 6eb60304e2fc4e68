"""The platform's own scores: of what each is made, what an export can tell of it, and where its steps lie.

Figures stand in ``data/scores.csv`` and ``data/score_measures.csv``, steps in ``data/reference_lines.csv`` (kind
`score`), what a rate beyond a limit costs in points in ``data/violation_points.csv``. A score is never computed here:
the platform shows it, and whoever wants it in a report types it into ``shops.yaml`` (`TYPED`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from cancel_analysis.catalog import csv_files
from cancel_analysis.catalog.own_limits import CONFIDENCES
from cancel_analysis.catalog.policies import reference_lines

# What an export tells of a measure: all of it, a part, nothing.
KNOWS = ("whole", "part", "no")
SCORES = ("shop_performance_score", "account_health_rating", "violation_points")
# What a seller reads in Seller Center and may type in, with the largest value that can be meant.
TYPED: dict[str, float] = {
    "shop_performance_score": 5,
    "account_health_rating": 1000,
    "violation_points": 1000,
    "negative_review_rate": 1,
    "on_time_delivery_rate": 1,
    "chat_dissatisfaction_rate": 1,
    "after_sales_hours": 10_000,
}


@dataclass(frozen=True)
class Measure:
    """One measure that a score is made of. `rate` is the package's own rate where an export tells it whole;
    `typed` the key under which the user may give it; `window_days` None where no source names it."""

    name: str
    window_days: int | None
    knows: str
    rate: str
    typed: str
    unit: str
    confidence: str
    source: str


@dataclass(frozen=True)
class Step:
    """A value of a score from which on something follows; `id` is that of its reference line."""

    id: str
    value: float
    confidence: str
    source: str


@dataclass(frozen=True)
class Score:
    """One score of a market. With `worse` `higher` a step is reached from below (points), with `lower` from above.

    `effect_known`: whether any source says what follows at its steps. It counts once `least_delivered` orders were
    delivered in `least_days` days, where a source says so. None: not known.
    """

    name: str
    low: float
    high: float | None
    start: float | None
    days: int | None
    least_delivered: int | None
    least_days: int | None
    worse: str
    effect_known: bool
    confidence: str
    source: str
    measures: tuple[Measure, ...]
    steps: tuple[Step, ...]

    def next_step(self, value: float) -> Step | None:
        """The nearest step that `value` has not reached; None where there is none, or none is known."""
        if self.worse == "higher":
            left = [step for step in self.steps if step.value > value]
            return min(left, key=lambda step: step.value, default=None)
        left = [step for step in self.steps if step.value < value]
        return max(left, key=lambda step: step.value, default=None)


@dataclass(frozen=True)
class PointsRule:
    """So many violation points for a rate at `from_value` or over it; `points_many` from `many_from` orders on."""

    metric: str
    from_value: float
    points: int
    many_from: int
    points_many: int
    confidence: str
    source: str

    def at(self, numerator: float) -> int:
        """The points for so many orders in the numerator."""
        return self.points_many if self.many_from and numerator >= self.many_from else self.points


@cache
def scores(market: str) -> tuple[Score, ...]:
    """The scores that are known for a market, in the order of `SCORES`; empty where none is."""
    found = [_score(row, market) for row in csv_files.rows("scores") if market in row["markets"].split(";")]
    return tuple(sorted(found, key=lambda score: SCORES.index(score.name)))


@cache
def points_rules(market: str, on: date) -> tuple[PointsRule, ...]:
    """What gives violation points in a market on that day."""
    found = []
    for row in csv_files.rows("violation_points"):
        begun = date.fromisoformat(row["valid_from"]) if row["valid_from"] else None
        if market not in row["markets"].split(";") or (begun is not None and on < begun):
            continue
        found.append(
            PointsRule(
                row["metric"], float(row["from_value"]), int(row["points"]), int(row["many_from"] or 0),
                int(row["points_many"] or 0), _confidence(row), row["source"],
            )
        )  # fmt: skip
    return tuple(found)


def _score(row: dict[str, str], market: str) -> Score:
    assert row["worse"] in ("higher", "lower")
    measures = [
        Measure(
            one["measure"], _whole(one["window_days"]), one["knows"], one["rate"], one["typed"], one["unit"],
            _confidence(one), one["source"],
        )
        for one in csv_files.rows("score_measures")
        if one["score"] == row["score"] and market in one["markets"].split(";")
    ]  # fmt: skip
    assert all(measure.knows in KNOWS for measure in measures)
    steps = [
        Step(line.id, line.value, line.confidence, line.source)
        for line in reference_lines("score")
        if line.metric == row["score"] and line.market == market and line.id != f"{market.lower()}_sps"
    ]
    return Score(
        row["score"], float(row["low"]), _number(row["high"]), _number(row["start"]), _whole(row["days"]),
        _whole(row["least_delivered"]), _whole(row["least_days"]), row["worse"], row["effect_known"] == "1",
        _confidence(row), row["source"], tuple(measures), tuple(steps),
    )  # fmt: skip


def _confidence(row: dict[str, str]) -> str:
    assert row["confidence"] in CONFIDENCES
    return row["confidence"]


def _number(text: str) -> float | None:
    return float(text) if text else None


def _whole(text: str) -> int | None:
    return int(text) if text else None
