"""Paired differences: peers, published tables, AgentDojo's pipelines side by side, properties."""

import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_rel

from roadworthy.core.errors import InputError
from roadworthy.stats.bca import bca
from roadworthy.stats.clusters import standard_error
from roadworthy.stats.paired import compare_paired, difference_interval, pair_scores, paired_differences

ROOT = Path(__file__).resolve().parents[2]
AGENTDOJO = Path(os.environ.get("ROADWORTHY_AGENTDOJO") or ROOT / ".cache" / "agentdojo")


def single_pairs(both, first_only, second_only, neither):
    """Return arguments of `compare_paired` for a table of single 0/1 pairs."""
    return [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1], [both, first_only, second_only, neither]


def test_published_example_of_single_pairs():
    """Cavo et al. 2012 in Fagerland, Lydersen and Laake (2014): difference, Tango interval, exact McNemar."""
    found = compare_paired(*single_pairs(59, 6, 16, 80))
    assert found.difference == pytest.approx(-0.0621, abs=5e-5)
    assert (found.lower, found.upper) == (pytest.approx(-0.1240, abs=5e-5), pytest.approx(-0.0054, abs=5e-5))
    assert found.p_value == pytest.approx(0.052479, abs=5e-7)
    assert (found.n, found.units) == (161, 161)
    assert "Tango" in found.method


def test_scores_between_0_and_1_have_the_interval_of_the_paired_t_test():
    generator = np.random.default_rng(1)
    a = generator.random(40)
    b = np.clip(a + generator.normal(0.05, 0.1, 40), 0, 1)
    expected = ttest_rel(a, b).confidence_interval(0.95)
    found = compare_paired(a, b, np.ones(40))
    assert (found.lower, found.upper) == (pytest.approx(expected.low, abs=1e-9), pytest.approx(expected.high, abs=1e-9))
    assert found.p_value == pytest.approx(ttest_rel(a, b).pvalue, abs=0.03)


def test_the_range_of_the_scores_scales_difference_and_interval_only():
    plain, scaled = (compare_paired([3, 1, 4], [1, 1, 2], [5, 5, 5], scale=scale) for scale in (1.0, 4.0))
    assert scaled.difference == pytest.approx(4 * plain.difference)
    assert (scaled.lower, scaled.upper) == (pytest.approx(4 * plain.lower), pytest.approx(4 * plain.upper))
    assert scaled.p_value == plain.p_value


def test_scores_and_sums_give_the_same_units():
    generator = np.random.default_rng(2)
    a, b, clusters = generator.integers(0, 2, 90), generator.integers(0, 2, 90), generator.integers(0, 11, 90)
    by_scores = pair_scores(a, b, clusters)
    sizes = np.bincount(clusters)
    by_sums = paired_differences(np.bincount(clusters, a), np.bincount(clusters, b), sizes)
    assert by_scores.totals == pytest.approx(by_sums.totals)
    assert np.array_equal(by_scores.sizes, by_sums.sizes)


table = st.lists(
    st.integers(1, 8).flatmap(lambda m: st.tuples(st.integers(0, m), st.integers(0, m), st.just(m))),
    min_size=2,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(table)
def test_swapping_the_runs_mirrors_everything(rows):
    a, b, sizes = zip(*rows, strict=True)
    there, back = compare_paired(a, b, sizes), compare_paired(b, a, sizes)
    assert back.difference == pytest.approx(-there.difference, abs=1e-9)
    assert (back.lower, back.upper) == (pytest.approx(-there.upper, abs=1e-8), pytest.approx(-there.lower, abs=1e-8))
    assert back.p_value == pytest.approx(there.p_value, abs=1e-12)
    assert -1 <= there.lower <= there.difference <= there.upper <= 1
    assert there.lower < there.upper


def test_runs_that_never_differ_are_not_an_interval_of_no_width():
    for sizes in ([1] * 20, [8] * 20):
        found = compare_paired(np.zeros(20), np.zeros(20), sizes)
        assert found.p_value == 1.0
        assert found.lower < -0.05 < 0.05 < found.upper


@pytest.mark.parametrize("rows", [([], [], []), ([3], [1], [5])])
def test_fewer_than_two_clusters_say_nothing(rows):
    found = compare_paired(*rows, clustered=True)
    assert (found.lower, found.upper, found.p_value) == (-1.0, 1.0, 1.0)


@pytest.mark.parametrize("rows", [([1], [1, 1], [2]), ([3], [1], [2]), ([1], [-1], [2]), ([float("nan")], [1], [2])])
def test_what_is_no_pair_is_refused(rows):
    with pytest.raises(InputError):
        compare_paired(*rows)


@pytest.fixture(scope="module")
def attacks():
    """Whether each of the 629 attacks succeeded, per pipeline, and the injection task of each, its cluster."""
    if not AGENTDOJO.is_dir():
        pytest.fail(f"no AgentDojo logs at {AGENTDOJO}; set ROADWORTHY_AGENTDOJO")
    found = {}
    for name in ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13-tool_filter"):
        with tarfile.open(AGENTDOJO / f"{name}.tar.xz") as archive:
            logs = [json.load(archive.extractfile(m)) for m in archive if "/important_instructions/" in m.name]
        cases = {(log["suite_name"], log["user_task_id"], log["injection_task_id"]): log["security"] for log in logs}
        found[name] = np.array([cases[case] for case in sorted(cases)], float)
    return found, [f"{suite}/{injection}" for suite, _, injection in sorted(cases)]


@pytest.mark.data
def test_agentdojo_defence_is_real_and_its_error_is_that_of_clusters(attacks):
    """Published: 47.69 % without and 6.84 % with the tool filter. Paired by case, 27 injection tasks as clusters."""
    scores, clusters = attacks
    with_filter, without = scores["gpt-4o-2024-05-13-tool_filter"], scores["gpt-4o-2024-05-13"]
    differences = pair_scores(with_filter, without, clusters)
    found = difference_interval(differences, clustered=True, confidence=0.95)
    assert found.estimate == pytest.approx(0.0684 - 0.4769, abs=1e-4)
    assert found.units == 27
    naive = standard_error(pair_scores(with_filter, without))
    assert standard_error(differences) > 2.5 * naive
    bootstrapped = bca(differences, clustered=True, confidence=0.95).interval
    assert found.interval == (pytest.approx(bootstrapped[0], abs=0.03), pytest.approx(bootstrapped[1], abs=0.03))


@pytest.mark.data
def test_agentdojo_naive_and_clustered_standard_error_of_gpt_4o(attacks):
    """1.99 points taking 629 cases as independent, 6.53 with 27 injection tasks as clusters."""
    from roadworthy.stats.units import from_clusters, from_samples

    scores, clusters = attacks
    successes = scores["gpt-4o-2024-05-13"]
    assert 100 * standard_error(from_samples(successes)) == pytest.approx(1.99, abs=0.005)
    assert 100 * standard_error(from_clusters(successes, clusters)) == pytest.approx(6.53, abs=0.005)


def test_the_accusation_of_single_pairs_is_scipys_binomial_test():
    found = compare_paired(*single_pairs(10, 30, 12, 48))
    assert found.p_value == pytest.approx(binomtest(12, 42).pvalue, rel=1e-9)
