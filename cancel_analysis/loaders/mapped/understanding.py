"""What a mapping made of files, told by the load itself: columns, statuses, initiators, reasons, dates, money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from cancel_analysis.catalog.mapping.forms import FileMapping, Part
from cancel_analysis.catalog.reasons import find, normalise
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.shown_words import HIDDEN, is_wording
from cancel_analysis.catalog.values import plain_value
from cancel_analysis.loaders.mapped.joined import JoinedTable
from cancel_analysis.loaders.mapped.rows import MappedRows, unread_columns
from cancel_analysis.loaders.mapped.wordings import Wording, count_wordings
from cancel_analysis.loaders.parsing.account import understood_frame
from cancel_analysis.loaders.parsing.columns import Match
from cancel_analysis.loaders.parsing.refusals import shown_value
from cancel_analysis.loaders.parsing.rows import REFUSED, USED, FileRows
from cancel_analysis.loaders.parsing.sources import Source

# What, in_file, taken_as, rows, state, basis: the columns of an account's `understood` behind the file.
Line = tuple[str, str, str, int | None, str, str]
# How many values of one kind are listed; a column taken for a status by mistake has thousands.
MOST_VALUES = 60
KINDS = {"status": "statuses", "initiator": "initiators", "reason": "reasons", "return type": "return types"}
BY_MAPPING, BY_TABLE, BY_CATALOG = "mapping", "joined table", "catalog"


def understand(
    files: Sequence[MappedRows],
    counted: Sequence[FileRows],
    tables: Sequence[JoinedTable],
    mapping: FileMapping,
    shop: ShopSettings,
) -> pd.DataFrame:
    """A row a thing found in the files or looked for, as an Account has it; `counted` are the account's own rows.

    What only the joined lines can tell (texts, dates, what stands in) has no file where tables are joined.
    """
    left = list(counted)
    lines: list[tuple[str | None, Line]] = []
    for rows in files:
        told = left.pop(0)
        label = rows.source.label
        lines += [(label, line) for line in _columns(rows)]
        lines += [(None if tables else label, line) for line in _of_lines(rows, mapping, shop)]
        lines += [(label, line) for line in _rows(told, rows.part.kind)]
    for table in tables:
        for number, (source, found) in enumerate(zip(table.sources, table.matches, strict=True)):
            here = table.texts[table.file == number]
            lines += [
                (source.label, ("columns", header, name, int(here[name].notna().sum()), "read", ""))
                for name, header in column_names(source, found).items()
            ]
            lines += [(source.label, line) for line in _rows(left.pop(0), table.join.name)]
    return understood_frame([(file, *line) for file, line in lines])


def column_names(source: Source, found: Match) -> dict[str, str]:
    """The file's own name of each canonical column that it has."""
    return {name: source.header[place].strip() for name, place in found.positions.items()}


def _columns(rows: MappedRows) -> Iterator[Line]:
    """The file's own columns, and those that are looked for in it and stand nowhere."""
    own = column_names(rows.source, rows.match)
    for name in rows.part.every_column:
        if name in own:
            yield "columns", own[name], name, rows.filled.get(name, 0), "read", ""
    for header in unread_columns(rows):
        yield "columns", header, "", None, "not read", ""
    for name, headers in rows.part.columns.items():
        if not rows.has(name):
            filled = any(
                np.any(where & (rows.outcome == USED)) for (column, _), where in rows.stood_in.items() if column == name
            )
            yield "columns", " | ".join(headers), name, None, "stood in for" if filled else "missing", ""


def _of_lines(rows: MappedRows, mapping: FileMapping, shop: ShopSettings) -> Iterator[Line]:
    used = rows.outcome == USED
    for (name, other), where in rows.stood_in.items():
        if count := int((where & used).sum()):
            yield "stand-ins", other, name, count, "stood in for", ""
    yield from _values(rows)
    if rows.times is not None:
        for form, count in rows.times.forms.items():
            yield "dates", form, "time", count, "read", ""
        unread = dict.fromkeys((shown_value(text) or "", reason) for text, reason in rows.times.reasons.items())
        for text, reason in list(unread)[:MOST_VALUES]:
            yield "dates", text, "", None, reason, ""
    yield "money", _money_form(mapping, shop), shop.currency, int(used.sum()), "read", ""
    for group in rows.unread:
        yield "cells", group.column, "not known", len(group.rows), group.reason, ""


def _rows(told: FileRows, kind: str) -> Iterator[Line]:
    yield "rows", kind, "used", told.count(USED), "read", ""
    yield "rows", kind, "", told.count(REFUSED), "refused", ""


def _values(rows: MappedRows) -> Iterator[Line]:
    """Each text with what it was taken as; those that may be a person's are one line for what they were taken as."""
    written = _written(rows.part)
    lines: dict[tuple[str, str, str, str, str], int] = {}
    for wording in count_wordings(rows):
        taken, basis, of_catalog = _explained(wording, "cancel" if rows.part.kind == "orders" else "return")
        shown = of_catalog or plain_value(wording.text) in written or is_wording(wording.text, wording.orders)
        key = (
            KINDS[wording.kind],
            wording.text if shown else HIDDEN,
            taken or "",
            "unknown" if taken is None or (wording.kind == "initiator" and taken == "unknown") else "known",
            basis,
        )
        lines[key] = lines.get(key, 0) + wording.rows
    for kind in KINDS.values():
        mine = [(key, count) for key, count in lines.items() if key[0] == kind]
        for (_, text, taken, state, basis), count in mine[:MOST_VALUES]:
            yield kind, text, taken, count, state, basis
        if len(mine) > MOST_VALUES:
            yield kind, f"… and {len(mine) - MOST_VALUES:,} more", "", None, "", ""


def _explained(wording: Wording, stage: str) -> tuple[str | None, str, bool]:
    """What a text was taken as, what says so, and whether the catalog has it: then it is nobody's own."""
    if wording.taken is not None:
        elsewhere = {"status": BY_TABLE, "initiator": BY_CATALOG}.get(wording.kind, "")
        return wording.taken, BY_MAPPING if wording.by_mapping else elsewhere, False
    if wording.kind == "reason" and normalise(wording.text):
        match = find(stage, text=wording.text)
        if match is not None:
            return match.reason, match.confidence, True
    return None, "", False


def _written(part: Part) -> set[str]:
    """The texts that the mapping itself has, as they are compared."""
    rules = (*part.statuses, *part.initiators, *part.reasons, *part.types)
    return {plain_value(rule.written) for rule in rules if rule.pattern is None}


def _money_form(mapping: FileMapping, shop: ShopSettings) -> str:
    money = mapping.money
    if money is None:
        return f"as {shop.currency} is written"
    parts = [f"{name} {mark!r}" for name, mark in (("thousands", money.thousands), ("decimals", money.decimal)) if mark]
    return ", ".join(parts) + (", zeros at the end lost" if money.lost_zeros else "")
