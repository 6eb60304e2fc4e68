"""A look at a workbook before it is opened: calamine sets aside room for the whole rectangle up to the last cell.

One stray cell in the last row and column would ask for half a terabyte and end the process, and
with it the reports of every other shop.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from cancel_analysis.errors import Place, UnreadableFileError

# 32 bytes a cell: about 3 GB. A million rows of the widest export would still fit.
MOST_CELLS = 100_000_000
MOST_BYTES = 4 << 30
_BLOCK = 1 << 22
# Only far cells are looked for, past column BZ or row 99,999; all others fit in any case.
_NEAR_ROW, _NEAR_COLUMN = 100_000, 78
_FAR_COLUMN = re.compile(rb"\br=[\"']([C-Z][A-Z]|[A-Z]{3})\d")
_FAR_ROW = re.compile(rb"\br=[\"'][A-Z]{0,3}(\d{6,7})[\"']")


def check_workbook(path: Path, label: str, remedy: str) -> None:
    """Raise UnreadableFileError when opening the workbook would take more memory than any export needs."""
    try:
        with zipfile.ZipFile(path) as book:
            if sum(part.file_size for part in book.infolist()) > MOST_BYTES:
                raise UnreadableFileError("the workbook is too large", place=Place(file=label), remedy=remedy)
            for name in book.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _check_sheet(book, name, label, remedy)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError, ValueError):
        # Not this check's business: who opens it next says what is wrong with it.
        return


def _check_sheet(book: zipfile.ZipFile, name: str, label: str, remedy: str) -> None:
    row, column = _NEAR_ROW, _NEAR_COLUMN
    with book.open(name) as sheet:
        rest = b""
        while block := sheet.read(_BLOCK):
            # A reference may lie across two blocks.
            text = rest + block
            for found in _FAR_COLUMN.findall(text):
                column = max(column, _number(found))
            for found in _FAR_ROW.findall(text):
                row = max(row, int(found))
            rest = block[-32:]
    if row * column > MOST_CELLS:
        raise UnreadableFileError(
            f"a cell lies far outside the table: {row:,} rows × {column:,} columns",
            place=Place(file=label),
            remedy=f"Delete what stands outside the table. {remedy}",
        )


def _number(letters: bytes) -> int:
    total = 0
    for letter in letters:
        total = total * 26 + letter - ord("A") + 1
    return total
