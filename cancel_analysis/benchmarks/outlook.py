"""How far a shop is from a limit, how likely it crosses it within a week, and when it is back within it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from cancel_analysis import inference
from cancel_analysis.catalog.policies import Limit
from cancel_analysis.catalog.rates import FBT, MEASURES, find_rate
from cancel_analysis.rates.sums import Cube, DailySums

if TYPE_CHECKING:
    from cancel_analysis.catalog.rates import Columns

# More likely than not: a limit that will be crossed within a week calls for watching now.
LIKELY = 0.5
# A cancellation comes within three weeks of its order, or hardly ever; older cohorts are complete.
MATURE_DAYS = 21
# Cohorts older than this belong to another shop.
COHORT_DAYS = 120
# Fewer cancellations draw no curve.
LEAST_CANCELLED = 10
# Orders are below these lines on the day they are placed; what is due or delivered comes later.
COMPLETE_AT_ONCE = ("orders_placed", "orders_paid")
MOST_DAYS = 84


@dataclass(frozen=True)
class Outlook:
    """What is left to one limit at the end of a day.

    `crosses_at`: so many more cancelled of the orders in the window now cross the limit (None: over it).
    `fewer`: over it, so many fewer would be within; `back_on`: the day on which the window is within
    again if nothing more is cancelled (None: within, or a rate whose denominator grows later).
    `leaving` of `leaving_total`: what leaves the window within 7 days. `chance`: that it is over on one of
    these days (None: too little past, or such a rate); `chance_other`: the same when doubtful orders are
    all counted, `chance_least` when none is.
    """

    crosses_at: int | None
    fewer: int
    back_on: date | None
    leaving: int
    leaving_total: int
    chance: float | None
    chance_least: float | None
    chance_other: float | None

    def likely(self, reading: str = "") -> bool:
        """Whether crossing is likely, under the main reading or that of the ending (`_least`, `_other`)."""
        chance: float | None = getattr(self, f"chance{reading}")
        return chance is not None and chance >= LIKELY


def outlook_of(cube: Cube | DailySums, facts: Columns | None, limit: Limit, as_of: date) -> Outlook | None:
    """The outlook of `limit` at the end of `as_of`; None where it counts no orders among orders by order date.

    `cube` is `rates.daily` and `facts` the order facts behind it; without facts nothing is said of
    what is likely.
    """
    rate = find_rate(limit.metric)
    if rate.kind != "share" or rate.unit != "order" or limit.date_basis != "created" or limit.value is None:
        return None
    total_of = limit.denominator or rate.denominator
    sums, most = DailySums.of(cube), max(limit.window_days, MOST_DAYS)
    fbt_above, fbt_below = limit.fbt_out

    def counted(measure: str, fbt_out: bool) -> np.ndarray:
        every = sums(measure)[-most:].astype(float)
        return every - sums(measure + FBT)[-most:] if fbt_out and measure + FBT in sums else every

    total = counted(total_of, fbt_below)
    strict = limit.comparison == "<"
    window = limit.window_days

    def seen(measure: str) -> np.ndarray:
        # An order in another window than its total's cannot be; a limit may put any measure below the line.
        return np.asarray(np.minimum(counted(measure, fbt_above), total))

    count = seen(rate.numerator)
    now, below = int(count[-window:].sum()), int(total[-window:].sum())
    more = inference.more_until(now, below, limit.value, strict=strict)
    complete = total_of in COMPLETE_AT_ONCE
    left = None
    if complete:
        left = inference.days_until_under(
            count, total, window, limit.value, strict=strict, minimum=limit.minimum_orders
        )
    chances: dict[str, float | None] = {}
    if facts is not None and complete:
        for measure in {rate.numerator, rate.numerator_least, rate.numerator_other} - {""}:
            same = measure != rate.numerator and bool((seen(measure) == count).all())
            if same:
                continue
            chances[measure] = inference.look_ahead(
                seen(measure),
                total,
                window,
                limit.value,
                strict=strict,
                minimum=limit.minimum_orders,
                completeness=completeness(facts, measure, as_of),
            ).chance
    main = chances.get(rate.numerator)
    leaving, leaving_total = inference.leaving(count, total, window)
    return Outlook(
        crosses_at=None if more is None or not below else more + 1,
        fewer=inference.fewer_needed(now, below, limit.value, strict=strict),
        back_on=as_of + timedelta(days=left) if left else None,
        leaving=leaving,
        leaving_total=leaving_total,
        chance=main,
        chance_least=chances.get(rate.numerator_least, main),
        chance_other=chances.get(rate.numerator_other, main),
    )


def completeness(facts: Columns, measure: str, as_of: date) -> np.ndarray | None:
    """The share of a day's `measure` that is in 0, 1, 2 … days after the order, from the shop's own full cohorts.

    Orders placed at least `MATURE_DAYS` days before `as_of`. None (all at once) with fewer than
    `LEAST_CANCELLED` of them.
    """
    lost = MEASURES[measure]
    created, happened = (np.asarray(facts[name], "datetime64[D]") for name in ("created_date", lost.event))
    placed = (np.datetime64(as_of) - created).astype("int64")
    chosen = (placed >= MATURE_DAYS) & (placed <= COHORT_DAYS) & ~np.isnat(happened)
    age = (happened - created)[chosen].astype("int64").clip(0, MATURE_DAYS)
    by_age = np.bincount(age, weights=lost.counted(facts)[chosen], minlength=MATURE_DAYS + 1)
    if by_age.sum() < LEAST_CANCELLED:
        return None
    share: np.ndarray = np.cumsum(by_age) / by_age.sum()
    return share
