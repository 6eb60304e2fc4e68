"""The index and the trend pages in a real browser."""

# A fixture that is imported is an argument of the same name.

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.report import history, index, index_page
from cancel_analysis.report.history import Line
from tests.report.accessibility import violations
from tests.report.test_history import STOCK, week
from tests.report.test_index import failure, report
from tests.report.test_page import CONTRASTS, Visit, pytestmark  # noqa: F401

PAGES = ("index.html", "2026-W45/index.html", "history.html", "history/lamps.html")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    for name, value, verdict in (("2026-W42", 0.01, "ok"), ("2026-W45", 0.04, "watch"), ("2026-W46", 0.09, "breach")):
        week(folder, name, value, verdict, actions=[STOCK], headline="Out of stock put Lamps over the limit.")
    for identity, verdict, market in (("a", "ok", "US"), ("b", "cannot_tell", "TH"), ("c", "ok", "TH")):
        shop = {"id": identity, "name": f"Shop {identity}", "market": market}
        report(folder, "2026-W46", identity, verdict, shop=shop, of_limit=0.1, lacking=["Thai"])
    report(folder, "2026-W45", "early", "watch", as_of="2026-11-08", of_limit=0.9)
    failure(folder, "lost", "UnreadableFileError: orders.csv is cut off")
    index.write(folder)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_can_be_read_and_complains_of_nothing(
    browser: Any,
    out: Path,
    name: str,
    width: int,
    scheme: str,
) -> None:
    visit = Visit(browser, out / name, width=width)
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.page.evaluate(CONTRASTS) == []
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith("file:")] == []
    assert violations(visit.page) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(browser: Any, out: Path, name: str) -> None:
    links = (
        Visit(browser, out / name).page.locator("a[href]:not(.skip)").evaluate_all("found => found.map(a => a.href)")
    )
    assert links
    assert [link for link in links if not Path(link.removeprefix("file://")).exists()] == []


def names(page: Any) -> list[str]:
    found: list[str] = page.locator("tbody tr:visible .name").all_text_contents()
    return found


def test_a_heading_sorts_by_key_and_says_so(browser: Any, out: Path) -> None:
    page = Visit(browser, out / "index.html").page
    first = names(page)
    assert first == ["Shop lamps", "Shop early", "Shop b", "Shop a", "Shop c"]
    button = page.get_by_role("button", name="Shop", exact=False).first
    head = page.get_by_role("columnheader", name="Shop")
    button.focus()
    page.keyboard.press("Enter")
    assert names(page) == sorted(first)
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert names(page) == sorted(first, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Rate that decides").click()
    assert names(page)[0] == "Shop early", "the nearest to its limit of those that say it"
    assert names(page)[-1] == "Shop lamps", "what is not known stands last"
    assert page.locator("[aria-sort]").count() == 1
    page.get_by_role("button", name="Show all").click()
    assert names(page) == first
    assert page.locator("[aria-sort]").count() == 0


def test_a_shop_that_is_called_by_a_number_stands_among_the_names(browser: Any, tmp_path: Path) -> None:
    for identity, name in (("a", "Zebra"), ("b", "7"), ("c", "Apple"), ("d", "30")):
        report(tmp_path, "2026-W46", identity, "ok", shop={"id": identity, "name": name, "market": "US"})
    page = Visit(browser, index.write(tmp_path)).page
    page.get_by_role("button", name="Shop", exact=False).first.click()
    assert names(page) == ["30", "7", "Apple", "Zebra"]


def test_search_and_choice_stand_in_the_address(browser: Any, out: Path) -> None:
    visit = Visit(browser, out / "index.html")
    page = visit.page
    page.get_by_label("Market").select_option("TH")
    assert names(page) == ["Shop b", "Shop c"]
    page.get_by_label("Verdict").select_option("ok")
    assert names(page) == ["Shop c"]
    assert page.locator("output").inner_text() == "1 of 5 shops shown"
    address = page.url
    again = visit.context.new_page()
    again.goto(address)
    assert names(again) == ["Shop c"]
    again.get_by_role("button", name="Show all").click()
    again.get_by_label("Find a shop").fill("OUT OF STOCK")
    assert names(again) == ["Shop lamps"], "the headline is searched too"
    assert visit.complaints == []


def test_without_scripts_it_is_a_plain_table(browser: Any, out: Path) -> None:
    page = Visit(browser, out / "index.html", scripts=False).page
    assert len(names(page)) == 5
    assert page.locator("form").is_hidden()
    assert page.locator("thead button").count() == 0
    assert page.get_by_role("table").count() == 1
    assert page.get_by_role("row").count() == 6, "rows are rows to a screen reader, whatever they are drawn as"


def test_a_table_is_a_stop_only_while_it_scrolls(browser: Any, out: Path) -> None:
    for width, stops in ((1280, 0), (360, 2)):
        page = Visit(browser, out / "history" / "lamps.html", width=width).page
        assert page.locator(".scroll[tabindex='0']").count() == stops, width


def many(out: Path, shops: int) -> Path:
    """An index of as many shops, each with twelve weeks, from lines that no report was made for."""
    out.mkdir()
    week(out, "2026-W46", 0.09, "breach", actions=[STOCK])
    (line,) = history.read_history(out).lines.values()
    weeks = [f"2026-W{number}" for number in range(35, 47)]
    lines = {
        f"{name}/shop-{number}": Line(
            f"{name}/shop-{number}", "state", line.verdict, line.shown, line.text.replace("lamps", f"shop {number}")
        )
        for name in weeks
        for number in range(shops)
    }
    for key, value in lines.items():
        # As a report of that week says it.
        object.__setattr__(value, "text", value.text.replace("2026-W46", key[:8]))
    path = out / "index.html"
    path.write_text(
        index_page.newest_page(out, history.History(dict(sorted(lines.items()))), [], "0"), encoding="utf-8"
    )
    return path


def test_a_thousand_shops_open_in_a_second(browser: Any, tmp_path: Path) -> None:
    page, few = many(tmp_path / "many", 1000), many(tmp_path / "few", 10)
    took = {}
    for path in (few, page):
        tries = []
        for _ in range(3):
            started = time.perf_counter()
            visit = Visit(browser, path)
            visit.page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
            tries.append(time.perf_counter() - started)
            assert visit.page.locator("tbody tr").count() == (1000 if path == page else 10)
            visit.context.close()
        took[path] = min(tries)
    # On a busy machine everything is slow: what a page of ten takes there is no fault of the other 990.
    assert took[page] < 1 + 2 * took[few], took
