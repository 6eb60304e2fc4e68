"""The parts of shifting delays, each against another way to the same number."""

import numpy as np
import pytest
from scipy import stats
from scipy.interpolate import CubicHermiteSpline

from cancel_analysis.inference import stretches as module

AGES = np.arange(46, dtype=float)


def gamma(scale):
    return stats.gamma.cdf(np.arange(1, 90), 5, scale=scale)


def test_between_days_the_curve_is_the_cubic_through_them():
    points = np.concatenate([[0.0], gamma(4)[:46]])
    time = np.linspace(0, 46, 301)
    other = CubicHermiteSpline(np.arange(47), points, np.gradient(points, edge_order=2))
    assert module.between(points, time) == pytest.approx(other(time), abs=1e-12)
    # Straight lines would lie below a curve that bends.
    bent = np.sqrt(np.arange(47) + 1.0)
    middle = np.arange(5, 40) + 0.5
    assert module.between(bent, middle) == pytest.approx(np.sqrt(middle + 1), abs=1e-4)
    assert module.between(points, np.array([60.0]))[0] == points[-1]


@pytest.mark.parametrize("stretch", [-0.3, -0.1, 0.0, 0.2])
def test_a_stretched_curve_is_that_of_longer_delays_cut_at_the_horizon(stretch):
    curve, tail = gamma(4)[:46], np.diff(gamma(4))[45:70]
    found = module.stretched(curve, tail, AGES, np.array([stretch]))
    truth = gamma(4 * np.exp(stretch))[:46]
    assert found == pytest.approx(truth / truth[-1], abs=2e-3)
    assert found[-1] == 1.0


def test_the_tail_goes_on_as_the_curve_fell():
    density, tail = module.smooth_density(gamma(3)[:46] / gamma(3)[45], 20_000)
    truth = np.diff(gamma(3)) / gamma(3)[45]
    assert density.sum() == pytest.approx(1)
    assert tail[:5] == pytest.approx(truth[45:50], rel=0.25)


def test_weeks_together_are_the_normal_posterior(monkeypatch):
    generator = np.random.default_rng(1)
    precision, pull = generator.uniform(5, 500, 9), generator.normal(0, 30, 9)
    monkeypatch.setattr(module, "WAYS", ((0.03, 0.02),))
    mean, covariance = module._along(pull, precision)
    week = np.arange(9)
    prior = module.STRETCH_START**2 + 0.03**2 * np.minimum.outer(week, week)
    prior = prior + 0.02**2 * np.outer(week - 4, week - 4)
    inverse = np.linalg.inv(np.linalg.inv(prior) + np.diag(precision))
    assert covariance == pytest.approx(inverse, abs=1e-10)
    assert mean == pytest.approx(inverse @ pull, abs=1e-10)


def test_a_line_is_taken_for_a_line_and_no_news_for_none():
    precision = np.r_[np.full(10, 1e4), np.zeros(5)]
    line = 0.02 * np.arange(15)
    mean, covariance = module._along(precision * line, precision)
    # Weeks that say nothing go on as the others went, and say how little they know.
    assert mean[-1] == pytest.approx(line[-1], abs=0.03)
    assert np.all(np.diff(np.diag(covariance)[9:]) > 0)
    flat, _ = module._along(precision * 0.1, precision)
    assert flat == pytest.approx(np.full(15, 0.1), abs=0.01)
