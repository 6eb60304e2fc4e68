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

    @property
    def margin(self) -> float:
        """How far inside its bounds the figure lies."""
        from_least = float("inf") if self.least is None else self.measured - self.least
        from_most = float("inf") if self.most is None else self.most - self.measured
        return min(from_least, from_most)

    @property
    def figure(self) -> str:
        """What was measured, with its unit."""
        return self.shown or f"{100 * self.measured:.2f} %"

    @property
    def bounds(self) -> str:
        """What it is held to, as a range of shares."""
        told = []
        for sign, bound in (("≥", self.least), ("≤", self.most)):
            if bound is not None:
                inside = min(max(bound, 0.0), 1.0)
                # A bound below one percent says nothing at one digit.
                told.append(f"{sign} {100 * inside:.{2 if inside < 0.01 else 1}f} %")
        return " and ".join(told)


def beta(mean: float, cv: float) -> tuple[float, float]:
    """The beta distribution with this mean and standard deviation over mean, worked out here anew."""
    size = mean * (1 - mean) / (cv * mean) ** 2 - 1
    return mean * size, (1 - mean) * size
