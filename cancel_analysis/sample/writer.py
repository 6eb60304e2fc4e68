"""Export files as bytes: CSV as Seller Center writes it, XLSX in the malformed forms that sellers get.

The workbook is written by hand because the faults must be exact, and because each library's own
timestamps and ordering would change the bytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from cancel_analysis.sample.headers import TABBED

Cell = str | int | float
Row = Sequence[Cell]
# Every cell in a row of its own that claims to be row 1 · the sheet says it is one cell large · sound.
FAULTS = ("own_rows", "dimension_a1", "none")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """UTF-8 with a byte order mark, CRLF, a tab behind ids and times."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    tabbed = [column in TABBED for column in columns]
    for row in rows:
        writer.writerow([f"{cell}\t" if tab and cell != "" else cell for tab, cell in zip(tabbed, row, strict=True)])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def xlsx_bytes(columns: Sequence[str], rows: Iterable[Row], *, sheet: str, fault: str = "none") -> bytes:
    """A workbook of one sheet; text is shared text, numbers are numbers, empty cells are left out."""
    if fault not in FAULTS:
        raise ValueError(f"fault must be one of {', '.join(FAULTS)}, not {fault!r}")
    letters = [_letters(number) for number in range(len(columns))]
    shared: dict[str, int] = {}
    lines: list[str] = []
    height = 0
    for height, row in enumerate([columns, *rows], start=1):
        cells = [
            _cell(f"{letter}{height}", cell, shared) for letter, cell in zip(letters, row, strict=True) if cell != ""
        ]
        if fault == "own_rows":
            lines.extend(f'<row r="1">{cell}</row>' for cell in cells)
        else:
            lines.append(f'<row r="{height}">{"".join(cells)}</row>')
    extent = "A1:A1" if fault == "dimension_a1" else f"A1:{letters[-1]}{height}"
    parts = {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
            f'<sheets><sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><dimension ref="{extent}"/>'
            f"<sheetData>{''.join(lines)}</sheetData></worksheet>"
        ),
        "xl/sharedStrings.xml": (
            f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{len(shared)}">'
            + "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
            + "</sst>"
        ),
    }
    return _zip_bytes(parts)


def _cell(place: str, value: Cell, shared: dict[str, int]) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _letters(number: int) -> str:
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _zip_bytes(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            # The default is the system that wrote it: Windows and Linux would differ.
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode("utf-8"), zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()
