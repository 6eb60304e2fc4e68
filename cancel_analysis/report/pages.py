"""Pages over all shops: the morning brief and the portfolio, made as every report is.

The notebook says itself which day or week it is about, in `report.json`; the page is then put in its
place below the output folder.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.words import BASE, languages
from cancel_analysis.errors import SettingsError
from cancel_analysis.report import contents, index, manifest, notebook_file, page_links, preparing, publish, render
from cancel_analysis.report.jobs import FORMATS, Page, check_formats
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.notebook.parameters import check_parameters
from cancel_analysis.report.notebook.workers import Workers
from cancel_analysis.report.preparing import BRIEF, PORTFOLIO
from cancel_analysis.report.private import ended_by_sigterm, private_folder, sweep
from cancel_analysis.report.side_by_side import checked_count
from cancel_analysis.steps import Seconds, Told, collected, tell, timed
from cancel_analysis.weeks import LATEST, parse_day, parse_week

NOTEBOOKS = {BRIEF: "morning_brief", PORTFOLIO: "portfolio"}
# Where a page lies below the output folder, from its own report.json.
_PLACES: dict[str, Callable[[dict[str, Any]], str]] = {
    BRIEF: lambda report: f"{BRIEF}/{report['as_of']}",
    PORTFOLIO: lambda report: f"{report['week']}/{PORTFOLIO}",
}


@dataclass(frozen=True)
class Made:
    """A finished page: its folder, the file to be opened, what `report.json` says, what made it and what it lacks."""

    folder: Path
    first: Path
    report: dict[str, Any]
    made_by: str
    seconds: float
    warnings: tuple[str, ...] = ()
    # Step → seconds (`steps.STEPS`).
    steps: Seconds = field(default_factory=dict)

    @property
    def failed(self) -> tuple[dict[str, Any], ...]:
        """The shops that could not be read: shop, name, market, cause."""
        return tuple(self.report["failed"])


def page(
    name: str,
    data: str | Path,
    *,
    language: str = BASE,
    formats: tuple[str, ...] = FORMATS,
    parameters: dict[str, Any] | None = None,
    brand_file: Path | None = None,
) -> Page:
    """The page `name` (brief or portfolio) over the shops of `data`, checked before anything is run.

    `brand_file` says who issues it.

    Raises SettingsError for what cannot be used.
    """
    if name not in NOTEBOOKS:
        raise SettingsError(f"no page {name!r}; there are {', '.join(NOTEBOOKS)}")
    if language not in languages():
        raise SettingsError(f"no report language {language!r}; there are {', '.join(languages())}")
    path = notebook_file(NOTEBOOKS[name])
    planned = Page(
        name=name,
        data=Path(data).resolve(),
        notebook=path.resolve(),
        language=language,
        formats=check_formats(formats),
        parameters=tuple(sorted((parameters or {}).items())),
        brand_file=brand_file,
    )
    check_parameters(prepare.read(path), planned.given(planned.data), planned.required)
    for key, read in (("day", parse_day), ("week", parse_week)):
        value = dict(planned.parameters).get(key, LATEST)
        if value not in ("", LATEST):
            read(value)
    return planned


def make(
    planned: Page,
    out: str | Path,
    *,
    renderer: str = "auto",
    timeout: float | None = None,
    progress: Told | None = None,
) -> Made:
    """Execute, render and publish one page below `out`; an older one of the same day or week is replaced.

    `<name>.html`, `<name>.pdf`, `<name>.ipynb`, `report.json`, `tables/`, and `<name>.txt` where the page
    has a text for a chat. `progress` hears what is done, how many are done, of how many.
    Raises this package's errors; a half page is never left behind.
    """
    started = time.monotonic()
    program = render.choose(renderer)
    folder = Path(out).resolve()
    work = publish.work_folder(folder)
    sweep(work, home=folder)
    try:
        with (
            ended_by_sigterm(),
            collected(progress) as seconds,
            private_folder(work, f"{planned.name}-") as private,
        ):
            # What the notebook needs and what its page needs is loaded while it is seen what is kept of the shops.
            processes = Workers()
            render.warm_up()
            if planned.name == PORTFOLIO:
                index.warm_up()
            preparing.prepare(planned, checked_count(None))
            page_links.leave_note(private, folder)
            with render.drawing(private):
                processes.execute(planned, private, timeout)
            tell("page", 0, 0)
            rendered = render.render(private, planned.formats, program, planned.brand_file)
            report = contents.read(private)
            extra: tuple[str, ...] = ()
            if report.get("text"):
                extra = (f"{planned.name}.txt",)
                (private / extra[0]).write_text(report["text"] + "\n", encoding="utf-8")
            place = publish.target(folder, _PLACES[planned.name](report))
            with timed("publish"):
                publish.publish(private, place, planned.formats, planned.name, extra)
    finally:
        with suppress(OSError):
            work.rmdir()
    known = {entry.shop for entry in manifest.read(folder).values()}
    if planned.name == PORTFOLIO and known:
        index.write(folder, known)
    first = place / f"{planned.name}.{planned.formats[0]}"
    return Made(place, first, report, rendered.made_by, time.monotonic() - started, rendered.warnings, seconds)
