"""A printed appendix: tables cut to a height, narrow ones side by side, what is said of a picture beside it."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from cancel_analysis.exhibits.kinds import ColumnView, Fold, Line, Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import blocks
from cancel_analysis.report.show.blocks.appendix import FEW_MORE, LEAST_OF_NARROW, Appendix

NUMBERS, TEXTS = NumberFormats("en"), blocks.Texts("en")


def wide(name: str, rows: int = 3) -> TableView:
    """A table that needs more than half a line."""
    texts = {f"c{n}": [f"{name}x{row:02d}word{n:04d}" for row in range(rows)] for n in range(6)}
    frame = pd.DataFrame(texts)
    return TableView(name, f"Wide {name}", frame, tuple(ColumnView(column, column) for column in frame))


def narrow(name: str, rows: int = 3) -> TableView:
    frame = pd.DataFrame({"a": [f"{name}x{row:02d}y" for row in range(rows)], "n": range(rows)})
    return TableView(name, f"Narrow {name}", frame, (ColumnView("a", "A"), ColumnView("n", "N", "integer")))


PICTURE = Picture("bars", "Bars", "Two bars", {}, pd.DataFrame({"a": [1]}), note="What is left out.", on_paper=False)
SAID = Prose("said", (Line("What follows rests on this."),))


def draw(*exhibits: Any, most: int = 10) -> str:
    return Appendix(NUMBERS, TEXTS, "report.xlsx").draw(exhibits, most)


def rows_of(source: str, name: str) -> int:
    return len(set(re.findall(rf"{name}x(\d\d)", source)))


@pytest.mark.parametrize("most", [3, 10, 40])
def test_a_table_of_hundreds_of_rows_is_cut_and_says_where_the_others_are(most: int) -> None:
    source = draw(wide("t", 99), most=most)
    assert rows_of(source, "t") == most
    assert f"{99 - most} more rows are in report.xlsx." in source


def test_few_more_rows_are_no_reason_to_cut_and_narrow_tables_may_be_higher() -> None:
    assert rows_of(draw(wide("t", 10 + FEW_MORE)), "t") == 10 + FEW_MORE
    assert rows_of(draw(wide("t", 11 + FEW_MORE)), "t") == 10
    assert rows_of(draw(narrow("t", LEAST_OF_NARROW), most=3), "t") == LEAST_OF_NARROW
    assert rows_of(draw(narrow("t", 99), most=40), "t") == 40


def test_narrow_tables_stand_side_by_side_but_never_above_what_is_said_of_them() -> None:
    source = draw(narrow("a"), wide("w"), PICTURE, narrow("b"), narrow("c"), SAID, narrow("d"))
    (pair,) = re.findall(r"#report-pair\[\n(.*?)\n\]\[\n(.*?)\n\]", source, re.DOTALL)
    assert ["Narrow a" in pair[0], "Narrow b" in pair[1]] == [True, True]
    places = [source.index(text) for text in ("Narrow a", "Wide w", "Bars", "Narrow c", "rests on this", "Narrow d")]
    assert places == sorted(places), "all else keeps its order"
    assert source.count("Narrow b") == 1, "nothing is set twice"


def test_a_long_table_stands_alone_where_half_of_the_page_would_stay_empty() -> None:
    assert "#report-pair" not in draw(narrow("a", 5), narrow("b", 60), most=60)
    assert "#report-pair" in draw(narrow("a", 5), narrow("b", 60), most=5), "cut to like heights"
    source = draw(narrow("a", 40), narrow("b", 4), narrow("c", 50), most=60)
    (pair,) = re.findall(r"#report-pair\[\n(.*?)\n\]\[\n(.*?)\n\]", source, re.DOTALL)
    assert ["Narrow a" in pair[0], "Narrow c" in pair[1]] == [True, True]


def test_a_picture_that_is_not_on_the_reports_paper_is_here_with_its_note() -> None:
    source = draw(PICTURE)
    assert '#report-figure("figures/bars.svg", "Two bars", [#"Bars"], [#"What is left out."])' in source


def test_a_fold_is_a_heading_and_its_exhibits_once_for_each_height() -> None:
    fold = Fold("f", "All rates", (wide("t", 50), SAID))
    few, many = blocks.fold_on_paper(fold, NUMBERS, TEXTS, (5, 20), "report.xlsx")
    assert (rows_of(few, "t"), rows_of(many, "t")) == (5, 20)
    for each in (few, many):
        assert each.startswith('```{=typst}\n#heading(level: 3, [#"All rates"])')
        assert "rests on this" in each
    hints = Fold("f", "Nothing", (Prose("p", (Line("For whoever runs the tool", "hint"),)),))
    assert blocks.fold_on_paper(hints, NUMBERS, TEXTS, (5,), "report.xlsx") == [""]


def test_a_caption_that_says_what_the_heading_says_is_left_out() -> None:
    (shown,) = blocks.fold_on_paper(Fold("f", "Wide t", (wide("t"),)), NUMBERS, TEXTS, (5,), "report.xlsx")
    assert shown.count("Wide t") == 1
