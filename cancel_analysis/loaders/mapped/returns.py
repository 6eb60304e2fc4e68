"""Rows of a file of refunds or returns: joined to their order lines, with status, kind and reason."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.mapping.forms import LINE_ID
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.rows import Asked, MappedRows, tell_column
from cancel_analysis.loaders.parsing.rows import USED

NO_LINE = "belongs to no order line in the files"
NO_ORDER = "names no order line"
ADD_FILES = "Add the file that holds the order."


def add_order_lines(rows: MappedRows, orders: pd.DataFrame) -> None:
    """Take order and SKU from the order line that a row names by its line id."""
    values = rows.values
    nothing = pd.Series([None] * len(rows.outcome), dtype="str")
    for name in ("order_id", "sku_id"):
        values.setdefault(name, nothing)
    if LINE_ID in values and LINE_ID in orders:
        known = orders.dropna(subset=[LINE_ID]).drop_duplicates(LINE_ID).set_index(LINE_ID)
        for name in ("order_id", "sku_id", "seller_sku", "product_name", "variation"):
            if name in known:
                own = values.get(name, nothing)
                values[name] = own.where(own.notna(), values[LINE_ID].map(known[name]).astype("str"))
        lost = values[LINE_ID].notna() & ~values[LINE_ID].isin(known.index)
        rows.refuse((lost & values["sku_id"].isna()).to_numpy(), LINE_ID, NO_LINE, ADD_FILES)
    lacking = values["order_id"].isna() | values["sku_id"].isna()
    column = LINE_ID if LINE_ID in rows.texts else "order_id"
    rows.refuse(lacking.to_numpy(), column if column in rows.texts else None, NO_ORDER)


def return_values(rows: MappedRows, notes: list[str]) -> None:
    """Status, kind and reason of each row, and a number for rows that have none."""
    part, values = rows.part, rows.values
    nothing = pd.Series([None] * len(rows.outcome), dtype="str")
    status, kind = nothing, nothing
    if "status" in rows.texts and part.statuses:
        told = tell_column(rows, "status", "status", part.statuses, "status", None)
        status = read.spread(rows.texts["status"], told.get("status"), "str")
    if part.default_status is not None:
        stated = rows.texts["status"].notna() if "status" in rows.texts and part.statuses else status.notna()
        status = status.where(stated, part.default_status)
    refunded = values["refunded_at"].notna() if "refunded_at" in values else pd.Series(False, index=status.index)
    values["status"] = status.fillna(pd.Series("unknown", index=status.index).mask(refunded, "completed"))
    if "return_type" in rows.texts and part.types:
        told = tell_column(rows, "return type", "return_type", part.types, "return_type", None)
        kind = read.spread(rows.texts["return_type"], told.get("return_type"), "str").fillna("unknown")
        values["return_type"] = kind.where(rows.texts["return_type"].notna(), part.default_type)
    else:
        values["return_type"] = pd.Series(part.default_type, index=status.index, dtype="str")
    reason = values.get("reason_text", nothing)
    by_rule: frozenset[str] = frozenset()
    if part.reasons:
        told = read.tell(read.distinct(reason), part.reasons)
        by_rule = frozenset(told.outcomes)
        values["reason_code"] = read.spread(reason, told.get("reason"), "str")
    codes = values.get("reason_code", nothing)
    used = rows.outcome == USED
    rows.asked.append(Asked("reason", "reason_text", reason, codes, by_rule))
    given = values.get("return_id", nothing)
    base = values["order_id"].fillna("") + "/" + values.get(LINE_ID, nothing).fillna(values["sku_id"]).fillna("")
    numbered = base + "/" + (base.groupby(base).cumcount() + 1).astype("str")
    if (given.isna() & used).any():
        notes.append(f"return_id: {int((given.isna() & used).sum()):,} rows have no number; order and line stand in")
    values["return_id"] = given.where(given.notna(), numbered)
