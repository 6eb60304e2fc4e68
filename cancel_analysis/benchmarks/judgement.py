"""A shop's figures against dated limits: the standing, the signal and the verdict of each, and of the shop.

The standing is the plain fact the platform acts on; the signal says what the figures tell about the
underlying rate; the verdict is the report's one word from both. Words and rules: ``docs/methods.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from cancel_analysis.benchmarks.of_shop import advisory_limits, references, verdict_limits
from cancel_analysis.benchmarks.outlook import Outlook, outlook_of
from cancel_analysis.catalog.policies import Limit, Tier
from cancel_analysis.catalog.rates import BY_PLATFORM, MEASURES, NEED_INITIATORS, find_rate, so_far
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.inference import orders_to_settle
from cancel_analysis.rates.breakdown import are_within
from cancel_analysis.rates.cube import rate_figures
from cancel_analysis.rates.sums import Cube, DailySums
from cancel_analysis.rates.untold import unnamed

if TYPE_CHECKING:
    from cancel_analysis.catalog.rates import Columns

STANDINGS = ("over", "near", "under", "not_counted")
# Worst first.
VERDICTS = ("breach", "watch", "cannot_tell", "ok")
# Why the shop's verdict is what it is, where no limit says so.
REASONS = {
    "limits": "The limits below decide.",
    "no_limits": "No limit of this pack is known for this market on this day.",
    "no_orders": "No order falls into the window of any limit.",
}

STANDING_COLUMNS = [
    "limit_id", "gives_verdict", "pack", "market", "metric", "window_days", "days", "date_basis", "so_far", "nameless",
    "denominator_of", "numerator", "denominator", "rate", "low", "high", "comparison", "limit", "minimum_orders",
    "standing", "signal", "verdict", "may_be_luck", "tier_value", "force", "effect", "numerator_least", "rate_least",
    "verdict_least", "numerator_other", "rate_other", "verdict_other", "verdict_depends_on_reading", "orders_more",
    "crosses_at", "fewer", "back_on", "leaving", "leaving_total", "chance_7_days", "chance_7_days_least",
    "chance_7_days_other", "confidence", "scope", "source", "valid_from", "note", "assumptions", "cap",
]  # fmt: skip
OUTLOOK_COLUMNS = ["crosses_at", "fewer", "back_on", "leaving", "leaving_total"]
# Types that a frame of no row, or of limits without an outlook, would lose.
STANDING_TYPES = {
    **dict.fromkeys(("tier_value", "cap", "limit"), "float64"),
    **dict.fromkeys(("chance_7_days", "chance_7_days_least", "chance_7_days_other"), "float64"),
    "back_on": "datetime64[us]",
    **dict.fromkeys(("orders_more", "crosses_at", "fewer", "leaving", "leaving_total"), "Int64"),
}
REFERENCE_COLUMNS = [
    "limit_id", "pack", "metric", "window_days", "numerator", "denominator", "rate", "low", "high",
    "value_low", "value", "effect", "confidence", "source", "note",
]  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """One limit, the shop's figures in the limit's own window, and what they say.

    `rate` is NaN when nothing is below the line. `tier` is the highest step passed, None when not
    over; `effect` what the platform does there (the first step's when not over). The `_least` fields
    hold the reading that counts no doubtful order, the `_other` fields the one that counts all.
    `orders_more`: about how many more orders at the same rate would settle the signal, None when it is
    settled or never would be. `outlook`: what is left to the limit and how likely it is crossed within
    7 days, None where that cannot be counted. `nameless`: the files hardly say who cancelled, so the numerator is
    what is known at least, no signal says that the rate is below the limit, and what is left to it is not known.
    """

    limit: Limit
    as_of: date
    numerator: float
    denominator: float
    rate: float
    low: float
    high: float
    days: int
    standing: str
    signal: str
    verdict: str
    tier: Tier | None
    effect: str
    may_be_luck: bool
    numerator_least: float
    rate_least: float
    verdict_least: str
    numerator_other: float
    rate_other: float
    verdict_other: str
    orders_more: int | None
    gives_verdict: bool
    outlook: Outlook | None = None
    nameless: bool = False

    @property
    def verdict_depends_on_reading(self) -> bool:
        return {self.verdict_least, self.verdict_other} != {self.verdict}


@dataclass(frozen=True)
class Judgement:
    """The shop's one verdict, the standing that decides it, and all standings (advisory ones too).

    `deciding` is None when no limit gives a verdict; `reason` is a key of REASONS. `frame` has a row
    a standing; `references` a row a figure that is no limit, beside the shop's own.
    """

    verdict: str
    verdict_least: str
    verdict_other: str
    deciding: Standing | None
    standings: tuple[Standing, ...]
    reason: str
    frame: pd.DataFrame
    references: pd.DataFrame

    @property
    def verdict_depends_on_reading(self) -> bool:
        return {self.verdict_least, self.verdict_other} != {self.verdict}


def judge(cube: Cube | DailySums, shop: ShopSettings, as_of: date, facts: Columns | None = None) -> Judgement:
    """Hold the shop's figures at the end of `as_of` against the limits in force on that day.

    `facts` are the order facts behind the cube; without them no verdict knows what is likely next week.
    The worst verdict of the limits that give one is the shop's: breach, watch, cannot_tell, ok. A
    limit with nothing below its line says nothing and is passed over, unless all are like that. So is
    a target that cannot be told about: an aim can call for watching, it cannot take away an `ok`.
    Raises SettingsError when the shop's `limits` is no pack of its market.
    """
    sums = DailySums.of(cube)
    deciding_limits = verdict_limits(shop, as_of)
    standings = tuple(
        [stand(sums, limit, shop, as_of, gives_verdict=True, facts=facts) for limit in deciding_limits]
        + [stand(sums, limit, shop, as_of, gives_verdict=False) for limit in advisory_limits(shop, as_of)]
    )
    voting = [standing for standing in standings if standing.gives_verdict]
    heard = [standing for standing in voting if standing.denominator > 0]
    deciding = deciding_of(standings)

    def under(reading: str) -> str:
        judges = _judges(heard, reading) or voting
        return min((getattr(standing, reading) for standing in judges), key=VERDICTS.index, default="cannot_tell")

    reason = "limits" if heard else "no_orders" if voting else "no_limits"
    return Judgement(
        verdict=deciding.verdict if deciding else "cannot_tell",
        verdict_least=under("verdict_least"),
        verdict_other=under("verdict_other"),
        deciding=deciding,
        standings=standings,
        reason=reason,
        frame=standings_frame(standings),
        references=reference_frame(sums, shop, as_of),
    )


def deciding_of(standings: Sequence[Standing]) -> Standing | None:
    """The standing that gives the shop's verdict, as `judge` says; None where no limit gives one."""
    voting = [standing for standing in standings if standing.gives_verdict]
    return worst(_judges([standing for standing in voting if standing.denominator > 0], "verdict") or voting)


def _judges(heard: list[Standing], reading: str) -> list[Standing]:
    """Those heard without the targets that cannot tell, unless nothing else is left."""
    told = [
        standing
        for standing in heard
        if standing.limit.force != "target" or getattr(standing, reading) != "cannot_tell"
    ]
    return told or heard


def stand(
    sums: DailySums,
    limit: Limit,
    shop: ShopSettings,
    as_of: date,
    *,
    gives_verdict: bool,
    facts: Columns | None = None,
) -> Standing:
    """The shop's standing against one limit, in the limit's window, denominator and date basis."""
    figures = _figures(sums, limit, shop, as_of)
    count, total, rate = (float(figures[name]) for name in ("numerator", "denominator", "rate"))
    assert limit.value is not None  # references, which may have none, never come here
    nameless = limit.metric in NEED_INITIATORS and unnamed(sums)
    waits = so_far(limit.metric, limit.date_basis) or nameless

    def said(reading: str = "") -> str:
        # Returns, and those whom a file does not name, can only be added: what is above stays there, what is
        # below has yet to show it. With all who may be meant counted, nobody is left to be added.
        signal = str(figures[f"signal{reading}"])
        return "cannot_tell" if waits and signal != "above" and not (nameless and reading == "_other") else signal

    side = said()
    where, tier = standing_of(limit, count, total, shop.near_share)
    left = outlook_of(sums, facts, limit, as_of)

    def under(reading: str) -> str:
        standing, _ = standing_of(limit, float(figures[f"numerator{reading}"]), total, shop.near_share)
        likely = left is not None and left.likely(reading)
        return verdict_of(standing, said(reading), limit.force, likely=likely)

    # A weighted count varies like a plain one of fewer orders, each of this weight.
    weight = float(figures["weight"])
    unsettled = side == "cannot_tell" and total > 0 and rate <= weight and not waits
    needed = orders_to_settle(rate / weight, limit.value / weight) if unsettled else None
    return Standing(
        limit=limit,
        as_of=as_of,
        numerator=count,
        denominator=total,
        rate=rate,
        low=float(figures["low"]),
        high=float(figures["high"]),
        days=int(figures["days"]),
        standing=where,
        signal=side,
        verdict=verdict_of(where, side, limit.force, likely=left is not None and left.likely()),
        tier=tier,
        effect=tier.effect_at(count) if tier else limit.effect,
        may_be_luck=where == "over" and side != "above",
        numerator_least=float(figures["numerator_least"]),
        rate_least=float(figures["rate_least"]),
        verdict_least=under("_least"),
        numerator_other=float(figures["numerator_other"]),
        rate_other=float(figures["rate_other"]),
        verdict_other=under("_other"),
        orders_more=None if needed is None else max(int(needed - total), 0),
        gives_verdict=gives_verdict,
        # Of what is known at least, nobody can say how many more are left to the limit.
        outlook=None if nameless and where != "over" else left,
        nameless=nameless,
    )


def standing_of(limit: Limit, numerator: float, denominator: float, near_share: float) -> tuple[str, Tier | None]:
    """The standing and, when over, the highest step passed. `near` is from `near_share` of the limit on.

    Exact: counts are compared with the limit's decimal value, not with a rounded quotient.
    """
    if denominator <= 0 or denominator < limit.minimum_orders:
        return "not_counted", None
    tier = limit.tier_reached(numerator, denominator)
    if tier is not None:
        return "over", tier
    near = Fraction(str(near_share)) * Fraction(str(limit.value)) * Fraction(denominator)
    return ("near" if Fraction(numerator) >= near else "under"), None


def orders_counted(facts: pd.DataFrame, limit: Limit, as_of: date) -> pd.DataFrame:
    """The order facts of the orders that `limit`, by order date, counts above its line in its window up to `as_of`."""
    counted = are_within(facts["created_date"], as_of, limit.window_days)
    counted &= MEASURES[find_rate(limit.metric).numerator].counted(facts) > 0
    if limit.fbt_out[0]:
        counted &= ~facts[BY_PLATFORM].to_numpy(dtype=bool)
    return facts[counted]


def verdict_of(standing: str, signal: str, force: str, *, likely: bool = False) -> str:
    """One word from standing, signal, and whether the limit is likely to be crossed within 7 days.

    Over a limit is a breach, luck or not, because the platform acts on the count; over what is only
    its target is for watching, because there it does not act; being near a target, or on the way to it,
    is meeting it. A limit that does not count yet (too few orders) still lets the signal speak.
    """
    if standing == "over":
        return "watch" if force == "target" else "breach"
    if signal == "above" or (force != "target" and (standing == "near" or likely)):
        return "watch"
    return "ok" if signal == "below" else "cannot_tell"


def worst(standings: Sequence[Standing]) -> Standing | None:
    """The standing that decides: the worst verdict, enforced before targets, the rate highest for its limit."""
    if not standings:
        return None

    def rank(standing: Standing) -> tuple[int, bool, float]:
        closeness = standing.rate / (standing.limit.value or 1.0) if standing.denominator else -1.0
        return VERDICTS.index(standing.verdict), standing.limit.force == "target", -closeness

    return min(standings, key=rank)


def standings_frame(standings: Sequence[Standing]) -> pd.DataFrame:
    """A row a standing, for tables, charts and files."""
    rows = [
        {**_of_limit(standing.limit), **_of_figures(standing), **_of_outlook(standing.outlook)}
        for standing in standings
    ]
    return _typed(rows, STANDING_COLUMNS, STANDING_TYPES)


def _typed(rows: list[dict[str, Any]], columns: Sequence[str], types: Mapping[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[name for name in columns if name not in types])
    for place, name in enumerate(columns):
        if name in types:
            frame.insert(place, name, pd.Series([row.get(name) for row in rows], index=frame.index, dtype=types[name]))
    return frame


def _of_limit(limit: Limit) -> dict[str, Any]:
    """What a row of `standings_frame` says of the limit itself."""
    return {
        "limit_id": limit.id,
        "pack": limit.pack,
        "market": limit.market,
        "metric": limit.metric,
        "window_days": limit.window_days,
        "date_basis": limit.date_basis,
        "so_far": so_far(limit.metric, limit.date_basis),
        "denominator_of": limit.denominator,
        "comparison": limit.comparison,
        "limit": limit.value,
        "minimum_orders": limit.minimum_orders,
        "force": limit.force,
        "confidence": limit.confidence,
        "assumptions": ";".join(limit.assumptions),
        "scope": limit.scope,
        "source": limit.source,
        "valid_from": limit.valid_from,
        "note": limit.note,
    }


def _of_figures(standing: Standing) -> dict[str, Any]:
    """What it says of the shop's figures against that limit: the fields of `Standing` that have their own column."""
    shared = [name for name in STANDING_COLUMNS if name in Standing.__dataclass_fields__ and name != "limit"]
    return {
        **{name: getattr(standing, name) for name in shared},
        "tier_value": standing.tier.value if standing.tier else None,
        "cap": standing.tier.cap if standing.tier else None,
        "verdict_depends_on_reading": standing.verdict_depends_on_reading,
    }


def _of_outlook(left: Outlook | None) -> dict[str, Any]:
    """What it says of the days to come; nothing where that cannot be counted."""
    if left is None:
        return {}
    return {
        **{name: getattr(left, name) for name in OUTLOOK_COLUMNS},
        "chance_7_days": left.chance,
        "chance_7_days_least": left.chance_least,
        "chance_7_days_other": left.chance_other,
    }


def reference_frame(sums: DailySums, shop: ShopSettings, as_of: date) -> pd.DataFrame:
    """The shop's figures beside those that are no limits: a row each, the reference's value may be empty."""
    rows: list[dict[str, Any]] = []
    for reference in references(shop, as_of):
        figures = _figures(sums, reference, shop, as_of)
        shared = [name for name in REFERENCE_COLUMNS if name in Limit.__dataclass_fields__]
        rows.append(
            {
                "limit_id": reference.id,
                **{name: getattr(reference, name) for name in shared},
                **{name: figures[name] for name in ("numerator", "denominator", "rate", "low", "high")},
            }
        )
    return _typed(rows, REFERENCE_COLUMNS, dict.fromkeys(("value_low", "value"), "float64"))


def _figures(sums: DailySums, limit: Limit, shop: ShopSettings, as_of: date) -> dict[str, Any]:
    figures = rate_figures(
        sums,
        limit.metric,
        limit.window_days,
        [as_of],
        basis=limit.date_basis,
        shop=shop,
        denominator=limit.denominator,
        limit=limit.value,
        fbt_out=limit.fbt_out,
    )
    return {name: values[0] for name, values in figures.items()}
