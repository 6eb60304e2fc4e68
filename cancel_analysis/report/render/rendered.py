"""What a renderer hands back, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RenderedFiles:
    """The files by format and the standard that the PDF keeps ("ua-1" or none)."""

    files: dict[str, Path] = field(default_factory=dict)
    pdf_standard: str = ""


@dataclass(frozen=True)
class Rendered:
    """The finished files (None for a format not asked for), what made them, and what they lack."""

    html: Path | None
    pdf: Path | None
    made_by: str
    pdf_standard: str = ""
    warnings: tuple[str, ...] = ()
    # Further files of the report's folder: pages beside it, and their workbooks.
    beside: tuple[str, ...] = ()
