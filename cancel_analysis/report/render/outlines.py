"""Labels in other scripts than Latin as glyph outlines, set by Typst.

What reads a picture into a PDF lays text out letter by letter: Thai vowels land beside their
consonant, PDF/UA-1 is refused for marks that combine, and the reader inside Typst 0.13 (Quarto 1.7)
crashes on some of them. Typst's own typesetting has none of this, so it draws such labels here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as Tree

import typst

from cancel_analysis.report.render import fonts, scripts
from cancel_analysis.report.show.blocks.escape import typst_content

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_HREF = f"{{{XLINK}}}href"
_ABOVE = 2  # ems above the baseline: room for any mark


@dataclass(frozen=True)
class Label:
    """A line of text in one size (px) and weight."""

    text: str
    size: float
    weight: str = "normal"


@dataclass(frozen=True)
class Outline:
    """A label as outlines: its width in px, `<g>` elements with the baseline at 0, and its glyphs by id.

    A glyph is a path; one of a colour font (emoji) is a picture.
    """

    width: float
    groups: tuple[Tree.Element, ...]
    glyphs: dict[str, Tree.Element]


def is_needed(text: str) -> bool:
    """Whether a text has letters that a picture's text would not show right."""
    return any(letters.search(text) for letters in scripts.RUNS.values())


def draw(labels: Iterable[Label]) -> dict[Label, Outline]:
    """The outlines of each label, in the fonts that this machine has."""
    wanted = list(dict.fromkeys(labels))
    if not wanted:
        return {}
    compiler = typst.Compiler(font_paths=fonts.there())
    pages = compiler.compile(input=_source(wanted).encode(), format="svg")
    if isinstance(pages, bytes):
        pages = [pages]
    assert pages is not None
    return {label: _outline(page, label) for label, page in zip(wanted, pages, strict=True)}


def _source(labels: list[Label]) -> str:
    families = "".join(f'"{family}", ' for family in fonts.for_text())
    lines = [
        "#set page(width: auto, height: auto, margin: 0pt, fill: none)",
        f"#set text(font: ({families}), top-edge: {_ABOVE}em, bottom-edge: -1em, hyphenate: false)",
    ]
    pages = []
    for label in labels:
        weight = int(label.weight) if label.weight.isdigit() else 700 if label.weight == "bold" else 400
        pages.append(f"#text(size: {label.size}pt, weight: {weight}){typst_content(label.text)}")
    return "\n".join([*lines, "\n#pagebreak()\n".join(pages)])


def _outline(page: bytes, label: Label) -> Outline:
    """Read Typst's picture of one label; its points stand for px, its y axis starts at the top."""
    root = Tree.fromstring(page)
    width = float(root.get("viewBox", "0 0 0 0").split()[2])
    glyphs = {}
    for symbol in root.iter(f"{{{SVG}}}symbol"):
        identity = symbol.get("id", "")
        glyphs[identity] = Tree.Element(f"{{{SVG}}}g", id=identity)
        glyphs[identity].extend(symbol)
    top = _ABOVE * label.size
    groups = []
    for group in root.findall(f"{{{SVG}}}g"):
        uses = group.findall(f"{{{SVG}}}use")
        if uses:
            groups.append(_group(group, uses, top))
    return Outline(width, tuple(groups), glyphs)


def _group(group: Tree.Element, uses: list[Tree.Element], top: float) -> Tree.Element:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", group.get("transform", ""))]
    a, b, c, d, x, y = numbers
    group = Tree.Element(f"{{{SVG}}}g", transform=f"matrix({a:g} {b:g} {c:g} {d:g} {x:g} {y - top:g})")
    for use in uses:
        # The colour is that of the label around it.
        place = {name: value for name, value in use.attrib.items() if name in ("x", "y", "transform", _HREF)}
        Tree.SubElement(group, f"{{{SVG}}}use", place)
    return group
