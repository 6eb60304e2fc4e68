"""A cover note as HTML and as Typst, from the same tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cancel_analysis.catalog.cover_note import parse_note
from cancel_analysis.report.show.blocks.escape import both, html, typst

if TYPE_CHECKING:
    from markdown_it.token import Token

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


@dataclass(frozen=True)
class _Form:
    """How one output writes the elements of a note: around each, those that stand alone, links, code and texts."""

    around: Mapping[str, tuple[str, str]]
    alone: Mapping[str, str]
    link: Callable[[str], tuple[str, str]]
    text: Callable[[str], str]
    code: Callable[[str], str]


_PAGE = _Form(
    _HTML,
    {"softbreak": " ", "hardbreak": "<br>", "hr": "<hr>"},
    lambda address: (f'<a href="{html(address)}" rel="noreferrer">', "</a>"),
    html,
    lambda text: f"<code>{html(text)}</code>",
)


def _string(text: str) -> str:
    return f"#{typst(text)};"


# Each element is a call with a content block and each text a string, so that nothing of a note is read as code.
_PAPER = _Form(
    _TYPST,
    {"softbreak": " ", "hardbreak": "#linebreak()", "hr": "#line(length: 100%, stroke: 0.5pt)"},
    lambda address: (f"#link({typst(address)})[", "]"),
    _string,
    _string,
)


def cover_note(text: str, name: str) -> str:
    """The Markdown of a note's two blocks; SettingsError for what a note may not hold."""
    tokens = parse_note(text, name)
    page, paper = ("".join(_written(tokens, form)) for form in (_PAGE, _PAPER))
    return both(f'<div class="cover-note">{page}</div>', f"#block(below: 1.2em)[{paper}]")


def _written(tokens: Iterable[Token], form: _Form) -> Iterator[str]:
    for token in tokens:
        name, _, end = token.type.rpartition("_")
        side = 0 if end == "open" else 1
        if token.type == "inline":
            yield from _written(token.children or (), form)
        elif name == "link":
            yield form.link(str(token.attrGet("href") or ""))[side]
        elif name in form.around:
            # The paragraphs of a list without blank lines between its items are not set as such.
            if not token.hidden:
                yield form.around[name][side]
        elif token.type == "code_inline":
            yield form.code(token.content)
        else:
            yield form.alone.get(token.type) or form.text(token.content)
