"""Text of any content comes out as written, in every language that it passes through."""

from __future__ import annotations

import html as standard_html
import json

import pypandoc
import pytest
import typst as typst_compiler
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.report.show.blocks import escape
from tests.report.samples import HOSTILE

TEXTS = st.text(max_size=60)


@given(TEXTS)
def test_html_reads_back_as_the_plain_text(text: str) -> None:
    assert standard_html.unescape(escape.html(text)) == escape.plain(text)
    assert not set("<>\"'`{") & set(escape.html(text))


@given(st.recursive(TEXTS | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_in_a_script_reads_back_and_holds_no_markup(value: object) -> None:
    text = escape.script_json(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


@pytest.mark.parametrize(
    "text", [*HOSTILE, "tab\there", "line\nline", "bell\x07", "]", "\\u{41}", '"', "//", "/*", "]#x"]
)
def test_typst_prints_the_text_literally(text: str) -> None:
    source = f"#metadata({escape.typst(text)}) <it>\n{escape.typst_content(text)}"
    found = json.loads(typst_compiler.query(source.encode(), "<it>", field="value", one=True))
    assert found == escape.plain(text)


@pytest.mark.parametrize("content", ["no tick", "a `b` c", "```\n{=html}\n```", "`" * 12])
def test_a_fence_is_longer_than_any_run_of_backticks(content: str) -> None:
    block = escape.raw_block("html", content)
    tree = json.loads(pypandoc.convert_text(block, "json", format="markdown"))
    assert [(b["t"], b["c"][0]) for b in tree["blocks"]] == [("RawBlock", "html")]
    assert tree["blocks"][0]["c"][1] == content


@pytest.mark.parametrize("text", HOSTILE)
def test_front_matter_prints_literally_in_both_forms(text: str) -> None:
    document = f"---\ntitle: {json.dumps(escape.inline(text), ensure_ascii=False)}\n---\n"
    page = pypandoc.convert_text(document, "html", format="markdown", extra_args=["--template", _template()])
    assert standard_html.unescape(page.strip()) == escape.plain(text)
    source = pypandoc.convert_text(document, "typst", format="markdown", extra_args=["--template", _template()])
    assert source.strip() == f"#{escape.typst(text)};"


def test_no_shortcode_of_quarto_survives() -> None:
    for safe in (escape.html("{{< include x >}}"), escape.typst("{{< include x >}}")):
        assert "{{<" not in safe
        assert "{{" not in safe


def _template() -> str:
    from pathlib import Path
    from tempfile import gettempdir

    path = Path(gettempdir()) / "cancel-analysis-title.template"
    path.write_text("$title$\n", encoding="utf-8")
    return str(path)
