"""Times with a zone as instants: thousands compared with a midnight cost what one comparison of arrays does."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# What stands for a moment that is not known, or has not come.
NEVER = np.datetime64("NaT", "us")


def instants(times: pd.Series) -> np.ndarray:
    """Zone-aware times in UTC, and times without a zone as they are: datetime64[us]."""
    return np.asarray(times, dtype="datetime64[us]")


def wall_clock(times: pd.Series) -> np.ndarray:
    """Times as the clock of their own zone shows them, without the zone: datetime64[us]."""
    return instants(times.dt.tz_localize(None))


def first_known(*times: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The first of several times that is known (rows,)."""
    found = times[0]
    for other in times[1:]:
        found = np.where(np.isnat(found), other, found)
    return found


def midnight(day: date, zone: Any) -> np.datetime64:
    """When `day` begins by the clock of `zone` (its name or a tzinfo), in UTC; without a zone the day itself.

    A midnight that the clock shows twice begins the first time, one that it skips when it would have been.
    """
    begin = pd.Timestamp(day)
    if zone is not None:
        begin = begin.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    moment: np.datetime64 = begin.asm8.astype("datetime64[us]")
    return moment


def zone_of(times: pd.Series) -> Any:
    """The zone of times, None where they have none."""
    return getattr(times.dtype, "tz", None)
