"""What changed since last week, and why: the share of order lines lost, taken apart exactly.

Weeks are compared as each looked at its own end, since a younger week has had less time to lose
lines. The change is taken apart twice (`inference.decompose`): by stage, responsible party and reason,
and by product into what its rate and its share of the orders did. Both add up to the change, also as
shown: parts are rounded together.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import MIX, Decomposition, decompose
from cancel_analysis.inference.decomposition import MOST_PARTS
from cancel_analysis.rates.breakdown import products_of
from cancel_analysis.rates.groups import Groups, array_of, codes_of, lines_of, texts
from cancel_analysis.rates.lines import in_days, local_days
from cancel_analysis.weeks import Week

WEEK = 7
# Against one week, and against the average of two months, which a single odd week cannot bend.
BEFORE = (1, 8)
# Weeks that say how much weeks differ anyway: the more, the surer; a quarter is still the same shop.
SPREAD_WEEKS = 12
PART_KEYS = ["stage", "responsibility", "reason"]
LOST = "lost"
# Digits of a part as shown: tenths of a percentage point.
DIGITS = 3


@dataclass(frozen=True)
class Change:
    """The share of order lines lost in the week that ends on `as_of` against `weeks` weeks before.

    `lines` of `ordered` now, `lines_before` of `ordered_before` then. `by_reason` and `by_product` are the
    change taken apart, with its 95 % interval. `parts`: stage, responsibility, reason, lines, lines_before,
    effect, shown, low, high, sure. `products`: product, sku_ids, lines, ordered, lines_before,
    ordered_before, rate_effect, mix_effect, effect, and the three as shown (rate_shown, mix_shown,
    shown). Effects add up to `change`, shown ones to `shown`.
    """

    as_of: date
    weeks: int
    lines: int
    ordered: int
    lines_before: int
    ordered_before: int
    by_reason: Decomposition
    by_product: Decomposition
    parts: pd.DataFrame
    products: pd.DataFrame
    # The week compared with, such as 2026-W44, where it is not simply the weeks before.
    against: str = ""

    @property
    def rate(self) -> float:
        return float(self.by_reason.after)

    @property
    def rate_before(self) -> float:
        return float(self.by_reason.before)

    @property
    def change(self) -> float:
        return float(self.by_reason.change)

    @property
    def shown(self) -> float:
        """The change as it is shown, to the last digit the sum of its parts as shown."""
        return float(round(self.parts["shown"].sum(), DIGITS))

    @property
    def low(self) -> float:
        return self.by_reason.low

    @property
    def high(self) -> float:
        return self.by_reason.high

    @property
    def within_noise(self) -> bool:
        """Whether no change at all of the whole is among what the figures allow."""
        return self.by_reason.noise

    @property
    def told(self) -> bool:
        """Whether there is anything to tell: the whole changed, or some reason by itself did."""
        return not self.within_noise or bool(self.by_reason.main_parts())

    def main_parts(self) -> pd.DataFrame:
        """The rows of `parts` that explain most of the change (`Decomposition.main_parts`)."""
        keys = zip(*(self.parts[name].tolist() for name in PART_KEYS), strict=True)
        place: dict[Hashable, int] = {key: row for row, key in enumerate(keys)}
        named = [place[part.cause] for part in self.by_reason.main_parts()]
        return self.parts.iloc[named].reset_index(drop=True)

    @property
    def spread(self) -> bool:
        """Whether the whole changed, and even the few products that changed most make less than half of it."""
        effects = np.sort(np.sign(self.change) * self.products["effect"].to_numpy())[-MOST_PARTS:][::-1]
        return not self.within_noise and bool(np.maximum(effects, 0).sum() < abs(self.change) / 2)

    def main_products(self) -> pd.DataFrame:
        """The products that explain a good part of it: product, by (`lost`: its rate, or `mix`), shown.

        None where those that are more than chance make less than a third of the change. Within noise only
        beside a reason: looking for products alone would be one more chance to be wrong.
        """
        main = self.by_product.main_parts() if self.told else ()
        if not self.within_noise and abs(sum(float(part.effect) for part in main)) < abs(self.change) / 3:
            main = ()
        columns = ("product", "rate_shown", "mix_shown")
        shown = zip(*(self.products[name].tolist() for name in columns), strict=True)
        rows = dict(zip(self.products["product_key"], shown, strict=True)) if main else {}
        found = [(rows[part.unit][0], part.cause, rows[part.unit][2 if part.cause == MIX else 1]) for part in main]
        return pd.DataFrame(found, columns=["product", "by", "shown"])


def explain_change(orders: pd.DataFrame, items: pd.DataFrame, as_of: date) -> tuple[Change, ...]:
    """The change against last week and against the eight weeks before, as far as the data reach back.

    `items` and `orders` are canonical tables up to `as_of`. Empty when there is no whole week before, or
    nothing was ordered in the week; a span in which nothing was ordered is left out.
    """
    first = orders["created_at"].min()
    if pd.isna(first):
        return ()
    reach = ((as_of - first.date()).days + 1) // WEEK - 1
    ends = [as_of - timedelta(days=WEEK * back) for back in range(min(reach, SPREAD_WEEKS) + 1)]
    past = _Past(orders, items)
    weeks = [past.week(end) for end in ends]
    spans = [weeks_before for weeks_before in BEFORE if weeks_before <= reach]
    spans = [span for span in spans if len(weeks[0]) and sum(map(len, weeks[1 : span + 1]))]
    counts = past.counts(weeks) if spans else None
    return tuple(_change(counts, span, as_of) for span in spans if counts is not None)


def compare_weeks(orders: pd.DataFrame, items: pd.DataFrame, earlier: Week, later: Week) -> Change:
    """The change from one week to another, each as it looked at its own end.

    How much weeks differ anyway is taken from the weeks before the earlier one, `SPREAD_WEEKS` at most: those
    between the two are part of what changed.
    Raises SettingsError when the weeks are not in order, or nothing was ordered in one of them.
    """
    if not earlier < later:
        raise SettingsError(f"weeks are compared from the earlier to the later one, not from {earlier} to {later}")
    first = orders["created_at"].min()
    reach = 0 if pd.isna(first) else ((earlier.sunday - first.date()).days + 1) // WEEK
    before = [earlier.sunday - timedelta(days=WEEK * back) for back in range(1, min(reach, SPREAD_WEEKS + 1))]
    past = _Past(orders, items)
    weeks = [past.week(end) for end in (later.sunday, earlier.sunday, *before)]
    for week, lines in zip((later, earlier), weeks, strict=False):
        if not len(lines):
            raise SettingsError(f"no order of {week} was paid, so it cannot be compared; the first order is of {first}")
    return replace(_change(past.counts(weeks), 1, later.sunday), against=str(earlier))


@dataclass(frozen=True)
class _Week:
    """Rows of the order lines of a week, and of each the row of the item that was lost first; -1 where none was."""

    lines: NDArray[np.int_]
    items: NDArray[np.int_]

    def __len__(self) -> int:
        return len(self.lines)


class _Past:
    """Order lines and what was lost of them, to be looked at as of the end of one week after another."""

    def __init__(self, orders: pd.DataFrame, items: pd.DataFrame) -> None:
        lost = np.flatnonzero(array_of(items["stage"]) != "unpaid")
        lost = lost[np.argsort(array_of(items["event_at"])[lost], kind="stable")]
        line = lines_of(items, lost, orders)
        lost, self.line = lost[line >= 0], line[line >= 0]
        self.orders, self.items, self.lost = orders, items, lost
        self.event_day = local_days(items["event_at"])[lost]
        self.day, self.paid_day = local_days(orders["created_at"]), local_days(orders["paid_at"])
        self.cod = orders["is_cod"].to_numpy(dtype=bool)

    def week(self, end: date) -> _Week:
        """The order lines of the week that ends on `end`, with what had become of them by then."""
        paid = self.cod | (self.paid_day <= np.datetime64(end))
        rows = np.flatnonzero(in_days(self.day, end, WEEK) & paid)
        gone = np.flatnonzero(self.event_day <= np.datetime64(end))
        first = np.full(len(self.orders), -1)
        # Backwards, so that what was lost first is written last.
        first[self.line[gone[::-1]]] = self.lost[gone[::-1]]
        return _Week(rows, first[rows])

    def counts(self, weeks: Sequence[_Week]) -> _Counts:
        """The lines of the weeks (newest first), those that were lost by reason, and all by product."""
        lines, items = (np.concatenate(rows) for rows in zip(*((one.lines, one.items) for one in weeks), strict=True))
        week, lost = np.repeat(np.arange(len(weeks)), [len(one) for one in weeks]), items >= 0
        parts = [array_of(self.items[key])[items[lost]] for key in PART_KEYS]
        reason = Groups.of(*parts, unsorted=True)
        keys, names = map(array_of, products_of(self.orders, lines))
        product = Groups.of(keys, unsorted=True)
        return _Counts(
            week=week,
            lost=lost,
            order=codes_of(codes_of(self.orders["order_id"])[0][lines])[0],
            reasons=list(zip(*(part[reason.first].tolist() for part in parts), strict=True)),
            products=keys[product.first].tolist(),
            names=product.first_of(names),
            sku_ids=product.named(array_of(self.orders["sku_id"])[lines]),
            by_reason=_counts(week[lost], reason.number, (len(weeks), len(reason))),
            by_product=_counts(week[lost], product.number[lost], (len(weeks), len(product))),
            ordered=_counts(week, product.number, (len(weeks), len(product))),
        )


@dataclass(frozen=True)
class _Counts:
    """Order lines of some weeks, the newest first: `week`, `lost` and `order` (a number) of each line.

    `by_reason` (weeks, reasons) are lines lost, `by_product` (weeks, products) too, `ordered` (weeks, products) all.
    """

    week: NDArray[np.int_]
    lost: NDArray[np.bool_]
    order: NDArray[np.int_]
    reasons: list[tuple[Any, ...]]
    products: list[Any]
    names: NDArray[Any]
    sku_ids: Any
    by_reason: NDArray[np.int_]
    by_product: NDArray[np.int_]
    ordered: NDArray[np.int_]


def _change(counts: _Counts, span: int, as_of: date) -> Change:
    """The first of the weeks (newest first) against the next `span`; all after the first say how weeks differ."""
    by_reason, by_product, ordered = counts.by_reason, counts.by_product, counts.ordered
    then = slice(1, span + 1)
    compared = counts.week <= span
    worth = _design_effect(counts.lost[compared], counts.order[compared])
    total = ordered.sum(axis=1, keepdims=True)
    reason_parts = decompose(
        by_reason[then].sum(axis=0)[None], total[then].sum(axis=0), by_reason[:1], total[0],
        causes=counts.reasons, earlier=(by_reason[1:, None], total[1:]), design=worth,
    )  # fmt: skip
    product_parts = decompose(
        by_product[then].sum(axis=0), ordered[then].sum(axis=0), by_product[0], ordered[0],
        units=counts.products, causes=[LOST], earlier=(by_product[1:, :, None], ordered[1:]), design=worth,
    )  # fmt: skip
    return Change(
        as_of,
        span,
        int(by_reason[0].sum()),
        int(total[0, 0]),
        int(by_reason[then].sum()),
        int(total[then].sum()),
        reason_parts,
        product_parts,
        _part_frame(reason_parts, counts, then),
        _product_frame(product_parts, counts, then),
    )


def _counts(week: NDArray[np.int_], code: NDArray[np.int_], shape: tuple[int, int]) -> NDArray[np.int_]:
    return np.bincount(week * shape[1] + code, minlength=shape[0] * shape[1]).reshape(shape)


def _design_effect(lost: NDArray[np.bool_], order: NDArray[np.int_]) -> float:
    """How many times wider the share's variance is than that of independent lines, at least 1 (Kish).

    Lines of one order are mostly lost together, so they say less than as many orders would.
    """
    rate = lost.mean()
    if rate in (0.0, 1.0):
        return 1.0
    gone, size = np.bincount(order, lost), np.bincount(order)
    spread = ((gone - rate * size) ** 2).sum()
    return max(1.0, float(spread / (len(lost) * rate * (1 - rate))))


def _part_frame(found: Decomposition, counts: _Counts, then: slice) -> pd.DataFrame:
    frame = found.frame(DIGITS)
    causes = frame["cause"].tolist()
    lines = dict(
        zip(counts.reasons, zip(counts.by_reason[0], counts.by_reason[then].sum(axis=0), strict=True), strict=True)
    )
    return pd.DataFrame(
        {
            **{key: texts(cause[place] for cause in causes) for place, key in enumerate(PART_KEYS)},
            **{
                name: np.array([lines[cause][place] for cause in causes], dtype=np.int64)
                for place, name in enumerate(("lines", "lines_before"))
            },
            **{name: frame[name] for name in ("effect", "shown", "low", "high", "sure")},
        }
    )


def _product_frame(found: Decomposition, counts: _Counts, then: slice) -> pd.DataFrame:
    parts = found.frame(DIGITS)
    effects = dict(
        zip(
            zip(parts["unit"], parts["cause"], strict=True),
            zip(parts["effect"].tolist(), parts["shown"].tolist(), strict=True),
            strict=True,
        )
    )
    ordered, before = counts.ordered[0], counts.ordered[then].sum(axis=0)
    rows = np.argsort(np.array(counts.products, dtype=object), kind="stable")
    rows = rows[(ordered + before)[rows] > 0]
    keys = [counts.products[row] for row in rows]
    rate, mix = (
        np.array([effects.get((key, cause), (0.0, 0.0)) for key in keys]).reshape(-1, 2) for cause in (LOST, MIX)
    )
    frame = pd.DataFrame(
        {
            "product_key": texts(keys),
            "product": texts(counts.names[rows]),
            "sku_ids": counts.sku_ids[rows],
            "lines": counts.by_product[0][rows],
            "ordered": ordered[rows],
            "lines_before": counts.by_product[then].sum(axis=0)[rows],
            "ordered_before": before[rows],
            "rate_effect": rate[:, 0],
            "rate_shown": rate[:, 1],
            "mix_effect": mix[:, 0],
            "mix_shown": mix[:, 1],
            "effect": rate[:, 0] + mix[:, 0],
            "shown": (rate[:, 1] + mix[:, 1]).round(DIGITS),
        }
    )
    return frame.sort_values("effect", key=np.abs, ascending=False, kind="stable", ignore_index=True)
