"""The Typst of each exhibit; the functions it calls stand in `reports/page.typ`."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from cancel_analysis.exhibits import ColumnView, Picture, Prose, TableView
from cancel_analysis.formats import Formats
from cancel_analysis.report.blocks.escape import typst, typst_content
from cancel_analysis.report.blocks.text import NUMERIC, Texts, cell, grouped, shown, tone

# What a line of the A4 text block holds at the size of a table, in digits' widths. Measured on the
# page with Noto Sans, 8 pt and 7 pt; the padding of a cell takes about two and a half of them.
_LINE = {"normal": 104, "small": 122}
_PADDING = 2.5
# Text columns wrap, so they need room for a long word or two, not for the whole text.
_TEXT_LEAST, _TEXT_MOST = 9, 34
_LONG_WORD = re.compile(r"[^\s\u0e00-\u0eff\u2e80-\uffef]{13,}")


def prose(exhibit: Prose) -> str:
    parts = []
    for kind, lines in grouped(exhibit.lines):
        if kind == "verdict":
            inside = "".join(f", {typst_content(line.text)}" for line in lines[1:])
            parts.append(f'#report-verdict("{tone(lines[0].tone)}", {typst_content(lines[0].text)}{inside})')
        elif kind == "action":
            parts.append(f"#report-actions({', '.join(typst_content(line.text) for line in lines)})")
        else:
            for line in lines:
                colour = f'"{tone(line.tone)}"' if line.tone else "none"
                parts.append(f'#report-line("{line.kind}", {colour}, {typst_content(line.text)})')
    return "\n".join(parts)


def picture(exhibit: Picture) -> str:
    note = f"\n#report-note({typst_content(exhibit.note)})" if exhibit.note else ""
    return (
        "#figure(\n"
        f'  image("figures/{exhibit.name}.svg", alt: {typst(exhibit.alternative)}, width: 100%),\n'
        f"  kind: image,\n  caption: {typst_content(exhibit.caption)},\n){note}"
    )


def table(view: TableView, formats: Formats, texts: Texts) -> str:
    if view.frame.empty:
        text = typst_content(view.empty or texts("page.no_rows"))
        return f"#report-empty({typst_content(view.caption)}, {text})"
    rows, more = shown(view)
    cells = {
        column.name: [cell(value, column.kind, view, formats, texts) for value in rows[column.name]]
        for column in view.columns
    }
    needs = {column.name: _need(column, cells[column.name]) for column in view.columns}
    size, groups = _arrange(view.columns, needs)
    parts = [
        _one_table(view, group, cells, rows, needs, size, part=(number, len(groups)))
        for number, group in enumerate(groups, start=1)
    ]
    if more:
        words = texts.more_rows(formats.count(more), f"tables/{view.name}.csv")
        parts.append(f"#report-note({typst_content(words)})")
    if view.note:
        parts.append(f"#report-note({typst_content(view.note)})")
    return "\n".join(parts)


def _one_table(
    view: TableView,
    columns: tuple[ColumnView, ...],
    cells: dict[str, list[str]],
    rows: pd.DataFrame,
    needs: dict[str, float],
    size: str,
    part: tuple[int, int],
) -> str:
    number, count = part
    caption = view.caption if count == 1 else f"{view.caption} ({number}/{count})"
    widths = ", ".join(f"{needs[column.name] * column.weight:.2f}fr" for column in columns)
    sides = ", ".join("right" if column.kind in NUMERIC else "left" for column in columns)
    head = ", ".join(typst_content(column.label) for column in columns)
    body = []
    for row in range(len(rows)):
        line = []
        for column in columns:
            text = cells[column.name][row]
            if column.kind == "verdict":
                line.append(f'[#report-tag("{tone(rows[column.name].iloc[row])}", {typst(text)})]')
            else:
                line.append(f"[#{typst(_breakable(text))}]")
        body.append("    " + ", ".join(line) + ",")
    return (
        f'#report-table("{size}", {typst_content(caption)},\n'
        f"  columns: ({widths},), align: ({sides},),\n"
        f"  table.header({head}),\n" + "\n".join(body) + "\n)"
    )


def _need(column: ColumnView, texts: list[str]) -> float:
    """The width a column needs, in digits' widths: numbers never wrap, texts may."""
    longest = max((_width(text) for text in texts), default=0)
    label_word = max((_width(word) for word in column.label.split()), default=1)
    if column.kind in NUMERIC or column.kind in ("date", "verdict"):
        need = max(longest, label_word, 3)
    else:
        need = max(label_word, min(longest, _TEXT_MOST), min(_TEXT_LEAST, longest))
    return need + _PADDING


def _arrange(columns: tuple[ColumnView, ...], needs: dict[str, float]) -> tuple[str, list[tuple[ColumnView, ...]]]:
    """The type size of a table and its columns by part: what does not fit one width is split.

    Each further part repeats the first column, which names the row.
    """
    least = {c.name: needs[c.name] if c.kind in NUMERIC else min(needs[c.name], 14 + _PADDING) for c in columns}
    for size in ("normal", "small"):
        if sum(least.values()) <= _LINE[size]:
            return size, [columns]
    first, *others = columns
    groups: list[tuple[ColumnView, ...]] = []
    current: list[ColumnView] = [first]
    for column in others:
        if len(current) > 1 and sum(least[c.name] for c in [*current, column]) > _LINE["small"]:
            groups.append(tuple(current))
            current = [first]
        current.append(column)
    return "small", [*groups, tuple(current)]


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) or unicodedata.category(c) == "Mn" else 2 if _is_wide(c) else 1 for c in text
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


def _breakable(text: str) -> str:
    """Long unbroken words (ids, file names) may break every few characters instead of overlapping."""
    return _LONG_WORD.sub(lambda word: "\u200b".join(re.findall(".{1,6}", word.group())), text)
