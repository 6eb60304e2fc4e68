"""Which of many units stand out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from cancel_analysis.inference.arrays import pair, plain


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """P-values adjusted for the false-discovery rate (Benjamini & Hochberg 1995), in the given order.

    Calling everything with an adjusted p of at most q a discovery keeps the expected share of false
    ones at q, when the tests are independent or positively dependent. NaN stays NaN and is no test.
    """
    values = np.atleast_1d(np.asarray(p, dtype=float))
    result = np.full(values.shape, np.nan)
    seen = np.flatnonzero(~np.isnan(values))
    if np.any((values[seen] < 0) | (values[seen] > 1)):
        raise ValueError("p-values lie between 0 and 1")
    order = seen[np.argsort(values[seen], kind="stable")]
    scaled = values[order] * len(order) / np.arange(1, len(order) + 1)
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result


def excess_p(count: ArrayLike, total: ArrayLike, rest_count: ArrayLike, rest_total: ArrayLike) -> Any:
    """One-sided p that a unit's rate is above the rest's: Fisher's exact test (hypergeometric tail).

    `rest_*` are without the unit itself. An empty unit or rest gives 1: nothing speaks for an excess.
    """
    x, n = pair(count, total)
    rx, rn = pair(rest_count, rest_total)
    if np.any(x > n) or np.any(rx > rn):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    tail = stats.hypergeom.sf(x - 1, n + rn, x + rx, n)
    return plain(np.where(n + rn > 0, np.clip(tail, 0.0, 1.0), 1.0))
