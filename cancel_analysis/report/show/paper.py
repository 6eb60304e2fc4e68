"""What a printed appendix shows of the folds, kept beside the notebook while it runs.

Paper has no folds: the report's own PDF leaves them out. Where evidence and appendix are wanted as a PDF of their own
(`render.one_report` sets it), the blocks of each fold are made here by the process that has its frames, as they would
be too much for the notebook that is handed on.
"""

from __future__ import annotations

import json
from pathlib import Path

from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import Fold
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import blocks

FILE = "folds.json"
# In the metadata of a notebook's output: the name of the fold that it shows.
FOLD = "fold"
# Rows of a table at most, from the fullest appendix to the shortest; the fullest that fits its pages is taken.
MOST_ROWS = (60, 40, 30, 24, 20, 16, 14, 12, 10, 8, 7, 6, 5, 4, 3)
# The file that has every row of every table.
WHOLE_IN = "report.xlsx"

_wanted = False


def hand_in(wanted: bool) -> None:
    """Say whether this process, which runs one notebook, keeps what an appendix needs."""
    global _wanted
    _wanted = wanted


def keep(exhibit: Fold, folder: Path, numbers: NumberFormats, texts: blocks.Texts) -> None:
    """Add the blocks of a fold to those kept in `folder`, where an appendix is wanted."""
    if not _wanted:
        return
    kept = read(folder)
    kept[exhibit.name] = blocks.fold_on_paper(exhibit, numbers, texts, MOST_ROWS, WHOLE_IN)
    (folder / FILE).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def read(folder: Path) -> dict[str, list[str]]:
    """Name of a fold → its Markdown for each of `MOST_ROWS`; empty where nothing was kept."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        kept: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ReportError(f"{FILE} cannot be read: {error}") from error
    return kept
