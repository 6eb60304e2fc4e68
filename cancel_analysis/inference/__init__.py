"""How sure a figure is: intervals, tests and decisions. Numbers only; nothing here knows a shop.

Every function takes plain numbers or arrays (broadcast against each other) and gives back floats for
plain numbers, arrays otherwise. What each means, assumes and cannot do stands in ``docs/methods.md``;
how often each is right, in ``docs/calibration.md``.
"""

from cancel_analysis.inference.arrays import LEVEL
from cancel_analysis.inference.intervals import Interval, newcombe, poisson, ratio_of_sums, weighted_rate, wilson
from cancel_analysis.inference.signals import (
    SIGNALS,
    OrdersToTell,
    decision_chance,
    limit_tails,
    orders_to_settle,
    orders_to_tell,
    signal,
    signals,
)
from cancel_analysis.inference.standouts import benjamini_hochberg, excess_p

__all__ = [
    "LEVEL", "SIGNALS", "Interval", "OrdersToTell", "benjamini_hochberg", "decision_chance", "excess_p",
    "limit_tails", "newcombe", "orders_to_settle", "orders_to_tell", "poisson", "ratio_of_sums", "signal",
    "signals", "weighted_rate", "wilson",
]  # fmt: skip
