"""One row an order: what was known of it at the end of one day, as flags, days, units and amounts.

One DuckDB query (`order_facts.sql`) over the order lines and the affected items. Times go in as the shop's wall clock
without a zone: days and deadlines are the shop's own, and zone-aware values would make DuckDB ask
for another package. The price is an hour's doubt about the order of two events in the one night a
year when clocks are set back.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis import database
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.values import canonical
from cancel_analysis.rates.dispatch import dispatch_clock, first_scans

LINE_COLUMNS = (
    "shop_id", "order_id", "sku_id", "line_no", "quantity", "line_amount", "currency", "is_cod",
    "created_at", "paid_at", "rts_at", "shipped_at", "delivered_at", "cancelled_at", "status", "substatus",
)  # fmt: skip
ITEM_COLUMNS = (
    "order_id", "sku_id", "line_no", "return_id", "stage", "failed_delivery", "refused", "in_transit", "units",
    "amount", "currency", "initiator", "reason", "root_cause", "responsibility", "responsibility_other", "ambiguous",
    "pending", "whole_order", "event_at",
)  # fmt: skip
DATES = (
    "created_date", "paid_date", "due_date", "dispatched_date", "shipped_date", "delivered_date", "ended_date",
    "failed_date", "cancelled_date", "last_cancel_date", "refund_date", "return_date",
    "back_date", "in_transit_date",
)  # fmt: skip


@cache
def _query() -> str:
    return files("cancel_analysis.rates").joinpath("order_facts.sql").read_text(encoding="utf-8")


def describe_orders(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    shop: ShopSettings,
    as_of: date,
    tracking: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What was known of each order at the end of `as_of` (the shop's day): one row an order.

    `orders` are ORDER_LINES, `items` AFFECTED_ITEMS of the same shop, `tracking` TRACKING_EVENTS where there
    are any: they tell the carrier's first scan, for which the order file's time of shipment stands else. Flags
    are bool, days are datetimes at midnight (NaT: has not happened), units are items, amounts are in the shop's
    currency, NaN where the files do not say them; an order in another currency has amount 0 and
    `other_currency`. `…_by_loss` marks what only an order's own loss tells. What another flag means stands with
    its measure in `catalog.rates`.
    """
    cut = as_of + timedelta(days=1)
    lines = wall_clock(orders, LINE_COLUMNS).assign(
        scan_at=first_scans(orders, tracking).dt.tz_localize(None), by_platform=by_platform(orders)
    )
    with database.connect() as connection:
        connection.register("lines", lines)
        connection.register("items", wall_clock(items, ITEM_COLUMNS))
        connection.register("clock", dispatch_clock(orders, shop, as_of))
        facts = database.columns_of(connection.execute(_query(), {"cut": cut, "currency": shop.currency}))
    return pd.DataFrame({name: _plain(name, values) for name, values in facts.items()})


def cancellations_undated(facts: pd.DataFrame) -> bool:
    """Whether most of what was cancelled has no time of its own, so that no week can be seen as it looked then."""
    lost, no_day = (int(facts[name].sum()) for name in ("lost_by_cancelling", "cancel_undated"))
    return no_day > lost / 2


def by_platform(orders: pd.DataFrame) -> pd.Series:
    """Whether the platform itself fulfils each order line; what no file says counts as the seller's own."""
    given = orders["fulfillment_type"]
    meant = {text: canonical("fulfillment", text) == "platform" for text in given.dropna().unique()}
    return given.map(meant).astype("boolean").fillna(False).astype("bool")


def wall_clock(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The named columns, times as the shop's wall clock without a zone."""
    # Copied: DuckDB reads no array that is a view from the end, as a frame turned round has them.
    chosen = frame[list(columns)].copy()
    zoned = [name for name, dtype in chosen.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype)]
    return chosen.assign(**{str(name): chosen[name].dt.tz_localize(None) for name in zoned})


def _plain(name: str, values: np.ndarray) -> Any:
    """A column of the query's answer with its dtype, which an empty one lacks."""
    if name in DATES:
        return values.astype("datetime64[us]")
    if name in ("shop_id", "order_id", "currency", "cancelled_by"):
        return pd.array(values, dtype="str")
    if name == "units" or name.startswith("units_"):
        return values.astype("int64")
    return values.astype("float64" if name == "amount" or name.startswith("amount_") else "bool")
