"""What changed as a waterfall, what fixes are worth, and orders still to come back: where marks stand."""

from __future__ import annotations

import json
import re
from html import unescape

import pandas as pd
import pytest
import vl_convert

from cancel_analysis.catalog.words import words
from cancel_analysis.charts.changes import waterfall_picture
from cancel_analysis.charts.diagnosis import fixes_picture
from cancel_analysis.charts.to_come import to_come_picture
from cancel_analysis.charts.vega_lite import rows
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.report.show.theme import themed
from tests.charts.schema import check_spec

TEXT, NUMBERS = words("en"), NumberFormats("en")
VOICE = Speaker(TEXT, NUMBERS, "GBP")


def drawn(picture):
    """The picture as SVG, checked against the schema; a failure in an expression would be an error here."""
    spec = themed(picture.chart)
    check_spec(spec)
    json.dumps(spec, allow_nan=False)
    return vl_convert.vegalite_to_svg(spec)


def bars(svg):
    """(left, right) of each bar by what is said of it."""
    found = {}
    for label, path in re.findall(
        r'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="bar" ([^>]*)', svg
    ):
        x, width = re.search(r'd="M([-\d.]+),[-\d.]+h([-\d.]+)v', path).groups()
        found[unescape(label)] = (float(x), float(x) + float(width))
    return found


def texts(svg):
    return [unescape(re.sub("<[^>]*>", "", text)) for text in re.findall(r"<text[^>]*>(.*?)</text>", svg, re.S)]


def waterfall(points, before=2.0, **options):
    parts = pd.DataFrame({"label": [f"Part {number}" for number in range(len(points))], "points": points})
    return waterfall_picture(
        parts, before, "changed", "What changed", "Alternative", VOICE, ends=("Before", "Now"), **options
    )


def test_each_step_of_a_waterfall_begins_where_the_one_before_ends():
    picture = waterfall([3.0, -1.0, 0.5])
    assert picture.frame["end"].tolist() == [2.0, 5.0, 4.0, 4.5, 4.5]
    assert picture.frame["start"].tolist() == [0.0, 2.0, 5.0, 4.0, 0.0]
    places = list(bars(drawn(picture)).values())
    unit = places[0][1] / 2
    assert [sorted(round(end / unit, 2) for end in place) for place in places] == [
        [0, 2], [2, 5], [4, 5], [4, 4.5], [0, 4.5],
    ]  # fmt: skip
    assert [text for text in texts(drawn(picture)) if re.match(r"[−+\d]", text)] == [
        "2.0%",
        "+3.0",
        "−1.0",
        "+0.5",
        "4.5%",
    ]


def test_a_waterfall_names_its_ends_and_keeps_two_parts_of_one_name_apart():
    parts = pd.DataFrame({"label": ["Out of stock", "Out of stock"], "points": [1.0, 2.0]})
    picture = waterfall_picture(parts, 0.0, "c", "C", "A", VOICE, ends=("Before", "Now"), title="It rose by 3 points.")
    assert picture.caption == "It rose by 3 points."
    assert [text for text in texts(drawn(picture)) if text.isalpha() or " " in text] == [
        "Before", "Out of stock", "Out of stock", "Now",
    ]  # fmt: skip
    assert next(iter(bars(drawn(waterfall([]))).values())) == list(bars(drawn(waterfall([]))).values())[1]


def fixes(*changed):
    base = {"label": "Out of stock", "value": 100.0, "low": 60.0, "high": 150.0, "text": "Rp 100 (60 to 150)"}
    return fixes_picture(pd.DataFrame([{**base, **each} for each in changed]), "worth", "Worth", "A", TEXT)


def test_a_fix_is_a_dot_within_its_range_and_says_what_it_is_worth():
    svg = drawn(fixes({}, {"label": "Late", "value": 30.0, "low": 0.0, "high": 75.0, "text": "Rp 30"}))
    spans = re.findall(r'transform="translate\(([\d.]+),[\d.]+\)" x2="([-\d.]+)" y2="0" stroke="#2f5d8c"', svg)
    ends = sorted((float(x), float(x) + float(width)) for x, width in spans)
    unit = max(end for _, end in ends) / 150
    assert [[round(end / unit) for end in sorted(span)] for span in ends] == [[0, 75], [60, 150]]
    assert {"Rp 100 (60 to 150)", "Rp 30"} <= set(texts(svg))


@pytest.mark.parametrize("unknown", [{"value": None, "low": None, "high": None}, {"low": None, "high": None}])
def test_what_is_not_known_of_a_fix_is_not_drawn(unknown):
    svg = drawn(fixes({**unknown, "text": "not known"}, {"label": "Late"}))
    dots = len(re.findall(r'aria-roledescription="point"', svg))
    assert dots == (1 if unknown.get("value", 1) is None else 2)
    assert len(re.findall(r'y2="0" stroke="#2f5d8c"', svg)) == 1
    assert "not known" in texts(svg)


def weeks(*changed):
    base = {
        "first_day": pd.Timestamp("2026-11-02"), "last_day": pd.Timestamp("2026-11-08"), "orders": 100, "seen": 4,
        "still_open": 0, "maturity": 0.5, "completeness": 0.5, "mature": False, "expected": 8.0, "low_80": 6.0,
        "high_80": 11.0, "low_95": 5.0, "high_95": 13.0, "rate_seen": 0.04, "rate_expected": 0.08,
    }  # fmt: skip
    frame = pd.DataFrame([{**base, **each} for each in changed])
    frame["last_day"] += pd.to_timedelta(range(0, 7 * len(frame), 7), unit="D")
    return frame


def test_orders_still_to_come_are_told_above_open_weeks_only():
    picture = to_come_picture(weeks({"maturity": 1.0, "expected": 4.0}, {}), TEXT, NUMBERS, title="Four more.")
    svg = drawn(picture)
    assert picture.caption == "Four more."
    assert [text for text in texts(svg) if text.startswith("+")] == ["+4"]
    heights = [
        float(height) for height in re.findall(r'aria-roledescription="bar" d="M[-\d.]+,[-\d.]+h[\d.]+v([-\d.]+)', svg)
    ]
    whole, half = max(heights), sorted(heights)[0]
    assert whole == pytest.approx(2 * half), "eight expected are twice the four seen"
    assert list(picture.frame["expected"]) == [4.0, 8.0]
    assert "80 of 100" in picture.note


def test_weeks_that_nothing_can_be_said_of_are_drawn_without_a_promise():
    unknown = {
        "expected": None,
        "low_80": None,
        "high_80": None,
        "low_95": None,
        "high_95": None,
        "rate_expected": None,
    }
    picture = to_come_picture(weeks(unknown, unknown), TEXT, NUMBERS)
    svg = drawn(picture)
    assert not [text for text in texts(svg) if text.startswith("+")]
    assert "80 of 100" not in picture.note, "no line is drawn"
    assert svg.count('fill="#c9ced6"') == 2
    assert all(row["expected"] is None for row in rows(picture.chart))
