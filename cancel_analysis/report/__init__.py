"""From the notebook to finished reports: plan, execute, render, publish, for one shop or hundreds.

Nothing here computes a figure, and nothing outside this room knows a notebook or a renderer.
"""

from __future__ import annotations

from pathlib import Path

from cancel_analysis.errors import ReportError

_PACKAGE = Path(__file__).resolve().parents[1]
# A clone comes first, so that an edited template counts; an installed wheel carries a copy.
_PLACES = (_PACKAGE.parent, _PACKAGE / "_project")
_MARK = Path("reports") / "_quarto.yml"
# In a folder of reports: what each was made of (`report.manifest`).
MANIFEST = "manifest.jsonl"


def project_folder() -> Path:
    """The folder that holds `reports/` (templates) and `notebooks/`: the clone's, else the installed copy."""
    for place in _PLACES:
        if (place / _MARK).is_file():
            return place
    raise ReportError(
        f"the report templates are missing: {_MARK} is neither in {_PLACES[0]} nor in {_PLACES[1]}. "
        "Install the package again, or work in a clone of its repository"
    )


def templates_folder() -> Path:
    """The folder of the page templates and of the Quarto project."""
    return project_folder() / "reports"


def notebook_file(name: str = "shop_report") -> Path:
    """The notebook that every report is made from, or that of a page over all shops."""
    return project_folder() / "notebooks" / f"{name}.ipynb"
