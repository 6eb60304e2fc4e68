"""What a mapped order line is: its status, who cancelled it and why, its units, and whether it is a sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.catalog.mapping.forms import EMPTY
from cancel_analysis.catalog.values import canonical, is_cash_on_delivery, plain_value
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.gaps import missing_units
from cancel_analysis.loaders.mapped.rows import Asked, MappedRows, tell_column
from cancel_analysis.loaders.parsing.rows import SAMPLE, USED
from cancel_analysis.tables import INITIATORS

NEGATIVE = "is below zero, and the order number is none of a cancellation"
NOT_NEGATIVE = "is not below zero, though the order number is one of a cancellation"


def set_states(rows: MappedRows) -> None:
    """Status, initiator and reason of each order line, as the mapping explains the file's texts."""
    part, values, texts = rows.part, rows.values, rows.texts
    nothing = pd.Series([None] * len(texts), dtype="str")
    status, by, reason = nothing, nothing, nothing
    substatus, after_sale = nothing, nothing
    if rows.has("status"):
        told = tell_column(rows, "status", "status", part.statuses, "status", None)
        column = texts["status"]
        status, substatus, after_sale, by, reason = (
            read.spread(column, told.get(name), "str")
            for name in ("status", "substatus", "after_sale", "cancelled_by", "reason")
        )
        _times_in_status(rows, told)
        values["status_text"] = column.where(reason.notna(), None)
        values["status_unread"] = column.notna() & ~column.isin(list(told.outcomes))
    cancels = status == "cancelled"
    if part.cancellation.quantity_zero:
        cancels |= values["quantity"].eq(0)
    if part.cancellation.document is not None:
        values["document"] = values["order_id"].str.contains(part.cancellation.document).fillna(False).astype("bool")
        cancels |= values["document"]
    named = pd.Series(rows.cancelled_by_table())
    if named.any():
        units, of = values.get("quantity_affected"), values.get("quantity")
        partly = named & units.gt(0) & units.lt(of) if units is not None and of is not None else named & False
        after_sale = after_sale.mask(partly, "cancel")
        cancels |= named & ~partly
    else:
        partly = named
    if rows.asked and cancels.any():
        # What a table of cancellations says needs no rule for its own word.
        _cancelled_otherwise(rows, cancels)
    status = status.mask(cancels, "cancelled")
    lost = cancels | partly
    status = status.fillna(part.default_status) if part.default_status is not None else status
    text = values.get("cancel_reason_text", nothing)
    if not part.initiators and rows.has("cancelled_by"):
        by = _initiators_of_catalog(rows, lost).where(lost, None).fillna(by)
    if part.initiators and rows.has(part.initiator_from):
        source = part.initiator_from
        told = tell_column(rows, "initiator", source, part.initiators, "cancelled_by", "unknown", lost)
        found = read.spread(texts[source], told.get("cancelled_by"), "str")
        by = found.where(found.notna(), by)
        if any("reason" in (rule.pattern.groupindex if rule.pattern else ()) for rule in part.initiators):
            rest = read.spread(texts[source], told.get("reason"), "str")
            text = rest.where(found.notna(), text)
    by = by.fillna("unknown").where(lost, None)
    values["cancel_reason_text"] = text
    by_rule: frozenset[str] = frozenset()
    if part.reasons:
        told = read.tell(read.distinct(text), part.reasons)
        by_rule = frozenset(told.outcomes)
        found = read.spread(text, told.get("reason"), "str")
        reason = found.where(found.notna(), reason)
        who = read.spread(text, told.get("cancelled_by"), "str")
        by = who.where(who.notna() & lost, by)
    rows.asked.append(Asked("reason", "cancel_reason_text", text.where(lost, None), reason, by_rule))
    if "status_text" in values:
        values["cancel_reason_text"] = text.where(text.notna(), values.pop("status_text"))
    values |= {"status": status, "substatus": substatus, "after_sale": after_sale, "cancelled_by": by}
    values["cancel_reason_code"] = reason.where(lost, None)
    values["is_cod"] = _cash_on_delivery(values.get("payment_method", nothing))
    rows.stood_in |= missing_units(values, part, cancels)


def _initiators_of_catalog(rows: MappedRows, lost: pd.Series) -> pd.Series:
    """Who cancelled, where the mapping has no rules for it: the canonical names, and words that the catalog has."""
    texts = rows.texts["cancelled_by"].where(lost, None)
    found = {
        text: plain_value(text) if plain_value(text) in INITIATORS else canonical("cancelled_by", text)
        for text in read.distinct(texts)
    }
    known = {text: who for text, who in found.items() if who is not None}
    taken = read.spread(texts, known, "str")
    rows.asked.append(Asked("initiator", "cancelled_by", texts, taken.fillna("unknown"), frozenset()))
    return taken


def _cancelled_otherwise(rows: MappedRows, cancels: pd.Series) -> None:
    """Statuses that no rule explains are cancelled ones where something else says so."""
    (number,) = (number for number, asked in enumerate(rows.asked) if asked.kind == "status")
    asked = rows.asked[number]
    open_yet = cancels & asked.taken.isna()
    rows.asked[number] = replace(asked, taken=asked.taken.mask(open_yet, "cancelled"))


def _times_in_status(rows: MappedRows, told: read.Told) -> None:
    """Times that stand inside a status's text, where no column gives them."""
    names = {name for outcome in told.outcomes.values() for name in outcome if name.endswith("_at")}
    for name in sorted(names):
        found = told.get(name)
        times = {} if rows.times is None else rows.times.values.to_dict()
        inner = read.read_times(list(dict.fromkeys(found.values())), ("ymd", "dmy"), "UTC").values.to_dict()
        by_text = {text: inner.get(part, times.get(part)) for text, part in found.items()}
        stamps = read.spread(rows.texts["status"], by_text, "datetime64[us]")
        rows.values[name] = rows.values[name].fillna(stamps) if name in rows.values else stamps


def _cash_on_delivery(methods: pd.Series) -> pd.Series:
    yes = [text for text in read.distinct(methods) if is_cash_on_delivery(text)]
    return methods.isin(yes)


def check_units(rows: MappedRows) -> None:
    """Refuse lines whose sign of units does not go with what their number says."""
    below = rows.values["quantity"].lt(0).to_numpy()
    if "document" in rows.values:
        document = rows.values["document"].to_numpy(dtype=bool)
        rows.refuse(document & ~below & rows.values["quantity"].notna().to_numpy(), "quantity", NOT_NEGATIVE)
        below = below & ~document
    rows.refuse(below, "quantity", NEGATIVE)


def set_samples(rows: MappedRows) -> None:
    """Leave out the lines that the mapping calls samples."""
    if not rows.part.samples:
        return
    fits = rows.outcome == USED
    for name, wanted in rows.part.samples.items():
        if name not in rows.texts:
            return
        fits &= _is_one_of(rows.texts[name], rows.values.get(name), wanted)
    if "document" in rows.values:
        fits &= ~rows.values["document"].to_numpy(dtype=bool)
    rows.outcome[fits] = SAMPLE


def _is_one_of(texts: pd.Series, values: pd.Series | None, wanted: Iterable[str]) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(texts), dtype=bool)
    for one in wanted:
        if one == EMPTY:
            found |= texts.isna().to_numpy()
        elif values is not None and values.dtype.kind == "f" and one.replace(".", "", 1).isdecimal():
            found |= values.eq(float(one)).to_numpy()
        else:
            same = [text for text in read.distinct(texts) if plain_value(text) == plain_value(one)]
            found |= texts.isin(same).to_numpy()
    return found
