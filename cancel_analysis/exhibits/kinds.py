"""What a report is made of: prose, tables and pictures, as data.

An exhibit knows nothing of notebooks, files or renderers; `report.show.output` shows it, as an ordinary
chart or frame in JupyterLab and as a block for both renderers in a report. Each carries the frame
that it was made from, which becomes its machine-readable CSV file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Line:
    """One paragraph of plain text (never markup), its kind, and a word that colours it (a verdict).

    `kind`: `verdict` (the report's one word), `finding`, `action`, `warning`, `note` or `plain`.
    """

    text: str
    kind: str = "plain"
    tone: str = ""


@dataclass(frozen=True)
class Prose:
    """Some lines of text and the frame whose figures they say."""

    name: str
    lines: tuple[Line, ...]
    frame: pd.DataFrame | None = None

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class ColumnView:
    """How one column of a frame is shown; `weight` is its share of the width.

    `kind`: `text`, `id`, `integer`, `decimal`, `percent`, `money`, `date`, `verdict`, or `figure`: a number in words
    already, where the rows of a column are of different units. The value in the frame stays a raw number.
    """

    name: str
    label: str
    kind: str = "text"
    weight: float = 1.0


@dataclass(frozen=True)
class TableView:
    """A small frame to be shown: columns in order, a caption, a note below, rows shown at most.

    One that is `folded` is looked up, not read: on the page it is closed until asked for, on paper it
    has at most `paper_rows` rows.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    columns: tuple[ColumnView, ...]
    currency: str = ""
    note: str = ""
    empty: str = ""
    most_rows: int = 30
    folded: bool = False
    paper_rows: int = 8


@dataclass(frozen=True)
class Picture:
    """A chart with its words and its frame: a Vega-Lite specification, or an Altair chart that an analyst made.

    `still` is the chart that is printed and shown without JavaScript; None when `chart` itself is.
    `alternative` says in a sentence what the picture shows, for those who cannot see it.
    """

    name: str
    caption: str
    alternative: str
    chart: Any
    frame: pd.DataFrame
    still: Any | None = None
    note: str = ""


Exhibit = Prose | TableView | Picture


@dataclass(frozen=True)
class Section:
    """One part of the report: its exhibits in order."""

    name: str
    exhibits: tuple[Exhibit, ...] = field(default_factory=tuple)


TONES = ("breach", "watch", "ok", "cannot_tell")
