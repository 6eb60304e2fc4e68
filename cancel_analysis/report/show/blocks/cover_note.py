"""A cover note as HTML and as Typst, from the same tokens."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it.token import Token

from cancel_analysis.catalog.cover_note import parse_note
from cancel_analysis.report.show.blocks.escape import both, html, typst

# Headings of a note are no parts of the report: they are bold lines, below no heading of the page.
_HTML = {
    "heading": ("<p><strong>", "</strong></p>"),
    **{
        name: (f"<{tag}>", f"</{tag}>")
        for name, tag in (
            ("paragraph", "p"), ("bullet_list", "ul"), ("ordered_list", "ol"), ("list_item", "li"),
            ("blockquote", "blockquote"), ("strong", "strong"), ("em", "em"),
        )
    },
}  # fmt: skip
_TYPST = {
    "heading": ('#block(text(weight: "bold")[', "])"),
    "paragraph": ("#block[", "]"),
    "bullet_list": ("#list(", ")"),
    "ordered_list": ("#enum(", ")"),
    "list_item": ("[", "],"),
    "blockquote": ("#block(inset: (left: 9pt))[", "]"),
    "strong": ("#strong[", "]"),
    "em": ("#emph[", "]"),
}
_HTML_ALONE = {"softbreak": " ", "hardbreak": "<br>", "hr": "<hr>"}
_TYPST_ALONE = {"softbreak": " ", "hardbreak": "#linebreak()", "hr": "#line(length: 100%, stroke: 0.5pt)"}


def cover_note(text: str, name: str) -> str:
    """The Markdown of a note's two blocks; SettingsError for what a note may not hold."""
    tokens = parse_note(text, name)
    page = "".join(_html(tokens))
    paper = "".join(_typst(tokens))
    return both(f'<div class="cover-note">{page}</div>', f"#block(below: 1.2em)[{paper}]")


def _html(tokens: Iterable[Token]) -> Iterable[str]:
    for token in tokens:
        name, _, end = token.type.rpartition("_")
        if token.type == "inline":
            yield from _html(token.children or ())
        elif token.type == "link_open":
            yield f'<a href="{html(token.attrGet("href"))}" rel="noreferrer">'
        elif token.type == "link_close":
            yield "</a>"
        elif name in _HTML:
            # The paragraphs of a list without blank lines between its items are not set as such.
            if not token.hidden:
                yield _HTML[name][0 if end == "open" else 1]
        elif token.type == "code_inline":
            yield f"<code>{html(token.content)}</code>"
        else:
            yield _HTML_ALONE.get(token.type) or html(token.content)


def _typst(tokens: Iterable[Token]) -> Iterable[str]:
    """Each element is a call with a content block and each text a string, so that nothing of a note is read as code."""
    for token in tokens:
        name, _, end = token.type.rpartition("_")
        if token.type == "inline":
            yield from _typst(token.children or ())
        elif token.type == "link_open":
            yield f"#link({typst(token.attrGet('href'))})["
        elif token.type == "link_close":
            yield "]"
        elif name in _TYPST:
            if not token.hidden:
                yield _TYPST[name][0 if end == "open" else 1]
        else:
            yield _TYPST_ALONE.get(token.type) or f"#{typst(token.content)};"
