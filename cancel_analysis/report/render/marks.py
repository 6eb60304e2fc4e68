"""Whose report a finished file is, by the mark that the templates put into its metadata.

Only the place that the template fills is read. A product may be called like the mark of another shop:
its name stands in texts, alternative texts and bookmarks, and says nothing of whose file it is.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from cancel_analysis.errors import RenderError

_META = "report"
_KEYWORDS = "{http://ns.adobe.com/pdf/1.3/}Keywords"
# Where the cross-reference table of a PDF begins, and what a trailer and a catalog point to.
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_ROOT = re.compile(rb"/Root\s+(\d+)\s+0\s+R")
# Of a PDF's pages: where their tree begins, and how many hang on it.
_PAGES = re.compile(rb"/Pages\s+(\d+)\s+0\s+R")
_COUNT = re.compile(rb"/Count\s+(\d+)")
_METADATA = re.compile(rb"/Metadata\s+(\d+)\s+0\s+R")
_LENGTH = re.compile(rb"/Length\s+(\d+)")


def check_mark(path: Path, own: str) -> None:
    """Raise RenderError unless the metadata of the file (HTML or PDF) name `own`, its own shop and week, alone."""
    content = path.read_bytes()
    marks = _marks_of_pdf(content) if content.startswith(b"%PDF") else _marks_of_page(content)
    if marks != [own]:
        found = ", ".join(sorted(marks)) or "none"
        raise RenderError(f"{path.name} should be marked {own} alone; it is marked: {found}")


class _Head(HTMLParser):
    """Collects the marks of a page's head."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name") == _META:
            self.marks.append(given.get("content") or "")


def _marks_of_page(content: bytes) -> list[str]:
    """The marks that stand before the page's title, which is the first text of anybody's."""
    head = _Head()
    head.feed(content.partition(b"<title")[0].decode("utf-8", errors="replace"))
    return head.marks


def count_pages(path: Path) -> int:
    """How many pages a PDF of either renderer has; RenderError where the file does not say it."""
    tree = _linked(path.read_bytes(), _PAGES)
    count = _COUNT.search(tree.partition(b"endobj")[0])
    if count is None:
        raise RenderError(f"{path.name} does not say how many pages it has")
    return int(count[1])


def _marks_of_pdf(content: bytes) -> list[str]:
    """The keywords in the metadata that the PDF's catalog points to."""
    stream = _linked(content, _METADATA)
    dictionary, _, rest = stream.partition(b"stream")
    length = _LENGTH.search(dictionary)
    if length is None:
        return []
    try:
        metadata = ElementTree.fromstring(rest.lstrip(b"\r\n")[: int(length[1])].strip())
    except ElementTree.ParseError:
        return []
    return [element.text or "" for element in metadata.iter(_KEYWORDS)]


def _linked(content: bytes, link: re.Pattern[bytes]) -> bytes:
    """The file from the object on that the catalog of a PDF points to by `link`; empty where there is none."""
    start = _START.search(content)
    if start is None:
        return b""
    table = content[int(start[1]) :]
    root = _ROOT.search(table.partition(b"trailer")[2])
    catalog = _object(content, table, root[1]) if root else b""
    found = link.search(catalog.partition(b"endobj")[0])
    return _object(content, table, found[1]) if found else b""


def _object(content: bytes, table: bytes, number: bytes) -> bytes:
    """The file from where the table says that an object begins; empty where the table has no such object."""
    lines = table.partition(b"trailer")[0].split(b"\n")
    first, row = 0, 1
    while row < len(lines):
        parts = lines[row].split()
        if len(parts) == 2:
            first, count = int(parts[0]), int(parts[1])
            if first <= int(number) < first + count:
                place = content[int(lines[row + 1 + int(number) - first].split()[0]) :]
                return place if place.split(None, 1)[0] == number else b""
            row += count
        row += 1
    return b""
