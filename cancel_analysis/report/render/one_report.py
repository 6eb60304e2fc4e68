"""The executed notebook of one report or page → its finished files; loads what draws, sets and prints."""

from __future__ import annotations

import json
import shutil
import threading
from bisect import bisect_left
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbformat import NotebookNode

from cancel_analysis.catalog.brand import Brand
from cancel_analysis.report import contents, publish, templates_folder
from cancel_analysis.report.jobs import APPENDIX, check_formats
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.notebook.front_matter import NOBODY, logo_file, report_mark
from cancel_analysis.report.notebook.prepare import EXECUTED
from cancel_analysis.report.render import LOOK_SECONDS, TEMPLATES, builtin, figures, fonts, marks, quarto, scripts
from cancel_analysis.report.render.rendered import Rendered, RenderedFiles
from cancel_analysis.report.show import paper, vega
from cancel_analysis.steps import timed

# Of a printed appendix: more is not looked up on paper.
MOST_PAGES = 8


def warm_up() -> None:
    """Load what the first picture and page need; whatever goes wrong, `render` tells when it needs it."""
    # What a library in Rust calls a panic is no Exception.
    with suppress(BaseException):
        vega.script()
        fonts.families()
        figures.warm_up()
        # nbformat compiles its schema with the first notebook.
        nbformat.validate(nbformat.v4.new_notebook())


def draw_as_they_come(work: Path, ended: threading.Event) -> None:
    """Draw the charts of `work` as they are written, until `ended`.

    Whatever goes wrong, what is not drawn then is left to `render`, which tells why it cannot be.
    """
    # What a library in Rust calls a panic is no Exception.
    with suppress(BaseException):
        drawn = 0
        while not ended.is_set():
            # While one is drawn, the next ones come.
            before, drawn = drawn, len(figures.draw(work))
            if drawn == before:
                ended.wait(LOOK_SECONDS)


def render(
    work: Path,
    formats: tuple[str, ...],
    chosen: str,
    made_by: str,
    brand: Brand = NOBODY,
    *,
    appendix: bool = False,
) -> Rendered:
    """Render `work` by the program `chosen`, which `made_by` names with its version (see `render.render`)."""
    formats = check_formats(formats)
    program = _program(chosen)
    report = contents.read(work)
    with timed("pictures"):
        figures.draw(work)
    project = _project(work, brand)
    executed = prepare.read(work / EXECUTED)
    linked = (*formats, *(["xlsx"] if (work / publish.WORKBOOK).is_file() else []), *(["appendix"] if appendix else []))
    notebook = prepare.source(executed, report, made_by, fonts.for_text(), linked, brand)
    nbformat.write(notebook, project / "report.ipynb")
    rendered: RenderedFiles = program.render(project, formats)
    own = report_mark(report["shop"]["id"], report["week"])
    results = {}
    for form in formats:
        target = work / f"report.{form}"
        shutil.move(rendered.files[form], target)
        marks.check_mark(target, own)
        results[form] = target
    shutil.rmtree(project)
    printed = [notebook] if "pdf" in formats else []
    if appendix:
        printed.append(_appendix(work, executed, report, chosen, made_by, brand))
    lacking = _lacking(printed, work) if printed else ()
    said = {"renderer": made_by, "pdf_standard": rendered.pdf_standard, "lacking": list(lacking)}
    contents.write(work, {**report, **said})
    pages = tuple(path.name for path in beside(work, chosen, made_by, brand)) if "html" in formats else ()
    books = tuple(sorted(path.name for path in work.glob("*.xlsx") if path.name != publish.WORKBOOK))
    further = (*pages, *books, *([APPENDIX] if appendix else []))
    return Rendered(results.get("html"), results.get("pdf"), made_by, rendered.pdf_standard, lacking, further)


def _appendix(
    work: Path, executed: NotebookNode, report: dict[str, Any], chosen: str, made_by: str, brand: Brand
) -> NotebookNode:
    """Set `appendix.pdf` in `work` from what the notebook kept of its folds; what was set is returned.

    Its tables have as many rows as fit on `MOST_PAGES`; where even the shortest ones do not, it is longer.
    """
    program = _program(chosen)
    kept, set_so_far = paper.read(work), {}

    def fits(number: int) -> bool:
        folds = {name: shown[number] for name, shown in kept.items()}
        notebook = prepare.appendix_source(executed, report, made_by, folds, fonts.for_text(), brand)
        project = _project(work, brand)
        nbformat.write(notebook, project / "report.ipynb")
        printed = work / f"appendix-{number}.pdf"
        shutil.move(program.render(project, ("pdf",)).files["pdf"], printed)
        shutil.rmtree(project)
        set_so_far[number] = notebook, printed
        return marks.count_pages(printed) <= MOST_PAGES

    fullest = bisect_left(range(len(paper.MOST_ROWS)), True, key=fits)
    notebook, printed = set_so_far[min(fullest, len(paper.MOST_ROWS) - 1)]
    printed.replace(work / APPENDIX)
    marks.check_mark(work / APPENDIX, report_mark(report["shop"]["id"], report["week"]))
    return notebook


def beside(work: Path, chosen: str, made_by: str, brand: Brand = NOBODY) -> tuple[Path, ...]:
    """Set the pages that were left to be set beside the report (`report.remedies.leave`); their files in `work`."""
    program = _program(chosen)
    # Its note and its choice of parts are about the report.
    brand = replace(brand, note="", parts=())
    made = []
    for head in sorted((work / publish.BESIDE).glob("*.json")):
        report = json.loads(head.read_text(encoding="utf-8"))
        project = _project(work, brand)
        notebook = prepare.source(_as_notebook(report["parts"]), report, made_by, fonts.for_text(), (), brand)
        nbformat.write(notebook, project / "report.ipynb")
        target = work / f"{head.stem}.html"
        shutil.move(program.render(project, ("html",)).files["html"], target)
        marks.check_mark(target, report_mark(report["shop"]["id"], report["week"]))
        shutil.rmtree(project)
        made.append(target)
    return tuple(made)


def _as_notebook(parts: dict[str, list[str]]) -> NotebookNode:
    """Heading → blocks of Markdown, as a notebook that ran: what both renderers are made for."""
    cells = []
    for number, (heading, shown) in enumerate(parts.items(), start=1):
        cells.append(nbformat.v4.new_markdown_cell(f"## {heading}", id=f"beside-{number}"))
        outputs = [nbformat.v4.new_output("display_data", data={prepare.MARKDOWN: block}) for block in shown]
        cells.append(nbformat.v4.new_code_cell("", id=f"beside-{number}-shown", outputs=outputs))
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    return notebook


def _lacking(notebooks: list[NotebookNode], work: Path) -> tuple[str, ...]:
    """Advice for each script of the report that no font here can print; either renderer uses this machine's fonts."""
    texts = [prepare.markdown(notebook) for notebook in notebooks]
    texts += [path.read_text(encoding="utf-8") for path in figures.charts(work)]
    return tuple(scripts.advice(script) for script in scripts.missing("".join(texts), fonts.families()))


def _program(chosen: str) -> ModuleType:
    """The module that sets a page by the renderer `chosen`."""
    return quarto if chosen == "quarto" else builtin


def _project(work: Path, brand: Brand) -> Path:
    project = work / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    for name in TEMPLATES:
        shutil.copyfile(templates_folder() / name, project / name)
    (project / "figures").mkdir()
    for picture in (work / "figures").glob("*.svg"):
        shutil.copyfile(picture, project / "figures" / picture.name)
    if brand.logo is not None:
        (project / logo_file(brand.logo)).write_bytes(brand.logo.content)
    return project
