"""Run the notebook for one shop and week: parameters checked first, cells in a fresh process.

Papermill itself only warns of a parameter that the notebook does not have, and stops late for one
of the wrong kind; a report of the wrong shop or period would look like any other.
"""

from __future__ import annotations

import ast
import json
import logging
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from cancel_analysis import errors
from cancel_analysis.errors import CancelAnalysisError, ExecutionError, ReportError, SettingsError
from cancel_analysis.report import prepare
from cancel_analysis.report.plan import REQUIRED, Job, Page
from cancel_analysis.report.render import EXECUTED

_PLAIN = (str, int, float, bool, type(None))


def parameters_of(notebook: NotebookNode) -> dict[str, Any]:
    """Name → default of the notebook's cell tagged `parameters`; SettingsError when there is no such cell."""
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise SettingsError(f"the notebook must have one cell tagged 'parameters'; it has {len(cells)}")
    found: dict[str, Any] = {}
    for statement in ast.parse(cells[0].source).body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        for target in targets:
            if not isinstance(target, ast.Name):
                continue
            try:
                found[target.id] = ast.literal_eval(value)
            except ValueError as error:
                raise SettingsError(f"parameter {target.id!r} of the notebook must have a plain value") from error
    return found


def check_parameters(notebook: NotebookNode, given: dict[str, Any], required: tuple[str, ...] = REQUIRED) -> None:
    """Raise SettingsError for a parameter that the notebook lacks, or a value of another kind than its default."""
    known = parameters_of(notebook)
    for name, value in given.items():
        if name not in known:
            raise SettingsError(f"unknown parameter {name!r}; the notebook has {', '.join(sorted(known))}")
        if not _is_plain(value):
            raise SettingsError(
                f"parameter {name!r} must be plain JSON (text, number, true/false, list), not {value!r}"
            )
        default = known[name]
        if default is not None and value is not None and not _same_kind(default, value):
            raise SettingsError(f"parameter {name!r} must be of the kind of its default {default!r}, not {value!r}")
    missing = [name for name in required if name not in known]
    if missing:
        raise SettingsError(f"the notebook has no parameter {missing[0]!r}; it needs {', '.join(required)}")


def run(job: Job | Page, work: Path) -> Path:
    """Run the notebook in THIS process, which must be a fresh one (see `workers`); returns `executed.ipynb`.

    `work` is the private folder of the report and becomes the working folder. Raises SettingsError
    for parameters, ExecutionError with the cell and the cause when a cell fails.
    """
    notebook = prepare.read(job.notebook)
    given = job.given(work)
    check_parameters(notebook, given, job.required)
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from cancel_analysis.report import engine

    logging.getLogger("papermill").setLevel(logging.ERROR)
    path = work / EXECUTED
    try:
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
    return f"{place} of the notebook failed ({first.strip()[:80]}): {error.ename}: {cause}"


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return isinstance(value, _PLAIN)


def _same_kind(default: Any, value: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))
