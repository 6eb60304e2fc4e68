"""A workbook → its sheets' rows, read in a process of its own that has a limit of memory and of time.

A file of 14 KB can ask for half a terabyte: by one cell in the last row and column, by a text that
every cell shares, by what is packed into the archive. Whatever makes the reader fail, it ends that
process, and the workbook alone is refused.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cancel_analysis.errors import Place, UnreadableFileError

# What the reading process may take, where the system knows such a limit (Linux; not Windows and macOS). An export of
# a million rows takes 3 GB.
MEMORY_LIMIT = 4 << 30
# A million rows take a minute; ten times that on a slow machine.
TIME_LIMIT = 600
# 24 bytes a cell for the reader; a million rows of the widest export would still fit.
MOST_CELLS = 100_000_000
# What the archive says that it unpacks to, and what the reader may hand over.
MOST_BYTES = 4 << 30
MOST_OUTPUT = 2 << 30

Rows = list[list[Any]]

_PROGRAM = Path(__file__).with_name("workbook_process.py")
_CELL_TYPES = {("datetime", name) for name in ("datetime", "date", "time", "timedelta")}
_FAR = "a cell lies far outside the table"
_OUTSIDE = "Delete what stands outside the table."


def read_sheets(path: Path, label: str, remedy: str) -> list[tuple[str, Rows]]:
    """The sheets of a workbook in their order: name and rows from the sheet's first on.

    Empty cells at the end of a row are left out, others are "". Raises UnreadableFileError for what is
    no workbook, is protected, or takes more memory or time than any export does.
    """
    place = Place(file=label)
    _check_size(path, place, remedy)
    with tempfile.TemporaryFile() as output:
        code = _run(path, output)
        output.seek(0)
        sheets: list[tuple[str, Rows]] = []
        for part in _parts(output):
            if isinstance(part, list):
                sheets[-1][1].extend(part)
            elif part[0] == "sheet":
                sheets.append((part[1], []))
            elif part[0] == "error":
                raise _refused(part[1], part[2], place, remedy)
            elif part[0] == "end":
                return sheets
    raise _refused("time" if code is None else "died", "" if code is None else str(code), place, remedy)


def _check_size(path: Path, place: Place, remedy: str) -> None:
    try:
        with zipfile.ZipFile(path) as book:
            size = sum(part.file_size for part in book.infolist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError):
        # Not this check's business: the reader says what is wrong with it.
        return
    if size > MOST_BYTES:
        raise UnreadableFileError("the workbook is too large", place=place, remedy=remedy)


def _run(path: Path, output: IO[bytes]) -> int | None:
    """Run the reader; its exit status, None when it was stopped because it took too long."""
    limits = (MEMORY_LIMIT, TIME_LIMIT, MOST_CELLS, MOST_OUTPUT)
    # -S: what site would find is found by the paths that are handed on, in half the time.
    process = subprocess.Popen(
        [sys.executable, "-S", "-P", str(_PROGRAM), str(path.resolve()), *map(str, limits)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
    )
    try:
        return process.wait(TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


class _CellReader(pickle.Unpickler):
    """Reads cells and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CELL_TYPES:
            raise pickle.UnpicklingError("no cell of a workbook")
        return super().find_class(module, name)


def _parts(output: IO[bytes]) -> Iterator[Any]:
    """What the process wrote, to where it stops making sense."""
    with contextlib.suppress(EOFError, pickle.UnpicklingError):
        while True:
            yield _CellReader(output).load()


def _refused(kind: str, text: str, place: Place, remedy: str) -> UnreadableFileError:
    if kind == "password":
        return UnreadableFileError(
            "the workbook is protected by a password", place=place, remedy="Take the protection off, or export CSV."
        )
    if kind == "far":
        return UnreadableFileError(f"{_FAR}: {text}", place=place, remedy=f"{_OUTSIDE} {remedy}")
    if kind == "unreadable":
        return UnreadableFileError(
            "the workbook cannot be read" + (f": {text}" if text else ""), place=place, remedy=remedy
        )
    if kind == "time":
        return UnreadableFileError(
            f"reading the workbook takes more than {TIME_LIMIT} seconds", place=place, remedy=remedy
        )
    limit = f"{MEMORY_LIMIT / (1 << 30):g} GB of memory"
    ended = f" (the reader ended with status {text})" if text else ""
    return UnreadableFileError(
        f"reading the workbook takes more than {limit}{ended}: {_FAR}, or more is packed into it than an export holds",
        place=place,
        remedy=f"{_OUTSIDE} {remedy}",
    )
