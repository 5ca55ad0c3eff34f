"""Non-inferiority: a release that is worse by exactly the margin passes in at most 5 % of evaluations."""

import itertools

import numpy as np
import pytest
from scipy.stats import binom

from roadworthy.core.errors import InputError
from roadworthy.stats.contrast import Sampling, difference
from roadworthy.stats.gaffke import confidence_below
from roadworthy.stats.mean import DEFAULT_ICC, estimate_mean
from roadworthy.stats.non_inferiority import paired_non_inferiority, unpaired_non_inferiority
from roadworthy.stats.paired import pair_scores, paired_differences
from roadworthy.stats.units import from_count, from_table

ALPHA = 0.05


def allowed(draws):
    return ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / draws)


def sure_below(totals, sizes, margin):
    """Return the confidence that the worsening is below the margin; rows are evaluations, columns units."""
    limit = np.full(len(totals), (margin + 1) / 2)
    return confidence_below(totals, sizes, np.ones(totals.shape), limit, DEFAULT_ICC)


@pytest.mark.parametrize("pairs", [12, 30, 60])
def test_single_pairs_exactly_at_the_margin(pairs):
    """Exact enumeration of the trinomial: chances of worse and better that differ by the margin."""
    worse, better = (np.array(v, float) for v in zip(*tables(pairs), strict=True))
    counts = np.stack([better, pairs - worse - better, worse], axis=1)
    values = np.broadcast_to([0.0, 0.5, 1.0], counts.shape)
    for margin in (0.02, 0.05, 0.1, 0.3):
        limit = np.full(len(counts), (margin + 1) / 2)
        passes = confidence_below(values, np.ones(counts.shape), counts, limit, DEFAULT_ICC) >= 0.95
        for fewer in (0.0, 0.01, 0.05, 0.2):
            more = fewer + margin
            chance = binom.pmf(worse, pairs, more) * binom.pmf(better, pairs - worse, fewer / (1 - more))
            assert chance[passes].sum() <= ALPHA


def tables(pairs):
    return [(w, b) for w, b in itertools.product(range(pairs + 1), repeat=2) if w + b <= pairs]


def shocked(generator, shape, size, chances, icc):
    """Draw sums of differences of clusters in which a share sqrt(icc) of the cases are copies of one."""
    alone = generator.multinomial(size, chances, shape)
    if icc == 0:
        return (alone[..., 2] - alone[..., 0]).astype(float)
    copies = generator.binomial(size, np.sqrt(icc), shape)
    first = generator.choice([-1, 0, 1], size=shape, p=chances)
    rest = generator.binomial(size - copies, chances[2] + chances[0])
    up = generator.binomial(rest, chances[2] / (chances[2] + chances[0]))
    return (first * copies + 2 * up - rest).astype(float)


def dirichlet(generator, shape, size, chances, icc):
    """Draw sums of differences of clusters whose chances of better, same and worse are Dirichlet distributed."""
    drawn = generator.dirichlet(np.maximum(chances, 1e-9) * (1 / icc - 1), shape)
    counts = generator.multinomial(size, drawn)
    return (counts[..., 2] - counts[..., 0]).astype(float)


def rare(generator, shape, size, chances, icc):
    """Draw sums where few clusters are much worse and the others do not change; the two-point model."""
    margin = chances[2] - chances[0]
    bad = margin + icc * (1 - margin)
    hit = generator.random(shape) < margin / bad
    return np.where(hit, generator.binomial(size, bad, shape), 0).astype(float)


@pytest.mark.parametrize("model", [shocked, dirichlet, rare])
@pytest.mark.parametrize("clusters", [3, 6, 15, 40])
def test_clusters_exactly_at_the_margin(model, clusters):
    """Simulated, small numbers of clusters included; correlation up to the 0.5 that the bound assumes."""
    draws = 1_500
    generator = np.random.default_rng(clusters)
    for size, margin, icc in itertools.product((4, 20), (0.05, 0.2), (0.1, 0.5)):
        chances = np.array([0.05, 0.9 - margin, 0.05 + margin])
        worse = model(generator, (draws, clusters), size, chances, icc)
        passes = sure_below((worse + size) / 2, np.full(worse.shape, float(size)), margin) >= 0.95
        assert passes.mean() <= allowed(draws), (size, margin, icc)


@pytest.mark.parametrize("rates", [(0.15, 0.05), (0.3, 0.2), (0.12, 0.02)])
def test_unpaired_samples_exactly_at_the_margin(rates):
    """Exact enumeration over both samples of 40."""
    new, shipped = rates
    passed = 0.0
    for a in range(41):
        for b in range(41):
            chance = binom.pmf(a, 40, new) * binom.pmf(b, 40, shipped)
            if chance > 1e-6 and bound(a, b) <= new - shipped:
                passed += chance
    assert passed <= ALPHA


def bound(a, b):
    found = unpaired_non_inferiority(from_count(a, 40), from_count(b, 40), 0.1, higher_is_better=False, confidence=0.95)
    return found.upper


def test_the_bound_is_the_criterions_own():
    """With all pairs different the differences take two values, and the bound is that of Clopper and Pearson."""
    differences = paired_differences([1, 0], [0, 1], [1, 1], [30, 70])
    found = paired_non_inferiority(differences, 0.1, higher_is_better=False, confidence=0.95, clustered=False)
    alone = estimate_mean(from_count(30, 100), clustered=False, confidence=0.95)
    assert found.upper == pytest.approx(2 * alone.upper - 1)
    assert found.lower == pytest.approx(2 * alone.lower - 1)


def test_identical_runs_of_many_clusters_are_shown_to_be_no_worse():
    """Closed form: k units of size m without a difference pass when (1 + m theta / s)^-k is at most 5 %."""
    sizes = np.full(60, 10.0)
    differences = paired_differences(sizes / 2, sizes / 2, sizes)
    found = paired_non_inferiority(differences, 0.05, higher_is_better=True, confidence=0.95, clustered=True)
    assert found.worsening == 0
    assert 0 < found.upper <= 0.05
    assert found.units_needed == 0
    few = paired_differences(sizes[:20] / 2, sizes[:20] / 2, sizes[:20])
    short = paired_non_inferiority(few, 0.05, higher_is_better=True, confidence=0.95, clustered=True)
    assert short.upper > 0.05
    assert 10 < short.units_needed < 40


def test_direction_is_that_of_the_metric():
    better = pair_scores([1] * 40 + [0] * 60, [0] * 40 + [0] * 60)
    good = paired_non_inferiority(better, 0.05, higher_is_better=True, confidence=0.95, clustered=False)
    bad = paired_non_inferiority(better, 0.05, higher_is_better=False, confidence=0.95, clustered=False)
    assert (good.worsening, bad.worsening) == (pytest.approx(-0.4), pytest.approx(0.4))
    assert good.upper < 0.05 < bad.lower
    assert (good.lower, good.upper) == (pytest.approx(-bad.upper, abs=1e-8), pytest.approx(-bad.lower, abs=1e-8))


def test_unpaired_is_the_melded_difference_and_shared_clusters_widen_it():
    new, shipped = from_table([1, 0, 2, 1], [5] * 4), from_table([0, 0, 1, 1], [5] * 4)
    apart = Sampling(clustered=True)
    found = unpaired_non_inferiority(new, shipped, 0.1, higher_is_better=False, confidence=0.95, sampling=apart)
    assert found.upper == difference(new, shipped, confidence=0.95, sampling=apart).upper
    shared = Sampling(clustered=True, shared_clusters=True)
    wider = unpaired_non_inferiority(new, shipped, 0.1, higher_is_better=False, confidence=0.95, sampling=shared)
    assert wider.upper > found.upper


def test_pairs_need_fewer_cases_than_separate_samples():
    a = np.r_[np.ones(50), np.zeros(150)]
    paired = paired_non_inferiority(pair_scores(a, a), 0.05, higher_is_better=True, confidence=0.95, clustered=False)
    apart = unpaired_non_inferiority(
        from_count(50, 200), from_count(50, 200), 0.05, higher_is_better=True, confidence=0.95
    )
    assert paired.upper < 0.05 < apart.upper


def test_fewer_than_two_clusters_say_nothing():
    found = paired_non_inferiority(
        paired_differences([5], [5], [9]), 0.1, higher_is_better=True, confidence=0.95, clustered=True
    )
    assert (found.lower, found.upper) == (-1.0, 1.0)


@pytest.mark.parametrize("margin", [0.0, -0.1, 1.0, float("nan")])
def test_a_margin_that_is_none_is_refused(margin):
    with pytest.raises(InputError, match="margin"):
        paired_non_inferiority(pair_scores([1], [1]), margin, higher_is_better=True, confidence=0.95, clustered=False)
