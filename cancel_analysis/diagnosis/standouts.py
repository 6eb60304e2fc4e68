"""Where the orders lost to a cause gather: products, SKUs, carriers and regions, or the last weeks.

A cause "stands out" when some places, or the time since some week, lose orders to it more often than
the shop's other places and weeks differ anyhow. The false discovery rate is held over all causes,
places and weeks together, so that a shop in which nothing happens is told so. Orders are counted
(`diagnosis.causes`), not their lines nor units: what one order holds is lost together, so five lines of
one order are one case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import xlogy

from cancel_analysis.diagnosis.causes import (
    CAUSES,
    DEFAULT_PLACES,
    PLACES_OF,
    at_risk_of,
    count_places,
    count_weeks,
    days_of,
    in_place,
    place_numbers,
)
from cancel_analysis.inference import benjamini_hochberg, excess_over_ordinary, excess_over_past, newcombe
from cancel_analysis.rates.breakdown import with_products
from cancel_analysis.rates.groups import Groups, array_of, different, find_rows
from cancel_analysis.rates.lines import Lines, in_days

# Of a hundred places named, at most five are to be chance.
FALSE_DISCOVERY_RATE = 0.05
# A place with two lost orders is an anecdote, whatever its p-value.
LEAST_ORDERS = 3
# Half as often again as the rest: less would not change what a seller does.
LEAST_RATIO = 1.5
# How far back the start of a rise is looked for; older rises are the shop's ordinary state.
MOST_RISING_WEEKS = 6
# A rise needs a past to rise from.
LEAST_WEEKS_BEFORE = 3
# How much ordinary places of a kind differ, as standard deviation over mean, before the shop's own have spoken (the
# scale of a half-normal distribution). Three carriers cannot tell how much carriers differ, so something has to be
# assumed: products are different things, carriers do the same thing. Fifty places outvote it. Tried in simulation:
# at 0.5 and 0.25 a fifth of planted causes is lost, at half of that healthy shops are accused over twice as often.
USUAL_CV = {"product": 0.35, "sku": 0.35, "carrier": 0.18, "region": 0.18, "carrier_region": 0.18}
CUT_COLUMNS = [
    "root_cause",
    "monday",
    "orders",
    "at_risk",
    "rest_orders",
    "rest_at_risk",
    "p",
    "gain",
    "excess",
]
PLACE_COLUMNS = [
    "root_cause",
    "dimension",
    "place",
    "label",
    "number",
    "orders",
    "at_risk",
    "rest_orders",
    "rest_at_risk",
    "p",
    "weight",
]
COLUMNS = [
    "root_cause",
    "dimension",
    "place",
    "label",
    "sku_ids",
    "orders",
    "at_risk",
    "rate",
    "rest_rate",
    "p_adjusted",
    "excess",
]


@dataclass(frozen=True)
class Standout:
    """One cause that gathers somewhere.

    `places` is one row a place (columns `COLUMNS`), most excess first; `since` is the Monday of the
    first week of a rise, if there was one; `orders` and `all_orders` are the cause's orders
    in the places and in all, `rest_orders` of `rest_at_risk` those elsewhere; `excess` how many more
    than the rest's rate would give.
    """

    root_cause: str
    dimension: str
    places: pd.DataFrame
    orders: int
    all_orders: int
    excess: float
    since: date | None = None
    rise: pd.DataFrame | None = None
    rest_orders: int = 0
    rest_at_risk: int = 0
    days: int = 0

    @property
    def rate(self) -> float:
        """Lost orders per order at risk in the places together, or since the rise."""
        source = self.places if len(self.places) else self.rise
        assert source is not None
        return float(source["orders"].sum() / source["at_risk"].sum())

    @property
    def rest_rate(self) -> float:
        """The same in the rest of the shop, or before the rise."""
        if len(self.places):
            return float(self.places["rest_rate"].iloc[0])
        assert self.rise is not None
        return float(self.rise["before_rate"].iloc[0])

    @property
    def excess_range(self) -> tuple[float, float]:
        """The 95 % interval of `excess`: Newcombe's of the difference of the two rates, times the orders at risk.

        At least none and at most all orders at risk; of places that were chosen for their losses it leans upwards.
        """
        if len(self.places):
            source, rest = self.places, (self.rest_orders, self.rest_at_risk)
        else:
            assert self.rise is not None
            source = self.rise
            rest = (int(source["before_orders"].iloc[0]), int(source["before_at_risk"].iloc[0]))
        at_risk = float(source["at_risk"].sum())
        low, high = newcombe(float(source["orders"].sum()), at_risk, *rest)
        return max(0.0, low * at_risk), high * at_risk


def find_standouts(orders: pd.DataFrame, items: pd.DataFrame, as_of: date, days: int) -> tuple[Standout, ...]:
    """The causes that gather in places or in the last weeks, the one with most excess orders first.

    `items` and `orders` are canonical tables up to `as_of`; places are looked for in the last `days`
    days by order date (`days_of`), rises over all weeks there are. Empty when nothing stands out.
    """
    lines = Lines.of(orders, items)
    item_cause = array_of(items["root_cause"])
    flagged, rises = _named(_place_counts(lines, as_of, days), _cuts(lines, as_of))
    found = []
    named = {*flagged["root_cause"], *rises["root_cause"]}
    for cause in (cause for cause in CAUSES if cause in named):
        looked = days_of(cause, days)
        own = (item_cause == cause) & in_days(lines.item_day, as_of, looked)
        options = [frame for _, frame in flagged[flagged["root_cause"] == cause].groupby("dimension")]
        rise = rises[rises["root_cause"] == cause]
        since = rise["monday"].iloc[0] if len(rise) else None
        rise_frame = rise if len(rise) else None
        if options:
            best = max(options, key=_gain)
            best = best.sort_values(["excess", "label"], ascending=[False, True]).reset_index(drop=True)
            place, recent = _places_of(best, lines), in_days(lines.day, as_of, looked)
            best["sku_ids"] = place.of_rows(recent).named(array_of(lines.orders["sku_id"])[recent])
            found.append(
                Standout(
                    cause,
                    str(best["dimension"].iloc[0]),
                    best[COLUMNS],
                    # An order with two lines at these places is one order.
                    len(different(lines.order[(place.number >= 0) & at_risk_of(lines, cause) & lines.lost(own)])),
                    lines.orders_of(own),
                    float(best["excess"].sum()),
                    since,
                    rise_frame,
                    int(best["rest_orders"].iloc[0]),
                    int(best["rest_at_risk"].iloc[0]),
                    looked,
                )
            )
        if rise_frame is not None and (not options or rise["excess"].iloc[0] > found[-1].excess * 1.5):
            # The rise is wider than the places: the time is what is to be told, not the products.
            if options:
                found.pop()
            risen = int(rise["orders"].iloc[0])
            places = pd.DataFrame(columns=COLUMNS)
            found.append(
                Standout(
                    cause,
                    "weeks",
                    places,
                    risen,
                    max(lines.orders_of(own), risen),
                    float(rise["excess"].iloc[0]),
                    since,
                    rise_frame,
                )
            )
    return tuple(sorted(found, key=lambda standout: -standout.excess))


def as_frame(found: Sequence[Standout]) -> pd.DataFrame:
    """What stands out as one frame, in the order of `found`: `COLUMNS` and all_orders, since; a row a place.

    A rise of the whole shop has one row: dimension and place say the weeks (`weeks`, the first Monday), its rest is
    what came before. `all_orders` are the cause's orders in all; `since` is the Monday of a rise, NaT without one.
    """
    frames = [pd.DataFrame(columns=[*COLUMNS, "all_orders", "since"])]
    for standout in found:
        places = standout.places
        if standout.dimension == "weeks":
            assert standout.rise is not None
            monday = f"{standout.since}"
            rise = standout.rise.head(1).assign(dimension="weeks", place=monday, label=monday, sku_ids="")
            places = rise.rename(columns={"before_rate": "rest_rate"})[COLUMNS]
        since = pd.to_datetime(pd.Series([standout.since] * len(places), index=places.index, dtype="object"))
        frames.append(places.assign(all_orders=standout.all_orders, since=since))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def _place_counts(lines: Lines, as_of: date, days: int) -> pd.DataFrame:
    """Per cause, dimension and place: orders lost, orders at risk, the same of the rest of the shop, p and weight."""
    item_cause, frames = array_of(lines.items["root_cause"]), []
    for cause in CAUSES:
        looked = days_of(cause, days)
        own = (item_cause == cause) & in_days(lines.item_day, as_of, looked)
        if lines.orders_of(own) < LEAST_ORDERS:
            continue
        at_risk, lost = at_risk_of(lines, cause) & in_days(lines.day, as_of, looked), lines.lost(own)
        for dimension in PLACES_OF.get(cause, DEFAULT_PLACES):
            counts = count_places(lines, dimension, at_risk, lost)
            if (places := len(counts["place"])) >= 2:
                orders, there = counts["orders"].astype(np.float64), counts["at_risk"].astype(np.float64)
                p, _ = excess_over_ordinary(orders, there, USUAL_CV[dimension])
                # A place that could not stand out whatever it lost has no p and no weight.
                weight = np.where(np.isnan(p), 0.0, there)
                way = {"root_cause": [cause] * places, "dimension": [dimension] * places}
                frames.append({**way, **counts, "p": p, "weight": weight})
    if not frames:
        return pd.DataFrame(columns=PLACE_COLUMNS)
    return pd.DataFrame({name: np.concatenate([frame[name] for frame in frames]) for name in PLACE_COLUMNS})


def _places_of(places: pd.DataFrame, lines: Lines) -> Groups:
    """The order lines by the place that each is in, of places of one dimension in the order given."""
    numbers = place_numbers(lines, str(places["dimension"].iloc[0]))
    wanted = places["number"].to_numpy(dtype=np.int64)
    return Groups(find_rows([numbers], [wanted]), len(wanted))


def _named(counts: pd.DataFrame, cuts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The places that stand out, and per cause the week since which it is up.

    First the causes: one false discovery rate over everything that the first page could name. Each
    cause's way of gathering (by product, by carrier, by week …) has an equal share of the chance of
    a false alarm; inside it each place has a share by its size, known before any loss: a product
    with a third of the sales need not pay for three hundred that sell one a day. Then, of a cause that
    stands out somewhere, its places and weeks: the rate held again within each way.
    """
    tests = pd.concat([counts, cuts], ignore_index=True)
    cause, dimension = array_of(tests["root_cause"]), array_of(tests["dimension"])
    orders, at_risk, rest_orders, rest_at_risk, p, weight = (
        tests[name].to_numpy(dtype=np.float64)
        for name in ("orders", "at_risk", "rest_orders", "rest_at_risk", "p", "weight")
    )
    rate, rest_rate = orders / at_risk, rest_orders / np.maximum(rest_at_risk, 1)
    large = (orders >= LEAST_ORDERS) & (rate >= LEAST_RATIO * rest_rate)
    ways = Groups.of(cause, dimension)
    of_way = ways.sum(weight)[ways.number]
    share = np.divide(weight, of_way, out=np.zeros(len(tests)), where=of_way > 0)
    causes = set(cause[(benjamini_hochberg(p, share) <= FALSE_DISCOVERY_RATE) & large].tolist())
    p_adjusted = np.full(len(tests), np.nan)
    for way, first in enumerate(ways.first.tolist()):
        if cause[first] in causes:
            p_adjusted[ways.number == way] = benjamini_hochberg(p[ways.number == way])
    found = (p_adjusted <= FALSE_DISCOVERY_RATE) & large
    tests = tests.assign(rate=rate, rest_rate=rest_rate, p_adjusted=p_adjusted)
    weeks = dimension == "weeks"
    # Of the cuts that stand out, the one that tells the weeks apart best.
    risen = tests[found & weeks].sort_values("gain", ascending=False).drop_duplicates("root_cause")
    risen = risen.rename(columns={f"rest_{name}": f"before_{name}" for name in ("orders", "at_risk", "rate")})
    return _against_unflagged(tests, found & ~weeks, ways), risen.reset_index(drop=True)


def _against_unflagged(tests: pd.DataFrame, flagged: np.ndarray, ways: Groups) -> pd.DataFrame:
    """The flagged places, excess and rest rate measured against the places of their way that are not flagged.

    Four bad SKUs hide each other when each is held against a rest that contains the other three.
    """
    orders, at_risk = (
        ways.sum(np.where(flagged, 0.0, tests[name].to_numpy(dtype=np.float64)))[ways.number[flagged]]
        for name in ("orders", "at_risk")
    )
    places = tests[flagged]
    rest_rate = np.divide(orders, at_risk, out=np.zeros(len(places)), where=at_risk > 0)
    excess = places["orders"].to_numpy(dtype=np.float64) - places["at_risk"].to_numpy(dtype=np.float64) * rest_rate
    return places.assign(rest_rate=rest_rate, excess=excess, rest_orders=orders, rest_at_risk=at_risk)


def _gain(group: pd.DataFrame) -> float:
    """How well "these places against the rest" describes the cause: likelihood gain less ½ log n a place.

    Chooses between product and SKU, carrier and carrier × region: the finer one must earn its
    extra places (Schwarz's criterion).
    """
    k, n = group["orders"].sum(), group["at_risk"].sum()
    rest_k, rest_n = group["rest_orders"].iloc[0], group["rest_at_risk"].iloc[0]
    gain = _loglik(k, n) + _loglik(rest_k, rest_n) - _loglik(k + rest_k, n + rest_n)
    return float(gain - 0.5 * np.log(n + rest_n) * len(group))


def _loglik(k: float, n: float) -> float:
    return float(xlogy(k, k / n) + xlogy(n - k, 1 - k / n)) if n else 0.0


def _cuts(lines: Lines, as_of: date) -> pd.DataFrame:
    """Every way to cut each cause's weeks into a past and the last ones (`_splits`), causes in their order."""
    kept = array_of(lines.items["stage"]) != "return_refund"
    item_cause = array_of(lines.items["root_cause"])
    causes = [cause for cause in CAUSES if lines.orders_of((item_cause == cause) & kept) >= LEAST_ORDERS]
    rows = [row for cause in causes for row in _splits(cause, *count_weeks(lines, cause, as_of))]
    return pd.DataFrame(rows, columns=CUT_COLUMNS).assign(dimension="weeks", weight=1.0)


def _splits(cause: str, mondays: np.ndarray, orders: np.ndarray, at_risk: np.ndarray) -> list[dict[str, object]]:
    """Every way to cut the weeks into a past and the last one to six, held against each other."""
    rows: list[dict[str, object]] = []
    for recent in range(1, min(MOST_RISING_WEEKS, len(mondays) - LEAST_WEEKS_BEFORE) + 1):
        k, n = int(orders[-recent:].sum()), int(at_risk[-recent:].sum())
        before_k, before_n = int(orders[:-recent].sum()), int(at_risk[:-recent].sum())
        if not n or not before_n:
            continue
        rows.append(
            {
                "root_cause": cause,
                "monday": mondays[-recent].item(),
                "orders": k,
                "at_risk": n,
                "rest_orders": before_k,
                "rest_at_risk": before_n,
                "p": excess_over_past(orders, at_risk, recent),
                "gain": _loglik(k, n) + _loglik(before_k, before_n) - _loglik(k + before_k, n + before_n),
                "excess": k - n * before_k / before_n,
            }
        )
    return rows


def items_in(standout: Standout, items: pd.DataFrame) -> pd.Series:
    """Which of `items` (AFFECTED_ITEMS) the standout speaks of: its cause, in its places or since its week."""
    own = items["root_cause"] == standout.root_cause
    if standout.dimension == "weeks" and standout.since is not None:
        since = pd.Timestamp(standout.since)
        later = items["order_created_at"].dt.tz_localize(None) >= since
        return pd.Series(own & later & (items["stage"] != "return_refund"))
    mine = items[own]
    inside = mine.index[in_place(with_products(mine), standout.dimension, standout.places["place"])]
    return pd.Series(items.index.isin(inside), index=items.index)
