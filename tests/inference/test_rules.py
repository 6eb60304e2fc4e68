"""Signals and their intervals against scipy's own tests, statsmodels and Poisson sums."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import test_poisson_2indep as poisson_2indep

from cancel_analysis import inference
from cancel_analysis.inference import LimitRule

COUNTS = [(0, 40), (1, 12), (3, 150), (9, 180), (25, 1000), (40, 40), (60, 1000), (0, 0)]


@pytest.mark.parametrize(("count", "total"), COUNTS[:-1])
@pytest.mark.parametrize("limit", [0.015, 0.025, 0.1])
def test_a_share_is_decided_by_the_binomial_test(count, total, limit):
    more = stats.binomtest(count, total, limit, alternative="greater").pvalue
    fewer = stats.binomtest(count, total, limit, alternative="less").pvalue
    expected = "above" if more <= 0.025 else "below" if fewer <= 0.025 else "cannot_tell"
    assert LimitRule().signals(count, total, limit) == expected
    assert LimitRule().interval(count, total) == pytest.approx(proportion_confint(count, total, method="beta"))


@pytest.mark.parametrize(("count", "exposure"), [(3, 150), (9, 180), (25, 1000), (60, 1000), (30, 20)])
@pytest.mark.parametrize("limit", [0.015, 0.025, 0.1])
def test_by_event_date_two_poisson_counts_are_compared(count, exposure, limit):
    rule = LimitRule(part_of_total=False)
    tails = [
        poisson_2indep(count, 1, exposure, 1, value=limit, method="exact-cond", alternative=side).pvalue
        for side in ("larger", "smaller")
    ]
    assert inference.ratio_tails(count, exposure, limit) == pytest.approx(tails)
    expected = "above" if tails[0] <= 0.025 else "below" if tails[1] <= 0.025 else "cannot_tell"
    assert rule.signals(count, exposure, limit) == expected
    low, high = rule.interval(count, exposure)
    assert inference.ratio_tails(count, exposure, low)[0] == pytest.approx(0.025)
    assert inference.ratio_tails(count, exposure, high)[1] == pytest.approx(0.025)


@pytest.mark.parametrize("count", [0, 1, 7, 40])
@pytest.mark.parametrize("weight", [1.0, 2.3])
def test_with_one_weight_the_weighted_tails_are_poisson_sums(count, weight):
    total, limit = 500, 0.04
    mean = limit * total / weight
    found = inference.weighted_tails(weight * count, weight**2 * count, total, limit, largest_weight=weight)
    assert found == pytest.approx((stats.poisson.sf(count - 1, mean), stats.poisson.cdf(count, mean)))
    low, high = inference.weighted_exact_interval(weight * count, weight**2 * count, total, largest_weight=weight)
    exact = inference.poisson(count, total)
    assert (low, high) == pytest.approx((weight * exact[0], weight * exact[1]))


def test_weighted_counts_at_the_limit_are_called_wrongly_in_at_most_two_and_a_half_percent():
    """Every pair of counts with its probability: no simulation."""
    orders, limit, seller, buyer = 300, 0.1, 0.02, 0.054
    first, second = np.arange(40)[:, None], np.arange(80)[None, :]
    chance = stats.poisson.pmf(first, orders * seller) * stats.poisson.pmf(second, orders * buyer)
    assert 2.3 * seller + buyer == pytest.approx(limit)
    assert chance.sum() == pytest.approx(1, abs=1e-9)
    said = LimitRule("weighted", largest_weight=2.3).signals(
        2.3 * first + second, np.full_like(chance, orders), limit, squares=2.3**2 * first + second
    )
    assert 0.005 < chance[said == "above"].sum() <= 0.025
    assert 0.005 < chance[said == "below"].sum() <= 0.025


def test_a_ratio_of_equal_orders_is_decided_as_a_share():
    # 60 of 1,000 orders of the same worth: the effective size is the number of orders, but for n / (n - 1).
    sums = (60 * 5.0, 1000 * 5.0, 60 * 25.0, 60 * 25.0, 1000 * 25.0, 1000)
    size = inference.effective_size(*sums)
    assert size == pytest.approx(999, abs=1)
    rule = LimitRule("ratio")
    assert rule.signals(sums[0], sums[1], 0.025, size=size) == "above"
    assert rule.interval(sums[0], sums[1], size=size) == pytest.approx(
        proportion_confint(60, 1000, method="beta"), rel=1e-3
    )


@pytest.mark.parametrize("rule", [LimitRule(), LimitRule(part_of_total=False), LimitRule("weighted", True, 2.3)])
def test_what_is_shown_never_says_another_thing_than_the_signal(rule):
    total = np.repeat([40, 180, 500, 1500, 8000], 120)
    count = np.minimum(np.tile(np.arange(120), 5), total)
    weight = 2.3 if rule.kind == "weighted" else 1.0
    x, squares = weight * count, weight**2 * count
    usual = inference.wilson(count, total)
    said, low, high = rule.agreeing(usual, x, total, 0.025, squares=squares)
    shown = np.where(low > 0.025, "above", np.where(high < 0.025, "below", "cannot_tell"))
    assert list(said) == list(shown)
    assert list(said) == list(rule.signals(x, total, 0.025, squares=squares))
    if rule == LimitRule():
        # Most of the time the usual interval agrees and stays.
        assert 0 < (low != usual[0]).mean() < 0.1


def test_no_order_says_nothing():
    for rule in (LimitRule(), LimitRule(part_of_total=False), LimitRule("weighted", True, 2.3), LimitRule("ratio")):
        assert rule.signals(0, 0, 0.025) == "cannot_tell"
        low, high = rule.interval(0, 0)
        assert low == 0
        assert high >= 1
