"""A page of one file: its style sheet and its pictures put into it.

Pandoc can do that itself (`--embed-resources`), by reading the whole page as HTML once more: 0.4 s of CPU for a
report, three times what it needs for the page. The templates load one style sheet, charts are pictures of
`figures/`, and a brand has its logo; only a page that loads anything else (a notebook of somebody's own) is left to
Pandoc.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from urllib.parse import quote

STYLE = "report.css"
_LINK = f'<link rel="stylesheet" href="{STYLE}">'
# What stands in quotes cannot be text of a report, whose quotes are escaped.
_PICTURE = re.compile(r'(<img src=")(figures/[a-z][a-z0-9_-]*\.svg)"')
_LOGO = re.compile(r'(<img class="logo" src=")(logo\.(png|jpeg))"')
# What may stand in an address in quotes without being escaped: no ampersand, which begins a character's name in HTML.
_AS_IT_IS = " !$'()*+,-./:;=?@[]^_`{|}~>"
_QUOTED = re.compile(rb'>[^<"]*"')
_LOADS = re.compile(
    r"<(?:img|script|link|iframe|frame|source|track|video|audio|object|embed|input|image|use)\b[^>]*?"
    r"\s(?:src|srcset|data|poster|href|xlink:href)\s*=\s*(?![\"']?(?:data:|#))",
    re.IGNORECASE,
)


def embed(page: str, project: Path) -> str | None:
    """The page with what it loads from `project` in place; None where it loads anything else."""
    style = (project / STYLE).read_text(encoding="utf-8")
    page = page.replace(_LINK, f"<style>\n{style}</style>", 1)
    page = _PICTURE.sub(lambda found: f'{found[1]}{_data(project / found[2], "svg+xml", found[2])}"', page)
    page = _LOGO.sub(lambda found: f'{found[1]}{_data(project / found[2], found[3], found[2])}"', page)
    return None if _LOADS.search(page) else page


def _data(path: Path, form: str, name: str) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        # Left as it is, so that Pandoc says what is missing.
        return name
    if form == "svg+xml" and b"'" not in content and not _QUOTED.search(content):
        # As text a picture takes a fifth less room than in base64. Its attributes then stand between apostrophes, so
        # one that has these, or speaks in quotation marks, is left to base64.
        return f"data:image/{form}," + quote(content.replace(b'"', b"'"), safe=_AS_IT_IS)
    return f"data:image/{form};base64," + base64.b64encode(content).decode("ascii")
