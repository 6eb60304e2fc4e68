"""An executed notebook made ready for the renderers, or refused.

Quarto renders a notebook that failed half way without a word, shows the cells of parameters, and
prints Papermill's notes with absolute paths. So what it gets is checked and stripped here, and the
built-in renderer gets the very same.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from cancel_analysis.catalog.brand import PARTS, Brand
from cancel_analysis.catalog.words import BASE, words
from cancel_analysis.errors import ReportError
from cancel_analysis.report.notebook.front_matter import NOBODY, front_matter
from cancel_analysis.report.show.blocks import Texts
from cancel_analysis.report.show.blocks.cover_note import cover_note
from cancel_analysis.report.show.blocks.escape import html, raw_block
from cancel_analysis.report.show.paper import FOLD

EXECUTED = "executed.ipynb"
# A heading of a part that stands on the page and not on paper, as all of its exhibits are folds.
PAGE_ONLY = "page-only"
HIDDEN_TAGS = ("parameters", "injected-parameters", "remove-cell")
MARKDOWN = "text/markdown"
# Papermill puts a cell so tagged above the one that failed.
_PAPERMILL_ERROR_TAG = "papermill-error-cell-tag"
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")


def check(notebook: NotebookNode) -> None:
    """Raise ReportError unless the notebook ran to its end and shows something."""
    check_ran(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    if not any(MARKDOWN in output.get("data", {}) for output in outputs):
        raise ReportError("the notebook has no outputs of report mode: it was not executed, or not with mode='report'")


def check_ran(notebook: NotebookNode) -> None:
    """Raise ReportError when any cell failed. Papermill lets `sys.exit()` half way pass; a report must not."""
    if notebook.metadata.get("papermill", {}).get("exception"):
        raise ReportError("the notebook stopped at an error (Papermill's mark); a report is never made from it")
    for number, cell in enumerate(notebook.cells, start=1):
        if _PAPERMILL_ERROR_TAG in cell.metadata.get("tags", []) or cell.metadata.get("papermill", {}).get("exception"):
            raise ReportError(f"cell {number} of the notebook failed (Papermill's mark)")
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise ReportError(f"cell {number} of the notebook failed: {output.ename}: {output.evalue}")


def strip(notebook: NotebookNode) -> NotebookNode:
    """The notebook without Papermill's notes (timings, paths) and without widget state: fit to be handed out."""
    clean = copy.deepcopy(notebook)
    clean.metadata = _kernel(clean)
    for cell in clean.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if not tag.startswith("papermill-")]
        if "injected-parameters" in tags:
            # Papermill draws lots for it; a report made again is the same.
            cell.id = "injected-parameters"
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    return clean


def _kernel(notebook: NotebookNode) -> NotebookNode:
    """Of a notebook's metadata, those that say what it is run by."""
    names = ("kernelspec", "language_info")
    kept: NotebookNode = nbformat.from_dict(
        {name: notebook.metadata[name] for name in names if name in notebook.metadata}
    )
    return kept


def source(
    notebook: NotebookNode,
    report: dict[str, Any],
    maker: str,
    fonts: tuple[str, ...] = (),
    formats: tuple[str, ...] = (),
    brand: Brand = NOBODY,
) -> NotebookNode:
    """What is rendered: front matter, prose in the report's language, and the outputs of report mode.

    `report` is the checked `report.json`; `maker` names the renderer, `formats` the files that the page may link
    to, `brand` who issues it: its cover note stands first, and its parts are shown in its order. Cells of
    parameters, cells without such an output, and every other output (streams, plain text) are left out.
    """
    check(notebook)
    kept: list[NotebookNode] = []
    for cell in _shown_cells(notebook, report["language"]):
        if cell.cell_type == "code":
            shown = [output.data[MARKDOWN] for output in cell.outputs if MARKDOWN in output.get("data", {})]
            cell.outputs = [_output(text) for text in shown]
        if cell.cell_type == "markdown" or cell.outputs:
            kept.append(cell)
    kept = _arranged(_without_empty_parts(kept), brand.parts)
    return _rendered_source(notebook, kept, report, maker, fonts, formats, brand)


def appendix_source(
    notebook: NotebookNode,
    report: dict[str, Any],
    maker: str,
    folds: Mapping[str, str],
    fonts: tuple[str, ...] = (),
    brand: Brand = NOBODY,
) -> NotebookNode:
    """What is rendered as the printed appendix: the parts that have folds, each fold by its Markdown in `folds`.

    A brand chooses and orders the parts of the report; who asks for the appendix gets all of it. ReportError where the
    notebook shows no fold.
    """
    check(notebook)
    texts = Texts(report["language"])
    kept: list[NotebookNode] = []
    for cell in _shown_cells(notebook, report["language"]):
        if cell.cell_type == "code":
            names = [output.get("metadata", {}).get(FOLD, "") for output in cell.outputs]
            cell.outputs = [_output(folds[name]) for name in names if folds.get(name)]
        else:
            # Of text only the heading of a part: the report's own words stand in the report.
            cell.source = "\n".join(match.group() for match in _headings(cell.source)[:1])
            cell.metadata = nbformat.from_dict({})
        if cell.get("outputs") or (cell.cell_type == "markdown" and cell.source):
            kept.append(cell)
    kept = _without_empty_parts(kept)
    if not kept:
        raise ReportError("the notebook shows no folds (evidence, appendix) to print; run it without --appendix")
    period = texts("page.week", week=report["week"])
    page = {"kind": "appendix", "period": period, "subtitle": texts("page.appendix_subtitle")}
    page["title"] = f"{report['shop']['name']} · {period} · {page['subtitle']}"
    return _rendered_source(notebook, kept, {**report, "page": page}, maker, fonts, (), replace(brand, note=""))


def _shown_cells(notebook: NotebookNode, language: str) -> list[NotebookNode]:
    """The cells of text, in the report's language, and of code, without those that are hidden."""
    cells = [cell for cell in strip(notebook).cells if not set(HIDDEN_TAGS) & set(cell.metadata.get("tags", []))]
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = _translated(cell, language)
    return [cell for cell in cells if cell.cell_type in ("markdown", "code")]


def _rendered_source(
    notebook: NotebookNode,
    kept: list[NotebookNode],
    report: dict[str, Any],
    maker: str,
    fonts: tuple[str, ...],
    formats: tuple[str, ...],
    brand: Brand,
) -> NotebookNode:
    """The chosen cells with their headings numbered, behind front matter and cover note."""
    parts = _number_headings([cell for cell in kept if cell.cell_type == "markdown"])
    front = nbformat.v4.new_raw_cell(front_matter(report, maker, parts, fonts, formats, brand), id="front-matter")
    # Quarto makes a title of the first heading when there is none, and takes it out of the report; it looks no
    # further than the first cell of text.
    note = cover_note(brand.note, brand.note_name) if brand.note else "<!-- -->"
    first = nbformat.v4.new_markdown_cell(note, id="no-title")
    result: NotebookNode = nbformat.v4.new_notebook(cells=[front, first, *kept], metadata=_kernel(notebook))
    nbformat.validate(result)
    return result


def markdown(prepared: NotebookNode, shortened: Callable[[str], str] = str) -> str:
    """The prepared notebook as one Markdown document: what Pandoc reads, and what Quarto makes of it too.

    `shortened` is called with what a cell shows.
    """
    parts: list[str] = []
    for cell in prepared.cells:
        if cell.cell_type == "code":
            parts.extend(shortened(output.data[MARKDOWN]) for output in cell.outputs)
        else:
            parts.append(cell.source)
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _arranged(cells: list[NotebookNode], parts: tuple[str, ...]) -> list[NotebookNode]:
    """The first screen, then the chosen parts in their order; parts of a notebook of one's own stay, at the end."""
    if not parts:
        return cells
    groups: dict[str, list[NotebookNode]] = {"": []}
    name = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            name = cell.id
        groups.setdefault(name, []).append(cell)
    shipped = {f"part-{part}" for part in PARTS}
    chosen = ["", *(f"part-{part}" for part in parts), *(name for name in groups if name and name not in shipped)]
    return [cell for name in chosen for cell in groups.get(name, ())]


def read(path: Path) -> NotebookNode:
    """A notebook from disk; ReportError when it is none."""
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise ReportError(f"there is no notebook {path.name}") from error
    except Exception as error:
        raise ReportError(f"{path.name} is not a notebook that can be read: {error}") from error
    return notebook


def _translated(cell: NotebookNode, language: str) -> str:
    text = str(cell.source)
    if language == BASE:
        return text
    return words(language).get(f"cell.{cell.id}", text)


def _output(shown: str) -> NotebookNode:
    """As nbformat's own function makes it, which checks each by itself; the whole notebook is checked at the end."""
    output: NotebookNode = nbformat.from_dict(
        {"output_type": "display_data", "metadata": {}, "data": {MARKDOWN: shown}}
    )
    return output


def _without_empty_parts(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells without text that heads nothing: its own code cells showed nothing before the next text or the end."""
    kept: list[NotebookNode] = []
    shown = False
    for cell in reversed(cells):
        if cell.cell_type != "markdown":
            shown = True
        elif not shown and all(_HEADING.match(line) for line in cell.source.split("\n") if line.strip()):
            continue
        else:
            shown = False
        kept.append(cell)
    return kept[::-1]


def _number_headings(cells: list[NotebookNode]) -> list[tuple[str, str]]:
    """Give the parts of the report ids and return them (id, text); the highest heading becomes level 2.

    Level 1 is the title, which the templates set. Quarto would shift levels in one format only.
    """
    levels = [len(match[1]) for cell in cells for match in _headings(cell.source)]
    shift = 2 - min(levels, default=2)
    parts: list[tuple[str, str]] = []
    for cell in cells:
        lines = cell.source.split("\n")
        for row in _heading_rows(lines):
            match = _HEADING.match(lines[row])
            assert match is not None
            level, text = min(6, len(match[1]) + shift), match[2]
            attribute = ""
            if level == 2 and not text.endswith("}"):
                identity = f"part-{len(parts) + 1}"
                parts.append((identity, re.sub(r"[*_`\\]", "", text)))
                attribute = f" {{#{identity}}}"
                if PAGE_ONLY in cell.metadata.get("tags", []):
                    lines[row] = raw_block("html", f'<h2 id="{identity}">{html(parts[-1][1])}</h2>')
                    continue
            lines[row] = f"{'#' * level} {text}{attribute}"
        cell.source = "\n".join(lines)
    return parts


def _headings(text: str) -> list[re.Match[str]]:
    lines = text.split("\n")
    return [match for row in _heading_rows(lines) if (match := _HEADING.match(lines[row]))]


def _heading_rows(lines: list[str]) -> list[int]:
    rows, fence = [], ""
    for row, line in enumerate(lines):
        opening = _FENCE.match(line)
        if opening and not fence:
            fence = opening[1]
        elif opening and opening[1].startswith(fence[0]) and len(opening[1]) >= len(fence):
            fence = ""
        elif not fence and _HEADING.match(line):
            rows.append(row)
    return rows
