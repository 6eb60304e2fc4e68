"""A claim, what was measured, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """`measured` in the setting `setting`, held to lie in `least` … `most` (None: shown, not held).

    `shown`: the figure with its unit where it is no share; a share is shown in percent.
    """

    method: str
    setting: str
    what: str
    measured: float
    least: float | None = None
    most: float | None = None
    runs: int | None = None
    shown: str = ""

    @property
    def holds(self) -> bool:
        return (self.least is None or self.measured >= self.least) and (self.most is None or self.measured <= self.most)

    @property
    def held(self) -> bool:
        return self.least is not None or self.most is not None


def beta(mean: float, cv: float) -> tuple[float, float]:
    """The beta distribution with this mean and standard deviation over mean, worked out here anew."""
    size = mean * (1 - mean) / (cv * mean) ** 2 - 1
    return mean * size, (1 - mean) * size
