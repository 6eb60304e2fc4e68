"""A rate as it looked at the end of a day: what was cancelled later is left out, so that weeks compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.catalog.rates import BY_PLATFORM, MEASURES, find_rate
from cancel_analysis.rates.lines import in_days
from cancel_analysis.rates.order_facts import cancellations_undated
from cancel_analysis.rates.untold import CANCEL_DAYS

Counts = tuple[int, int]


@dataclass(frozen=True)
class DatedRate:
    """What a rate counts of each order above and below its line, and on which day (datetime64) it came to count.

    `day_missing`: most of what was cancelled has no time, and the order's own day stands in for it.
    """

    metric: str
    day_missing: bool
    created: np.ndarray
    above: np.ndarray
    above_day: np.ndarray
    below: np.ndarray
    below_day: np.ndarray

    @classmethod
    def of(
        cls, facts: pd.DataFrame, metric: str, denominator: str = "", fbt_out: tuple[bool, bool] = (False, False)
    ) -> DatedRate:
        """The rate over order facts; `denominator` and `fbt_out` as a limit has them (`catalog.policies.Limit`)."""
        rate = find_rate(metric)
        above, below = MEASURES[rate.numerator], MEASURES[denominator or rate.denominator]
        own = ~facts[BY_PLATFORM].to_numpy(dtype=bool)
        counted, divided = above.counted(facts), below.counted(facts)
        counted, divided = counted * own if fbt_out[0] else counted, divided * own if fbt_out[1] else divided
        created, above_day, below_day = (
            facts[name].to_numpy().astype("datetime64[D]") for name in ("created_date", above.event, below.event)
        )
        day_missing = above.event in CANCEL_DAYS and cancellations_undated(facts)
        return cls(metric, day_missing, created, counted, above_day, divided, below_day)

    def seen(self, end: date, days: int) -> Counts:
        """Numerator and denominator of the orders placed in the `days` days to `end`, as known at the end of `end`."""
        last, placed = np.datetime64(end), in_days(self.created, end, days)
        # No day is before another one that is not known.
        count = int(self.above[placed & (self.above_day <= last)].sum())
        total = int(self.below[placed & (self.below_day <= last)].sum())
        if self.below[placed & np.isnat(self.below_day)].sum() > total:
            # That they were delivered is known, not when: what was known on a day cannot be told.
            return 0, 0
        # A file may date a payment after the order was cancelled; a part is never more than the whole.
        return min(count, total), total
