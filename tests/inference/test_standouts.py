"""Golden values come from statsmodels and scipy; error rates from simulation with fixed seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from cancel_analysis import inference


def test_benjamini_hochberg_agrees_with_statsmodels():
    p = np.array([0.001, 0.8, 0.039, 0.008, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.001])
    np.testing.assert_allclose(inference.benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1])


def test_benjamini_hochberg_leaves_out_what_is_no_test():
    found = inference.benjamini_hochberg([0.01, np.nan, 0.04])
    np.testing.assert_allclose(found[[0, 2]], multipletests([0.01, 0.04], method="fdr_bh")[1])
    assert np.isnan(found[1])
    assert inference.benjamini_hochberg([]).size == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        inference.benjamini_hochberg([1.2])


@given(st.integers(0, 12), st.integers(0, 30), st.integers(0, 40), st.integers(0, 60))
def test_excess_p_is_fishers(count, more, rest_count, rest_more):
    table = [[count, more], [rest_count, rest_more]]
    expected = stats.fisher_exact(table, alternative="greater")[1]
    assert inference.excess_p(count, count + more, rest_count, rest_count + rest_more) == pytest.approx(expected)


def test_excess_p_of_nothing():
    assert inference.excess_p(0, 0, 5, 10) == 1.0
    assert inference.excess_p(0, 10, 5, 10) == 1.0
    assert inference.excess_p([3, 0], [4, 4], [1, 4], [20, 20]).shape == (2,)


def test_planted_products_stand_out_and_show_up_first():
    total = np.array([75] * 10)
    count = np.array([1, 0, 19, 2, 0, 1, 0, 21, 1, 0])
    found = inference.find_standouts(count, total)
    assert list(np.flatnonzero(found.flagged)) == [2, 7]
    assert list(np.argsort(-found.rate)[:2]) == [7, 2]
    assert found.ordinary.mean < 0.5 * count.sum() / total.sum()
    np.testing.assert_allclose(found.p_adjusted, inference.benjamini_hochberg(found.p))


def test_a_wide_spread_of_ordinary_rates_is_no_standout():
    generator = np.random.default_rng(8)
    total = generator.integers(200, 2000, 60)
    count = generator.binomial(total, generator.beta(1.5, 30, 60))
    assert not inference.find_standouts(count, total).flagged.any()
    # The test that takes every loss as independent names many of them.
    plain = inference.excess_p(count, total, count.sum() - count, total.sum() - total)
    assert (inference.benjamini_hochberg(plain) <= 0.05).sum() > 10


def test_standouts_of_few_or_empty_units():
    assert not inference.find_standouts([5], [10]).flagged.any()
    assert not inference.find_standouts([], []).flagged.any()
    found = inference.find_standouts([0, 0, 3], [0, 0, 40])
    assert not found.flagged.any()
    assert np.isnan(found.p[:2]).all()
    assert not inference.find_standouts([0, 0, 0, 0], [30, 40, 50, 60]).flagged.any()
    assert not inference.find_standouts([1, 0, 0, 0], [1, 40, 50, 60]).flagged.any()
    with pytest.raises(ValueError, match="larger"):
        inference.find_standouts([3, 1], [2, 5])


def test_shrink_draws_small_units_to_the_mean_and_leaves_large_ones():
    total = np.array([1, 10, 10_000, *[500] * 40])
    generator = np.random.default_rng(9)
    count = np.array([1, 2, 1000, *generator.binomial(500, generator.beta(4, 96, 40))])
    rate, low, high = inference.shrink(count, total)
    assert rate[0] < 0.06
    assert rate[1] < 0.08
    assert rate[2] == pytest.approx(0.1, rel=0.03)
    assert np.all((low <= rate) & (rate <= high))
    spread = high - low
    assert spread[2] < spread[3] < spread[0]


def test_shrunk_intervals_hold_the_units_own_rates():
    generator = np.random.default_rng(10)
    held = []
    for _ in range(20):
        total = np.ceil(60 * np.exp(generator.normal(0, 1.5, 100)))
        rate = generator.beta(3, 57, 100)
        _, low, high = inference.shrink(generator.binomial(total.astype(int), rate), total)
        held.append(np.mean((low <= rate) & (rate <= high)))
    assert 0.93 <= np.mean(held) <= 0.97


def test_weights_give_each_test_its_share_of_the_false_alarms():
    # By hand: p · mean weight / weight is 0.02 and 0.0267; the larger stays, the smaller, doubled, is held to it.
    np.testing.assert_allclose(inference.benjamini_hochberg([0.01, 0.04], [1, 3]), [0.08 / 3, 0.08 / 3])
    p = np.array([0.001, 0.8, 0.039, np.nan, 0.041])
    np.testing.assert_allclose(inference.benjamini_hochberg(p, 7.0), inference.benjamini_hochberg(p))
    np.testing.assert_allclose(inference.benjamini_hochberg([0.0, 0.02], [0, 1]), [1.0, 0.02])
    with pytest.raises(ValueError, match="negative"):
        inference.benjamini_hochberg([0.1, 0.2], [1, -1])


@pytest.mark.parametrize(
    ("past", "now"), [([0] * 6, [3, 1]), ([1, 0, 2, 1], [5]), ([5, 4, 6, 5, 5, 6, 4, 5], [12, 11])]
)
def test_weeks_that_differ_by_chance_alone_get_the_exact_test_of_two_counts(past, now):
    total = [2000] * (len(past) + len(now))
    exact = stats.binom.sf(sum(now) - 1, sum(now) + sum(past), len(now) / len(total))
    found = inference.excess_over_past([*past, *now], total, len(now), usual_cv=0.001)
    assert found == pytest.approx(exact, rel=0.02)
    assert inference.excess_over_past([*past, *now], total, len(now)) > exact


def test_bad_weeks_among_bad_weeks_are_no_rise():
    generator = np.random.default_rng(11)
    rose = []
    for _ in range(200):
        rate = generator.gamma(1 / 0.2**2, 0.2**2, 11) * 0.03
        rose.append(inference.excess_over_past(generator.binomial(5000, rate), [5000] * 11, 2) <= 0.05)
    assert 0.02 <= np.mean(rose) <= 0.09


def test_a_past_that_says_nothing_leaves_no_rise():
    assert np.isnan(inference.excess_over_past([3, 4], [50, 50], 2))
    assert np.isnan(inference.excess_over_past([0, 4], [0, 50], 1))
    assert np.isnan(inference.excess_over_past([2, 0], [50, 0], 1))
    assert inference.excess_over_past([0, 0, 0, 0], [50] * 4, 1) == pytest.approx(1.0)


def test_of_three_units_one_stands_out_when_it_is_far_off_and_like_units_are_alike():
    total = [250, 250, 250]
    sure, _ = inference.excess_over_ordinary([75, 8, 7], total, 0.25)
    assert sure[0] < 0.001
    # Two carriers cannot tell how much carriers differ: what is held usual decides.
    unsure, _ = inference.excess_over_ordinary([24, 8, 7], total, 0.25)
    wide, _ = inference.excess_over_ordinary([24, 8, 7], total, 0.7)
    assert 0.001 < unsure[0] < wide[0]
    none, _ = inference.excess_over_ordinary([10, 0, 0], [100] * 3, 0.25)
    assert none[0] < 0.01
