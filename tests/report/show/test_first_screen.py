"""Tiles, cards and folds in both forms: escaped, told by word and shape, folded on the page and not on paper."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd

from cancel_analysis.exhibits.kinds import Card, Cards, ColumnView, Fold, Line, Prose, TableView, Tile, Tiles
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import blocks
from cancel_analysis.report.show.blocks import first_screen
from tests.report.samples import HOSTILE

LITERAL = re.compile(r'"(?:\\.|[^"\\])*"')
FORMATS, TEXTS = NumberFormats("en"), blocks.Texts("en")


def tile(**changes: object) -> Tile:
    values: dict[str, object] = {
        "name": "rate", "label": "Rate", "value": "5.1%", "status": "Over the limit", "tone": "breach",
        "detail": "51 of 1,000", "change": "Up", "range": "True rate 4–6%", "number": 0.051, "low": 0.04,
        "high": 0.06, "limits": ((0.05, "limit 5%"),), "weeks": (0.01, None, 0.051), "weeks_limit": 0.05,
        "bar_label": "5.1%; limit 5%", "weeks_label": "Last 3 weeks",
    }  # fmt: skip
    return Tile(**{**values, **changes})  # type: ignore[arg-type]


def test_a_tile_tells_its_status_by_word_shape_and_colour() -> None:
    tree = ElementTree.fromstring(first_screen.tiles_html(Tiles("tiles", (tile(), tile(tone="ok", status="Within")))))
    over, within = tree.findall("li")
    assert "tone-breach" in over.get("class", "")
    assert "tone-ok" in within.get("class", "")
    shapes = [ElementTree.tostring(one.find(".//svg[@class='shape']")) for one in (over, within)]  # type: ignore[arg-type]
    assert shapes[0] != shapes[1]
    labels = [svg.get("aria-label") for svg in over.iter("{http://www.w3.org/2000/svg}svg")]
    assert labels == ["5.1%; limit 5%", "Last 3 weeks"]


def test_an_unknown_figure_has_no_bar_and_no_line() -> None:
    unknown = tile(number=None, value="Not known", weeks=(), tone="cannot_tell", detail="No file says")
    page, paper = (make(Tiles("tiles", (unknown,))) for make in (first_screen.tiles_html, first_screen.tiles_typst))
    assert "bullet" not in page
    assert "sparkline" not in page
    assert "No file says" in page
    assert paper.count("none") == 2
    assert "image(" not in paper


def test_hostile_names_stay_text_in_tiles_and_cards() -> None:
    for name in HOSTILE:
        shown = Tiles("tiles", (tile(label=name, detail=name, bar_label=name, weeks_label=name),))
        card = Card(name, name, name, name, (name,), (name,))
        cards = Cards("cards", name, (card,), ("Where", "By", "Worth", "Why"))
        for page in (first_screen.tiles_html(shown), first_screen.cards_html(cards)):
            assert "<script" not in page
            assert "{{<" not in page
            assert "`" not in page
        for paper in (first_screen.tiles_typst(shown), first_screen.cards_typst(cards)):
            assert "`" not in paper
            assert "panic" not in LITERAL.sub("", paper), "a name stands inside a string, where it is text"
        ElementTree.fromstring(first_screen.cards_html(cards))


def test_a_card_folds_its_reasons() -> None:
    card = Card("Do it", "How", "Here", "Today", ("£5 a week", "Rate 5% → 2%"), ("Because",))
    tree = ElementTree.fromstring(
        first_screen.cards_html(Cards("cards", "Now", (card,), ("Where", "By", "Worth", "Why")))
    )
    assert [one.text for one in tree.iter("dt")] == ["Where", "By", "Worth"]
    assert [one.text for one in tree.iter("dd")] == ["Here", "Today", "£5 a week", "Rate 5% → 2%"]
    assert tree.findtext(".//details/summary") == "Why"
    assert tree.findtext(".//details/p") == "Because"


def test_a_fold_is_closed_on_the_page_and_not_on_paper() -> None:
    frame = pd.DataFrame({"a": ["x"]})
    table = TableView("t", "Table", frame, (ColumnView("a", "A"),))
    made = blocks.fold(Fold("more", "More <b>", (Prose("p", (Line("Said"),)), table)), FORMATS, TEXTS, {})
    assert "{=typst}" not in made
    assert '<details class="fold" id="exhibit-more"><summary><h3>More &lt;b&gt;</h3></summary>' in made
    assert "Said" in made
    assert "<table" in made
    printed = blocks.fold(Fold("more", "More", (table,), on_paper=True), FORMATS, TEXTS, {})
    assert "{=typst}" in printed
    assert "#report-table" in printed
    assert blocks.fold(Fold("none", "None", (Prose("h", (Line("Set it", "hint"),)),)), FORMATS, TEXTS, {}) == ""


def test_a_hint_never_stands_on_a_page() -> None:
    lines = (Line("Seen"), Line("Set costs.x in shops.yaml", "hint"))
    assert "shops.yaml" not in blocks.prose(Prose("p", lines))
    assert blocks.prose(Prose("p", lines[1:])) == ""


def test_a_long_number_shows_its_end_and_is_copied_whole() -> None:
    frame = pd.DataFrame({"id": ["577457661793325107", "12345"]})
    view = TableView("t", "Orders", frame, (ColumnView("id", "Order", "id"),))
    tree = ElementTree.fromstring(blocks.html.table(view, FORMATS, TEXTS))
    (button,) = tree.iter("button")
    assert (button.text, button.get("data-copy"), button.get("type")) == ("…5107", "577457661793325107", "button")
    assert "…5107" in button.get("aria-label", "")
    assert [cell.text for cell in tree.findall(".//tbody/tr/th")][1] == "12345"
    assert "577457661793325107" in blocks.typst.table(view, FORMATS, TEXTS), "paper cannot be clicked"
