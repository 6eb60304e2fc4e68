"""Exhibits as they are set in a printed appendix: closer than in the report, and as many rows as fit its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from cancel_analysis.exhibits.kinds import Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show.blocks import typst
from cancel_analysis.report.show.blocks.escape import typst as literal
from cancel_analysis.report.show.blocks.escape import typst_content
from cancel_analysis.report.show.blocks.text import Texts, cells
from cancel_analysis.report.show.blocks.widths import HALF_LINE, LINE_OF_APPENDIX, is_narrow, need

Plain = Prose | TableView | Picture
# Rows over the most that are set all the same, and the least of a narrow table, which takes half a line.
FEW_MORE, LEAST_OF_NARROW = 2, 14
# Of two tables side by side the longer has at most so many times the rows of the other.
MOST_UNEVEN = 1.5


@dataclass(frozen=True)
class Appendix:
    """Sets exhibits for an appendix; what it has set once it knows, as the same table is asked for at several heights.

    `whole_in` is the file that has all rows of every table.
    """

    numbers: NumberFormats
    texts: Texts
    whole_in: str
    _tables: dict[tuple[str, int, bool], str] = field(default_factory=dict)
    _narrow: dict[str, bool] = field(default_factory=dict)

    def draw(self, exhibits: Sequence[Plain], most_rows: int) -> str:
        """The Typst of `exhibits` with `most_rows` rows a table; what is said of a picture stands beside it.

        Two narrow tables stand side by side: the second is drawn up over wide ones and pictures, but never over prose,
        as what is said of tables stays above them. Names of tables must differ.
        """
        waiting = list(exhibits)
        parts: list[str] = []
        while waiting:
            exhibit = waiting.pop(0)
            if isinstance(exhibit, Prose):
                parts.append(typst.prose(exhibit))
            elif isinstance(exhibit, Picture):
                said = f"{typst_content(exhibit.caption)}, {typst_content(exhibit.note)}"
                parts.append(f'#report-figure("figures/{exhibit.name}.svg", {literal(exhibit.alternative)}, {said})')
            elif other := self._other_half(exhibit, waiting, most_rows):
                waiting = [each for each in waiting if each is not other]
                halves = (self._table(half, most_rows, half_line=True) for half in (exhibit, other))
                parts.append("#report-pair" + "".join(f"[\n{half}\n]" for half in halves))
            else:
                parts.append(self._table(exhibit, most_rows))
        return "\n".join(part for part in parts if part)

    def _other_half(self, view: TableView, below: Iterable[Plain], most_rows: int) -> TableView | None:
        """The next narrow table of about as many rows before any prose, where this one is narrow."""
        if self._is_narrow(view):
            rows = self._shown(view, most_rows)
            for exhibit in takewhile(lambda each: not isinstance(each, Prose), below):
                if isinstance(exhibit, TableView) and self._is_narrow(exhibit):
                    few, many = sorted((rows, self._shown(exhibit, most_rows)))
                    # Beside a much longer one half of the page would stay empty.
                    if many <= max(LEAST_OF_NARROW, MOST_UNEVEN * few):
                        return exhibit
        return None

    def _is_narrow(self, view: TableView) -> bool:
        if view.frame.empty:
            return False
        if view.name not in self._narrow:
            said = cells(view, view.frame.head(view.most_rows), self.numbers, self.texts)
            needs = {column.name: need(column, said[column.name]) for column in view.columns}
            self._narrow[view.name] = is_narrow(view.columns, needs)
        return self._narrow[view.name]

    def _shown(self, view: TableView, most_rows: int) -> int:
        rows = len(view.frame)
        most = max(most_rows, LEAST_OF_NARROW) if self._is_narrow(view) else most_rows
        # Few more are no reason to cut it.
        return rows if rows <= most + FEW_MORE else most

    def _table(self, view: TableView, most_rows: int, *, half_line: bool = False) -> str:
        shown = self._shown(view, most_rows)
        key = (view.name, shown, half_line)
        if key not in self._tables:
            cut = replace(view.of_workbook(self.whole_in), most_rows=shown, folded=False)
            line = HALF_LINE if half_line else LINE_OF_APPENDIX
            self._tables[key] = typst.table(cut, self.numbers, self.texts, line, close=True)
        return self._tables[key]
