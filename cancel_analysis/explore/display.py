"""How results look as a cell's last line: compact HTML with still pictures, and plain text for a terminal.

Nothing is loaded from the network and no script is needed: a saved or exported notebook shows the same.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import vl_convert

from cancel_analysis.exhibits.kinds import Exhibit, Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import lab, theme
from cancel_analysis.report.show.blocks import html
from cancel_analysis.report.show.blocks.escape import html as escaped
from cancel_analysis.report.show.blocks.text import Texts, cell

# Rows and lines that a cell shows; the frame has all.
MOST_ROWS = 12
MOST_TEXT_LINES = 20
TEXT_WIDTH = 100
STYLE = """<style>
.cancel-analysis{font-size:13px;line-height:1.45;max-width:62rem;color:var(--jp-content-font-color1,#1f2933)}
.cancel-analysis table{border-collapse:collapse;margin:.3rem 0;font-size:12.5px}
.cancel-analysis th,.cancel-analysis td{padding:.15rem .6rem;text-align:left!important;vertical-align:top;
 border-bottom:1px solid var(--jp-border-color2,#dde2e8);white-space:normal;max-width:26rem}
.cancel-analysis .number{text-align:right!important;font-variant-numeric:tabular-nums;white-space:nowrap}
.cancel-analysis caption,.cancel-analysis figcaption{text-align:left;font-weight:600;padding:.2rem 0;
 color:inherit;caption-side:top}
.cancel-analysis figure{margin:.4rem 0}.cancel-analysis p{margin:.25rem 0}
.cancel-analysis .note,.cancel-analysis .more,.cancel-analysis .count{color:var(--jp-content-font-color2,#5c6470)}
.cancel-analysis .verdict-word,.cancel-analysis h4{font-weight:700;margin:.2rem 0}
.cancel-analysis .verdict p:not(.verdict-word){color:var(--jp-content-font-color1,#1f2933)}
.cancel-analysis .warning{border-left:3px solid #a15c00;padding-left:.6rem}
.cancel-analysis .tone-breach{color:#b3261e}.cancel-analysis .tone-watch{color:#a15c00}
.cancel-analysis .tone-ok{color:#1e7a46}.cancel-analysis .tone-cannot_tell{color:#5c6470}
.cancel-analysis img{background:#fff;max-width:100%}
</style>"""


def wrapped(*parts: str) -> str:
    """Parts of HTML as one block with its style."""
    # JupyterLab would set what stands between two dollar signs of a product's name as a formula.
    return f'{STYLE}<div class="cancel-analysis mathjax_ignore tex2jax_ignore">{"".join(parts)}</div>'


def exhibits_html(exhibits: Iterable[Exhibit], language: str) -> str:
    """Exhibits one below the other; tables with their first rows, pictures still."""
    numbers, texts = NumberFormats(language), Texts(language)
    parts = []
    for exhibit in exhibits:
        if isinstance(exhibit, Prose):
            parts.append(html.prose(exhibit))
        elif isinstance(exhibit, TableView):
            parts.append(_table(exhibit, numbers, texts))
        elif isinstance(exhibit, Picture):
            parts.append(_picture(exhibit))
    return wrapped(*parts)


def _table(view: TableView, numbers: NumberFormats, texts: Texts) -> str:
    most = min(MOST_ROWS, view.most_rows)
    # Rows that are not shown stand in the frame, not in a file beside a page.
    shown = replace(view, frame=view.frame.head(most), folded=False, most_rows=most)
    more = len(view.frame) - most
    rest = f'<p class="more">{escaped(texts("explore.more_rows", count=numbers.count(more)))}</p>' if more > 0 else ""
    return html.table(shown, numbers, texts, scripts=False) + rest


def _picture(picture: Picture) -> str:
    drawn = base64.b64encode(still_svg(picture).encode()).decode()
    return (
        f'<figure><figcaption>{escaped(picture.caption)}</figcaption><img alt="{escaped(picture.alternative)}" '
        f'src="data:image/svg+xml;base64,{drawn}"></figure>'
    )


def still_svg(picture: Picture) -> str:
    """The picture as SVG, drawn in this process."""
    chart = picture.chart if picture.still is None else picture.still
    svg: str = vl_convert.vegalite_to_svg(theme.themed(lab.as_spec(chart)))
    return svg


def exhibits_text(exhibits: Sequence[Exhibit], language: str) -> str:
    """The same for a terminal: sentences, then the first table, never longer than a screen."""
    lines = [line for exhibit in exhibits if isinstance(exhibit, Prose) for line in exhibit.text.splitlines()]
    lines = [_cut(line) for line in lines]
    table = next((exhibit for exhibit in exhibits if isinstance(exhibit, TableView) and len(exhibit.frame)), None)
    room = MOST_TEXT_LINES if table is None else MOST_TEXT_LINES // 2
    if len(lines) > room:
        lines = [*lines[: room - 1], f"… {len(lines) - room + 1} more sentences in .text"]
    if table is not None:
        lines += ["", *_table_text(table, NumberFormats(language), Texts(language), MOST_TEXT_LINES - len(lines))]
    return "\n".join(lines)


def _table_text(view: TableView, numbers: NumberFormats, texts: Texts, room: int) -> list[str]:
    frame = view.frame.head(max(room - 4, 3))
    columns = []
    for column in view.columns:
        values = [" ".join(cell(value, column.kind, view, numbers, texts).split()) for value in frame[column.name]]
        values = [value if len(value) <= 34 else value[:33] + "…" for value in values]
        width = max([len(column.label[:34]), *map(len, values)])
        left = column.kind not in ("integer", "decimal", "percent", "money", "figure")
        columns.append([text.ljust(width) if left else text.rjust(width) for text in (column.label[:34], *values)])
    rows = ["  ".join(cells)[: 2 * TEXT_WIDTH].rstrip() for cells in zip(*columns, strict=True)]
    more = len(view.frame) - len(frame)
    return [_cut(view.caption), *rows, *([f"… {more:,} more rows in .frame or .tables"] if more > 0 else [])]


def _cut(text: Any) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= 2 * TEXT_WIDTH else line[: 2 * TEXT_WIDTH - 1] + "…"
