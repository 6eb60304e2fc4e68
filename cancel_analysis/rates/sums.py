"""The daily cube as arrays, and sums of its columns over windows of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cancel_analysis.catalog.rates import BASES, FBT, MEASURES
from cancel_analysis.rates.holes import find_holes

Cube = pd.DataFrame
# Of more windows than these whole counts are read off one running total.
FEW_WINDOWS = 8


@dataclass(frozen=True)
class DailySums:
    """A cube as arrays: (basis, column) → the sums of its days, oldest first, from the day `first` on.

    What a frame holds, without a frame's cost: hundreds of small sums are made of one cube. A column becomes an
    array when it is asked for.
    """

    first: np.datetime64
    cube: Cube
    # Basis → its rows of the cube.
    rows: dict[str, np.ndarray]
    arrays: dict[tuple[str, str], np.ndarray]

    @classmethod
    def of(cls, cube: Cube | DailySums) -> DailySums:
        if isinstance(cube, DailySums):
            return cube
        bases = cube["basis"].to_numpy()
        dates = cube["date"].to_numpy().astype("datetime64[D]")
        rows = {basis: bases == basis for basis in BASES}
        return cls(dates.min(), cube, rows, {})

    def days(self, basis: str = "created") -> np.ndarray:
        """The days of the sums, as datetime64."""
        return np.asarray(self.cube["date"].to_numpy()[self.rows[basis]])

    def __contains__(self, column: str) -> bool:
        return column in self.cube.columns and column not in ("basis", "date")

    def __call__(self, column: str, basis: str = "created") -> np.ndarray:
        if (basis, column) not in self.arrays:
            self.arrays[basis, column] = self.cube[column].to_numpy()[self.rows[basis]]
        return self.arrays[basis, column]

    @cached_property
    def covered(self) -> np.ndarray:
        """How many days of the cube before each (and before its end) some file covers (`holes.find_holes`)."""
        orders = self("orders_placed")
        seen = np.ones(len(orders), dtype=np.int64)
        days = self.first + np.arange(len(orders))
        for first, last in find_holes(pd.Series(days[orders > 0])):
            seen[(days >= np.datetime64(first)) & (days <= np.datetime64(last))] = 0
        return np.concatenate([[0], np.cumsum(seen)])

    def less(self, basis: str, column: str, days: np.ndarray, counts: np.ndarray) -> DailySums:
        """The same with `counts` taken off the column on the `days` (datetime64); days outside are passed over."""
        sums = self(column, basis).copy()
        place = (days.astype("datetime64[D]") - self.first).astype("int64")
        inside = (place >= 0) & (place < len(sums))
        np.subtract.at(sums, place[inside], counts[inside].astype(sums.dtype))
        return DailySums(self.first, self.cube, self.rows, {**self.arrays, (basis, column): sums})


class WindowSums:
    """Sums of a cube's columns over windows; no running total of money, so nothing drifts.

    `window`: the days of each window, or one number for all; `ends`: its last day.
    """

    def __init__(self, daily_sums: DailySums, basis: str, window: int | np.ndarray, ends: np.ndarray) -> None:
        self.daily_sums, self.basis, self.window, self.ends = daily_sums, basis, window, ends
        length = len(daily_sums("orders_placed", basis))
        stop = (ends.astype("datetime64[D]") - daily_sums.first).astype("int64") + 1
        self.stop = np.clip(stop, 0, length)
        self.start = np.clip(stop - window, 0, length)
        # Days between files of months apart are in no file, though the calendar has them.
        self.days = daily_sums.covered[self.stop] - daily_sums.covered[self.start]
        self.muted = np.zeros(len(ends), dtype=bool)

    def mute(self, untold: Sequence[str]) -> None:
        """Let the windows of which the files cannot tell the rate sum to 0."""
        self.muted = np.array([bool(reason) for reason in untold], dtype=bool)

    def without(self, measure: str, fbt_out: bool) -> np.ndarray:
        """The sums of a measure, with `fbt_out` without the orders that the platform fulfils (where it can be)."""
        every = self(measure)
        return every - self(measure + FBT) if fbt_out and measure + FBT in MEASURES else every

    def __call__(self, column: str) -> np.ndarray:
        values = self.daily_sums(column, self.basis)
        if len(self.stop) > FEW_WINDOWS and values.dtype.kind == "i":
            upto = np.concatenate([[0], np.cumsum(values)])
            sums = upto[self.stop] - upto[self.start]
        else:
            places = zip(self.start.tolist(), self.stop.tolist(), strict=True)
            sums = np.array([values[a:b].sum() for a, b in places], dtype=values.dtype)
        if self.muted.any():
            sums[self.muted] = 0
        return np.asarray(sums)
