"""For the Python page: examples of docstrings become blocks of code.

Plain Markdown takes `>>> …` for quotes, and shows both colons of `::` before an indented block.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^( *)>>> .*(?:\n(?! *$).*)*", re.MULTILINE)


class Examples(griffe.Extension):
    """Sets a fence around each example; an example ends at the next empty line."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            text = EXAMPLE.sub(fenced, obj.docstring.value)
            obj.docstring.value = re.sub(r"::(?=\n\n {4})", ":", text)


def fenced(example: re.Match[str]) -> str:
    return f"{example[1]}```pycon\n{example[0]}\n{example[1]}```"
