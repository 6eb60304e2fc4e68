"""What a mapping understands of one file and what it does not: columns, statuses, initiators, reasons, dates, money."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.catalog.mapping.forms import NEEDED, FileMapping, Part
from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.reasons import find, normalise
from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.catalog.shown_words import HIDDEN, is_wording
from cancel_analysis.catalog.values import plain_value
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.mapped.joined import JoinedTable
from cancel_analysis.loaders.mapped.reading import read_file, read_tables
from cancel_analysis.loaders.mapped.rows import MappedRows, open_mapped, unread_columns
from cancel_analysis.loaders.parsing.refusals import shown_value
from cancel_analysis.loaders.parsing.rows import REFUSED, USED

_Line = tuple[str, str, str, int | None, str]
COLUMNS = ["what", "in_file", "taken_as", "rows", "state"]
# Where neither the shop nor the mapping says the market.
ANY_MARKET = "US"
# How many values of one kind are listed; a column taken for a status by mistake has thousands.
MOST_VALUES = 60


def understood(
    path: str | Path,
    mapping: str | Path | FileMapping,
    shop: ShopSettings | None = None,
    beside: Sequence[str | Path] = (),
) -> pd.DataFrame:
    """A row for each thing found in the file or looked for: what, in_file, taken_as, rows, state.

    `state` is `read`, `not read` (a column that the mapping leaves alone), `missing`, `stood in for`,
    `known` or `unknown` (a value that no rule and no catalog explains), `refused`. Without a shop, market and
    currency are the mapping's. `beside` are the shop's other files: tables among them are joined.
    Raises as `load_mapped` does for a file that does not fit.
    """
    found = mapping if isinstance(mapping, FileMapping) else read_mapping(mapping)
    shop = shop or mapped_shop(found)
    source, part, fit = open_mapped(Path(path), Path(path).name, found)
    if part.kind not in NEEDED:
        named = [("columns", source.header[place].strip(), name, None, "read") for name, place in fit.positions.items()]
        return pd.DataFrame(named, columns=COLUMNS).astype({"rows": "Int64"})
    rows = read_file(source, part, fit, found, shop, _tables(beside, found, shop) if part.kind == "orders" else ())
    used = rows.outcome == USED
    lines: list[_Line] = [
        ("columns", rows.header(name), name, int(rows.texts[name].notna().sum()), "read")
        for name in part.every_column
        if rows.has(name)
    ]
    lines += [("columns", name, "", None, "not read") for name in unread_columns(rows)]
    lines += [_absent(name, rows) for name in part.columns if not rows.has(name)]
    for (name, other), where in rows.stood_in.items():
        if count := int((where & used).sum()):
            lines.append(("stand-ins", other, name, count, "stood in for"))
    lines += _values(rows, part)
    if rows.times is not None:
        lines += [("dates", form, "time", count, "read") for form, count in rows.times.forms.items()]
        unread = dict.fromkeys((shown_value(text) or "", reason) for text, reason in rows.times.reasons.items())
        lines += [("dates", text, "", None, reason) for text, reason in list(unread)[:MOST_VALUES]]
    lines.append(("money", _money_form(found, shop), shop.currency, int(used.sum()), "read"))
    lines += [("cells", group.column, "not known", len(group.rows), group.reason) for group in rows.unread]
    lines.append(("rows", part.kind, "used", int(used.sum()), "read"))
    lines.append(("rows", part.kind, "", int((rows.outcome == REFUSED).sum()), "refused"))
    frame = pd.DataFrame(lines, columns=COLUMNS)
    return frame.assign(rows=frame["rows"].astype("Int64"))


def _tables(paths: Sequence[str | Path], mapping: FileMapping, shop: ShopSettings) -> list[JoinedTable]:
    opened = []
    for path in paths if mapping.orders.joins else ():
        # A file that does not fit is told where it is loaded.
        with suppress(WrongFileError):
            opened.append(open_mapped(Path(path), Path(path).name, mapping))
    return read_tables(opened, mapping, shop)


def mapped_shop(mapping: FileMapping, **settings: Any) -> ShopSettings:
    """A shop without files that has only what a mapping says of it."""
    plain = {"id": mapping.name, "market": mapping.market or ANY_MARKET}
    own = {"currency": mapping.currency, "timezone": mapping.timezone}
    return make_shop({**plain, **{key: value for key, value in own.items() if value}, **settings})


def _absent(name: str, rows: MappedRows) -> _Line:
    filled = any(
        np.any(where & (rows.outcome == USED)) for (column, _), where in rows.stood_in.items() if column == name
    )
    return ("columns", " | ".join(rows.part.columns[name]), name, None, "stood in for" if filled else "missing")


def _values(rows: MappedRows, part: Part) -> list[_Line]:
    lines: list[_Line] = []
    seen: dict[str, int] = {}
    stage = "cancel" if part.kind == "orders" else "return"
    names = {"status": "statuses", "initiator": "initiators", "reason": "reasons", "return type": "return types"}
    written = _written(part)
    for (kind, column, text, taken), count in rows.told.most_common():
        known = taken is not None and not (kind == "initiator" and taken == "unknown")
        of_catalog = False
        if kind == "reason" and taken is None and normalise(text):
            match = find(stage, text=text)
            taken, known = (match.reason, True) if match is not None else (None, False)
            of_catalog = known
        # What the mapping or the catalog has is nobody's; of other texts only those of many orders are shown.
        if not (
            of_catalog or plain_value(text) in written or is_wording(text, len(rows.told_on[(kind, column, text)]))
        ):
            text = HIDDEN
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= MOST_VALUES:
            lines.append((names[kind], text, taken or "", count, "known" if known else "unknown"))
    for kind, count in seen.items():
        if count > MOST_VALUES:
            lines.append((names[kind], f"… and {count - MOST_VALUES:,} more", "", None, ""))
    return lines


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
