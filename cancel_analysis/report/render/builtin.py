"""The built-in renderer: Pandoc and Typst from Python wheels, the two programs that Quarto drives."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pypandoc
import typst
from nbformat import NotebookNode

from cancel_analysis.errors import RendererMissingError, RenderError
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.render import fonts
from cancel_analysis.report.render.embedding import embed
from cancel_analysis.report.render.rendered import RenderedFiles
from cancel_analysis.report.render.set_aside import set_aside
from cancel_analysis.report.show import vega
from cancel_analysis.report.thread_cache import cached_across_threads
from cancel_analysis.steps import Seconds, add, collected, timed

# Markdown as Quarto reads it, so that a sentence comes out the same.
_READER = "markdown"
_SECONDS = 300
_CHART = 'class="chart-spec"'


@cached_across_threads
def version() -> str:
    return f"Pandoc {pypandoc.get_pandoc_version()} and Typst {_typst_version()}"


def _typst_version() -> str:
    from importlib.metadata import version as installed

    return installed("typst")


def render(project: Path, formats: tuple[str, ...]) -> RenderedFiles:
    """Make `report.html` and `report.pdf` in `project`, which holds `report.ipynb`, templates and figures."""
    # It was checked when it was written.
    prepared = nbformat.v4.reads((project / "report.ipynb").read_text(encoding="utf-8"))
    files: dict[str, Path] = {}
    standard = ""
    # The one is set while the other is printed: most of either is done by a program, and both read the same files.
    with ThreadPoolExecutor(max_workers=1) as beside:
        page = beside.submit(_timed_html, prepared, project) if "html" in formats else None
        if "pdf" in formats:
            with timed("PDF"):
                files["pdf"], standard = _pdf(prepared, project)
        if page is not None:
            files["html"], seconds = page.result()
            add(seconds)
    return RenderedFiles(files, standard)


def _timed_html(prepared: NotebookNode, project: Path) -> tuple[Path, Seconds]:
    with collected() as seconds, timed("HTML"):
        path = _html(prepared, project)
    return path, seconds


def html_arguments() -> list[str]:
    """Pandoc's arguments for the page; the working folder is the project."""
    return [
        "page.md",
        f"--from={_READER}",
        "--to=html5",
        "--standalone",
        "--template=page.html",
        "--css=report.css",
        "--include-in-header=vega-place.html",
        "--include-after-body=tail.html",
        "--output=report.html",
    ]


def typst_arguments() -> list[str]:
    """Pandoc's arguments for the Typst source."""
    return [
        "paper.md",
        f"--from={_READER}",
        "--to=typst",
        "--standalone",
        "--template=page.typ",
        "--wrap=none",
        "--output=report.typ",
    ]


def _html(prepared: NotebookNode, project: Path) -> Path:
    (project / "vega-place.html").write_text(vega.PLACE + "\n", encoding="utf-8")
    document, path = project / "page.md", project / "report.html"
    short = set_aside(prepared, "html")
    document.write_text(short.document, encoding="utf-8")
    _pandoc(html_arguments(), project)
    page = embed(short.back_in(path.read_text(encoding="utf-8")), project)
    if page is None:
        document.write_text(prepare.markdown(prepared), encoding="utf-8")
        _pandoc([*html_arguments(), "--embed-resources"], project)
        page = path.read_text(encoding="utf-8")
    if page.count(vega.PLACE) != 1:
        raise RenderError("the page has no single place for the charts' script; does page.html print header-includes?")
    # A page without a chart needs no script to draw it.
    script = vega.script() if _CHART in page else ""
    path.write_text(page.replace(vega.PLACE, script), encoding="utf-8")
    return path


def _pdf(prepared: NotebookNode, project: Path) -> tuple[Path, str]:
    """The PDF and the standard that it keeps.

    PDF/UA-1 (a file that a screen reader can read) is tried first. Typst refuses it when a glyph is
    in no font: then it is an ordinary PDF.
    """
    source, path = project / "report.typ", project / "report.pdf"
    short = set_aside(prepared, "typst")
    (project / "paper.md").write_text(short.document, encoding="utf-8")
    _pandoc(typst_arguments(), project)
    source.write_text(short.back_in(source.read_text(encoding="utf-8")), encoding="utf-8")
    try:
        _compile(source, path, accessible=True)
        return path, "ua-1"
    except typst.TypstError as refused:
        if "PDF/UA-1" not in str(refused):
            raise RenderError(f"Typst cannot set the report: {_first(refused)}") from refused
    try:
        _compile(source, path, accessible=False)
    except typst.TypstError as error:
        raise RenderError(f"Typst cannot set the report: {_first(error)}") from error
    return path, ""


def _compile(source: Path, target: Path, accessible: bool) -> None:
    # The work folder is the root: a text that became code could still read no other file.
    compiler = typst.Compiler(root=source.parent, font_paths=fonts.there())
    compiler.compile(input=source, output=target, format="pdf", pdf_standards=["ua-1"] if accessible else [])


def _first(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]


def _pandoc(arguments: list[str], folder: Path) -> None:
    try:
        program = pypandoc.get_pandoc_path()
    except OSError as error:
        raise RendererMissingError(
            "Pandoc is not there: install the package pypandoc_binary again (a plain pypandoc has no Pandoc inside)"
        ) from error
    done = subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=_SECONDS
    )
    problems = done.stderr.strip()
    # A picture that cannot be fetched is only a warning to Pandoc, but a hole in the report.
    if done.returncode or "Could not fetch resource" in problems:
        raise RenderError(
            f"Pandoc failed ({done.returncode}): {problems.splitlines()[0] if problems else 'no message'}"
        )
