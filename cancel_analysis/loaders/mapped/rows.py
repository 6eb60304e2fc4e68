"""The rows of one mapped file, and which kind of a mapping's files a header fits.

A row that cannot be used is refused with its place and reason; what stands in for a fact that the
file does not have is counted, so that it can be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cancel_analysis.catalog.mapping.forms import CUSTOMER, LINE_ID, NEEDED, UNDATED, FileMapping, Part, Rule
from cancel_analysis.catalog.mapping.mappings import read_mapping, shipped
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.joined import JoinedTable
from cancel_analysis.loaders.parsing.columns import Field, Layout, Match, match, plain_name
from cancel_analysis.loaders.parsing.dates import Decision
from cancel_analysis.loaders.parsing.refusals import refusal_frame, shown_header
from cancel_analysis.loaders.parsing.rows import REFUSED, USED, FileRows
from cancel_analysis.loaders.parsing.sources import Source, open_source
from cancel_analysis.loaders.parsing.unread import Unread

# A table with the key of the orders and one column more may be anything: payments, reviews.
FEWEST_ADDED = 2
# So many columns that a shipped mapping knows are no chance.
FEWEST_KNOWN = 5
LOOK = "Look at this row in the file: if it is damaged, write the file again; if it is right, mend the mapping."


def layout_of(part: Part, title: str) -> Layout:
    """A part's columns as a layout to look for in headers; everything is read as text."""
    columns = tuple(Field(name, "text", headers) for name, headers in part.columns.items())
    return Layout(part.kind, title, columns, ("order_id", "line_key"))


@dataclass(frozen=True)
class Asked:
    """A column's texts along the rows, each with what it was taken as; `known` are those that a rule explains."""

    kind: str
    name: str
    texts: pd.Series
    taken: pd.Series
    known: frozenset[str]


@dataclass(frozen=True)
class Apart:
    """So many lines equal another in all that is read of them; the `columns` that are not read tell them apart."""

    rows: int
    columns: tuple[str, ...]


@dataclass
class MappedRows:
    """The rows of one file: `texts` as they stand, `values` in canonical columns, `outcome` and `row` beside them.

    `asked` are the texts that rules were asked about; `filled` counts the cells that the file's own columns hold.
    """

    source: Source
    part: Part
    match: Match
    texts: pd.DataFrame
    outcome: npt.NDArray[np.int8]
    values: dict[str, pd.Series] = field(default_factory=dict)
    times: read.Times | None = None
    # Cells that cannot be read, in columns that a row can do without.
    unread: list[Unread] = field(default_factory=list)
    stood_in: dict[tuple[str, str], npt.NDArray[np.bool_]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    filled: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[int, str | None, str | None, str, str]] = field(default_factory=list)
    # Lines that an earlier row of the file equals in every column; those that are alike in all that is read, and stay.
    equal: npt.NDArray[np.bool_] | None = None
    apart: Apart | None = None
    # Where tables are joined: the row of the file that each line comes from, and that of each table.
    origin: npt.NDArray[np.int64] | None = None
    tables: dict[str, JoinedTable] = field(default_factory=dict)
    joined: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    @property
    def row(self) -> npt.NDArray[np.int64]:
        """The row of the file, counted as a spreadsheet does."""
        place = np.arange(len(self.outcome), dtype=np.int64) if self.origin is None else self.origin
        return place + 2

    def table_of(self, name: str) -> JoinedTable | None:
        """The joined table that a column comes from; None for one of the file's own."""
        if name in self.match.positions:
            return None
        return next(
            (table for table in self.tables.values() if name in table.join.columns and name in table.texts), None
        )

    def header(self, name: str) -> str:
        """What the file calls a canonical column; its canonical name where it has none."""
        position = self.match.positions.get(name)
        if position is not None:
            return self.source.header[position].strip()
        table = self.table_of(name)
        return name if table is None else table.header(name)

    def has(self, name: str) -> bool:
        return name in self.match.positions or self.table_of(name) is not None

    def cancelled_by_table(self) -> npt.NDArray[np.bool_]:
        """The lines that a joined table of cancellations names."""
        found = np.zeros(len(self.outcome), dtype=bool)
        for name, place in self.joined.items():
            if self.tables[name].join.cancels:
                found |= place >= 0
        return found

    def refuse(
        self, where: npt.NDArray[np.bool_], name: str | None, reason: str | Mapping[str, str], remedy: str = LOOK
    ) -> None:
        """Refuse the used rows in `where` for what stands in column `name`; `reason` may go by the text there."""
        positions = np.flatnonzero(where & (self.outcome == USED))
        if not len(positions):
            return
        cells = self.texts[name].to_numpy(dtype=object)[positions] if name in self.texts else [None] * len(positions)
        column = None if name is None else self.header(name)
        rows = self.row[positions].tolist()
        self.outcome[positions] = REFUSED
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
            outcome=self.outcome,
            row=self.row,
            refusals=refusal_frame(lines),
            decision=Decision(None, basis),
            newest=self.newest(),
            statuses=self._statuses(),
            undated=self.values[UNDATED].isna().to_numpy() if self.part.kind == "orders" else None,
            unread=self.unread,
            twice=0 if self.equal is None else int(self.equal.sum()),
        )

    def _statuses(self) -> pd.Series | None:
        """The state of each row's own order; a document of cancellation tells of a cancelled one.

        What of it is in no rate, as its sale is in no file, is so seen as a cancellation that no rate counts.
        """
        if self.part.kind != "orders":
            return None
        document = self.values.get("document")
        return self.values["status"].mask(document, "cancelled") if document is not None else self.values["status"]

    def place_of(self, name: str) -> npt.NDArray[np.int64] | None:
        """The row that each line's cell of a column stands in, in the file that has the column; None: each its own."""
        table = self.table_of(name)
        return self.origin if table is None else self.joined[table.join.name]

    def article_stands_in(self) -> npt.NDArray[np.bool_]:
        """Rows whose article is told by nothing better than its category or its order."""
        found = np.zeros(len(self.outcome), dtype=bool)
        for (name, other), where in self.stood_in.items():
            if name == "sku_id" and other.split(" + ")[0] in ("category", "order"):
                found |= where
        return found

    def _text(self, name: str) -> pd.Series:
        nothing = pd.Series([None] * len(self.outcome), dtype="str")
        return self.values.get(name, nothing).astype("str").fillna("")

    def newest(self) -> Any:
        """The newest time of the used rows; None when there is none."""
        used = self.outcome == USED
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


def fitting_mappings(header: Sequence[str]) -> list[str]:
    """The shipped mappings that fit a header, the one that reads most of it first."""
    found = _known_columns(header)
    return sorted(found, key=lambda name: -found[name])


def most_known(header: Sequence[str]) -> int:
    """How many columns of a header the shipped mapping that fits best reads; 0 where none fits."""
    return max(_known_columns(header).values(), default=0)


def _known_columns(header: Sequence[str]) -> dict[str, int]:
    """The shipped mappings that fit a header, each with the number of columns that it reads."""
    found = {}
    for name in shipped():
        mapping = read_mapping(name)
        whole = [fit for part, fit in _matches(header, mapping) if part.kind in NEEDED and not missing(part, fit)]
        # A number, a day and a count stand in nearly every table.
        known = max((len(fit.positions) for fit in whole), default=0)
        if known >= FEWEST_KNOWN:
            found[name] = known
    return found


def _matches(header: Sequence[str], mapping: FileMapping) -> list[tuple[Part, Match]]:
    return [(part, match(header, layout_of(part, mapping.title))) for part in mapping.parts]


def open_mapped(
    path: Path, label: str, mapping: FileMapping, opened: Source | None = None
) -> tuple[Source, Part, Match]:
    """Open a file with the delimiter, sheet and kind that fit the mapping best; `opened` is it, already open.

    Raises WrongFileError that names what is missing when it fits no kind of the mapping.
    """
    source = opened or open_source(path, lambda header: mapping_fit(header, mapping), label)
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
            f"its columns are {shown_header(source.header, 12)}" + (" …" if len(source.header) > 12 else ""),
        )
    part, found = max(whole, key=lambda one: len(one[1].positions))
    return source, part, found


def missing(part: Part, found: Match) -> list[str]:
    """What a file lacks to be of this kind: needed columns for which nothing in it can stand in."""
    needed = [name for name in NEEDED.get(part.kind, part.key) if not _given(name, part, found)]
    if part.kind not in NEEDED:
        # A table that is joined is known by its key and by something that it adds.
        others = [name for name in part.columns if name not in part.key]
        present = [name for name in others if name in found.positions]
        needed += [] if len(present) >= min(FEWEST_ADDED, len(others)) else others
    elif part.kind == "orders":
        needed += [name for name in ("status",) if name in part.columns and name not in found.positions]
    elif LINE_ID not in found.positions and not {"order_id", "sku_id"} <= set(found.positions):
        needed += [name for name in (LINE_ID, "order_id", "sku_id") if name in part.columns]
    return [f"{name} ({' or '.join(map(repr, part.columns.get(name, ())))})" for name in needed]


def _given(name: str, part: Part, found: Match, asked: frozenset[str] = frozenset()) -> bool:
    """Whether a file has a column or something that stands in for it; two may stand in for each other."""
    if name in found.positions or any(name in join.columns for join in part.joins):
        return True
    beside = [one for one in part.stand_ins.get(name, ()) if name not in asked]
    return any(
        one.number is not None or any(_given(column, part, found, asked | {name}) for column in one.columns)
        for one in beside
    )


def tell_column(
    rows: MappedRows, kind: str, name: str, rules: Sequence[Rule], main: str, unknown_as: str | None, only: Any = None
) -> read.Told:
    """Ask the rules about a column, and keep what its texts were taken as."""
    # A refused row is not counted; what its status means is asked for when refusals are told.
    judged = pd.Series(np.isin(rows.outcome, (USED, REFUSED)))
    column = rows.texts[name].where(judged, None)
    if only is not None:
        column = column.where(only, None)
    told = read.tell(read.distinct(column), rules)
    taken = read.spread(column, told.get(main), "str")
    known = frozenset(told.outcomes)
    if unknown_as is not None:
        taken = taken.where(column.isin(known), unknown_as)
    rows.asked.append(Asked(kind, name, column, taken, known))
    return told


def unread_columns(rows: MappedRows) -> list[str]:
    """The file's columns that the mapping does not read."""
    read_names = {plain_name(rows.source.header[position]) for position in rows.match.positions.values()}
    return [name.strip() for name in rows.source.header if name.strip() and plain_name(name) not in read_names]
