"""The built-in renderer, and what holds for any renderer."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import vl_convert

from cancel_analysis.errors import RendererMissingError, RenderError, ReportError, SettingsError
from cancel_analysis.report import contents as facts
from cancel_analysis.report import render, templates_folder
from cancel_analysis.report.render import builtin, figures, fonts, outlines, quarto, scripts
from cancel_analysis.report.show import vega
from cancel_analysis.report.show.blocks.escape import plain
from tests.report.samples import HOSTILE

PAGE_LIMIT = 1_200_000


class Page(HTMLParser):
    """The text of a page, without scripts and styles, and what it refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.elements: list[str] = []
        self.silent = 0
        self.feed(page)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.silent += tag in ("script", "style")
        self.links.extend(value or "" for name, value in attrs if name in ("src", "href"))

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


@pytest.fixture(scope="module")
def page(rendered: Path) -> Page:
    return Page((rendered / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pdf_text(rendered: Path) -> str:
    return text_of(rendered / "report.pdf")


def text_of(pdf: Path, *arguments: str) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext (poppler-utils)")
    done = subprocess.run(["pdftotext", *arguments, str(pdf), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_the_page_is_one_small_file_that_loads_nothing(rendered: Path, page: Page) -> None:
    path = rendered / "report.html"
    assert path.stat().st_size <= PAGE_LIMIT
    beside = {"report.pdf", "report.xlsx", "../../index.html"}
    assert beside <= set(page.links), "the PDF, the workbook and the index, where a batch puts them"
    assert all(link.startswith(("data:", "#")) for link in page.links if link not in beside), page.links
    content = path.read_text(encoding="utf-8")
    assert '<html lang="en">' in content
    assert "Content-Security-Policy" in content
    assert "default-src &#39;none&#39;" in content or "default-src 'none'" in content
    assert content.count("window.reportVega = ") == 1


def test_no_code_and_no_path_of_this_machine_is_shown(rendered: Path, page: Page) -> None:
    content = (rendered / "report.html").read_text(encoding="utf-8")
    for word in ("output.show", "period_days = ", "import altair", str(rendered), "/tmp/", "a line on stdout"):
        assert word not in page.text
    assert str(Path.home()) + "/" not in content
    assert str(rendered.parent) not in content


def test_hostile_names_print_literally_in_the_page(page: Page) -> None:
    for name in HOSTILE:
        assert re.sub(r"\s+", " ", plain(name)) in page.text
    assert page.elements.count("b") == 0


def test_hostile_names_print_literally_in_the_pdf(pdf_text: str) -> None:
    # A PDF has neither the spaces nor the order of the source; Thai marks move. Latin names must be whole.
    squeezed = re.sub(r"[\s\u200b]+", "", pdf_text)
    for name in HOSTILE[:7]:
        assert re.sub(r"\s+", "", plain(name)) in squeezed, name


def test_every_page_of_the_pdf_names_shop_and_week(rendered: Path) -> None:
    pages = text_of(rendered / "report.pdf").split("\f")[:-1]
    assert len(pages) >= 2
    for number, page in enumerate(pages, start=1):
        assert "Shop us-shop" in page
        assert "Week 2026-W46" in page
        assert f"{number}/{len(pages)}" in page.replace(" ", "")
    assert sum("Products by items lost" in page for page in pages) == 1, "one caption, however many pages"
    assert sum("Standing" in page for page in pages) >= 2, "the header of a table is repeated"


def test_the_pdf_is_accessible_and_titled(rendered: Path) -> None:
    assert facts.read(rendered)["pdf_standard"] == "ua-1"
    content = (rendered / "report.pdf").read_bytes()
    assert b"pdfuaid:part" in content
    assert b"report:us-shop:2026-W46" in content


def test_pictures_are_vectors_with_text_in_a_font_that_is_there(rendered: Path) -> None:
    if not shutil.which("pdfimages"):
        pytest.skip("needs poppler-utils")
    images = subprocess.run(["pdfimages", "-list", str(rendered / "report.pdf")], capture_output=True, check=True)
    assert len(images.stdout.decode().splitlines()) == 2, "a heading only: no bitmap"
    fonts = subprocess.run(["pdffonts", str(rendered / "report.pdf")], capture_output=True, check=True).stdout.decode()
    assert "Libertinus" not in fonts


def test_both_files_say_the_same(page: Page, pdf_text: str) -> None:
    squeezed = re.sub(r"\s+", "", pdf_text)
    for words in (
        "Over a limit",
        "Synchronise the stock of four SKUs",
        "15 more rows are in report.xlsx.",
        "Every reason is known.",
        "Unpaid orders are left out.",
        "Where items are lost & why",
    ):
        assert words.replace(" ", "") in page.text.replace(" ", "")
        assert words.replace(" ", "") in squeezed


def test_how_a_picture_is_used_stands_where_it_can_be(page: Page, pdf_text: str) -> None:
    assert "Choose a stage to filter the reasons." in page.text
    assert "Chooseastage" not in re.sub(r"\s+", "", pdf_text)


def test_the_report_says_which_renderer_made_it(rendered: Path, page: Page) -> None:
    assert re.search(r"Made with Pandoc [\d.]+ and Typst [\d.]+", page.text)
    assert facts.read(rendered)["renderer"] == builtin.version()


def test_the_contents_lead_to_parts_that_are_there(rendered: Path, page: Page) -> None:
    content = (rendered / "report.html").read_text(encoding="utf-8")
    targets = [link[1:] for link in page.links if link.startswith("#")]
    assert len(targets) == 5, "four parts and the skip link"
    assert all(f'id="{target}"' in content for target in targets)


def test_an_id_is_used_once(rendered: Path) -> None:
    content = re.sub(r"<script>.*?</script>", "", (rendered / "report.html").read_text(encoding="utf-8"), flags=re.S)
    ids = re.findall(r'\bid="([^"]+)"', content)
    assert len(ids) == len(set(ids))
    assert "exhibit-stages-chart" in ids


def test_only_the_formats_asked_for_are_made(work: Path) -> None:
    made = render.render(work, ("pdf",), "builtin")
    assert made.html is None
    assert made.pdf == work / "report.pdf"
    assert not (work / "report.html").exists()
    assert not (work / "project").exists()


def test_a_notebook_with_an_error_is_never_rendered(work: Path) -> None:
    notebook = nbformat.read(work / "executed.ipynb", as_version=4)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("error", ename="E", evalue="x", traceback=[])]
    nbformat.write(notebook, work / "executed.ipynb")
    with pytest.raises(ReportError, match="failed: E: x"):
        render.render(work, renderer="builtin")
    assert not (work / "report.html").exists()


def test_a_picture_that_is_missing_is_an_error_not_a_hole(work: Path) -> None:
    (work / "figures" / "rates.vl.json").unlink()
    with pytest.raises(RenderError, match="rates"):
        render.render(work, ("html",), "builtin")
    with pytest.raises(RenderError, match="rates"):
        render.render(work, ("pdf",), "builtin")


def test_a_chart_that_cannot_be_drawn_is_named(work: Path) -> None:
    (work / "figures" / "rates.vl.json").write_text('{"mark": {"type": "nothing"}}', encoding="utf-8")
    with pytest.raises(RenderError, match=r"rates\.vl\.json cannot be drawn"):
        figures.draw(work)


def test_a_missing_font_gives_a_pdf_and_a_word_of_advice(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    bare = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(fonts, "there", lambda: bare)
    monkeypatch.setattr(fonts, "families", lambda: frozenset(bare.families()))
    made = render.render(work, ("pdf",), "builtin")
    assert made.pdf is not None
    assert made.pdf_standard == ""
    advice = " ".join(made.warnings)
    assert "Chinese" in advice
    assert "Thai" in advice
    assert "Noto Sans CJK SC" in advice
    assert "fonts-noto-cjk" in advice


def test_labels_of_another_script_are_outlines_in_their_place(work: Path) -> None:
    figures.draw(work)
    tree = ElementTree.parse(work / "figures" / "stages.svg").getroot()
    texts = ["".join(text.itertext()) for text in tree.iter(f"{{{outlines.SVG}}}text")]
    assert "=HYPERLINK(1)" in texts, "Latin stays text"
    assert not [text for text in texts if outlines.is_needed(text)]
    glyphs = [glyph.get("id") for glyph in tree.iter(f"{{{outlines.SVG}}}g") if glyph.get("id")]
    uses = [use.get(f"{{{outlines.XLINK}}}href") for use in tree.iter(f"{{{outlines.SVG}}}use")]
    assert len(uses) >= len("广州外贸小店上海" + "ร้านค้าสยามความงาม")
    assert sorted({use[1:] for use in uses if use}) == sorted(filter(None, glyphs)), "each glyph once"
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("aria-")]


def test_only_places_are_rounded_never_words(tmp_path: Path) -> None:
    label, steps = "Power Bank 10.000 mAh Slim", "1.50 or 2.12345"
    spec = {
        "title": steps,
        "mark": "bar",
        "data": {"values": [{"name": label, "share": share} for share in (1 / 3, 1 / 7)]},
        "encoding": {
            "y": {"field": "name", "axis": {"labelLimit": 400}},
            "x": {"field": "share", "type": "quantitative"},
        },
    }
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "one.vl.json").write_text(json.dumps(spec), encoding="utf-8")
    (drawn,) = figures.draw(tmp_path)
    tree = ElementTree.parse(drawn).getroot()
    texts = ["".join(text.itertext()) for text in tree.iter(f"{{{outlines.SVG}}}text")]
    assert label in texts
    assert steps in texts
    places = " ".join(element.get("d", "") for element in tree.iter())
    assert re.search(r"\d\.\d", places)
    assert not re.search(r"[1-9]\d*\.\d{3,}", places), "places are in hundredths of a pixel"


def test_an_outline_is_as_wide_as_its_text_and_stands_on_the_baseline() -> None:
    small, large = outlines.Label("ร้านค้า", 10.0), outlines.Label("ร้านค้า", 20.0)
    drawn = outlines.draw([small, large, small])
    assert list(drawn) == [small, large]
    assert drawn[large].width == pytest.approx(2 * drawn[small].width, rel=0.01)
    assert 20 < drawn[small].width < 50
    for group in drawn[large].groups:
        assert float(group.get("transform", "").rstrip(")").split()[-1]) == pytest.approx(0, abs=0.01)


def test_thai_marks_that_combine_are_accessible(work: Path) -> None:
    if "Noto Sans Thai" not in fonts.families():
        pytest.skip("needs Noto Sans Thai")
    path = work / "figures" / "stages.still.vl.json"
    path.write_text(path.read_text(encoding="utf-8").replace("ร้านค้าสยาม ความงาม", "น้ำมันบำรุงผม"), encoding="utf-8")
    assert render.render(work, ("pdf",), "builtin").pdf_standard == "ua-1"


def test_scripts_are_found_and_missing_ones_named() -> None:
    assert scripts.missing("ราคา 价格 Giá ấ", ["Noto Sans", "Noto Sans Thai"]) == ["Chinese"]
    assert scripts.missing("plain text", []) == []
    assert scripts.missing("ก", []) == ["Thai"]


def test_settings_of_a_render_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="no renderer 'word'"):
        render.choose("word")
    with pytest.raises(SettingsError, match="not docx"):
        render.check_formats(("html", "docx"))
    with pytest.raises(SettingsError, match="not none"):
        render.check_formats(())
    assert render.check_formats(("pdf", "html")) == ("html", "pdf")
    monkeypatch.setattr(quarto, "find", lambda: None)
    assert render.choose("auto") == "builtin"
    with pytest.raises(RendererMissingError, match="RENDERER=builtin"):
        render.choose("quarto")


def test_the_script_of_vega_is_packed_inside_its_element() -> None:
    script = vega.script()
    assert script.count("</script") == 1
    (packed,) = re.findall(r"""}\)\("([A-Za-z0-9+/=]+)"\);""", script)
    bundle = gzip.decompress(base64.b64decode(packed)).decode()
    assert bundle == vl_convert.javascript_bundle()
    assert "window.vegaEmbed=" in bundle
    assert len(script) < len(bundle) / 2


def test_every_template_is_carried_by_an_installed_package() -> None:
    import tomllib

    root = templates_folder().parent
    if not (root / "pyproject.toml").is_file():
        pytest.skip("not a clone")
    wheel = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    carried = wheel["force-include"]
    for name in (*render.TEMPLATES, "index.html.jinja"):
        assert carried[f"reports/{name}"] == f"cancel_analysis/_project/reports/{name}"
    assert carried["notebooks"] == "cancel_analysis/_project/notebooks"
