"""A rate in the weeks before: what a small line beside today's figure is drawn from."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.dated_rate import DatedRate
from cancel_analysis.catalog.policies import Limit
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.cube import rate_figures
from cancel_analysis.rates.sums import Cube, DailySums

# A quarter: long enough to see a course, short enough that it is still the same shop.
WEEKS = 12
MONTH = 30
NO_FBT = (False, False)


def recent_weeks(
    cube: Cube | DailySums,
    facts: pd.DataFrame,
    metric: str,
    shop: ShopSettings,
    as_of: date,
    *,
    limit: Limit | None = None,
) -> pd.DataFrame:
    """A rate of whole orders at the end of each of the last `WEEKS` weeks, as it looked then: a row a week.

    `facts` are the order facts behind the cube. Orders of the newest week can still be cancelled: beside weeks as they
    stand now it would always seem to fall.

    Columns, oldest week first: date (the window's last day), numerator, denominator, rate. The window, basis and
    denominator are the limit's, or the last 30 days by order date without one. NaN where the data do not fill the
    window or nothing is below the line.
    """
    window = limit.window_days if limit else MONTH
    ends = [as_of - timedelta(days=7 * weeks) for weeks in reversed(range(WEEKS))]
    figures = rate_figures(
        cube,
        metric,
        window,
        ends,
        basis=limit.date_basis if limit else "created",
        shop=shop,
        denominator=limit.denominator if limit else None,
        fbt_out=limit.fbt_out if limit else NO_FBT,
    )
    numerator, denominator = figures["numerator"], figures["denominator"]
    if limit is None or limit.date_basis == "created":
        dated = DatedRate.of(
            facts, metric, (limit.denominator if limit else "") or "", limit.fbt_out if limit else NO_FBT
        )
        then = np.array([dated.seen(end, window) for end in ends[:-1]], dtype="float64").reshape(-1, 2)
        told = denominator > 0
        numerator = np.where(told, np.append(then[:, 0], numerator[-1]), numerator)
        denominator = np.where(told, np.append(then[:, 1], denominator[-1]), denominator)
    filled = figures["days"] >= window
    # Today's own window is shown however much of it the data fill.
    filled[-1] = True
    shown = filled & (denominator > 0)
    rate = np.divide(numerator, denominator, out=np.full(len(ends), np.nan), where=shown)
    return pd.DataFrame(
        {
            "date": pd.to_datetime(ends),
            "numerator": numerator,
            "denominator": denominator,
            "rate": rate.astype("float64"),
        }
    )
