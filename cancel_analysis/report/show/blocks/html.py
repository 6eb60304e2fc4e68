"""The HTML of each exhibit: accessible, escaped, still until a script brings it to life."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cancel_analysis.exhibits.kinds import Line, Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats
from cancel_analysis.report.show.blocks import table_data
from cancel_analysis.report.show.blocks.escape import html, script_json
from cancel_analysis.report.show.blocks.text import NUMERIC, Texts, cells, grouped, shown, tone
from cancel_analysis.report.show.blocks.widths import is_wide, need

if TYPE_CHECKING:
    import pandas as pd

# Longer ones are told apart by their end; the platform's have 18 or 19 digits.
LONGEST_ID = 10
# Stands for the link while the sentence around it is escaped.
_PLACE = "\ufffc"


def prose(exhibit: Prose) -> str:
    parts = [f'<div class="prose" id="exhibit-{exhibit.name}">']
    for kind, lines in grouped(exhibit.lines):
        if kind == "verdict":
            parts.append(f'<div class="verdict tone-{tone(lines[0].tone)}">')
            parts.append(f'<p class="verdict-word">{html(lines[0].text)}</p>')
            parts.extend(_paragraph(line) for line in lines[1:])
            parts.append("</div>")
        elif kind == "action":
            items = "".join(f"<li>{html(line.text)}</li>" for line in lines)
            parts.append(f'<ol class="actions">{items}</ol>')
        else:
            parts.extend(_paragraph(line) for line in lines)
    return "\n".join([*parts, "</div>"])


def _paragraph(line: Line) -> str:
    """A line as a paragraph of its kind."""
    classes = f"{line.kind} tone-{tone(line.tone)}" if line.tone else line.kind
    role = ' role="note"' if line.kind == "warning" else ""
    link = f' <a href="{html(line.link)}">{html(line.link_text)}</a>' if line.link and line.link_text else ""
    return f'<p class="{classes}"{role}>{html(line.text)}{link}</p>'


def table(view: TableView, numbers: NumberFormats, texts: Texts, *, scripts: bool = True) -> str:
    """A table; a long number shows its end and can be copied whole, as can the values behind words.

    Where no scripts run, numbers are whole as they stand.
    """
    caption = html(view.caption)
    rows, more = shown(view)
    said = cells(view, rows, numbers, texts)
    parts = [f'<figure class="table{" wide" if _wide(view, said) else ""}" id="exhibit-{view.name}">']
    if view.frame.empty:
        parts.append(f"<figcaption>{caption}</figcaption>")
        parts.append(f'<p class="empty">{html(view.empty or texts("page.no_rows"))}</p>')
        return "\n".join([*parts, *_note(view), "</figure>"])
    if view.folded:
        count = html(texts.rows(numbers.count(len(view.frame))))
        parts.append(f'<details><summary>{caption} <span class="count">{count}</span></summary>')
    # A region that scrolls must be reachable by keyboard.
    parts.append(f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}">')
    # The summary says what the caption says; a reader of the table alone still needs it.
    unseen = ' class="unseen"' if view.folded else ""
    parts.append(f"<table><caption{unseen}>{caption}</caption>")
    parts.append(_head(view))
    parts.append(_body(view, rows, said, texts, not scripts))
    parts.append("</table></div>")
    if scripts and (data := table_data.script(view, said, texts)):
        parts.append(data)
    if more:
        file = html(view.whole_in or f"tables/{view.name}.csv")
        link = f'<a href="{file}">{file}</a>'
        words = html(texts.more_rows(numbers.count(more), _PLACE)).replace(_PLACE, link)
        parts.append(f'<p class="more">{words}</p>')
    parts += _note(view)
    if view.folded:
        parts.append("</details>")
    return "\n".join([*parts, "</figure>"])


def _note(view: TableView) -> list[str]:
    return [f'<p class="note">{html(view.note)}</p>'] if view.note else []


def _wide(view: TableView, said: dict[str, list[str]]) -> bool:
    """Whether the table may take more than the column of text, where the window has room for it."""
    return is_wide(view.columns, {column.name: need(column, said[column.name]) for column in view.columns})


def _head(view: TableView) -> str:
    cells = "".join(
        f'<th scope="col" class="{_cell_class(column.kind)}">{html(column.label)}</th>' for column in view.columns
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _body(view: TableView, frame: pd.DataFrame, said: dict[str, list[str]], texts: Texts, whole_ids: bool) -> str:
    columns = []
    for position, column in enumerate(view.columns):
        make = partial(_short_id, texts=texts) if column.kind == "id" and not whole_ids else html
        inside = [make(text) for text in said[column.name]]
        if column.kind == "verdict":
            inside = [
                text if text == NOTHING else f'<span class="tag tone-{tone(value)}">{text}</span>'
                for text, value in zip(inside, frame[column.name].tolist(), strict=True)
            ]
        names_row = position == 0 and column.kind in ("text", "id", "date")
        element = 'th scope="row"' if names_row else "td"
        begin, end = f'<{element} class="{_cell_class(column.kind)}">', f"</{element[:2]}>"
        columns.append([f"{begin}{text}{end}" for text in inside])
    begins = _row_begins(view, frame)
    rows = [f"{begin}{''.join(row)}</tr>" for begin, *row in zip(begins, *columns, strict=True)]
    return "<tbody>\n" + "\n".join(rows) + "\n</tbody>"


def _row_begins(view: TableView, frame: pd.DataFrame) -> list[str]:
    """The opening tag of each row; one that keeps its place when the table is sorted says so."""
    if view.stays is None:
        return ["<tr>"] * len(frame)
    name, value = view.stays
    return ['<tr class="stays">' if each == value else "<tr>" for each in frame[name].tolist()]


def _short_id(whole: str, texts: Texts) -> str:
    """A long number by its last four digits, the whole of it to be copied; paper and the CSV file have it whole."""
    if len(whole) <= LONGEST_ID:
        return html(whole)
    # Of several the first, and how many more: `1729383332041908520 +1`.
    number, plus, more = whole.partition(" +")
    end = f"…{number[-4:]}{plus}{more}"
    label = html(f"{end} · {texts('page.copy_id')}")
    return (
        f'<button type="button" class="copy" data-copy="{html(whole)}" data-done="{html(texts("page.copied"))}" '
        f'title="{html(whole)}" aria-label="{label}">{html(end)}</button>'
    )


def _cell_class(kind: str) -> str:
    return "number" if kind in NUMERIC else {"verdict": "judgement"}.get(kind, kind)


def picture(exhibit: Picture, spec: dict[str, Any]) -> str:
    name = exhibit.name
    said = " ".join(text for text in (exhibit.note, exhibit.how) if text)
    note = f'\n<p class="note">{html(said)}</p>' if said else ""
    return (
        f'<figure class="picture" id="exhibit-{name}">\n'
        f"<figcaption>{html(exhibit.caption)}</figcaption>\n"
        f'<div class="chart" id="exhibit-{name}-chart">'
        f'<img src="figures/{name}.svg" alt="{html(exhibit.alternative)}"></div>{note}\n'
        f'<script type="application/json" class="chart-spec" data-chart="exhibit-{name}-chart">'
        f"{script_json(spec)}</script>\n"
        "</figure>"
    )
