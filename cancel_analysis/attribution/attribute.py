"""Each cancelled or returned item: where it was lost, whose fault, why, and what decided that.

The relational steps run in DuckDB over the canonical frames (``attribution/steps.py``); reasons are
resolved once per distinct (stage, initiator, moment, span of dates, text, code) by
``catalog/reasons.py`` and joined back. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis import database
from cancel_analysis.attribution import steps
from cancel_analysis.catalog.reason_tables import turning_days
from cancel_analysis.catalog.reasons import look_up
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.shown_words import HIDDEN, is_wording
from cancel_analysis.errors import UnknownReasonError
from cancel_analysis.rates.dispatch import dispatch_clock
from cancel_analysis.rates.moments import instants, zone_of
from cancel_analysis.tables import AFFECTED_ITEMS, ORDER_LINES, RETURNS, Table, check, empty

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
    requests = empty(RETURNS, shop.timezone) if returns is None else check(returns, RETURNS)
    with database.connect() as connection:
        connection.register("orders_in", _numbered(orders, ORDER_LINES, "line"))
        # A table of its own is read ten times as fast as a frame is looked at, and is read eight times.
        connection.execute("create temp table orders as from orders_in")
        connection.register("requests_in", _numbered(requests, RETURNS, "request"))
        connection.register("clock", _clock(orders, shop))
        connection.execute(_era_macro(turning_days(), shop.timezone))
        for step in (*steps.STEPS, steps.QUESTIONS):
            connection.execute(step)
        connection.register("findings", _answers(connection.sql(steps.ASKED).fetchall(), shop))
        connection.execute(steps.ITEMS)
        unknown = connection.sql(steps.UNKNOWN_REASONS).df()
        if shop.strict:
            _refuse_unknown(unknown, shop)
        not_returns = connection.sql(steps.NOT_RETURNS).df()
        return Attribution(
            items=_canonical(database.columns_of(connection.sql(steps.ITEMS_OUT)), shop),
            unknown_reasons=unknown,
            open_requests=int(not_returns.loc[not_returns["status"] == "pending", "requests"].sum()),
            not_returns=not_returns,
            orphans=connection.sql(steps.ORPHANS).df(),
        )


def _numbered(frame: pd.DataFrame, table: Table, name: str) -> pd.DataFrame:
    """The frame with naive UTC times and a running number; zone-aware values would follow the session's zone."""
    times = {column.name: instants(frame[column.name]) for column in table.columns if column.kind == "time"}
    # Copied: DuckDB reads no array that is a view from the end, as a frame turned round has them.
    return frame.copy().assign(**times, **{name: np.arange(len(frame))})


def _clock(orders: pd.DataFrame, shop: ShopSettings) -> pd.DataFrame:
    """Until when each order had to be dispatched, in naive UTC, whatever day it is looked at."""
    clock = dispatch_clock(orders, shop)
    zone = zone_of(orders["created_at"])
    due = clock["due_at"].dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    return clock[["order_id", "event"]].assign(due_at=instants(due))


def _canonical(columns: dict[str, np.ndarray], shop: ShopSettings) -> pd.DataFrame:
    """The items as `tables.conform` would have them, of arrays with naive UTC times."""

    def typed(values: np.ndarray, kind: str) -> Any:
        if kind == "time":
            return pd.DatetimeIndex(values.astype("datetime64[us]")).tz_localize("UTC").tz_convert(shop.timezone)
        return pd.array(values, dtype="str") if kind in ("text", "category") else values.astype(DTYPES[kind])

    return pd.DataFrame({column.name: typed(columns[column.name], column.kind) for column in AFFECTED_ITEMS.columns})


def _era_macro(days: Iterable[date], timezone: str) -> str:
    """`era(t)`: how many of the catalog's turning days had begun, in the shop's zone, at naive UTC `t`."""
    starts = [pd.Timestamp(day).tz_localize(timezone).tz_convert("UTC").tz_localize(None) for day in days]
    # What nothing dates is judged by what is known today.
    terms = [f"coalesce(t >= timestamp '{start:%Y-%m-%d %H:%M:%S}', true)::integer" for start in starts]
    return f"create temp macro era(t) as {' + '.join(['0', *terms])}"


def _answers(questions: Sequence[tuple[Any, ...]], shop: ShopSettings) -> pd.DataFrame:
    """One finding of the catalog for each of the `questions` (rows of `steps.ASKED`), in their order."""
    days = turning_days()
    eras = [days[0] - timedelta(days=1), *days]
    answers = [
        look_up(stage, initiator=initiator, market=shop.market, on=eras[era], text=text, code=code, moment=moment)
        for stage, initiator, moment, era, text, code in questions
    ]
    words = {name: pd.array([getattr(answer, name) for answer in answers], dtype="str") for name in WORDS}
    flags = {name: np.array([getattr(answer, name) for answer in answers], dtype=bool) for name in FLAGS}
    return pd.DataFrame({"question": np.arange(len(answers)), **words, **flags})


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
