"""Sums over numbered groups are those that pandas makes of a grouped frame, whatever is empty."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.rates.groups import Groups, ranks

TEXTS = st.sampled_from(["", "a", "b", "Bánh", "品", None])
ROWS = st.lists(
    st.tuples(TEXTS, TEXTS, st.integers(0, 9), st.one_of(st.none(), st.floats(0, 1e6)), TEXTS), min_size=1, max_size=40
)


def frame_of(rows):
    frame = pd.DataFrame(rows, columns=["one", "other", "units", "amount", "sku"])
    texts = dict.fromkeys(("one", "other", "sku"), "str")
    return frame.astype({**texts, "amount": "float64"})


@given(ROWS)
def test_every_sum_is_that_of_a_grouped_frame(rows):
    frame = frame_of(rows)
    groups = Groups.of(frame["one"], frame["other"])
    grouped = frame.groupby(["one", "other"])
    expected = grouped.agg(
        units=("units", "sum"), amount=("amount", "sum"), known=("amount", "count"), rows=("units", "size"),
        skus=("sku", "nunique"),
    )  # fmt: skip
    assert list(zip(groups.values(0), groups.values(1), strict=True)) == list(expected.index)
    assert groups.sum(frame["units"]).tolist() == expected["units"].tolist()
    assert groups.count().tolist() == expected["rows"].tolist()
    assert groups.distinct(frame["sku"]).tolist() == expected["skus"].tolist()
    amount, known = groups.money(frame["amount"])
    assert amount.tolist() == pytest.approx(expected["amount"].tolist())
    assert known.tolist() == expected["known"].tolist()
    assert groups.texts(frame["sku"]) == [sorted(part["sku"].dropna().unique()) for _, part in grouped]
    chosen = (frame["units"] > 4).to_numpy()
    of_chosen = frame["units"].where(chosen, 0).groupby([frame["one"], frame["other"]]).sum()
    assert groups.sum(frame["units"], chosen).tolist() == of_chosen.tolist()


def test_a_row_without_a_value_is_in_no_group_and_a_group_knows_its_first_row():
    groups = Groups.of(pd.Series(["b", None, "a", "b"], dtype="str"))
    assert groups.numbers.tolist() == [1, -1, 0, 1]
    assert groups.first.tolist() == [2, 0]
    assert len(groups) == 2


def test_groups_know_the_larger_group_that_they_are_in():
    groups = Groups.of(np.array([1, 1, 2]), np.array([5, 6, 5]))
    assert groups.within(1).tolist() == [0, 0, 1]


def test_no_row_makes_no_group():
    groups = Groups.of(pd.Series([], dtype="str"))
    assert len(groups) == 0
    assert groups.sum(np.zeros(0)).tolist() == []


def test_ranks_are_places_in_an_order():
    assert ranks(["refund", "unpaid"], ("unpaid", "refund")).tolist() == [1, 0]
