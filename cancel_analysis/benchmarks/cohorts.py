"""A shop against its own past and against shops of the same market and category; control lines of a limit.

Of other shops only middle figures leave this module, and only when there are enough of them: never a
name, never a figure that is one shop's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.cohort_members import LEAST_OTHERS as LEAST_OTHERS
from cancel_analysis.benchmarks.dated_rate import DatedRate
from cancel_analysis.inference import benjamini_hochberg, excess_p, newcombe
from cancel_analysis.inference.distributions import harrell_davis

# The rates that are compared: shares of orders whose parts are both dated, so that weeks are alike.
COMPARED = ("order_cancellation_rate", "seller_fault_cancellation_rate", "late_dispatch_rate", "failed_delivery_rate")
# With fewer orders a shop's rate is noise and would widen the middle half.
LEAST_ORDERS = 30
COHORT_DAYS = 30
PAST_WEEKS = 8
# Of a hundred changes called one, at most five are to be chance.
MOST_FALSE = 0.05
# What is compared with the weeks before: days, and the blocks that the eight weeks before are seen in.
# A block is about as long as what is compared: orders of the last days of each can still be cancelled.
SPANS = ((7, 7), (30, 28))
Counts = tuple[int, int]
PAST_COLUMNS = [
    "metric", "window_days", "numerator", "denominator", "rate", "before_days", "before_numerator",
    "before_denominator", "before_rate", "change", "low", "high", "moved", "p_adjusted",
]  # fmt: skip
COHORT_COLUMNS = [
    "metric",
    "window_days",
    "numerator",
    "denominator",
    "rate",
    "shops",
    "lower",
    "median",
    "upper",
    "place",
]


# --- the shop's own past -------------------------------------------------------------------------


def own_past(facts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """This week and these 30 days against the eight weeks before each: a row a rate and span.

    `facts` are order facts at the end of `as_of`. The weeks before are seen in blocks, each as it
    looked at its own end: what was cancelled later is left out there, as it is here. Columns
    `PAST_COLUMNS`: change is rate − before_rate with its 95 % interval (Newcombe); moved is `up`,
    `down`, `noise` (the interval covers 0) or `unknown` (no order on one side, or no past at all; a rate
    that is lower while most of its cancellations have no time: the newest orders' are not all there yet);
    p_adjusted as `with_p` gives it, as of several rates one moves by chance now and then.
    """
    rows = []
    for metric in COMPARED:
        dated = DatedRate.of(facts, metric)
        for days, block in SPANS:
            ends = [as_of - timedelta(days=days + block * n) for n in range(PAST_WEEKS * 7 // block)]
            whole = [end for end in ends if _covers(dated, end, block)]
            before = _sum([dated.seen(end, block) for end in whole])
            rows.append(_compared(dated, days, dated.seen(as_of, days), before, len(whole) * block))
    return with_p(pd.DataFrame(rows, columns=PAST_COLUMNS))


def with_p(changes: pd.DataFrame) -> pd.DataFrame:
    """The changes with `p_adjusted`: Fisher's exact test, two-sided, the false-discovery rate held over all rows."""
    count, total = changes["numerator"].to_numpy(float), changes["denominator"].to_numpy(float)
    before, placed = changes["before_numerator"].to_numpy(float), changes["before_denominator"].to_numpy(float)
    both = 2 * np.minimum(excess_p(count, total, before, placed), excess_p(before, placed, count, total))
    known = (total > 0) & (placed > 0) & changes["moved"].ne("unknown").to_numpy()
    return changes.assign(p_adjusted=benjamini_hochberg(np.where(known, np.minimum(both, 1.0), np.nan)))


def changed(facts: pd.DataFrame, as_of: date, metrics: Sequence[str] = COMPARED[:2], days: int = 7) -> pd.DataFrame:
    """The last `days` days against as many before, each as seen at its own end; columns `PAST_COLUMNS`.

    p_adjusted is left empty: over how much it is held, whoever compares several shops knows.
    """
    end = as_of - timedelta(days=days)
    rows = []
    for metric in metrics:
        dated = DatedRate.of(facts, metric)
        whole = [end] if _covers(dated, end, days) else []
        before = _sum([dated.seen(block_end, days) for block_end in whole])
        rows.append(_compared(dated, days, dated.seen(as_of, days), before, len(whole) * days))
    return pd.DataFrame(rows, columns=PAST_COLUMNS)


def _covers(dated: DatedRate, end: date, days: int) -> bool:
    """Whether the data begin before a block of `days` days to `end`; one they begin inside would look quiet."""
    created = dated.created
    return len(created) > 0 and bool(created.min() <= np.datetime64(end - timedelta(days=days - 1)))


def _sum(pairs: Sequence[Counts]) -> Counts:
    return sum(count for count, _ in pairs), sum(total for _, total in pairs)


def _compared(dated: DatedRate, days: int, now: Counts, before: Counts, covered: int) -> dict[str, object]:
    (count, total), (count_before, total_before) = now, before
    rate = count / total if total else np.nan
    rate_before = count_before / total_before if total_before else np.nan
    low, high = newcombe(count, total, count_before, total_before)
    moved = "unknown"
    if total and total_before:
        moved = "up" if low > 0 else "down" if high < 0 else "noise"
    if dated.day_missing and moved == "down":
        # Blocks that ended weeks ago hold what was cancelled since; those placed last have yet to show theirs.
        moved = "unknown"
    return dict(
        zip(
            PAST_COLUMNS[:-1],
            (
                dated.metric, days, count, total, rate, covered, count_before, total_before, rate_before,
                rate - rate_before, low, high, moved,
            ),
            strict=True,
        )
    )  # fmt: skip


# --- shops of the same market and category --------------------------------------------------------


@dataclass(frozen=True)
class Cohort:
    """The shop beside others of its market and category.

    `shops` is how many others could be used; `frame` has columns `COHORT_COLUMNS`, a row a rate, and is
    empty when `why` says what is missing: `category` (the shop has none), `few` (fewer than 5 others).
    """

    shops: int
    frame: pd.DataFrame
    why: str = ""


def cohort(own: pd.DataFrame, others: Sequence[pd.DataFrame]) -> Cohort:
    """The shop's rates of 30 days beside the middle of its cohort's, at the same day.

    `own` and each of `others` are `compared_rates`. Others with fewer than 30 orders in those days are
    not used.
    """
    figures = [other for other in others if other["denominator"].max() >= LEAST_ORDERS]
    if len(figures) < LEAST_OTHERS:
        return Cohort(len(figures), _no_cohort(), "few")
    return Cohort(len(figures), beside(own, figures))


def no_cohort(why: str, shops: int = 0) -> Cohort:
    """No cohort, and why: `category` (the shop has none) or `few` (fewer than 5 others)."""
    return Cohort(shops, _no_cohort(), why)


def beside(own: pd.DataFrame, others: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The shop's figures (metric, window_days, numerator, denominator, rate) with the cohort's quartiles.

    A rate that fewer than 5 others have is left empty. Quartiles are those of Harrell and Davis (1982),
    weighted means of all shops: an ordinary quartile of five shops would be one shop's own figure.
    They are rounded to a thousandth. `place` is where the shop lies: `lower` (the lowest quarter),
    `middle`, `upper`, or empty.
    """
    rows = []
    together = pd.concat(others, ignore_index=True)
    for row in own.to_dict("records"):
        rates = together.loc[together["metric"] == row["metric"], "rate"].dropna().to_numpy()
        lower = median = upper = np.nan
        place = ""
        if len(rates) >= LEAST_OTHERS:
            lower, median, upper = (round(harrell_davis(rates, share), 3) for share in (0.25, 0.5, 0.75))
            if pd.notna(row["rate"]):
                place = "lower" if row["rate"] < lower else "upper" if row["rate"] > upper else "middle"
        rows.append({**row, "shops": len(rates), "lower": lower, "median": median, "upper": upper, "place": place})
    return pd.DataFrame(rows, columns=COHORT_COLUMNS)


def _no_cohort() -> pd.DataFrame:
    return pd.DataFrame(columns=COHORT_COLUMNS)


def compared_rates(facts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """A shop's rates of 30 days as a cohort compares them: metric, window_days, numerator, denominator, rate."""
    rows = []
    for metric in COMPARED:
        count, total = DatedRate.of(facts, metric).seen(as_of, COHORT_DAYS)
        rows.append((metric, COHORT_DAYS, count, total))
    return rates_frame(rows)


def rates_frame(rates: Sequence[tuple[str, int, int, int]]) -> pd.DataFrame:
    """Metric, window_days, numerator and denominator of each rate, with the rate; empty where there was no order."""
    rows = [(*row, row[2] / row[3] if row[3] else np.nan) for row in rates]
    return pd.DataFrame(rows, columns=COHORT_COLUMNS[:5])
