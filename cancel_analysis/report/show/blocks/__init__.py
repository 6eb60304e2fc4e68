"""Exhibits as Markdown with two raw blocks, one for HTML and one for Typst.

This form, and no `text/html`, is what Quarto and Pandoc turn into the same report, without network.
"""

from __future__ import annotations

from typing import Any

from cancel_analysis.exhibits.kinds import Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show.blocks import html, typst
from cancel_analysis.report.show.blocks.escape import both
from cancel_analysis.report.show.blocks.text import Texts

__all__ = ["Texts", "picture", "prose", "table"]


def prose(exhibit: Prose) -> str:
    return both(html.prose(exhibit), typst.prose(exhibit))


def table(exhibit: TableView, numbers: NumberFormats, texts: Texts) -> str:
    return both(html.table(exhibit, numbers, texts), typst.table(exhibit, numbers, texts))


def picture(exhibit: Picture, spec: dict[str, Any]) -> str:
    return both(html.picture(exhibit, spec), typst.picture(exhibit))
