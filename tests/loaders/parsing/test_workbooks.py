"""Workbooks that would take all memory or time are refused alone, however they ask for it."""

from __future__ import annotations

import re
import struct
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import UnreadableFileError
from cancel_analysis.loaders import identify, load_orders
from cancel_analysis.loaders.parsing import workbooks
from cancel_analysis.loaders.parsing.workbooks import read_sheets
from tests.loaders.exports import order, write_xlsx

SHEET = "xl/worksheets/sheet1.xml"
SHOP = make_shop({"id": "s", "market": "US", "refuse_limit": 1})
limited = pytest.mark.skipif(sys.platform != "linux", reason="this system knows no limit of memory")


def changed(path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Path:
    """The workbook with other parts."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in change(parts).items():
            book.writestr(name, content)
    return path


def add_cells(path: Path, cells: str) -> Path:
    """The workbook with more rows at the end of its sheet."""

    def add(parts: dict[str, bytes]) -> dict[str, bytes]:
        return parts | {SHEET: parts[SHEET].replace(b"</sheetData>", f"{cells}</sheetData>".encode())}

    return changed(path, add)


def one_cell(reference: str) -> str:
    row = "".join(filter(str.isdigit, reference))
    return f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'


def moved_sheet(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The sheet under another name, far cell and all."""
    moved = {name: content for name, content in parts.items() if name != SHEET}
    moved["xl/other/table.bin"] = parts[SHEET].replace(
        b"</sheetData>", one_cell("XFD1048576").encode() + b"</sheetData>"
    )
    rels = "xl/_rels/workbook.xml.rels"
    moved[rels] = parts[rels].replace(b"worksheets/sheet1.xml", b"other/table.bin")
    return moved


@limited
@pytest.mark.parametrize(
    "cells",
    [
        *map(one_cell, ("XFD1048576", "AAA1048576", "XFD99999", "CV1048576", "xfd1048576")),
        '<row r="1048576"><c  r = "XFD1048576" ><v>1</v></c></row>',
        "<row r='1048576'><c t='n' r='XFD1048576'><v>1</v></c></row>",
        '<row r="1048576"><c r="XFD1048576&#x20;"><v>1</v></c></row>',
        '<row r="7"><c r="&#x58;FD1048576"><v>1</v></c></row>',
    ],
)
def test_a_cell_far_outside(tmp_path: Path, cells: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MEMORY_LIMIT", 1 << 30)
    path = add_cells(write_xlsx(tmp_path / "a.xlsx", [order()]), cells)
    assert path.stat().st_size < 14_000
    started = time.monotonic()
    told, used = "", 0
    try:
        used = load_orders(path, SHOP).account.used
    except UnreadableFileError as error:
        told = str(error)
    assert time.monotonic() - started < 60
    # What the reader does not take for a far cell does no harm.
    assert used == 1 or re.match(r"(.*far outside the table|the workbook cannot be read).*a\.xlsx", told)


@limited
def test_what_to_do_about_a_far_cell(tmp_path: Path) -> None:
    path = add_cells(write_xlsx(tmp_path / "a.xlsx", [order()]), one_cell("XFD1048576"))
    with pytest.raises(UnreadableFileError, match=r"far outside the table[\s\S]*Delete what stands outside"):
        identify(path)


@limited
def test_a_far_cell_in_a_sheet_that_lies_elsewhere(tmp_path: Path) -> None:
    path = changed(write_xlsx(tmp_path / "a.xlsx", [order()]), moved_sheet)
    with pytest.raises(UnreadableFileError, match="far outside the table"):
        identify(path)


def test_cells_without_references_are_read(tmp_path: Path) -> None:
    def bare(parts: dict[str, bytes]) -> dict[str, bytes]:
        return parts | {SHEET: re.sub(rb' r="[A-Z]*\d+"', b"", parts[SHEET])}

    # No cell may be empty: without references a gap cannot be seen.
    full = {name: value or "0" for name, value in order().items()} | {"Cancelled Time": "-", "Cancel Reason": "-"}
    path = changed(write_xlsx(tmp_path / "a.xlsx", [full]), bare)
    (_, rows), *_ = read_sheets(path, "a.xlsx", "")
    assert rows == [list(full), list(full.values())]


@limited
def test_one_text_that_all_cells_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MEMORY_LIMIT", 1 << 30)
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(5, 1505))

    def share(parts: dict[str, bytes]) -> dict[str, bytes]:
        text = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (main, b"x" * 10_000_000)
        sheet = parts[SHEET].replace(b"</sheetData>", cells + b"</sheetData>")
        return parts | {"xl/sharedStrings.xml": text, SHEET: sheet}

    path = changed(write_xlsx(tmp_path / "a.xlsx", [order()]), share)
    assert path.stat().st_size < 30_000
    with pytest.raises(UnreadableFileError, match=r"takes more than 1 GB of memory"):
        identify(path)


@limited
def test_an_archive_that_does_not_say_what_it_unpacks_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes in an archive's directory are the writer's word; the limit is on what the reader takes."""
    monkeypatch.setattr(workbooks, "MEMORY_LIMIT", 250 << 20)

    def bomb(parts: dict[str, bytes]) -> dict[str, bytes]:
        cell = b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + b"y" * (200 << 20) + b"</t></is></c></row></sheetData>"
        return parts | {SHEET: parts[SHEET].replace(b"</sheetData>", cell)}

    path = changed(write_xlsx(tmp_path / "a.xlsx", [order()]), bomb)
    content = bytearray(path.read_bytes())
    size = struct.pack(
        "<I", next(part.file_size for part in zipfile.ZipFile(path).infolist() if part.filename == SHEET)
    )
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = struct.pack("<I", 1000)
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"cannot be read|takes more than"):
        identify(path)


def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    monkeypatch.setattr(workbooks, "_PROGRAM", slow)
    monkeypatch.setattr(workbooks, "TIME_LIMIT", 1)
    started = time.monotonic()
    with pytest.raises(UnreadableFileError, match="takes more than 1 seconds"):
        identify(write_xlsx(tmp_path / "a.xlsx", [order()]))
    assert time.monotonic() - started < 20


def test_a_rectangle_that_fits_into_the_memory_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_CELLS", 20_000)
    path = add_cells(write_xlsx(tmp_path / "a.xlsx", [order()]), one_cell("CV300"))
    with pytest.raises(UnreadableFileError, match=r"far outside the table: 300 rows × 100 columns[\s\S]*Delete what"):
        identify(path)


def test_what_the_process_hands_over_is_cells_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = tmp_path / "hostile.py"
    hostile.write_text("import os, pickle, sys\nsys.stdout.buffer.write(pickle.dumps(os.getcwd))\n", encoding="utf-8")
    monkeypatch.setattr(workbooks, "_PROGRAM", hostile)
    with pytest.raises(UnreadableFileError, match="reading the workbook"):
        identify(write_xlsx(tmp_path / "a.xlsx", [order()]))


@pytest.mark.parametrize("place", ["BZ3", "AZ5000", "A3"])
def test_a_cell_beside_the_table_does_no_harm(tmp_path: Path, place: str) -> None:
    path = add_cells(write_xlsx(tmp_path / "a.xlsx", [order()]), one_cell(place))
    assert load_orders(path, SHOP).account.used == 1


def test_more_bytes_than_any_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_BYTES", 100)
    with pytest.raises(UnreadableFileError, match="too large"):
        identify(write_xlsx(tmp_path / "a.xlsx", [order()]))


def test_rows_stand_where_they_stood(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C5"], sheet["D7"] = "x", 1.5
    book.create_sheet("empty")
    book.save(tmp_path / "a.xlsx")
    assert read_sheets(tmp_path / "a.xlsx", "a.xlsx", "") == [
        ("Sheet", [[], [], [], [], ["", "", "x"], [], ["", "", "", 1.5]]),
        ("empty", []),
    ]
