"""The first screen's four tiles: each a figure with its limit, its interval, its last weeks, and how it changed."""

from __future__ import annotations

import math

import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing, worst
from cancel_analysis.benchmarks.recent import MONTH, WEEKS, recent_weeks
from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.words import Words
from cancel_analysis.diagnosis.sales_lost import SalesLost, sales_lost
from cancel_analysis.exhibits.kinds import Tile, Tiles
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.rates.breakdown import LEAST_VALUED
from cancel_analysis.rates.still_to_come import Together
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study, only

FAULT, ORDERS, TOTAL, RETURNS = (
    "seller_fault_cancellation_rate", "order_cancellation_rate", "total_cancellation_rate", "return_rate",
)  # fmt: skip
# Deliveries of so many weeks give the return rate: a week alone is a handful of orders.
DELIVERED_WEEKS = 4
# A figure that no limit judges has neither shape nor colour.
NEUTRAL = ""
# An interval of fewer orders spans nearly everything.
LEAST_ORDERS = 10
# From a tenth of a point on, rows that no rate counts are told on the first page.
LEAST_BIAS = 0.001


def tiles(study: Study, language: str = "") -> Tiles:
    """Seller-fault rate, order or total cancellation rate, return rate in the end, sales lost."""
    voice = speaker(study, language)
    found = (
        _rate_tile(study, FAULT, voice),
        _rate_tile(study, ORDERS if study.names_initiators else TOTAL, voice),
        _returns_tile(study, voice),
        _sales_tile(study, voice),
    )
    columns = ("name", "label", "number", "low", "high", "status", "tone", "detail", "change")
    frame = pd.DataFrame([{name: getattr(tile, name) for name in columns} for tile in found])
    weeks = pd.DataFrame([list(tile.weeks) + [None] * (WEEKS - len(tile.weeks)) for tile in found], dtype="float64")
    weeks.columns = pd.Index([f"week_{WEEKS - 1 - number}_before" for number in range(weeks.shape[1])])
    return Tiles("tiles", found, pd.concat([frame, weeks], axis=1))


def _standing(study: Study, metric: str) -> Standing | None:
    """The limit that the tile shows: the worst of those that give a verdict, else one for orientation."""
    mine = [standing for standing in study.judgement.standings if standing.limit.metric == metric]
    return worst([each for each in mine if each.gives_verdict]) or worst(mine)


def deciding_tile(study: Study, voice: Speaker) -> Tile | None:
    """The rate that decides the verdict, against the limit by which it does; None where no limit gives one."""
    deciding = study.judgement.deciding
    return None if deciding is None else _tile_of(study, deciding.limit.metric, deciding, voice)


def _rate_tile(study: Study, metric: str, voice: Speaker) -> Tile:
    return _tile_of(study, metric, _standing(study, metric), voice)


def _tile_of(study: Study, metric: str, standing: Standing | None, voice: Speaker) -> Tile:
    text, numbers = voice.words, voice.numbers
    label = rate_label(metric, text)
    limit = standing.limit if standing else None
    weeks = recent_weeks(study.daily_sums, study.facts, metric, study.shop, study.as_of, limit=limit)
    now = weeks.iloc[-1]
    if metric in study.untellable_rates:
        return _unknown(metric, label, text("tile.why.no_initiators"), text)
    if not now["denominator"] > 0:
        return _unknown(metric, label, text("tile.why.no_orders", days=limit.window_days if limit else MONTH), text)
    # Cancellations that are in no rate may belong to these orders: the rate is one at least, and 0 is none at all.
    at_least = metric.endswith("cancellation_rate") and lacks_cancellations(study)
    if at_least and not now["numerator"] > 0:
        return _unknown(metric, label, text("tile.why.left_out"), text)
    days = limit.window_days if limit else MONTH
    low, high = (standing.low, standing.high) if standing else _own_interval(study, metric)
    rate, total = float(now["rate"]), float(now["denominator"])
    few = total < LEAST_ORDERS or at_least
    status, tone = _status(standing, voice)
    limits = _limits(study, metric, voice)
    range_said = "" if few or math.isnan(low) else text("tile.range", span=numbers.span(low, high))
    value = numbers.percent(rate) if limit is None else numbers.percent_apart(rate, limit.value)
    value = f"≥ {value}" if at_least else value
    return Tile(
        name=metric,
        label=label,
        value=value,
        status=status,
        tone=tone,
        detail=text(
            "tile.orders",
            count=numbers.count(now["numerator"]),
            total=numbers.count(total),
            days=days,
            day=numbers.short_day(study.as_of),
        ),
        change=_change(rate, weeks["rate"].iloc[-2], voice),
        range=range_said,
        number=rate,
        low=None if few or math.isnan(low) else low,
        high=None if few or math.isnan(high) else high,
        limits=limits,
        weeks=_values(weeks["rate"]),
        weeks_limit=limit.value if limit else None,
        bar_label=text("tile.bar", value=value, limits=text.parts(said for _, said in limits) or text("tile.no_limit")),
        weeks_label=_weeks_label(_values(weeks["rate"]), voice),
    )


def lacks_cancellations(study: Study) -> bool:
    """Whether so many rows of cancellations are in no rate that these are told as too low."""
    return study.intake.orders.account.bias.too_low_by >= LEAST_BIAS


def _own_interval(study: Study, metric: str) -> tuple[float, float]:
    rates = study.rates
    own = rates[(rates["metric"] == metric) & (rates["basis"] == "created") & (rates["window"] == max(WINDOWS))].iloc[0]
    return float(own["low"]), float(own["high"])


def _status(standing: Standing | None, voice: Speaker) -> tuple[str, str]:
    """The word and the tone of a limit's standing; of one for orientation without the colour of a verdict."""
    text = voice.words
    if standing is None:
        return text("tile.status.none"), NEUTRAL
    limit = voice.numbers.limit(standing.limit.value)
    if not standing.gives_verdict:
        return text(f"tile.status.advisory_{standing.standing}", limit=limit), NEUTRAL
    if standing.limit.force == "target" and standing.standing == "over":
        return text("tile.status.target", limit=limit), "watch"
    if standing.standing == "under" and standing.verdict == "cannot_tell":
        # Within the limit as counted is a fact; whether it says enough is another.
        return text("tile.status.under_unsure", limit=limit), standing.verdict
    return text(f"tile.status.{standing.standing}", limit=limit), standing.verdict


def _limits(study: Study, metric: str, voice: Speaker) -> tuple[tuple[float, str], ...]:
    """The limits of one rate as the bar shows them: those that give a verdict, else those for orientation."""
    mine = [each for each in study.judgement.standings if each.limit.metric == metric and each.limit.value is not None]
    shown = [each for each in mine if each.gives_verdict] or mine
    said: dict[float, str] = {}
    for each in sorted(shown, key=lambda one: one.limit.force == "target"):
        assert each.limit.value is not None
        force = each.limit.force if each.gives_verdict else "advisory"
        value = voice.numbers.limit(each.limit.value)
        said.setdefault(each.limit.value, voice.words(f"tile.limit.{force}", limit=value))
    return tuple(said.items())


def _returns_tile(study: Study, voice: Speaker) -> Tile:
    text, numbers, found = voice.words, voice.numbers, study.returns_to_come
    label = text("tile.returns")
    if not study.knows_returns or not found.can_say:
        reason = found.reason or "no_file"
        return _unknown(RETURNS, label, text(f"tile.why.returns_{reason}"), text)
    place = range(len(found.weeks))
    lately = found.together([week >= len(found.weeks) - DELIVERED_WEEKS for week in place])
    if lately is None or not lately.orders:
        return _unknown(RETURNS, label, text("tile.why.returns_few_events"), text)
    before = found.together([-2 * DELIVERED_WEEKS <= week - len(found.weeks) < -DELIVERED_WEEKS for week in place])
    rate, low, high = (_share(part, lately) for part in (lately.expected, lately.low_95, lately.high_95))
    standing = _standing(study, RETURNS)
    status, tone = _status(standing, voice)
    weeks = _values(found.weeks["rate_expected"].tail(WEEKS))
    limits = _limits(study, RETURNS, voice)
    value = numbers.percent(rate)
    earlier = _share(before.expected, before) if before is not None and before.orders else math.nan
    return Tile(
        name=RETURNS,
        label=label,
        value=value,
        status=status,
        tone=tone,
        detail=text(
            "tile.delivered",
            seen=numbers.count(lately.seen),
            orders=numbers.count(lately.orders),
            expected=numbers.count(lately.expected),
            weeks=lately.weeks,
        ),
        change=_change(rate, earlier, voice, weeks=DELIVERED_WEEKS),
        range="" if math.isnan(low) else text("tile.range", span=numbers.span(low, high)),
        number=rate,
        low=None if math.isnan(low) else low,
        high=None if math.isnan(high) else high,
        limits=limits,
        weeks=weeks,
        weeks_limit=standing.limit.value if standing else None,
        bar_label=text("tile.bar", value=value, limits=text.parts(said for _, said in limits) or text("tile.no_limit")),
        weeks_label=_weeks_label(weeks, voice),
    )


def _share(part: float, of: Together) -> float:
    return part / of.orders


def _sales_tile(study: Study, voice: Speaker) -> Tile:
    text, numbers = voice.words, voice.numbers
    label = text("tile.sales")
    found = _lost(study)
    if not found.known:
        some = text("tile.why.few_values", share=numbers.percent(LEAST_VALUED, 0))
        return _unknown("sales_lost", label, some if found.valued > 0 else text("tile.why.no_values"), text)

    def about(value: float) -> str:
        return numbers.about(value, study.shop.currency)

    few = found.orders < LEAST_ORDERS
    share = numbers.percent(found.share)
    weeks = _values(pd.Series(found.weeks, dtype="float64"))
    return Tile(
        name="sales_lost",
        label=label,
        value=about(found.amount),
        status=text("tile.share", share=share) if found.sales > 0 else text("tile.status.none"),
        tone=NEUTRAL,
        detail=voice.say("tile.lost", found.orders, days=found.days, day=numbers.short_day(study.as_of)),
        change="" if math.isnan(found.before) else text("tile.before", amount=about(found.before), days=found.days),
        range=""
        if few
        else text("tile.range_money", span=numbers.about_span(found.low, found.high, study.shop.currency)),
        number=found.amount,
        low=None if few else found.low,
        high=None if few else found.high,
        weeks=weeks,
        weeks_label=text("tile.weeks", count=len(weeks), first=about(weeks[0] or 0.0), last=about(weeks[-1] or 0.0))
        if weeks and weeks[0] is not None and weeks[-1] is not None
        else text("tile.weeks_short"),
    )


def _lost(study: Study) -> SalesLost:
    orders, items = (only(frame, study.category, study.product) for frame in (study.orders, study.items))
    return sales_lost(orders, items, study.shop.currency, study.as_of, study.period_days, WEEKS)


def _unknown(name: str, label: str, why: str, text: Words) -> Tile:
    return Tile(name, label, text("tile.unknown"), text("tile.status.unknown"), "cannot_tell", why)


def _change(now: float, before: float, voice: Speaker, weeks: int = 1) -> str:
    """The change against the week (or weeks) before, in percentage points; nothing where one side is missing."""
    if math.isnan(now) or pd.isna(before):
        return ""
    points = round(100 * (now - before), 1)
    key = "same" if not points else "up" if points > 0 else "down"
    return voice.say(f"tile.change.{key}", weeks, points=voice.numbers.decimal(abs(points)))


def _values(series: pd.Series) -> tuple[float | None, ...]:
    return tuple(None if pd.isna(value) else float(value) for value in series)


def _weeks_label(weeks: tuple[float | None, ...], voice: Speaker) -> str:
    known = [week for week in weeks if week is not None]
    if len(known) < 2:
        return voice.words("tile.weeks_short")
    percent = voice.numbers.percent
    return voice.words("tile.weeks", count=len(weeks), first=percent(known[0]), last=percent(known[-1]))
