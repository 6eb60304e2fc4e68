"""One file → its typed rows and the outcome of each: used, sample, description, refused, or no row at all.

Every record of the file gets exactly one outcome, so that the account adds up; a refused one keeps
its place, column, value and reason.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import datetime

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import AmbiguousDatesError, Place, UnreadableFileError, option
from cancel_analysis.loaders.parsing import dates, fields
from cancel_analysis.loaders.parsing.columns import Field, Layout, Match
from cancel_analysis.loaders.parsing.refusals import refusal_frame
from cancel_analysis.loaders.parsing.sources import EXPORT_AGAIN, Cells, Source, glimpse, read_carefully, read_cells
from cancel_analysis.loaders.parsing.unread import Unread, check_column, unread_cells

USED, DESCRIPTION, SAMPLE, SUPERSEDED, REFUSED, BLANK = range(6)

# Enough to decide the order of dates; reading millions of unread ones by hand would take minutes.
MOST_UNREAD = 100_000
# Mixed date cells and date texts beyond this share of the smaller kind are no odd rows any more.
ODD_SHARE = 0.01
# Ids of this length lose their last digits in a spreadsheet, which keeps fifteen.
LONG_ID = 16
# Three orders whose numbers end in three zeros happen once in a billion files.
FEWEST_ROUNDED = 3

_READER_ERRORS = (duckdb.Error, pa.ArrowException, OSError)

CHAINS = {
    "orders": ("created_at", "paid_at", "rts_at", "shipped_at", "delivered_at"),
    "returns": ("requested_at", "refunded_at"),
}

LOST_DIGITS = "a spreadsheet has replaced the digits of this number"
ROUNDED = "a spreadsheet has rounded this number: its last digits are zeros, as in most rows of the file"
EMPTY = "is empty"
NO_ID = "is no number of ten or more digits"
SECOND_HEADER = "is a second header row: files were pasted together"
NOT_WHOLE = "is no whole number"
WRONG_YEAR = f"is outside the years {dates.FIRST_YEAR}–{dates.LAST_YEAR}"

LOOK = "Look at this row in the file; if it is damaged, export the file again from Seller Center."
REMEDIES = {LOST_DIGITS: EXPORT_AGAIN, ROUNDED: EXPORT_AGAIN, SECOND_HEADER: "Give the files one by one."}

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+|\d+[.,]\d+")


@dataclass
class FileRows:
    """The typed rows of one file. `outcome` and `row` run along `table`; `row` counts as a spreadsheet does.

    `newest` is the newest event of the used rows, shop-local; None when there is none.
    """

    source: Source
    match: Match
    table: pa.Table
    outcome: npt.NDArray[np.int8]
    row: npt.NDArray[np.int64]
    refusals: pd.DataFrame
    decision: dates.Decision
    newest: datetime | None
    # Along `table`: what the order's status says, of refused rows too, and which rows nothing dates.
    statuses: pd.Series | None = None
    undated: fields.Mask | None = None
    # Of the superseded rows those that another row of the same file equals in every column.
    twice: int = 0
    # Used rows that name no SKU.
    without_sku: int = 0
    # Cells that cannot be read, in columns that a row can do without.
    unread: list[Unread] = with_default(default_factory=list)

    def count(self, outcome: int) -> int:
        return int((self.outcome == outcome).sum())


def read_rows(source: Source, match: Match, shop: ShopSettings, connection: duckdb.DuckDBPyConnection) -> FileRows:
    """Read, type and judge every row of `source`.

    Raises AmbiguousDatesError when nothing settles whether day or month comes first, and
    UnreadableFileError when the file cannot be read to its end.
    """
    times = [field.name for field in _present(match, "time")]
    positions = [match.positions[name] for name in times]
    sample = [row[p] for row in source.head for p in positions if p < len(row)]
    guess = dates.guess(sample, shop.date_order, glimpses=glimpse(source))
    table, cells = scan(source, match, guess, shop, connection)
    decision = dates.decide(
        {name: table[name] for name in times},
        unread_texts(table, times),
        guess.order,
        CHAINS[match.layout.kind],
        shop.date_order,
    )
    check_dates(decision, table, times, cells, source)
    if decision.order is not None and decision.order != guess.order:
        guess = dates.guess(sample, order=decision.order)
        table, cells = scan(source, match, guess, shop, connection)
    table = fields.trim(table, [field.name for field in _present(match, "id", "text", "localized")])
    table = fields.drop_impossible_years(table, times)
    reasons: dict[str, dict[str, str]] = {}
    for amount in _present(match, "money"):
        table, reasons[amount.name] = fields.read_money(table, amount.name, shop.currency, shop.decimals)
    judge = _Judge(source, match, table, cells.faults)
    judge.check_ids()
    judge.check_values(decision.order or guess.order, reasons)
    if match.layout.kind == "orders":
        judge.set_samples()
    newest = newest_event(judge.table, times, judge.outcome == USED)
    return FileRows(
        source, match, judge.table, judge.outcome, judge.row, judge.frame(), decision, newest, unread=judge.unread
    )


def newest_event(table: pa.Table, times: Sequence[str], used: fields.Mask) -> datetime | None:
    """The newest of the columns `times` in the used rows; None when they hold none."""
    rows = table.select(times) if used.all() else table.select(times).filter(pa.array(used))
    found = [moment for name in times if (moment := pc.max(rows[name]).as_py()) is not None]
    return max(found, default=None)


def _present(match: Match, *kinds: str) -> list[Field]:
    return [field for field in match.layout.of_kind(*kinds) if field.name in match.positions]


def scan(
    source: Source, match: Match, guess: dates.Guess, shop: ShopSettings, connection: duckdb.DuckDBPyConnection
) -> tuple[pa.Table, Cells]:
    """The needed columns of a source, typed as `guess` has it; a damaged file is read again with care."""
    wanted = _present(match, "id", "text", "localized", "integer", "money", "time")
    positions = sorted(set(match.positions.values()))
    times = [match.positions[field.name] for field in wanted if field.kind == "time"]
    select = fields.typing_sql(wanted, match.positions, guess, shop.decimals)
    cells = read_cells(source, positions, times)
    if isinstance(cells.relation, str):
        # Past the first 2,048 rows the error comes through Arrow, as one of Arrow's own.
        with contextlib.suppress(*_READER_ERRORS):
            table = _select(select, cells.relation, connection)
            if _starts_with_header(table, source, match):
                return table[1:], cells
        # Not well formed: read it again with care, to say which records are damaged.
        cells = read_carefully(source, positions)
    connection.register("cells", cells.relation)
    try:
        return _select(select, "cells", connection)[1:], cells
    except _READER_ERRORS as error:
        # The text of such an error may be a line of the file.
        raise UnreadableFileError(
            f"the file cannot be read ({type(error).__name__})", place=source.place, remedy=EXPORT_AGAIN
        ) from None
    finally:
        connection.unregister("cells")


def _starts_with_header(table: pa.Table, source: Source, match: Match) -> bool:
    """Whether the first row is the header as another reader saw it; if not, a stray quote has shifted the cells."""
    names = [field.name for field in _present(match, "id", "text", "localized")]
    return len(table) > 0 and all(
        (table[name][0].as_py() or "").lstrip("\ufeff") == source.header[match.positions[name]].rstrip("\t")
        or table[name][0].as_py() == source.header[match.positions[name]]
        for name in names
    )


def _select(select: str, relation: str, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    # In batches: the whole result at once would stand in memory twice, in DuckDB's form and in Arrow's.
    return connection.sql(f"SELECT {select} FROM {relation}").to_arrow_reader(100_000).read_all()


def unread_texts(table: pa.Table, times: Sequence[str]) -> list[str]:
    """Texts in the time columns that the guess did not fit."""
    found: list[str] = []
    for name in times:
        found += pc.drop_null(table[f"{name}_text"])[: MOST_UNREAD - len(found)].to_pylist()
    return found


def check_dates(decision: dates.Decision, table: pa.Table, times: Sequence[str], cells: Cells, source: Source) -> None:
    """Raise AmbiguousDatesError when nothing settled the order of dates, or a spreadsheet has turned some of them."""
    if cells.date_cells:
        read = sum(len(table) - table[name].null_count for name in times)
        if min(cells.date_cells, read - cells.date_cells) > ODD_SHARE * read:
            raise AmbiguousDatesError(
                "some dates are date cells and others are text: a spreadsheet has turned a part of them, "
                "and may have taken days for months",
                place=source.place,
                remedy=EXPORT_AGAIN,
            )
    if decision.order is None:
        raise AmbiguousDatesError(
            f"nothing in the file settles whether the day or the month comes first ({decision.basis})",
            place=source.place,
            remedy="Add 'date_order: dmy' (day first) or 'date_order: mdy' (month first) to the shop in shops.yaml, or "
            f"give {option('date_order', 'dmy')} or {option('date_order', 'mdy')}.",
        )


class _Judge:
    """Gives every row its outcome; a row keeps the first problem that is found in it."""

    def __init__(self, source: Source, match: Match, table: pa.Table, faults: Mapping[int, str]) -> None:
        self.source, self.match, self.table = source, match, table
        self.layout: Layout = match.layout
        self.outcome = np.zeros(len(table), dtype=np.int8)
        self.row = np.arange(2, len(table) + 2, dtype=np.int64)
        self.found: list[tuple[int, str | None, str | None, str]] = []
        self.unread: list[Unread] = []
        for position, fault in faults.items():
            self._refuse(position, None, None, fault)
        self._drop_blank()

    def _refuse(self, position: int, field: str | None, value: str | None, reason: str) -> None:
        if self.outcome[position] == USED:
            self.outcome[position] = REFUSED
            column = None if field is None else self._column(field)
            self.found.append((int(self.row[position]), column, value, reason))

    def _drop_blank(self) -> None:
        blank = fields.mask(pc.is_null(self.table[self.layout.row_id])) & (self.outcome == USED)
        for name in self.table.column_names:
            if not blank.any():
                return
            blank &= fields.mask(pc.is_null(self.table[name]))
        self.outcome[blank] = BLANK

    def check_ids(self) -> None:
        """Refuse rows without usable numbers; the first row may be the description of the columns."""
        first = int(np.argmax(self.outcome != BLANK)) if len(self.outcome) else -1
        for field in self.layout.of_kind("id"):
            if not (field.filled or field.name == "sku_id") or field.name not in self.match.positions:
                continue
            pattern = r"^[0-9]{10,}$" if field.name != "sku_id" else r"^[0-9]+$"
            texts = self.table[field.name]
            wrong = ~fields.mask(pc.match_substring_regex(texts, pattern))
            if not field.filled:
                self._leave_out(field, wrong & fields.mask(pc.is_valid(texts)))
                continue
            for position in np.flatnonzero(wrong & (self.outcome == USED)):
                value = texts[position].as_py()
                if field.name == self.layout.row_id and position == first and self._describes(first, value):
                    self.outcome[position] = DESCRIPTION
                else:
                    self._refuse(int(position), field.name, value, self._id_reason(value, field.name))
            self._check_rounding(field.name)

    def _leave_out(self, field: Field, wrong: fields.Mask) -> None:
        """A number that cannot be used and that a row can do without: something else names its article."""
        wrong &= self.outcome == USED
        if not wrong.any():
            return
        texts = self.table[field.name]
        bad = texts.filter(pa.array(wrong)).to_pylist()
        reasons = {text: self._id_reason(text, field.name) for text in bad}
        self.unread += unread_cells(self._column(field.name), wrong, bad, reasons)
        kept = pc.if_else(pa.array(wrong), pa.scalar(None, texts.type), texts)
        self.table = self.table.set_column(self.table.column_names.index(field.name), field.name, kept)

    def _column(self, name: str) -> str:
        return self.source.header[self.match.positions[name]].strip()

    def _describes(self, position: int, value: str | None) -> bool:
        if value is None or _SCIENTIFIC.fullmatch(value) or value.isdigit() or self._is_header(value):
            return False
        return not any(self.table[field.name][position].is_valid for field in _present(self.match, "time", "integer"))

    def _is_header(self, value: str) -> bool:
        return value == self.source.header[self.match.positions[self.layout.row_id]].strip()

    def _id_reason(self, value: str | None, field: str) -> str:
        if value is None:
            return EMPTY
        if _SCIENTIFIC.fullmatch(value):
            return LOST_DIGITS
        if field == self.layout.row_id and self._is_header(value):
            return SECOND_HEADER
        return NO_ID if field != "sku_id" else NOT_WHOLE

    def _check_rounding(self, name: str) -> None:
        if name == "sku_id":
            return
        zeros = fields.mask(pc.ends_with(self.table[name], "000")) & (self.outcome == USED)
        if zeros.sum() * 10 < len(zeros):
            return
        ids = pc.unique(self.table[name].filter(pa.array(self.outcome == USED)))
        long = ids.filter(pc.greater_equal(pc.utf8_length(ids), LONG_ID))
        rounded = pc.sum(pc.ends_with(long, "000")).as_py() or 0
        if rounded >= FEWEST_ROUNDED and rounded > len(long) / 2:
            texts = self.table[name]
            for position in np.flatnonzero(zeros):
                self._refuse(int(position), name, texts[position].as_py(), ROUNDED)

    def check_values(self, order: str, money_reasons: Mapping[str, Mapping[str, str]]) -> None:
        """Refuse rows without a time or number that must be there; others that cannot be read are not known."""
        unfit = f"does not fit the dates of the file ({dates.NAMES[order]})"
        for field in _present(self.match, "time", "integer", "money"):
            texts = self.table[f"{field.name}_text"]
            if texts.null_count < len(texts):
                wrong = fields.mask(pc.is_valid(texts)) & (self.outcome == USED)
                bad = texts.filter(pa.array(wrong)).to_pylist()
                if field.kind == "money":
                    reasons = dict(money_reasons[field.name])
                elif field.kind == "integer":
                    reasons = dict.fromkeys(bad, NOT_WHOLE)
                else:
                    reasons = {text: WRONG_YEAR if re.match(r"\d{4}-.*T", text) else unfit for text in bad}
                if field.filled:
                    for position, text in zip(np.flatnonzero(wrong), bad, strict=True):
                        self._refuse(int(position), field.name, text, reasons[text])
                else:
                    self._pass_over(field, wrong, bad, reasons)
            if field.filled and self.table[field.name].null_count:
                gone = fields.mask(pc.is_null(self.table[field.name])) & (self.outcome == USED)
                for position in np.flatnonzero(gone):
                    self._refuse(int(position), field.name, None, EMPTY)

    def _pass_over(self, field: Field, wrong: fields.Mask, texts: Sequence[str], reasons: Mapping[str, str]) -> None:
        """Cells that a row can do without; a column of which nothing can be read ends the load."""
        groups = unread_cells(self._column(field.name), wrong, texts, reasons)
        read = fields.mask(pc.is_valid(self.table[field.name])) & (self.outcome == USED)
        place = Place(self.source.label, self.source.sheet, None, self._column(field.name))
        if texts:
            check_column(place, field.kind, int(read.sum()) + len(texts), groups, texts[0], EXPORT_AGAIN)
        self.unread += groups

    def set_samples(self) -> None:
        """Free creator samples: nothing to pay, and no way of paying. An unpaid order has an amount."""
        free = fields.mask(pc.equal(self.table["order_amount"], 0.0))
        free &= fields.mask(pc.is_null(self.table["payment_method"]))
        self.outcome[free & (self.outcome == USED)] = SAMPLE

    def frame(self) -> pd.DataFrame:
        """The refused rows with what to do about each."""
        lines = [
            (self.source.label, self.source.sheet, row, column, value, reason, REMEDIES.get(reason, LOOK))
            for row, column, value, reason in sorted(self.found, key=lambda line: line[0])
        ]
        return refusal_frame(lines)
