"""A CSV text → its records, one at a time; a damaged one is told by its fault and takes no other with it.

A quote that is opened and never closed would swallow the rows below it. Where a record that runs
over several lines does not fit the header, reading goes on at the first of those lines with which
a whole record begins, and only what lies before it is damaged.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# A longer cell means a quote that is never closed.
LONGEST_CELL = 1 << 20
# A line of a damaged record is tried as the beginning of a whole one; a cell of more lines than these is rare.
MOST_TRIED = 200
# In a narrower table a line of somebody's text has as many commas as a row.
LEAST_WIDTH = 5
_AFTER_LAST = "\x1eafter the last row\x1e"

OPEN_QUOTE = "a quote is opened in this row and never closed"
HUGE_CELL = f"a cell has more than {LONGEST_CELL:,} characters"


@dataclass(frozen=True)
class Record:
    """One record: its cells, or the fault for which it cannot be cut into the header's cells.

    `cut_off` says that the file ends within it, without an end of line.
    """

    cells: list[str] | None
    fault: str = ""
    cut_off: bool = False


class _Lines:
    """The lines of a text, some of which may be put back; `taken` are those of the record that is being read."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self._back: deque[str] = deque()
        self._ended = False
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._back:
            line = self._back.popleft()
        elif self._ended:
            raise StopIteration
        else:
            line = next(self._stream, _AFTER_LAST)
            self._ended = line is _AFTER_LAST
        self.taken.append(line)
        return line

    def put_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))


def read_records(stream: Iterable[str], delimiter: str, width: int, spare: int = 0) -> Iterator[Record]:
    """The records of `stream`, the header first; empty lines are no records.

    A record fits with `width` cells, and with up to `spare` empty ones more. Errors of the stream pass through.
    """
    csv.field_size_limit(LONGEST_CELL)
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.taken = []
        cells, fault, cut_off = _next(reader, lines)
        if cells == [_AFTER_LAST] and len(lines.taken) == 1:
            return
        if not cells and not fault:
            continue
        if not fault and cells is not None and not fits(cells, width, spare):
            fault, cut_off = f"{len(cells)} cells where the header has {width}", _is_last(lines, len(cells) < width)
        # Two quotes that are never closed, in the same column of two rows, make one record of the right length.
        if len(lines.taken) > 1 and (fault or width >= LEAST_WIDTH):
            start = _whole_from(lines.taken, lines, delimiter, width, spare)
            if start is not None:
                fault, cut_off = OPEN_QUOTE, False
                lines.put_back(lines.taken[start:])
            elif lines.taken[-1] is _AFTER_LAST:
                lines.put_back([_AFTER_LAST])
        if fault:
            reader = csv.reader(lines, delimiter=delimiter)
            yield Record(None, fault, cut_off)
        else:
            yield Record(cells)


def fits(cells: list[str], width: int, spare: int = 0) -> bool:
    """Whether a record has the header's cells, and none but empty ones beyond."""
    return len(cells) == width or (width < len(cells) <= width + spare and not any(cells[width:]))


def _next(reader: Iterator[list[str]], lines: _Lines) -> tuple[list[str] | None, str, bool]:
    """The next record with its fault, and whether the file ends within it."""
    try:
        cells = next(reader)
    except StopIteration:
        return [_AFTER_LAST], "", False
    except csv.Error as error:
        # The module's own words: what it says of a cell that is too long names no cell.
        return None, HUGE_CELL if "field limit" in str(error) else "it cannot be cut into cells", False
    if len(lines.taken) > 1 and lines.taken[-1] is _AFTER_LAST:
        return cells, OPEN_QUOTE, not lines.taken[-2].endswith(("\n", "\r"))
    return cells, "", False


def _is_last(lines: _Lines, short: bool) -> bool:
    """Whether the file ends with a record that is too short and has no end of line: it was cut off there."""
    return short and not lines.taken[-1].endswith(("\n", "\r"))


def _whole_from(taken: list[str], lines: _Lines, delimiter: str, width: int, spare: int) -> int | None:
    """The first of the lines after the first with which a whole record begins; None when there is none."""
    for start in range(1, min(len(taken), MOST_TRIED)):
        if taken[start] is _AFTER_LAST:
            return None
        lines.put_back(taken[start:])
        lines.taken = []
        try:
            cells = next(csv.reader(lines, delimiter=delimiter), None)
        except csv.Error:
            cells = None
        again = lines.taken
        whole = cells is not None and again[-1] is not _AFTER_LAST and fits(cells, width, spare)
        # What was read beyond is put back; what lies within the record is put back by who asks.
        lines.put_back(again[len(taken) - start :])
        if len(again) < len(taken) - start:
            for _ in range(len(taken) - start - len(again)):
                next(lines)
        lines.taken = taken
        if whole:
            return start
    return None
