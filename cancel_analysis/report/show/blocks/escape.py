"""Text of unknown origin made safe for each place that it is put into.

A product name may hold markup of any of the languages that it passes through: HTML, JSON in a
script, Typst, Pandoc's Markdown, YAML, and Quarto's shortcodes, which Quarto expands even inside
code (`{{< include FILE >}}` would print a file of the machine). Each must come out as written.
"""

from __future__ import annotations

import html as _html
import json
import re
from typing import Any

# Control characters are no text in any of the languages; U+2028/9 end a line in JavaScript and YAML.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_SEPARATOR = re.compile(r"[\t\r\n\x85\u2028\u2029]+")
_BACKTICKS = re.compile(r"`+")
_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def plain(text: Any) -> str:
    """One line of text: line ends and tabs become spaces, other control characters U+FFFD."""
    line = str(text)
    # Nothing that can be printed is either.
    return line if line.isprintable() else _CONTROL.sub("\ufffd", _SEPARATOR.sub(" ", line))


def html(text: Any) -> str:
    """Text for an HTML element or a quoted attribute."""
    # The backtick and the brace are harmless in HTML, but not to Markdown fences and shortcodes.
    return _html.escape(plain(text), quote=True).replace("`", "&#96;").replace("{", "&#123;")


def typst(text: Any) -> str:
    """A Typst string literal with its quotes; JSON's own escapes (`\\u0041`) are not Typst's."""
    literal = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + literal.replace("{", "\\u{7b}").replace("`", "\\u{60}") + '"'


def typst_content(text: Any) -> str:
    """A Typst content block that shows the text literally."""
    return f"[#{typst(text)}]"


def script_json(value: Any) -> str:
    """JSON that cannot leave the `<script>` it stands in, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Each is looked for in the whole text, ten times as fast as a table for every letter.
    for sign, written in _SCRIPT.items():
        text = text.replace(sign, written)
    return text


def raw_block(form: str, content: str) -> str:
    """A Pandoc raw block for one output form, its fence longer than any run of backticks inside."""
    longest = max((len(run) for run in _BACKTICKS.findall(content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{={form}}}\n{content.rstrip()}\n{fence}"


def both(html_block: str, typst_block: str) -> str:
    """The Markdown of one exhibit: Pandoc keeps the block of the form that it writes."""
    return f"{raw_block('html', html_block)}\n\n{raw_block('typst', typst_block)}\n"


def inline(text: Any) -> str:
    """Markdown that both forms print literally, for a value of the front matter."""
    return f"`{html(text)}`{{=html}}`#{typst(text)};`{{=typst}}"


def mark(text: str) -> str:
    """A plain word (letters, digits, dashes, colons) that no writer may change."""
    return f"`{text}`{{=html}}`{text}`{{=typst}}"
