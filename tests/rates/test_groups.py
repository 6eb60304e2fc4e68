"""Groups of rows as numbers, held against what pandas makes of the same columns."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.rates.breakdown import named_ids, with_products
from cancel_analysis.rates.groups import (
    Groups,
    array_of,
    different,
    find_rows,
    lines_of,
    local,
    pair_rows,
    texts,
)
from tests.frames import order_lines

ZONE = "America/Los_Angeles"
WORDS = st.sampled_from(["b", "a", "ä", None])
ROWS = st.lists(
    st.tuples(
        WORDS,
        st.integers(-3, 3),
        st.one_of(st.none(), st.integers(-40, 40).map(lambda cents: cents / 8)),
        st.one_of(st.none(), st.datetimes(pd.Timestamp("2026-10-24"), pd.Timestamp("2026-11-03"))),
    ),
    max_size=12,
)


def frame_of(rows):
    word, number, money, time = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pd.DataFrame(
        {
            "word": pd.array(list(word), dtype="str"),
            "number": np.array(number, dtype=np.int64),
            "money": np.array(money, dtype=np.float64),
            "time": pd.DatetimeIndex(list(time), dtype="datetime64[us]").tz_localize("UTC").tz_convert(ZONE),
        }
    )


def moments(times):
    return [None if pd.isna(time) else time for time in local(times, ZONE)]


def told(values):
    return [None if pd.isna(value) else value for value in values]


@pytest.mark.parametrize("unsorted", [False, True])
@pytest.mark.parametrize("keys", [["word"], ["number", "word"], ["time", "number"]])
@given(rows=ROWS)
def test_groups_hold_what_pandas_groups_hold(keys, unsorted, rows):
    frame = frame_of(rows)
    groups, wanted = Groups.of(*(frame[key] for key in keys), unsorted=unsorted), frame.groupby(keys, sort=not unsorted)
    assert len(groups) == wanted.ngroups
    assert groups.number.tolist() == wanted.ngroup().fillna(-1).tolist()
    assert groups.first.tolist() == [rows[0] for rows in wanted.indices.values()] if not unsorted else True
    assert groups.size().tolist() == wanted.size().tolist()
    assert groups.sum(frame["number"]).tolist() == wanted["number"].sum().tolist()
    assert groups.sum(frame["money"]).tolist() == wanted["money"].sum().tolist()
    assert told(groups.sums(frame[["money"]].to_numpy(), known=True)[:, 0]) == told(wanted["money"].sum(skipna=False))
    assert groups.different(frame["word"]).tolist() == wanted["word"].nunique().tolist()
    assert told(groups.first_of(frame["word"])) == told(wanted["word"].first())
    assert told(groups.last_of(frame["money"])) == told(wanted["money"].last())
    assert moments(groups.least(frame["time"])) == told(wanted["time"].min())
    assert moments(groups.most(frame["time"])) == told(wanted["time"].max())
    assert groups.most(frame["number"]).tolist() == wanted["number"].max().tolist()
    inside = groups.number >= 0
    assert groups.place()[inside].tolist() == wanted.cumcount()[inside].tolist()
    positive = frame["number"].to_numpy() > 0
    assert groups.any(positive).tolist() == wanted["number"].max().gt(0).tolist()


@given(st.lists(st.integers(-5, 5)))
def test_different_numbers_are_each_there_once(numbers):
    assert different(np.array(numbers, dtype=np.int64)).tolist() == sorted(set(numbers))


@given(rows=ROWS)
def test_the_same_groups_of_some_rows(rows):
    frame = frame_of(rows)
    groups, chosen = Groups.of(frame["word"]), frame["number"].to_numpy() > 0
    some = groups.of_rows(chosen)
    assert len(some) == len(groups)
    assert some.sum(frame["number"][chosen]).sum() == groups.sum(np.where(chosen, frame["number"], 0)).sum()
    assert (some.first == -1).tolist() == (some.size() == 0).tolist()
    assert groups.listed(frame["money"]) == [
        list(dict.fromkeys(values.dropna())) for _, values in frame.groupby("word")["money"]
    ]


@given(rows=ROWS, more=ROWS)
def test_rows_are_found_by_their_values(rows, more):
    here, there = frame_of(rows), frame_of(more)
    keys = ["word", "number"]
    known = list(zip(there["word"], there["number"], strict=True))
    wanted = [
        known.index(pair) if isinstance(pair[0], str) and pair in known else -1
        for pair in zip(here["word"], here["number"], strict=True)
    ]
    assert find_rows([here[key] for key in keys], [there[key] for key in keys]).tolist() == wanted


@given(left=st.lists(st.integers(-1, 4), max_size=9), right=st.lists(st.integers(0, 4), max_size=9))
def test_pairs_are_those_of_a_join(left, right):
    first = pd.DataFrame({"key": left, "left": range(len(left))})
    second = pd.DataFrame({"key": right, "right": range(len(right))})
    wanted = first.astype("int64").merge(second.astype("int64"), on="key")
    found = pair_rows(np.array(left, dtype=np.int64), np.array(right, dtype=np.int64))
    assert list(zip(*(rows.tolist() for rows in found), strict=True)) == list(
        wanted[["left", "right"]].itertuples(index=False, name=None)
    )


def test_products_lines_and_their_skus():
    orders = order_lines(
        {"order_id": "1", "sku_id": "S9", "product_id": "P", "product_name": "Lamp"},
        {"order_id": "2", "sku_id": "S2", "product_id": None, "product_name": "Lamp"},
        {"order_id": "3", "sku_id": "S3", "product_id": None, "product_name": None},
        *({"order_id": "4", "sku_id": f"S{number}", "product_id": "P", "product_name": None} for number in (1, 4, 2)),
    )
    rows = np.arange(len(orders))
    wanted = with_products(orders)
    groups = Groups.of(wanted["product_key"])
    assert groups.named(orders["sku_id"]).tolist() == named_ids(wanted, ["product_key"]).sort_index().tolist()
    assert groups.named(orders["sku_id"])[1] == "S1, S2, S4 +1"
    assert lines_of(orders, rows[::-1], orders).tolist() == rows[::-1].tolist()
    assert lines_of(orders, rows, orders.iloc[:2]).tolist() == [0, 1, -1, -1, -1, -1]


def test_texts_and_times_keep_their_kinds():
    assert texts([]).dtype == texts([np.nan]).dtype == pd.StringDtype(na_value=np.nan)
    times = pd.Series(pd.to_datetime(["2026-11-01 01:30", None]).tz_localize("UTC").tz_convert(ZONE)).dt.as_unit("us")
    assert array_of(times)[0] == np.datetime64("2026-11-01T01:30", "us")
    assert moments(array_of(times)) == [times.iloc[0], None]
