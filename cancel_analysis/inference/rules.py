"""One decision for every form of a rate: its signal about a limit, and the interval to show beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cancel_analysis.inference.arrays import LEVEL
from cancel_analysis.inference.signals import (
    decide,
    exact_interval,
    exact_ratio_interval,
    limit_tails,
    ratio_tails,
    weighted_exact_interval,
    weighted_tails,
)

KINDS = ("share", "weighted", "ratio")


@dataclass(frozen=True)
class LimitRule:
    """The rule that fits a rate.

    `kind`: a `share` of counts, a `weighted` count, or a `ratio` of sums (items, money), which is decided as
    a share of the effective number of orders (Korn & Graubard 1998). `part_of_total`: what the numerator counts is
    part of what the denominator counts; else it is a count beside it (rates by event date).
    """

    kind: str = "share"
    part_of_total: bool = True
    largest_weight: float = 1.0

    def signals(
        self, x: ArrayLike, total: ArrayLike, limit: float, *, squares: ArrayLike = 0.0, size: ArrayLike = 0.0
    ) -> Any:
        """`above`, `below`, `cannot_tell`; `squares` is Σw² of weighted counts, `size` the effective size of ratios."""
        if self.kind == "weighted":
            tails = weighted_tails(
                x, squares, total, limit, largest_weight=self.largest_weight, part_of_total=self.part_of_total
            )
        elif self.kind == "share" and not self.part_of_total:
            tails = ratio_tails(x, total, limit)
        else:
            tails = limit_tails(*self._counts(x, total, size), limit)
        return decide(*tails)

    def interval(
        self, x: ArrayLike, total: ArrayLike, *, squares: ArrayLike = 0.0, size: ArrayLike = 0.0, level: float = LEVEL
    ) -> tuple[Any, Any]:
        """The interval that goes with `signals`."""
        if self.kind == "weighted":
            return weighted_exact_interval(
                x, squares, total, level, largest_weight=self.largest_weight, part_of_total=self.part_of_total
            )
        if self.kind == "share" and not self.part_of_total:
            return exact_ratio_interval(x, total, level)
        return exact_interval(*self._counts(x, total, size), level)

    def agreeing(
        self,
        usual: tuple[Any, Any],
        x: ArrayLike,
        total: ArrayLike,
        limit: float,
        *,
        squares: ArrayLike = 0.0,
        size: ArrayLike = 0.0,
    ) -> tuple[Any, Any, Any]:
        """The signals, and lower and upper ends that never say another thing: the `usual` ones where
        they agree with the signal, else those of `interval`."""
        said = self.signals(x, total, limit, squares=squares, size=size)
        low, high = (np.asarray(end, dtype=float) for end in usual)
        shown = np.where(low > limit, "above", np.where(high < limit, "below", "cannot_tell"))
        own_low, own_high = self.interval(x, total, squares=squares, size=size)
        return said, np.where(shown == said, low, own_low), np.where(shown == said, high, own_high)

    def _counts(self, x: ArrayLike, total: ArrayLike, size: ArrayLike) -> tuple[Any, Any]:
        if self.kind == "share":
            return x, total
        y, n = np.asarray(total, dtype=float), np.asarray(size, dtype=float)
        share = np.clip(np.asarray(x, dtype=float) / np.where(y > 0, y, np.inf), 0, 1)
        return share * n, n
