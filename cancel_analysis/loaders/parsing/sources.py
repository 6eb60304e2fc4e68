"""A file on disk → its header, and its needed cells as text that SQL can read. Nothing is judged here.

CSV is read by DuckDB where it is well formed, and by a slower, careful reader where it is not: that
one keeps every record, so that a damaged row can be refused by number instead of being lost. XLSX
goes through calamine, which goes by the cells' own references and so reads the malformed sheets
(`workbooks`).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from cancel_analysis.errors import InputError, Place, UnreadableFileError
from cancel_analysis.loaders.parsing.records import LONGEST_CELL, read_records
from cancel_analysis.loaders.parsing.workbooks import read_sheets

DELIMITERS = (",", ";", "\t", "|")
# Enough for the header and some thousand rows to guess the form of dates from.
HEAD_BYTES = 1 << 20
SAMPLE_ROWS = 2000
# An export is sorted by time: its first rows may hold two days only, so the rest is looked at in places.
GLIMPSES, GLIMPSE_BYTES = 24, 1 << 13
# A larger share of rows with bytes that are no UTF-8 means another encoding; fewer are damaged rows.
ODD_ROWS = 0.01
NOT_UTF8 = "holds bytes that are no UTF-8 text"
# What stands in no cell.
NO_CELL = "\x1eno cell\x1e"
BATCH_ROWS = 50_000
# The sheet that the export calls its own; others are tried after it.
SHEET = "OrderSKUList"
# Beyond this a double no longer holds every whole number, so an id's last digits are gone.
LARGEST_WHOLE = 2**53

EXPORT_AGAIN = "Export the file again from Seller Center and load it without opening it in a spreadsheet."
SAVE_UTF8 = (
    "Export it again from Seller Center; if it has to pass through a spreadsheet, save it there as "
    "'CSV UTF-8', not as plain CSV."
)
COPY_AGAIN = (
    "Export or copy the file again, whole. If it is whole, a quote in this row may be opened and never closed, "
    "or the row is a line of totals: take that out."
)
SAVE_XLSX = "Save it as .xlsx or, better, export it again as CSV."
EXPORT_CSV = "Export it again from Seller Center and choose CSV as the format."


@dataclass(frozen=True)
class Source:
    """One file, opened: `label` is what people call it, `header` its first row.

    `encoding` and `delimiter` hold for CSV. `rows` (XLSX only) are all rows below the header.
    """

    path: Path
    label: str
    format: str
    header: tuple[str, ...]
    sheet: str | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    head: tuple[tuple[str, ...], ...] = ()
    rows: tuple[list[Any], ...] = field(default=(), repr=False)

    @property
    def place(self) -> Place:
        return Place(file=self.label, sheet=self.sheet)


@dataclass(frozen=True)
class Cells:
    """The needed cells of a source, as something to select from.

    `relation` is SQL text or an Arrow table of text columns `c<position>`; its first row is the
    header. `faults` holds, by record (0 is the first below the header), why a record cannot be cut
    into cells.
    """

    relation: str | pa.Table
    faults: dict[int, str] = field(default_factory=dict)
    date_cells: int = 0


def open_source(path: Path, choose: Callable[[Sequence[str]], int], label: str | None = None) -> Source:
    """Open a CSV or XLSX file and read its header.

    `choose` says how well a header fits what is looked for (more is better); it decides between
    delimiters and between sheets. Raises UnreadableFileError when there is nothing to read.
    """
    label = label or path.name
    place = Place(file=label)
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except PermissionError as error:
        raise UnreadableFileError(
            "the file cannot be opened", place=place, remedy="Close it in other programs and check who may read it."
        ) from error
    except OSError as error:
        raise UnreadableFileError(
            f"the file cannot be opened: {error.strerror or error}", place=place, remedy="Check the path."
        ) from error
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise UnreadableFileError("the file is empty", place=place, remedy=EXPORT_CSV)
    if head.startswith(b"PK\x03\x04") and b"opendocument" in head[:200]:
        raise UnreadableFileError("this is an OpenDocument spreadsheet (.ods)", place=place, remedy=SAVE_XLSX)
    if head.startswith(b"PK\x03\x04"):
        return _open_xlsx(path, label, choose)
    for magic, what in (
        (b"\xd0\xcf\x11\xe0", "the file is in the old .xls format, or protected by a password"),
        (b"%PDF", "this is a PDF"),
        (b"\x1f\x8b", "the file is compressed"),
    ):
        if head.startswith(magic):
            raise UnreadableFileError(what, place=place, remedy=EXPORT_CSV)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise UnreadableFileError("this is a web page, not a table", place=place, remedy=EXPORT_CSV)
    return _open_csv(path, label, head, choose)


def glimpse(source: Source) -> Iterator[str]:
    """Some raw text from places all over a CSV, cut anywhere: enough to guess from, not to rest on."""
    if source.format != "csv":
        return
    size = source.path.stat().st_size
    with source.path.open("rb") as stream:
        for number in range(GLIMPSES):
            # An even place, as UTF-16 has two bytes a letter.
            stream.seek(size // GLIMPSES * number // 2 * 2)
            yield stream.read(GLIMPSE_BYTES).decode(source.encoding.replace("utf-16", "utf-16-le"), errors="replace")


def _open_csv(path: Path, label: str, head: bytes, choose: Callable[[Sequence[str]], int]) -> Source:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    # The last record of the head may be cut off, and with it a letter.
    whole = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head
    text = whole.decode(encoding, errors="replace")
    if "\x00" in text[:1000]:
        raise UnreadableFileError("this is not a text file", place=Place(file=label), remedy=EXPORT_CSV)
    best: tuple[int, int, str] | None = None
    for delimiter in DELIMITERS:
        first = next(_head_rows(text, delimiter), None)
        if first is not None and (best is None or (choose(first), len(first)) > best[:2]):
            best = (choose(first), len(first), delimiter)
    if best is None:
        raise UnreadableFileError("the file is empty", place=Place(file=label), remedy=EXPORT_CSV)
    names, *rows = _head_rows(text, best[2])
    header = tuple(names)
    if any("\ufffd" in name for name in header):
        raise UnreadableFileError("the header is not UTF-8 text", place=Place(file=label, row=1), remedy=SAVE_UTF8)
    return Source(path, label, "csv", header, None, encoding, best[2], tuple(map(tuple, rows)))


def _head_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if row:
                yield row
            if reader.line_num > SAMPLE_ROWS:
                return
    except csv.Error:
        return


def _open_xlsx(path: Path, label: str, choose: Callable[[Sequence[str]], int]) -> Source:
    place = Place(file=label)
    sheets = sorted(read_sheets(path, label, EXPORT_CSV), key=lambda sheet: sheet[0] != SHEET)
    filled = [(name, rows) for name, rows in sheets if any(_text(cell) for row in rows for cell in row)]
    if not filled:
        raise UnreadableFileError("the workbook is empty", place=place, remedy=EXPORT_CSV)
    name, rows = max(filled, key=lambda sheet: choose([_text(cell) or "" for cell in sheet[1][0]]))
    # Two are enough to know.
    if len(list(islice((cell for row in rows for cell in row if _text(cell)), 2))) == 1:
        raise UnreadableFileError(
            "only one cell of the sheet can be read", place=Place(file=label, sheet=name), remedy=EXPORT_CSV
        )
    header = tuple(_text(cell) or "" for cell in rows[0])
    head = tuple(tuple(_text(cell) or "" for cell in row) for row in rows[1 : SAMPLE_ROWS + 1])
    return Source(path, label, "xlsx", header, sheet=name, head=head, rows=tuple(rows[1:]))


def _text(cell: Any) -> str | None:
    """A spreadsheet cell as the text that a CSV would hold; None for an empty one."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return _number_text(float(cell))
    if isinstance(cell, datetime):
        # Spreadsheets count days in floating point: a whole second comes back a few microseconds off.
        return (cell + timedelta(microseconds=500_000)).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d} 00:00:00"
    return str(cell)


def _number_text(number: float) -> str:
    if not math.isfinite(number) or abs(number) >= LARGEST_WHOLE:
        return f"{number:.2E}"
    if number == int(number):
        return str(int(number))
    # Four decimals at least: a number cell holds decimals, never a point between thousands.
    short = repr(number)
    return short if "e" in short or len(short.partition(".")[2]) >= 4 else f"{number:.4f}"


def read_cells(source: Source, positions: Sequence[int], times: Sequence[int]) -> Cells:
    """The columns at `positions`, and nothing else, of a source; `times` are those that hold times.

    The cells of a UTF-8 CSV are read only when they are selected from, and DuckDB raises then when
    the file is not well formed; read it with `read_carefully` in that case.
    """
    if source.format == "xlsx":
        return _xlsx_cells(source, positions, times)
    if source.encoding == "utf-8-sig":
        return Cells(_csv_relation(source))
    return read_carefully(source, positions)


def _csv_relation(source: Source) -> str:
    # The header is read as a row: DuckDB passes over one without a look, and with a stray quote in it over the file.
    # The path is a pattern to DuckDB, and browsers put brackets into names: "All order(1)[2].csv".
    path = "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(source.path)).replace("'", "''")
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(source.header)))
    cells = ", ".join(f"nullif(c{number}, '') AS c{number}" for number in range(len(source.header)))
    # DuckDB lets a row be a cell too long when that cell is null. An empty one is not null here, or a row whose
    # cells a stray delimiter has moved would pass, an address where the way of paying belongs.
    return (
        f"(SELECT {cells} FROM read_csv('{path}', auto_detect = false, header = false, delim = '{source.delimiter}', "
        f"quote = '\"', escape = '\"', nullstr = '{NO_CELL}', max_line_size = {LONGEST_CELL}, columns = {{{columns}}}))"
    )


def read_carefully(source: Source, positions: Sequence[int]) -> Cells:
    """Read a CSV record by record; damaged records become faults, and keep their place.

    Raises UnreadableFileError where the file cannot be read to its end, ends in the middle of a row, or
    is not the text it should be.
    """
    width, spare = len(source.header), _spare_cells(source)
    faults: dict[int, str] = {}
    batches: list[pa.RecordBatch] = []
    schema = pa.schema([(f"c{position}", pa.string()) for position in positions])
    rows: list[list[str | None]] = []
    undecodable: list[Place] = []
    number = -1
    try:
        with source.path.open(encoding=source.encoding, errors="surrogateescape", newline="") as stream:
            for record in read_records(stream, source.delimiter, width, spare):
                number += 1
                if record.cut_off:
                    raise UnreadableFileError(
                        f"the file ends in the middle of row {number + 1}; it looks cut off",
                        place=Place(file=source.label, row=number + 1),
                        remedy=COPY_AGAIN,
                    )
                if number == 0:
                    rows.append([source.header[position] for position in positions])
                elif record.cells is None:
                    faults[number - 1] = record.fault
                    rows.append([None] * len(positions))
                else:
                    cells = [record.cells[position] or None for position in positions]
                    if column := _not_utf8(cells, positions, source):
                        undecodable.append(Place(file=source.label, row=number + 1, column=column))
                        faults[number - 1] = NOT_UTF8
                        cells = [None] * len(positions)
                    rows.append(cells)
                if len(rows) == BATCH_ROWS:
                    batches.append(_batch(rows, schema))
                    rows = []
    except (UnicodeError, OSError) as error:
        # What a codec says names bytes of the file, so only its kind is told.
        what = (
            error.strerror or "it cannot be read" if isinstance(error, OSError) else "it is not the text it should be"
        )
        raise UnreadableFileError(
            f"the file cannot be read past this row: {what}",
            place=Place(file=source.label, row=number + 2),
            remedy=EXPORT_AGAIN,
        ) from None
    if len(undecodable) > ODD_ROWS * number:
        raise UnreadableFileError("the file is not UTF-8 text", place=undecodable[0], remedy=SAVE_UTF8)
    batches.append(_batch(rows, schema))
    return Cells(pa.Table.from_batches(batches, schema), faults)


def _spare_cells(source: Source) -> int:
    """How many empty cells rows may have beyond the header's: those that most rows of the file end with.

    In a file of whole rows, an empty cell too many is no spare one: a delimiter within a text has moved
    every cell behind it, and the last one happens to be empty.
    """
    width = len(source.header)
    more = [len(row) - width for row in source.head if len(row) > width and not any(row[width:])]
    return max(more) if len(more) * 2 > len(source.head) else 0


def _not_utf8(cells: Sequence[str | None], positions: Sequence[int], source: Source) -> str | None:
    """The column of the first cell that holds bytes which are no UTF-8; None when all are text."""
    for cell, position in zip(cells, positions, strict=True):
        if cell is not None and not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
            return source.header[position]
    return None


def _xlsx_cells(source: Source, positions: Sequence[int], times: Sequence[int]) -> Cells:
    schema = pa.schema([(f"c{position}", pa.string()) for position in positions])
    columns = [[source.header[position], *_column(source.rows, position)] for position in positions]
    dates = sum(isinstance(row[p], date) for row in source.rows for p in times if p < len(row))
    return Cells(pa.Table.from_batches([_columns_batch(columns, schema)], schema), date_cells=dates)


def _column(rows: Sequence[Sequence[Any]], position: int) -> Iterator[str | None]:
    for row in rows:
        cell = row[position] if position < len(row) else None
        # Nearly every cell is a text: asking for it here is a third of the time of asking there.
        yield cell if type(cell) is str and cell else _text(cell)


def _batch(rows: Sequence[Sequence[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    return _columns_batch(list(zip(*rows, strict=True)) if rows else [() for _ in schema.names], schema)


def _columns_batch(columns: Sequence[Sequence[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    try:
        return pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=schema)
    except UnicodeError as error:
        raise InputError("the file holds text that is no valid Unicode", remedy=SAVE_UTF8) from error
