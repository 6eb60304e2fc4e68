"""Finished reports put in their place, whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cancel_analysis.errors import ReportError, SettingsError
from cancel_analysis.report import contents as facts
from cancel_analysis.report.exchange import exchange
from cancel_analysis.report.jobs import APPENDIX
from cancel_analysis.report.private import OLD

WORK = ".work"
# In a private folder: what is to be published.
READY = "ready"
STEM = "report"
NOTEBOOK = f"{STEM}.ipynb"
WORKBOOK = f"{STEM}.xlsx"
# Below the private folder of a report: pages that are still to be set, each with its head and its parts.
BESIDE = "beside"


def work_folder(out: Path) -> Path:
    """The folder for unfinished reports in `out`, made with it; SettingsError where none can be made."""
    work = out / WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"reports cannot be put into {out}: {error.strerror or error} ({error.filename or work}); "
            "name a folder that can be made or written to"
        ) from error
    return work


def write_whole(path: Path, text: str) -> None:
    """Put a text in the place of the file `path`: readers see the one before or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def target(out: Path, key: str) -> Path:
    """The folder of a report (`week/shop`) below `out`; ReportError if it would lie elsewhere."""
    folder = (out / key).resolve()
    if not folder.is_relative_to(out.resolve()) or folder == out.resolve():
        raise ReportError(f"a report must lie below {out}, not at {folder}")
    return folder


def publish(work: Path, folder: Path, formats: tuple[str, ...], stem: str = STEM, extra: tuple[str, ...] = ()) -> Path:
    """Move what is finished in `work` to `folder`, in place of an earlier report of the same shop and week.

    Nothing is moved unless every file is there (`make_ready`). `work` must lie on the same disk as `folder`.
    """
    put(make_ready(work, formats, stem, extra), folder, work)
    return folder


def make_ready(work: Path, formats: tuple[str, ...], stem: str = STEM, extra: tuple[str, ...] = ()) -> Path:
    """A folder in `work` of what is to be published, and nothing else; ReportError unless every file is there.

    These are `report.html`, `report.pdf` (as asked for), `report.ipynb`, `report.json`, `tables/`, and
    `report.xlsx` where there is one. Another `stem` names the first three; `extra` are further files of `work`.
    """
    # Where nothing is to be published, nothing that reads notebooks is loaded.
    from cancel_analysis.report.notebook import prepare
    from cancel_analysis.report.notebook.prepare import EXECUTED

    facts.read(work)
    names = [f"{STEM}.{form}" for form in formats]
    for name in (*names, *extra):
        if not (work / name).is_file() or not (work / name).stat().st_size:
            raise ReportError(f"the report has no {name}; nothing was published")
    prepare.check(prepare.read(work / EXECUTED))
    ready = work / READY
    shutil.rmtree(ready, ignore_errors=True)
    ready.mkdir()
    for name in (*names, *((WORKBOOK,) if (work / WORKBOOK).is_file() else ())):
        (work / name).replace(ready / name.replace(STEM, stem, 1))
    for name in (facts.FILE, *extra):
        (work / name).replace(ready / name)
    (work / EXECUTED).replace(ready / f"{stem}.ipynb")
    if (work / "tables").is_dir():
        (work / "tables").replace(ready / "tables")
    return ready


def is_whole(folder: Path, formats: tuple[str, ...], *, appendix: bool = False) -> bool:
    """Whether `folder` holds a finished report in all of `formats`, with its `appendix` where it should have one."""
    names = [facts.FILE, NOTEBOOK, *(f"{STEM}.{form}" for form in formats), *([APPENDIX] if appendix else [])]
    return all((folder / name).is_file() for name in names)


def put(ready: Path, folder: Path, work: Path) -> None:
    """Put `ready` where `folder` is, so that there is a whole report at any time.

    Where two folders cannot change places at once, the earlier one goes aside first: to a place in `work`
    from which the next run brings it back, should this one be killed in between.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        ready.replace(folder)
        return
    if exchange(ready, folder):
        # Not every disk notes that two folders changed places in this one; who looks for what is new goes by it.
        os.utime(folder.parent)
        shutil.rmtree(ready, ignore_errors=True)
        return
    old = work / OLD / folder.parent.name / folder.name
    old.parent.mkdir(parents=True, exist_ok=True)
    folder.replace(old)
    try:
        ready.replace(folder)
    except BaseException:
        old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
