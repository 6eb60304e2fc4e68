"""Tails and quantiles against scipy.stats, which the package itself does without."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import interpolate, stats
from scipy.stats import mstats

from cancel_analysis.inference import distributions as own
from cancel_analysis.inference.stretches import cubic_splines

SHARES = (1e-9, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975)
SIZES = np.array([1, 2, 7, 100, 3_000, 471_000])


@pytest.mark.parametrize("share", SHARES)
def test_continuous_distributions(share):
    degrees = np.array([0.6, 1, 2, 12.6, 400, 20_000])
    close = {"rtol": 1e-12, "atol": 0}
    np.testing.assert_allclose(own.normal_quantile(share), stats.norm.ppf(share), **close)
    np.testing.assert_allclose(own.t_upper_quantile(share, degrees), stats.t.isf(share, degrees), **close)
    np.testing.assert_allclose(own.chi2_quantile(share, degrees), stats.chi2.ppf(share, degrees), **close)
    np.testing.assert_allclose(own.chi2_upper_quantile(share, degrees), stats.chi2.isf(share, degrees), **close)
    values = np.array([0.001, 1, 5, 40, 400])
    np.testing.assert_allclose(own.chi2_upper_tail(values, 3), stats.chi2.sf(values, 3), **close)
    np.testing.assert_allclose(own.normal_density(values), stats.norm.pdf(values), **close)
    np.testing.assert_allclose(own.normal_upper_tail(share * 9), stats.norm.sf(share * 9), **close)


@pytest.mark.parametrize("share", [0.0005, 0.025, 0.05, 0.5, 0.98])
def test_binomial(share):
    counts = np.unique(np.r_[-2, -1, 0, 1, 2, (SIZES * share).astype(int), (SIZES * share * 1.2).astype(int), SIZES])
    count, total = (one.ravel() for one in np.meshgrid(counts, SIZES))
    close = {"rtol": 1e-9, "atol": 1e-300}
    lower, upper = own.binomial_lower_tail(count, total, share), own.binomial_upper_tail(count, total, share)
    np.testing.assert_allclose(lower, stats.binom.cdf(count, total, share), **close)
    np.testing.assert_allclose(upper, stats.binom.sf(count, total, share), **close)
    possible = (count >= 0) & (count <= total)
    chance = own.binomial_chance(count[possible], total[possible], share)
    # Logarithms of factorials of half a million keep nine digits.
    np.testing.assert_allclose(chance, stats.binom.pmf(count[possible], total[possible], share), rtol=1e-8, atol=1e-290)


@pytest.mark.parametrize("share", [0.0005, 0.025, 0.05, 0.5, 0.98])
# Not a half of a half: there a count's own tail is exactly the chance, and rounding decides in either.
@pytest.mark.parametrize("chance", [1e-6, 0.001, 0.025, 0.43, 0.975, 0.999])
def test_binomial_quantile(share, chance):
    totals = np.unique(np.r_[np.arange(1, 400), SIZES])
    np.testing.assert_array_equal(own.binomial_quantile(chance, totals, share), stats.binom.ppf(chance, totals, share))


def test_binomial_quantile_at_a_counts_own_tail():
    # P(X ≤ 0) of one at a half is exactly a half: the least count that reaches it is 0.
    assert own.binomial_quantile(0.5, 1, 0.5) == 0
    assert own.binomial_quantile(0.75, 2, 0.5) == 1


def test_hypergeometric():
    generator = np.random.default_rng(5)
    whole = generator.integers(1, 3_000, 400)
    marked, drawn = generator.integers(0, whole + 1), generator.integers(0, whole + 1)
    count = generator.integers(-1, np.minimum(marked, drawn) + 2)
    tail = own.hypergeometric_upper_tail(count, whole, marked, drawn)
    np.testing.assert_allclose(tail, stats.hypergeom.sf(count - 1, whole, marked, drawn), rtol=1e-8, atol=1e-290)
    assert own.hypergeometric_upper_tail(3, 10, 4, 5) == pytest.approx(stats.hypergeom.sf(2, 10, 4, 5))


def test_harrell_davis_is_that_of_scipy():
    values = [1.2, 2.5, 3.7, 4.0, 5.1, 6.3, 7.0, 8.2, 9.4]
    quartiles = [own.harrell_davis(values, share) for share in (0.25, 0.5, 0.75)]
    np.testing.assert_allclose(quartiles, mstats.hdquantiles(values), rtol=1e-12)


@pytest.mark.parametrize("pieces", [3, 5, 12])
def test_splines_are_those_of_scipy(pieces):
    knots = np.r_[[0.0] * 3, np.linspace(0, 1, pieces), [1.0] * 3]
    at = np.sqrt((np.arange(60) + 0.5) / 60)
    expected = interpolate.BSpline.design_matrix(at, knots, 3).toarray()
    np.testing.assert_allclose(cubic_splines(at, knots), expected, atol=1e-14)


def test_no_part_of_a_study_needs_scipy_stats():
    code = "import sys; import cancel_analysis.study.one_shop; print('scipy.stats' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
