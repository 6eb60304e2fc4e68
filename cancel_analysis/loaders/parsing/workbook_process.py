"""Run as a program of its own, never imported: one workbook → its sheets' rows on standard output.

calamine sets aside room for the whole rectangle up to a sheet's last cell, and takes what is packed
into the file at its word; so it works where running out of memory or time ends this process only.

Arguments: path, bytes of memory, seconds, cells of a sheet, bytes of output. What is written is a row
of pickles: ("sheet", name), then lists of rows, each list holding at most `BATCH` rows whose empty cells at the
end are left out; last ("end",). An error is ("error", kind, text). Exit status 0 unless the process died.
"""

# Nothing of the package is imported: interpreter and calamine are loaded in 0.05 s, the package takes ten times that.
import contextlib
import pickle
import signal
import sys

BATCH = 2000
# Linux: the number of the order to be killed with the process that started this one.
_PR_SET_PDEATHSIG = 1


def _limit(memory: int, seconds: int) -> None:
    """Limit memory and processor time, where the system knows such limits (not on Windows)."""
    with contextlib.suppress(ImportError):
        import resource

        # macOS refuses a limit of memory; a limit that is there already may be lower.
        for kind, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(kind, (value, value))
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Where the machine's own memory runs out first, this process is the one to go.
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 - no import for this
            file.write("1000")
        with contextlib.suppress(OSError, ImportError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Output:
    """Pickles, one after the other, up to so many bytes."""

    def __init__(self, most: int) -> None:
        self._left = most

    def put(self, value: object) -> None:
        data = pickle.dumps(value, protocol=5)
        self._left -= len(data)
        if self._left < 0:
            raise MemoryError
        sys.stdout.buffer.write(data)


def _put_sheet(book: object, name: str, most_cells: int, output: _Output) -> None:
    sheet = book.get_sheet_by_name(name)  # type: ignore[attr-defined]
    height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
    output.put(("sheet", name))
    if height * width > most_cells:
        output.put(("error", "far", f"{height:,} rows × {width:,} columns"))
        return
    # Rows come from the sheet's first on, their cells from the first column that holds anything.
    rows: list[list[object]] = []
    left = [""] * sheet.start[1] if sheet.start else []
    for row in sheet.iter_rows():
        cells = left + row
        while cells and cells[-1] == "":
            cells.pop()
        rows.append(cells)
        if len(rows) >= BATCH:
            output.put(rows)
            rows = []
    output.put(rows)


def main(path: str, memory: int, seconds: int, most_cells: int, most_bytes: int) -> None:
    """Write the sheets of the workbook `path`."""
    _limit(memory, seconds)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    output = _Output(most_bytes)
    try:
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                _put_sheet(book, name, most_cells, output)
        output.put(("end",))
    except PasswordError:
        output.put(("error", "password", ""))
    except MemoryError:
        # What was written before fills the limit of bytes, not the memory.
        sys.stdout.buffer.write(pickle.dumps(("error", "memory", "")))
    except (CalamineError, OSError, ValueError) as error:
        # What calamine says may quote the file.
        output.put(("error", "unreadable", "it is no whole archive" if "zip" in str(error).lower() else ""))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
