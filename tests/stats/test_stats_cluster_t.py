"""The cluster-robust t interval against SciPy, statsmodels, and the matrices of Bell and McCaffrey."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import block_diag, fractional_matrix_power
from scipy.stats import t, ttest_1samp
from statsmodels.api import OLS

from roadworthy.stats.cluster_t import bias_reduced_error, cluster_t, degrees_of_freedom
from roadworthy.stats.mean import estimate_mean
from roadworthy.stats.units import from_clusters, from_count, from_samples, from_table

sizes_of_clusters = st.lists(st.integers(1, 9), min_size=2, max_size=9).filter(lambda sizes: sum(sizes) > 2)


def matrices(sizes, scores, correlation):
    """Return CR2 variance and Satterthwaite degrees of freedom by the definitions, for a regression on a constant."""
    n, groups = sum(sizes), np.repeat(np.arange(len(sizes)), sizes)
    leverage = np.full((n, n), 1 / n)
    residual = scores - scores.mean()
    working = block_diag(*[(1 - correlation) * np.eye(m) + correlation * np.ones((m, m)) for m in sizes])
    variance, columns = 0.0, []
    for g in range(len(sizes)):
        rows = groups == g
        adjust = fractional_matrix_power(np.eye(rows.sum()) - leverage[np.ix_(rows, rows)], -0.5).real
        pull = adjust.sum(axis=0) / n
        variance += float(pull @ residual[rows]) ** 2
        columns.append((np.eye(n) - leverage)[:, rows] @ pull)
    inner = np.array(columns) @ working @ np.array(columns).T
    return variance, np.trace(inner) ** 2 / np.sum(inner**2)


@settings(max_examples=40, deadline=None)
@given(sizes_of_clusters, st.integers(0, 10_000))
def test_error_and_degrees_of_freedom_match_the_matrices_of_bell_and_mccaffrey_2002(sizes, seed):
    scores = np.random.default_rng(seed).random(sum(sizes))
    units = from_clusters(scores, np.repeat(np.arange(len(sizes)), sizes))
    variance, freedom = matrices(sizes, scores, 0.0)
    assert bias_reduced_error(units) == pytest.approx(np.sqrt(variance), rel=1e-8)
    assert degrees_of_freedom(units) == pytest.approx(min(freedom, matrices(sizes, scores, 1.0)[1]), rel=1e-8)


def test_clusters_of_one_size_match_statsmodels_and_have_one_degree_less():
    generator = np.random.default_rng(9)
    clusters, scores = np.repeat(np.arange(14), 6), generator.random(84)
    fit = OLS(scores, np.ones(84)).fit(cov_type="cluster", cov_kwds={"groups": clusters, "df_correction": True})
    units = from_clusters(scores, clusters)
    assert bias_reduced_error(units) == pytest.approx(fit.bse[0], rel=1e-9)
    assert degrees_of_freedom(units) == pytest.approx(13)
    width = t.ppf(0.975, 13) * fit.bse[0]
    low, high = cluster_t(units, clustered=True, confidence=0.95).interval
    assert (low, high) == (pytest.approx(scores.mean() - width), pytest.approx(scores.mean() + width))


def test_single_samples_are_students_t():
    scores = np.random.default_rng(2).random(30)
    expected = ttest_1samp(scores, 0).confidence_interval(0.9)
    found = cluster_t(from_samples(scores), clustered=False, confidence=0.9)
    assert found.interval == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert found.lower == pytest.approx(ttest_1samp(scores, 0, alternative="greater").confidence_interval(0.9).low)


def test_unequal_clusters_have_fewer_degrees_of_freedom():
    assert degrees_of_freedom(from_table([1, 2, 3, 4, 300], [9, 9, 9, 9, 900])) < 2


@pytest.mark.parametrize(
    "units",
    [from_table([0], [8], [6]), from_table([4], [8], [6]), from_count(0, 30), from_table([4, 5], [8, 9], [6, 0])],
)
def test_units_that_are_all_alike_get_the_criterions_bound_and_not_an_interval_of_no_width(units):
    found = cluster_t(units, clustered=True, confidence=0.95)
    assert found == estimate_mean(units, clustered=True, confidence=0.95)
    assert found.interval[0] < found.interval[1]


@pytest.mark.parametrize("units", [from_samples([]), from_table([1], [5])])
def test_fewer_than_two_clusters_say_nothing(units):
    assert cluster_t(units, clustered=True, confidence=0.95).interval == (0.0, 1.0)
