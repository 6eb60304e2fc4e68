"""Which figures of two weeks may be compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.report.by_week import in_a_row, is_same, limited

FIGURE = {"name": "r", "window": 7, "basis": "created", "of": "paid_orders", "value": 0.02}


@pytest.mark.parametrize(
    "other", [{"name": "q"}, {"window": 30}, {"basis": "event"}, {"of": "orders"}, {"nameless": True}]
)
def test_what_counts_otherwise_is_another_figure(other: dict[str, object]) -> None:
    assert is_same(FIGURE, {**FIGURE, "value": 0.5, "limit": 0.1})
    assert not is_same(FIGURE, {**FIGURE, **other})
    target = {**FIGURE, "force": "target", "value": 0.03}
    enforced = {**FIGURE, "force": "enforced", "value": 0.04}
    said = {"deciding": {**FIGURE, **other}, "limits": [target, enforced]}
    assert limited(said, FIGURE) == enforced
    assert limited({"limits": [{**target, "value": None}]}, FIGURE) is None


@given(st.lists(st.sampled_from(["breach", "ok", None]), min_size=1, max_size=12))
def test_a_row_of_weeks_ends_at_a_gap_or_another_verdict(verdicts: list[str | None]) -> None:
    count = in_a_row(verdicts)
    newest = verdicts[-1]
    assert all(verdict == newest for verdict in verdicts[len(verdicts) - count :])
    if newest is None:
        assert count == 0
    elif count < len(verdicts):
        assert verdicts[len(verdicts) - count - 1] != newest
