"""One report made in a private folder, up to what is ready to be published: here, or on a worker of a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cancel_analysis.errors import describe_error
from cancel_analysis.report import contents, publish, render
from cancel_analysis.report.jobs import Job
from cancel_analysis.steps import timed

if TYPE_CHECKING:
    from cancel_analysis.report.notebook.workers import Workers


@dataclass(frozen=True)
class Ready:
    """A finished report that lies in `folder` as it is to be published, and what is told of it."""

    folder: Path
    made_by: str
    warnings: tuple[str, ...]
    verdict: str
    hints: tuple[str, ...]


def make_ready(
    job: Job, private: Path, program: str, workers: Workers, timeout: float | None, links: dict[str, str]
) -> Ready:
    """Run the notebook of `job` in the folder `private` and render it by `program`; raises what goes wrong.

    `links` are what its page may link to beside its own files.
    """
    # While the first notebooks run, what draws and sets their pages is loaded.
    render.warm_up()
    with render.drawing(private):
        workers.execute(job, private, timeout)
    contents.write(private, contents.read(private) | links)
    rendered = render.render(private, job.formats, program, job.shop.brand_file, appendix=job.appendix)
    said = contents.read(private)
    with timed("publish"):
        folder = publish.make_ready(private, job.formats, extra=rendered.beside)
    return Ready(folder, rendered.made_by, rendered.warnings, str(said["verdict"]), tuple(said.get("hints", ())))


def cause_of(error: BaseException) -> str:
    """Why a report failed, as it may be told."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        # A page that is handed on names no folder of this machine.
        return f"a file of the shop cannot be read: {error.strerror} ({Path(str(error.filename)).name})"
    return describe_error(error)
