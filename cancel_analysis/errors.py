"""Every error and warning that this package raises on purpose.

One root each, and a family for what can be wrong: the input files, the settings, the report.
A message says what is wrong, where it is, and what to do about it.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

# How many names a message lists, and how much it shows of a value that somebody wrote.
MOST_NAMES = 10
MOST_SHOWN = 60
# The environment's variable in which the command says that it is there; processes that it starts inherit it.
CALLER, COMMAND = "CANCEL_ANALYSIS_CALLER", "command"
_PACKAGE = Path(__file__).resolve().parent
# A notebook's cell has no file: it is compiled from text.
_OF_A_CELL = re.compile(r"<ipython-input|<cell|ipykernel_\d+")


class CancelAnalysisError(Exception):
    """Root of all errors of this package; the command line turns one into a message, not a trace."""

    def _render_traceback_(self) -> list[str]:
        """What IPython and JupyterLab show instead of a trace: an analyst needs what is wrong and what to do."""
        return [f"{type(self).__name__}: {self}"]


class CancelAnalysisWarning(UserWarning):
    """Root of all warnings of this package."""


@dataclass(frozen=True)
class Place:
    """Where in the input something was found: any part that is not known stays None."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: Any = None

    def __str__(self) -> str:
        parts = []
        if self.file is not None:
            parts.append(str(self.file))
        if self.sheet is not None:
            parts.append(f"sheet {self.sheet}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column!r}")
        if self.value is not None:
            text = str(self.value)
            parts.append(f"value {text[:80] + '…' if len(text) > 80 else text!r}")
        return ", ".join(parts)


class InputError(CancelAnalysisError):
    """Raised when a file that was handed in cannot be used; carries the place and the remedy."""

    def __init__(self, what: str, *, place: Place | None = None, remedy: str | None = None) -> None:
        self.what = what
        self.place = place or Place()
        self.remedy = remedy
        where = str(self.place)
        message = what if not where else f"{what} [{where}]"
        if remedy:
            message = f"{message}\n  What to do: {remedy}"
        super().__init__(message)


class UnreadableFileError(InputError):
    """Raised when a file cannot be opened or cannot be read whole."""


class WrongFileError(InputError):
    """Raised when a file is not the kind of export that was asked for (names what it looks like)."""


class AmbiguousDatesError(InputError):
    """Raised when nothing in a file settles whether the day or the month comes first."""


class TooManyRefusedError(InputError):
    """Raised when a larger share of rows had to be refused than the shop's setting allows."""


class UnknownReasonError(InputError):
    """Raised in strict mode when a reason is in no catalog; carries the list of unknown ones."""


class TableError(CancelAnalysisError):
    """Raised when a frame is not the canonical table it is handed in as."""


class SettingsError(CancelAnalysisError):
    """Raised when shops.yaml, a parameter or an option cannot be used; names the key and its valid values."""


class ReportError(CancelAnalysisError):
    """Raised when a report cannot be planned, executed, rendered or published."""


class ExecutionError(ReportError):
    """Raised when a cell of the notebook fails; carries the cell and the cause."""


class RendererMissingError(ReportError):
    """Raised when the renderer that was asked for is not on this machine."""


class RenderError(ReportError):
    """Raised when a renderer fails or its output does not hold what it must."""


class DeliveryError(ReportError):
    """Raised when a chat or a mail server does not take a text; names neither its address nor what it answered."""


class InputWarning(CancelAnalysisWarning):
    """Given when input is used, but something in it deserves a look."""


class ReportWarning(CancelAnalysisWarning):
    """Given when a report is made, but with less than it could have (a font, a format)."""


def at_command() -> bool:
    """Whether the command runs this, and not a program or notebook that imports the package."""
    return os.environ.get(CALLER) == COMMAND


def option(name: str, value: str = "") -> str:
    """How a setting is given by whoever called: `--date-order dmy` to the command, `date_order='dmy'` in Python."""
    if at_command():
        return f"--{name.replace('_', '-')} {value}".rstrip()
    return f"{name}={value!r}" if value else name


def shorten(value: object, most: int = MOST_SHOWN) -> str:
    """A value as a message shows it: `repr`, cut where it is long."""
    text = str(value)
    return repr(text[:most] + "…") if len(text) > most else repr(text)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that is most like `name`, case aside; None when none is (`difflib`, ratio 0.6)."""
    names = {one.casefold(): one for one in reversed(list(known))}
    wanted = name[:200].casefold()
    found = difflib.get_close_matches(wanted, names, n=1)
    if not found and len(wanted) > 2:
        # A part of a longer name ("toko" for "id-toko-gadget") is like it without reaching the ratio.
        found = [one for one in names if wanted in one][:1]
    return names[found[0]] if found else None


def suggest(name: str, known: Iterable[str]) -> str:
    """What follows a name that is not known: "; did you mean 'b'? there are a, b, c", at most ten names."""
    names = list(dict.fromkeys(known))
    near = nearest(name, names)
    asked = f"; did you mean {near!r}?" if near is not None else ""
    if not names:
        return f"{asked}; there is none"
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"{asked or ';'} there are {', '.join(names[:MOST_NAMES])}{more}"


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that is not known, the nearest first.

    >>> unknown("shop", "us-harbour", ["th-beauty", "us-harbor"])
    "no shop 'us-harbour'; did you mean 'us-harbor'? there are th-beauty, us-harbor"
    """
    return f"no {kind} {shorten(name)}{suggest(name, known)}"


def describe_error(error: BaseException) -> str:
    """An error as it may stand in a message, a log, a manifest or on a page: its kind and `error_text`.

    This package's own errors are told by their text alone, which says what is wrong, where, and what to do.
    """
    text = error_text(error)
    if isinstance(error, CancelAnalysisError) and text:
        return text
    return f"{type(error).__name__}: {text}".rstrip(": ")


def error_text(error: BaseException) -> str:
    """What may be told of an error: the whole text of this package's own, and of what a notebook's cell raises.

    The text of any other may be a line of the seller's file; of those only the place in this package is
    told where it was met.
    """
    if isinstance(error, CancelAnalysisError):
        return str(error).strip()
    if isinstance(error, MemoryError):
        return "there was not enough memory"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, SyntaxError):
        return str(error.msg)
    frames = _frames(error.__traceback__)
    if frames and _OF_A_CELL.search(frames[-1][0]) and type(error).__module__ in ("builtins", "__main__"):
        return " ".join(str(error).split())
    own = [(file, line) for file, line in frames if Path(file).is_relative_to(_PACKAGE)]
    if not own:
        return ""
    file, line = own[-1]
    return f"met in {Path(file).relative_to(_PACKAGE.parent).as_posix()}, line {line}"


def _frames(trace: TracebackType | None) -> list[tuple[str, int]]:
    """File and line of each call, the innermost last."""
    found = []
    while trace is not None:
        found.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return found
