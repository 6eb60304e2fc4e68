"""Exhibits as Markdown with two raw blocks, one for HTML and one for Typst.

This form, and no `text/html`, is what Quarto and Pandoc turn into the same report, without network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cancel_analysis.exhibits.kinds import Cards, Fold, Picture, Prose, ShopRows, TableView, Tiles
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show.blocks import first_screen, html, shop_rows, typst
from cancel_analysis.report.show.blocks.appendix import Appendix
from cancel_analysis.report.show.blocks.escape import both, raw_block, typst_content
from cancel_analysis.report.show.blocks.text import Texts, visible

__all__ = [
    "Texts",
    "cards",
    "filler",
    "fold",
    "fold_on_paper",
    "picture",
    "prose",
    "shops",
    "table",
    "tiles",
    "visible",
]


def prose(exhibit: Prose) -> str:
    """The lines of the page; nothing where all of them are hints."""
    return both(html.prose(exhibit), typst.prose(exhibit)) if visible(exhibit.lines) else ""


def table(exhibit: TableView, numbers: NumberFormats, texts: Texts) -> str:
    return both(html.table(exhibit, numbers, texts), typst.table(exhibit, numbers, texts))


def picture(exhibit: Picture, spec: dict[str, Any]) -> str:
    page = html.picture(exhibit, spec)
    return both(page, typst.picture(exhibit)) if exhibit.on_paper else raw_block("html", page) + "\n"


def tiles(exhibit: Tiles) -> str:
    return both(first_screen.tiles_html(exhibit), first_screen.tiles_typst(exhibit))


def cards(exhibit: Cards) -> str:
    return both(first_screen.cards_html(exhibit), first_screen.cards_typst(exhibit))


def fold_on_paper(
    exhibit: Fold, numbers: NumberFormats, texts: Texts, most_rows: Sequence[int], whole_in: str
) -> list[str]:
    """A fold as a part of a printed appendix, once for each of `most_rows`: so many rows has a table of it at most.

    The file `whole_in` has the others.
    """
    parts = list(exhibit.exhibits)
    if len(parts) == 1 and isinstance(parts[0], TableView) and parts[0].caption == exhibit.title:
        # Said once.
        parts = [replace(parts[0], caption="")]
    appendix = Appendix(numbers, texts, whole_in)
    shown = [appendix.draw(parts, most) for most in most_rows]
    return [raw_block("typst", f"{typst.heading(exhibit.title)}\n{each}") + "\n" if each else "" for each in shown]


def filler(
    title: str, exhibits: Sequence[TableView | Picture], numbers: NumberFormats, texts: Texts, *, end: bool
) -> str:
    """What paper shows of `exhibits`, below `title`, where a page would else stay more than a third empty."""
    drawn = [
        typst.table(each, numbers, texts) if isinstance(each, TableView) else typst.picture(each) for each in exhibits
    ]
    head = typst_content(title) if title else "none"
    bodies = "".join(f",\n[\n{each}\n]" for each in drawn)
    return raw_block("typst", f"#report-fill({head}, {'true' if end else 'false'}{bodies})") + "\n"


def shops(exhibit: ShopRows, numbers: NumberFormats, texts: Texts) -> str:
    return both(shop_rows.rows_html(exhibit, numbers, texts), shop_rows.rows_typst(exhibit, numbers, texts))


def fold(exhibit: Fold, numbers: NumberFormats, texts: Texts, specs: dict[str, dict[str, Any]]) -> str:
    """A fold with its exhibits; `specs` are the charts of its pictures by name. Paper has no folds: one that is for
    paper stands there open."""
    inside, printed = [], []
    for part in exhibit.exhibits:
        if isinstance(part, Prose):
            inside += [html.prose(part)] if visible(part.lines) else []
            printed += [typst.prose(part)] if visible(part.lines) else []
        elif isinstance(part, TableView):
            inside.append(html.table(part, numbers, texts))
            printed.append(typst.table(part, numbers, texts))
        else:
            inside.append(html.picture(part, specs[part.name]))
            printed.append(typst.picture(part))
    if not inside:
        return ""
    page = first_screen.fold_html(exhibit.name, exhibit.title, exhibit.note, inside)
    return both(page, "\n".join(printed)) if exhibit.on_paper else raw_block("html", page) + "\n"
