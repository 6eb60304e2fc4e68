"""Control lines of a limit: where the rate of a shop exactly at it lies by chance, by the shop's size."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.cohorts import PAST_WEEKS
from cancel_analysis.benchmarks.judgement import Judgement
from cancel_analysis.catalog.policies import Limit
from cancel_analysis.catalog.rates import so_far
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.inference import wilson
from cancel_analysis.inference.distributions import binomial_chance, binomial_lower_tail, binomial_quantile
from cancel_analysis.rates.cube import window_figures
from cancel_analysis.rates.sums import Cube, DailySums

# Of 95 % and 99.8 %: two and three standard deviations, the usual warning and action lines of a control chart.
LINE_LEVELS = (0.95, 0.998)


def control_lines(limit: float, largest: float, smallest: float = 5, points: int = 90) -> pd.DataFrame:
    """Where the rate of a shop exactly at `limit` lies by chance, for shops of different size.

    Exact binomial quantiles: a shop at the limit lies above `high` with at most half of what `level` leaves
    over, and so below `low`. `drawn_low` and `drawn_high` are the same moved between whole counts by how
    much of the last one is needed (Spiegelhalter 2005), as the exact ones are saw-toothed; they differ by
    less than one order. Columns: orders, level, low, high, drawn_low, drawn_high; about `points` sizes from
    `smallest` to `largest`, evenly on a logarithmic scale.
    """
    if not 0 < limit < 1:
        raise ValueError(f"a limit is a share between 0 and 1, not {limit!r}")
    sizes = np.unique(np.round(np.geomspace(smallest, max(largest, smallest * 2), points)))
    frames = []
    for level in LINE_LEVELS:
        low, high = _counts(sizes, limit, level)
        tail = (1 - level) / 2
        frames.append(
            pd.DataFrame(
                {
                    "orders": sizes.astype(int),
                    "level": level,
                    "low": low / sizes,
                    "high": high / sizes,
                    "drawn_low": _between(low, tail, sizes, limit) / sizes,
                    "drawn_high": _between(high, 1 - tail, sizes, limit) / sizes,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def outside(count: float, total: float, limit: float) -> str:
    """Beyond which line a shop lies: `above_998`, `above_95`, `below_95`, `below_998` or `inside`."""
    if total <= 0:
        return "inside"
    for level, name in ((LINE_LEVELS[1], "998"), (LINE_LEVELS[0], "95")):
        low, high = _counts(np.array([total]), limit, level)
        if count > high[0]:
            return f"above_{name}"
        if count < low[0]:
            return f"below_{name}"
    return "inside"


def _counts(sizes: np.ndarray, limit: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - level) / 2
    return binomial_quantile(tail, sizes, limit), binomial_quantile(1 - tail, sizes, limit)


def _between(counts: np.ndarray, share: float, sizes: np.ndarray, limit: float) -> np.ndarray:
    past = binomial_lower_tail(counts, sizes, limit) - share
    return np.asarray(np.maximum(counts - past / binomial_chance(counts, sizes, limit), 0.0))


def over_weeks(
    cube: Cube | DailySums, shop: ShopSettings, limit: Limit, as_of: date, weeks: int = PAST_WEEKS
) -> pd.DataFrame:
    """The shop against one limit now and in windows before it that share no day: a row a window.

    Columns: date (the window's last day), numerator, denominator, rate, low, high, now (True on the
    last), outside. As known at the end of `as_of`. Windows that the data do not fill are left out.
    """
    ends = [as_of - timedelta(days=limit.window_days * n) for n in range(weeks * 7 // limit.window_days + 1)]
    frame = window_figures(
        cube,
        limit.metric,
        limit.window_days,
        ends,
        basis=limit.date_basis,
        shop=shop,
        denominator=limit.denominator,
        fbt_out=limit.fbt_out,
    )
    frame = frame[(frame["days"] == limit.window_days) | (frame["date"] == pd.Timestamp(as_of))]
    frame = frame[frame["denominator"] > 0].sort_values("date")
    assert limit.value is not None  # a reference without a value has no lines to be drawn
    low, high = wilson(np.minimum(frame["numerator"], frame["denominator"]), frame["denominator"])
    beyond = [
        outside(count, total, limit.value)
        for count, total in zip(frame["numerator"], frame["denominator"], strict=True)
    ]
    columns = ["date", "numerator", "denominator", "rate", "low", "high", "now", "outside"]
    return frame.assign(low=low, high=high, now=frame["date"] == pd.Timestamp(as_of), outside=beyond)[columns]


FUNNEL_METRIC = "seller_fault_cancellation_rate"


# How much further than its shops a funnel is drawn, so that it looks like one.
ROOM = 3


def funnel_limit(judgement: Judgement) -> Limit | None:
    """The limit that a funnel is drawn about: of the seller-fault rate where one gives the verdict.

    None where what counts is known at least only: as a point it would be a rate.
    """
    standing = next(
        (
            own
            for own in judgement.standings
            if own.gives_verdict and own.limit.metric == FUNNEL_METRIC and own.limit.force == "enforced"
        ),
        judgement.deciding,
    )
    if standing is None or (standing.nameless and standing.standing != "over"):
        return None
    # Of windows whose returns are still to come, the newest would always look best.
    return None if so_far(standing.limit.metric, standing.limit.date_basis) else standing.limit
