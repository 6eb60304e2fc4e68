"""Stretches of days that no order file covers: between files of months apart, no order is no quiet shop."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

# A shop that usually has orders is not silent for two whole weeks …
LEAST_DAYS = 14
# … nor for so many times as long as nearly all its pauses between two days with orders.
PAUSES = 4
NEARLY_ALL = 0.95

Hole = tuple[date, date]


def find_holes(placed: pd.Series) -> tuple[Hole, ...]:
    """The first and last day of each stretch without an order that the files do not cover, oldest first.

    `placed` are times or days of orders, by the shop's own clock. No file says which days it covers, so a hole is
    a silence of at least `LEAST_DAYS` days that is `PAUSES` times as long as the shop's own pauses: of a shop with
    an order a fortnight none is.
    """
    known = placed.dropna()
    if isinstance(known.dtype, pd.DatetimeTZDtype):
        known = known.dt.tz_localize(None)
    days = np.unique(known.to_numpy().astype("datetime64[D]"))
    if len(days) < 2:
        return ()
    steps = np.diff(days).astype(np.int64)
    usual = float(np.quantile(steps, NEARLY_ALL, method="inverted_cdf"))
    long = np.flatnonzero((steps > LEAST_DAYS) & (steps > PAUSES * usual))
    return tuple((days[at].item() + timedelta(days=1), days[at + 1].item() - timedelta(days=1)) for at in long)
