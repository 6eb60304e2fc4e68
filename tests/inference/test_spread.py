"""The beta-binomial against scipy's, which sums over counts one by one."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import stats

from cancel_analysis.inference import spread

CASES = [(50, 0.05, 0.5), (1000, 0.02, 1.0), (5000, 0.1, 0.3), (20_000, 0.1, 0.2), (20, 0.9, 0.05), (3, 0.3, 0.6)]


@pytest.mark.parametrize(("total", "mean", "cv"), CASES)
def test_tails_are_scipys(total, mean, cv):
    a, b = spread.shape(mean, cv)
    assert (a / (a + b), np.sqrt(a * b / (a + b + 1)) / a) == pytest.approx((mean, cv))
    for quantile in (0.01, 0.1, 0.5, 0.9, 0.999, 0.999999):
        count = stats.betabinom.ppf(quantile, total, a, b)
        assert spread.upper_tail(count, total, mean, cv) == pytest.approx(
            stats.betabinom.sf(count - 1, total, a, b), rel=1e-4
        )
        assert spread.lower_tail(count, total, mean, cv) == pytest.approx(
            stats.betabinom.cdf(count, total, a, b), rel=1e-4
        )
        assert np.exp(spread.log_pmf(count, total, mean, cv)) == pytest.approx(
            stats.betabinom.pmf(count, total, a, b), rel=1e-6
        )


def test_long_sums_are_exact_and_the_same_side_by_side_as_alone():
    """Some units are done after a term, others after thousands; none is summed further or less for the others."""
    total = np.array([40_000.0, 40_000.0, 3.0, 900.0, 1.0, 40_000.0])
    count = np.array([300.0, 390.0, 3.0, 200.0, 1.0, 40_000.0])
    mean, cv = np.array([0.005, 0.002, 0.5, 0.1, 0.2, 0.3]), np.array([0.8, 1.25, 0.3, 0.6, 0.0, 0.05])
    together = spread.upper_tail(count, total, mean, cv)
    assert together.tolist() == [
        float(spread.upper_tail(*values)) for values in zip(count, total, mean, cv, strict=True)
    ]
    for found, x, n, m, c in zip(together, count, total, mean, cv, strict=True):
        a, b = (Decimal(float(value)) for value in spread.shape(m, c))
        assert found == pytest.approx(float(_tail_by_decimals(int(x), int(n), a, b)), rel=1e-6)


def _tail_by_decimals(count: int, total: int, a: Decimal, b: Decimal) -> Decimal:
    """P(X ≥ count), every term a product in fifty digits, over the sum of all terms."""
    with localcontext() as context:
        context.prec = 50
        term = whole = Decimal(1)
        tail = Decimal(1) if count == 0 else Decimal(0)
        for k in range(total):
            term *= (total - k) * (k + a) / ((k + 1) * (total - k - 1 + b))
            whole += term
            tail += term if k + 1 >= count else 0
        return tail / whole


def test_without_spread_it_is_binomial():
    count = np.arange(20)
    np.testing.assert_allclose(spread.upper_tail(count, 30, 0.2, 0.0), stats.binom.sf(count - 1, 30, 0.2), rtol=2e-3)


@pytest.mark.parametrize("outliers", [False, True])
def test_fit_finds_mean_and_spread(outliers):
    generator = np.random.default_rng(4)
    total = generator.integers(50, 400, 600)
    count = generator.binomial(total, generator.beta(*spread.shape(0.05, 0.5), 600))
    found = spread.fit(count, total, outliers=outliers)
    assert (found.mean, found.cv) == pytest.approx((0.05, 0.5), rel=0.12)
    assert found.units == 600
    means, cvs = found.draw(generator, 2000)
    assert (means.mean(), cvs.mean()) == pytest.approx((found.mean, found.cv), rel=0.02)


def test_outliers_leave_the_ordinary_alone():
    generator = np.random.default_rng(5)
    total = generator.integers(50, 400, 200)
    rate = generator.beta(*spread.shape(0.03, 0.3), 200)
    rate[:20] = 0.3
    count = generator.binomial(total, rate)
    ordinary, every = spread.fit(count, total, outliers=True), spread.fit(count, total)
    assert ordinary.mean == pytest.approx(0.03, rel=0.1)
    assert ordinary.cv < 0.5 < every.cv


def test_exposure_undoes_what_cannot_be_seen_yet():
    generator = np.random.default_rng(6)
    total, seen = np.full(200, 500), np.tile([0.2, 1.0], 100)
    count = generator.binomial(total, 0.1 * seen)
    assert spread.fit(count, total, exposure=seen).mean == pytest.approx(0.1, rel=0.05)


def test_nothing_says_nothing():
    found = spread.fit([], [])
    assert found.units == 0
    assert found.weights.sum() == pytest.approx(1)
    assert spread.fit([0, 0], [0, 0]).units == 0


def test_the_likelihood_of_outliers_is_that_of_each_kind_alone():
    """All kinds of outliers at once, against the mixture written out kind by kind with scipy's beta-binomial."""
    count, total = np.array([3.0, 0.0, 12.0]), np.array([40.0, 7.0, 60.0])
    prior = spread._Prior((0.0, 0.3, 0.8), np.inf, even_mean=False, outliers=True)
    fitted = spread._Fit(count, total, 1.0, prior)
    count, total = count[fitted.used], total[fitted.used]
    kinds = [(ratio, share) for ratio in spread.OUTLIER_RATIOS for share in spread.OUTLIER_SHARES]
    assert fitted.values.shape == (1 + len(kinds), spread.MEANS * 3, 3)
    # A cv of 0 is a point, which scipy's beta function has not.
    for place in np.flatnonzero(fitted.cvs > 0)[::5]:
        mean, cv = fitted.means[place], fitted.cvs[place]
        ordinary = stats.betabinom.pmf(count, total, *spread.shape(mean, cv))
        np.testing.assert_allclose(np.exp(fitted.values[0, place]), ordinary, rtol=1e-9)
        for kind, (ratio, share) in enumerate(kinds, start=1):
            far = stats.betabinom.pmf(count, total, *spread.shape(min(mean * ratio, 0.97), spread.OUTLIER_CV))
            gain = np.clip(far / ordinary, np.exp(-50), np.exp(50))
            expected = ordinary * (1 - share + share * gain)
            np.testing.assert_allclose(np.exp(fitted.values[kind, place]), expected, rtol=1e-9)
