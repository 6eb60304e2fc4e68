import numpy as np
import pytest
from scipy import stats

from calibration.control import BASE, _days
from cancel_analysis import inference
from cancel_analysis.inference import control
from cancel_analysis.inference.spread import lower_tail, upper_tail


def test_sigma_is_laneys_moving_range():
    count, total = _days(np.random.default_rng(1), 200, 0.3, BASE + 7)
    chart = inference.control_chart(count, total)
    days = chart.days
    centre = inference.weekday_rates(np.where(days["monitored"], 0, count), np.where(days["monitored"], 0, total))
    z = (count / total - centre) / np.sqrt(centre * (1 - centre) / total)
    assert chart.sigma == pytest.approx(np.abs(np.diff(z[:BASE])).mean() / 1.128)
    assert chart.sigma > 1
    assert days["monitored"].sum() == 7


def test_weekday_rates_follow_the_pattern_and_add_nothing():
    count, total = _days(np.random.default_rng(2), 1000, 0.0, 84)
    rates = inference.weekday_rates(count, total)
    assert (rates * total).sum() == pytest.approx(count.sum())
    assert rates[0] < rates[2] < rates[6]
    assert list(rates[:7]) == list(rates[7:14])
    assert not inference.weekday_rates([0, 0], [0, 5]).any()


def test_a_jump_is_an_alarm_on_its_day_and_names_it():
    count, total = _days(np.random.default_rng(3), 300, 0.1, BASE + 7, 3.0)
    chart = inference.control_chart(count, total)
    assert (chart.days["alarm"][BASE:] == "high").sum() >= 5
    assert (chart.days["alarm"][:BASE] == "").all()
    (change,) = inference.change_points(count, total)
    assert abs(change.day - BASE) <= 1
    assert change.first <= change.day <= change.last
    assert change.after > 2 * change.before


def test_a_fall_is_told_too():
    count, total = _days(np.random.default_rng(4), 1000, 0.1, BASE + 14, 0.3)
    assert (inference.control_chart(count, total, monitored=14).days["alarm"] == "low").any()
    assert [abs(one.day - BASE) <= 1 for one in inference.change_points(count, total)] == [True]


@pytest.mark.parametrize(("orders", "jump"), [(20, 6.0), (300, 2.0), (3000, 0.5)])
def test_a_day_is_an_alarm_when_its_tail_is_thin_and_its_rate_beyond_the_limits(orders, jump):
    count, total = _days(np.random.default_rng(6), orders, 0.2, BASE + 14, jump)
    chart = inference.control_chart(count, total, monitored=14)
    days = chart.days[BASE:]
    assert (days["alarm"] != "").any()
    assert list(days["alarm"] == "high") == list(days["rate"] > days["high"])
    assert list(days["alarm"] == "low") == list(days["rate"] < days["low"])
    # Without dispersion and of a centre that is known the limits are those of the binomial distribution.
    free = control._limit(upper_tail, np.array([200.0]), np.array([0.04]), np.array([0.0]), np.array([0.00135]))
    below = control._limit(lower_tail, np.array([2000.0]), np.array([0.04]), np.array([0.0]), np.array([0.00135]))
    assert free[0] == stats.binom.isf(0.00135, 200, 0.04) + 1
    assert below[0] == stats.binom.ppf(0.00135, 2000, 0.04) - 1


def test_too_little_cannot_be_said():
    count, total = _days(np.random.default_rng(5), 100, 0.0, 20)
    chart = inference.control_chart(count, total)
    assert not chart.can_say
    assert (chart.days["alarm"] == "").all()
    assert not inference.control_chart(np.zeros(90), np.full(90, 10)).can_say
    assert inference.change_points([1, 2], [10, 10]) == ()
    assert inference.change_points(np.zeros(90), np.full(90, 10)) == ()
    empty = np.where(np.arange(90) % 9 == 0, 0, 50)  # days without an order
    assert inference.control_chart(np.minimum(empty, 2), empty).can_say
