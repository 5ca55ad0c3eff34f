"""The BCa bootstrap against SciPy's, for single samples, clusters and paired differences."""

import numpy as np
import pytest
from scipy.stats import bootstrap, norm, t

from roadworthy.core.errors import InputError
from roadworthy.stats.bca import bca, resampled_means
from roadworthy.stats.clusters import standard_error
from roadworthy.stats.mean import estimate_mean
from roadworthy.stats.paired import pair_scores
from roadworthy.stats.units import from_count, from_samples, from_table

RESAMPLES = 40_000


def scipys(data, statistic, **options):
    found = bootstrap(
        data, statistic, method="BCa", n_resamples=RESAMPLES, rng=np.random.default_rng(1), batch=1000, **options
    )
    return found.confidence_interval


def test_skewed_samples_match_scipy():
    scores = np.round(np.random.default_rng(5).beta(0.3, 2, 40), 4)
    expected = scipys((scores,), np.mean)
    found = bca(from_samples(scores), clustered=False, confidence=0.95, resamples=RESAMPLES, expanded=False)
    error = standard_error(from_samples(scores))
    assert found.interval == (
        pytest.approx(expected.low, abs=0.04 * error),
        pytest.approx(expected.high, abs=0.06 * error),
    )


def test_unequal_clusters_match_scipys_bootstrap_of_a_ratio():
    generator = np.random.default_rng(6)
    sizes = generator.integers(2, 30, 25).astype(float)
    totals = generator.binomial(sizes.astype(int), generator.beta(0.5, 3, 25)).astype(float)
    expected = scipys((totals, sizes), lambda t, s, axis: t.sum(axis) / s.sum(axis), paired=True, vectorized=True)
    units = from_table(totals, sizes)
    found = bca(units, clustered=True, confidence=0.95, resamples=RESAMPLES, expanded=False)
    assert found.interval == (
        pytest.approx(expected.low, abs=0.04 * standard_error(units)),
        pytest.approx(expected.high, abs=0.06 * standard_error(units)),
    )


def test_paired_differences_match_scipy():
    generator = np.random.default_rng(7)
    a = generator.integers(0, 2, 80).astype(float)
    b = np.where(generator.random(80) < 0.3, 1 - a, a)
    expected = scipys((a, b), lambda x, y, axis: np.mean(x - y, axis=axis), paired=True, vectorized=True)
    found = bca(pair_scores(a, b), clustered=False, confidence=0.95, resamples=RESAMPLES, expanded=False)
    assert found.interval == (pytest.approx(expected.low, abs=0.0126), pytest.approx(expected.high, abs=0.0126))


def test_resampled_means_have_the_variance_of_the_plug_in():
    """Var of a resampled mean is the population variance over n."""
    scores = np.random.default_rng(8).random(50)
    means = resampled_means(from_samples(scores), 50_000, 0)
    assert means.mean() == pytest.approx(scores.mean(), abs=4 * scores.std() / np.sqrt(50 * 50_000))
    assert means.std() == pytest.approx(scores.std() / np.sqrt(50), rel=0.02)


def test_levels_are_expanded_as_hesterberg_2015_does():
    """A symmetric sample has neither bias nor skewness: the percentile at Phi(t sqrt(n / (n - 1)))."""
    units = from_samples(np.linspace(0.1, 0.9, 9))
    means = resampled_means(units, RESAMPLES, 0)
    level = norm.cdf(t.ppf(0.975, 8) * np.sqrt(9 / 8))
    found = bca(units, clustered=False, confidence=0.95, resamples=RESAMPLES)
    expected = np.quantile(means, [1 - level, level])
    assert found.interval == (pytest.approx(expected[0], abs=0.01), pytest.approx(expected[1], abs=0.01))


def test_the_seed_settles_the_interval():
    units = from_samples(np.random.default_rng(9).random(30))
    one, two, other = (bca(units, clustered=False, confidence=0.95, seed=seed) for seed in (1, 1, 2))
    assert one == two
    assert one.interval != other.interval


@pytest.mark.parametrize(
    "units", [from_table([0], [8], [6]), from_table([0, 0], [3, 5], [6, 2]), from_count(0, 9), from_samples([])]
)
def test_units_that_are_all_alike_get_the_criterions_bound(units):
    assert bca(units, clustered=True, confidence=0.95) == estimate_mean(units, clustered=True, confidence=0.95)


def test_too_few_resamples_are_refused():
    with pytest.raises(InputError, match="tails"):
        bca(from_samples([0, 1]), clustered=False, confidence=0.95, resamples=10)
