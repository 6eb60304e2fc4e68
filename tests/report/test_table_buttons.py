"""A table of a finished page is copied and saved as data, from a file that lies alone on a disk."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cancel_analysis.report.show.blocks import table_data
from cancel_analysis.report.show.blocks.escape import plain
from cancel_analysis.report.show.csv_files import defuse
from tests.report.accessibility import violations
from tests.report.samples import HOSTILE

pytestmark = pytest.mark.browser
ROWS = 45
HEADINGS = ["Product", "SKU", "Items", "Share of items (1 = 100%)", "Loss (USD)", "Day", "Standing"]
STANDINGS = ("Over a limit", "Watch", "Within the limits", "Cannot tell yet")


def expected() -> list[list[Any]]:
    """The rows of the sample's table of products, as `samples.TABLE` makes them."""
    days = pd.date_range("2026-11-01", periods=ROWS)
    return [
        [
            defuse(plain(HOSTILE[row % len(HOSTILE)])),
            f"17292{row:013d}",
            1200 + row,
            0.123 / (row + 1),
            -5.5 * row,
            days[row].date().isoformat(),
            STANDINGS[row % 4],
        ]
        for row in range(ROWS)
    ]


def visit(browser: Any, path: Path, *, script: str = "", **settings: Any) -> Any:
    """The page as a file without network; `script` runs before its own."""
    page = browser.new_context(offline=True, **settings).new_page()
    if script:
        page.add_init_script(script)
    page.goto(path.as_uri())
    return page


def saved(page: Any, button: Any) -> tuple[str, list[list[str]]]:
    """The name and the rows of the file that a button saves."""
    with page.expect_download() as download:
        button.click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets read Thai and Chinese"
    return download.value.suggested_filename, list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def check(rows: list[list[str]], headings: list[str], ids: str) -> None:
    """That rows are the sample's, whole and exact; an id stands in them as `ids` says."""
    assert rows[0] == headings
    assert len(rows) == 1 + ROWS, "the rows that are cut on the page, too"
    for row, wanted in zip(rows[1:], expected(), strict=True):
        assert row[0] == wanted[0]
        assert row[1] == ids.format(wanted[1])
        assert [float(cell) for cell in row[2:5]] == pytest.approx(wanted[2:5], rel=1e-9)
        assert row[5:] == wanted[5:]


def test_a_table_is_saved_as_csv_with_its_values_and_a_name_for_people(browser: Any, rendered: Path) -> None:
    page = visit(browser, rendered / "report.html")
    button = page.locator("#exhibit-products .take button", has_text="CSV")
    name, rows = saved(page, button)
    assert name == "Shop us-shop 2026-W46 Products by items lost.csv"
    check(rows, HEADINGS, "{}\t")


def test_a_table_is_copied_for_a_spreadsheet_by_key(browser: Any, rendered: Path) -> None:
    page = visit(browser, rendered / "report.html", permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("#exhibit-products .take button").first
    button.focus()
    page.keyboard.press("Enter")
    page.locator("#table-words", has_text="Copied").wait_for(state="attached")
    assert button.text_content() == "Copied"
    text = page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n")
    # No cell holds a tab or a line end, so nothing is quoted.
    check([line.split("\t") for line in text.rstrip("\n").split("\n")], HEADINGS, "'{}")
    page.locator("#exhibit-products .take button", has_text="Copy table").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Copy table", "the keyboard stays where it was"


@pytest.mark.parametrize("newer", ["undefined", "{ writeText: () => Promise.reject(new Error('no')) }"])
def test_where_the_clipboard_is_refused_the_data_are_selected(browser: Any, rendered: Path, newer: str) -> None:
    refuse = f"Object.defineProperty(navigator, 'clipboard', {{ value: {newer} }}); document.execCommand = () => false;"
    page = visit(browser, rendered / "report.html", script=refuse)
    figure = page.locator("#exhibit-products")
    figure.locator(".take button").first.click()
    page.wait_for_selector("#exhibit-products textarea")
    assert "copy it with Ctrl+C" in figure.locator(".take").inner_text()
    text = page.evaluate("(area => area.value.slice(area.selectionStart, area.selectionEnd))(document.activeElement)")
    check([line.split("\t") for line in text.rstrip("\n").split("\n")], HEADINGS, "'{}")
    figure.locator(".take button").first.click()
    assert figure.locator("textarea").count() == 1
    assert violations(page) == []


def test_every_table_has_two_buttons_with_names_and_paper_and_empty_tables_have_none(
    browser: Any, rendered: Path
) -> None:
    page = visit(browser, rendered / "report.html", viewport={"width": 360, "height": 740}, has_touch=True)
    tables = page.locator("figure.table:has(table)")
    assert tables.count() == 2
    for table in tables.all():
        buttons, caption = table.locator(".take button"), table.locator("caption").text_content()
        assert [button.get_attribute("aria-label") for button in buttons.all()] == [
            f"Copy table: {caption}", f"CSV: {caption}",
        ]  # fmt: skip
        assert all(button.bounding_box()["height"] >= 24 for button in buttons.all())
    assert page.locator("#exhibit-nothing .take").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    buttons.last.tap()
    page.emulate_media(media="print")
    assert not buttons.first.is_visible()


def test_a_table_of_more_rows_than_a_page_carries_says_so(browser: Any, rendered: Path, tmp_path: Path) -> None:
    text = (rendered / "report.html").read_text(encoding="utf-8")
    start = text.index('class="table-data">', text.index('id="exhibit-products"'))
    place = text.index("{", start) + 1
    path = tmp_path / "report.html"
    path.write_text(f'{text[:place]}"left":7,{text[place:]}', encoding="utf-8")
    page = visit(browser, path)
    button = page.locator("#exhibit-products .take button").last
    assert button.text_content() == f"CSV (first {ROWS} rows)"
    name, rows = saved(page, button)
    assert name == f"Shop us-shop 2026-W46 Products by items lost (first {ROWS} rows).csv"
    assert len(rows) == 1 + ROWS <= table_data.MOST_ROWS
