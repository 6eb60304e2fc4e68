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
    found = inference.look_ahead(count, total, 7, 0.5)
    assert (found.count, found.total) == (sum(range(23, 30)), 700)
    assert found.leaving == (found.count, 700)  # a week from now all of it is gone
    assert inference.look_ahead(count, total, 14, 0.5).leaving == (sum(range(16, 23)), 700)
    # The window reaches back before the data: three days leave that were never there.
    assert inference.look_ahead(count[-11:], total[-11:], 14, 0.5).leaving == (sum(range(19, 23)), 400)


def test_far_from_and_over_the_limit():
    total = np.full(84, 200)
    low, high = np.full(84, 1), np.full(84, 30)
    assert inference.look_ahead(low, total, 30, 0.1).chance == 0.0
    assert inference.look_ahead(high, total, 30, 0.1).chance == 1.0
    over = inference.look_ahead(high, total, 30, 0.1)
    assert over.more is None
    assert over.by_day.tolist() == [1.0] * 7
    assert inference.look_ahead(low, total, 30, 0.001, minimum=100_000).chance == 0.0
    assert inference.look_ahead(low[:20], total[:20], 7, 0.1).chance is None
    assert inference.look_ahead([0] * 30, [0] * 30, 7, 0.1).chance is None


def test_the_last_day_is_binomial_when_the_rate_is_well_known():
    """A window of one week: on day seven all of it is new, so its chance is that of a new week."""
    total, count = np.full(84, 5000), np.full(84, 100)
    found = inference.look_ahead(count, total, 7, 0.0206)
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
        inference.look_ahead([3], [2], 7, 0.1)


@given(st.integers(0, 60), st.integers(1, 400), st.sampled_from([0.015, 0.025, 0.1, 0.5]), st.booleans())
def test_fewer_needed_is_the_least_that_uncrosses(count, total, limit, strict):
    fewer = inference.fewer_needed(count, total, limit, strict=strict)
    assert (fewer == 0) == (inference.more_until(count, total, limit, strict=strict) is not None)
    if fewer:
        uncrossed = inference.more_until(count - fewer, total, limit, strict=strict)
        assert uncrossed == 0 or count == fewer
        assert inference.more_until(count - fewer + 1, total, limit, strict=strict) is None


def test_back_under_the_limit_by_hand():
    # Ten orders a day, three cancelled on the fourth day of a window of 7: 3 of 70 until it leaves.
    count, total = [0] * 30, [10] * 30
    count[26] = 3
    assert inference.days_until_under(count, total, 7, 0.04) == 4
    assert inference.days_until_under(count, total, 7, 0.05) == 0
    assert inference.days_until_under(count, total, 7, 3 / 70 + 1e-9, strict=True) == 0
    assert inference.days_until_under(count, total, 7, 0.04, minimum=1000) == 0
    # Two days with one each: with the first of them gone, one of 70 is left.
    count = [0] * 25 + [1, 0, 1, 0, 0]
    assert inference.days_until_under(count, total, 7, 0.02) == 3


def test_new_days_are_like_the_same_weekdays():
    # Orders come on one weekday only, seven days before today and on its like: 100 each.
    total = [100 if day % 7 == 0 else 0 for day in range(28)]
    count = [0] * 27 + [0]
    count[14] = 6
    # In the window of 14 days lie days 14 and 21: 6 of 200. Tomorrow is like day 21: another 100, without day 14.
    assert inference.days_until_under(count, total, 14, 0.02) == 1
    count[14], count[21] = 0, 6
    # Day 21 stays for 7 days more; tomorrow day 14 goes as its like comes.
    assert inference.days_until_under(count, total, 14, 0.02) == 8


def test_two_cancellations_are_too_little_past():
    count, total = np.zeros(84), np.full(84, 5)
    count[[10, 50]] = 1
    assert inference.look_ahead(count, total, 30, 0.025).chance is None
    count[70] = 1
    assert inference.look_ahead(count, total, 30, 0.025).chance > 0
