"""The rule is checked against binomial sums made another way, its error rates exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from cancel_analysis import inference


def test_signal():
    assert inference.signal(1, 12, 0.025) == "cannot_tell"  # "8.3 %, above the limit" is what others print
    assert inference.signal(60, 1000, 0.025) == "above"
    assert inference.signal(5, 1000, 0.025) == "below"
    assert inference.signal(0, 0, 0.025) == "cannot_tell"


LIMITS = [0.01, 0.015, 0.025, 0.04, 0.05, 0.1, 0.25, 0.5]


@pytest.mark.parametrize("limit", LIMITS)
def test_signal_is_the_clopper_pearson_interval_against_the_limit(limit):
    total = np.repeat([1, 12, 77, 400, 3000], 60)
    count = np.minimum(np.tile(np.arange(60) * 3, 5), total)
    low, high = proportion_confint(count, total, alpha=0.05, method="beta")
    expected = np.where(low > limit, "above", np.where(high < limit, "below", "cannot_tell"))
    assert list(inference.read_signals(count, total, limit)) == list(expected)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_shop_at_the_limit_is_called_wrongly_in_at_most_two_and_a_half_percent(limit):
    for total in [*range(1, 200), 250, 400, 999, 2500, 10_000]:
        count = np.arange(total + 1)
        chance = stats.binom.pmf(count, total, limit)
        said = inference.read_signals(count, total, limit)
        assert chance[said == "above"].sum() <= 0.025
        assert chance[said == "below"].sum() <= 0.025


def test_decision_chance_is_the_sum_over_what_signal_says():
    for total, limit, rate in [(30, 0.1, 0.3), (500, 0.025, 0.05), (500, 0.1, 0.05), (2, 0.5, 0.9), (40, 0.025, 0.0)]:
        count = np.arange(total + 1)
        chance, said = stats.binom.pmf(count, total, rate), inference.read_signals(count, total, limit)
        expected = chance[said == "above"].sum(), chance[said == "below"].sum()
        assert inference.decision_chance(total, limit, rate) == pytest.approx(expected, abs=1e-12)


def test_signal_takes_only_what_can_be():
    for wrong in [(3, 2, 0.1), (-1, 2, 0.1), (1, 2, 1.5)]:
        with pytest.raises(ValueError, match=r"larger|negative|between"):
            inference.signal(*wrong)
    with pytest.raises(ValueError, match="level"):
        inference.signal(1, 2, 0.1, level=0)


@given(st.floats(0.0, 1.0), st.sampled_from([0.015, 0.025, 0.1, 0.5]))
def test_orders_to_settle_is_where_the_signal_turns(rate, limit):
    if abs(rate - limit) < 1e-3:
        return
    needed = inference.orders_to_settle(rate, limit)
    assert inference.signal(rate * needed, needed, limit) != "cannot_tell"
    assert needed == 1 or inference.signal(rate * (needed - 1), needed - 1, limit) == "cannot_tell"


def test_orders_to_settle_in_numbers():
    assert inference.orders_to_settle(0.025, 0.025) is None
    # None of n is below 2.5 % when 0.975 ** n <= 0.025.
    assert inference.orders_to_settle(0.0, 0.025) == int(np.ceil(np.log(0.025) / np.log(0.975)))
    # At 5 % a whole count exists every 20 orders; the binomial tail there says on which side of the answer they are.
    needed = inference.orders_to_settle(0.05, 0.025)
    settled = [total for total in range(20, 400, 20) if stats.binom.sf(total // 20 - 1, total, 0.025) <= 0.025]
    assert settled[0] - 20 < needed <= settled[0]
    found = inference.orders_to_settle([0.05, 0.025, 0.0], 0.025)
    assert list(found) == [needed, np.inf, 146]


@pytest.mark.parametrize(("limit", "rate"), [(0.025, 0.035), (0.025, 0.045), (0.025, 0.005), (0.1, 0.15), (0.1, 0.05)])
def test_orders_to_tell_has_the_power_it_names(limit, rate):
    needed = inference.orders_to_tell(limit, rate).orders
    side = "above" if rate > limit else "below"

    def power(total):
        count = np.arange(total + 1)
        return stats.binom.pmf(count, total, rate)[inference.read_signals(count, total, limit) == side].sum()

    assert power(needed) >= 0.8
    assert power(needed + 1) >= 0.8
    assert power(needed - 1) < 0.8


def test_orders_to_tell_edges():
    assert inference.orders_to_tell(0.025, 0.025).orders is None
    assert inference.orders_to_tell(0.025, 0.0).orders == 146
    assert inference.orders_to_tell(0.5, 1.0).orders == 6  # five heads of five come in 3.1 % of tries
    with pytest.raises(ValueError, match="lie between"):
        inference.orders_to_tell(0.0, 0.1)
