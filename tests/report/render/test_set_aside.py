"""What Pandoc only hands on is kept from it, and stands in its place again."""

from __future__ import annotations

import nbformat
import pypandoc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode

from cancel_analysis.errors import RenderError
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.render.set_aside import set_aside
from cancel_analysis.report.show.blocks.escape import both, raw_block

FORMS = {"html": "html5", "typst": "typst"}


def prepared(*shown: str, text: str = "## Rates") -> NotebookNode:
    outputs = [nbformat.v4.new_output("display_data", data={prepare.MARKDOWN: each}, metadata={}) for each in shown]
    cells = [nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell("", outputs=outputs)]
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    return notebook


def written(document: str, form: str) -> str:
    return str(pypandoc.convert_text(document, FORMS[form], format="markdown", extra_args=["--wrap=none"]))


@pytest.mark.parametrize("form", FORMS)
def test_pandoc_writes_the_same_without_reading_the_blocks(form: str) -> None:
    notebook = prepared(
        both("<table>\n\n<td>``` & {=html}</td>\n</table>", '#table("``` {=typst}", [a])'),
        raw_block("typst", "#only-on-paper"),
        raw_block("html", "<p>only on the page</p>"),
        "Some *words* and `code`",
    )
    short = set_aside(notebook, form)
    assert len(short.blocks) == 2
    assert "<td>" not in short.document
    assert "#table" not in short.document
    assert short.back_in(written(short.document, form)) == written(prepare.markdown(notebook), form)


@pytest.mark.parametrize(
    "shown",
    [
        "````markdown\n```{=html}\n<b>quoted</b>\n```\n````",
        "Before\n\n```{=html}\n<b>beside words</b>\n```",
        "    ```{=html}\n    <b>indented</b>\n    ```",
        "```{=html}\n<b>never closed</b>",
        "",
    ],
)
def test_what_is_not_all_blocks_is_left_to_pandoc(shown: str) -> None:
    notebook = prepared(shown)
    short = set_aside(notebook, "html")
    assert short.blocks == {}
    assert short.document == prepare.markdown(notebook)
    assert short.back_in("anything") == "anything"


@given(st.lists(st.text(st.characters(exclude_categories=["C"], include_characters="`{=}\n"), min_size=1), max_size=4))
def test_any_content_comes_back_as_it_was(contents: list[str]) -> None:
    notebook = prepared(*(raw_block("html", content) for content in contents))
    short = set_aside(notebook, "html")
    assert short.back_in(short.document) == prepare.markdown(notebook)


def test_a_block_that_pandoc_loses_is_told() -> None:
    short = set_aside(prepared(raw_block("html", "<b>one</b>"), raw_block("html", "<b>two</b>")), "html")
    first, second = short.blocks
    with pytest.raises(RenderError, match="kept 1 of the report's 2 blocks"):
        short.back_in(first)
    with pytest.raises(RenderError, match="blocks"):
        short.back_in(first + second + second)
