"""What changed since last week, and why: the share of order lines lost, taken apart exactly.

Weeks are compared as each looked at its own end, since a younger week has had less time to lose
lines. The parts of a change (stage, responsible party and reason; products) add up to the change:
parts of a whole share its denominator, so each contributes the difference of its own share; what a
product contributes is split at the midpoint into its rate and its weight in the orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.breakdown import named_ids, with_products
from cancel_analysis.concentration import LINE_KEYS
from cancel_analysis.inference import newcombe

WEEK = 7
# Against one week, and against the average of two months, which a single odd week cannot bend.
BEFORE = (1, 8)
PART_KEYS = ["stage", "responsibility", "reason"]


@dataclass(frozen=True)
class Change:
    """The share of order lines lost in the week that ends on `as_of` against `weeks` weeks before.

    `lines` of `ordered` now, `lines_before` of `ordered_before` then; `change` = `rate` −
    `rate_before`, with its 95 % interval. `parts`: stage, responsibility, reason, lines,
    lines_before, contribution. `products`: product, sku_ids, lines, ordered, lines_before,
    ordered_before, rate_effect, mix_effect, contribution. Contributions add up to `change`.
    """

    as_of: date
    weeks: int
    lines: int
    ordered: int
    lines_before: int
    ordered_before: int
    low: float
    high: float
    parts: pd.DataFrame
    products: pd.DataFrame

    @property
    def rate(self) -> float:
        return self.lines / self.ordered if self.ordered else float("nan")

    @property
    def rate_before(self) -> float:
        return self.lines_before / self.ordered_before if self.ordered_before else float("nan")

    @property
    def change(self) -> float:
        return self.rate - self.rate_before

    @property
    def within_noise(self) -> bool:
        """Whether no change at all is among what the figures allow; so it is, too, where one side is empty."""
        return not (self.low > 0 or self.high < 0)

    def main_parts(self, most: int = 3) -> pd.DataFrame:
        """The parts that explain most: the largest in the change's own direction, until half of it is told."""
        sign = np.sign(self.change)
        same = self.parts[np.sign(self.parts["contribution"]) == sign]
        same = same.sort_values("contribution", key=np.abs, ascending=False)
        told = same["contribution"].cumsum().abs() / abs(self.change) if self.change else same["contribution"]
        enough = int((told < 0.5).sum()) + 1
        main: pd.DataFrame = same.head(min(most, enough))
        return main


def changes(items: pd.DataFrame, orders: pd.DataFrame, as_of: date) -> tuple[Change, ...]:
    """The change against last week and against the eight weeks before, as far as the data reach back.

    `items` and `orders` are canonical tables up to `as_of`. Empty when there is no whole week before.
    """
    first = orders["created_at"].min()
    if pd.isna(first):
        return ()
    reach = ((as_of - first.date()).days + 1) // WEEK - 1
    return tuple(change(items, orders, as_of, weeks) for weeks in BEFORE if weeks <= reach)


def change(items: pd.DataFrame, orders: pd.DataFrame, as_of: date, weeks: int = 1) -> Change:
    """The change of the week that ends on `as_of` against the `weeks` weeks before it, pooled.

    The interval is Newcombe's, over as many independent lines as the orders are worth.
    """
    now = _week(items, orders, as_of)
    before = [_week(items, orders, as_of - timedelta(days=WEEK * back)) for back in range(1, weeks + 1)]
    then = pd.concat(before, ignore_index=True)
    k, n, k0, n0 = int(now["lost"].sum()), len(now), int(then["lost"].sum()), len(then)
    low, high = float("-inf"), float("inf")
    if n and n0:
        # One figure for both spans: a span that lost nothing does not tell how lines hang together.
        worth = _design_effect(pd.concat([now, then]))
        low, high = newcombe(k / worth, n / worth, k0 / worth, n0 / worth)
    return Change(as_of, weeks, k, n, k0, n0, float(low), float(high), _parts(now, then), _products(now, then))


def _week(items: pd.DataFrame, orders: pd.DataFrame, end: date) -> pd.DataFrame:
    """The order lines of the week that ends on `end`, with what had become of them by then."""
    first, after = pd.Timestamp(end - timedelta(days=WEEK - 1)), pd.Timestamp(end + timedelta(days=1))
    created = orders["created_at"].dt.tz_localize(None)
    paid = orders["is_cod"] | (orders["paid_at"].dt.tz_localize(None) < after)
    lines = with_products(orders[(created >= first) & (created < after) & paid])
    lost: pd.DataFrame = items[(items["stage"] != "unpaid") & (items["event_at"].dt.tz_localize(None) < after)]
    lost = lost.sort_values("event_at", kind="stable").drop_duplicates(LINE_KEYS)
    result: pd.DataFrame = lines[[*LINE_KEYS, "product_key", "product"]].merge(
        lost[[*LINE_KEYS, *PART_KEYS]], on=LINE_KEYS, how="left"
    )
    result["lost"] = result["reason"].notna()
    return result


def _design_effect(lines: pd.DataFrame) -> float:
    """How many times wider the share's variance is than that of independent lines, at least 1 (Kish).

    Lines of one order are mostly lost together, so they say less than as many orders would.
    """
    rate = lines["lost"].mean()
    if rate in (0.0, 1.0):
        return 1.0
    by_order = lines.groupby("order_id")["lost"].agg(["sum", "size"])
    spread = ((by_order["sum"] - rate * by_order["size"]) ** 2).sum()
    return max(1.0, float(spread / (len(lines) * rate * (1 - rate))))


def _parts(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"lines": now.groupby(PART_KEYS).size(), "lines_before": then.groupby(PART_KEYS).size()}
    ).fillna(0)
    frame = frame.astype("int64").reset_index()
    frame["contribution"] = _share(frame["lines"], len(now)) - _share(frame["lines_before"], len(then))
    return frame.sort_values("contribution", key=np.abs, ascending=False, kind="stable").reset_index(drop=True)


def _products(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([now, then])
    frame = pd.DataFrame(
        {
            "product": both.groupby("product_key")["product"].first(),
            "sku_ids": both.groupby("product_key")["sku_id"].agg(named_ids),
            "lines": now.groupby("product_key")["lost"].sum(),
            "ordered": now.groupby("product_key").size(),
            "lines_before": then.groupby("product_key")["lost"].sum(),
            "ordered_before": then.groupby("product_key").size(),
        }
    )
    counts = ["lines", "ordered", "lines_before", "ordered_before"]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    weight, weight_before = _share(frame["ordered"], len(now)), _share(frame["ordered_before"], len(then))
    # A product that was not ordered in one of the weeks has no rate there; its other rate stands in,
    # so that its coming or going counts as a change of weight alone.
    rate, rate_before = frame["lines"] / frame["ordered"], frame["lines_before"] / frame["ordered_before"]
    rate, rate_before = rate.fillna(rate_before), rate_before.fillna(rate)
    frame["rate_effect"] = (rate - rate_before) * (weight + weight_before) / 2
    frame["mix_effect"] = (weight - weight_before) * (rate + rate_before) / 2
    frame["contribution"] = frame["rate_effect"] + frame["mix_effect"]
    frame = frame.sort_values("contribution", key=np.abs, ascending=False, kind="stable")
    return frame.reset_index(drop=True)


def _share(part: pd.Series, whole: int) -> pd.Series:
    return part / whole if whole else part * float("nan")
