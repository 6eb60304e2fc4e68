"""Rows as plain values: of the columns asked for, in the frame's order."""

import pandas as pd

from cancel_analysis.sections.rows import rows_of


def test_rows_hold_the_columns_asked_for_as_plain_values():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": ["x", "y"], "c": [0.5, 1.5]})
    first, second = rows_of(frame, "b", "a")
    assert first == {"b": "x", "a": 1}
    assert type(first["a"]) is int
    assert second["a"] is pd.NA
    assert rows_of(frame.iloc[:0], "a") == []
