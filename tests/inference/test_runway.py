from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cancel_analysis import inference
from cancel_analysis.inference.runway import _arrivals


@given(st.integers(0, 60), st.integers(1, 400), st.sampled_from([0.015, 0.025, 0.1, 0.5]), st.booleans())
def test_more_until_is_the_last_count_that_does_not_cross(count, total, limit, strict):
    bound = Fraction(str(limit))

    def crossed(k):
        share = Fraction(k, total)
        return share >= bound if strict else share > bound

    more = inference.more_until(count, total, limit, strict=strict)
    if more is None:
        assert crossed(count)
    else:
        assert not crossed(count + more)
        assert crossed(count + more + 1)


def test_what_leaves_the_window():
    count, total = np.arange(30), np.full(30, 100)
    found = inference.runway(count, total, 7, 0.5)
    assert (found.count, found.total) == (sum(range(23, 30)), 700)
    assert found.leaving == (found.count, 700)  # a week from now all of it is gone
    assert inference.runway(count, total, 14, 0.5).leaving == (sum(range(16, 23)), 700)
    # The window reaches back before the data: three days leave that were never there.
    assert inference.runway(count[-11:], total[-11:], 14, 0.5).leaving == (sum(range(19, 23)), 400)


def test_far_from_and_over_the_limit():
    total = np.full(84, 200)
    low, high = np.full(84, 1), np.full(84, 30)
    assert inference.runway(low, total, 30, 0.1).chance == 0.0
    assert inference.runway(high, total, 30, 0.1).chance == 1.0
    over = inference.runway(high, total, 30, 0.1)
    assert over.more is None
    assert over.by_day.tolist() == [1.0] * 7
    assert inference.runway(low, total, 30, 0.001, minimum=100_000).chance == 0.0
    assert inference.runway(low[:20], total[:20], 7, 0.1).chance is None
    assert inference.runway([0] * 30, [0] * 30, 7, 0.1).chance is None


def test_the_last_day_is_binomial_when_the_rate_is_well_known():
    """A window of one week: on day seven all of it is new, so its chance is that of a new week."""
    total, count = np.full(84, 5000), np.full(84, 100)
    found = inference.runway(count, total, 7, 0.0206)
    # A week has about 35,000 orders at 2 %; how much more than chance weeks differ is hardly left open.
    plain = stats.binom.sf(np.floor(0.0206 * 35_000), 35_000, 0.02)
    assert found.by_day[-1] == pytest.approx(plain, abs=0.09)
    assert found.by_day[0] < found.by_day[-1]
    assert found.chance >= found.by_day.max()


def test_what_is_still_to_come_comes_as_the_delays_say():
    generator = np.random.default_rng(1)
    share = np.array([0.2, 0.5, 0.9, 1.0])
    come = _arrivals(np.full(4000, 100), share, 1, 7, generator)
    assert (come.sum(axis=1) == 100).all()
    # After day 0 eight tenths are left, of which three, four and one tenths of all come on days 1, 2 and 3.
    assert come.mean(axis=0) == pytest.approx([37.5, 50, 12.5, 0, 0, 0, 0], abs=0.5)
    new = _arrivals(np.full(4000, 100), share, 0, 2, generator)
    assert new.mean(axis=0) == pytest.approx([20, 30], abs=0.5)


def test_only_what_can_be_is_taken():
    with pytest.raises(ValueError, match="no count larger"):
        inference.runway([3], [2], 7, 0.1)
