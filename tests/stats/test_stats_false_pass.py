"""False passes: a system whose true rate lies exactly at the threshold passes with probability at most alpha.

Independent samples and pairs of groups are enumerated exactly; clusters and many groups are simulated with fixed
seeds and may exceed alpha by three Monte-Carlo standard errors. `bench/false_pass.py` is the long version.
"""

import itertools
from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from roadworthy.stats.confidence import distributions
from roadworthy.stats.gaffke import confidence_below
from roadworthy.stats.mean import limits
from roadworthy.stats.melding import confidence_in
from roadworthy.stats.populations import Model, draw, tally
from roadworthy.stats.units import from_count

ALPHA = 0.05


def allowed(draws):
    return ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / draws)


@cache
def beliefs(bad, n):
    return distributions(from_count(bad, n), 0.5)


@cache
def confidence_of_gap(a, m, b, n, gap):
    one = np.ones(1)
    return confidence_in(beliefs(a, m), beliefs(b, n), one, one, gap * one)[0]


@cache
def confidence_of_ratio(a, m, b, n, ratio):
    one = np.ones(1)
    return confidence_in(beliefs(a, m), beliefs(b, n), one, ratio * one, 0 * one)[0]


@pytest.mark.parametrize("n", [20, 59, 100, 1_000, 5_000])
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_independent_samples(n, rate, confidence):
    spread = 6 * np.sqrt(n * rate * (1 - rate)) + 3
    near = np.arange(max(0, int(n * rate - spread)), min(n, int(n * rate)) + 1)
    passing = [x for x in near if limits(from_count(x, n), (confidence,), clustered=False).upper[0] <= rate]
    assert binom.cdf(max(passing, default=-1), n, rate) <= 1 - confidence + 1e-9


@pytest.mark.parametrize("model", Model)
@pytest.mark.parametrize(("k", "size"), list(itertools.product((5, 10, 28, 60, 200), (4, 25))))
def test_clusters_of_one_size(model, k, size):
    generator = np.random.default_rng([k, size, list(Model).index(model)])
    draws = 600
    for rate, icc in itertools.product((0.05, 0.2, 0.5, 0.9), (0.0, 0.25, 0.5)):
        totals = draw(model, generator, rate, icc, np.full((draws, k), size))
        alike = tally(totals, size) if k > size else (totals, np.full_like(totals, size), np.ones_like(totals))
        confidence = confidence_below(*alike, np.full(draws, rate), 0.5)
        assert (confidence >= 1 - ALPHA).mean() <= allowed(draws), (rate, icc)


@pytest.mark.parametrize("k", [5, 28, 60])
def test_clusters_of_unequal_sizes(k):
    generator = np.random.default_rng(k)
    draws = 400
    for model, shape in itertools.product((Model.BETA, Model.COMMON_SHOCK), ("agents", "log-normal", "one large")):
        sizes = {
            "agents": generator.choice([16, 20, 21, 40], (draws, k), p=[9 / 27, 7 / 27, 5 / 27, 6 / 27]),
            "log-normal": np.ceil(np.exp(2 + generator.standard_normal((draws, k)))).astype(int),
            "one large": np.where(np.arange(k) == 0, 5 * k, 5) * np.ones((draws, 1), int),
        }[shape]
        for rate in (0.1, 0.8):
            totals = draw(model, generator, rate, 0.5, sizes)
            rows = (totals, sizes.astype(float), np.ones((draws, k)))
            confidence = confidence_below(*rows, np.full(draws, rate), 0.5)
            assert (confidence >= 1 - ALPHA).mean() <= allowed(draws), (model, shape, rate)


def test_the_check_can_fail():
    """Clusters taken as independent samples pass far too often, and the simulation sees it."""
    generator = np.random.default_rng(9)
    totals = draw(Model.COMMON_SHOCK, generator, 0.2, 0.5, np.full((500, 20), 25)).sum(axis=1)
    table = [np.stack(column, axis=1) for column in ((0 * totals, 0 * totals + 1), (1 + 0 * totals,) * 2)]
    confidence = confidence_below(*table, np.stack((500 - totals, totals), axis=1), np.full(500, 0.2), 0.5)
    assert (confidence >= 1 - ALPHA).mean() > 0.2


@pytest.mark.parametrize(("m", "n"), [(20, 20), (12, 40), (40, 12)])
def test_difference_and_ratio_of_two_groups(m, n):
    for gap, ratio in ((0.0, 1.0), (0.1, 1.5), (0.3, 0.8)):
        outcomes = list(itertools.product(range(m + 1), range(n + 1)))
        by_gap = np.reshape([confidence_of_gap(a, m, b, n, gap) for a, b in outcomes], (m + 1, n + 1))
        by_ratio = np.reshape([confidence_of_ratio(a, m, b, n, ratio) for a, b in outcomes], (m + 1, n + 1))
        for low in (0.01, 0.1, 0.3, 0.6):
            second = binom.pmf(np.arange(n + 1), n, low)
            for confidence, high in ((by_gap, low + gap), (by_ratio, low * ratio)):
                chance = np.outer(binom.pmf(np.arange(m + 1), m, high), second)
                for alpha in (0.01, 0.05, 0.1):
                    assert chance[confidence >= 1 - alpha].sum() <= alpha, (gap, ratio, low, alpha)


@pytest.mark.parametrize("groups", [2, 3, 5, 8])
def test_largest_gap_at_the_threshold(groups):
    """The intersection-union test: all pairs must pass, none is corrected."""
    generator = np.random.default_rng(groups)
    draws, n = 400, 60
    for low, gap in ((0.05, 0.2), (0.3, 0.3)):
        rates = low + gap * np.linspace(0, 1, groups).round()
        passed = 0
        for hits in generator.binomial(n, rates, (draws, groups)):
            ordered = itertools.permutations(hits.tolist(), 2)
            passed += all(confidence_of_gap(a, n, b, n, gap) >= 1 - ALPHA for a, b in ordered)
        assert passed / draws <= allowed(draws), (low, gap)


@pytest.mark.parametrize("groups", [2, 3, 5, 8])
def test_equal_groups_are_seldom_accused(groups):
    """A gap above zero is claimed between equal groups with probability at most alpha."""
    generator = np.random.default_rng(groups)
    draws, n = 400, 60
    level = 1 - ALPHA / (groups * (groups - 1))
    for rate in (0.05, 0.3, 0.7):
        claimed = 0
        for hits in generator.binomial(n, rate, (draws, groups)):
            ordered = itertools.permutations(hits.tolist(), 2)
            claimed += any(confidence_of_gap(a, n, b, n, 0.0) >= level for a, b in ordered)
        assert claimed / draws <= allowed(draws), rate
