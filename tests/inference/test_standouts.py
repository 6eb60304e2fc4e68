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
