"""Choosing in the linked picture: by click, by key, by address; chips, reset, and the tables beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cancel_analysis.catalog.words import words
from cancel_analysis.charts.stages import linked_picture
from cancel_analysis.exhibits.kinds import ColumnView, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.rates import breakdown
from cancel_analysis.report.show import theme, vega
from cancel_analysis.report.show.blocks import html
from cancel_analysis.report.show.blocks.text import Texts
from tests.conftest import PROJECT
from tests.frames import affected_items

pytestmark = pytest.mark.browser
ITEMS = affected_items(
    {"units": 6, "reason": "out_of_stock", "responsibility": "seller", "product_name": "Lamp", "category": "Light"},
    {"units": 3, "reason": "no_longer_needed", "responsibility": "buyer", "product_name": "Cup", "category": "Kitchen"},
    {"units": 2, "reason": "delivery_failed", "responsibility": "shipping", "stage": "refund", "product_name": "Cup"},
)
NO_POLICY = "default-src 'none'; img-src data: file:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    numbers = NumberFormats("en")
    picture = linked_picture(breakdown.linked(ITEMS, date(2026, 11, 15)), words("en"), numbers)
    frame = pd.DataFrame({"reason": ["Out of stock", "No longer needed", "Delivery failed"], "items": [6, 3, 2]})
    columns = (ColumnView("reason", "Reason"), ColumnView("items", "Items", "integer"))
    table = html.table(TableView("reasons", "Reasons", frame, columns), numbers, Texts("en"))
    css = (PROJECT / "reports" / "report.css").read_text(encoding="utf-8")
    tail = (PROJECT / "reports" / "tail.html").read_text(encoding="utf-8")
    shown = html.picture(picture, theme.themed(picture.chart)).replace("figures/breakdown.svg", "data:,")
    path = tmp_path_factory.mktemp("linked") / "page.html"
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{NO_POLICY}"><style>{css}</style>{vega.script()}'
        f"<body><main><section>{shown}{table}</section></main>{tail}",
        encoding="utf-8",
    )
    return path


class Opened:
    """The page at one width, drawn."""

    def __init__(self, browser: Any, path: Path, width: int = 1280, address: str = "") -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.goto(path.as_uri() + address)
        self.page.wait_for_function("window.reportCharts === 1")

    def bar(self, said: str) -> Any:
        return self.page.locator(f'.live path[aria-label^="{said}"]').first

    def chips(self) -> list[str]:
        return list(self.page.locator(".choices button").all_inner_texts())

    def wait_for(self, chips: list[str]) -> None:
        self.page.wait_for_function(
            "wanted => JSON.stringify([...document.querySelectorAll('.choices button')].map(b => b.textContent)) "
            "=== JSON.stringify(wanted)",
            arg=chips,
        )

    def reasons(self) -> list[str]:
        """The rows of the table that show."""
        return [row.inner_text().split("\t")[0] for row in self.page.locator("figure.table tbody tr:visible").all()]

    def drawn_reasons(self) -> set[str]:
        labels = self.page.locator(".reason_label_bars_marks path").evaluate_all(
            "bars => bars.map(bar => bar.getAttribute('aria-label'))"
        )
        return {label.split(";")[0].removeprefix("Reason: ") for label in labels}


def test_a_click_filters_the_panels_the_table_and_the_address_and_a_second_lets_go(
    browser: Any, page_file: Path
) -> None:
    opened = Opened(browser, page_file)
    assert opened.drawn_reasons() == {"Out of stock", "No longer needed", "Delivery failed"}
    assert opened.chips() == []
    opened.bar("Responsible: Seller").click()
    opened.wait_for(["Responsible: Seller ×", "Show all"])
    assert opened.drawn_reasons() == {"Out of stock"}
    assert opened.page.url.endswith("#exhibit-breakdown?pick_responsibility=Seller")
    assert len(opened.reasons()) == 3, "a table without a column of responsible parties stays whole"
    opened.bar("Responsible: Seller").click()
    opened.wait_for([])
    assert opened.drawn_reasons() == {"Out of stock", "No longer needed", "Delivery failed"}
    assert opened.page.url.endswith("#exhibit-breakdown")
    opened.bar("Reason: Delivery failed").click()
    opened.wait_for(["Reason: Delivery failed ×", "Show all"])
    assert opened.reasons() == ["Delivery failed"]
    assert opened.complaints == []


def test_chips_let_go_of_one_choice_and_of_all(browser: Any, page_file: Path) -> None:
    opened = Opened(browser, page_file)
    opened.bar("Reason: Out of stock").click()
    opened.wait_for(["Reason: Out of stock ×", "Show all"])
    opened.bar("Reason: Delivery failed").click()
    opened.wait_for(["Reason: Out of stock ×", "Reason: Delivery failed ×", "Show all"])
    assert opened.reasons() == ["Out of stock", "Delivery failed"]
    opened.page.get_by_role("button", name="Reason: Out of stock ×").click()
    opened.wait_for(["Reason: Delivery failed ×", "Show all"])
    opened.page.get_by_role("button", name="Show all").click()
    opened.wait_for([])
    assert len(opened.reasons()) == 3


def test_bars_are_reached_and_chosen_by_keyboard(browser: Any, page_file: Path) -> None:
    opened = Opened(browser, page_file)
    focused = "document.activeElement.getAttribute('aria-label')"
    assert opened.page.locator('.live path[tabindex="0"]').count() == 4, "one stop a panel"
    opened.page.locator('.reason_label_bars_marks path[tabindex="0"]').focus()
    assert opened.page.evaluate(focused).startswith("Reason: Out of stock")
    opened.page.keyboard.press("ArrowDown")
    assert opened.page.evaluate(focused).startswith("Reason: No longer needed")
    opened.page.keyboard.press("Enter")
    opened.wait_for(["Reason: No longer needed ×", "Show all"])
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate(focused).startswith("Reason: No longer needed"), "the focus stays where it was"
    assert opened.bar("Reason: No longer needed").get_attribute("aria-pressed") == "true"
    assert opened.bar("Reason: Out of stock").get_attribute("aria-pressed") == "false"
    opened.page.keyboard.press(" ")
    opened.wait_for([])


def test_an_address_brings_its_choice_and_survives_another_width(browser: Any, page_file: Path) -> None:
    address = "#exhibit-breakdown?pick_reason=Delivery+failed&pick_stage=Nonsense&period_days=30"
    opened = Opened(browser, page_file, address=address)
    opened.wait_for(["Reason: Delivery failed ×", "Show all"])
    assert opened.reasons() == ["Delivery failed"]
    assert opened.page.locator("select").first.input_value() == "30"
    opened.page.set_viewport_size({"width": 360, "height": 800})
    opened.page.wait_for_function("document.querySelector('.live svg').getBoundingClientRect().width < 340")
    opened.wait_for(["Reason: Delivery failed ×", "Show all"])
    assert opened.bar("Reason: Delivery failed").get_attribute("aria-pressed") == "true"
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (360, False)])
def test_panels_stand_side_by_side_on_a_wide_page_and_below_one_another_on_a_phone(
    browser: Any, page_file: Path, width: int, beside: bool
) -> None:
    opened = Opened(browser, page_file, width=width)
    reason = opened.bar("Reason: Out of stock").bounding_box()
    product = opened.bar("Product and SKU: Lamp").bounding_box()
    assert (product["x"] > reason["x"] + 200) == beside
    assert (product["y"] > reason["y"] + 40) != beside
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    for bar in opened.page.locator(".live path").all():
        box = bar.bounding_box()
        assert box is None or box["x"] + box["width"] <= width
