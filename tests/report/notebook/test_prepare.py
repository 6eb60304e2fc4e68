"""An executed notebook is refused, or stripped to what a renderer may see."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from cancel_analysis.catalog.words import Words
from cancel_analysis.errors import ReportError
from cancel_analysis.report import contents as facts
from cancel_analysis.report.notebook import prepare


@pytest.fixture
def notebook(executed: Path) -> nbformat.NotebookNode:
    return prepare.read(executed / "executed.ipynb")


def cell(notebook: nbformat.NotebookNode, identity: str) -> nbformat.NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == identity)


def source(notebook: nbformat.NotebookNode, executed: Path) -> nbformat.NotebookNode:
    return prepare.source(notebook, facts.read(executed), "Quarto 1.7.34", ("Noto Sans",))


def test_an_error_output_is_refused(notebook: nbformat.NotebookNode) -> None:
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    cell(notebook, "verdict").outputs.append(error)
    with pytest.raises(ReportError, match=r"cell 6 of the notebook failed: ValueError: no"):
        prepare.check(notebook)


def test_a_notebook_without_outputs_is_refused(notebook: nbformat.NotebookNode) -> None:
    for one in notebook.cells:
        if one.cell_type == "code":
            one.outputs = []
    with pytest.raises(ReportError, match="no outputs of report mode"):
        prepare.check(notebook)


@pytest.mark.parametrize("where", ["notebook", "cell", "tag"])
def test_the_marks_of_papermill_are_refused(notebook: nbformat.NotebookNode, where: str) -> None:
    if where == "notebook":
        notebook.metadata["papermill"] = {"exception": True}
    elif where == "cell":
        notebook.cells[5].metadata["papermill"] = {"exception": True}
    else:
        notebook.cells[5].metadata["tags"] = ["papermill-error-cell-tag"]
    with pytest.raises(ReportError, match="Papermill"):
        prepare.check(notebook)


def test_only_outputs_of_report_mode_and_prose_are_kept(notebook: nbformat.NotebookNode, executed: Path) -> None:
    prepared = source(notebook, executed)
    text = nbformat.writes(prepared)
    assert "a line on stdout" not in text
    assert "period_days = " not in text, "neither the cell of parameters nor the injected one"
    assert "papermill" not in text
    assert [cell.cell_type for cell in prepared.cells[:4]] == ["raw", "markdown", "markdown", "code"]
    # Quarto would make a title of a heading that the first cell of text begins with, and take it out.
    assert not prepare._headings(prepared.cells[1].source)
    for one in prepared.cells:
        for output in one.get("outputs", []):
            assert list(output.data) == ["text/markdown"]


def test_the_front_matter_comes_first_and_names_shop_and_week(notebook: nbformat.NotebookNode, executed: Path) -> None:
    front = source(notebook, executed).cells[0]
    assert front.source.startswith("---\nlang: ")
    assert "\ntitle: " not in front.source, "Quarto reads shortcodes in it"
    assert "report:us-shop:2026-W46" in front.source
    assert "Quarto 1.7.34" in front.source
    assert "15 Nov 2026" in front.source
    assert "synthetic" in front.source.lower()


def test_parts_become_level_two_and_get_ids(notebook: nbformat.NotebookNode, executed: Path) -> None:
    for one in notebook.cells:
        if one.cell_type == "markdown":
            one.source = one.source.replace("## ", "# ").replace("### ", "## ")
    headings = [line for line in prepare.markdown(source(notebook, executed)).splitlines() if line.startswith("#")]
    assert headings[0] == "## Verdict and what to do first {#part-1}"
    typst_calls = [line for line in headings if line.startswith("#report-") or line.startswith("#figure")]
    assert typst_calls, "Typst blocks are untouched"
    page = [line for line in headings if line not in typst_calls]
    assert page == [
        "## Verdict and what to do first {#part-1}",
        "## Products {#part-2}",
        "### By items",
        "## Stages and reasons {#part-3}",
    ], "what shows nothing has no heading: the last cell only writes a file"


def test_a_heading_of_folds_stands_on_the_page_alone(notebook: nbformat.NotebookNode, executed: Path) -> None:
    cell(notebook, "head-stages").metadata["tags"] = ["page-only"]
    prepared = source(notebook, executed)
    document = prepare.markdown(prepared)
    assert "## Stages and reasons" not in document
    assert '```{=html}\n<h2 id="part-3">Stages and reasons</h2>\n```' in document
    assert "#part-3" in prepared.cells[0].source, "the contents lead to it all the same"


def test_a_hash_inside_a_code_fence_is_no_heading(notebook: nbformat.NotebookNode, executed: Path) -> None:
    cell(notebook, "head-verdict").source = "## One\n\n```python\n# not a heading\n```\n"
    assert "# not a heading" in prepare.markdown(source(notebook, executed)).splitlines()


def test_prose_is_translated_by_cell_id(
    notebook: nbformat.NotebookNode, executed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cancel_analysis.report.show.blocks import text

    english = prepare.words("en")
    thai = Words("th", {**english.entries, "cell.head-verdict": "## คำตัดสิน", "page.week": "สัปดาห์ {week}"})
    known = {"th": thai, "en": english}
    monkeypatch.setattr(prepare, "words", known.__getitem__)
    monkeypatch.setattr(text, "words", known.__getitem__)
    report = {**facts.read(executed), "language": "th"}
    document = prepare.markdown(prepare.source(notebook, report, "x"))
    assert "## คำตัดสิน {#part-1}" in document
    assert "## Products {#part-2}" in document, "a cell without a translation stays"
    assert "สัปดาห์ 2026-W46" in document


def test_a_file_that_is_no_notebook_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"there is no notebook none\.ipynb"):
        prepare.read(tmp_path / "none.ipynb")
    (tmp_path / "bad.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(ReportError, match=r"bad.ipynb is not a notebook"):
        prepare.read(tmp_path / "bad.ipynb")


def test_stripping_leaves_tags_but_no_notes(notebook: nbformat.NotebookNode) -> None:
    notebook.metadata["papermill"] = {"input_path": "/home/someone/x.ipynb"}
    notebook.cells[2].metadata["papermill"] = {"start_time": "2026"}
    stripped = prepare.strip(notebook)
    assert "papermill" not in nbformat.writes(stripped)
    assert stripped.cells[1].metadata.tags == ["parameters"]
    assert "papermill" in notebook.metadata, "the notebook handed in is not touched"


def test_a_brand_chooses_and_orders_the_parts_of_the_report() -> None:
    def cells(*identities: str) -> list[nbformat.NotebookNode]:
        made = []
        for identity in identities:
            new = nbformat.v4.new_markdown_cell if identity.startswith(("part", "own")) else nbformat.v4.new_code_cell
            made.append(new("", id=identity))
        return made

    given = cells("verdict", "part-why", "why", "part-changes", "a", "b", "own-part", "own-code", "part-evidence", "c")
    chosen = prepare._arranged(given, ("changes", "why"))
    assert [one.id for one in chosen] == [
        "verdict",
        "part-changes",
        "a",
        "b",
        "part-why",
        "why",
        "own-part",
        "own-code",
    ]
    assert prepare._arranged(given, ()) == given


def test_the_language_stands_in_the_page_as_a_tag(notebook: nbformat.NotebookNode, executed: Path) -> None:
    report = {**facts.read(executed), "language": "zh"}
    front = prepare.source(notebook, report, "Pandoc 3.1 and Typst 0.14").cells[0].source
    assert '\nlang: "zh-Hans"\n' in front
    assert "由Pandoc 3.1和Typst 0.14生成。" in front
