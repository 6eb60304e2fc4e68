"""The parameters of a notebook, checked before it is run."""

from __future__ import annotations

import ast
from typing import Any

from nbformat import NotebookNode

from cancel_analysis.errors import SettingsError
from cancel_analysis.report.jobs import REQUIRED

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
