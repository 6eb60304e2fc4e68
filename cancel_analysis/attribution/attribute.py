"""Each cancelled or returned item: where it was lost, whose fault, why, and what decided that.

The relational steps run in DuckDB over the canonical frames (``attribution/steps.py``); reasons are
resolved once per distinct (stage, initiator, moment, span of dates, text, code) by
``catalog/reasons.py`` and joined back. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
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
from cancel_analysis.tables import AFFECTED_ITEMS, ORDER_LINES, RETURNS, Table, check, conform, empty

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
        connection.register("orders", _numbered(orders, ORDER_LINES, "line"))
        connection.register("requests_in", _numbered(requests, RETURNS, "request"))
        connection.register("clock", _clock(orders, shop))
        connection.execute(_era_macro(turning_days(), shop.timezone))
        for step in (*steps.STEPS, steps.QUESTIONS):
            connection.execute(step)
        connection.register("findings", _answers(connection.sql("from questions order by question").df(), shop))
        connection.execute(steps.ITEMS)
        unknown = connection.sql(steps.UNKNOWN_REASONS).df()
        if shop.strict:
            _refuse_unknown(unknown, shop)
        not_returns = connection.sql(steps.NOT_RETURNS).df()
        return Attribution(
            items=_canonical(connection.sql(steps.ITEMS_OUT).df(), shop),
            unknown_reasons=unknown,
            open_requests=int(not_returns.loc[not_returns["status"] == "pending", "requests"].sum()),
            not_returns=not_returns,
            orphans=connection.sql(steps.ORPHANS).df(),
        )


def _numbered(frame: pd.DataFrame, table: Table, name: str) -> pd.DataFrame:
    """The frame with naive UTC times and a running number; zone-aware values would follow the session's zone."""
    columns = {
        column.name: frame[column.name].dt.tz_convert("UTC").dt.tz_localize(None)
        if column.kind == "time"
        else frame[column.name]
        for column in table.columns
    }
    return pd.DataFrame({**columns, name: np.arange(len(frame))})


def _clock(orders: pd.DataFrame, shop: ShopSettings) -> pd.DataFrame:
    """Until when each order had to be dispatched, in naive UTC, whatever day it is looked at."""
    clock = dispatch_clock(orders, shop)
    zone = orders["created_at"].dt.tz
    due = clock["due_at"].dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    return clock[["order_id", "event"]].assign(due_at=due.dt.tz_convert("UTC").dt.tz_localize(None))


def _canonical(frame: pd.DataFrame, shop: ShopSettings) -> pd.DataFrame:
    times = [column.name for column in AFFECTED_ITEMS.columns if column.kind == "time"]
    frame = frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in times})
    return conform(frame, AFFECTED_ITEMS, shop.timezone)


def _era_macro(days: Iterable[date], timezone: str) -> str:
    """`era(t)`: how many of the catalog's turning days had begun, in the shop's zone, at naive UTC `t`."""
    starts = [pd.Timestamp(day).tz_localize(timezone).tz_convert("UTC").tz_localize(None) for day in days]
    # What nothing dates is judged by what is known today.
    terms = [f"coalesce(t >= timestamp '{start:%Y-%m-%d %H:%M:%S}', true)::integer" for start in starts]
    return f"create temp macro era(t) as {' + '.join(['0', *terms])}"


def _answers(questions: pd.DataFrame, shop: ShopSettings) -> pd.DataFrame:
    """One finding of the catalog a question, in the order of the questions."""
    days = turning_days()
    eras = [days[0] - timedelta(days=1), *days]
    answers = [
        look_up(
            row["list_stage"],
            initiator=row["initiator"],
            market=shop.market,
            on=eras[row["era"]],
            text=_text(row["reason_text"]),
            code=_text(row["given_code"]),
            moment=row["moment"],
        )
        for row in questions.to_dict("records")
    ]
    found = pd.DataFrame([asdict(answer) for answer in answers], columns=[*WORDS, *FLAGS])
    flags = {name: found[name].astype("bool") for name in FLAGS}
    words = {name: found[name].astype("str") for name in WORDS}
    return pd.DataFrame({"question": questions["question"], **words, **flags})


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
