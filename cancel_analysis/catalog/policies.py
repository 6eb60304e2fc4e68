"""Limits, deadlines, cost facts and reference lines: dated, per market, each with how sure it is.

The numbers stand in ``data/{limits,deadlines,cost_facts,reference_lines}.csv``, which are there to be
edited; this module reads and checks them. By default only official limits give a verdict; another
pack does when the shop's setting `limits` names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from cancel_analysis.catalog import csv_files
from cancel_analysis.catalog.markets import market as find_market
from cancel_analysis.catalog.markets import markets
from cancel_analysis.catalog.own_limits import COMPARISONS as COMPARISONS
from cancel_analysis.catalog.own_limits import CONFIDENCES as CONFIDENCES
from cancel_analysis.catalog.own_limits import EVERY_MARKET, own_rows
from cancel_analysis.catalog.own_limits import FORCES as FORCES

OFFICIAL = "official"
DEADLINE_UNITS = ("hours", "calendar_days", "business_days")


@dataclass(frozen=True)
class Tier:
    """One step of a limit: from `value` on the platform does what `effect` says."""

    value: float
    comparison: str
    effect: str

    def passed(self, numerator: float, denominator: float) -> bool:
        """Whether a rate is past this step. Exact: 25 of 1,000 is not over "<= 2.5 %"."""
        bound = Fraction(str(self.value)) * Fraction(denominator)
        return bool(Fraction(numerator) > bound if self.comparison == "<=" else Fraction(numerator) >= bound)


@dataclass(frozen=True)
class Limit:
    """One limit of one market, with the window, denominator and date basis that are its own.

    `comparison` and `value` say what is allowed ("<= 0.025": at most 2.5 %) and are those of the
    first of `tiers`; what is only a target is a limit of its own. References have `tiers` empty;
    their `value` may be None, and `value_low` is the lower end where the reference is a range.
    `valid_from` and `valid_to` (both inclusive) are None where the source gives no date.
    """

    id: str
    pack: str
    market: str
    metric: str
    window_days: int
    comparison: str
    value: float | None
    minimum_orders: int
    denominator: str
    date_basis: str
    effect: str
    source: str
    valid_from: date | None
    valid_to: date | None
    confidence: str
    scope: str
    force: str
    tiers: tuple[Tier, ...] = ()
    value_low: float | None = None
    note: str = ""

    def in_force(self, on: date) -> bool:
        return _in_force(self.valid_from, self.valid_to, on)

    def tier_reached(self, numerator: float, denominator: float) -> Tier | None:
        """The highest step that a rate is past, None when it is within the limit."""
        passed = [tier for tier in self.tiers if tier.passed(numerator, denominator)]
        return passed[-1] if passed else None


@dataclass(frozen=True)
class Deadline:
    """One deadline of one market; `variant` tells several of one rule apart ('' is the ordinary one)."""

    market: str
    rule: str
    variant: str
    value: float
    unit: str
    confidence: str
    valid_from: date | None
    valid_to: date | None
    source: str
    note: str

    def in_force(self, on: date) -> bool:
        return _in_force(self.valid_from, self.valid_to, on)


@dataclass(frozen=True)
class CostFact:
    """What a cancellation costs besides the sale; `value` None is a rate that only the shop knows."""

    id: str
    label: str
    value: float | None
    unit: str
    confidence: str
    source: str
    valid_from: date | None
    note: str


@dataclass(frozen=True)
class ReferenceLine:
    """A figure of others to hold beside one's own, never a finding about this shop.

    `kind`: cohort, cause, platform or setting; `value_high` is the upper end where there is a range.
    """

    id: str
    kind: str
    platform: str
    market: str
    metric: str
    window: str
    comparison: str
    value: float
    value_high: float | None
    unit: str
    text: str
    confidence: str
    source: str
    valid_from: date | None


def limits(market: str, on: date, *, cross_border: bool = False) -> tuple[Limit, ...]:
    """Every limit and reference of `market` in force on that day, the surest first.

    Limits for cross-border shops are in only when asked for. SettingsError for an unknown market.
    """
    code = find_market(market).code
    found = [
        limit
        for limit in all_limits()
        if limit.market == code and limit.in_force(on) and (cross_border or limit.pack != "cross_border")
    ]
    return tuple(sorted(found, key=lambda limit: CONFIDENCES.index(limit.confidence)))


def packs(market: str) -> tuple[str, ...]:
    """The packs that can give a verdict in `market`: 'official' always, it may be empty."""
    found = {limit.pack: None for limit in all_limits() if limit.market == market and limit.force != "reference"}
    return tuple({OFFICIAL: None, **found})


def deadlines(market: str, rule: str) -> tuple[Deadline, ...]:
    """All deadlines of a rule for a market: its own before those of every market, the surest first."""
    code = find_market(market).code
    found = [one for one in all_deadlines() if one.rule == rule and one.market in (code, EVERY_MARKET)]
    return tuple(sorted(found, key=lambda one: (one.market == EVERY_MARKET, CONFIDENCES.index(one.confidence))))


def deadline(market: str, rule: str, on: date, variant: str = "") -> Deadline | None:
    """The one deadline of a rule in force on that day, None when the catalog knows none."""
    for one in deadlines(market, rule):
        if one.variant == variant and one.in_force(on):
            return one
    return None


def dispatch_deadlines(market: str) -> tuple[Deadline, ...]:
    """The deadlines by which an order must be ready to ship, over time.

    Unverified ones are left out: nobody is called late on a trade article's word.
    """
    return tuple(one for one in deadlines(market, "ready_to_ship") if one.confidence != "unverified")


@cache
def all_limits() -> tuple[Limit, ...]:
    """Every limit of the catalog, one a market, its tiers put together."""
    return _grouped(csv_files.rows("limits"))


def own_limits(path: Path) -> tuple[Limit, ...]:
    """The limits of a user's file in the columns of the catalog's ``limits.csv``; the file is one pack.

    Raises SettingsError that names the line and the column of what cannot be used.
    """
    return _grouped(own_rows(path))


def _grouped(rows: list[dict[str, str]]) -> tuple[Limit, ...]:
    groups: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in rows:
        for code in _markets(row["markets"]):
            groups.setdefault((row["pack"], code, row["id"]), []).append(row)
    return tuple(_limit(code, sorted(rows, key=lambda row: int(row["tier"]))) for (_, code, _), rows in groups.items())


@cache
def all_deadlines() -> tuple[Deadline, ...]:
    """Every deadline of the catalog; those of every market have market '*'."""
    return tuple(
        Deadline(
            market=code,
            rule=row["rule"],
            variant=row["variant"],
            value=float(row["value"]),
            unit=row["unit"],
            confidence=row["confidence"],
            valid_from=_date(row["valid_from"]),
            valid_to=_date(row["valid_to"]),
            source=row["source"],
            note=row["note"],
        )
        for row in csv_files.rows("deadlines")
        for code in row["markets"].split(";")
    )


@cache
def cost_facts() -> tuple[CostFact, ...]:
    """What is known about the costs of a cancellation besides the sale."""
    return tuple(
        CostFact(
            id=row["id"],
            label=row["label"],
            value=_number(row["value"]),
            unit=row["unit"],
            confidence=row["confidence"],
            source=row["source"],
            valid_from=_date(row["valid_from"]),
            note=row["note"],
        )
        for row in csv_files.rows("cost_facts")
    )


@cache
def reference_lines(kind: str | None = None) -> tuple[ReferenceLine, ...]:
    """Figures of others; all of them, or those of one kind (cohort, cause, platform, setting)."""
    return tuple(
        ReferenceLine(
            id=row["id"],
            kind=row["kind"],
            platform=row["platform"],
            market=row["market"],
            metric=row["metric"],
            window=row["window"],
            comparison=row["comparison"],
            value=float(row["value"]),
            value_high=_number(row["value_high"]),
            unit=row["unit"],
            text=row["text"],
            confidence=row["confidence"],
            source=row["source"],
            valid_from=_date(row["valid_from"]),
        )
        for row in csv_files.rows("reference_lines")
        if kind in (None, row["kind"])
    )


def _limit(code: str, rows: list[dict[str, str]]) -> Limit:
    first = rows[0]
    tiers = tuple(
        Tier(float(row["value"]), row["comparison"], row["effect"]) for row in rows if row["force"] != "reference"
    )
    return Limit(
        id=f"{code.lower()}_{first['pack']}_{first['id']}",
        pack=first["pack"],
        market=code,
        metric=first["metric"],
        window_days=int(first["window_days"]),
        comparison=first["comparison"],
        value=_number(first["value"]),
        minimum_orders=int(first["minimum_orders"]),
        denominator=first["denominator"],
        date_basis=first["date_basis"],
        effect=first["effect"],
        source=first["source"],
        valid_from=_date(first["valid_from"]),
        valid_to=_date(first["valid_to"]),
        confidence=first["confidence"],
        scope=first["scope"],
        force=first["force"],
        tiers=tiers,
        value_low=_number(first["value_low"]),
        note=first["note"],
    )


def _markets(text: str) -> Iterable[str]:
    return markets() if text == EVERY_MARKET else text.split(";")


def _number(text: str) -> float | None:
    return float(text) if text else None


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _in_force(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    return (valid_from is None or valid_from <= on) and (valid_to is None or on <= valid_to)
