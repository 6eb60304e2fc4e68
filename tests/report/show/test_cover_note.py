import re

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog.cover_note import parse_note
from cancel_analysis.errors import SettingsError
from cancel_analysis.report.show.blocks.cover_note import cover_note

NOTE = """# Dear team

this week **two things**:

- the *stock* of `SKU-1`
- [our guide](https://example.com/a?b=1&c=2)

1. first

2. second

> as agreed
"""
_BLOCKS = re.compile(r"`{3,}\{=html\}\n(.*)\n`{3,}\n\n`{3,}\{=typst\}\n(.*)\n`{3,}\n", re.DOTALL)


def blocks(markdown):
    page, paper = _BLOCKS.fullmatch(markdown).groups()
    return page, paper


def test_a_note_says_the_same_on_the_page_and_on_paper():
    page, paper = blocks(cover_note(NOTE, "note.md"))
    assert "<p><strong>Dear team</strong></p>" in page
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="noreferrer">our guide</a>' in page
    assert "<ol><li><p>first</p></li>" in page
    assert '#link("https://example.com/a?b=1&c=2")[#"our guide";]' in paper
    assert typst.compile(paper.encode(), format="pdf").startswith(b"%PDF")


@pytest.mark.parametrize(
    "text", ["{{< include /etc/hostname >}}", "a ``` b", "#panic(1) $x$ @y <z>", "<b>x</b> &amp; \\#panic(1)"]
)
def test_no_text_of_a_note_becomes_code(text):
    page, paper = blocks(cover_note(text, "note.md"))
    assert "{{<" not in page + paper
    assert "<b>" not in page
    assert typst.compile(paper.encode(), format="pdf")


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet='ab #*_[]()<>{}`-1.\n"\\$@&!', max_size=60))
def test_any_note_is_refused_or_compiles(text):
    try:
        parse_note(text, "note.md")
    except SettingsError:
        return
    page, paper = blocks(cover_note(text, "note.md"))
    assert page.count("<p>") == page.count("</p>")
    assert typst.compile(paper.encode(), format="pdf")
