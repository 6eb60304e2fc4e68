"""Run the notebook for one shop and week: parameters checked first, cells in a fresh process.

Papermill itself only warns of a parameter that the notebook does not have, and stops late for one
of the wrong kind; a report of the wrong shop or period would look like any other.
"""

from __future__ import annotations

import json
import logging
import re
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbformat import NotebookNode

from cancel_analysis import errors
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.errors import CancelAnalysisError, ExecutionError, ReportError
from cancel_analysis.report.jobs import Job, Page
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.notebook.parameters import check_parameters
from cancel_analysis.report.notebook.prepare import EXECUTED
from cancel_analysis.report.show import paper
from cancel_analysis.steps import timed
from cancel_analysis.study import peers

# A shop of smaller files (some ten thousand order lines) keeps its texts as Python's own: a report's hundreds of
# small frames are cut a third faster then. Of many lines the same takes three times the memory.
SMALL_FILES_BYTES = 10_000_000


def run(job: Job | Page, work: Path) -> Path:
    """Run the notebook in THIS process, which must be a fresh one (see `workers`); returns `executed.ipynb`.

    `work` is the private folder of the report and becomes the working folder. Raises SettingsError
    for parameters, ExecutionError with the cell and the cause when a cell fails.
    """
    with timed("notebook"):
        return _run(job, work)


def _run(job: Job | Page, work: Path) -> Path:
    notebook = prepare.read(job.notebook)
    given = job.given(work)
    check_parameters(notebook, given, job.required)
    if isinstance(job, Job):
        peers.hand_in(job.cohort)
        peers.hand_in_others(job.shop.id, job.others)
        paper.hand_in(job.appendix)
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from cancel_analysis.report.notebook import engine

    logging.getLogger("papermill").setLevel(logging.ERROR)
    path = work / EXECUTED
    texts = texts_of(job.shop) if isinstance(job, Job) else nullcontext()
    try:
        with texts:
            executed = papermill.execute_notebook(
                notebook,
                None,
                parameters=given,
                engine_name=engine.register(),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                cwd=str(work),
            )
    except PapermillExecutionError as error:
        raise ExecutionError(_failure(notebook, error)) from error
    try:
        prepare.check_ran(executed)
    except ReportError as error:
        raise ExecutionError(str(error)) from error
    nbformat.write(_without_way(prepare.strip(executed), job.data.name), path)
    return path


def texts_of(shop: ShopSettings) -> AbstractContextManager[Any]:
    """How pandas holds texts while work for the shop is done; every figure is the same either way."""
    small = False
    with suppress(OSError):
        small = sum(path.stat().st_size for path in shop.files) <= SMALL_FILES_BYTES
    return pd.option_context("mode.string_storage", "python") if small else nullcontext()


def _without_way(notebook: NotebookNode, name: str) -> NotebookNode:
    """The injected parameters with the name of the data folder only: a report that is handed on names no folder."""
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = re.sub(
                r"^data = .*$", lambda _: f"data = {json.dumps(name)}", cell.source, flags=re.MULTILINE
            )
    return notebook


def _failure(notebook: NotebookNode, error: Any) -> str:
    """The cell by its place in the notebook that people edit, its first line, and the cause.

    This package's own errors say what is wrong, where and what to do; the cell would only stand before that.
    """
    kind = getattr(errors, str(error.ename), None)
    if isinstance(kind, type) and issubclass(kind, CancelAnalysisError):
        return str(error.evalue).strip()
    source = str(error.source)
    first = next((line for line in source.splitlines() if line.strip()), "")
    number = next((n for n, cell in enumerate(notebook.cells, start=1) if cell.source == source), None)
    place = f"cell {number}" if number else "the cell"
    cause = re.sub(r"\s+", " ", str(error.evalue)).strip()
    return f"{place} of the notebook failed ({first.strip()[:80]}): {error.ename}: {cause}".rstrip(": ")
