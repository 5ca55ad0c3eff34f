"""Wilson's and Clopper-Pearson's intervals: published tables, statsmodels, effective samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

from roadworthy.stats.proportion import clopper_pearson, effective_samples, wilson
from roadworthy.stats.units import from_clusters, from_count, from_samples, from_table

NEWCOMBE = [(81, 263), (15, 148), (0, 20), (1, 29)]
PLAIN = [(0.2553, 0.3662), (0.0624, 0.1605), (0.0, 0.1611), (0.0061, 0.1718)]
CORRECTED = [(0.2535, 0.3682), (0.0598, 0.1644), (0.0, 0.2005), (0.0018, 0.1963)]


@pytest.mark.parametrize("continuity", [False, True])
@pytest.mark.parametrize("row", range(4))
def test_newcombe_1998_table_1_methods_3_and_4(row, continuity):
    found = wilson(from_count(*NEWCOMBE[row]), clustered=False, confidence=0.95, continuity=continuity)
    assert found.interval == pytest.approx((CORRECTED if continuity else PLAIN)[row], abs=5e-5)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 3000), st.floats(0, 1), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_matches_statsmodels(n, share, confidence):
    bad = round(share * n)
    expected = proportion_confint(bad, n, alpha=1 - confidence, method="wilson")
    found = wilson(from_count(bad, n), clustered=False, confidence=confidence)
    assert found.interval == (pytest.approx(expected[0], abs=1e-9), pytest.approx(expected[1], abs=1e-9))


def agreeing_clusters():
    """Twelve clusters of 10; the estimate is 0.35."""
    return from_table([0, 1, 2, 3, 4, 5, 6, 7, 2, 5, 3, 4], [10] * 12)


def test_the_effective_sample_of_equal_clusters_has_a_closed_form():
    """Korn and Graubard 1998: n over the design effect, times (normal over Student quantile) squared."""
    means = np.array([0, 1, 2, 3, 4, 5, 6, 7, 2, 5, 3, 4]) / 10
    variance = means.var(ddof=1) / 12
    expected = 0.35 * 0.65 / variance * (norm.ppf(0.975) / t.ppf(0.975, 11)) ** 2
    assert effective_samples(agreeing_clusters(), np.array([0.975]), True)[0] == pytest.approx(expected)


def test_clusters_match_statsmodels_at_the_effective_sample():
    n = effective_samples(agreeing_clusters(), np.array([0.975]), True)[0]
    for method, ours in (("wilson", wilson), ("beta", clopper_pearson)):
        expected = proportion_confint(0.35 * n, n, method=method)
        found = ours(agreeing_clusters(), clustered=True, confidence=0.95).interval
        assert found == (pytest.approx(expected[0], abs=1e-9), pytest.approx(expected[1], abs=1e-9))


def test_clusters_without_a_bad_sample_count_as_one_sample_each():
    clean = from_table([0], [25], [20])
    expected = proportion_confint(0, 20, method="wilson")[1]
    assert wilson(clean, clustered=True, confidence=0.95).interval == (0.0, pytest.approx(expected))
    assert clopper_pearson(clean, clustered=True, confidence=0.95).interval[1] == pytest.approx(1 - 0.025 ** (1 / 20))


def test_samples_never_count_for_more_than_they_are():
    """Clusters more alike than chance would make them (negative correlation)."""
    units = from_table([5, 5, 5, 6], [10] * 4)
    assert np.all(effective_samples(units, np.array([0.95, 0.975]), True) <= 40)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(6, 9)), min_size=2, max_size=12), st.booleans())
def test_bounds_are_ordered_and_mirror(rows, continuity):
    units = from_table(*zip(*rows, strict=True))
    found = wilson(units, clustered=True, confidence=0.95, continuity=continuity)
    mirror = wilson(units.mirrored(), clustered=True, confidence=0.95, continuity=continuity)
    low, high = found.interval
    assert 0 <= low <= found.lower <= found.estimate <= found.upper <= high <= 1
    assert mirror.interval == (pytest.approx(1 - high, abs=1e-8), pytest.approx(1 - low, abs=1e-8))


@pytest.mark.parametrize("method", [wilson, clopper_pearson])
@pytest.mark.parametrize("units", [from_samples([]), from_clusters([1.0, 0.0], ["a", "a"])])
def test_fewer_than_two_clusters_say_nothing(method, units):
    assert method(units, clustered=True, confidence=0.95).interval == (0.0, 1.0)
