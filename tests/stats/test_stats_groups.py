"""Differences, ratios, gaps: Fisher's exact test, identities, and what is said when groups are missing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from roadworthy.core.errors import InputError
from roadworthy.stats.confidence import Beta, Tabulated, distributions
from roadworthy.stats.contrast import Sampling, difference, ratio
from roadworthy.stats.groups import max_gap, min_ratio
from roadworthy.stats.mean import estimate_mean
from roadworthy.stats.melding import confidence_in
from roadworthy.stats.units import from_count, from_samples, from_table

COMPAS_FALSE_POSITIVES = {"African-American": from_count(805, 1795), "Caucasian": from_count(349, 1488)}
"""ProPublica, Compas Analysis.ipynb: false positives among those who were not charged again."""


@pytest.mark.parametrize(("a", "m", "b", "n"), [(5, 20, 9, 20), (1, 100, 5, 30), (50, 100, 70, 100), (0, 40, 3, 12)])
def test_equality_is_tested_by_fishers_exact_test(a, m, b, n):
    """Fay, Proschan and Brittain (2015): melded Clopper-Pearson bounds agree with the one-sided exact test."""
    one = np.ones(1)
    found = confidence_in(distributions(from_count(a, m), 0.5), distributions(from_count(b, n), 0.5), one, one, 0 * one)
    exact = fisher_exact([[a, m - a], [b, n - b]], alternative="less").pvalue
    assert 1 - found[0] == pytest.approx(exact, abs=1e-6)


def test_compas_false_positive_gap_and_ratio():
    """44.85 % against 23.45 % (ProPublica); for large groups the bounds are close to the normal ones."""
    gap = max_gap(COMPAS_FALSE_POSITIVES, confidence=0.95)
    assert 100 * gap.estimate == pytest.approx(44.85 - 23.45, abs=0.01)
    assert gap.upper == pytest.approx(gap.estimate + 1.645 * gap.standard_error, abs=0.001)
    assert gap.lower == pytest.approx(gap.estimate - 1.960 * gap.standard_error, abs=0.001)
    proportion = min_ratio(COMPAS_FALSE_POSITIVES, confidence=0.95)
    assert proportion.estimate == pytest.approx(0.2345 / 0.4485, abs=0.0005)
    log_error = np.sqrt(1 / 805 - 1 / 1795 + 1 / 349 - 1 / 1488)
    assert proportion.lower == pytest.approx(proportion.estimate * np.exp(-1.645 * log_error), abs=0.002)
    assert proportion.upper == pytest.approx(proportion.estimate * np.exp(1.960 * log_error), abs=0.002)


def test_a_certain_group_leaves_the_bounds_of_the_other():
    """Against 400,000 samples without a bad one, the difference is bounded as the mean alone."""
    small = from_count(3, 40)
    alone = estimate_mean(small, clustered=False, confidence=0.95)
    assert difference(small, from_count(0, 400_000), confidence=0.95).upper == pytest.approx(alone.upper, abs=1e-4)


def test_tabulated_distributions_agree_with_beta_distributions():
    generator = np.random.default_rng(2)
    nearly = generator.choice([0.0, 1e-7, 1.0], 60, p=[0.5, 0.2, 0.3])
    near, exact = distributions(from_samples(nearly), 0.5), distributions(from_samples(nearly.round()), 0.5)
    assert isinstance(near.upper, Tabulated)
    assert isinstance(exact.upper, Beta)
    points = np.linspace(0.1, 0.6, 101)
    np.testing.assert_allclose(near.upper.below(points), exact.upper.below(points), atol=2e-3)
    np.testing.assert_allclose(near.lower.below(points), exact.lower.below(points), atol=2e-3)


counts = st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=40, deadline=None)
@given(counts, counts, st.booleans())
def test_bounds_of_contrasts_are_ordered_and_turn_with_the_groups(one, two, shared):
    a, b, sampling = from_count(*one), from_count(*two), Sampling(shared_clusters=shared)
    there, back = (difference(x, y, confidence=0.9, sampling=sampling) for x, y in ((a, b), (b, a)))
    assert -1 <= there.interval[0] <= there.lower <= there.estimate <= there.upper <= there.interval[1] <= 1
    assert back.upper == pytest.approx(-there.lower, abs=1e-9)
    over, under = (ratio(x, y, confidence=0.9, sampling=sampling) for x, y in ((a, b), (b, a)))
    assert 0 <= over.interval[0] <= over.lower <= over.upper <= over.interval[1]
    if over.lower > 0:
        assert under.upper == pytest.approx(1 / over.lower, rel=1e-6)
    if over.estimate is not None:
        assert over.lower <= over.estimate <= over.upper


@settings(max_examples=25, deadline=None)
@given(counts, counts)
def test_difference_and_ratio_agree_about_equality(one, two):
    a, b = from_count(*one), from_count(*two)
    gap, proportion = difference(a, b, confidence=0.95), ratio(a, b, confidence=0.95)
    assert (gap.upper < -1e-9) == (proportion.upper < 1 - 1e-9)


def test_shared_clusters_take_the_box():
    a, b = from_count(30, 100), from_count(12, 90)
    bounds = [estimate_mean(u, clustered=False, confidence=0.975) for u in (a, b)]
    box = difference(a, b, confidence=0.95, sampling=Sampling(shared_clusters=True))
    assert box.upper == pytest.approx(bounds[0].upper - bounds[1].lower)
    assert box.lower == pytest.approx(bounds[0].lower - bounds[1].upper)
    assert ratio(a, b, confidence=0.95, sampling=Sampling(shared_clusters=True)).upper == pytest.approx(
        bounds[0].upper / bounds[1].lower
    )
    assert box.upper > difference(a, b, confidence=0.95).upper


def test_ratios_to_zero():
    zero, some = from_count(0, 80), from_count(5, 70)
    assert ratio(some, zero, confidence=0.95).estimate == np.inf
    assert ratio(some, zero, confidence=0.95).upper == np.inf
    assert ratio(zero, some, confidence=0.95).estimate == 0
    neither = ratio(zero, from_count(0, 90), confidence=0.95)
    assert (neither.estimate, neither.lower, neither.upper) == (None, 0, np.inf)
    folded = min_ratio({"a": zero, "b": from_count(0, 90)}, confidence=0.95)
    assert (folded.estimate, folded.lower, folded.upper) == (None, 0, 1)


def test_equal_groups_are_not_accused_and_every_pair_is_named():
    groups = {name: from_count(30, 300) for name in "abcd"}
    gap = max_gap(groups, confidence=0.95)
    assert (gap.estimate, gap.lower, gap.interval[0]) == (0, 0, 0)
    assert len(gap.comparisons) == 6
    assert "Bonferroni over 6 comparisons" in gap.method
    assert min_ratio(groups, confidence=0.95).upper == 1


def test_the_worst_comparison_decides():
    groups = {"a": from_count(10, 100), "b": from_count(30, 100), "c": from_count(1, 4)}
    gap = max_gap(groups, confidence=0.95)
    assert {gap.worst.first, gap.worst.second} == {"a", "b"}
    assert gap.estimate == pytest.approx(0.2)
    assert gap.upper == max(c.upper for c in gap.comparisons) > gap.worst.upper
    reference = max_gap(groups, confidence=0.95, reference="c")
    assert [(c.first, c.second) for c in reference.comparisons] == [("a", "c"), ("b", "c")]


@pytest.mark.parametrize("measure", [max_gap, min_ratio])
def test_missing_groups_never_pass(measure):
    for groups, reference in (({}, None), ({"a": from_count(1, 9)}, None), ({"a": from_count(1, 9)}, "b")):
        nothing = measure(groups, confidence=0.95, reference=reference)
        assert (nothing.estimate, nothing.lower, nothing.upper, nothing.worst) == (None, 0, 1, None)
    empty = measure({"a": from_count(10, 1000), "b": from_samples([])}, confidence=0.95)
    assert empty.estimate is None
    assert empty.upper > 0.9 if measure is max_gap else empty.lower == 0


def test_one_cluster_in_a_group_says_nothing_about_it():
    groups = {"a": from_table([1, 2, 0], [9, 9, 9]), "b": from_table([3], [9])}
    assert max_gap(groups, confidence=0.95, sampling=Sampling(clustered=True)).upper > 0.9
    assert max_gap(groups, confidence=0.95, sampling=Sampling(clustered=True, shared_clusters=True)).upper > 0.9


def test_gaps_on_another_scale_and_ratios_that_make_no_sense_there():
    groups = {"a": from_samples([1, 2, 3, 2] * 9, low=1, high=5), "b": from_samples([4, 5, 3, 4] * 9, low=1, high=5)}
    gap = max_gap(groups, confidence=0.95)
    assert gap.estimate == pytest.approx(2)
    assert gap.lower < 2 < gap.upper < 4
    with pytest.raises(InputError, match="start at zero"):
        min_ratio(groups, confidence=0.95)
