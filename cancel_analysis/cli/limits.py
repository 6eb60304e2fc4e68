"""What the command `limits` says: which limits and deadlines hold in a market on a day, and how sure they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cancel_analysis.catalog.markets import market as find_market
from cancel_analysis.catalog.own_limits import UNKNOWN
from cancel_analysis.catalog.policies import Deadline, Limit, ReferenceLine, all_deadlines, limits, reference_lines
from cancel_analysis.catalog.rates import MEASURES, find_rate
from cancel_analysis.catalog.words import Words, words
from cancel_analysis.errors import SettingsError
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import sureness

EVERY_MARKET = "*"


@dataclass(frozen=True)
class Entry:
    """One rule as it is printed: its title, what it says line by line, and whether it should be looked at again."""

    title: str
    lines: tuple[str, ...]
    stale: bool = False


def read_day(text: str) -> date:
    """A day written YYYY-MM-DD; SettingsError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"--date must be a day such as 2026-11-15, not {text!r}") from error


def limits_in_force(market: str, on: date, *, cross_border: bool = False) -> list[Entry]:
    """The limits and references of a market on a day, the surest first. SettingsError for an unknown market."""
    text = words("en")
    return [_limit_entry(limit, on, text) for limit in limits(market, on, cross_border=cross_border)]


def deadlines_in_force(market: str, on: date) -> list[Entry]:
    """Its deadlines on that day by rule, its own before those of every market: the first of a rule is the one used."""
    code = find_market(market).code
    mine = [known for known in all_deadlines() if known.market in (code, EVERY_MARKET) and known.in_force(on)]
    rules = list(dict.fromkeys(known.rule for known in mine))
    mine.sort(key=lambda known: (rules.index(known.rule), known.market == EVERY_MARKET))
    return [_deadline_entry(known, on, words("en")) for known in mine]


def scores(market: str) -> list[Entry]:
    """The platform's own scores that no export tells whole."""
    code = find_market(market).code
    return [_score_entry(line, words("en")) for line in reference_lines("score") if line.market in (code, EVERY_MARKET)]


def _limit_entry(limit: Limit, on: date, text: Words) -> Entry:
    title = text("limits.title", rate=find_rate(limit.metric).label, force=text(f"force_of.{limit.force}"))
    sure = sureness(limit.confidence, limit.assumptions, limit.window_days, text)
    counted = text("limits.counted", days=limit.window_days, below=MEASURES[limit.denominator].about)
    lines = [counted, *_steps(limit, text), text(f"limits.event_{limit.event}") if limit.event else ""]
    lines += [_fbt(limit, text), limit.note, text("limits.scope", scope=limit.scope)]
    lines += [text("limits.sure", sure=sure, source=limit.source), _since(limit, text)]
    stale = limit.is_stale(on)
    lines.append(_checked(limit.checked, stale, text))
    return Entry(title, tuple(filter(None, lines)), stale)


def _steps(limit: Limit, text: Words) -> Iterator[str]:
    numbers = NumberFormats("en")
    if not limit.tiers:
        if limit.value is not None and limit.value_low is not None:
            low, high = numbers.percent(limit.value_low), numbers.percent(limit.value)
            yield text("limits.reference_range", low=low, high=high, effect=limit.effect)
        else:
            yield limit.effect
        return
    if limit.minimum_orders:
        yield text("limits.minimum", orders=numbers.count(limit.minimum_orders))
    for tier in limit.tiers:
        key = "step_from" if tier.comparison == "<" else "step_over"
        if limit.force == "target":
            key = "aim_under" if tier.comparison == "<" else "aim_at_most"
        yield text(f"limits.{key}", value=numbers.percent(tier.value), effect=tier.effect)
        if tier.many_from:
            yield text("limits.step_many", orders=numbers.count(tier.many_from), effect=tier.effect_many)


def _fbt(limit: Limit, text: Words) -> str:
    if UNKNOWN in (limit.fbt_numerator, limit.fbt_denominator):
        return text("limits.fbt_unknown")
    above, below = text(f"limits.fbt_{limit.fbt_numerator}"), text(f"limits.fbt_{limit.fbt_denominator}")
    return text("limits.fbt", above=above, below=below)


def _deadline_entry(deadline: Deadline, on: date, text: Words) -> Entry:
    variant = f", {deadline.variant.replace('_', ' ')}" if deadline.variant else ""
    title = text(f"limits.rule_{deadline.rule}") + variant
    if deadline.value is None:
        length = text("limits.until_event", event=text(f"limits.until_{deadline.event}"))
    else:
        length = text(f"limits.{deadline.unit}", value=NumberFormats("en").decimal(deadline.value, 0))
    lines = [length]
    if deadline.rule == "dispatch":
        lines.append(text(f"limits.met_{deadline.event}"))
        if deadline.unit == "business_days":
            lines.append(text("limits.holidays_out" if deadline.holidays else "limits.holidays_unknown"))
    if deadline.until_zone:
        lines.append(text("limits.until_zone", zone=deadline.until_zone))
    sure = sureness(deadline.confidence, deadline.assumptions, 0, text)
    stale = deadline.is_stale(on)
    lines += [deadline.note, text("limits.sure", sure=sure, source=deadline.source), _since(deadline, text)]
    lines.append(_checked(deadline.checked, stale, text))
    return Entry(title, tuple(filter(None, lines)), stale)


def _score_entry(line: ReferenceLine, text: Words) -> Entry:
    numbers = NumberFormats("en")
    value = numbers.percent(line.value) if line.unit == "share" else numbers.count(line.value)
    title = text("limits.score", name=line.metric.replace("_", " "), comparison=line.comparison, value=value)
    sure = text(f"confidence.{line.confidence}")
    return Entry(" ".join(title.split()), (line.text, text("limits.sure", sure=sure, source=line.source)))


def _since(rule: Limit | Deadline, text: Words) -> str:
    since = str(rule.valid_from) if rule.valid_from else ""
    if rule.valid_to:
        key = "limits.from_to" if since else "limits.until_day"
        return text(key, since=since, until=str(rule.valid_to))
    return text("limits.since", since=since) if since else text("limits.since_unknown")


def _checked(checked: date | None, stale: bool, text: Words) -> str:
    if checked is None:
        return text("limits.never_checked")
    return text("limits.last_checked" if stale else "limits.checked", day=str(checked))
