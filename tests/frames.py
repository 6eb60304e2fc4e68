"""Small canonical frames for tests: only what a test is about has to be said."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cancel_analysis.tables import (
    AFFECTED_ITEMS,
    CANCEL_REQUESTS,
    ORDER_LINES,
    RETURNS,
    STOCK_LOG,
    STOCK_SNAPSHOTS,
    TRACKING_EVENTS,
    Table,
    conform,
)

ZONE = "Asia/Bangkok"
ORDER = {
    "shop_id": "shop",
    "sku_id": "S1",
    "line_no": 1,
    "first_line": True,
    "product_name": "Lamp",
    "quantity": 1,
    "quantity_affected": 0,
    "line_amount": 10.0,
    "order_amount": 10.0,
    "currency": "THB",
    "status": "completed",
    "created_at": "2026-11-02 10:00:00",
    "paid_at": "2026-11-02 10:05:00",
    "is_cod": False,
    "source_file": "orders.csv",
    "source_row": 2,
    "payment_method": "Card",
}
ITEM = {
    "shop_id": "shop",
    "sku_id": "S1",
    "line_no": 1,
    "product_name": "Lamp",
    "stage": "cancellation",
    "failed_delivery": False,
    "refused": False,
    "in_transit": False,
    "units": 1,
    "amount": 10.0,
    "currency": "THB",
    "initiator": "seller",
    "reason": "out_of_stock",
    "root_cause": "stock",
    "responsibility": "seller",
    "ambiguous": False,
    "pending": False,
    "basis": "text",
    "rule_id": "test",
    "settled": True,
    "whole_order": True,
    "order_created_at": "2026-11-02 10:00:00",
    "event_at": "2026-11-03 10:00:00",
}
RETURN = {
    "shop_id": "shop",
    "sku_id": "S1",
    "return_type": "return_and_refund",
    "status": "completed",
    "requested_at": "2026-11-08 10:00:00",
    "reason_text": "No longer needed",
    "quantity": 1,
    "refund_amount": 10.0,
    "currency": "THB",
    "source_file": "returns.csv",
    "source_row": 2,
}
REQUEST = {
    "shop_id": "shop",
    "first_line": True,
    "sku_id": "S1",
    "units": 1,
    "needs_answer": True,
    "status": "pending",
    "initiator": "buyer",
    "reason_text": "No longer needed",
    "created_at": "2026-11-10 10:00:00",
    "refund_amount": 10.0,
    "currency": "THB",
    "source_file": "cancellations.json",
    "source_row": 1,
}
STOCK = {
    "shop_id": "shop",
    "sku_id": "S1",
    "at": "2026-11-02 08:00:00",
    "stock": 5,
    "source_file": "stock.csv",
    "source_row": 2,
}
EVENT = {
    "shop_id": "shop",
    "tracking_id": "T1",
    "at": "2026-11-03 08:00:00",
    "step": "picked_up",
    "source_file": "tracking.csv",
    "source_row": 2,
}


def _frame(rows: list[dict[str, Any]], defaults: dict[str, Any], table: Table, zone: str) -> pd.DataFrame:
    full = [{**dict.fromkeys(table.names), **defaults, **row} for row in rows]
    return conform(pd.DataFrame(full, columns=table.names), table, zone)


def order_lines(*rows: dict[str, Any], zone: str = ZONE) -> pd.DataFrame:
    """Order lines; a row without an order_id gets its own."""
    return _frame([{"order_id": f"5000000000{n:06d}", **row} for n, row in enumerate(rows)], ORDER, ORDER_LINES, zone)


def affected_items(*rows: dict[str, Any], zone: str = ZONE) -> pd.DataFrame:
    """Affected items; the other reading is the main one unless said otherwise."""
    numbered = []
    for n, row in enumerate(rows):
        other = row.get("responsibility_other", row.get("responsibility", ITEM["responsibility"]))
        numbered.append({"order_id": f"5000000000{n:06d}", **row, "responsibility_other": other})
    return _frame(numbered, ITEM, AFFECTED_ITEMS, zone)


def returns(*rows: dict[str, Any], zone: str = ZONE) -> pd.DataFrame:
    """Return requests; a row without ids gets its own."""
    ids = [{"order_id": f"5000000000{n:06d}", "return_id": f"4000000000{n:06d}"} for n in range(len(rows))]
    return _frame([{**one, **row} for one, row in zip(ids, rows, strict=True)], RETURN, RETURNS, zone)


def cancel_requests(*rows: dict[str, Any], zone: str = ZONE) -> pd.DataFrame:
    """Cancellation requests; a row without ids gets its own."""
    ids = [{"order_id": f"5000000000{n:06d}", "request_id": f"6000000000{n:06d}"} for n in range(len(rows))]
    return _frame([{**one, **row} for one, row in zip(ids, rows, strict=True)], REQUEST, CANCEL_REQUESTS, zone)


def stock_log(*rows: dict[str, Any], zone: str = ZONE) -> pd.DataFrame:
    """Statements of the seller's own system."""
    return _frame(list(rows), STOCK, STOCK_LOG, zone)


def stock_snapshots(*rows: dict[str, Any], zone: str = ZONE) -> pd.DataFrame:
    """Stock as the platform showed it."""
    return _frame(list(rows), STOCK, STOCK_SNAPSHOTS, zone)


def tracking_events(*rows: dict[str, Any], zone: str = ZONE) -> pd.DataFrame:
    """Events of parcels."""
    return _frame(list(rows), EVENT, TRACKING_EVENTS, zone)
