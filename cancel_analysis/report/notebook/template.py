"""A notebook of one's own, made from one of the project's: the templates themselves are never edited."""

from __future__ import annotations

from pathlib import Path

import nbformat

from cancel_analysis.errors import SettingsError, unknown
from cancel_analysis.report import notebook_file
from cancel_analysis.report.jobs import relative

TEMPLATES = ("shop_report", "start_here")
# Where the templates, and so their relative paths, begin.
_SAMPLE = "../data/sample"


def new_notebook(path: Path, template: str = TEMPLATES[0]) -> Path:
    """Copy the template to `path` (`.ipynb` is added), with its sample data found from there.

    Raises SettingsError for a template that there is not, and rather than write over a file.
    """
    if template not in TEMPLATES:
        raise SettingsError(unknown("template", template, TEMPLATES))
    target = path if path.suffix == ".ipynb" else path.with_name(path.name + ".ipynb")
    if target.exists():
        raise SettingsError(f"{target} exists already; choose another name, or remove it")
    source = notebook_file(template)
    notebook = nbformat.read(source, as_version=4)
    sample = (source.parent / _SAMPLE).resolve()
    place = relative(sample, target.resolve().parent)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace(_SAMPLE, place)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    except OSError as error:
        raise SettingsError(f"{target} cannot be written: {error.strerror or error}") from error
    return target
