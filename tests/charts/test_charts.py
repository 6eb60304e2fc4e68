import json
from datetime import date

import pandas as pd
import pytest

from cancel_analysis.catalog.words import words
from cancel_analysis.charts import stages as charts
from cancel_analysis.charts.rates import limits_picture
from cancel_analysis.charts.vega_lite import rows
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.rates import breakdown
from tests.frames import affected_items

ITEMS = affected_items(
    *({"product_name": f"Product {n}", "sku_id": f"S{n}", "units": n + 1, "reason": "out_of_stock"} for n in range(15)),
    {
        "stage": "refund",
        "responsibility": "shipping",
        "reason": "delivery_failed",
        "product_name": "</script><script>x",
    },
)


def linked():
    return charts.linked_picture(breakdown.linked(ITEMS, date(2026, 11, 15)), words("en"), NumberFormats("en"))


def test_only_the_columns_that_are_drawn_reach_the_page():
    spec = linked().chart
    drawn = list(rows(spec))
    assert set(drawn[0]) == {
        "stage_label",
        "responsibility_label",
        "reason_label",
        "responsibility",
        "product_label",
        "items",
        "amount",
        "days",
        "category",
    }
    assert sum(row["items"] for row in drawn) == ITEMS["units"].sum()


def test_the_live_picture_selects_and_the_still_one_does_not():
    picture = linked()
    assert {one["name"] for one in picture.chart["params"]} == {
        "period_days",
        "pick_stage",
        "pick_responsibility",
        "pick_reason",
    }
    assert "params" not in picture.still


def test_each_panel_is_filtered_by_the_other_choices_only():
    spec = linked().chart
    for panel, own in zip(spec["vconcat"], ("stage", "responsibility", "reason", None), strict=True):
        text = json.dumps(panel["layer"][0]["transform"])
        named = {name for name in ("stage", "responsibility", "reason") if f"pick_{name}" in text}
        assert named == {"stage", "responsibility", "reason"} - {own}


def test_a_picture_says_in_words_what_it_shows():
    assert "Out of stock" in linked().alternative
    assert str(ITEMS["units"].sum()) in linked().alternative


def test_the_limits_picture_keeps_order_and_survives_an_empty_rate():
    frame = pd.DataFrame(
        {
            "label": ["B\nx", "A\ny"],
            "rate": [0.03, float("nan")],
            "low": [0.02, 0.0],
            "high": [0.04, 1.0],
            "limit": [0.025, 0.04],
            "verdict": ["breach", "cannot_tell"],
        }
    )
    picture = limits_picture(frame, "Sentence.", words("en"), NumberFormats("en"))
    assert len(picture.frame) == 2, "the machine-readable twin keeps every limit"
    assert [row["label"] for row in rows(picture.chart)] == ["B\nx"]


@pytest.mark.parametrize("text", ["short", "word " * 40, "line\nbreak\ttab"])
def test_a_label_is_one_short_line(text):
    short = charts.shortened(text)
    assert "\n" not in short
    assert len(short) <= 44


def test_the_category_box_is_there_only_where_there_is_a_choice():
    items = affected_items({"category": "Lamps"}, {"category": "Cups"}, {"category": None})
    picture = charts.linked_picture(breakdown.linked(items, date(2026, 11, 15)), words("en"), NumberFormats("en"))
    box = next(one for one in picture.chart["params"] if one["name"] == "category_is")
    assert box["bind"]["options"] == [None, "Cups", "Lamps", ""]
