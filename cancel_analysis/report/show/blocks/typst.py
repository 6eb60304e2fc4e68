"""The Typst of each exhibit; the functions it calls stand in `reports/page.typ`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cancel_analysis.exhibits.kinds import ColumnView, Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats
from cancel_analysis.report.show.blocks.escape import typst, typst_content
from cancel_analysis.report.show.blocks.text import NUMERIC, Texts, cells, grouped, shown, tone
from cancel_analysis.report.show.blocks.widths import ID_MOST, LINE, WORD_MOST, arrange, breakable, need, widths

if TYPE_CHECKING:
    import pandas as pd

# A table of so few rows is kept on one page.
_SHORT = 14


def heading(text: str) -> str:
    return f"#heading(level: 3, {typst_content(text)})"


def prose(exhibit: Prose) -> str:
    parts = []
    for kind, lines in grouped(exhibit.lines):
        if kind == "verdict":
            inside = "".join(f", {typst_content(line.text)}" for line in lines[1:])
            parts.append(f'#report-verdict("{tone(lines[0].tone)}", {typst_content(lines[0].text)}{inside})')
        elif kind == "action":
            parts.append(f"#report-actions({', '.join(typst_content(line.text) for line in lines)})")
        elif kind == "warning":
            # One box for what is warned of in one place.
            said = " + parbreak() + ".join(typst_content(line.text) for line in lines)
            parts.append(f'#report-line("warning", none, {said})')
        else:
            for line in lines:
                colour = f'"{tone(line.tone)}"' if line.tone else "none"
                parts.append(f'#report-line("{line.kind}", {colour}, {typst_content(line.text)})')
    return "\n".join(parts)


def picture(exhibit: Picture) -> str:
    note = typst_content(exhibit.note) if exhibit.note else "none"
    return (
        f'#report-picture("figures/{exhibit.name}.svg", {typst(exhibit.alternative)},\n'
        f"  {typst_content(exhibit.caption)}, {note})"
    )


def table(
    view: TableView, numbers: NumberFormats, texts: Texts, line: dict[str, int] = LINE, *, close: bool = False
) -> str:
    """A table for a `line` of so many digits (`widths.LINE`); one that is wider is split.

    What stands below it is one paragraph where it is set `close`.
    """
    if view.frame.empty:
        text = typst_content(view.empty or texts("page.no_rows"))
        return f"#report-empty({typst_content(view.caption)}, {text})"
    rows, more = shown(view, paper=True)
    said = cells(view, rows, numbers, texts)
    needs = {column.name: need(column, said[column.name]) for column in view.columns}
    size, groups = arrange(view.columns, needs, line)
    parts = []
    for number, group in enumerate(groups, start=1):
        shares = widths(group, needs, line[size])
        parts.append(_one_table(view, group, said, rows, shares, size, part=(number, len(groups))))
    file = view.whole_in or f"tables/{view.name}.csv"
    notes = [texts.more_rows(numbers.count(more), file)] if more else []
    notes += [view.note] if view.note else []
    if close and notes:
        notes = [texts.sentences(notes)]
    parts += [f"#report-note({typst_content(note)})" for note in notes]
    return "\n".join(parts)


def _one_table(
    view: TableView,
    columns: tuple[ColumnView, ...],
    said: dict[str, list[str]],
    rows: pd.DataFrame,
    parts_of_line: list[float],
    size: str,
    part: tuple[int, int],
) -> str:
    number, count = part
    caption = view.caption if count == 1 else f"{view.caption} ({number}/{count})".strip()
    titled = typst_content(caption) if caption else "none"
    shares = ", ".join(f"{width:.1f}fr" for width in parts_of_line)
    sides = ", ".join("right" if column.kind in NUMERIC else "left" for column in columns)
    head = ", ".join(typst_content(column.label) for column in columns)
    body = []
    for row in range(len(rows)):
        line = []
        for column in columns:
            text = said[column.name][row]
            if column.kind == "verdict" and text != NOTHING:
                line.append(f'[#report-tag("{tone(rows[column.name].iloc[row])}", {typst(text)})]')
            else:
                most = ID_MOST if column.kind == "id" else WORD_MOST
                line.append(typst_content(breakable(text, most)))
        body.append("    " + ", ".join(line) + ",")
    return (
        f'#report-table("{size}", {"true" if len(rows) > _SHORT else "false"}, {titled},\n'
        f"  columns: ({shares},), align: ({sides},),\n"
        f"  table.header({head}),\n" + "\n".join(body) + "\n)"
    )
