"""The parameters of a notebook, checked before it is run."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cancel_analysis.errors import SettingsError
from cancel_analysis.report.jobs import REQUIRED

if TYPE_CHECKING:
    from nbformat import NotebookNode

_PLAIN = (str, int, float, bool, type(None))


def parameters_of(notebook: NotebookNode) -> dict[str, Any]:
    """Name → default of the notebook's cell tagged `parameters`; SettingsError when there is no such cell."""
    return _defaults([cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])])


def read_parameters(path: Path) -> dict[str, Any]:
    """Name → default of the parameters of the notebook file `path`; errors as `parameters_of`.

    A plain notebook is read as the JSON that it is: whether anything has to be run is known before what
    runs notebooks is loaded. Whatever is not plain is read, and complained of, by nbformat.
    """
    sources = _plain_sources(path)
    if sources is None:
        from cancel_analysis.report.notebook import prepare

        return parameters_of(prepare.read(path))
    return _defaults(sources)


def _plain_sources(path: Path) -> list[str] | None:
    """The sources of the cells tagged `parameters`; None unless the file is a notebook of format 4 through and through.

    nbformat gives an older one the form of today, and says what is wrong with a file that is none.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if notebook["nbformat"] != 4 or not isinstance(notebook["nbformat_minor"], int):
            return None
        cells = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
        return [source if isinstance(source, str) else "".join(source) for source in (cell["source"] for cell in cells)]
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _defaults(sources: list[str]) -> dict[str, Any]:
    if len(sources) != 1:
        raise SettingsError(f"the notebook must have one cell tagged 'parameters'; it has {len(sources)}")
    found: dict[str, Any] = {}
    for statement in ast.parse(sources[0]).body:
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
    check_given(parameters_of(notebook), given, required)


def check_given(known: dict[str, Any], given: dict[str, Any], required: tuple[str, ...] = REQUIRED) -> None:
    """As `check_parameters`, for a notebook whose parameters and defaults are `known`."""
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
