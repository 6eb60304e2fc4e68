import json
import re
from datetime import date
from html import unescape

import pandas as pd
import pytest
import vl_convert

from cancel_analysis.catalog.words import words
from cancel_analysis.charts import stages as charts
from cancel_analysis.charts.rates import limits_picture, over_time_picture
from cancel_analysis.charts.vega_lite import rows
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.rates import breakdown
from cancel_analysis.report.show.theme import themed
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
        "product_label",
        "items",
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
        "pick_product",
    }
    assert "params" not in picture.still
    assert list(rows(picture.still)) == list(rows(picture.chart))
    assert "pick_" not in json.dumps({**picture.still, "data": None})


def test_each_panel_is_filtered_by_the_other_choices_only():
    spec = linked().chart
    names = ("stage", "responsibility", "reason", "product")
    for panel, own in zip(spec["concat"], names, strict=True):
        text = json.dumps(panel["layer"][0]["transform"])
        assert {name for name in names if f"pick_{name}" in text} == {*names} - {own}


def test_a_part_of_a_bar_says_its_own_items_and_share_on_the_scale_of_all_panels():
    items = affected_items(
        {"units": 6, "reason": "out_of_stock", "responsibility": "seller"},
        {"units": 2, "reason": "delivery_failed", "responsibility": "shipping"},
    )
    picture = charts.linked_picture(breakdown.linked(items, date(2026, 11, 15)), words("en"), NumberFormats("en"))
    svg = vl_convert.vegalite_to_svg(themed(picture.still))
    width = {
        unescape(label): float(re.search(r'd="M[\d.]+,[\d.]+h([\d.]+)v', path).group(1))
        for label, path in re.findall(r'aria-label="([^"]*)" role="graphics-symbol"([^>]*)', svg)
    }
    stage = "Stage: Cancelled before dispatch; Responsible: "
    assert {label for label in width if label.startswith("Stage")} == {
        stage + "Seller; Items: 6; Share: 75.0%",
        stage + "Shipping; Items: 2; Share: 25.0%",
    }, "a screen reader hears no names of fields"
    reason = "Reason: Out of stock; Responsible: Seller; Items: 6; Share: 75.0%"
    assert width[reason] == pytest.approx(width[stage + "Seller; Items: 6; Share: 75.0%"])
    assert width[reason] == pytest.approx(3 * width[stage + "Shipping; Items: 2; Share: 25.0%"])


def test_one_of_many_is_not_called_none():
    items = affected_items(
        {"units": 374, "reason": "out_of_stock", "responsibility": "seller"},
        {"units": 1, "reason": "delivery_failed", "responsibility": "shipping"},
    )
    picture = charts.linked_picture(breakdown.linked(items, date(2026, 11, 15)), words("en"), NumberFormats("en"))
    svg = unescape(vl_convert.vegalite_to_svg(themed(picture.still)))
    assert "1  ·  <1%" in svg
    assert not re.search(r"·  0%", svg)


def test_long_numbers_show_their_last_digits_but_never_make_two_products_one():
    def labels(*ids):
        items = affected_items(*({"product_name": "Lamp", "product_id": sku, "sku_id": sku} for sku in ids))
        cube = breakdown.linked(items, date(2026, 11, 15))
        return {
            row["product_label"] for row in rows(charts.linked_picture(cube, words("en"), NumberFormats("en")).chart)
        }

    assert labels("1729000000000001234", "1729000000000005678") == {"Lamp\n…1234", "Lamp\n…5678"}
    assert labels("1729000000000001234", "1729000000009991234") == {
        "Lamp\n1729000000000001234",
        "Lamp\n1729000000009991234",
    }
    assert labels("S1") == {"Lamp\nS1"}
    assert labels("Lamp") == {"Lamp"}, "a name that stands in for the number is written once"


def test_a_picture_says_in_words_what_it_shows():
    assert "Out of stock" in linked().alternative
    assert str(ITEMS["units"].sum()) in linked().alternative


def limits(*changes):
    base = {"label": "Rate A\nx", "metric": "a", "date_basis": "created", "window_days": 7, "rate": 0.03, "low": 0.02,
            "high": 0.04, "limit": 0.025, "force": "enforced", "verdict": "breach"}  # fmt: skip
    frame = pd.DataFrame([{**base, **change} for change in changes])
    return limits_picture(frame, "Sentence.", words("en"), NumberFormats("en"))


def test_the_limits_picture_keeps_order_and_survives_an_empty_rate():
    picture = limits({"label": "B\nx"}, {"label": "A\ny", "rate": float("nan"), "verdict": "cannot_tell"})
    assert len(picture.frame) == 2, "the machine-readable twin keeps every limit"
    assert {row["label"] for row in rows(picture.chart)} == {"B\n7 days"}


def test_a_rate_with_a_target_and_a_limit_is_one_dot_and_two_lines():
    picture = limits(
        {"limit": 0.025, "force": "target", "verdict": "watch"}, {"limit": 0.05, "verdict": "breach"},
        {"label": "Other", "limit": 0.1, "verdict": None},
    )  # fmt: skip
    dots = [row for row in rows(picture.chart) if "rate" in row]
    assert [(row["label"], row["verdict"]) for row in dots] == [("Rate A\n7 days", "breach"), ("Other\n7 days", "none")]
    lines = [(row["label"], row["limit"], row["limit_label"]) for row in rows(picture.chart) if "limit" in row]
    assert lines == [
        ("Rate A\n7 days", 0.025, "2.5% target"),
        ("Rate A\n7 days", 0.05, "5.0% enforced"),
        ("Other\n7 days", 0.1, "10.0% enforced"),
    ]


def test_one_rate_counted_in_two_ways_is_two_dots():
    picture = limits({"rate": 0.03}, {"rate": 0.04, "limit": 0.06})
    dots = {row["label"]: row["rate"] for row in rows(picture.chart) if "rate" in row}
    assert dots == {"Rate A\n7 days, 2.5% enforced": 0.03, "Rate A\n7 days, 6.0% enforced": 0.04}


def test_no_line_over_time_is_drawn_for_a_handful_of_orders():
    days = pd.date_range("2026-10-01", periods=10)
    frame = pd.DataFrame(
        [
            {"date": day, "metric": name, "label": name, "window": 30, "rate": 0.1, "low": 0.0, "high": 0.4}
            for name in ("a", "b")
            for day in days
        ]
    )
    none = pd.DataFrame({"metric": [], "label": [], "limit": []})
    assert over_time_picture(frame, none, words("en"), NumberFormats("en"), orders=29) is None
    drawn = over_time_picture(frame, none, words("en"), NumberFormats("en"), orders=30, title="It rose.")
    assert drawn.caption == "It rose."


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


def test_names_without_a_number_take_one_line_each():
    def step(items):
        cube = breakdown.linked(items, date(2026, 11, 15))
        picture = charts.linked_picture(cube, words("en"), NumberFormats("en"))
        return picture.chart["concat"][-1]["height"]["step"], rows(picture.chart)

    numbered, _ = step(ITEMS)
    plain, labels = step(ITEMS.assign(product_name="Cups", product_id=None, sku_id="Cups"))
    assert {row["product_label"] for row in labels} == {"Cups"}
    assert plain < numbered
