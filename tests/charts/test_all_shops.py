"""The pictures over all shops: where marks stand, what is left out, and that they are valid."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from cancel_analysis.charts.all_shops import (
    MOST_ROWS,
    MOST_TIMES,
    against_limits_picture,
    causes_picture,
    days_picture,
)
from cancel_analysis.charts.vega_lite import rows
from cancel_analysis.pages.shop_rows import page_speaker
from tests.charts.test_new_pictures import drawn, texts

VOICE = page_speaker()


def days(count: int = 28, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"date": pd.date_range("2026-10-19", periods=count), "cancelled": range(count)})
    plain = {"usual_cancelled": 5.0, "fault": 1.0, "usual_fault": 1.5}
    return frame.assign(**{**plain, **columns})


def test_the_last_day_is_marked_and_written() -> None:
    picture = days_picture(days(), "Note", VOICE)
    first, second = picture.chart["concat"]
    (marked,) = [row for row in first["data"]["values"] if row["last"]]
    assert (marked["count"], marked["label"], marked["date"]) == (27, "27", "2026-11-15T00:00:00")
    assert picture.caption == "27 orders were cancelled yesterday; 5.0 are usual for that day's orders"
    assert "27" in texts(drawn(picture))
    assert len(second["data"]["values"]) == 28


def test_an_unknown_sellers_fault_is_no_panel() -> None:
    picture = days_picture(days(fault=np.nan, usual_fault=np.nan), "", VOICE)
    assert "concat" not in picture.chart
    drawn(picture)


def shops(*times: float, before: float = 0.5) -> pd.DataFrame:
    frame = pd.DataFrame({"times": times})
    return frame.assign(
        name="Lamps", label="Rate", value="1% of 2%", verdict="ok", before=before, low=frame["times"] * 0.8,
        high=frame["times"] * 1.2,
    )  # fmt: skip


def test_a_rate_past_the_end_of_the_axis_is_drawn_there() -> None:
    picture = against_limits_picture(shops(7.7, 0.5), "Title", "", VOICE)
    values = [row for row in rows(picture.chart) if "times" in row]
    assert [row["times_drawn"] for row in values] == [MOST_TIMES, 0.5]
    assert [row["times"] for row in values] == [7.7, 0.5]
    assert values[0]["before_drawn"] == 0.5
    far = against_limits_picture(shops(7.7, 0.5, before=6.0), "Title", "", VOICE)
    first, second = (row for row in rows(far.chart) if "times" in row)
    assert first["before_drawn"] is None, "no way is drawn between two places past the end"
    assert second["before_drawn"] == MOST_TIMES
    drawn(far)


def test_shops_of_one_name_have_a_row_each_and_too_many_are_counted() -> None:
    picture = against_limits_picture(shops(*[0.5] * (MOST_ROWS + 3)), "Title", "Note.", VOICE)
    values = [row for row in rows(picture.chart) if "times" in row]
    assert len({row["row"] for row in values}) == len(values) == MOST_ROWS
    assert picture.note == "Note. 3 more shops are in the lines below."
    assert len(picture.frame) == MOST_ROWS + 3
    drawn(picture)


def test_an_unknown_week_before_has_no_ring() -> None:
    picture = against_limits_picture(shops(0.5, 0.7, before=np.nan), "Title", "", VOICE)
    svg = drawn(picture)
    assert "NaN" not in re.sub(r'aria-label="[^"]*"', "", svg)


def test_the_two_parts_of_a_cause_make_its_bar() -> None:
    frame = pd.DataFrame({"label": ["A", "B"], "items": [10, 4], "out_items": [7, 0], "said": ["10", "4"]})
    picture = causes_picture(frame, "Title", "", VOICE)
    parts = [row for row in rows(picture.chart) if "part" in row]
    assert [(row["label"], row["items"]) for row in parts] == [("A", 7), ("A", 3), ("B", 4)]
    drawn(picture)
