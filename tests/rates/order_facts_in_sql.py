"""The facts of orders computed a second time, as one SQL query over the same tables."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.dispatch import dispatch_clock, first_scans
from cancel_analysis.rates.order_facts import by_platform

LINE_COLUMNS = (
    "shop_id", "order_id", "sku_id", "line_no", "quantity", "line_amount", "currency", "is_cod",
    "created_at", "paid_at", "rts_at", "shipped_at", "delivered_at", "cancelled_at", "status", "substatus",
)  # fmt: skip
ITEM_COLUMNS = (
    "order_id", "sku_id", "line_no", "return_id", "stage", "failed_delivery", "refused", "in_transit", "units",
    "amount", "currency", "initiator", "reason", "root_cause", "responsibility", "responsibility_other", "ambiguous",
    "pending", "whole_order", "event_at",
)  # fmt: skip
TEXTS = ("shop_id", "order_id", "currency", "cancelled_by")


def in_sql(
    orders: pd.DataFrame, items: pd.DataFrame, shop: ShopSettings, as_of: date, tracking: pd.DataFrame | None = None
) -> pd.DataFrame:
    """As `order_facts.describe_orders`."""
    query = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    lines = _naive(orders, LINE_COLUMNS).assign(
        scan_at=first_scans(orders, tracking).dt.tz_localize(None), by_platform=by_platform(orders)
    )
    with duckdb.connect() as connection:
        connection.register("lines", lines)
        connection.register("items", _naive(items, ITEM_COLUMNS))
        connection.register("clock", dispatch_clock(orders, shop, as_of))
        found = connection.execute(query, {"cut": as_of + timedelta(days=1), "currency": shop.currency}).df()
    return pd.DataFrame({str(name): _typed(str(name), found[name]) for name in found})


def _naive(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    chosen = frame[list(columns)].copy()
    zoned = [name for name, dtype in chosen.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype)]
    return chosen.assign(**{str(name): chosen[name].dt.tz_localize(None) for name in zoned})


def _typed(name: str, values: pd.Series) -> Any:
    if name.endswith("_date"):
        return values.to_numpy().astype("datetime64[us]")
    if name in TEXTS:
        return pd.array(values, dtype="str")
    if name == "units" or name.startswith("units_"):
        return values.to_numpy().astype(np.int64)
    return values.to_numpy().astype("float64" if name == "amount" or name.startswith("amount_") else "bool")
