"""Tiles, cards and folds as HTML and as Typst: what stands on the first screen, and what is looked up."""

from __future__ import annotations

import re

from cancel_analysis.charts.inline import bullet, on_paper, sparkline
from cancel_analysis.exhibits.kinds import Card, Cards, Tile, Tiles
from cancel_analysis.report.show.blocks.escape import html, typst, typst_content
from cancel_analysis.report.show.blocks.text import tone

# A shape a tone, so that nobody needs to see red: over, close, within, not known.
SHAPES = {
    "breach": '<path d="M6 1 11.4 11H.6Z"/>',
    "watch": '<path d="M6 .6 11.4 6 6 11.4.6 6Z"/>',
    "ok": '<circle cx="6" cy="6" r="5"/>',
    "cannot_tell": '<circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="1.8"/>',
}
# The tones of `page.typ`; a picture inside a tile knows no variables of the page.
PAPER_COLOURS = {"breach": "#b42318", "watch": "#8a4b08", "ok": "#17693a", "cannot_tell": "#4b5563"}
_TONE_VARIABLE = re.compile(r"var\(--tone, var\(--accent, #[0-9a-f]{6}\)\)")


def shape(of: str) -> str:
    """The small sign of a tone; the word beside it says the same."""
    return f'<svg class="shape" viewBox="0 0 12 12" aria-hidden="true" fill="currentColor">{SHAPES[of]}</svg>'


def tiles_html(exhibit: Tiles) -> str:
    return "\n".join(
        [f'<ul class="tiles" id="exhibit-{exhibit.name}">', *(_tile_html(tile) for tile in exhibit.tiles), "</ul>"]
    )


def _tile_html(tile: Tile) -> str:
    colour = tone(tile.tone)
    parts = [
        f'<li class="tile tone-{colour}">',
        f'<p class="tile-label">{html(tile.label)}</p>',
        f'<p class="tile-value{"" if tile.number is not None else " unknown"}">{html(tile.value)}</p>',
        f'<p class="tile-status">{shape(colour) if tile.tone else ""}{html(tile.status)}</p>',
    ]
    if tile.number is not None and tile.bar_label:
        parts.append(bar_html(tile))
    parts.append(f'<p class="tile-detail">{html(tile.detail)}</p>')
    if tile.range:
        parts.append(f'<p class="tile-range">{html(tile.range)}</p>')
    if has_weeks(tile):
        parts.append('<div class="tile-weeks">')
        parts.append(weeks_html(tile))
        parts.append(f'<p class="tile-change">{html(tile.change)}</p></div>')
    elif tile.change:
        parts.append(f'<p class="tile-change">{html(tile.change)}</p>')
    return "\n".join([*parts, "</li>"])


def has_weeks(tile: Tile) -> bool:
    """Whether there are enough weeks for a line."""
    return sum(week is not None for week in tile.weeks) > 1


def bar_html(tile: Tile) -> str:
    """The value against its limits, inside raw HTML."""
    return _picture(_bar(tile))


def weeks_html(tile: Tile) -> str:
    """The weeks before, inside raw HTML."""
    return _picture(_weeks(tile))


def _bar(tile: Tile) -> str:
    return bullet(tile.number, tile.low, tile.high, tile.limits, label=tile.bar_label)


def _weeks(tile: Tile) -> str:
    return sparkline(tile.weeks, tile.weeks_limit, label=tile.weeks_label)


def _picture(svg: str) -> str:
    """An SVG between raw HTML: a backtick or brace in a label must not end the block around it."""
    return svg.replace("`", "&#96;").replace("{", "&#123;")


def cards_html(exhibit: Cards) -> str:
    parts = [f'<section class="cards" id="exhibit-{exhibit.name}"><h2>{html(exhibit.title)}</h2>', "<ol>"]
    parts += [_card_html(card, exhibit.labels, exhibit.id_label) for card in exhibit.cards]
    return "\n".join([*parts, "</ol></section>"])


def _card_html(card: Card, labels: tuple[str, str, str, str], id_label: str) -> str:
    where, by, worth, why = labels
    parts = ['<li class="card">', f"<h3>{html(card.action)}</h3>"]
    if card.detail:
        parts.append(f"<p>{html(card.detail)}</p>")
    facts = [(where, card.where), (by, card.by), (worth, card.worth[0] if card.worth else "")]
    facts += [("", said) for said in card.worth[1:]]
    rows = "".join(
        (f"<dt>{html(label)}</dt>" if label else "") + f"<dd>{html(said)}</dd>" for label, said in facts if said
    )
    if rows:
        parts.append(f"<dl>{rows}</dl>")
    if card.why:
        said = "".join(f"<p>{html(line)}</p>" for line in card.why)
        if card.ids and id_label:
            ids = " ".join(f"<code>{html(one)}</code>" for one in card.ids)
            said += f'<p class="ids">{html(id_label)} {ids}</p>'
        parts.append(f"<details><summary>{html(why)}</summary>{said}</details>")
    return "\n".join([*parts, "</li>"])


def fold_html(name: str, title: str, note: str, inside: list[str]) -> str:
    """A part that opens when asked for; `inside` is the HTML of its exhibits."""
    said = f'<p class="note">{html(note)}</p>\n' if note else ""
    return (
        f'<details class="fold" id="exhibit-{name}"><summary><h3>{html(title)}</h3></summary>\n'
        f'<div class="fold-inside">\n{said}' + "\n".join(inside) + "\n</div></details>"
    )


# --- paper --------------------------------------------------------------------------------------


def tiles_typst(exhibit: Tiles) -> str:
    return "#report-tiles(\n" + "".join(f"  {_tile_typst(tile)},\n" for tile in exhibit.tiles) + ")"


def _tile_typst(tile: Tile) -> str:
    colour = tone(tile.tone)
    bar = bar_typst(tile, colour) if tile.number is not None and tile.bar_label else "none"
    weeks = weeks_typst(tile, colour) if has_weeks(tile) else "none"
    texts = ", ".join(
        typst_content(said) for said in (tile.label, tile.value, tile.status, tile.detail, tile.range, tile.change)
    )
    return f'("{colour}", {"true" if tile.tone else "false"}, {texts}, {bar}, {weeks})'


def bar_typst(tile: Tile, colour: str) -> str:
    return _image(_bar(tile), tile.bar_label, "100%", colour)


def weeks_typst(tile: Tile, colour: str, width: str = "20mm") -> str:
    return _image(_weeks(tile), tile.weeks_label, width, colour)


def _image(svg: str, alternative: str, width: str, colour: str) -> str:
    toned = _TONE_VARIABLE.sub(PAPER_COLOURS[colour], svg)
    drawn = on_paper(toned).replace('font-family="inherit"', 'font-family="Noto Sans, DejaVu Sans, Arial"')
    return f'image(bytes({typst(drawn)}), format: "svg", alt: {typst(alternative)}, width: {width})'


def cards_typst(exhibit: Cards) -> str:
    where, by, worth, _ = exhibit.labels
    cards = []
    for card in exhibit.cards:
        facts = [(where, card.where), (by, card.by), *((worth if not n else "", w) for n, w in enumerate(card.worth))]
        rows = "".join(f"({typst_content(label)}, {typst_content(said)}), " for label, said in facts if said)
        why = "".join(f"{typst_content(line)}, " for line in card.why)
        cards.append(f"  ({typst_content(card.action)}, {typst_content(card.detail)}, ({rows}), ({why})),\n")
    return f"#report-cards({typst_content(exhibit.title)},\n{''.join(cards)})"
