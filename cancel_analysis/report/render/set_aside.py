"""Blocks that Pandoc would only hand on, set aside while it reads the rest of a report.

What a report shows is ready HTML and Typst, some 350 KB of it beside 5 KB of Markdown. Pandoc reads and writes all of
it letter by letter, which takes longer than everything else that it does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from nbformat import NotebookNode

from cancel_analysis.errors import RenderError
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.show.blocks.escape import raw_block

# As `escape.raw_block` writes them.
_BLOCK = re.compile(r"^(`{3,})\{=([a-z]+)\}\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class SetAside:
    """A document with a word in place of each block of one output form, and the blocks by their words."""

    document: str
    blocks: dict[str, str]

    def back_in(self, written: str) -> str:
        """What Pandoc made of `document`, with its blocks; RenderError unless each word is there once."""
        if not self.blocks:
            return written
        words = re.compile("|".join(map(re.escape, self.blocks)))
        found = words.findall(written)
        if sorted(found) != sorted(self.blocks):
            raise RenderError(
                f"Pandoc kept {len(set(found))} of the report's {len(self.blocks)} blocks: "
                "is a comment or a fence in a text cell of the notebook left open?"
            )
        return words.sub(lambda word: self.blocks[word.group()], written)


def set_aside(prepared: NotebookNode, form: str) -> SetAside:
    """The prepared notebook as `prepare.markdown` has it, less what Pandoc hands on to the output `form` or leaves out.

    Only outputs that are nothing but such blocks are touched: in any other, what looks like one may stand in a
    quotation of code.
    """
    blocks: dict[str, str] = {}
    mark = uuid4().hex

    def word(block: re.Match[str]) -> str:
        if block[2] != form:
            return ""
        name = f"{mark}-{len(blocks)}-"
        blocks[name] = block[3]
        return raw_block(form, name)

    def shortened(shown: str) -> str:
        return shown if _BLOCK.sub("", shown).strip() else _BLOCK.sub(word, shown)

    return SetAside(prepare.markdown(prepared, shortened), blocks)
