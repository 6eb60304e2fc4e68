"""What a renderer hands back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RenderedFiles:
    """The files by format and the standard that the PDF keeps ("ua-1" or none)."""

    files: dict[str, Path] = field(default_factory=dict)
    pdf_standard: str = ""
