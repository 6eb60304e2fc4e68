"""A table of a finished page is sorted by a column's own values, by mouse and key, and handed out as it is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cancel_analysis.exhibits.kinds import ColumnView, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show.blocks import html
from cancel_analysis.report.show.blocks.text import Texts
from tests.report.accessibility import violations
from tests.report.test_table_buttons import saved, visit

pytestmark = pytest.mark.browser
VERDICTS = ["watch", "ok", "breach", None, "cannot_tell", "watch"]
# Texts and values that sort differently: 1.2M before 340K, 1,234 of 2,000 before 9 of 22, 9 Nov before 10 Oct.
FRAME = pd.DataFrame(
    {
        "name": ["item 10", "Item 2", "émile", "zebra", "", "Item 2"],
        "group": ["all", "part", "part", "all", "part", "part"],
        "loss": [340_000.0, 1_200_000.0, None, -5.5, 25.25, 340_000.0],
        "share": [0.051, 0.12, 0.0, None, 0.051, 0.009],
        "day": pd.to_datetime(["2026-11-09", "2026-10-10", "2025-12-31", None, "2026-11-09", "2026-02-01"]),
        "counts": ["1,234 of 2,000", "9 of 22", "11 of 38", "–", "10 of 12", "2 of 3"],
        "count": [1234.0, 9, 11, None, 10, 2],
        "points": ["+10.0", "−0.6", "0.0", "–", "−3.1", "+2.0"],
        "low": [0.1, -0.006, 0.0, None, -0.031, 0.02],
        "verdict": VERDICTS,
        "number": ["22960", "35004B", "9", "577000000000000001", "577000000000000000", "22798"],
    }
)
COLUMNS = (
    ColumnView("name", "Name"),
    ColumnView("loss", "Loss", "money"),
    ColumnView("share", "Share", "percent"),
    ColumnView("day", "Day", "date"),
    ColumnView("counts", "Counts", by=("count",)),
    ColumnView("points", "Points", data=("low",), data_kind="points"),
    ColumnView("verdict", "Verdict", "verdict"),
    ColumnView("number", "Number", "id"),
)
# The order of the rows by each column: largest, worst, newest or A first; then the other way round. By hand.
ORDERS = {
    "Name": ([2, 1, 5, 0, 3, 4], [3, 0, 1, 5, 2, 4]),
    "Loss": ([1, 0, 5, 4, 3, 2], [3, 4, 0, 5, 1, 2]),
    "Share": ([1, 0, 4, 5, 2, 3], [2, 5, 0, 4, 1, 3]),
    "Day": ([2, 5, 1, 0, 4, 3], [0, 4, 1, 5, 2, 3]),
    "Counts": ([0, 2, 4, 1, 5, 3], [5, 1, 4, 2, 0, 3]),
    "Points": ([0, 5, 2, 1, 4, 3], [4, 1, 2, 5, 0, 3]),
    "Verdict": ([2, 0, 5, 4, 1, 3], [1, 4, 0, 5, 2, 3]),
    "Number": ([2, 5, 0, 1, 4, 3], [3, 4, 1, 0, 5, 2]),
}


@pytest.fixture(scope="module")
def page_file(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's page with two tables more: of the rows above, and of the same in groups that rows head."""
    numbers, texts = NumberFormats("en"), Texts("en")
    free = TableView("free", "Rows to sort", FRAME, COLUMNS, currency="USD")
    headed = TableView("headed", "Rows in groups", FRAME, COLUMNS, currency="USD", stays=("group", "all"))
    single = TableView("single", "One row", FRAME.head(1), COLUMNS, currency="USD")
    text = (rendered / "report.html").read_text(encoding="utf-8")
    place = text.index('<footer class="page">')
    made = "".join(html.table(view, numbers, texts) for view in (free, headed, single))
    path = tmp_path_factory.mktemp("sorting") / "report.html"
    path.write_text(text[:place] + made + text[place:], encoding="utf-8")
    return path


def order(page: Any, name: str) -> list[int]:
    """The rows of a table as they stand, each by its number in the frame."""
    rows = page.locator(f"#exhibit-{name} tbody tr").all()
    ids = [row.locator("td.id").evaluate("cell => (cell.querySelector('button')?.dataset.copy ?? cell.textContent)")
           for row in rows]  # fmt: skip
    return [FRAME["number"].tolist().index(each) for each in ids]


def heading(page: Any, name: str, label: str) -> Any:
    return page.locator(f"#exhibit-{name} thead th", has_text=re.compile(f"^{label}$"))


@pytest.mark.parametrize("label", ORDERS)
def test_a_heading_sorts_by_values_then_the_other_way_then_as_it_was(browser: Any, page_file: Path, label: str) -> None:
    page = visit(browser, page_file)
    head = heading(page, "free", label)
    downward = label not in ("Name", "Day", "Number")
    named = ("descending", "ascending") if downward else ("ascending", "descending")
    for wanted, way in zip(ORDERS[label], named, strict=True):
        head.locator("button").click()
        assert order(page, "free") == wanted
        assert head.get_attribute("aria-sort") == way
    head.locator("button").click()
    assert order(page, "free") == list(range(len(FRAME)))
    assert page.locator("[aria-sort]").count() == 0
    page.context.close()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_sorts_and_stays_where_it_was(browser: Any, page_file: Path, key: str) -> None:
    page = visit(browser, page_file)
    button = heading(page, "free", "Loss").locator("button")
    heading(page, "free", "Name").locator("button").focus()
    page.keyboard.press("Tab")
    page.keyboard.press(key)
    assert order(page, "free") == ORDERS["Loss"][0]
    assert button.evaluate("button => button === document.activeElement")
    # Another column takes over, and begins anew.
    heading(page, "free", "Share").locator("button").click()
    assert order(page, "free") == ORDERS["Share"][0]
    assert [head.text_content() for head in page.locator("[aria-sort]").all()] == ["Share"]
    page.context.close()


def test_rows_that_head_a_group_stay_and_the_others_are_sorted_between_them(browser: Any, page_file: Path) -> None:
    page = visit(browser, page_file)
    button = heading(page, "headed", "Loss").locator("button")
    button.click()
    assert order(page, "headed") == [0, 1, 2, 3, 5, 4], "rows 0 and 3 head; 2 is not known"
    button.click()
    assert order(page, "headed") == [0, 1, 2, 3, 4, 5]
    page.context.close()


def test_what_is_copied_and_saved_stands_in_the_order_shown(browser: Any, page_file: Path) -> None:
    page = visit(browser, page_file)
    heading(page, "free", "Loss").locator("button").click()
    _, rows = saved(page, page.locator("#exhibit-free .take button", has_text="CSV"))
    given = FRAME.iloc[ORDERS["Loss"][0]]
    assert [row[1] for row in rows[1:]] == ["1200000", "340000", "340000", "25.25", "-5.5", ""]
    assert [row[0] for row in rows[1:]] == given["name"].tolist()
    assert [row[3] for row in rows[1:]] == given["day"].dt.strftime("%Y-%m-%d").fillna("").tolist()
    page.context.close()


def test_of_a_cut_table_the_rows_shown_are_sorted_and_the_further_ones_follow(browser: Any, page_file: Path) -> None:
    page = visit(browser, page_file)
    figure = page.locator("#exhibit-products")
    figure.locator("thead button", has_text="Items").first.click()
    shown = figure.locator("tbody tr").count()
    _, rows = saved(page, figure.locator(".take button", has_text="CSV"))
    items = [int(row[2]) for row in rows[1:]]
    assert 1 < shown < len(items)
    assert items[:shown] == list(range(1200 + shown - 1, 1199, -1))
    assert items[shown:] == list(range(1200 + shown, 1200 + len(items)))
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_nothing_moves_and_axe_finds_nothing(browser: Any, page_file: Path, width: int, scheme: str) -> None:
    still = visit(browser, page_file, viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = visit(browser, page_file, viewport={"width": width, "height": 800}, color_scheme=scheme)

    def cells(of: Any) -> list[tuple[float, ...]]:
        boxes = [cell.bounding_box() for cell in of.locator("#exhibit-free thead th").all()]
        # From the first one on: a narrow page scrolls to what is clicked.
        return [(round(box["x"] - boxes[0]["x"], 1), round(box["width"], 1), round(box["height"], 1)) for box in boxes]

    came = cells(page)
    assert came == cells(still), "the buttons take the room that the headings had"
    assert still.locator("thead button").count() == 0
    heading(page, "free", "Verdict").locator("button").click()
    assert cells(page) == came
    assert all(button.bounding_box()["height"] >= 24 for button in page.locator("#exhibit-free thead button").all())
    assert page.locator("#exhibit-single thead button").count() == 0, "one row has no order"
    arrow = "head => getComputedStyle(head.querySelector('button'), '::after').opacity"
    assert heading(page, "free", "Verdict").evaluate(arrow) == "1"
    assert violations(page) == []
    still.context.close()
    page.context.close()
