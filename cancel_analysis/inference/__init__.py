"""How sure a figure is: intervals, tests and decisions. Numbers only; nothing here knows a shop.

Every function takes plain numbers or arrays (broadcast against each other) and gives back floats for
plain numbers, arrays otherwise. What each means, assumes and cannot do stands in ``docs/methods.md``;
how often each is right, in ``docs/calibration.md``.
"""

from cancel_analysis.inference.arrays import LEVEL
from cancel_analysis.inference.control import ChangePoint, ControlChart, change_points, control_chart, weekday_rates
from cancel_analysis.inference.decomposition import MIX, Decomposition, Part, decompose, dispersion_of, rounded
from cancel_analysis.inference.delays import Completion, Delays, complete, estimate_delays, triangle, whole_interval
from cancel_analysis.inference.intervals import (
    effective_size,
    newcombe,
    poisson,
    ratio_of_sums,
    weighted_rate,
    wilson,
)
from cancel_analysis.inference.rules import LimitRule
from cancel_analysis.inference.runway import (
    DAYS_AHEAD,
    Runway,
    days_until_under,
    fewer_needed,
    leaving,
    look_ahead,
    more_until,
)
from cancel_analysis.inference.signals import (
    SIGNALS,
    OrdersToTell,
    decide,
    decision_chance,
    exact_interval,
    exact_ratio_interval,
    limit_tails,
    orders_to_settle,
    orders_to_tell,
    ratio_tails,
    read_signals,
    signal,
    weighted_exact_interval,
    weighted_tails,
)
from cancel_analysis.inference.spread import Spread, fit
from cancel_analysis.inference.standouts import (
    ExcessTests,
    benjamini_hochberg,
    excess_over_ordinary,
    excess_over_past,
    excess_p,
    find_standouts,
    shrink,
)

__all__ = [
    "DAYS_AHEAD", "LEVEL", "MIX", "SIGNALS", "ChangePoint", "Completion", "ControlChart", "Decomposition", "Delays",
    "ExcessTests", "LimitRule", "OrdersToTell", "Part", "Runway", "Spread", "benjamini_hochberg", "change_points",
    "complete", "control_chart", "days_until_under", "decide", "decision_chance", "decompose", "dispersion_of",
    "effective_size", "estimate_delays", "exact_interval", "exact_ratio_interval", "excess_over_ordinary",
    "excess_over_past", "excess_p", "fewer_needed", "find_standouts", "fit", "leaving", "limit_tails", "look_ahead",
    "more_until", "newcombe", "orders_to_settle", "orders_to_tell", "poisson", "ratio_of_sums", "ratio_tails",
    "read_signals", "rounded", "shrink", "signal", "triangle", "weekday_rates", "weighted_exact_interval",
    "weighted_rate", "weighted_tails", "whole_interval", "wilson",
]  # fmt: skip
