"""A finished page in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from cancel_analysis.catalog.words import words
from cancel_analysis.charts.standouts import places_picture
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report import index, render, templates_folder
from cancel_analysis.report.notebook.workers import Workers
from cancel_analysis.report.show import theme, vega
from cancel_analysis.report.show.blocks import html
from tests.report import samples
from tests.report.accessibility import violations
from tests.report.test_index import report

pytestmark = pytest.mark.browser

# The contrast of each piece of text with the first background behind it that is not clear (WCAG 2).
CONTRASTS = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const f = c.slice(0, 3).map(v => linear(v / 255));
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length && c[3] !== 0) return c; } return [255, 255, 255]; };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const says = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!says || e.closest('svg, script, style, .skip')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found.push([e.tagName, e.className, ratio]);
  }
  return found;
}"""


class Visit:
    """A page that is open, with what it complained about and what it asked the network for."""

    def __init__(self, browser: Any, path: Path, *, scripts: bool = True, width: int = 1000, lacks: str = "") -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 800}, offline=True
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        if lacks:
            self.page.add_init_script(f"delete window.{lacks};")
        self.page.goto(path.as_uri())

    def drawn(self) -> Any:
        self.page.wait_for_function("window.reportCharts === document.querySelectorAll('script.chart-spec').length")
        return self.page


def test_charts_are_drawn_offline_without_a_complaint(browser: Any, rendered: Path) -> None:
    visit = Visit(browser, rendered / "report.html")
    page = visit.drawn()
    assert page.locator(".chart svg").count() == 2
    assert page.locator(".chart > img").count() == 0
    page.wait_for_timeout(300)
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("window.broken") is None


def test_choosing_a_bar_filters_the_linked_chart(browser: Any, rendered: Path) -> None:
    page = Visit(browser, rendered / "report.html").drawn()
    bars = page.locator("#exhibit-stages-chart .mark-rect.role-mark path")
    before = [bar.get_attribute("aria-label") for bar in bars.all()]
    bars.first.click()
    page.wait_for_timeout(500)
    after = [bar.get_attribute("aria-label") for bar in bars.all()]
    assert len(before) == 11
    assert before[:3] == after[:3]
    assert before[3:] != after[3:]


def test_without_scripts_the_still_pictures_show(browser: Any, rendered: Path) -> None:
    page = Visit(browser, rendered / "report.html", scripts=False).page
    images = page.locator(".chart > img")
    assert images.count() == 2
    for image in images.all():
        assert image.bounding_box()["width"] > 300
        assert image.get_attribute("alt")


def test_a_browser_that_cannot_unpack_the_charts_keeps_the_still_pictures(browser: Any, rendered: Path) -> None:
    visit = Visit(browser, rendered / "report.html", lacks="DecompressionStream")
    visit.page.evaluate("window.reportVega")
    assert visit.page.locator(".chart > img").count() == 2
    assert visit.complaints == []


def test_names_that_a_phone_would_cut_alike_keep_their_end(browser: Any, tmp_path: Path) -> None:
    labels = ["Power Bank 10.000 mAh Slim (Abu-abu)", "Power Bank 10.000 mAh Slim (Biru)", "Charger"]
    rest = {"orders": 3, "at_risk": 50, "rate": 0.06, "low": 0.02, "high": 0.1}
    frame = pd.DataFrame([{"label": label, "rest": label == "Charger", **rest} for label in labels])
    picture = places_picture(frame, "places", "stock", "SKUs", words("en"), NumberFormats("en"), title="Places")
    shown = html.picture(picture, theme.themed(picture.chart)).replace("figures/places.svg", "data:,")
    css, tail = ((templates_folder() / name).read_text(encoding="utf-8") for name in ("report.css", "tail.html"))
    head = f'<!doctype html><meta charset="utf-8"><style>{css}</style>{vega.script()}'
    path = tmp_path / "page.html"
    path.write_text(f"{head}<body><main><section>{shown}</section></main>{tail}", encoding="utf-8")
    texts = Visit(browser, path, width=360).drawn().locator(".mark-text.role-axis-label text").all_text_contents()
    names = [text for text in texts if text.startswith("Power")]
    assert [(name[:7], name.partition("(")[2]) for name in names] == [("Power B", "Abu-abu)"), ("Power B", "Biru)")]
    assert "Charger" in texts
    wide = Visit(browser, path, width=1200).drawn().locator(".mark-text.role-axis-label text").all_text_contents()
    assert not any("…" in text and text.endswith(")") for text in wide)


@pytest.mark.parametrize("width", [400, 700, 1400])
def test_nothing_is_wider_than_the_window(browser: Any, rendered: Path, width: int) -> None:
    page = Visit(browser, rendered / "report.html", width=width).drawn()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_text_has_enough_contrast(browser: Any, rendered: Path) -> None:
    page = Visit(browser, rendered / "report.html").drawn()
    assert page.evaluate(CONTRASTS) == []


def test_the_keyboard_reaches_the_report_first(browser: Any, rendered: Path) -> None:
    page = Visit(browser, rendered / "report.html").drawn()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [400, 1200])
def test_the_index_page(browser: Any, tmp_path: Path, width: int) -> None:
    for identity, verdict in (("a", "ok"), ("b", "breach"), ("c", "watch")):
        report(tmp_path, "2026-W46", identity, verdict)
    report(tmp_path, "2026-W45", "d", "cannot_tell")
    visit = Visit(browser, index.write(tmp_path), width=width)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.page.evaluate(CONTRASTS) == []
    assert visit.complaints == []
    visit.page.locator("summary").first.click()
    assert visit.page.get_by_text("Headline of d").is_visible()


FIRST_SCREEN = """output.show(
    Prose("first", (Line("Shop is over TikTok's 5% limit.", "headline", "breach"), Line("You are 18 over."))),
    Tiles("tiles", (
        Tile("a", "Seller-fault rate", "12.8%", "Over the 5% limit", "breach", "29 of 227", "Up", "9-18%", 0.128, 0.09,
             0.18, ((0.05, "limit 5%"),), (0.01, 0.02, 0.128), 0.05, "12.8%; limit 5%", "Three weeks"),
        Tile("b", "Returns in the end", "Not known", "No figure", "cannot_tell", "No file says"),
    )),
    Cards("cards", "Do this now", (Card("Correct the stock", "How", "Here", "Today", ("£5 a week",), ("Because",)),),
          ("Where", "By", "Worth", "Why we say so")),
    Fold("more", "All rates", (TableView("folded", "Rates", frame, columns, currency="USD"),)),
)"""


@pytest.fixture(scope="module")
def first_screen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first-screen")
    path = folder / "sample.ipynb"
    kinds = "from cancel_analysis.exhibits.kinds import Card, Cards, Fold, Tile, Tiles\n"
    nbformat.write(samples.notebook(extra=kinds + FIRST_SCREEN), path)
    work = folder / "work"
    work.mkdir()
    Workers().execute(samples.job(folder), work)
    render.render(work, ("html", "pdf"), "builtin")
    return work


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_screen_fits_and_can_be_read(browser: Any, first_screen: Path, width: int, scheme: str) -> None:
    visit = Visit(browser, first_screen / "report.html", width=width)
    visit.page.emulate_media(color_scheme=scheme)
    page = visit.drawn()
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRASTS) == []
    assert page.locator(".tile").count() == 2
    assert page.locator(".tile .bullet, .tile .sparkline").count() == 2, "what is not known has no picture"
    assert visit.complaints == []
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_report_keeps_the_rules_of_accessible_pages(browser: Any, rendered: Path, width: int, scheme: str) -> None:
    visit = Visit(browser, rendered / "report.html", width=width)
    visit.page.emulate_media(color_scheme=scheme)
    assert violations(visit.drawn()) == []


def test_reasons_and_evidence_open_by_key_and_the_bar_stays(browser: Any, first_screen: Path) -> None:
    page = Visit(browser, first_screen / "report.html", width=1280).drawn()
    why = page.locator(".card summary")
    why.focus()
    assert not page.get_by_text("Because").is_visible()
    page.keyboard.press("Enter")
    assert page.get_by_text("Because").is_visible()
    page.locator("details.fold summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#exhibit-folded table").is_visible()
    page.evaluate("window.scrollTo(0, 2000)")
    assert page.locator("header.bar").bounding_box()["y"] == 0
    stops = page.locator("[tabindex='0'].scroll").evaluate_all(
        "boxes => boxes.every(box => box.scrollWidth > box.clientWidth)"
    )
    assert stops, "a table is a stop of the keyboard only while it scrolls"
