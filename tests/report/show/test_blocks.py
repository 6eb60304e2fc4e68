"""The HTML and the Typst of exhibits."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from cancel_analysis.exhibits.kinds import ColumnView, Line, Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import blocks
from cancel_analysis.report.show.blocks import html, text, typst, widths
from tests.report.samples import HOSTILE

FORMATS, TEXTS = NumberFormats("en"), blocks.Texts("en")


def view(rows: int = 3, **settings: object) -> TableView:
    frame = pd.DataFrame(
        {
            "name": [HOSTILE[i % len(HOSTILE)] for i in range(rows)],
            "share": [0.5] * rows,
            "loss": [-3.0] * rows,
            "state": ["breach"] * rows,
        }
    )
    columns = (
        ColumnView("name", "Product <b>"),
        ColumnView("share", "Share", "percent"),
        ColumnView("loss", "Loss", "money"),
        ColumnView("state", "Verdict", "verdict"),
    )
    return TableView("products", "Products & more", frame, columns, currency="USD", **settings)  # type: ignore[arg-type]


def test_a_table_is_accessible_html_with_escaped_cells() -> None:
    tree = ElementTree.fromstring(html.table(view(8), FORMATS, TEXTS))
    assert tree.get("id") == "exhibit-products"
    assert tree.findtext(".//caption") == "Products & more"
    assert [th.get("scope") for th in tree.findall(".//thead/tr/th")] == ["col"] * 4
    names = tree.findall(".//tbody/tr/th")
    assert [name.get("scope") for name in names] == ["row"] * 8
    assert [name.text for name in names] == [blocks.escape.plain(name) for name in HOSTILE]
    assert tree.find(".//tbody/tr/td[@class='number']").text == "50.0%"  # type: ignore[union-attr]
    tag = tree.find(".//span[@class='tag tone-breach']")
    assert tag is not None
    assert tag.text == "Over a limit"


def test_a_long_table_is_cut_and_says_where_the_rest_is() -> None:
    tree = ElementTree.fromstring(html.table(view(12, most_rows=5), FORMATS, TEXTS))
    assert len(tree.findall(".//tbody/tr")) == 5
    more = tree.find(".//p[@class='more']")
    assert more is not None
    assert "".join(more.itertext()) == "7 more rows are in tables/products.csv."
    assert more.find("a").get("href") == "tables/products.csv"  # type: ignore[union-attr]
    assert "7 more rows are in tables/products.csv." in typst.table(view(12, most_rows=5), FORMATS, TEXTS)
    assert "One more row is in" in html.table(view(6, most_rows=5), FORMATS, TEXTS)


def test_a_folded_table_is_closed_on_the_page_and_short_on_paper() -> None:
    frame = pd.DataFrame({"a": [f"row{number}x" for number in range(30)]})
    view = TableView("t", "Evidence", frame, (ColumnView("a", "A"),), folded=True, paper_rows=4)
    page, paper = html.table(view, FORMATS, TEXTS), typst.table(view, FORMATS, TEXTS)
    assert page.count("<details>") == page.count("</details>") == 1
    assert re.search(r"<summary>Evidence <span[^>]*>30 rows</span></summary>", page)
    assert page.count("row29x") == 1, "nothing is left out of the page"
    assert "row3x" in paper
    assert "row4x" not in paper
    assert "26 more rows are in tables/t.csv" in paper


def test_an_empty_table_says_so() -> None:
    empty = view(0, empty="Every reason is known.")
    assert "Every reason is known." in html.table(empty, FORMATS, TEXTS)
    assert "<table" not in html.table(empty, FORMATS, TEXTS)
    assert "Every reason is known." in typst.table(empty, FORMATS, TEXTS)
    assert "Nothing to show." in html.table(view(0), FORMATS, TEXTS)


def test_numbers_are_right_aligned_and_the_header_repeats() -> None:
    source = typst.table(view(), FORMATS, TEXTS)
    assert "align: (left, right, right, left,)" in source
    assert "table.header(" in source


def test_a_missing_value_is_a_dash() -> None:
    frame = pd.DataFrame({"a": [None], "n": [float("nan")], "v": [None]})
    columns = (ColumnView("a", "A"), ColumnView("n", "N", "percent"), ColumnView("v", "V", "verdict"))
    page = html.table(TableView("x", "X", frame, columns), FORMATS, TEXTS)
    assert page.count("–") == 3


def test_a_table_too_wide_for_a_page_is_split_and_each_part_names_its_rows() -> None:
    columns = (ColumnView("name", "Name"), *(ColumnView(f"c{i}", f"Column {i}", "money") for i in range(16)))
    frame = pd.DataFrame({"name": ["first"]} | {f"c{i}": [12345.0] for i in range(16)})
    source = typst.table(TableView("wide", "Wide", frame, columns, currency="USD"), FORMATS, TEXTS)
    parts = source.split("#report-table(")[1:]
    assert len(parts) == 2
    assert all('[#"Name"]' in part for part in parts)
    labels = re.findall(r'#"Column (\d+)"', source)
    assert labels == [str(number) for number in range(16)]
    assert 'class="table wide"' in html.table(TableView("wide", "Wide", frame, columns), FORMATS, TEXTS)


def test_a_line_is_shared_so_that_every_word_stays_whole() -> None:
    columns = (
        ColumnView("a", "Stage", weight=1.8),
        ColumnView("b", "Responsible"),
        ColumnView("n", "Items", "integer"),
    )
    cells = {"a": ["a long text of many words " * 4], "b": ["Buyer"], "n": ["1,000"]}
    needs = {column.name: widths.need(column, cells[column.name]) for column in columns}
    for line in (30, 60, 104, 300):
        shares = widths.widths(columns, needs, line)
        assert all(share >= needs[c.name].least for share, c in zip(shares, columns, strict=True))
        assert sum(shares) == pytest.approx(max(line, sum(one.least for one in needs.values())))
    assert needs["b"].least >= len("Responsible")
    light = widths.widths((ColumnView("a", "Stage"), *columns[1:]), needs, 60)
    assert widths.widths(columns, needs, 60)[0] >= light[0], "weight gives a column more of what is over"


def test_long_words_may_break_but_thai_and_short_ones_stay() -> None:
    assert "\u200b" in widths.breakable("A" * 30)
    assert widths.breakable("short words stay") == "short words stay"
    assert "\u200b" not in widths.breakable("ร้านค้าสยามความงามและสุขภาพ")
    assert widths.breakable("costs.return_freight IDR16,278,314") == "costs.\u200breturn_\u200bfreight IDR16,278,314"


def test_prose_groups_the_verdict_and_the_actions() -> None:
    lines = (
        Line("Over", "verdict", "breach"),
        Line("Because", "finding"),
        Line("Do a", "action"),
        Line("Do b", "action"),
        Line("Then", "plain"),
    )
    assert [(kind, len(group)) for kind, group in text.grouped(lines)] == [("verdict", 2), ("action", 2), ("plain", 1)]
    page = html.prose(Prose("verdict", lines))
    assert page.index("Because") < page.index("</div>") < page.index("<ol")
    assert page.count("<li>") == 2


def test_a_picture_is_still_until_a_script_replaces_it() -> None:
    picture = Picture("stages", 'Stages "now"', "Bars <by> stage", None, pd.DataFrame(), note="A note")
    page = html.picture(picture, {"data": "</script>"})
    assert '<img src="figures/stages.svg" alt="Bars &lt;by&gt; stage">' in page
    assert page.count("</script>") == 1
    source = typst.picture(picture)
    assert source.startswith('#report-picture("figures/stages.svg", "Bars <by> stage",')
    assert '[#"Stages \\"now\\""], [#"A note"])' in source


@pytest.mark.parametrize(
    ("value", "tone"),
    [("breach", "breach"), ("over", "breach"), ("near", "watch"), ("under", "ok"), ("else", "cannot_tell")],
)
def test_judgements_have_a_colour(value: str, tone: str) -> None:
    assert text.tone(value) == tone
