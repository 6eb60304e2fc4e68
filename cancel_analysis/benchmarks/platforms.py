"""What a shop's month would be under other platforms' rules: their windows, denominators and limits.

Limits come from the catalog's reference lines (kind `platform`); what is counted, over which days,
stands here with each rule. An export shows only a part of what some platforms count; a rule says so,
and one of which nothing shows has no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis import inference
from cancel_analysis.benchmarks.judgement import standing_of
from cancel_analysis.catalog.policies import Limit, ReferenceLine, Tier, reference_lines
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.breakdown import readings
from cancel_analysis.rates.groups import Groups, places_of

# The days looked back on: "this shop's month".
MONTH = 30
# A window that the data cover less than half of says nothing about it.
LEAST_COVERED = 0.5
COLUMNS = [
    "rule", "platform", "metric", "first_day", "last_day", "window_days", "days", "basis", "numerator", "denominator",
    "rate", "low", "high", "numerator_other", "rate_other", "comparison", "limit", "minimum", "standing", "signal",
    "worst_rate", "worst_day", "days_over", "market", "confidence", "source",
]  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule: the reference line with its limit, and what is counted.

    The window runs from `first` to `last` days before the last day seen (0 is that day). `above` and
    `below` name columns of `rule_days`; `kind` is how the interval is made: `share` (a part of what is
    below the line), `items` (units, lost order by order) or `event` (by the day it happened, no part
    of what is below). From `minimum` units below the line on the rule counts. `heavier` are lines
    with a further step. Where an export shows nothing of what is counted, `above` is empty.
    """

    line: str
    first: int = 0
    last: int = 0
    above: str = ""
    below: str = "orders"
    kind: str = "share"
    minimum: int = 0
    heavier: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        return self.first - self.last + 1


# Lazada: the line names no item count that "10 items or more" belongs to; ordered items are taken, which counts
# more shops. eBay: three months are 90 days, twelve 365. A platform that judges "orders" judges paid ones.
RULES = (
    Rule("amazon_cancel", 6, 0, "by_seller"),
    Rule("amazon_late", 9, 0, "late", "due"),
    Rule("amazon_late", 29, 0, "late", "due"),
    Rule("amazon_defect", 59, 0),
    Rule("shopee_nfr", 6, 0, "unfulfilled", kind="event", heavier=("shopee_nfr_heavy",)),
    Rule("lazada_cancel", 35, 8, "fault_units", "units", kind="items", minimum=10),
    Rule("ebay_defects", 89, 0, "fault_lines", "lines", kind="items"),
    Rule("ebay_defects", 364, 0, "fault_lines", "lines", kind="items"),
    Rule("ebay_top_rated", 89, 0, "fault_lines", "lines", kind="items"),
    Rule("ebay_top_rated", 364, 0, "fault_lines", "lines", kind="items"),
)

OTHER = "_other"
# Sums that `rule_days` holds: each with its other reading, then what lies below the line.
ABOVE = ("by_seller", "late", "unfulfilled", "fault_units", "fault_lines")
BELOW = ("orders", "due", "units", "lines")


def under_others(
    facts: pd.DataFrame, orders: pd.DataFrame, items: pd.DataFrame, shop: ShopSettings, as_of: date
) -> pd.DataFrame:
    """A row a rule: the shop's figures at the end of `as_of` in the rule's own window, against its limit.

    `facts` are order facts, `items` AFFECTED_ITEMS and `orders` ORDER_LINES, all cut at `as_of`.
    Columns `COLUMNS`: first_day and last_day of the window; days, how many of them the data cover;
    rate (NaN: nothing to count) with its 95 % interval; standing as against the shop's own limits
    (empty for a rule that the data cannot show); worst_rate, worst_day and days_over: of the windows
    that end on each of the last 30 days.
    """
    days = _Days.of(rule_days(facts, orders, items, as_of))
    lines = {line.id: line for line in reference_lines("platform")}
    rows = [_row(rule, lines, days, shop, as_of) for rule in RULES]
    frame = pd.DataFrame([row for row in rows if row is not None], columns=COLUMNS)
    return frame.astype({"rate": "float64", "worst_rate": "float64", "limit": "float64"})


def rule_days(facts: pd.DataFrame, orders: pd.DataFrame, items: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What the rules count, summed by day from the first order to `as_of`; sums over days add up.

    Columns: `ABOVE`, each again with `_other` (doubtful ones read the other way), and `BELOW`, then the
    sums of squares and products over orders that intervals of units need (`above__above`,
    `above__below`, `below__below`). Dated by the order's day, `unfulfilled` by the day it happened.
    Only orders paid or placed as cash on delivery count.
    """
    paid = facts["paid"].to_numpy()
    count = int(paid.sum())
    # The place of each order among those paid, -1 of others.
    number = np.append(np.where(paid, np.cumsum(paid) - 1, -1), -1)
    line_order, item_order = (number[places_of(frame["order_id"], facts["order_id"])] for frame in (orders, items))

    def of_order(name: str) -> np.ndarray:
        return np.asarray(facts[name].to_numpy()[paid])

    def by_order(place: np.ndarray, counts: np.ndarray | int = 1) -> np.ndarray:
        known, often = place >= 0, np.broadcast_to(counts, len(place))
        return np.bincount(place[known], weights=often[known], minlength=count).astype(np.int64)

    by_seller, units, lines = of_order("cancelled_by_seller"), of_order("units"), by_order(line_order)
    sums: dict[str, np.ndarray] = {
        "orders": np.ones(count, dtype=np.int64),
        "due": of_order("dispatch_due"),
        "late": of_order("late_dispatch"),
        "by_seller": by_seller,
        # An automatic cancellation for a missed deadline may be held to be the seller's.
        f"by_seller{OTHER}": by_seller | of_order("seller_fault"),
        "units": units,
        "lines": lines,
        f"late{OTHER}": of_order("late_dispatch"),
    }
    fault, doubtful = _at_fault(items)
    line = Groups.of(items["order_id"], items["sku_id"], items["line_no"]).number
    for reading, mine in (("", fault), (OTHER, fault | doubtful)):
        lost_units = items["units"].to_numpy()[mine]
        sums[f"fault_units{reading}"] = np.minimum(by_order(item_order[mine], lost_units), units)
        one_a_line = np.flatnonzero(mine)[np.unique(line[mine], return_index=True)[1]]
        sums[f"fault_lines{reading}"] = by_order(item_order[one_a_line])
    for above, below in (("fault_units", "units"), ("fault_lines", "lines")):
        for x, y in ((above, above), (above, below), (below, below)):
            sums[f"{x}__{y}"] = sums[x] * sums[y]
    created = of_order("created_date").astype("datetime64[D]")
    end = np.datetime64(as_of)
    first = min(created.min(), end) if len(created) else end
    days = int((end - first).astype(np.int64)) + 1

    def by_day(dates: np.ndarray, counts: np.ndarray | int = 1) -> np.ndarray:
        place = (dates.astype("datetime64[D]") - first).astype(np.int64)
        inside, often = ~np.isnat(dates) & (place >= 0) & (place < days), np.broadcast_to(counts, len(place))
        return np.bincount(place[inside], weights=often[inside], minlength=days).astype(np.int64)

    table = {name: by_day(created, counts) for name, counts in sums.items()}
    whole = of_order("cancelled") & (by_seller | of_order("cancelled_by_system"))
    for reading in ("", OTHER):
        gone = whole | of_order("cancelled_by_unknown") if reading else whole
        back = of_order(f"seller_fault_return{reading}")
        table[f"unfulfilled{reading}"] = by_day(of_order("cancelled_date")[gone]) + by_day(
            of_order("return_date")[back]
        )
    return pd.DataFrame(table, index=pd.date_range(first, end, name="date", unit="us"))


def _at_fault(items: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Of the items cancelled before they were handed over those of the seller's fault, and those that can be: masks."""
    before = items["return_id"].isna() & items["stage"].isin(("cancellation", "refund"))
    on_way = items["failed_delivery"] | items["refused"] | items["in_transit"]
    kept = (before & ~on_way).to_numpy()
    certain, possible = (mask.to_numpy() for mask in readings(items, "seller"))
    fault = ((items["responsibility"] == "seller") & (items["initiator"] != "buyer")).to_numpy()
    return kept & fault, kept & possible & ~certain


@dataclass(frozen=True)
class _Days:
    """`rule_days` as arrays: the first day, and the sums by name, a day each."""

    first: date
    sums: dict[str, np.ndarray]

    @classmethod
    def of(cls, days: pd.DataFrame) -> _Days:
        return cls(days.index[0].date(), {str(name): days[name].to_numpy() for name in days})

    def between(self, column: str, first: date, last: date) -> np.ndarray:
        """The sums of the days from `first` to `last` that the data cover."""
        start, stop = (first - self.first).days, (last - self.first).days + 1
        return self.sums[column][max(start, 0) : max(stop, 0)]

    def sum(self, column: str, first: date, last: date) -> int:
        return int(self.between(column, first, last).sum())


def _row(
    rule: Rule, lines: dict[str, ReferenceLine], days: _Days, shop: ShopSettings, as_of: date
) -> dict[str, Any] | None:
    line = lines[rule.line]
    limit = _limit(rule, [line, *(lines[name] for name in rule.heavier)], shop)
    first, last = as_of - timedelta(days=rule.first), as_of - timedelta(days=rule.last)
    covered = len(days.between("orders", first, last))
    if rule.days > MONTH * 4 and covered < LEAST_COVERED * rule.days:
        return None
    row: dict[str, Any] = {
        "rule": rule.line,
        "platform": line.platform,
        "metric": line.metric,
        "first_day": pd.Timestamp(first),
        "last_day": pd.Timestamp(last),
        "window_days": rule.days,
        "days": covered,
        "basis": "event" if rule.kind == "event" else "created",
        "comparison": line.comparison,
        "limit": line.value,
        "minimum": rule.minimum,
        "market": line.market,
        "confidence": line.confidence,
        "source": line.source,
    }
    if not rule.above:
        return row
    count, total = days.sum(rule.above, first, last), days.sum(rule.below, first, last)
    other = days.sum(rule.above + OTHER, first, last)
    signal, low, high = _signal(rule, days, first, last, line.value)
    where, _ = standing_of(limit, count, total, shop.near_share)
    return {
        **row,
        "numerator": count,
        "denominator": total,
        "rate": count / total if total else np.nan,
        "low": low,
        "high": high if np.isfinite(high) else np.nan,
        "numerator_other": other,
        "rate_other": other / total if total else np.nan,
        "standing": where,
        "signal": signal,
        **_month(rule, limit, days, as_of),
    }


def _limit(rule: Rule, lines: Sequence[ReferenceLine], shop: ShopSettings) -> Limit:
    """The rule as a limit, so that it is held against figures exactly as the shop's own limits are."""
    first = lines[0]
    return Limit(
        id=first.id,
        pack=first.platform,
        market=shop.market,
        metric=first.metric,
        window_days=rule.days,
        comparison=first.comparison,
        value=first.value,
        minimum_orders=rule.minimum,
        denominator=rule.below,
        date_basis="event" if rule.kind == "event" else "created",
        effect=first.text,
        source=first.source,
        valid_from=first.valid_from,
        valid_to=None,
        confidence=first.confidence,
        scope=first.market,
        force="enforced",
        tiers=tuple(Tier(line.value, line.comparison, line.text) for line in lines),
    )


def _signal(rule: Rule, days: _Days, first: date, last: date, limit: float) -> tuple[str, float, float]:
    """The signal about the limit, and the interval that goes with it."""
    x, y = rule.above, rule.below
    count, total = days.sum(x, first, last), days.sum(y, first, last)
    kind, size = "share", float(total)
    if rule.kind == "event":
        # What happened in a window is no part of what was ordered in it, and can be more.
        ends = inference.poisson(count, total)
    elif rule.kind == "share":
        ends = inference.wilson(count, total)
    else:
        xx, xy, yy = (days.sum(f"{a}__{b}", first, last) for a, b in ((x, x), (x, y), (y, y)))
        sums = (count, total, xx, xy, yy, days.sum("orders", first, last))
        kind, size, ends = "ratio", inference.effective_size(*sums), inference.ratio_of_sums(*sums)
    decided = inference.LimitRule(kind, part_of_total=rule.kind != "event")
    said, low, high = decided.agreeing(ends, count, total, limit, size=size)
    return str(said), float(low), float(high)


def _month(rule: Rule, limit: Limit, days: _Days, as_of: date) -> dict[str, Any]:
    """The worst of the windows that end on the last 30 days, its end, and on how many days it was over.

    Windows longer than a season say the same on every day of a month, so theirs are left out.
    """
    if rule.days > 2 * MONTH:
        return {"worst_rate": np.nan, "worst_day": pd.NaT, "days_over": 0}
    worst: tuple[float, date] | None = None
    over = 0
    for back in range(MONTH - 1, -1, -1):
        end = as_of - timedelta(days=back)
        first, last = end - timedelta(days=rule.first), end - timedelta(days=rule.last)
        if first < days.first:
            continue  # a window that the data do not fill would be a wild figure
        count, total = days.sum(rule.above, first, last), days.sum(rule.below, first, last)
        if not total or total < rule.minimum:
            continue
        over += limit.tier_reached(count, total) is not None
        if worst is None or count / total > worst[0]:
            worst = (count / total, end)
    return {
        "worst_rate": worst[0] if worst else np.nan,
        "worst_day": pd.Timestamp(worst[1]) if worst else pd.NaT,
        "days_over": over,
    }
