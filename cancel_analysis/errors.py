"""Every error and warning that this package raises on purpose.

One root each, and a family for what can be wrong: the input files, the settings, the report.
A message says what is wrong, where it is, and what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class CancelAnalysisError(Exception):
    """Root of all errors of this package; the command line turns one into a message, not a trace."""


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


class InputWarning(CancelAnalysisWarning):
    """Given when input is used, but something in it deserves a look."""


class ReportWarning(CancelAnalysisWarning):
    """Given when a report is made, but with less than it could have (a font, a format)."""
