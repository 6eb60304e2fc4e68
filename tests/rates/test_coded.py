"""Large text columns as numbers: the same as what pandas makes of them, and kept no longer than the column."""

import gc
import weakref

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.rates import coded as coded_columns
from cancel_analysis.rates.coded import coded
from cancel_analysis.rates.groups import Groups, are_among, array_of, codes_of, find_rows, joint_codes, places_of

TEXTS = st.lists(st.sampled_from(["b", "a", "ä", "Z", "z", "10", "9", "日本", "", "𝒳"]) | st.none(), max_size=30)


@pytest.fixture(autouse=True)
def every_column_is_large(monkeypatch):
    monkeypatch.setattr(coded_columns, "LEAST_ROWS", 0)


def column(texts):
    return pd.Series(pd.array(texts, dtype=pd.StringDtype("pyarrow", na_value=np.nan)))


def told(values):
    return [None if pd.isna(value) else value for value in values]


@given(TEXTS)
def test_numbers_and_ranks_are_those_of_pandas(texts):
    series = column(texts)
    known = coded(series)
    assert known is not None
    numbers, values = pd.factorize(series.to_numpy())
    ranks, ordered = pd.factorize(series.to_numpy(dtype=object), sort=True)
    assert (known.numbers.tolist(), known.values.tolist()) == (numbers.tolist(), list(values))
    assert (known.ranks.tolist(), list(known.values[known.order])) == (ranks.tolist(), list(ordered))
    assert told(known.array) == told(texts)
    assert [known.first[number] for number in range(len(values))] == [texts.index(value) for value in values]


@given(TEXTS, TEXTS)
def test_rows_are_found_as_without_numbers(texts, others):
    among, wanted = column(texts), column(others)
    first = {text: row for row, text in reversed(list(enumerate(texts))) if text is not None}
    expected = [first.get(text, -1) for text in others]
    assert find_rows([wanted], [among]).tolist() == expected
    assert find_rows([array_of(wanted)], [among]).tolist() == expected
    assert find_rows([wanted, array_of(wanted)], [among, among]).tolist() == expected
    assert are_among(wanted, among).tolist() == [row >= 0 for row in expected]
    assert are_among(wanted, array_of(among)).tolist() == [row >= 0 for row in expected]
    ids = among.dropna().drop_duplicates().reset_index(drop=True)
    places = {text: row for row, text in enumerate(ids)}
    assert places_of(wanted, ids).tolist() == [places.get(text, -1) for text in others]


@given(TEXTS, TEXTS)
def test_two_columns_share_their_numbers(texts, others):
    numbers, count = joint_codes(column(texts), column(others))
    both = [*texts, *others]
    assert [number < 0 for number in numbers] == [text is None for text in both]
    assert len({*zip(numbers.tolist(), both, strict=True)}) == len({*both})
    assert numbers.max(initial=-1) < max(count, 1)


@given(TEXTS)
def test_groups_of_a_large_column_are_those_of_its_array(texts):
    series = column(texts)
    for unsorted in (False, True):
        large, small = (Groups.of(values, unsorted=unsorted) for values in (series, series.to_numpy()))
        assert (large.number.tolist(), large.count) == (small.number.tolist(), small.count)


def test_a_column_is_gone_through_once_and_again_when_it_has_changed():
    frame = pd.DataFrame({"id": column(["a", "b", "a"]), "units": [1, 2, 3]})
    assert coded(frame["id"]) is coded(frame[["id", "units"]].copy()["id"])
    changed = frame["id"].copy()
    changed.iloc[0] = "c"
    assert codes_of(changed)[1].tolist() == ["c", "b", "a"]
    assert codes_of(frame["id"])[1].tolist() == ["a", "b"]


def test_what_was_found_goes_with_the_column():
    series = column(["only", "here"])
    found = weakref.ref(coded(series))
    assert coded(series) is found(), "kept as long as the column is there"
    del series
    gc.collect()
    assert found() is None
