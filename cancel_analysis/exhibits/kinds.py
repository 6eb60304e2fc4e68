"""What a report is made of: prose, tables and pictures, as data.

An exhibit knows nothing of notebooks, files or renderers; `report.show.output` shows it, as an ordinary
chart or frame in JupyterLab and as a block for both renderers in a report. Each carries the frame
that it was made from, which becomes its machine-readable CSV file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# A sheet of a workbook has at most so many rows of a table: with more it opens slowly, and past 1,048,576 they would be
# lost without a word. The file for programs has them all.
MOST_SHEET_ROWS = 50_000


@dataclass(frozen=True)
class Line:
    """One paragraph of plain text (never markup), its kind, and a word that colours it (a verdict).

    `kind`: `headline` (the finding of the whole page), `verdict` (the report's one word), `finding`, `action`,
    `warning`, `note`, `plain`, or `hint`: a word for whoever runs the tool (a missing file, a setting), which stands
    in `report.json` and in a notebook, never on the page. `link` is a file beside the page, `link_text` its words.
    """

    text: str
    kind: str = "plain"
    tone: str = ""
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class TextLine:
    """One line of a text for a chat or a mail: a name, and what follows it.

    The name, of a shop or of what its shops have in common, may be set bold; empty where the line begins with none.
    """

    name: str
    text: str

    def __str__(self) -> str:
        return self.name + self.text


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

    Where a column shows words for values (`1.2–3.4%`, `14 Nov, 05:11`), `data` names the columns of the frame that have
    them: one value; the two ends of a range; or a value and the two ends. `data_kind` is their kind, or `points`: a
    difference of two fractions. `unit` is the column of the frame that names the unit of each row's value, where rows
    differ. `by` names the columns of the frame that put its rows in order, the first that differs
    deciding, where neither its own values nor the first of `data` do.
    """

    name: str
    label: str
    kind: str = "text"
    weight: float = 1.0
    data: tuple[str, ...] = ()
    data_kind: str = "decimal"
    unit: str = ""
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableView:
    """A small frame to be shown: columns in order, a caption, a note below, rows shown at most.

    One that is `folded` is looked up, not read: on the page it is closed until asked for, on paper it
    has at most `paper_rows` rows. `whole_in` is the file that has all rows, where it is not `tables/NAME.csv`.
    `stays` is a column of the frame and the value that it has in rows that sum others up or head a group: they keep
    their places where a reader sorts the table.
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
    whole_in: str = ""
    stays: tuple[str, str] | None = None

    def of_workbook(self, workbook: str) -> TableView:
        """The table that points to the workbook for people where it is cut, not to the file for programs, which may
        lie nowhere near; of more rows than a sheet has, only that file has all."""
        return self if len(self.frame) > MOST_SHEET_ROWS else replace(self, whole_in=self.whole_in or workbook)


@dataclass(frozen=True)
class Picture:
    """A chart with its words and its frame: a Vega-Lite specification, or an Altair chart that an analyst made.

    `still` is the chart that is printed and shown without JavaScript; None when `chart` itself is.
    `alternative` says in a sentence what the picture shows, for those who cannot see it. One without `on_paper`
    stands on the page alone: the printed report is short. `how` says how it is used, which paper cannot be.
    """

    name: str
    caption: str
    alternative: str
    chart: Any
    frame: pd.DataFrame
    still: Any | None = None
    note: str = ""
    on_paper: bool = True
    how: str = ""


@dataclass(frozen=True)
class Tile:
    """One figure of the first screen: the value in words, its limit as a bar, its last weeks as a line.

    `tone` is a verdict's or standing's word and gives shape and colour; `status` says the same in words. `number`,
    `low`, `high` and `limits` (value, text) share one unit; `weeks` are the values of the weeks before, oldest first.
    Where the value is not known, `value` says so, `number` is None and `detail` says why.
    """

    name: str
    label: str
    value: str
    status: str
    tone: str
    detail: str
    change: str = ""
    range: str = ""
    number: float | None = None
    low: float | None = None
    high: float | None = None
    limits: tuple[tuple[float, str], ...] = ()
    weeks: tuple[float | None, ...] = ()
    weeks_limit: float | None = None
    bar_label: str = ""
    weeks_label: str = ""


@dataclass(frozen=True)
class Tiles:
    """The few figures that say where the shop stands; `frame` has a row a tile."""

    name: str
    tiles: tuple[Tile, ...]
    frame: pd.DataFrame | None = None


@dataclass(frozen=True)
class Card:
    """One thing to do now: what, where, by when, what it is worth, and the sentences that say why.

    `ids` name the action from week to week (`diagnosis.actions`), one a place.
    """

    action: str
    detail: str = ""
    where: str = ""
    by: str = ""
    worth: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cards:
    """At most three things to do now, the most urgent first. `labels`: the words for where, by, worth, why;
    `id_label` that for a card's ids."""

    name: str
    title: str
    cards: tuple[Card, ...]
    labels: tuple[str, str, str, str]
    frame: pd.DataFrame | None = None
    id_label: str = ""


@dataclass(frozen=True)
class Fold:
    """Exhibits that are looked up, not read: closed on the page until asked for; on paper open, if they are for it."""

    name: str
    title: str
    exhibits: tuple[Prose | TableView | Picture, ...]
    note: str = ""
    on_paper: bool = False


@dataclass(frozen=True)
class ShopRow:
    """One shop in one line of a page over many: how it stands, the rate that decides, what to do first.

    `verdict` gives shape and colour, `word` says it. Without a `tile` no rate decides, or nothing is known: `said`
    says why. `by` is the deadline of `action`, `where` its place. `link` is the shop's report; '' where there is none.
    """

    name: str
    market: str
    verdict: str
    word: str
    tile: Tile | None = None
    action: str = ""
    where: str = ""
    by: str = ""
    said: str = ""
    link: str = ""


@dataclass(frozen=True)
class ShopRows:
    """Shops one below the other, what needs a look first on top; of many, the first `most_rows` (`paper_rows`).

    `heads` are the labels of the four columns: shop, rate, weeks, what to do. `frame` has a row a shop, all of them;
    `whole_in` is the file that has them, where it is not `tables/NAME.csv`.
    """

    name: str
    rows: tuple[ShopRow, ...]
    heads: tuple[str, str, str, str]
    frame: pd.DataFrame | None = None
    most_rows: int = 200
    paper_rows: int = 30
    whole_in: str = ""


Exhibit = Prose | TableView | Picture | Tiles | Cards | Fold | ShopRows


@dataclass(frozen=True)
class Section:
    """One part of the report: its exhibits in order."""

    name: str
    exhibits: tuple[Exhibit, ...] = field(default_factory=tuple)


TONES = ("breach", "watch", "cannot_tell", "ok")
