"""How printed pages are filled: with evidence where a third would stay empty, and no note without its picture."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from cancel_analysis.exhibits.kinds import ColumnView, Picture, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report import render
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.show.blocks import Texts, filler, typst
from cancel_analysis.report.show.blocks.escape import raw_block
from tests.report.render.test_render import text_of

NOTE = r"Made with\s+Pandoc"
# Millimetres of text on a page (A4 less the margins), and what the page's head takes of the first.
PAGE, HEAD = 262, 25


def table(name: str, rows: int) -> TableView:
    frame = pd.DataFrame({"name": [f"{name} row {number}" for number in range(rows)], "count": range(rows)})
    return TableView(
        name, f"Caption {name}", frame, (ColumnView("name", "Name"), ColumnView("count", "Count", "integer"))
    )


def offered(*tables: TableView, end: bool = True) -> str:
    return filler("Figures" if end else "", tables, NumberFormats("en"), Texts("en"), end=end)


def high(millimetres: float) -> str:
    """Something of a report that takes so much of a page and cannot be parted."""
    return raw_block("typst", f"#block(height: {millimetres}mm, spacing: 0pt, breakable: false)[thing]")


def pages(work: Path, first: list[str], second: list[str] | None = None) -> list[str]:
    """The texts of the pages of a report whose first part, and whose second if there is one, show these blocks."""
    path = work / prepare.EXECUTED
    notebook = nbformat.read(path, as_version=4)
    shown = {"verdict": first, "stages": second or []}
    heads = ("head-verdict", *(("head-stages",) if second else ()))
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type != "markdown" or cell.id in heads]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            data = [{"text/markdown": block} for block in shown.get(cell.id, [])]
            cell.outputs = [nbformat.v4.new_output("display_data", data=each) for each in data]
    nbformat.write(notebook, path)
    render.render(work, ("pdf",), renderer="builtin")
    return text_of(work / "report.pdf").split("\f")[:-1]


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        pytest.param(20, ["A", "B"], id="a nearly empty page takes what fits until it is full enough"),
        pytest.param(110, ["A"], id="the most telling is enough"),
        pytest.param(170, ["C"], id="what does not fit is passed over"),
        pytest.param(200, [], id="a page three quarters full stays as it is"),
    ],
)
def test_a_last_page_is_filled_with_what_fits(work: Path, left: float, shown: list[str]) -> None:
    offer = offered(table("A", 18), table("B", 14), table("C", 4))
    found = pages(work, [high(PAGE - HEAD - 15), high(left), offer])
    assert len(found) == 2
    assert [name for name in "ABC" if f"Caption {name}" in found[1]] == shown
    assert ("Figures" in found[1]) == bool(shown), "the heading stands only above something"
    assert "Caption" not in found[0]


def test_a_report_of_one_page_stays_one(work: Path) -> None:
    found = pages(work, [high(60), offered(table("A", 5))])
    assert len(found) == 1
    assert "Caption" not in found[0]


def test_what_a_report_says_of_itself_begins_no_page(work: Path) -> None:
    full = raw_block("typst", "#v(1fr)\nthe last line of a full page")
    found = pages(work, [full])
    assert len(found) == 1
    assert re.search(NOTE, found[0])


@pytest.mark.parametrize(("next_one", "filled"), [(200, True), (60, False)])
def test_a_page_that_the_next_part_leaves_is_filled_before_it(work: Path, next_one: float, filled: bool) -> None:
    found = pages(work, [high(100), offered(table("A", 8), end=False)], [high(next_one)])
    assert ("Caption A" in found[0]) == filled
    assert len(found) == 1 + filled
    assert "Stages and reasons" in found[-1]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 120"><rect width="400" height="120"/></svg>'


@pytest.mark.parametrize(
    ("before", "page"),
    [
        pytest.param(150, 0, id="there is room"),
        pytest.param(184, 0, id="the picture becomes smaller"),
        pytest.param(200, 1, id="it would become too small"),
    ],
)
def test_a_picture_and_what_is_said_of_it_are_on_one_page(work: Path, before: float, page: int) -> None:
    (work / "figures" / "bars.svg").write_text(SVG, encoding="utf-8")
    picture = Picture("bars", "Caption of bars", "Bars", None, pd.DataFrame(), note="A note on bars")
    found = pages(work, [high(before), raw_block("typst", typst.picture(picture))])
    assert ["Caption of bars" in text for text in found] == ["A note on bars" in text for text in found]
    assert "Caption of bars" in found[page]
