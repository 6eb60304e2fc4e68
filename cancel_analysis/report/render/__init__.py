"""One executed notebook → `report.html` and `report.pdf`, by Quarto or by the built-in pair.

Both get the same prepared notebook, the same templates and the same pictures, so that a report
looks and reads the same whoever made it. Which program it is and its version is known without
loading either; what makes pages is loaded with the first one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cancel_analysis.errors import RendererMissingError, SettingsError
from cancel_analysis.report.jobs import FORMATS
from cancel_analysis.report.jobs import check_formats as check_formats
from cancel_analysis.report.render import programs, quarto
from cancel_analysis.report.render.rendered import Rendered as Rendered
from cancel_analysis.report.thread_cache import cached_across_threads

# How often it is looked for charts that have come.
LOOK_SECONDS = 0.1
RENDERERS = ("auto", "quarto", "builtin")
# What the templates folder gives to a render; never `reports/out`.
TEMPLATES = ("_quarto.yml", "page.html", "page.typ", "report.css", "tail.html")


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
    return quarto.version() if program == "quarto" else programs.builtin_version()


@cached_across_threads
def warm_up() -> None:
    """Begin to load what the first picture and page need, a second or two, without waiting for it."""
    from cancel_analysis.report.render import one_report

    threading.Thread(target=one_report.warm_up, name="warm-up", daemon=True).start()


@contextmanager
def drawing(work: Path) -> Iterator[None]:
    """While the notebook of `work` runs, draw its charts as they come; `render` draws what is left."""
    ended = threading.Event()

    def draw() -> None:
        # A notebook that fails at once is told at once, without loading what draws.
        if ended.wait(LOOK_SECONDS):
            return
        from cancel_analysis.report.render import one_report

        one_report.draw_as_they_come(work, ended)

    thread = threading.Thread(target=draw, name="drawing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def render_beside(work: Path, renderer: str = "auto", brand_file: Path | None = None) -> tuple[Path, ...]:
    """Set the pages that `report.remedies` left in `work`, without a report; their files there. Errors as `render`."""
    from cancel_analysis.catalog.brand import Brand, read_brand
    from cancel_analysis.report.render import one_report

    chosen = choose(renderer)
    brand = Brand() if brand_file is None else read_brand(brand_file)
    return one_report.beside(work, chosen, maker(chosen), brand)


def render(
    work: Path,
    formats: tuple[str, ...] = FORMATS,
    renderer: str = "auto",
    brand_file: Path | None = None,
    *,
    appendix: bool = False,
) -> Rendered:
    """Render the executed notebook of `work` (`executed.ipynb`, `report.json`, `figures/`) there.

    `brand_file` says who issues it; with `appendix`, what its notebook kept for one is set as a second PDF.

    Every render works in a private copy of the project folder, so that two at a time share neither
    figures nor locks. Raises ReportError when the notebook did not run to its end, RenderError when
    a renderer fails or a file does not name its own shop. What a finished file lacks (a font) stands
    in `warnings`.
    """
    from cancel_analysis.catalog.brand import Brand, read_brand
    from cancel_analysis.report.render import one_report

    chosen = choose(renderer)
    brand = Brand() if brand_file is None else read_brand(brand_file)
    return one_report.render(work, formats, chosen, maker(chosen), brand, appendix=appendix)
