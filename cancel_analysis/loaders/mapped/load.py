"""Files of any other platform or house → order lines and returns, by a mapping (``catalog/mappings.py``).

What the files do not have is left empty or stood in for as the mapping says; every stand-in is
counted and noted in the account. Rows in = rows used + rows left out, by cause, as for exports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cancel_analysis import tables
from cancel_analysis.catalog.mapping.forms import CUSTOMER, LINE_ID, FileMapping, Part
from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.mapped.documents import match_documents
from cancel_analysis.loaders.mapped.equal_rows import equal_notes
from cancel_analysis.loaders.mapped.gaps import fill_empty, kinds_of, table_of
from cancel_analysis.loaders.mapped.joined import JoinedTable
from cancel_analysis.loaders.mapped.joined_account import joined_notes, rows_of_orders, rows_of_table
from cancel_analysis.loaders.mapped.reading import read_file, read_tables
from cancel_analysis.loaders.mapped.returns import add_order_lines, return_values
from cancel_analysis.loaders.mapped.rows import LOOK, MappedRows, open_mapped
from cancel_analysis.loaders.mapped.understanding import understand
from cancel_analysis.loaders.mapped.values import order_of
from cancel_analysis.loaders.mapped.wordings import count_wordings
from cancel_analysis.loaders.parsing.account import NO_SALE, check_refused, make_account
from cancel_analysis.loaders.parsing.dates import OTHER
from cancel_analysis.loaders.parsing.intake import Intake, ShopIntake, named_files
from cancel_analysis.loaders.parsing.merge import merge, moment
from cancel_analysis.loaders.parsing.rows import BLANK, SAMPLE, SUPERSEDED, USED
from cancel_analysis.loaders.parsing.sources import Source
from cancel_analysis.loaders.parsing.two_shops import ORDER_COLUMNS, FileTraits, currency_said, two_shops_notes
from cancel_analysis.loaders.parsing.unknown import unknown_frame

ADD_FILES = "Add the file that holds the sale; until then this cancellation is left out."
_TYPES = {"time": "datetime64[us]", "integer": "float64", "money": "float64", "flag": "bool"}


def load_mapped(
    paths: str | Path | Sequence[str | Path], shop: ShopSettings, mapping: str | Path | FileMapping
) -> ShopIntake:
    """The order lines, and the returns where there is such a file, of files that `mapping` describes.

    `mapping` is the name of a shipped one, a YAML file, or one that was read already. Raises
    SettingsError for a mapping that cannot be used, WrongFileError for a file that does not fit it,
    AmbiguousDatesError, UnreadableFileError, and TooManyRefusedError as for exports.
    """
    found = mapping if isinstance(mapping, FileMapping) else read_mapping(mapping)
    return load_named(named_files(paths), shop, found)


def load_named(
    files: Sequence[tuple[Path, str]],
    shop: ShopSettings,
    found: FileMapping,
    sources: Mapping[str, Source] | None = None,
) -> ShopIntake:
    """As `load_mapped`, for files that have their labels already; `sources` are those that are open, by label."""
    opened, strangers = [], []
    for path, label in files:
        try:
            opened.append(open_mapped(path, label, found, (sources or {}).get(label)))
        except WrongFileError:
            # Beside tables that are joined there are often others: they are named, and the load goes on.
            if not found.orders.joins:
                raise
            strangers.append(f"{label}: fits no table of the mapping {found.name!r} and is not read")
    tables = read_tables(opened, found, shop)
    by_kind = {
        kind: [
            read_file(source, part, fit, found, shop, tables if kind == "orders" else ())
            for source, part, fit in opened
            if part.kind == kind
        ]
        for kind in ("orders", "returns")
    }
    if not by_kind["orders"]:
        raise WrongFileError(
            ("the only file is no" if len(opened) == 1 else f"none of the {len(opened)} files is an")
            + f" order file of the mapping {found.name!r}",
            remedy="Add the file of orders: without it no rate has a denominator.",
        )
    lines = _merged(by_kind["orders"], shop)
    notes = [*found.notes, *strangers]
    mixed = _two_shops(by_kind["orders"], shop)
    orders = _order_lines(lines, by_kind["orders"], found, notes)
    returns = None
    if by_kind["returns"]:
        return_notes: list[str] = []
        for rows in by_kind["returns"]:
            add_order_lines(rows, orders)
            return_values(rows, return_notes)
        merged = _merged(by_kind["returns"], shop)
        return_notes += stand_in_notes(by_kind["returns"])
        returns = _intake(merged, by_kind["returns"], found, shop, return_notes)
    return ShopIntake(_intake(orders, by_kind["orders"], found, shop, notes, tables, mixed), returns)


def _two_shops(files: Sequence[MappedRows], shop: ShopSettings) -> list[str]:
    return two_shops_notes([_traits(rows, shop) for rows in files]) if len(files) > 1 else []


def _traits(rows: MappedRows, shop: ShopSettings) -> FileTraits:
    """What tells whose file this is."""
    given = np.isin(rows.outcome, (USED, SUPERSEDED, SAMPLE))
    values = pd.DataFrame({name: rows.values[name] for name in ORDER_COLUMNS if name in rows.values})
    values = values.reindex(columns=list(ORDER_COLUMNS))
    # What stands in for a time or an article may be another thing in a newer file.
    for (name, _), where in rows.stood_in.items():
        if name in values:
            values[name] = values[name].mask(pd.Series(where))
    values = values.astype({"created_at": "datetime64[us]"})[given]
    forms = (
        set()
        if rows.times is None
        else {read_order for form in rows.times.forms if (read_order := order_of(form)) in OTHER}
    )
    return FileTraits(
        rows.source.label,
        values["order_id"],
        lambda numbers: values[values["order_id"].isin(numbers)],
        date_order=next(iter(forms)) if len(forms) == 1 else None,
        currency=currency_said(rows.unread, rows.outcome == USED, shop.currency),
    )


def _merged(files: Sequence[MappedRows], shop: ShopSettings) -> pd.DataFrame:
    """The used rows of all files as one frame; lines that a newer file has too are superseded."""
    counted = [rows.file_rows() for rows in files]
    merge(counted)
    frames = []
    for number, (rows, one) in enumerate(zip(files, counted, strict=True)):
        used = rows.outcome == USED
        frame = pd.DataFrame(rows.values)[used]
        frame["sku_named"] = ~rows.article_stands_in()[used]
        frame = frame.assign(
            file_number=number, position=np.flatnonzero(used), source_file=rows.source.label, source_row=rows.row[used]
        )
        # When the statement was made; a file without any date says nothing of it.
        frame["updated_at"] = pd.Series(moment(one), index=frame.index, dtype="datetime64[us]")
        frames.append(frame)
    merged: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return merged


def _refuse(lines: pd.DataFrame, files: Sequence[MappedRows], name: str, reason: str, remedy: str = LOOK) -> None:
    """Refuse rows that have been put together already, each in its own file."""
    for number, rows in enumerate(files):
        where = np.zeros(len(rows.outcome), dtype=bool)
        where[lines.loc[lines["file_number"] == number, "position"].to_numpy(dtype=np.int64)] = True
        rows.refuse(where, name, reason, remedy)


def _order_lines(
    lines: pd.DataFrame, files: Sequence[MappedRows], mapping: FileMapping, notes: list[str]
) -> pd.DataFrame:
    part = mapping.orders
    lines = _state(lines)
    if part.cancellation.document is not None:
        lines = _join_documents(lines, files, part, notes)
    lines = _price_by_sku(lines, files, part)
    lines["quantity_affected"] = _affected(lines)
    marked = lines["quantity_affected"].gt(0) & lines["status"].ne("cancelled") & lines["after_sale"].isna()
    lines["after_sale"] = (
        lines["after_sale"].mask(marked, "return_refund").where(lines["status"].ne("cancelled"), "cancel")
    )
    lines["first_line"] = ~lines["order_id"].duplicated()
    lines["line_no"] = lines.groupby(["order_id", "sku_id"], sort=False).cumcount() + 1
    _note_gaps(lines, files, notes)
    return lines


def _state(lines: pd.DataFrame) -> pd.DataFrame:
    """What the times alone say of a line whose status nothing explains."""

    def has(name: str) -> pd.Series:
        return lines[name].notna() if name in lines else pd.Series(False, index=lines.index)

    by_time = pd.Series("unknown", index=lines.index, dtype="str")
    for name, status in (
        ("paid_at", "to_ship"), ("rts_at", "to_ship"), ("shipped_at", "shipped"), ("delivered_at", "completed"),
        ("cancelled_at", "cancelled"),
    ):  # fmt: skip
        by_time = by_time.mask(has(name), status)
    return lines.assign(status=lines["status"].astype("str").fillna(by_time))


def _affected(lines: pd.DataFrame) -> pd.Series:
    if "quantity_affected" in lines:
        return lines["quantity_affected"].fillna(0).clip(lower=0)
    return pd.Series(0.0, index=lines.index)


def _join_documents(lines: pd.DataFrame, files: Sequence[MappedRows], part: Part, notes: list[str]) -> pd.DataFrame:
    matched = match_documents(lines, part.cancellation.match_by)
    _refuse(lines.loc[matched.unmatched], files, "order_id", NO_SALE, ADD_FILES)
    joined = matched.documents - len(matched.unmatched)
    if matched.documents:
        notes.append(
            f"{joined:,} of {matched.documents:,} cancellation documents were put to a sale"
            + (
                f"; {len(matched.unmatched):,} cancel a sale that is in no file and are left out"
                if len(matched.unmatched)
                else ""
            )
            + (f"; {matched.excess:,} of their units are more than was sold" if matched.excess else "")
        )
    return matched.sales.reset_index(drop=True)


def _price_by_sku(lines: pd.DataFrame, files: Sequence[MappedRows], part: Part) -> pd.DataFrame:
    """Fill amounts that stand nowhere with those of the same article's other lines, where the mapping says so."""
    stand_ins = part.stand_ins.get("line_amount", ())
    start = next((number for number, one in enumerate(stand_ins) if one.same_sku), None)
    if start is None:
        return lines
    each = lines["line_amount"] / lines["quantity"].where(lines["quantity"] > 0)
    usual = each.groupby(lines["sku_id"]).transform("median") * lines["quantity"]
    # A category has no price: only lines that name their article are of use here.
    usual = usual.where(lines["sku_named"])
    gap = lines["line_amount"].isna() & usual.notna()
    lines["line_amount"] = lines["line_amount"].where(~gap, usual)
    gaps = {("line_amount", "the median amount of the same SKU's other lines"): gap.to_numpy(dtype=bool)}
    values = {str(name): lines[name] for name in lines}
    for one in stand_ins[start + 1 :]:
        gaps[("line_amount", one.written)] = fill_empty(values, "line_amount", one)
    lines["line_amount"] = values["line_amount"]
    for number, rows in enumerate(files):
        here = lines["file_number"].eq(number).to_numpy()
        for key, filled in gaps.items():
            rows.stood_in[key] = np.isin(np.arange(len(rows.outcome)), lines["position"].to_numpy()[here & filled])
    return lines


def _note_gaps(lines: pd.DataFrame, files: Sequence[MappedRows], notes: list[str]) -> None:
    notes += stand_in_notes(files)
    undated = lines["status"].eq("cancelled")
    undated &= lines["cancelled_at"].isna() if "cancelled_at" in lines else True
    if undated.any():
        notes.append(
            f"cancelled_at: {int(undated.sum()):,} cancelled lines have no time of cancellation; "
            "where a cancellation's date is asked for, the order's date (created_at) stands in"
        )
    if valueless := int(lines["line_amount"].isna().sum()):
        notes.append(
            f"line_amount: {valueless:,} of {len(lines):,} lines have none in the files; their value is not known"
        )
    if gone := int(lines["created_at"].isna().sum()):
        orders = lines.loc[lines["created_at"].isna(), "order_id"].nunique()
        cancelled = int((lines["created_at"].isna() & lines["status"].eq("cancelled")).sum())
        notes.append(
            f"created_at: {gone:,} lines of {orders:,} orders have no date, {cancelled:,} of them cancelled; "
            "they count in the totals of the files and in no rate of a period"
        )
    for rows in files:
        notes += equal_notes(rows)


def stand_in_notes(files: Sequence[MappedRows]) -> list[str]:
    """What stands in for what, on how many of the rows that are used."""
    counts: Counter[tuple[str, str]] = Counter()
    for rows in files:
        for key, where in rows.stood_in.items():
            counts[key] += int((where & (rows.outcome == USED)).sum())
    return [
        f"{name}: {count:,} rows have none in the files; {other} stands in"
        for (name, other), count in counts.items()
        if count
    ]


def _intake(
    lines: pd.DataFrame,
    files: Sequence[MappedRows],
    mapping: FileMapping,
    shop: ShopSettings,
    notes: Sequence[str],
    joined: Sequence[JoinedTable] = (),
    mixed: Sequence[str] = (),
) -> Intake:
    part = files[0].part
    table = table_of(part)
    counted = [rows_of_orders(rows) for rows in files]
    for one in joined:
        counted += rows_of_table(one, files)
    account = make_account(
        part.kind,
        counted,
        _unknown(files),
        [*notes, *_notes(files)],
        mixed,
        joined_notes(lines, joined, files) if joined else (),
        understand(files, counted, joined, mapping, shop),
    )
    check_refused(account, shop)
    lines = lines.assign(shop_id=shop.id)
    currency = lines["currency"] if "currency" in lines else pd.Series([None] * len(lines), dtype="str")
    lines["currency"] = currency.astype("str").str.strip().str.upper().fillna(shop.currency)
    columns: dict[str, pd.Series] = {}
    for column in table.columns:
        dtype = _TYPES.get(column.kind, "str")
        empty = pd.Series([None] * len(lines), dtype=dtype, index=lines.index)
        columns[column.name] = lines.get(column.name, empty)
    return Intake(tables.check(tables.conform(columns, table, shop.timezone), table), account)


def _unknown(files: Sequence[MappedRows]) -> pd.DataFrame:
    """Statuses and initiators that no rule of the mapping explains."""
    counts: Counter[tuple[str, str, str]] = Counter()
    orders: Counter[tuple[str, str]] = Counter()
    for rows in files:
        for wording in count_wordings(rows):
            if wording.kind == "reason" or wording.taken not in (None, "unknown"):
                continue
            taken = "what the times say" if wording.kind == "status" and wording.taken is None else "unknown"
            counts[(wording.column, wording.text, taken)] += wording.rows
            # Rows of an order that a newer file has too are counted there alone.
            orders[(wording.column, wording.text)] += wording.orders
    return unknown_frame(counts, orders)


def _notes(files: Sequence[MappedRows]) -> list[str]:
    notes = []
    for rows in files:
        label = rows.source.label
        if not (rows.outcome == USED).any():
            notes.append(f"{label}: no {rows.part.kind} in it are used")
        if blank := int((rows.outcome == BLANK).sum()):
            notes.append(f"{label}: {blank:,} empty rows were passed over")
        kept = (name for name in kinds_of(rows.part) if name in rows.part.columns and not rows.has(name))
        if absent := [name for name in kept if name not in (CUSTOMER, LINE_ID)]:
            notes.append(f"{label}: has no column for {', '.join(absent)}")
    return notes
