"""Every column of every canonical table, described once.

Types, checks and the data dictionary in ``docs/`` are derived from here; no other module lists
columns again. Loaders produce ``ORDER_LINES`` and ``RETURNS``; attribution produces
``AFFECTED_ITEMS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cancel_analysis.errors import TableError

if TYPE_CHECKING:
    # What only names columns (settings, mappings) is loaded without it.
    import pandas as pd

STATUSES = ("unpaid", "on_hold", "to_ship", "shipped", "completed", "cancelled", "unknown")
SUBSTATUSES = (
    "awaiting_shipment",
    "awaiting_collection",
    "in_transit",
    "delivered",
    "completed",
    "cancelled",
    "unknown",
)
AFTER_SALES = ("cancel", "return_refund")
INITIATORS = ("buyer", "seller", "system", "operator", "unknown")
RETURN_TYPES = ("return_and_refund", "refund_only", "replacement", "unknown")
REQUEST_STATUSES = ("pending", "accepted", "rejected", "withdrawn", "completed", "unknown")
TRACKING_STEPS = (
    "label",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "exception",
    "returning",
    "returned",
    "unknown",
)
RETURN_STATUSES = ("pending", "in_process", "completed", "rejected", "withdrawn", "unknown")
STAGES = ("unpaid", "cancellation", "refund", "return_refund")
RESPONSIBILITIES = ("seller", "buyer", "shipping", "platform", "unknown")
ROOT_CAUSES = (
    "stock",
    "late_dispatch",
    "listing",
    "price",
    "quality",
    "buyer_choice",
    "payment",
    "address",
    "address_details",
    "carrier",
    "risk_control",
    "other",
)
BASES = ("code", "text", "alias", "initiator", "timestamps")

# Kinds of column. `time` is zone-aware in the shop's own zone; `category` has a closed list of values.
KINDS = ("text", "category", "integer", "money", "flag", "time")


@dataclass(frozen=True)
class Column:
    """One column: its kind, unit, whether it may be empty, and what a reader must know."""

    name: str
    kind: str
    about: str
    nullable: bool = False
    values: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """One canonical table: its name, what one row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _times(*pairs: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, "time", about, nullable=True) for name, about in pairs)


ORDER_LINES = Table(
    "order_lines",
    "one SKU of one order, as the newest file that speaks of it says",
    (
        Column("shop_id", "text", "the shop, as in shops.yaml"),
        Column("order_id", "text", "the platform's order number, digits kept as text"),
        Column("sku_id", "text", "the platform's SKU number"),
        Column(
            "line_no", "integer", "1 for the first line of this SKU in its order; equal lines are genuine", unit="1"
        ),
        Column("first_line", "flag", "true on exactly one line of each order, so that orders can be summed"),
        Column("product_id", "text", "the platform's product number; exports do not carry it", nullable=True),
        Column("seller_sku", "text", "the seller's own article number", nullable=True),
        Column("product_name", "text", "the listing's title at the time of the order", nullable=True),
        Column("variation", "text", "colour, size and so on", nullable=True),
        Column("category", "text", "the platform's product category", nullable=True),
        Column("quantity", "integer", "units ordered", unit="item"),
        Column("quantity_affected", "integer", "units cancelled or returned, as the platform counts them", unit="item"),
        Column("unit_price", "money", "list price of one unit", nullable=True),
        Column(
            "line_amount",
            "money",
            "what the units cost after discounts; the line's value. Empty where the files do not say it",
            nullable=True,
        ),
        Column(
            "order_amount",
            "money",
            "what the buyer paid for the order; repeats on every line, never summed over lines",
            nullable=True,
        ),
        Column(
            "order_refund_amount",
            "money",
            "refunded on the order; repeats on every line, never summed over lines",
            nullable=True,
        ),
        Column("currency", "text", "ISO 4217 code of every amount in the row"),
        Column("status", "category", "the order's status", values=STATUSES),
        Column("substatus", "category", "the status inside the status", nullable=True, values=SUBSTATUSES),
        Column(
            "after_sale",
            "category",
            "what the platform calls cancellation/return type",
            nullable=True,
            values=AFTER_SALES,
        ),
        *_times(
            ("created_at", "when the order was placed, every rate's default date; empty where no file says it"),
            ("paid_at", "when it was paid; cash on delivery orders have none"),
            ("rts_at", "when the seller marked it ready to ship"),
            ("shipped_at", "when the carrier took it"),
            ("delivered_at", "when it was delivered"),
            ("cancelled_at", "when it was cancelled"),
            ("updated_at", "when the statement was made: an API order's own word, else the file's moment"),
        ),
        Column("cancelled_by", "category", "who cancelled", nullable=True, values=INITIATORS),
        Column(
            "cancel_reason_code",
            "text",
            "the reason's code (API files), or the catalog's reason that a mapping names",
            nullable=True,
        ),
        Column("cancel_reason_text", "text", "the reason as the file has it, in the interface language", nullable=True),
        Column("payment_method", "text", "as the file has it", nullable=True),
        Column("is_cod", "flag", "cash on delivery: not being paid does not mean unpaid"),
        Column("fulfillment_type", "text", "by the seller or by the platform", nullable=True),
        Column("warehouse", "text", "the warehouse's name", nullable=True),
        Column("package_id", "text", "the package the line went into", nullable=True),
        Column("tracking_id", "text", "the carrier's number", nullable=True),
        Column("carrier", "text", "the carrier's name", nullable=True),
        Column("region", "text", "state or province of delivery; nothing finer is kept", nullable=True),
        Column("source_file", "text", "the file the row came from"),
        Column("source_row", "integer", "its row there, counted as a spreadsheet does (header is 1)", unit="1"),
    ),
)

RETURNS = Table(
    "returns",
    "one return or refund request for one SKU of one order",
    (
        Column("shop_id", "text", "the shop, as in shops.yaml"),
        Column("return_id", "text", "the platform's number of the request"),
        Column("order_id", "text", "the order it belongs to"),
        Column("sku_id", "text", "the SKU it belongs to"),
        Column("seller_sku", "text", "the seller's own article number", nullable=True),
        Column("product_name", "text", "the listing's title", nullable=True),
        Column("variation", "text", "colour, size and so on", nullable=True),
        Column("return_type", "category", "whether the goods come back", values=RETURN_TYPES),
        Column("status", "category", "rejected and withdrawn requests are no returns", values=RETURN_STATUSES),
        Column("requested_at", "time", "when the buyer asked"),
        Column("refunded_at", "time", "when the money went back", nullable=True),
        Column(
            "initiator", "category", "who asked; exports do not say, API files do", nullable=True, values=INITIATORS
        ),
        Column(
            "reason_code",
            "text",
            "the reason's code (API files), or the catalog's reason that a mapping names",
            nullable=True,
        ),
        Column("reason_text", "text", "the reason as the file has it", nullable=True),
        Column("quantity", "integer", "units; older exports do not say", nullable=True, unit="item"),
        Column(
            "refund_amount", "money", "total refund of the row (the export calls it 'Return unit price')", nullable=True
        ),
        Column("currency", "text", "ISO 4217 code of every amount in the row"),
        Column("dispute_status", "text", "as the file has it", nullable=True),
        Column("appeal_status", "text", "as the file has it", nullable=True),
        Column("compensation_status", "text", "as the file has it", nullable=True),
        Column("compensation_amount", "money", "what the platform or carrier paid back", nullable=True),
        Column("return_tracking_id", "text", "the carrier's number of the way back", nullable=True),
        *_times(
            ("updated_at", "when the statement was made: the API's own word, else the file's moment"),
            ("deadline_at", "until when the next action must be taken; API files only"),
        ),
        Column("next_action", "text", "what is awaited, and of whom, as the API names it", nullable=True),
        Column("arbitration", "text", "the platform's arbitration, as the API names it", nullable=True),
        Column("return_freight", "money", "return shipping that the seller paid; API files only", nullable=True),
        Column("source_file", "text", "the file the row came from"),
        Column("source_row", "integer", "its row there, counted as a spreadsheet does (header is 1)", unit="1"),
    ),
)

AFFECTED_ITEMS = Table(
    "affected_items",
    "units of one order line that were cancelled, refunded or returned, with one stage and one reason",
    (
        Column("shop_id", "text", "the shop, as in shops.yaml"),
        Column("order_id", "text", "the order"),
        Column("sku_id", "text", "the SKU"),
        Column("line_no", "integer", "as in order_lines", unit="1"),
        Column("return_id", "text", "the request, where the item came from one", nullable=True),
        Column("product_id", "text", "the platform's product number", nullable=True),
        Column("seller_sku", "text", "the seller's own article number", nullable=True),
        Column("product_name", "text", "the listing's title", nullable=True),
        Column("variation", "text", "colour, size and so on", nullable=True),
        Column("category", "text", "the platform's product category", nullable=True),
        Column("carrier", "text", "the carrier's name", nullable=True),
        Column("region", "text", "state or province of delivery", nullable=True),
        Column("stage", "category", "where on its way the item was lost", values=STAGES),
        Column("failed_delivery", "flag", "the carrier could not deliver, or lost or damaged it on the way"),
        Column("refused", "flag", "the buyer refused the parcel at the door"),
        Column("in_transit", "flag", "the buyer cancelled while the parcel was under way, as the market's rule allows"),
        Column("units", "integer", "units affected", unit="item"),
        Column(
            "amount",
            "money",
            "value of the cancelled units, or the refund of the returned ones; empty where it is not known",
            nullable=True,
        ),
        Column("currency", "text", "ISO 4217 code of the amount"),
        Column("initiator", "category", "who cancelled or asked", values=INITIATORS),
        Column("reason", "text", "the catalog's reason; 'unknown' when no catalog has it"),
        Column("reason_code", "text", "the official code of that reason, where one fits", nullable=True),
        Column("reason_text", "text", "the reason as the file has it", nullable=True),
        Column("root_cause", "category", "what lies behind the reason", values=ROOT_CAUSES),
        Column("responsibility", "category", "whose fault, main reading", values=RESPONSIBILITIES),
        Column(
            "responsibility_other",
            "category",
            "whose fault, other reading; the same where there is only one",
            values=RESPONSIBILITIES,
        ),
        Column("ambiguous", "flag", "the reason can honestly be read two ways"),
        Column("pending", "flag", "waits for a carrier's finding"),
        Column("basis", "category", "what decided", values=BASES),
        Column("rule_id", "text", "the catalog rule that gave the responsibility"),
        Column("settled", "flag", "false while a return request is still running"),
        Column("whole_order", "flag", "every unit of the order was cancelled"),
        *_times(
            ("order_created_at", "when the order was placed; empty where no file says it"),
            ("event_at", "when it was cancelled or the return was asked for, else when the order was placed"),
        ),
    ),
)

CANCEL_REQUESTS = Table(
    "cancel_requests",
    "one SKU of one request to cancel an order or a part of it",
    (
        Column("shop_id", "text", "the shop, as in shops.yaml"),
        Column("request_id", "text", "the platform's number of the request"),
        Column("first_line", "flag", "true on exactly one row of each request, so that requests can be summed"),
        Column("order_id", "text", "the order it is about"),
        Column("sku_id", "text", "the SKU; empty where the request names none", nullable=True),
        Column("product_name", "text", "the listing's title", nullable=True),
        Column("units", "integer", "units to be cancelled", unit="item"),
        Column(
            "needs_answer",
            "flag",
            "a buyer's request that the seller accepts or rejects; else a cancellation that took effect at once",
        ),
        Column("status", "category", "how far it got", values=REQUEST_STATUSES),
        Column("initiator", "category", "who asked", values=INITIATORS),
        Column("reason_code", "text", "the reason's code", nullable=True),
        Column("reason_text", "text", "the reason as the file has it", nullable=True),
        Column("created_at", "time", "when it was asked for"),
        *_times(
            ("updated_at", "when its status was last changed"),
            ("deadline_at", "until when the seller must answer, as the platform says"),
        ),
        Column("next_action", "text", "what is awaited, as the API names it", nullable=True),
        Column("refund_amount", "money", "what the buyer gets back for the row", nullable=True),
        Column("currency", "text", "ISO 4217 code of every amount in the row"),
        Column("source_file", "text", "the file the row came from"),
        Column("source_row", "integer", "its place there, counted from 1", unit="1"),
    ),
)

_SKU = (
    Column("shop_id", "text", "the shop, as in shops.yaml"),
    Column("sku_id", "text", "the platform's SKU number; empty where only the seller's is given", nullable=True),
    Column("seller_sku", "text", "the seller's own article number", nullable=True),
)
_SOURCE = (
    Column("source_file", "text", "the file the row came from"),
    Column("source_row", "integer", "its row there, counted as a spreadsheet does (header is 1)", unit="1"),
)

STOCK_LOG = Table(
    "stock_log",
    "one statement of the seller's own system about the stock of one SKU",
    (
        *_SKU,
        Column("at", "time", "when the stock was so"),
        Column("stock", "integer", "units free to be sold; negative where the system oversold", unit="item"),
        Column("sent_at", "time", "when the platform was told; empty when it never was", nullable=True),
        Column("result", "text", "what the platform answered, as the file has it", nullable=True),
        *_SOURCE,
    ),
)

STOCK_SNAPSHOTS = Table(
    "stock_snapshots",
    "the stock of one SKU as the platform showed it at one moment",
    (
        *_SKU,
        Column("at", "time", "the moment"),
        Column("stock", "integer", "units that buyers could order", unit="item"),
        *_SOURCE,
    ),
)

TRACKING_EVENTS = Table(
    "tracking_events",
    "one event of one parcel, as the carrier told it",
    (
        Column("shop_id", "text", "the shop, as in shops.yaml"),
        Column("tracking_id", "text", "the carrier's number"),
        Column("order_id", "text", "the order, where the file has it", nullable=True),
        Column("carrier", "text", "the carrier's name", nullable=True),
        Column("at", "time", "when it happened"),
        Column("step", "category", "how far the parcel was", values=TRACKING_STEPS),
        Column("text", "text", "the event as the file has it", nullable=True),
        Column("place", "text", "where; no more than a town", nullable=True),
        *_SOURCE,
    ),
)

TABLES = (ORDER_LINES, RETURNS, AFFECTED_ITEMS, CANCEL_REQUESTS, STOCK_LOG, STOCK_SNAPSHOTS, TRACKING_EVENTS)


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return `frame` as it is when it is the canonical `table`; raise TableError naming what differs.

    Checks names and order of the columns, their kinds, empty values and closed lists of values.
    """
    missing = [name for name in table.names if name not in frame.columns]
    extra = [name for name in frame.columns if name not in table.names]
    if missing or extra:
        raise TableError(f"not a {table.name} table: missing columns {missing}, unknown columns {extra}")
    problems = [problem for column in table.columns for problem in _problems(frame[column.name], column)]
    if problems:
        raise TableError(f"not a {table.name} table: " + "; ".join(problems[:3]))
    return frame


def _problems(values: pd.Series, column: Column) -> Iterable[str]:
    import pandas as pd

    if not column.nullable and values.isna().any():
        yield f"{column.name} is empty in {int(values.isna().sum())} rows"
    kind = column.kind
    if kind == "time" and not isinstance(values.dtype, pd.DatetimeTZDtype):
        yield f"{column.name} is {values.dtype}, not a zone-aware time"
    elif kind == "flag" and not pd.api.types.is_bool_dtype(values.dtype):
        yield f"{column.name} is {values.dtype}, not a flag"
    elif kind in ("integer", "money") and not pd.api.types.is_numeric_dtype(values.dtype):
        yield f"{column.name} is {values.dtype}, not a number"
    elif kind == "category":
        unknown = set(values.dropna().unique()) - set(column.values)
        if unknown:
            yield f"{column.name} holds {sorted(map(str, unknown))[:3]}, allowed are {list(column.values)}"


def empty(table: Table, timezone: str = "UTC") -> pd.DataFrame:
    """An empty frame with the columns and dtypes of `table`."""
    import pandas as pd

    return conform(pd.DataFrame({name: [] for name in table.names}), table, timezone)


def conform(frame: pd.DataFrame | Mapping[str, pd.Series], table: Table, timezone: str) -> pd.DataFrame:
    """Give `frame`, or columns by name, the canonical order and dtypes; naive times are local to `timezone`.

    Text and closed lists become `str`, closed lists of few values stay text (no categoricals: they
    break comparisons between shops whose lists differ); integers that may be empty become `Int64`.
    Columns that may be empty may be left out.
    """
    import pandas as pd

    columns = {}
    for column in table.columns:
        if column.name in frame or not column.nullable:
            values = frame[column.name]
        else:
            # What a source never says need not be listed by its loader.
            values = pd.Series(None, index=frame[table.names[0]].index, dtype="object")
        if column.kind in ("text", "category"):
            values = values.astype("str")
        elif column.kind == "integer":
            values = values.astype("Int64" if column.nullable else "int64")
        elif column.kind == "money":
            values = values.astype("float64")
        elif column.kind == "flag":
            values = values.astype("bool")
        else:
            values = pd.to_datetime(values)
            zone = getattr(values.dtype, "tz", None)
            if zone is None:
                # A clock that is set back shows an hour twice; standard time, the second showing, is taken for both.
                values = values.dt.tz_localize(timezone, ambiguous=False, nonexistent="shift_forward")
            else:
                values = values.dt.tz_convert(timezone)
            values = values.dt.as_unit("us")
        columns[column.name] = values
    return pd.DataFrame(columns)
