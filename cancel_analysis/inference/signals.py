"""Decisions about a limit, each with a known error: `above`, `below` or `cannot_tell`.

The rule is a one-sided test on each side of the limit, at 2.5 % each: an exact binomial one for counts
among their total (`limit_tails`), an exact conditional one for counts beside it (`ratio_tails`, rates
by event date), and gamma tails for weighted counts (`weighted_tails`). Wilson's interval is not
used for it: its lower bound is a little too high for rare events, so that shops exactly at a limit
of 2.5 % would be called `above` in up to 4 % of looks instead of 2.5 %. Each rule has the interval that
goes with it, which never says another thing than the signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cancel_analysis.inference.arrays import LEVEL, pair, plain, z_of
from cancel_analysis.inference.distributions import (
    binomial_lower_tail,
    binomial_quantile,
    binomial_upper_tail,
    normal_quantile,
)

SIGNALS = ("above", "below", "cannot_tell")
# A shop that is really off the limit should be told so four times in five.
POWER = 0.8
# Beyond this many orders a week no shop would be helped by the answer.
MOST_ORDERS = 10_000_000


@dataclass(frozen=True)
class OrdersToTell:
    """How many orders tell a shop at `rate` from one at `limit`, in `power` of the looks (None: never)."""

    limit: float
    rate: float
    orders: int | None
    power: float = POWER


def limit_tails(count: ArrayLike, total: ArrayLike, limit: ArrayLike) -> tuple[Any, Any]:
    """P(this count or more) and P(this count or fewer) of `total` when the true rate is `limit`.

    Exact binomial sums, written as incomplete beta functions (Clopper & Pearson 1934), so that counts
    and totals need not be whole. Raises ValueError unless 0 ≤ count ≤ total and 0 ≤ limit ≤ 1.
    """
    x, n = pair(count, total)
    x, n, p = np.broadcast_arrays(x, n, np.asarray(limit, dtype=float))
    if np.any(x > n):
        raise ValueError("a count is larger than its total; a part cannot be larger than the whole")
    if np.any((p < 0) | (p > 1)):
        raise ValueError("a limit lies between 0 and 1")
    with np.errstate(invalid="ignore"):
        more = np.where(x > 0, special.betainc(np.where(x > 0, x, 1.0), n - x + 1, p), 1.0)
        fewer = np.where(x < n, special.betainc(np.where(x < n, n - x, 1.0), x + 1, 1 - p), 1.0)
    return more, fewer


def ratio_tails(count: ArrayLike, exposure: ArrayLike, limit: ArrayLike) -> tuple[Any, Any]:
    """`limit_tails` of a count that is no part of the total it is held against (rates by event date).

    Both are taken as Poisson counts, and given their sum the count is binomial with the chance
    limit / (1 + limit) (Przyborowski & Wilenski 1940): exact when the two are independent, careful when
    they share orders.
    """
    x, n = pair(count, exposure)
    bound = np.asarray(limit, dtype=float)
    return limit_tails(x, x + n, bound / (1 + bound))


def weighted_tails(
    weighted_sum: ArrayLike,
    weighted_squares: ArrayLike,
    total: ArrayLike,
    limit: ArrayLike,
    *,
    largest_weight: float = 1.0,
    part_of_total: bool = True,
) -> tuple[Any, Any]:
    """P(this weighted sum or more) and P(this or less) of `total` when the true weighted rate is `limit`.

    Gamma tails with the sum's mean and variance; for the second one more event of the largest weight
    is added (Fay & Feuer 1997). With one weight these are the exact Poisson tails; with several they were
    never seen to be too small. `part_of_total=False`: the total is a count of its own, and what
    it can vary is added to the variance.
    """
    s, v, n = _moments(weighted_sum, weighted_squares, total, part_of_total)
    bound = np.asarray(limit, dtype=float) * n
    some = s > 0
    positive, var = np.where(some, s, 1.0), np.where(some, v, 1.0)
    high_s, high_v = s + largest_weight, v + largest_weight**2
    more = np.where(some, special.gammainc(positive**2 / var, bound * positive / var), 1.0)
    fewer = special.gammaincc(high_s**2 / high_v, bound * high_s / high_v)
    return more, fewer


def exact_interval(count: ArrayLike, total: ArrayLike, level: float = LEVEL) -> tuple[Any, Any]:
    """The interval that goes with `limit_tails` (Clopper & Pearson 1934): the limits that `signal` calls neither."""
    x, n = pair(count, total)
    tail = _tail(level)
    some, not_all = x > 0, x < n
    low = np.where(some, special.betaincinv(np.where(some, x, 1.0), n - x + 1, tail), 0.0)
    high = np.where(not_all, special.betainccinv(x + 1, np.where(not_all, n - x, 1.0), tail), 1.0)
    return plain(low), plain(high)


def exact_ratio_interval(count: ArrayLike, exposure: ArrayLike, level: float = LEVEL) -> tuple[Any, Any]:
    """The interval that goes with `ratio_tails`; it may pass 1, and without exposure it ends nowhere (inf)."""
    x, n = pair(count, exposure)
    low, high = (np.asarray(end) for end in exact_interval(x, x + n, level))
    with np.errstate(divide="ignore"):
        return plain(low / (1 - low)), plain(np.where(n > 0, high / (1 - high), np.inf))


def weighted_exact_interval(
    weighted_sum: ArrayLike,
    weighted_squares: ArrayLike,
    total: ArrayLike,
    level: float = LEVEL,
    *,
    largest_weight: float = 1.0,
    part_of_total: bool = True,
) -> tuple[Any, Any]:
    """The interval that goes with `weighted_tails` (Fay & Feuer 1997)."""
    s, v, n = _moments(weighted_sum, weighted_squares, total, part_of_total)
    safe = np.where(n > 0, n, 1.0)
    tail = _tail(level)
    some = s > 0
    positive, var = np.where(some, s, 1.0), np.where(some, v, 1.0)
    low = np.where(some, special.gammaincinv(positive**2 / var, tail) * var / positive, 0.0)
    high_s, high_v = s + largest_weight, v + largest_weight**2
    high = special.gammainccinv(high_s**2 / high_v, tail) * high_v / high_s
    return plain(np.where(n > 0, low / safe, 0.0)), plain(np.where(n > 0, high / safe, np.inf))


def _moments(
    weighted_sum: ArrayLike, weighted_squares: ArrayLike, total: ArrayLike, part_of_total: bool
) -> tuple[NDArray[np.float64], ...]:
    """Sum, variance and total; a total that is a count of its own adds what it can vary."""
    s, n = pair(weighted_sum, total)
    v, _ = np.broadcast_arrays(np.asarray(weighted_squares, dtype=float), n)
    return s, v if part_of_total else v + s**2 / np.where(n > 0, n, np.inf), n


def decide(more: ArrayLike, fewer: ArrayLike, level: float = LEVEL) -> NDArray[np.str_]:
    """The signal from the two tails: `above` when so many are too rare at the limit, `below` when so few are."""
    tail = _tail(level)
    above, below = np.asarray(more) <= tail, np.asarray(fewer) <= tail
    return np.where(above, "above", np.where(below, "below", "cannot_tell"))


def read_signals(count: ArrayLike, total: ArrayLike, limit: ArrayLike, level: float = LEVEL) -> NDArray[np.str_]:
    """`signal` over arrays: an array of `above`, `below`, `cannot_tell`."""
    return decide(*limit_tails(count, total, limit), level)


def signal(count: float, total: float, limit: float, level: float = LEVEL) -> str:
    """What `count` of `total` says about the underlying rate against `limit`.

    `above` when a shop whose true rate is the limit shows as many or more in less than 2.5 % of looks
    (at the default level), `below` when as few or fewer, else `cannot_tell`. So neither is said
    wrongly more often than that, whatever the total; the price is that it is said a little less
    often than an approximate rule would. Assumes independent orders. `limit` 0 or 1 is decided by
    one order on the other side.
    """
    return str(read_signals(count, total, limit, level))


def orders_to_settle(rate: ArrayLike, limit: ArrayLike, level: float = LEVEL) -> Any:
    """How many orders at the same observed `rate` make `signal` decide about `limit`.

    A whole number, None when the two are equal (or past `MOST_ORDERS`); for arrays an array with
    inf there. It is the number needed in all, not what is still to come; the rate will not stay as
    it is to the digit, so it is a size, no promise.
    """
    p, p0 = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(limit, dtype=float))
    tail = _tail(level)

    def decided(n: NDArray[np.float64]) -> NDArray[np.bool_]:
        more, fewer = limit_tails(p * n, n, p0)
        return np.asarray((more <= tail) | (fewer <= tail))

    # At one observed rate both tails shrink with the total, so halving finds the first that decides.
    low, high = np.zeros(p.shape), np.full(p.shape, float(MOST_ORDERS))
    never = (p == p0) | ~decided(high)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        yes = decided(middle)
        high, low = np.where(yes, middle, high), np.where(yes, low, middle)
    needed = np.where(never, np.inf, high)
    if needed.ndim:
        return needed
    return int(needed) if np.isfinite(needed) else None


def orders_to_tell(limit: float, rate: float, power: float = POWER, level: float = LEVEL) -> OrdersToTell:
    """How many orders tell a shop whose true rate is `rate` from one at `limit`, `power` of the time.

    Exact: the smallest number from which on (looked at up to twice as many) the chance of `above`
    (for a rate over the limit) or `below` never falls under `power`; with whole counts that chance
    goes in saw teeth.
    """
    if not 0 < limit < 1 or not 0 <= rate <= 1 or not 0 < power < 1:
        raise ValueError("limit and power lie between 0 and 1, the rate in 0 … 1")
    if rate == limit:
        return OrdersToTell(limit, rate, None, power)
    z = z_of(level)
    root = z * np.sqrt(limit * (1 - limit)) + normal_quantile(power) * np.sqrt(rate * (1 - rate))
    guess = max((root / (rate - limit)) ** 2, 1.0)
    top = int(4 * guess + 400)
    if top > MOST_ORDERS:
        return OrdersToTell(limit, rate, None, power)
    n = np.arange(1, top + 1)
    chance = decision_chance(n, limit, rate, level)[0 if rate > limit else 1]
    return OrdersToTell(limit, rate, int(np.flatnonzero(chance < power)[-1]) + 2, power)


def decision_chance(
    total: ArrayLike, limit: float, rate: float, level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How often `signal` says `above` and `below` for shops whose true rate is `rate`, by whole `total`. Exact."""
    n = np.asarray(total, dtype=float)
    tail = _tail(level)
    # The least count whose upper tail is small enough, and the largest whose lower tail is.
    least = binomial_quantile(1 - tail, n, limit) + 1
    least = np.where(binomial_upper_tail(least - 2, n, limit) <= tail, least - 1, least)
    most = binomial_quantile(tail, n, limit)
    most = np.where(binomial_lower_tail(most, n, limit) <= tail, most, most - 1)
    above = np.where(least <= n, binomial_upper_tail(least - 1, n, rate), 0.0)
    below = np.where(most >= 0, binomial_lower_tail(most, n, rate), 0.0)
    return above, below


def _tail(level: float) -> float:
    """Half of what is outside, a hair less: one order of one is no proof against a limit of 2.5 %."""
    z_of(level)
    return (1 - level) / 2 * (1 - 1e-9)
