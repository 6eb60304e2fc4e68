"""A part of a shop: the orders, lines and affected items that meet some conditions, as plain pandas frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from cancel_analysis.catalog.rates import RATES
from cancel_analysis.catalog.reason_tables import reasons
from cancel_analysis.errors import SettingsError, unknown
from cancel_analysis.explore.rates import Rates, rates
from cancel_analysis.rates.groups import LINE_KEYS
from cancel_analysis.study.one_shop import Study
from cancel_analysis.tables import RESPONSIBILITIES, ROOT_CAUSES, STAGES
from cancel_analysis.weeks import parse_day

# A condition → the columns that may hold what it names.
OF_LINES: dict[str, tuple[str, ...]] = {
    "product": ("product_name", "product_id"),
    "sku": ("sku_id", "seller_sku"),
    "category": ("category",),
    "carrier": ("carrier",),
    "region": ("region",),
}
OF_ITEMS: dict[str, tuple[str, ...]] = {
    "reason": ("reason",),
    "root_cause": ("root_cause",),
    "responsibility": ("responsibility",),
    "stage": ("stage",),
}
# Values that are right even where a shop has none of them.
CLOSED = {"root_cause": ROOT_CAUSES, "responsibility": RESPONSIBILITIES, "stage": STAGES}
CONDITIONS = (*OF_LINES, *OF_ITEMS, "since", "until")


@dataclass(frozen=True, repr=False)
class Part:
    """What of a shop meets the conditions given to `Shop.where`.

    Where a condition names what happened (reason, root_cause, responsibility, stage), `lines` are the order lines
    that it happened to, `items` and `orders` theirs; `among` and `among_items` are what they are counted among: all
    lines and affected items that meet the other conditions.

    >>> import cancel_analysis as ca
    >>> part = ca.sample_shop("id-toko-gadget").where(reason="out_of_stock")
    >>> set(part.items["reason"])
    {'out_of_stock'}
    """

    study: Study
    conditions: tuple[tuple[str, object], ...]
    lines: pd.DataFrame
    items: pd.DataFrame
    among: pd.DataFrame
    among_items: pd.DataFrame

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row an order with such a line, or with such an item where the conditions name what happened to it."""
        facts = self.study.facts
        return facts[facts["order_id"].isin(self.lines["order_id"])].reset_index(drop=True)

    def rates(
        self, by: str | Sequence[str] | None = None, *, freq: str | None = None, window: int | None = None
    ) -> Rates:
        """The rates of this part (see `Shop.rates`).

        Of a part chosen by what happened the numerators are of that alone and the denominators of all orders that
        meet the other conditions, as in `Shop.rates(by="reason")`; a rate without a reason, such as late dispatch,
        is then not known.
        """
        kept = {name: _wanted(value) for name, value in self.conditions if name in OF_ITEMS}
        return rates(
            self.study, self.among, self.among_items,
            names=tuple(RATES), by=by, freq=freq, window=window, whole=False, kept=kept,
        )  # fmt: skip

    def __repr__(self) -> str:
        named = ", ".join(f"{name}={value!r}" for name, value in self.conditions) or "everything"
        return (
            f"{self.study.shop.name} where {named}: {len(self.orders):,} orders, {len(self.lines):,} order lines, "
            f"{len(self.items):,} affected items (.orders, .lines, .items are pandas frames; .rates() has its rates)"
        )


def part_of(study: Study, conditions: Mapping[str, object]) -> Part:
    """The part of a study that meets `conditions`; SettingsError with the nearest for a name or value there is not."""
    lines, items, every = study.orders, study.items, study.items
    kept: list[tuple[str, object]] = []
    for name, value in conditions.items():
        if name not in CONDITIONS:
            raise SettingsError(unknown("condition", name, CONDITIONS))
        if value is None:
            continue
        kept.append((name, value))
        if name in ("since", "until"):
            lines = _dated(lines, name, value)
        elif name in OF_LINES:
            lines = lines[_matches(study.orders, OF_LINES[name], name, value).reindex(lines.index)]
        else:
            items = items[_matches(study.items, OF_ITEMS[name], name, value).reindex(items.index)]
    among, among_items = lines.reset_index(drop=True), every.merge(lines[LINE_KEYS], on=LINE_KEYS)
    items = items.merge(lines[LINE_KEYS], on=LINE_KEYS)
    if any(name in OF_ITEMS for name, _ in kept):
        lines = lines.merge(items[LINE_KEYS].drop_duplicates(), on=LINE_KEYS)
    return Part(study, tuple(kept), lines.reset_index(drop=True), items.reset_index(drop=True), among, among_items)


def _dated(lines: pd.DataFrame, name: str, value: object) -> pd.DataFrame:
    day = value if isinstance(value, date) else parse_day(str(value))
    placed = lines["created_at"].dt.tz_localize(None)
    edge = pd.Timestamp(day.year, day.month, day.day)
    kept: pd.DataFrame = lines[placed >= edge if name == "since" else placed < edge + pd.Timedelta(days=1)]
    return kept


def _matches(frame: pd.DataFrame, columns: Sequence[str], name: str, value: object) -> pd.Series:
    """Which rows hold the value, or one of the values; SettingsError for one that no row and no catalog has."""
    wanted = _wanted(value)
    there = {str(text) for column in columns for text in frame[column].dropna().unique()}
    for text in wanted:
        if text not in there and text not in _allowed(name):
            raise SettingsError(unknown(name.replace("_", " "), text, sorted(there | set(CLOSED.get(name, ())))))
    texts = frame[list(columns)].astype("object").fillna("").astype("str")
    matched: pd.Series = texts.isin(wanted).any(axis=1)
    return matched


def _wanted(value: object) -> list[str]:
    values = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    return [str(text) for text in values]


def _allowed(name: str) -> Iterable[str]:
    return reasons() if name == "reason" else CLOSED.get(name, ())
