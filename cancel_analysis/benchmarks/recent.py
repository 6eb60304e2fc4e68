"""A rate in the weeks before: what a small line beside today's figure is drawn from."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.catalog.policies import Limit
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.cube import rate_figures
from cancel_analysis.rates.sums import Cube, DailySums

# A quarter: long enough to see a course, short enough that it is still the same shop.
WEEKS = 12
MONTH = 30


def recent_weeks(
    cube: Cube | DailySums, metric: str, shop: ShopSettings, as_of: date, *, limit: Limit | None = None
) -> pd.DataFrame:
    """A rate at the end of each of the last `WEEKS` weeks, as known on `as_of`: a row a week, oldest first.

    Columns: date (the window's last day), numerator, denominator, rate. The window, basis and denominator are the
    limit's, or the last 30 days by order date without one. NaN where the data do not fill the window or nothing
    is below the line.
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
        fbt_out=limit.fbt_out if limit else (False, False),
    )
    filled = figures["days"] >= window
    # Today's own window is shown however much of it the data fill.
    filled[-1] = True
    rate = np.where(filled & (figures["denominator"] > 0), figures["rate"], np.nan)
    return pd.DataFrame(
        {
            "date": pd.to_datetime(ends),
            "numerator": figures["numerator"],
            "denominator": figures["denominator"],
            "rate": rate.astype("float64"),
        }
    )
