"""The files of a shop beside its exports: stock, tracking, saved API answers; with what is true of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cancel_analysis.sample import partner_api
from cancel_analysis.sample.orders import Order
from cancel_analysis.sample.parcels import COLUMNS, event_rows, tell_tracking, track
from cancel_analysis.sample.partner_api import ORDERS_FETCHED, Spoken
from cancel_analysis.sample.plans import Plan
from cancel_analysis.sample.requests import FETCHED, ask, tell_queue, tell_requests
from cancel_analysis.sample.stock import LOG_LAST, keep_stock, log_rows, snapshot_rows, tell_gaps

LOG_COLUMNS = ("Time", "SKU ID", "Seller SKU", "Stock", "Sent", "Result")
SNAPSHOT_COLUMNS = ("Time", "SKU ID", "Seller SKU", "Available")
TRACKED = datetime(2026, 11, 16, 8, 0)


@dataclass(frozen=True)
class SideFile:
    """One file and the rows that a reader makes of it; `spoken` are an API file's objects."""

    name: str
    kind: str
    saved: datetime
    content: bytes
    rows: int
    spoken: tuple[Spoken, ...] = ()


@dataclass(frozen=True)
class SideFiles:
    """Everything beside the exports, and the parts of `truth.json` that speak of it."""

    files: tuple[SideFile, ...] = ()
    truth: Mapping[str, Any] = field(default_factory=dict)


def make_side_files(plan: Plan, orders: Sequence[Order]) -> SideFiles:
    """The files named in `plan.side_files`."""
    files: list[SideFile] = []
    truth: dict[str, Any] = {}
    if "stock" in plan.side_files:
        log, shown = keep_stock(plan, orders)
        files += [
            _table("stock_log.csv", "stock_log", LOG_LAST, LOG_COLUMNS, log_rows(log)),
            _table("stock_snapshots.csv", "stock_snapshots", LOG_LAST, SNAPSHOT_COLUMNS, snapshot_rows(shown)),
        ]
        truth["stock_gaps"] = tell_gaps(plan, orders)
    if "tracking" in plan.side_files or "tracking_of_cancelled" in plan.side_files:
        tracking = track(plan, orders, TRACKED)
        files.append(_table("tracking_events.csv", "tracking", TRACKED, COLUMNS, event_rows(plan, tracking)))
        truth["tracking"] = tell_tracking(tracking)
    if "cancellations" in plan.side_files:
        asked = ask(plan, orders)
        files.append(_answer("cancellations", "requests", FETCHED, tell_requests(plan, asked)))
        truth["requests"] = tell_queue(asked)
    if "api" in plan.side_files:
        spoken = partner_api.tell_orders(plan, orders, ORDERS_FETCHED)
        files.append(_answer("orders", "orders_api", ORDERS_FETCHED, spoken))
        files.append(_answer("return_orders", "returns_api", ORDERS_FETCHED, partner_api.tell_returns(plan, orders)))
    return SideFiles(tuple(files), truth)


def file_counts(file: SideFile) -> dict[str, int]:
    """Rows of the file by what becomes of them when it is read alone: an object's older statements are superseded."""
    newest: dict[str, datetime] = {}
    for statement in file.spoken:
        newest[statement.key] = max(statement.updated, newest.get(statement.key, statement.updated))
    superseded = sum(statement.lines for statement in file.spoken if statement.updated < newest[statement.key])
    rows = {"rows": file.rows, "description": 0, "samples": 0, "superseded": superseded, "refused": 0}
    return {**rows, "used": file.rows - superseded}


def newer_than(file: SideFile, moment: datetime) -> dict[str, int]:
    """The objects whose newest statement is younger than an export of `moment`, with their lines."""
    return {statement.key: statement.lines for statement in file.spoken if statement.updated > moment}


def _table(name: str, kind: str, saved: datetime, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> SideFile:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    listed = list(rows)
    writer.writerows(listed)
    return SideFile(name, kind, saved, text.getvalue().encode(), len(listed))


def _answer(kind: str, table: str, saved: datetime, spoken: Sequence[Spoken]) -> SideFile:
    name = f"{'returns' if kind == 'return_orders' else kind}-{saved.date().isoformat()}.json"
    rows = sum(statement.lines for statement in spoken)
    return SideFile(name, table, saved, partner_api.answer(kind, spoken), rows, tuple(spoken))
