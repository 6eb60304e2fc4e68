"""Each cancelled or returned item: where it was lost, whose fault, why, and what decided that.

Units are drafted in arrays over the canonical frames (`cancellations`, `returned`); reasons are resolved once per
distinct (stage, initiator, moment, span of dates, text, code) by ``catalog/reasons.py`` and given to their units.
Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.attribution.cancellations import Cancellations
from cancel_analysis.attribution.drafts import CANCEL, Draft, together
from cancel_analysis.attribution.returned import Returned, newest
from cancel_analysis.catalog.reason_tables import turning_days
from cancel_analysis.catalog.reasons import look_up
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.shown_words import HIDDEN, is_wording
from cancel_analysis.errors import UnknownReasonError
from cancel_analysis.rates.dispatch import dispatch_clock
from cancel_analysis.rates.groups import array_of, is_one_of
from cancel_analysis.rates.moments import instants, midnight, zone_of
from cancel_analysis.tables import AFFECTED_ITEMS, ORDER_LINES, RETURNS, check, empty

# How many unknown reasons an error message shows before it says how many more there are.
SHOWN = 5
# What the items take over from a finding of the catalog.
WORDS = (
    "reason",
    "code",
    "initiator",
    "root_cause",
    "responsibility",
    "responsibility_other",
    "basis",
    "rule_id",
    "flag",
)
FLAGS = ("ambiguous", "pending")
# Of these the items take over as they are.
FINDINGS = ("initiator", "reason", "root_cause", "responsibility", "responsibility_other", "basis", "rule_id", *FLAGS)
# How far a cancelled order had come that was no longer only waiting.
SENT = ("ready", "shipped", "in_transit", "in_transit_late", "delivered")
# Of the kinds of columns that are no text and no time.
DTYPES = {"integer": "int64", "money": "float64", "flag": "bool"}


@dataclass(frozen=True)
class Attribution:
    """The affected items of one shop, and everything that did not become one.

    `items`: AFFECTED_ITEMS. `unknown_reasons`: stage, initiator, text, code, items (units; text and
    code empty where the file gave no reason), orders. `open_requests`: requests that wait for an answer.
    `not_returns`: status, requests (rejected, withdrawn, pending, unknown). `orphans`: cause, requests,
    units of returns that fit no unit of the orders.
    """

    items: pd.DataFrame
    unknown_reasons: pd.DataFrame
    open_requests: int
    not_returns: pd.DataFrame
    orphans: pd.DataFrame


def attribute(orders: pd.DataFrame, returns: pd.DataFrame | None, shop: ShopSettings) -> Attribution:
    """The affected items of `orders` (ORDER_LINES) and `returns` (RETURNS, or None where there is no file).

    A unit is never counted twice and never more often than it was ordered: units cancelled on a line
    are no longer there to be returned, and several requests for one SKU share its lines. Raises
    TableError when a frame is not canonical, UnknownReasonError when the shop is strict and a reason
    is in no catalog.
    """
    check(orders, ORDER_LINES)
    requests = newest(empty(RETURNS, shop.timezone) if returns is None else check(returns, RETURNS))
    cancellations = Cancellations(orders, _clock(orders, shop))
    returned = Returned(orders, requests, cancellations.units)
    draft = together(cancellations.draft(), returned.draft(), returned.marked())
    items, codes = _items(draft, _findings(draft, shop), orders, requests, shop.timezone)
    unknown = _unknown_reasons(items, codes)
    if shop.strict:
        _refuse_unknown(unknown, shop)
    not_returns = returned.not_returns()
    return Attribution(
        items=items,
        unknown_reasons=unknown,
        open_requests=int(not_returns.loc[not_returns["status"] == "pending", "requests"].sum()),
        not_returns=not_returns,
        orphans=returned.orphans(),
    )


def _clock(orders: pd.DataFrame, shop: ShopSettings) -> pd.DataFrame:
    """Until when each order had to be dispatched, in naive UTC, whatever day it is looked at."""
    clock = dispatch_clock(orders, shop)
    zone = zone_of(orders["created_at"])
    due = clock["due_at"].dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    return clock[["order_id", "event"]].assign(due_at=instants(due))


def _findings(draft: Draft, shop: ShopSettings) -> dict[str, np.ndarray]:
    """What the catalog finds of each draft (rows,), asked once for those that are alike; texts are None where empty."""
    days = turning_days()
    eras = [days[0] - timedelta(days=1), *days]
    era = _eras(draft.event_at, days, shop.timezone)
    asked = zip(
        draft.list_stage, draft.initiator, draft.moment, era.tolist(), draft.reason_text, draft.given_code, strict=True
    )
    numbers: dict[tuple[Any, ...], int] = {}
    number = np.array([numbers.setdefault(question, len(numbers)) for question in asked], dtype=np.int64)
    answers = [
        look_up(stage, initiator=initiator, market=shop.market, on=eras[era], text=text, code=code, moment=moment)
        for stage, initiator, moment, era, text, code in numbers
    ]
    words = {name: np.array([getattr(each, name) for each in answers], dtype=object)[number] for name in WORDS}
    flags = {name: np.array([getattr(each, name) for each in answers], dtype=bool)[number] for name in FLAGS}
    return words | flags


def _eras(times: np.ndarray, days: Sequence[date], timezone: str) -> np.ndarray:
    """How many of the catalog's turning `days` had begun, in the shop's zone, at each naive UTC time (rows,)."""
    starts = np.array([midnight(day, timezone) for day in days], dtype="datetime64[us]")
    # What nothing dates is judged by what is known today.
    return np.where(np.isnat(times), len(starts), np.searchsorted(starts, times, side="right"))


def _items(
    draft: Draft, found: dict[str, np.ndarray], orders: pd.DataFrame, requests: pd.DataFrame, zone: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """The AFFECTED_ITEMS of a draft and its findings, in the order of their orders, and the code that the file gave."""
    stage, flag = _stages(draft, found["flag"]), found["flag"]
    is_refund, from_order = stage == "refund", draft.source == CANCEL
    unexplained = (flag == "failed_when_shipped") & from_order & is_one_of(draft.moment, "shipped", "delivered")
    unexplained &= ~is_one_of(found["initiator"], "buyer", "seller")
    made: dict[str, Any] = {
        "return_id": np.array([*array_of(requests["return_id"]), None], dtype=object)[draft.request],
        "stage": stage,
        "failed_delivery": is_refund & ((flag == "failed_delivery") | unexplained),
        "refused": is_refund & (flag == "refused"),
        "in_transit": is_one_of(found["rule_id"], "in-transit", "in-transit-sent-late"),
        "reason_code": found["code"],
        "order_created_at": instants(orders["created_at"])[draft.line],
    }
    made |= {name: getattr(draft, name) for name in ("units", "amount", "reason_text", "settled", "whole_order")}
    made |= {"event_at": draft.event_at, **{name: found[name] for name in FINDINGS}}
    made |= {name: array_of(orders[name])[draft.line] for name in AFFECTED_ITEMS.names if name not in made}
    frame = pd.DataFrame({each.name: _typed(made[each.name], each.kind, zone) for each in AFFECTED_ITEMS.columns})
    by = ["order_created_at", "order_id", "sku_id", "line_no", "event_at", "return_id"]
    ordered = frame.sort_values(by, kind="stable", na_position="last")
    return ordered.reset_index(drop=True), draft.given_code[ordered.index.to_numpy()]


def _stages(draft: Draft, flag: np.ndarray) -> np.ndarray:
    """Where on its way each was lost."""
    asked = draft.source != CANCEL
    cases = {
        "return_refund": asked & (draft.moment == "delivered"),
        "refund": asked | is_one_of(draft.moment, *SENT) | is_one_of(flag, "failed_delivery", "refused"),
        "unpaid": draft.moment == "unpaid",
    }
    return np.select(list(cases.values()), list(cases), "cancellation").astype(object)


def _typed(values: np.ndarray, kind: str, zone: str) -> Any:
    """A column of arrays with naive UTC times as `tables.conform` would have it."""
    if kind == "time":
        return pd.DatetimeIndex(values.astype("datetime64[us]")).tz_localize("UTC").tz_convert(zone)
    return pd.array(values, dtype="str") if kind in ("text", "category") else values.astype(DTYPES[kind])


def _unknown_reasons(items: pd.DataFrame, codes: np.ndarray) -> pd.DataFrame:
    rows = np.flatnonzero(items["reason"] == "unknown")
    given = items.iloc[rows][["stage", "initiator", "reason_text", "units", "order_id"]]
    named = given.rename(columns={"reason_text": "text"}).assign(code=pd.array(codes[rows], dtype="str"))
    keys = ["stage", "initiator", "text", "code"]
    grouped = named.groupby(keys, dropna=False, sort=False)
    found = grouped.agg(items=("units", "sum"), orders=("order_id", "nunique")).reset_index()
    ordered: pd.DataFrame = found.sort_values(["items", *keys], ascending=[False, True, True, True, True])
    return ordered.reset_index(drop=True)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _shown(value: object, orders: Any) -> str | None:
    text = _text(value)
    return text if text is None or is_wording(text, int(orders)) else HIDDEN


def _refuse_unknown(unknown: pd.DataFrame, shop: ShopSettings) -> None:
    given = unknown[unknown["text"].notna() | unknown["code"].notna()]
    if given.empty:
        return
    named = [
        f"{_shown(row.code, row.orders) or _shown(row.text, row.orders)!r} "
        f"({row.stage}, by {row.initiator}: {row.items})"
        for row in given.head(SHOWN).itertuples(index=False)
    ]
    more = f" and {len(given) - SHOWN} more" if len(given) > SHOWN else ""
    raise UnknownReasonError(
        f"shop {shop.id!r}: reasons that are in no catalog: {', '.join(named)}{more}",
        remedy="add them to catalog/data/texts.csv, or set 'strict: false' to have them counted as unknown",
    )
