"""One executed notebook → `report.html` and `report.pdf`, by Quarto or by the built-in pair.

Both get the same prepared notebook, the same templates and the same pictures, so that a report
looks and reads the same whoever made it.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cancel_analysis.errors import RendererMissingError, SettingsError
from cancel_analysis.report import contents, templates_folder
from cancel_analysis.report.jobs import FORMATS, check_formats
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.notebook.prepare import EXECUTED
from cancel_analysis.report.render import builtin, figures, fonts, marks, quarto, scripts
from cancel_analysis.report.render.rendered import RenderedFiles
from cancel_analysis.report.show import vega
from cancel_analysis.report.thread_cache import cached_across_threads

RENDERERS = ("auto", "quarto", "builtin")
# What the templates folder gives to a render; never `reports/out`.
TEMPLATES = ("_quarto.yml", "page.html", "page.typ", "report.css", "tail.html")


@dataclass(frozen=True)
class Rendered:
    """The finished files (None for a format not asked for), what made them, and what they lack."""

    html: Path | None
    pdf: Path | None
    made_by: str
    pdf_standard: str = ""
    warnings: tuple[str, ...] = ()


def choose(renderer: str) -> str:
    """ "quarto" or "builtin" for a setting; SettingsError for another word, RendererMissingError if it is not there."""
    if renderer not in RENDERERS:
        raise SettingsError(f"no renderer {renderer!r}; there are {', '.join(RENDERERS)}")
    if renderer == "auto":
        return "quarto" if quarto.find() else "builtin"
    if renderer == "quarto" and not quarto.find():
        raise RendererMissingError(
            "Quarto was asked for, but there is no 'quarto' on the path. Install it from quarto.org "
            "(or with conda: conda install -c conda-forge quarto), or use RENDERER=builtin, which needs nothing more"
        )
    return renderer


def maker(program: str) -> str:
    """The name and version of a chosen renderer, as it stands in the report."""
    return quarto.version() if program == "quarto" else builtin.version()


@cached_across_threads
def warm_up() -> None:
    """Begin to load what the first picture and page need, a second or two, without waiting for it."""

    def load() -> None:
        vega.script()
        fonts.families()
        figures.warm_up()

    threading.Thread(target=load, name="warm-up", daemon=True).start()


def render(work: Path, formats: tuple[str, ...] = FORMATS, renderer: str = "auto") -> Rendered:
    """Render the executed notebook of `work` (`executed.ipynb`, `report.json`, `figures/`) there.

    Every render works in a private copy of the project folder, so that two at a time share neither
    figures nor locks. Raises ReportError when the notebook did not run to its end, RenderError when
    a renderer fails or a file does not name its own shop. What a finished file lacks (a font) stands
    in `warnings`.
    """
    formats = check_formats(formats)
    chosen = choose(renderer)
    program = quarto if chosen == "quarto" else builtin
    report = contents.read(work)
    made_by = maker(chosen)
    figures.draw(work)
    project = _project(work)
    notebook = prepare.source(prepare.read(work / EXECUTED), report, made_by, fonts.for_text())
    nbformat.write(notebook, project / "report.ipynb")
    rendered: RenderedFiles = program.render(project, formats)
    own = prepare.report_mark(report["shop"]["id"], report["week"])
    results = {}
    for form in formats:
        target = work / f"report.{form}"
        shutil.move(rendered.files[form], target)
        marks.check_mark(target, own)
        results[form] = target
    shutil.rmtree(project)
    contents.write(work, {**report, "renderer": made_by, "pdf_standard": rendered.pdf_standard})
    lacking = _lacking(notebook, work) if "pdf" in formats else ()
    return Rendered(results.get("html"), results.get("pdf"), made_by, rendered.pdf_standard, lacking)


def _lacking(notebook: NotebookNode, work: Path) -> tuple[str, ...]:
    """Advice for each script of the report that no font here can print; either renderer uses this machine's fonts."""
    texts = [prepare.markdown(notebook)]
    texts += [path.read_text(encoding="utf-8") for path in figures.charts(work)]
    return tuple(scripts.advice(script) for script in scripts.missing("".join(texts), fonts.families()))


def _project(work: Path) -> Path:
    project = work / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    for name in TEMPLATES:
        shutil.copyfile(templates_folder() / name, project / name)
    (project / "figures").mkdir()
    for picture in (work / "figures").glob("*.svg"):
        shutil.copyfile(picture, project / "figures" / picture.name)
    return project
