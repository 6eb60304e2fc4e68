"""A cover note in Markdown, held to what prints alike on the page and in the PDF: words, lists, links.

Markup of HTML is text like any other, a link leads to the web, to mail or to a telephone, and pictures, tables and
code blocks are refused with their line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cancel_analysis.errors import SettingsError, shorten

if TYPE_CHECKING:
    from markdown_it.token import Token

_BLOCKS = ("paragraph", "heading", "bullet_list", "ordered_list", "list_item", "blockquote")
_SPANS = ("strong", "em", "link")
_ALONE = ("inline", "hr", "text", "softbreak", "hardbreak", "code_inline", "text_special")
_KNOWN = {f"{name}_{end}" for name in (*_BLOCKS, *_SPANS) for end in ("open", "close")} | set(_ALONE)
_NAMES = {"image": "a picture", "fence": "a block of code", "code_block": "a block of code", "table_open": "a table"}
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s]+", re.IGNORECASE)


def parse_note(text: str, name: str) -> list[Token]:
    """The tokens of a note (markdown-it's), called `name` in messages.

    Raises SettingsError with the line of what a note may not hold.
    """
    # Loaded where there is a note: most brands have none, and each command reads the brand's module.
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        for inner in (token, *(token.children or ())):
            if inner.type not in _KNOWN:
                what = _NAMES.get(inner.type, inner.type.replace("_", " "))
                raise SettingsError(f"{name}, line {line}: holds {what}; a note has words, lists and links")
            if inner.type == "link_open" and not _LINK.fullmatch(str(inner.attrGet("href"))):
                address = shorten(str(inner.attrGet("href")))
                raise SettingsError(
                    f"{name}, line {line}: the link {address} must begin with https://, mailto: or tel:"
                )
    return tokens
