"""Golden values come from statsmodels, scipy and published tables, never from the package itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from cancel_analysis import inference

totals = st.integers(1, 5000)


@st.composite
def counts(draw):
    total = draw(totals)
    return draw(st.integers(0, total)), total


# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_published(count, total, low, high):
    assert inference.wilson(count, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_agrees_with_statsmodels(level):
    count = np.array([0, 1, 3, 12, 500, 7, 1000])
    total = np.array([12, 12, 200, 400, 1000, 7, 1000])
    low, high = inference.wilson(count, total, level)
    expected = proportion_confint(count, total, alpha=1 - level, method="wilson")
    np.testing.assert_allclose(low, expected[0], atol=1e-12)
    np.testing.assert_allclose(high, expected[1], atol=1e-12)


def test_wilson_edges():
    assert inference.wilson(0, 0) == (0.0, 1.0)
    assert inference.wilson(0, 50)[0] == 0.0
    assert inference.wilson(50, 50)[1] == 1.0
    assert isinstance(inference.wilson(1, 2)[0], float)
    for wrong in [(3, 2), (-1, 2), (0, -1)]:
        with pytest.raises(ValueError, match=r"larger|negative"):
            inference.wilson(*wrong)
    with pytest.raises(ValueError, match="level"):
        inference.wilson(1, 2, level=1.0)


@given(counts())
def test_wilson_holds_the_observed_rate(pair):
    low, high = inference.wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1


# Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_published(a, b, low, high):
    assert inference.newcombe(*a, *b) == pytest.approx((low, high), abs=5e-5)


@given(counts(), counts())
def test_newcombe_agrees_with_statsmodels(a, b):
    expected = confint_proportions_2indep(*a, *b, method="newcomb", compare="diff")
    assert inference.newcombe(*a, *b) == pytest.approx(expected, abs=1e-9)


def test_newcombe_with_nothing_seen():
    assert inference.newcombe(0, 0, 0, 0) == (-1.0, 1.0)
    low, high = inference.newcombe(5, 100, 0, 0)
    assert (low, high) == pytest.approx((inference.wilson(5, 100)[0] - 1, inference.wilson(5, 100)[1]))


# Garwood (1936); the values stand in every table of exact Poisson limits.
@pytest.mark.parametrize(("count", "low", "high"), [(0, 0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904)])
def test_poisson_published(count, low, high):
    assert inference.poisson(count, 1) == pytest.approx((low, high), abs=5e-5)
    assert inference.poisson(count, 200) == pytest.approx((low / 200, high / 200), abs=1e-6)


def test_poisson_without_exposure():
    assert inference.poisson(3, 0) == (0.0, np.inf)


def test_weighted_rate_with_one_weight_is_that_weight_times_wilson():
    for weight in (0.5, 1.0, 2.3):
        found = inference.weighted_rate(12 * weight, 12 * weight**2, 12, 400, largest_weight=weight)
        low, high = inference.wilson(12, 400)
        assert found == pytest.approx((weight * low, weight * high))


def test_weighted_rate_with_nothing_counted_is_careful():
    assert inference.weighted_rate(0, 0, 0, 100, largest_weight=2.3) == pytest.approx(
        (0, 2.3 * inference.wilson(0, 100)[1])
    )
    assert inference.weighted_rate(0, 0, 0, 0, largest_weight=2.3) == (0.0, 2.3)


def test_weighted_rate_covers_as_often_as_it_says():
    generator = np.random.default_rng(7)
    n, runs = 300, 4000
    draws = generator.multinomial(n, [0.03, 0.05, 0.92], size=runs)
    total = draws @ np.array([2.3, 1.0, 0.0])
    squares = draws @ np.array([2.3**2, 1.0, 0.0])
    low, high = inference.weighted_rate(total, squares, draws[:, 0] + draws[:, 1], n, largest_weight=2.3)
    truth = 0.03 * 2.3 + 0.05
    coverage = np.mean((low <= truth) & (truth <= high))
    assert 0.935 <= coverage <= 0.975


def test_ratio_of_sums_with_single_item_orders_is_wilson():
    low, high = inference.ratio_of_sums(7, 300, 7, 7, 300, 300)
    assert (low, high) == pytest.approx(inference.wilson(7, 300), abs=1e-3)


def test_ratio_of_sums_covers_with_orders_lost_whole():
    generator = np.random.default_rng(11)
    runs, n, covered, naive = 2000, 250, 0, 0
    for _ in range(runs):
        y = generator.choice([1, 2, 6], p=[0.6, 0.3, 0.1], size=n).astype(float)
        x = y * (generator.random(n) < 0.08)
        low, high = inference.ratio_of_sums(x.sum(), y.sum(), (x * x).sum(), (x * y).sum(), (y * y).sum(), n)
        covered += low <= 0.08 <= high
        low, high = inference.wilson(x.sum(), y.sum())
        naive += low <= 0.08 <= high
    assert covered / runs >= 0.93
    assert naive < covered  # pretending that lines are independent claims too much


def test_ratio_of_sums_edges():
    assert inference.ratio_of_sums(0, 0, 0, 0, 0, 0) == (0.0, 1.0)
    assert inference.ratio_of_sums(0, 100, 0, 0, 100, 100) == pytest.approx(inference.wilson(0, 100))
    low, high = inference.ratio_of_sums(1, 2, 1, 2, 4, 1)  # one order: almost nothing is known
    assert high - low > 0.8
    low, high = inference.ratio_of_sums(30, 20, 110, 60, 50, 10)
    assert low < 1.5 < high
