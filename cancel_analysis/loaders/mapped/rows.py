"""One mapped file → its typed rows in canonical columns, and the fate of each row.

Values are read a distinct text at a time. A row that cannot be used is refused with its place and
reason; what stands in for a fact that the file does not have is counted, so that it can be told.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cancel_analysis.catalog.mapping.forms import CUSTOMER, EMPTY, LINE_ID, NEEDED, UNDATED, FileMapping, Part
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.values import is_cash_on_delivery, plain_value
from cancel_analysis.errors import AmbiguousDatesError, Place, UnreadableFileError, WrongFileError
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.gaps import fill_gaps, kinds_of, missing_units
from cancel_analysis.loaders.parsing import fields
from cancel_analysis.loaders.parsing.columns import Field, Layout, Match, match, plain_name
from cancel_analysis.loaders.parsing.dates import Decision, Guess
from cancel_analysis.loaders.parsing.refusals import refusal_frame, shown_value
from cancel_analysis.loaders.parsing.rows import BLANK, DESCRIPTION, REFUSED, SAMPLE, SUPERSEDED, USED, FileRows, scan
from cancel_analysis.loaders.parsing.rows import EMPTY as NO_VALUE
from cancel_analysis.loaders.parsing.sources import Source, open_source

MEMORY_LIMIT = "1GB"
# A column of so many filled cells of which none can be read is no column with odd rows, but the wrong one.
FEWEST_TO_JUDGE = 20
NEGATIVE = "is below zero, and the order number is none of a cancellation"
NOT_NEGATIVE = "is not below zero, though the order number is one of a cancellation"
LOOK = "Look at this row in the file; if the file is right, mend the mapping."


def layout_of(part: Part, title: str) -> Layout:
    """A part's columns as a layout to look for in headers; everything is read as text."""
    columns = tuple(Field(name, "text", headers) for name, headers in part.columns.items())
    return Layout(part.kind, title, columns, ("order_id", "line_key"))


@dataclass
class MappedRows:
    """The rows of one file: `texts` as they stand, `values` in canonical columns, `fate` and `row` beside them.

    `told` counts what each distinct text of a kind was taken as: (kind, column, text, taken as).
    """

    source: Source
    part: Part
    match: Match
    texts: pd.DataFrame
    fate: npt.NDArray[np.int8]
    values: dict[str, pd.Series] = field(default_factory=dict)
    times: read.Times | None = None
    money_unread: int = 0
    stood_in: dict[tuple[str, str], npt.NDArray[np.bool_]] = field(default_factory=dict)
    told: Counter[tuple[str, str, str, str | None]] = field(default_factory=Counter)
    problems: list[tuple[int, str | None, str | None, str, str]] = field(default_factory=list)
    twice: int = 0

    @property
    def row(self) -> npt.NDArray[np.int64]:
        return np.arange(2, len(self.fate) + 2, dtype=np.int64)

    def header(self, name: str) -> str:
        """What the file calls a canonical column; its canonical name where it has none."""
        position = self.match.positions.get(name)
        return name if position is None else self.source.header[position].strip()

    def has(self, name: str) -> bool:
        return name in self.match.positions

    def refuse(
        self, where: npt.NDArray[np.bool_], name: str | None, reason: str | Mapping[str, str], remedy: str = LOOK
    ) -> None:
        """Refuse the used rows in `where` for what stands in column `name`; `reason` may go by the text there."""
        positions = np.flatnonzero(where & (self.fate == USED))
        if not len(positions):
            return
        cells = self.texts[name].to_numpy(dtype=object)[positions] if name in self.texts else [None] * len(positions)
        column = None if name is None else self.header(name)
        rows = self.row[positions].tolist()
        self.fate[positions] = REFUSED
        for row, cell in zip(rows, cells, strict=True):
            value = cell if isinstance(cell, str) else None
            why = reason if isinstance(reason, str) else reason[value or ""]
            # A customer is a person: no message shows one.
            self.problems.append((row, column, None if name == CUSTOMER else value, why, remedy))

    def file_rows(self) -> FileRows:
        """The same rows as the account counts them and as files that overlap are merged."""
        key = self.part.key or ("return_id", "sku_id")
        cells = [self._text(name) for name in key]
        joined = cells[0]
        for cell in cells[1:]:
            joined = joined + "\x1f" + cell
        lines = [
            (self.source.label, self.source.sheet, row, column, value, reason, remedy)
            for row, column, value, reason, remedy in sorted(self.problems, key=lambda one: one[0])
        ]
        basis = self.times.basis if self.times is not None else "no dates"
        return FileRows(
            source=self.source,
            match=replace(self.match, layout=replace(self.match.layout, key=("order_id", "line_key"))),
            table=pa.table({"order_id": _large(self._text("order_id")), "line_key": _large(joined)}),
            fate=self.fate,
            row=self.row,
            refusals=refusal_frame(lines),
            decision=Decision(None, basis),
            newest=self.newest(),
            statuses=self._statuses(),
            undated=self.values[UNDATED].isna().to_numpy() if self.part.kind == "orders" else None,
        )

    def _statuses(self) -> pd.Series | None:
        """The state of each row's own order; a document of cancellation is of a sale that stands elsewhere."""
        if self.part.kind != "orders":
            return None
        document = self.values.get("document")
        return self.values["status"].where(~document, None) if document is not None else self.values["status"]

    def article_stands_in(self) -> npt.NDArray[np.bool_]:
        """Rows whose article is told by nothing better than its category or its order."""
        found = np.zeros(len(self.fate), dtype=bool)
        for (name, other), where in self.stood_in.items():
            if name == "sku_id" and other.split(" + ")[0] in ("category", "order"):
                found |= where
        return found

    def _text(self, name: str) -> pd.Series:
        nothing = pd.Series([None] * len(self.fate), dtype="str")
        return self.values.get(name, nothing).astype("str").fillna("")

    def newest(self) -> Any:
        """The newest time of the used rows; None when there is none."""
        used = self.fate == USED
        times = [v[used].max() for n, v in self.values.items() if n.endswith("_at") and v.dtype.kind == "M"]
        found = [time for time in times if not pd.isna(time)]
        return max(found).to_pydatetime() if found else None


def _large(texts: pd.Series) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(texts.tolist(), pa.large_string())])


def mapping_fit(header: Sequence[str], mapping: FileMapping) -> int:
    """How many columns of the mapping's better fitting kind a header has."""
    return max(len(found.positions) for _, found in _matches(header, mapping))


def fits_mapping(header: Sequence[str], mapping: FileMapping) -> bool:
    """Whether a header has all that some kind of the mapping needs."""
    return any(not missing(part, found) for part, found in _matches(header, mapping))


def _matches(header: Sequence[str], mapping: FileMapping) -> list[tuple[Part, Match]]:
    return [(part, match(header, layout_of(part, mapping.title))) for part in mapping.parts]


def open_mapped(path: Path, label: str, mapping: FileMapping) -> tuple[Source, Part, Match]:
    """Open a file with the delimiter, sheet and kind that fit the mapping best.

    Raises WrongFileError that names what is missing when it fits no kind of the mapping.
    """
    source = open_source(path, lambda header: mapping_fit(header, mapping), label)
    if source.format == "csv" and mapping.encoding != "utf-8" and source.encoding == "utf-8-sig":
        source = replace(source, encoding=mapping.encoding)
    matches = _matches(source.header, mapping)
    whole = [(part, found) for part, found in matches if not missing(part, found)]
    if not whole:
        part, found = max(matches, key=lambda one: len(one[1].positions))
        names = "; ".join(missing(part, found))
        raise WrongFileError(
            f"the file does not fit the mapping {mapping.name!r} ({part.kind}): it has no column for {names}",
            place=source.place,
            remedy="Take the file out of the shop's files, name another mapping, or add the file's own names to it: "
            f"its columns are {', '.join(repr(name.strip()[:30]) for name in source.header[:12])}"
            + (" …" if len(source.header) > 12 else ""),
        )
    part, found = max(whole, key=lambda one: len(one[1].positions))
    return source, part, found


def missing(part: Part, found: Match) -> list[str]:
    """What a file lacks to be of this kind: needed columns for which nothing in it can stand in."""
    needed = [name for name in NEEDED[part.kind] if not _given(name, part, found)]
    if part.kind == "orders":
        needed += [name for name in ("status",) if name in part.columns and name not in found.positions]
    elif LINE_ID not in found.positions and not {"order_id", "sku_id"} <= set(found.positions):
        needed += [name for name in (LINE_ID, "order_id", "sku_id") if name in part.columns]
    return [f"{name} ({' or '.join(map(repr, part.columns.get(name, ())))})" for name in needed]


def _given(name: str, part: Part, found: Match, asked: frozenset[str] = frozenset()) -> bool:
    """Whether a file has a column or something that stands in for it; two may stand in for each other."""
    if name in found.positions:
        return True
    beside = [one for one in part.stand_ins.get(name, ()) if name not in asked]
    return any(
        one.number is not None or any(_given(column, part, found, asked | {name}) for column in one.columns)
        for one in beside
    )


def read_file(source: Source, part: Part, found: Match, mapping: FileMapping, shop: ShopSettings) -> MappedRows:
    """Read and judge every row of one file; raises AmbiguousDatesError where nothing settles its dates."""
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-") as temporary:
        with fields.connect(temporary, MEMORY_LIMIT) as connection:
            table, cells = scan(source, found, Guess("ymd", "%Y-%m-%d %H:%M:%S"), shop, connection)
        table = fields.trim(table, table.column_names)
    texts = pd.DataFrame({name: _filled(table[name].to_pandas().astype("str"), mapping) for name in found.positions})
    rows = MappedRows(source, part, found, texts, np.zeros(len(table), dtype=np.int8))
    for position, fault in cells.faults.items():
        rows.refuse(np.arange(len(table)) == position, None, fault)
    blank = texts.isna().all(axis="columns").to_numpy() & (rows.fate == USED)
    rows.fate[blank] = BLANK
    rows.fate[np.flatnonzero(rows.fate == USED)[: part.description_rows]] = DESCRIPTION
    _type(rows, mapping, shop)
    if part.kind == "orders":
        _orders(rows)
    rows.stood_in |= fill_gaps(rows.values, part, {name for name in part.columns if rows.has(name)})
    if part.kind == "orders":
        _check_units(rows)
        _set_samples(rows)
    for name in NEEDED[part.kind]:
        if name != UNDATED:
            rows.refuse(rows.values[name].isna().to_numpy(), name, NO_VALUE)
    if part.equal_lines == "duplicates":
        twice = texts.duplicated().to_numpy() & (rows.fate == USED)
        rows.fate[twice] = SUPERSEDED
        rows.twice = int(twice.sum())
    return rows


def _filled(texts: pd.Series, mapping: FileMapping) -> pd.Series:
    """The texts of a column without those that are written where there is nothing."""
    nothing = [text for text in read.distinct(texts) if text.strip().casefold() in mapping.empty]
    return texts.where(~texts.isin(nothing), None) if nothing else texts


def _type(rows: MappedRows, mapping: FileMapping, shop: ShopSettings) -> None:
    kinds = kinds_of(rows.part)
    # Rows that are left out already say nothing of the forms in the file.
    live = rows.texts.where(pd.Series(rows.fate == USED), None)
    names = list(rows.match.positions)
    times = [name for name in names if kinds[name] == "time"]
    every = list(dict.fromkeys(text for name in times for text in read.distinct(live[name])))
    for name in times:
        _check_dates(rows, name, read.distinct(live[name]), mapping, shop)
    rows.times = read.read_times(every, mapping.dates, shop.timezone, shop.date_order)
    if rows.times.undecided:
        shown = ", ".join(map(repr, rows.times.undecided))
        raise AmbiguousDatesError(
            f"two forms of dates in the mapping read {shown} differently, and nothing in the file settles it",
            place=rows.source.place,
            remedy=f"Leave only the right form in 'dates' of the mapping {mapping.name!r}, or set 'date_order: dmy' or "
            "'mdy' for the shop in shops.yaml, or give the option --date-order dmy or --date-order mdy.",
        )
    for name in names:
        column = live[name]
        kind = kinds[name]
        if kind == "time":
            rows.values[name] = read.spread(column, rows.times.values, "datetime64[us]")
            reasons = rows.times.reasons
        elif kind == "integer":
            whole, reasons = read.read_whole(read.distinct(column))
            rows.values[name] = read.spread(column, whole, "float64")
        elif kind == "money":
            amounts, reasons = read.read_amounts(read.distinct(column), mapping.money, shop.currency, shop.decimals)
            rows.values[name] = read.spread(column, amounts, "float64")
            if mapping.money is not None and mapping.money.lost_zeros and rows.source.format == "xlsx":
                _refuse_lost(rows, name)
        elif kind == "text":
            rows.values[name] = column
            continue
        else:
            continue
        unread = column.isin(list(reasons)).to_numpy()
        rows.money_unread += int(unread.sum()) if kind == "money" else 0
        _check_readable(rows, name, column.notna().to_numpy(), unread)
        rows.refuse(unread, name, reasons)


def _check_dates(rows: MappedRows, name: str, texts: Sequence[str], mapping: FileMapping, shop: ShopSettings) -> None:
    """Raise UnreadableFileError for a column of times of which no form of the mapping reads anything."""
    if len(texts) < FEWEST_TO_JUDGE:
        return
    some = texts[: 2 * FEWEST_TO_JUDGE]
    if read.read_times(some, mapping.dates, shop.timezone, shop.date_order).values:
        return
    shapes = list(dict.fromkeys(re.sub(r"\d", "9", text) for text in some))[:3]
    if any(any(sign.isalpha() for sign in shape) for shape in shapes):
        shapes = [str(shown_value(some[0]))]
    raise UnreadableFileError(
        f"nothing in this column can be read as a date: it is written like {', '.join(map(repr, shapes))} (9 is any digit)",
        place=Place(rows.source.label, rows.source.sheet, None, rows.header(name)),
        remedy=f"Add its form to 'dates' of the mapping {mapping.name!r}, such as '%d/%m/%y %H:%M', or take the column "
        "out of it.",
    )


def _check_readable(
    rows: MappedRows, name: str, filled: npt.NDArray[np.bool_], unread: npt.NDArray[np.bool_]
) -> None:
    """Raise UnreadableFileError for a column of numbers of which nothing can be read."""
    if filled.sum() < FEWEST_TO_JUDGE or (filled & ~unread).any():
        return
    kind = kinds_of(rows.part)[name]
    first = rows.texts[name].to_numpy(dtype=object)[int(np.flatnonzero(unread)[0])]
    raise UnreadableFileError(
        f"nothing in this column can be read as {'a whole number' if kind == 'integer' else 'an amount of money'}",
        place=Place(rows.source.label, rows.source.sheet, None, rows.header(name), shown_value(first)),
        remedy="Is it the right column, and the right form of money in the mapping? Mend the mapping, or take the "
        "column out of it.",
    )


def _refuse_lost(rows: MappedRows, name: str) -> None:
    position = rows.match.positions[name]
    cells = [row[position] if position < len(row) else None for row in rows.source.rows]
    rows.refuse(read.number_cells(cells), name, read.LOST_OR_NOT, "Export the file as CSV, where amounts are texts.")


def tell_column(
    rows: MappedRows, kind: str, name: str, rules: Sequence[Any], main: str, unknown_as: str | None, only: Any = None
) -> read.Told:
    """Ask the rules about a column and count what its texts were taken as."""
    # A refused row is not counted here; what its status means is asked for when refusals are told.
    judged = pd.Series(np.isin(rows.fate, (USED, REFUSED)))
    column = rows.texts[name].where(judged, None)
    if only is not None:
        column = column.where(only, None)
    told = read.tell(read.distinct(column), rules)
    column = column.where(pd.Series(rows.fate == USED), None)
    counts = column.value_counts()
    for text, count in counts.items():
        outcome = told.outcomes.get(str(text))
        taken = unknown_as if outcome is None else outcome.get(main)
        rows.told[(kind, rows.header(name), str(text), taken)] += int(count)
    return told


def _orders(rows: MappedRows) -> None:
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
    status = status.mask(cancels, "cancelled")
    status = status.fillna(part.default_status) if part.default_status is not None else status
    text = values.get("cancel_reason_text", nothing)
    if part.initiators and rows.has(part.initiator_from):
        source = part.initiator_from
        told = tell_column(rows, "initiator", source, part.initiators, "cancelled_by", "unknown", cancels)
        found = read.spread(texts[source], told.get("cancelled_by"), "str")
        by = found.where(found.notna(), by)
        if any("reason" in (rule.pattern.groupindex if rule.pattern else ()) for rule in part.initiators):
            rest = read.spread(texts[source], told.get("reason"), "str")
            text = rest.where(found.notna(), text)
    by = by.fillna("unknown").where(cancels, None)
    values["cancel_reason_text"] = text
    if part.reasons:
        told = read.tell(read.distinct(text), part.reasons)
        found = read.spread(text, told.get("reason"), "str")
        reason = found.where(found.notna(), reason)
        who = read.spread(text, told.get("cancelled_by"), "str")
        by = who.where(who.notna() & cancels, by)
    for (one, code), count in _pairs(text[cancels & (rows.fate == USED)], reason).items():
        rows.told[("reason", rows.header("cancel_reason_text"), one, code)] += count
    if "status_text" in values:
        values["cancel_reason_text"] = text.where(text.notna(), values.pop("status_text"))
    values |= {"status": status, "substatus": substatus, "after_sale": after_sale, "cancelled_by": by}
    values["cancel_reason_code"] = reason.where(cancels, None)
    values["is_cod"] = _cash_on_delivery(values.get("payment_method", nothing))
    rows.stood_in |= missing_units(values, part, cancels)


def _pairs(texts: pd.Series, codes: pd.Series) -> Counter[tuple[str, str | None]]:
    pairs = zip(texts.tolist(), codes[texts.index].tolist(), strict=True)
    plain = ((t, c if isinstance(c, str) else None) for t, c in pairs if isinstance(t, str))
    return Counter(plain)


def _times_in_status(rows: MappedRows, told: read.Told) -> None:
    """Times that stand inside a status's text, where no column gives them."""
    names = {name for outcome in told.outcomes.values() for name in outcome if name.endswith("_at")}
    for name in sorted(names):
        found = told.get(name)
        times = rows.times.values if rows.times is not None else {}
        inner = read.read_times(list(dict.fromkeys(found.values())), ("ymd", "dmy"), "UTC").values
        by_text = {text: inner.get(part, times.get(part)) for text, part in found.items()}
        stamps = read.spread(rows.texts["status"], by_text, "datetime64[us]")
        rows.values[name] = rows.values[name].fillna(stamps) if name in rows.values else stamps


def _cash_on_delivery(methods: pd.Series) -> pd.Series:
    yes = [text for text in read.distinct(methods) if is_cash_on_delivery(text)]
    return methods.isin(yes)


def _check_units(rows: MappedRows) -> None:
    below = rows.values["quantity"].lt(0).to_numpy()
    if "document" in rows.values:
        document = rows.values["document"].to_numpy(dtype=bool)
        rows.refuse(document & ~below & rows.values["quantity"].notna().to_numpy(), "quantity", NOT_NEGATIVE)
        below = below & ~document
    rows.refuse(below, "quantity", NEGATIVE)


def _set_samples(rows: MappedRows) -> None:
    if not rows.part.samples:
        return
    fits = rows.fate == USED
    for name, wanted in rows.part.samples.items():
        if name not in rows.texts:
            return
        fits &= _is_one_of(rows.texts[name], rows.values.get(name), wanted)
    if "document" in rows.values:
        fits &= ~rows.values["document"].to_numpy(dtype=bool)
    rows.fate[fits] = SAMPLE


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


def unread_columns(rows: MappedRows) -> list[str]:
    """The file's columns that the mapping does not read."""
    read_names = {plain_name(rows.source.header[position]) for position in rows.match.positions.values()}
    return [name.strip() for name in rows.source.header if name.strip() and plain_name(name) not in read_names]
