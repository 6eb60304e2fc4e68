"""The building blocks: rows as JSON has them, fields, and the still version of a picture with choices."""

from __future__ import annotations

import json
from datetime import date

import altair as alt
import numpy as np
import pandas as pd
import pytest

from cancel_analysis.charts.vega_lite import channel, data, layer, mark, rows, still, tooltip

FRAME = pd.DataFrame(
    {
        "float": [0.5, np.nan, np.inf],
        "whole": np.array([1, 2, 3], dtype="int32"),
        "flag": [True, False, True],
        "nullable": pd.array([1, None, 3], dtype="Int64"),
        "text": ["a", None, "</script>"],
        "string": pd.array(["x", None, "z"], dtype="string"),
        "kind": pd.Categorical(["p", "q", None]),
        "time": pd.to_datetime(["2026-11-01 00:00", None, "2026-11-02 13:30"]),
        "day": [date(2026, 11, 1), None, date(2026, 11, 3)],
        "mixed": [np.float64("nan"), np.int64(4), np.float64(0.25)],
    }
)


def test_rows_are_plain_values_and_nothing_missing_is_a_number():
    drawn = data(FRAME)["values"]
    assert json.loads(json.dumps(drawn, allow_nan=False)) == [
        {
            "float": 0.5, "whole": 1, "flag": True, "nullable": 1, "text": "a", "string": "x", "kind": "p",
            "time": "2026-11-01T00:00:00", "day": "2026-11-01T00:00:00", "mixed": None,
        },
        {
            "float": None, "whole": 2, "flag": False, "nullable": None, "text": None, "string": None, "kind": "q",
            "time": None, "day": None, "mixed": 4,
        },
        {
            "float": None, "whole": 3, "flag": True, "nullable": 3, "text": "</script>", "string": "z", "kind": None,
            "time": "2026-11-02T13:30:00", "day": "2026-11-03T00:00:00", "mixed": 0.25,
        },
    ]  # fmt: skip


def test_rows_are_those_that_altair_would_write():
    # Altair writes a missing time as an empty text, which is no time either.
    frame = FRAME.drop(columns=["day", "mixed"]).assign(time=FRAME["time"].ffill())
    theirs = next(iter(alt.Chart(frame).mark_point().to_dict()["datasets"].values()))
    assert data(frame)["values"] == theirs


def test_only_named_columns_are_drawn_and_an_empty_frame_has_no_rows():
    assert data(FRAME, ["whole"])["values"] == [{"whole": 1}, {"whole": 2}, {"whole": 3}]
    assert data(FRAME.head(0)) == {"values": []}


@pytest.mark.parametrize("shorthand", ["rate:Q", "name:N", "day:T", "sum(items):Q", "max(total):Q"])
def test_a_field_is_what_altair_reads_in_the_same_shorthand(shorthand):
    theirs = alt.Chart({"values": []}).mark_point().encode(x=alt.X(shorthand, title="T")).to_dict()
    assert channel(shorthand, title="T") == theirs["encoding"]["x"]


def test_a_still_picture_keeps_its_rows_and_loses_what_asks_for_a_choice():
    bars = mark(
        "bar",
        {"y": channel("name:N"), "opacity": {"condition": {"param": "pick", "value": 1}, "value": 0.2},
         "color": {"condition": {"test": "datum.x > 1", "value": "red"}, "value": "blue"},
         "tooltip": tooltip(("name:N", "Name"))},
        by=[{"filter": "datum.days <= period"}, {"filter": {"param": "pick"}}, {"filter": "datum.periods < 3"}],
    )  # fmt: skip
    live = {**layer(bars, of=data(FRAME)), "params": [{"name": "pick"}, {"name": "period"}]}
    before = json.dumps(live)
    fixed = still(live)
    assert "params" not in fixed
    assert fixed["layer"][0]["transform"] == [{"filter": "datum.periods < 3"}]
    assert set(fixed["layer"][0]["encoding"]) == {"y", "color", "tooltip"}
    assert list(rows(fixed)) == list(rows(live)) != []
    assert json.dumps(live) == before, "the live picture stays as it was"


def test_a_picture_without_choices_is_its_own_still_one():
    spec = layer(mark("bar", {"x": channel("whole:Q")}), of=data(FRAME))
    assert still(spec) is spec
