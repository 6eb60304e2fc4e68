"""One line a shop in both forms: told by word and shape, escaped, linked, cut where there are too many."""

from __future__ import annotations

from xml.etree import ElementTree

from cancel_analysis.exhibits.kinds import ShopRow, ShopRows
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import blocks
from cancel_analysis.report.show.blocks.shop_rows import rows_html, rows_typst
from tests.report.samples import HOSTILE
from tests.report.show.test_first_screen import LITERAL, tile

FORMATS, TEXTS = NumberFormats("en"), blocks.Texts("en")
HEADS = ("Shop", "Rate", "Weeks", "Do")


def rows(*shops: ShopRow, **options: int) -> ShopRows:
    return ShopRows("lines", shops, HEADS, **options)  # type: ignore[arg-type]


def test_a_line_tells_verdict_rate_weeks_and_what_to_do() -> None:
    row = ShopRow("Lamps", "TH", "breach", "Over a limit", tile(), "Ship", "Bangkok", "Today", "Said", "../r.html")
    tree = ElementTree.fromstring(rows_html(rows(row), FORMATS, TEXTS))
    (line,) = tree.findall("li")
    assert "tone-breach" in line.get("class", "")
    link = line.find(".//h3/a")
    assert link is not None
    assert (link.text, link.get("href")) == ("Lamps", "../r.html")
    assert line.find(".//svg[@class='shape']") is not None
    labels = [svg.get("aria-label") for svg in line.iter("{http://www.w3.org/2000/svg}svg")]
    assert labels == ["5.1%; limit 5%", "Last 3 weeks"]
    said = "".join(line.itertext())
    for text in ("Over a limit", "5.1%", "51 of 1,000", "Up", "Ship", "Bangkok", "Today", "Said"):
        assert text in said
    paper = rows_typst(rows(row), FORMATS, TEXTS)
    assert paper.count("image(") == 2
    for text in ("Lamps", "Over a limit", "Ship", "Bangkok · Today", "Said"):
        assert f'"{text}"' in paper


def test_a_shop_of_which_nothing_is_known_has_no_bar_and_no_link() -> None:
    unknown = ShopRow("Lamps", "TH", "cannot_tell", "Not known", said="The files end earlier")
    page = rows_html(rows(unknown), FORMATS, TEXTS)
    assert "<a " not in page
    assert "bullet" not in page
    assert "tone-cannot_tell" in page
    assert "The files end earlier" in page
    assert "image(" not in rows_typst(rows(unknown), FORMATS, TEXTS)


def test_hostile_names_stay_text() -> None:
    for name in HOSTILE:
        shown = tile(label=name, detail=name, bar_label=name, weeks_label=name, change=name)
        row = ShopRow(name, name, "watch", name, shown, name, name, name, name, name)
        page, paper = (make(rows(row), FORMATS, TEXTS) for make in (rows_html, rows_typst))
        assert "<script" not in page
        assert "{{<" not in page
        assert "`" not in page + paper
        assert "panic" not in LITERAL.sub("", paper)
        ElementTree.fromstring(page)


def test_of_too_many_the_rest_is_counted_on_page_and_paper() -> None:
    shops = [ShopRow(f"Shop {number}", "TH", "ok", "Within") for number in range(12)]
    shown = rows(*shops, most_rows=10, paper_rows=4)
    page, paper = rows_html(shown, FORMATS, TEXTS), rows_typst(shown, FORMATS, TEXTS)
    assert page.count("<li ") == 10
    assert "2 more rows are in tables/lines.csv." in page
    assert paper.count('"Within"') == 4
    assert "8 more rows are in tables/lines.csv." in paper
