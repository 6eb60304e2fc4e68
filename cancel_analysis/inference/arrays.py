"""What every part of the room needs: arrays in, plain floats out where plain numbers came in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cancel_analysis.inference.distributions import normal_quantile

LEVEL = 0.95


def pair(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape:
        a, b = np.broadcast_arrays(a, b)
    if (a < 0).any() or (b < 0).any():
        raise ValueError("counts and totals cannot be negative")
    return a, b


def z_of(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not {level!r}")
    return -normal_quantile((1 - level) / 2)


def plain(values: Any) -> Any:
    array = np.asarray(values, dtype=float)
    return float(array) if array.ndim == 0 else array
