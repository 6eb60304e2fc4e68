"""TikTok Shop order and return exports → canonical tables with their intake account."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cancel_analysis import tables
from cancel_analysis.catalog import values
from cancel_analysis.catalog.mapping.forms import EMPTY_TEXTS
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.loaders.parsing import fields
from cancel_analysis.loaders.parsing.account import Account, check_refused, make_account, understood_frame
from cancel_analysis.loaders.parsing.columns import COUNTRY, JAPANESE, ORDERS, RETURNS, Layout, Match
from cancel_analysis.loaders.parsing.intake import Intake, named_files
from cancel_analysis.loaders.parsing.merge import Lines, merge, moment
from cancel_analysis.loaders.parsing.recognition import open_export, recognise
from cancel_analysis.loaders.parsing.rows import BLANK, SAMPLE, SUPERSEDED, USED, FileRows, read_rows
from cancel_analysis.loaders.parsing.sources import Source
from cancel_analysis.loaders.parsing.two_shops import (
    ORDER_COLUMNS,
    FileTraits,
    currency_said,
    main_country,
    two_shops_notes,
)
from cancel_analysis.loaders.parsing.unknown import orders_by_value, unknown_frame

# What DuckDB may hold while it reads; the rest goes to disk. Rows that are kept come on top of it.
MEMORY_LIMIT = "1GB"

# What stands in for a SKU's number, the nearest first; the order has always one.
ARTICLES = ("sku_id", "seller_sku", "product_name", "order_id")

# No TikTok export carries the product number; the country is only compared between files.
NOT_MISSED = ("Product ID", "Country")

# A field of the catalog of values → what its texts are called where it is told what was understood.
WHAT = {
    "status": "statuses",
    "substatus": "sub statuses",
    "return_status": "statuses",
    "after_sale": "after-sale types",
    "cancelled_by": "initiators",
    "return_type": "return types",
}

Columns = dict[str, pa.Array | pa.ChunkedArray]


def load_orders(paths: str | Path | Sequence[str | Path], shop: ShopSettings) -> Intake:
    """The order lines of one or many order exports of `shop`, CSV or XLSX.

    Times are taken as local to the shop. Of a line that several files hold, the newest file's is
    used. Raises WrongFileError, UnreadableFileError, AmbiguousDatesError, and TooManyRefusedError
    when more than `shop.refuse_limit` of the rows had to be refused.
    """
    return load_sources(_open(paths), ORDERS, shop)


def load_returns(paths: str | Path | Sequence[str | Path], shop: ShopSettings) -> Intake:
    """The return and refund requests of one or many return exports of `shop`; errors as in `load_orders`."""
    return load_sources(_open(paths), RETURNS, shop)


def _open(paths: str | Path | Sequence[str | Path]) -> list[Source]:
    return [open_export(path, label) for path, label in named_files(paths)]


def load_sources(sources: Sequence[Source], layout: Layout, shop: ShopSettings) -> Intake:
    """The canonical table of exports that are open and known to be of `layout`."""
    parts, account = _read(sources, layout, shop)
    check_refused(account, shop)
    table = tables.ORDER_LINES if layout is ORDERS else tables.RETURNS
    columns = {name: _series([part.pop(name) for part in parts]) for name in table.names if name in parts[0]}
    return Intake(tables.check(tables.conform(columns, table, shop.timezone), table), account)


def _read(sources: Sequence[Source], layout: Layout, shop: ShopSettings) -> tuple[list[Columns], Account]:
    matches = [recognise(source, layout) for source in sources]
    with (
        tempfile.TemporaryDirectory(prefix="cancel-analysis-") as temporary,
        fields.connect(temporary, MEMORY_LIMIT) as connection,
    ):
        files = [read_rows(source, match, shop, connection) for source, match in zip(sources, matches, strict=True)]
    lines = merge(files)
    shops = two_shops_notes([_traits(rows, shop) for rows in files]) if len(files) > 1 else []
    for rows in files:
        _tell_statuses(rows)
    unknown = _Unknown()
    parts = [_columns(rows, line, shop, unknown) for rows, line in zip(files, lines, strict=True)]
    account = make_account(layout.kind, files, unknown.frame(), _notes(files), shops, understood=unknown.understood())
    return parts, account


def _traits(rows: FileRows, shop: ShopSettings) -> FileTraits:
    """What tells whose file this is."""
    given = np.isin(rows.outcome, (USED, SUPERSEDED, SAMPLE))
    is_orders = rows.match.layout is ORDERS

    def column(name: str, among: fields.Mask) -> pd.Series:
        if name not in rows.match.positions:
            return pd.Series([None] * int(among.sum()), dtype="str")
        found: pd.Series = rows.table[name].filter(pa.array(among)).to_pandas()
        return found

    def orders(numbers: pd.Series) -> pd.DataFrame:
        here = given & fields.mask(pc.is_in(rows.table["order_id"], pa.array(numbers, pa.large_string())))
        return pd.DataFrame({name: column(name, here) for name in ORDER_COLUMNS})

    settled = rows.decision.order if rows.decision.basis.partition(" ")[2].startswith("×") else None
    return FileTraits(
        rows.source.label,
        column("order_id", given if is_orders else given & False),
        orders,
        date_order=settled,
        country=main_country(column(COUNTRY, given)) if is_orders else None,
        currency=currency_said(rows.unread, rows.outcome == USED, shop.currency) if is_orders else None,
        language="Japanese" if JAPANESE["order_id"] in rows.source.header else "English" if is_orders else None,
    )


def _tell_statuses(rows: FileRows) -> None:
    """Keep what the account says of refused rows too, before the texts are let go."""
    if rows.match.layout is not ORDERS:
        return
    found, _ = _look_up(rows.table["status"], "status")
    rows.statuses = found.to_pandas()
    if "sku_id" in rows.match.positions:
        rows.without_sku = int((fields.mask(pc.is_null(rows.table["sku_id"])) & (rows.outcome == USED)).sum())


def _series(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pd.Series:
    """One column of all files; text stays in the pieces it was read in, as every copy of it costs."""
    chunks = [c for column in columns for c in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])]
    series: pd.Series = pa.chunked_array(chunks, columns[0].type).to_pandas()
    return series


class _Unknown:
    """Collects localized values: those of the catalog, and those that it has not, with the orders that have them."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.orders: Counter[tuple[str, str]] = Counter()
        self.known: Counter[tuple[str, str]] = Counter()

    def add(
        self,
        column: str,
        texts: pa.ChunkedArray,
        taken_as: pa.Array | pa.ChunkedArray,
        unknown: fields.Mask,
        orders: pa.ChunkedArray,
        field: str,
    ) -> None:
        for counted in pc.value_counts(texts):
            text = counted["values"].as_py()
            if text is not None and values.meaning(field, text) is not None:
                self.known[(field, text)] += counted["counts"].as_py()
        if unknown.any():
            where = pa.array(unknown)
            found = texts.filter(where).to_pylist()
            taken = pc.fill_null(taken_as, "nothing").filter(where).to_pylist()
            self.counts.update((column, text, result) for text, result in zip(found, taken, strict=True))
            self.orders.update(orders_by_value(column, found, orders.filter(where).to_pylist()))

    def frame(self) -> pd.DataFrame:
        return unknown_frame(self.counts, self.orders)

    def understood(self) -> pd.DataFrame:
        """What the catalog knows of the texts: they are the platform's words, and nobody's own."""
        lines = []
        for (field, text), count in self.known.most_common():
            value = values.meaning(field, text)
            if value is not None:
                lines.append((None, WHAT[field], text, value.canonical, count, "known", value.source))
        return understood_frame(lines)


def _columns(rows: FileRows, lines: Lines, shop: ShopSettings, unknown: _Unknown) -> Columns:
    """The used rows of one file as the columns of its canonical table."""
    used = rows.outcome == USED
    table = _take(rows, used)
    # Nobody needs the other rows any more, and they are large.
    rows.table = rows.table.slice(0, 0)
    count = int(used.sum())
    columns: Columns = {
        field.name: table[field.name] if field.name in rows.match.positions else pa.nulls(count, _type(field.kind))
        for field in rows.match.layout.fields
    }
    columns |= {
        "shop_id": _constant(shop.id, count),
        "currency": _constant(shop.currency, count),
        "source_file": _constant(rows.source.label, count),
        "source_row": pa.array(rows.row[used]),
        "updated_at": pa.array(np.full(count, np.datetime64(moment(rows) or "NaT", "us"))),
    }
    if rows.match.layout is ORDERS:
        columns |= _order_values(columns, rows.match, unknown)
        columns |= {"line_no": pa.array(lines.line_no[used]), "first_line": pa.array(lines.first_line[used])}
    else:
        columns |= _return_values(columns, rows.match, unknown)
    return columns


def _take(rows: FileRows, used: fields.Mask) -> dict[str, pa.ChunkedArray]:
    names = list(rows.match.positions)
    if used.all():
        return {name: rows.table[name] for name in names}
    where = pa.array(used)
    return fields.in_parallel(lambda name: rows.table[name].filter(where), names)


def _type(kind: str) -> pa.DataType:
    return {"integer": pa.int32(), "money": pa.float64(), "time": pa.timestamp("us")}.get(kind, pa.large_string())


def _constant(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.large_string()), count)


def _order_values(columns: Columns, match: Match, unknown: _Unknown) -> Columns:
    status, no_status = _look_up(columns["status"], "status")
    if status.null_count:
        status = pc.coalesce(status, _status_by_time(columns))
    substatus, no_substatus = _look_up(columns["substatus"], "substatus")
    after_sale, no_after_sale = _look_up(columns["after_sale"], "after_sale")
    cancelled_by, no_initiator = _look_up(columns["cancelled_by"], "cancelled_by")
    substatus = pc.if_else(pa.array(no_substatus), "unknown", substatus)
    cancelled_by = pc.if_else(pa.array(no_initiator), "unknown", cancelled_by)
    for name, result, missing in (
        ("status", status, no_status),
        ("substatus", substatus, no_substatus),
        ("after_sale", after_sale, no_after_sale),
        ("cancelled_by", cancelled_by, no_initiator),
    ):
        unknown.add(match.layout[name].headers[0], columns[name], result, missing, columns["order_id"], name)
    cod = fields.map_distinct(
        columns["payment_method"], lambda text: "yes" if values.is_cash_on_delivery(text) else None
    )
    return {
        "status": status,
        "substatus": substatus,
        "after_sale": after_sale,
        "cancelled_by": cancelled_by,
        "is_cod": pc.is_valid(cod),
        "quantity_affected": pc.fill_null(columns["quantity_affected"], 0),
        "cancel_reason_text": _without_dashes(columns["cancel_reason_text"]),
        "sku_id": pc.coalesce(*(columns[name] for name in ARTICLES)),
    }


def _look_up(texts: pa.Array | pa.ChunkedArray, field: str) -> tuple[pa.Array, fields.Mask]:
    """Canonical values (null where there is no text or no catalog has it), and where a text is unknown."""
    found = fields.map_distinct(texts, lambda text: values.canonical(field, text))
    said = fields.mask(pc.is_valid(texts)) & ~_says_nothing(texts)
    return found, said & fields.mask(pc.is_null(found))


def _says_nothing(texts: pa.Array | pa.ChunkedArray) -> fields.Mask:
    """Where a text only says that there is none, such as a dash."""
    return fields.mask(pc.is_in(pc.utf8_lower(texts), pa.array(EMPTY_TEXTS, texts.type)))


def _without_dashes(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    empty = _says_nothing(texts)
    return pc.if_else(pa.array(empty), pa.scalar(None, texts.type), texts) if empty.any() else texts


def _status_by_time(columns: Columns) -> pa.Array:
    """What the timestamps alone say of an order's status."""
    paid: npt.NDArray[np.bool_] = fields.mask(pc.is_valid(columns["paid_at"])) | fields.mask(
        pc.is_valid(columns["rts_at"])
    )
    steps = [
        (fields.mask(pc.is_valid(columns["cancelled_at"])), "cancelled"),
        (fields.mask(pc.is_valid(columns["delivered_at"])), "completed"),
        (fields.mask(pc.is_valid(columns["shipped_at"])), "shipped"),
        (paid, "to_ship"),
    ]
    which = np.select([step for step, _ in steps], range(len(steps)), default=len(steps))
    return pa.array([name for _, name in steps] + ["unknown"], pa.large_string()).take(pa.array(which))


def _return_values(columns: Columns, match: Match, unknown: _Unknown) -> Columns:
    status, no_status = _look_up(columns["status"], "return_status")
    substatus, _ = _look_up(columns["substatus"], "return_substatus")
    # Only the sub status tells that the buyer has taken the request back.
    status = pc.coalesce(substatus, status)
    no_status &= fields.mask(pc.is_null(status))
    by_time = pc.if_else(pc.is_valid(columns["refunded_at"]), "completed", "unknown")
    status = pc.coalesce(status, by_time)
    kind, no_kind = _look_up(columns["return_type"], "return_type")
    kind = pc.fill_null(kind, "unknown")
    orders = columns["order_id"]
    unknown.add(match.layout["status"].headers[0], columns["status"], status, no_status, orders, "return_status")
    unknown.add(match.layout["return_type"].headers[0], columns["return_type"], kind, no_kind, orders, "return_type")
    return {"status": status, "return_type": kind}


def _without_sku(rows: FileRows) -> int:
    if "sku_id" not in rows.match.positions:
        return rows.count(USED)
    return rows.without_sku


def _notes(files: Sequence[FileRows]) -> list[str]:
    notes = []
    for rows in files:
        label, layout = rows.source.label, rows.match.layout
        if not rows.count(USED):
            notes.append(f"{label}: no {layout.kind} in it are used")
        if layout is ORDERS and (lacking := _without_sku(rows)):
            notes.append(
                f"{label}: {lacking:,} rows have no SKU ID; the seller's SKU, the product or the order stands in"
            )
        if blank := rows.count(BLANK):
            notes.append(f"{label}: {blank:,} empty rows were passed over")
        if absent := [field.headers[0] for field in layout.fields if field.name not in rows.match.positions]:
            absent = (
                [name for name in absent if name not in ("Product ID", layout[COUNTRY].headers[0])]
                if layout is ORDERS
                else absent
            )
            if absent:
                notes.append(f"{label}: has no column {', '.join(absent)}")
    return notes
