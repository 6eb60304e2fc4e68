"""What stands in for facts that a mapped file does not have; which cells it filled is kept, so that it can be told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.catalog.mapping.forms import ARTICLES, CUSTOMER, LINE_ID, NEEDED, Part, StandIn
from cancel_analysis.tables import ORDER_LINES, RETURNS, Table

Columns = dict[str, pd.Series]
# (column, what stands in) → in which rows.
Filled = dict[tuple[str, str], npt.NDArray[np.bool_]]

# Until a line's state says so, nothing stands in for these times.
_FITTING: dict[str, tuple[str, ...]] = {
    "rts_at": ("shipped", "completed"),
    "shipped_at": ("shipped", "completed"),
    "delivered_at": ("completed",),
    "cancelled_at": ("cancelled",),
}
_NOT_YET_PAID = ("unpaid", "on_hold")
# A file that never speaks of payment lists orders that were placed to be sent: none is unpaid for want of a time.
_OF_ORDERS = {"paid_at": (StandIn("created_at", ("created_at",), no_column=True),)}
_NEVER_PAID = ("not_paid", "payment_failed")


def table_of(part: Part) -> Table:
    """The canonical table that a part fills."""
    return ORDER_LINES if part.kind == "orders" else RETURNS


def kinds_of(part: Part) -> dict[str, str]:
    """The kind of each of a part's columns; what ties rows together is text."""
    kinds = {column.name: column.kind for column in table_of(part).columns}
    return {**kinds, LINE_ID: "text", CUSTOMER: "text"}


def missing_units(values: Columns, part: Part, cancels: pd.Series) -> Filled:
    """What a cancelled line's 0 stands for: units that were ordered, and an amount that the file does not have."""
    rule = part.cancellation
    filled: Filled = {}
    if rule.zero_quantity and "quantity" in values:
        zero = cancels & values["quantity"].eq(0)
        values["quantity"] = values["quantity"].mask(zero, rule.zero_quantity)
        filled[("quantity", f"{rule.zero_quantity} for 0 on a cancelled line")] = zero.to_numpy(dtype=bool)
    if rule.zero_amount_missing and "line_amount" in values:
        values["line_amount"] = values["line_amount"].mask(cancels & values["line_amount"].eq(0))
    return filled


def fill_gaps(values: Columns, part: Part, present: set[str]) -> Filled:
    """Fill what a file lacks as its mapping says; `present` are the columns that the file has.

    What a value is made from all lines of an article for comes later, when all files are together.
    """
    filled: Filled = {}
    count = len(next(iter(values.values())))
    always = ("sku_id", "line_amount") if part.kind == "orders" else ()
    joined = {name for join in part.joins for name in join.columns}
    of_orders = {name: one for name, one in _OF_ORDERS.items() if part.kind == "orders" and name not in joined}
    stand_ins = {**of_orders, **part.stand_ins}
    for name in dict.fromkeys((*NEEDED[part.kind], *stand_ins, *always)):
        if name not in values:
            dtype = {"time": "datetime64[us]", "text": "str"}.get(kinds_of(part)[name], "float64")
            values[name] = pd.Series([None] * count, dtype=dtype)
        for one in stand_ins.get(name, ()):
            if one.same_sku:
                break
            if not (one.no_column and name in present):
                filled[(name, one.written)] = fill_empty(values, name, one)
    if part.kind == "orders":
        filled |= _name_articles(values)
    return filled


def _name_articles(values: Columns) -> Filled:
    """Give every line without a SKU the nearest thing that tells articles apart, and say which."""
    filled: Filled = {}
    for written in ARTICLES:
        if values["sku_id"].notna().all():
            break
        columns = tuple(written.split(" + "))
        where = fill_empty(values, "sku_id", StandIn(written, columns))
        if where.any():
            present = " + ".join(name for name in columns if name in values and values[name].notna().any())
            filled[("sku_id", "order" if written == "order_id" else present)] = where
    return filled


def fill_empty(values: Columns, name: str, one: StandIn) -> npt.NDArray[np.bool_]:
    """Fill the empty cells of one column with what stands in for it; which cells those were."""
    column = values[name]
    other = _other(values, name, one)
    if other is None:
        return np.zeros(len(column), dtype=bool)
    gap = column.isna() & other.notna() & _may_stand_in(values, name)
    values[name] = column.where(~gap, other)
    return gap.to_numpy(dtype=bool)


def _other(values: Columns, name: str, one: StandIn) -> pd.Series | None:
    column = values[name]
    if one.number is not None:
        return pd.Series(one.number, index=column.index, dtype="float64")
    # Without the first of them, what is joined would name nothing: a colour is no article.
    if one.columns[0] not in values:
        return None
    present = [values[part] for part in one.columns if part in values]
    if len(one.columns) > 1:
        rows = zip(*(part.tolist() for part in present), strict=True)
        joined = [" / ".join(c for c in cells if isinstance(c, str)) for cells in rows]
        return pd.Series(joined, index=column.index, dtype="str").where(present[0].notna(), None)
    other: pd.Series = present[0]
    if name == "line_amount" and one.columns == ("unit_price",):
        other = other * values["quantity"].abs() if "quantity" in values else other
    return other


def _may_stand_in(values: Columns, name: str) -> pd.Series:
    """Where the line's state allows a time: nothing unpaid was paid, nothing waiting was shipped."""
    always = pd.Series(True, index=values[name].index)
    if "status" not in values:
        return always
    if name == "paid_at":
        waits = values["status"].isin(_NOT_YET_PAID)
        return ~waits & ~values["cancel_reason_code"].isin(_NEVER_PAID) if "cancel_reason_code" in values else ~waits
    if name in _FITTING:
        return values["status"].isin(_FITTING[name])
    return always
