"""One line a shop: what is kept of its figure comes back the same, and who could not be read says why."""

import json

import pandas as pd

from cancel_analysis.exhibits.kinds import ShopRow
from cancel_analysis.pages.shop_rows import (
    FRAME_COLUMNS,
    failure_rows,
    keep_tile,
    named,
    page_speaker,
    rows_exhibit,
    tile_of,
)
from tests.report.show.test_first_screen import tile


def test_a_tile_comes_back_from_plain_values():
    shown = tile()
    assert tile_of(json.loads(json.dumps(keep_tile(shown)))) == shown
    assert tile_of(keep_tile(None)) is None


def test_the_file_of_the_lines_has_a_row_a_shop():
    rows = [("a", ShopRow("A", "TH", "breach", "Over", tile(), "Do it", "Here", "Today", "Said")),
            ("b", ShopRow("B", "US", "cannot_tell", "Not known", said="Why"))]  # fmt: skip
    exhibit = rows_exhibit("lines", rows, page_speaker())
    assert list(exhibit.frame.columns) == FRAME_COLUMNS
    assert exhibit.frame["value"].tolist() == ["5.1%", ""]
    assert exhibit.frame["said"].tolist() == ["Said", "Why"]


def test_a_shop_that_cannot_be_read_says_why_and_is_not_called_well():
    failures = pd.DataFrame([("x", "Lost", "US", "cut off")], columns=["shop", "name", "market", "cause"])
    ((shop, row),) = failure_rows(failures, page_speaker())
    assert (shop, row.name, row.verdict, row.word, row.said) == (
        "x",
        "Lost",
        "cannot_tell",
        "Could not be read",
        "cut off",
    )


def test_of_many_names_the_first_stand_with_how_many_more():
    voice = page_speaker()
    assert named(["A", "B"], voice) == "A, B"
    assert named(list("ABCDE"), voice) == "A, B, C and 2 more"
