"""What a fix is worth: the rate, the verdict and the money of a period as they would be without one root cause.

Each lost order belongs to one cause, that of the item that decided (`cause_of_orders`), so causes are
never counted twice and their parts add up to everything. Without a cause its orders would have been
fine: they leave the numerator and stay in the denominator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis import inference
from cancel_analysis.benchmarks.judgement import VERDICTS, Judgement, Standing, deciding_of, stand
from cancel_analysis.catalog.rates import BY_PLATFORM, FBT, MEASURES, find_rate
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.diagnosis.causes import CAUSES
from cancel_analysis.diagnosis.costs import Costs
from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.rates.breakdown import days_covered
from cancel_analysis.rates.groups import Groups, array_of, places_of, texts
from cancel_analysis.rates.lines import in_days, local_days
from cancel_analysis.rates.sums import Cube, DailySums

# Of fewer days than a week nothing is said of a week: two days are no week of which a part is missing.
LEAST_DAYS = 7
# Everything that makes an order a lost one; an order of a fixed cause has none of it. Late dispatch is no loss:
# an order sent late stays late whatever it was returned for.
LOST_FLAGS = (
    "cancelled", "cancelled_by_buyer", "cancelled_by_seller", "cancelled_by_system", "cancelled_by_unknown",
    "seller_fault", "seller_fault_least", "seller_fault_other", "partly_cancelled", "partly_cancelled_by_unknown",
    "came_back", "failed_delivery", "refused", "refunded_any", "returned_any", "non_buyer_fault_return",
    "non_buyer_fault_return_least", "non_buyer_fault_return_other", "seller_fault_return",
    "seller_fault_return_least", "seller_fault_return_other", "seller_fault_back", "seller_fault_back_least",
    "seller_fault_back_other", "cancelled_in_transit", "dispatched_by_loss", "delivered_by_loss", "ended_by_loss",
    "lost_by_cancelling", "cancel_undated",
)  # fmt: skip
LOST_SUMS = tuple(f"{what}_{past}" for what in ("units", "amount") for past in ("cancelled", "refunded", "returned"))
LOST_DAYS = (
    "cancelled_date",
    "last_cancel_date",
    "refund_date",
    "return_date",
    "failed_date",
    "back_date",
    "in_transit_date",
)
# A cause that is called the largest is so beyond chance, and takes at least this share of what counts.
LEAST_SHARE = 0.25
COLUMNS = [
    "root_cause", "fixable", "stands_out", "orders", "orders_low", "orders_high", "counted", "numerator", "denominator",
    "rate", "low", "high", "standing", "signal", "verdict", "money_week", "money_week_low", "money_week_high",
]  # fmt: skip


@dataclass(frozen=True)
class Fixes:
    """A row a root cause (`COLUMNS`), those that can be fixed first, then by what the fix is worth.

    `orders`: those of the `days` days that lost something to it (the period, or as much of it as the shop's
    data cover), with the exact Poisson interval of what such days bring. `counted`: those of them in the deciding
    limit's numerator; `numerator` … `signal`: that limit
    without them (empty where no limit decides); `verdict`: the shop's without the cause. Money is a week's
    mean of value and known charges, with the interval of a sum of unequal amounts. `everything`: the same
    figures without any cause that can be fixed. `certain`: the largest cause of a shop over its
    limit beyond chance, '' where none is.
    """

    frame: pd.DataFrame
    everything: pd.Series
    deciding: Standing | None
    verdict: str
    currency: str
    days: int
    certain: str

    def of(self, cause: str) -> pd.Series | None:
        rows = self.frame[self.frame["root_cause"] == cause]
        return None if rows.empty else rows.iloc[0]

    def ranked(self, found: Iterable[Standout]) -> tuple[Standout, ...]:
        """What stands out, in the order of the causes here; a cause without an order in these days last."""
        order = list(self.frame["root_cause"])
        return tuple(
            sorted(
                found,
                key=lambda standout: order.index(standout.root_cause) if standout.root_cause in order else len(order),
            )
        )


def value_fixes(
    items: pd.DataFrame,
    facts: pd.DataFrame,
    cube: Cube | DailySums,
    costs: Costs,
    judgement: Judgement,
    *,
    shop: ShopSettings,
    as_of: date,
    period_days: int,
    standing_out: Collection[str] = (),
) -> Fixes:
    """What each root cause of the last `period_days` days costs the shop, and how it would stand without it.

    `items` (AFFECTED_ITEMS), `facts` (order facts) and `cube` (`rates.cube.daily`) are cut at `as_of`; `costs` and
    `judgement` are of the same shop and period. A limit over items or money stays as it is.
    `standing_out` are the causes that stand out somewhere (`diagnosis.standouts`). Money a week is not known of
    fewer than `LEAST_DAYS` days.
    """
    owner = cause_of_orders(items)
    placed = in_days(local_days(items["order_created_at"]), as_of, period_days)
    period = list(dict.fromkeys(array_of(items["order_id"])[(array_of(items["stage"]) != "unpaid") & placed].tolist()))
    cause_of = dict(zip(owner.index.tolist(), owner.tolist(), strict=True))
    in_period = np.array([cause_of[order] for order in period], dtype=object)
    money = Groups.of(costs.items["order_id"])
    totals = dict(zip(costs.items["order_id"].array[money.first], money.sum(costs.items["total"]), strict=True))
    spent = np.array([totals.get(order, 0.0) for order in period])
    deciding = judgement.deciding
    days = days_covered(facts["created_date"], as_of, period_days)
    sums = DailySums.of(cube)
    columns = _columns(facts, [standing for standing in judgement.standings if standing.gives_verdict])
    cause_of_fact = np.full(len(facts) + 1, None, dtype=object)
    # What is lost of no order here goes to the end.
    cause_of_fact[places_of(owner.index.to_series(), facts["order_id"])] = owner.to_numpy(dtype=object)
    cause_of_fact = cause_of_fact[:-1]

    def row(causes: Collection[str], name: str) -> dict[str, object]:
        mine = np.isin(in_period, list(causes))
        count, amounts = int(mine.sum()), spent[mine]
        weeks = days / 7
        low, high = inference.weighted_exact_interval(
            amounts.sum(), np.square(amounts).sum(), weeks, largest_weight=float(amounts.max(initial=0.0)) or 1.0
        )
        week = amounts.sum() / weeks
        high = high if amounts.any() else 0.0
        if not costs.value_known or days < LEAST_DAYS:
            week = low = high = float("nan")
        few, many = inference.poisson(count, 1)
        shown = {
            "root_cause": name,
            "fixable": set(causes) <= set(CAUSES),
            "stands_out": name in standing_out,
            "orders": count,
            "orders_low": few,
            "orders_high": many,
            "money_week": week,
            "money_week_low": low,
            "money_week_high": high,
        }
        return {**shown, **_judged(causes, cause_of_fact, columns, sums, judgement, shop, as_of)}

    present = sorted(set(in_period.tolist()))
    frame = pd.DataFrame([row([cause], cause) for cause in present], columns=COLUMNS)
    frame = frame.sort_values("root_cause").sort_values(
        ["fixable", "verdict", "money_week", "orders"],
        ascending=[False, False, False, False],
        key=lambda column: column.map(VERDICTS.index) if column.name == "verdict" else column,
        kind="stable",
        ignore_index=True,
    )
    everything = pd.Series(row([cause for cause in present if cause in CAUSES], "everything"), index=COLUMNS)
    certain = _certain(frame, deciding)
    return Fixes(frame, everything, deciding, judgement.verdict, shop.currency, days, certain)


def cause_of_orders(items: pd.DataFrame) -> pd.Series:
    """The root cause of each order that lost something after payment: that of its last item, as in the order facts."""
    lost = np.flatnonzero(array_of(items["stage"]) != "unpaid")
    event, units, sku, line = (array_of(items[name])[lost] for name in ("event_at", "units", "sku_id", "line_no"))
    lost = lost[np.lexsort((line, Groups.of(sku).number, units, event))]
    order = array_of(items["order_id"])[lost]
    orders = Groups.of(order)
    causes = texts(orders.last_of(array_of(items["root_cause"])[lost]))
    return pd.Series(causes, index=pd.Index(texts(order[orders.first]), name="order_id"), name="root_cause")


def without(facts: Mapping[str, np.ndarray], fixed: np.ndarray, *, never_late: bool = False) -> dict[str, np.ndarray]:
    """Columns of the order facts as if nothing had been lost of the orders `fixed` (True at theirs), late ones as
    late as they were; with `never_late` no order at all was late."""
    changed = {}
    for name, values in facts.items():
        if name in LOST_FLAGS:
            values = values & ~fixed
        elif name in LOST_SUMS:
            values = np.where(fixed, 0, values)
        elif name in LOST_DAYS:
            values = np.where(fixed, np.datetime64("NaT"), values)
        elif name == "late_dispatch" and never_late:
            values = np.zeros(len(values), dtype=bool)
        changed[name] = values
    return changed


def lighter(
    sums: DailySums,
    facts: Mapping[str, np.ndarray],
    changed: Mapping[str, np.ndarray],
    measures: Collection[str],
) -> DailySums:
    """The daily sums with `measures` counted from the `changed` facts instead of `facts`: what is gone is taken off
    its days, which is much faster than counting anew. The same ones where nothing is gone."""
    for name in sorted(measures):
        measure = MEASURES[name]
        lost = measure.counted(facts) - measure.counted(changed)
        gone = np.flatnonzero(lost)
        if not len(gone):
            continue
        for basis, day in (("created", "created_date"), ("event", measure.event)):
            sums = sums.less(basis, name, facts[day][gone], lost[gone])
    return sums


def _judged(
    causes: Collection[str],
    cause_of: np.ndarray,
    facts: Mapping[str, np.ndarray],
    sums: DailySums,
    judgement: Judgement,
    shop: ShopSettings,
    as_of: date,
) -> dict[str, object]:
    """The deciding limit and the shop's verdict, judged anew without the causes; `cause_of` is that of each fact."""
    # Late dispatch also makes orders late that were not lost.
    fixed = np.isin(cause_of, list(causes))
    changed = without(facts, fixed, never_late="late_dispatch" in causes)

    def again(standing: Standing) -> Standing:
        changed_sums = lighter(sums, facts, changed, _measures(standing))
        if changed_sums is sums:
            return standing
        return stand(changed_sums, standing.limit, shop, as_of, gives_verdict=True, facts=changed)

    standings = {standing.limit.id: again(standing) for standing in judgement.standings if standing.gives_verdict}
    deciding = deciding_of(list(standings.values()))
    found: dict[str, object] = {"verdict": deciding.verdict if deciding else judgement.verdict}
    if judgement.deciding is not None:
        before = judgement.deciding
        now = standings[before.limit.id]
        found |= {name: getattr(now, name) for name in ("numerator", "denominator", "rate", "low", "high")}
        found |= {"standing": now.standing, "signal": now.signal, "counted": before.numerator - now.numerator}
    return found


def _measures(standing: Standing) -> set[str]:
    """The measures that a limit's numerators are made of; none for items and money, which no flag decides."""
    rate = find_rate(standing.limit.metric)
    if rate.unit != "order":
        return set()
    parties = (
        {"cancelled_by_buyer", "cancelled_by_seller", "cancelled_by_unknown"} if rate.kind == "weighted" else set()
    )
    measures = {rate.numerator, rate.numerator_least, rate.numerator_other, *parties} - {""}
    # A limit that leaves the platform's own orders out takes them off again.
    return measures | {name + FBT for name in measures if name + FBT in MEASURES}


def _columns(facts: pd.DataFrame, standings: Collection[Standing]) -> dict[str, np.ndarray]:
    """The columns of the order facts that decide what the limits count, and when."""
    measures = [MEASURES[name] for standing in standings for name in _measures(standing)]
    names = {"order_id", "created_date", BY_PLATFORM}
    for measure in measures:
        names |= {measure.event, *measure.flags}
    return {name: facts[name].to_numpy() for name in sorted(names)}


def _certain(frame: pd.DataFrame, deciding: Standing | None) -> str:
    """The cause that takes most of the deciding limit's numerator, where that is no chance.

    Only for a shop whose underlying rate is above the limit. The cause must lead the next one beyond
    chance (exact binomial test of one half, 2.5 %) and surely take `LEAST_SHARE` of all.
    """
    if deciding is None or deciding.signal != "above" or frame.empty or not deciding.numerator:
        return ""
    ranked = frame.sort_values("counted", ascending=False, kind="stable")
    first = ranked.iloc[0]
    second = float(ranked["counted"].iloc[1]) if len(ranked) > 1 else 0.0
    count = float(first["counted"])
    leads = inference.signal(count, count + second, 0.5) == "above"
    large = inference.signal(count, deciding.numerator, LEAST_SHARE) == "above"
    return str(first["root_cause"]) if first["fixable"] and leads and large else ""
