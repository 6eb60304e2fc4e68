"""One line a shop, as HTML and as Typst: what the pages over all shops are made of."""

from __future__ import annotations

from cancel_analysis.exhibits.kinds import ShopRow, ShopRows, Tile
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show.blocks.escape import html, typst_content
from cancel_analysis.report.show.blocks.first_screen import (
    bar_html,
    bar_typst,
    has_weeks,
    shape,
    weeks_html,
    weeks_typst,
)
from cancel_analysis.report.show.blocks.text import Texts, tone


def rows_html(exhibit: ShopRows, numbers: NumberFormats, texts: Texts) -> str:
    parts = [f'<ul class="shop-rows" id="exhibit-{exhibit.name}">']
    parts += [_row_html(row) for row in exhibit.rows[: exhibit.most_rows]]
    parts.append("</ul>")
    if more := _more(exhibit, exhibit.most_rows, numbers, texts):
        parts.append(f'<p class="more">{html(more)}</p>')
    return "\n".join(parts)


def _row_html(row: ShopRow) -> str:
    colour = tone(row.verdict)
    name = f'<a href="{html(row.link)}">{html(row.name)}</a>' if row.link else html(row.name)
    parts = [
        f'<li class="shop-row tone-{colour}">',
        f'<div class="row-shop"><h3>{name}</h3>'
        f'<p class="row-verdict">{shape(colour)}{html(row.word)}</p><p class="row-market">{html(row.market)}</p></div>',
    ]
    if row.tile is not None:
        parts += _rate_html(row.tile)
    said = f'<p class="row-said">{html(row.said)}</p>' if row.said else ""
    parts.append(f'<div class="row-do">{_action_html(row)}{said}</div>')
    return "\n".join([*parts, "</li>"])


def _rate_html(tile: Tile) -> list[str]:
    bar = bar_html(tile) if tile.number is not None and tile.bar_label else ""
    value = "" if tile.number is not None else " unknown"
    parts = [
        f'<div class="row-rate"><p class="row-label">{html(tile.label)}</p>'
        f'<p class="row-figure"><strong class="row-value{value}">{html(tile.value)}</strong> '
        f"<span>{html(tile.detail)}</span></p>{bar}</div>",
    ]
    if has_weeks(tile):
        parts.append(f'<div class="row-weeks">{weeks_html(tile)}<p>{html(tile.change)}</p></div>')
    return parts


def _action_html(row: ShopRow) -> str:
    if not row.action:
        return ""
    facts = "".join(f" <span>{html(said)}</span>" for said in (row.where, row.by) if said)
    return f'<p class="row-action"><strong>{html(row.action)}</strong>{facts}</p>'


def rows_typst(exhibit: ShopRows, numbers: NumberFormats, texts: Texts) -> str:
    most = min(exhibit.paper_rows, exhibit.most_rows)
    heads = ", ".join(typst_content(head) for head in exhibit.heads)
    rows = "".join(f"  {_row_typst(row)},\n" for row in exhibit.rows[:most])
    more = _more(exhibit, most, numbers, texts)
    note = f"\n#report-note({typst_content(more)})" if more else ""
    return f"#report-rows(({heads}),\n{rows}){note}"


def _row_typst(row: ShopRow) -> str:
    tile, colour = row.tile, tone(row.verdict)
    bar = bar_typst(tile, colour) if tile is not None and tile.number is not None and tile.bar_label else "none"
    weeks = weeks_typst(tile, colour, "17mm") if tile is not None and has_weeks(tile) else "none"
    rate = (tile.label, tile.value, tile.detail, tile.change) if tile is not None else ("", "", "", "")
    facts = " · ".join(said for said in (row.where, row.by) if said)
    texts = (row.name, row.market, row.word, *rate, row.action, facts, row.said)
    return f'("{colour}", {", ".join(typst_content(said) for said in texts)}, {bar}, {weeks})'


def _more(exhibit: ShopRows, most: int, numbers: NumberFormats, texts: Texts) -> str:
    left = len(exhibit.rows) - most
    return texts.more_rows(numbers.count(left), exhibit.whole_in or f"tables/{exhibit.name}.csv") if left > 0 else ""
