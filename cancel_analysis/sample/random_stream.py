"""Chance that falls the same way on every machine.

Only the raw doubles of PCG64 are drawn, whose stream NumPy guarantees; everything else is made from
them by comparisons and the four basic operations, which IEEE 754 fixes to the last bit. NumPy's own
`choice` or `lognormal` may change between versions, and a C library's `exp` differs between systems.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import numpy as np

T = TypeVar("T")
# (share of cases, hours): a delay's quantiles, straight lines between them.
Curve = Sequence[tuple[float, float]]
BLOCK = 4096


class RandomStream:
    """One stream of chance; equal seeds give equal streams."""

    def __init__(self, *seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(list(seed)))
        self._pool: list[float] = []

    def unit(self) -> float:
        """A number from 0 up to, not including, 1."""
        if not self._pool:
            self._pool = self._generator.random(BLOCK).tolist()[::-1]
        return self._pool.pop()

    def chance(self, share: float) -> bool:
        """True in `share` of all cases."""
        return self.unit() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One of `items`, by `weights` where given."""
        if weights is None:
            return items[self.whole(0, len(items) - 1)]
        point = self.unit() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            point -= weight
            if point < 0:
                return item
        return items[-1]

    def delay(self, curve: Curve) -> timedelta:
        """A delay whose quantiles are `curve`, in whole seconds."""
        share = self.unit()
        before = curve[0]
        for after in curve[1:]:
            if share < after[0]:
                part = (share - before[0]) / (after[0] - before[0])
                return timedelta(seconds=int((before[1] + part * (after[1] - before[1])) * 3600))
            before = after
        return timedelta(seconds=int(before[1] * 3600))

    def digits(self, count: int) -> str:
        """`count` digits."""
        return "".join(str(self.whole(0, 9)) for _ in range(count))
