import pytest

from cancel_analysis.catalog.cover_note import parse_note
from cancel_analysis.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Hello\n\n![a](http://x.example/a.png)", r"note\.md, line 3: holds a picture"),
        ("a\n\n```\ncode\n```", r"note\.md, line 3: holds a block of code"),
        ("    indented", r"line 1: holds a block of code"),
        ("[x](ftp://x.example)", r"line 1: the link 'ftp://x.example' must begin with https://"),
        ("one\n\n[x](relative.html)", r"line 3: the link"),
    ],
)
def test_what_a_note_may_not_hold_is_refused_with_its_line(text, says):
    with pytest.raises(SettingsError, match=says):
        parse_note(text, "note.md")


def test_html_and_links_that_run_are_text():
    tokens = parse_note("<script>alert(1)</script> [x](javascript:alert(1))", "note.md")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} == {"text"}
