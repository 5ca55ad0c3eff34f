"""PPI++ against ppi-python 0.2.3 and its own limits; how often bounds pass what they should not."""

import numpy as np
import pytest

from roadworthy.core.errors import InputError
from roadworthy.stats.clusters import standard_error as robust_error
from roadworthy.stats.confidence import distributions
from roadworthy.stats.mean import estimate_mean
from roadworthy.stats.melding import confidence_in
from roadworthy.stats.populations import Model, draw
from roadworthy.stats.ppi import ppi_bounds, ppi_mean, standard_error, tuned_power
from roadworthy.stats.rectified import read_labelling
from roadworthy.stats.units import from_clusters, from_samples

ALPHA = 0.05


def judged(generator, n, rate, sensitivity, specificity):
    """Draw truths, and the scores of a scorer with known errors."""
    truth = generator.random(n) < rate
    right = np.where(truth, generator.random(n) < sensitivity, generator.random(n) < specificity)
    return truth.astype(float), np.where(right, truth, ~truth).astype(float)


def partly(truth, labelled):
    return np.where(np.arange(len(truth)) < labelled, truth, np.nan)


def peers_example():
    """Return the sample that ppi_mean_ci was given: 200 labels, 2,000 scores without, one in ten wrong."""
    generator = np.random.default_rng(12)
    truth = (generator.random(2200) < 0.2).astype(float)
    scores = np.where(generator.random(2200) < 0.1, 1 - truth, truth)
    return read_labelling(partly(truth, 200), scores)


@pytest.mark.parametrize(
    ("power", "estimate", "low", "high"),
    [
        (1.0, 0.208, 0.16175189, 0.25424811),
        (0.5, 0.229, 0.18705734, 0.27094266),
        (0.0, 0.25, 0.1899886, 0.3100114),
    ],
)
def test_estimate_and_interval_match_ppi_python(power, estimate, low, high):
    """The peer takes a normal quantile and divides by n; Student's t and n - 1 make ours a little wider."""
    found = ppi_mean(peers_example(), power=power)
    assert found.estimate == pytest.approx(estimate, abs=1e-9)
    assert found.interval == (pytest.approx(low, rel=5e-3), pytest.approx(high, rel=5e-3))
    assert found.interval[0] < low
    assert found.interval[1] > high


def test_the_tuned_power_is_near_that_of_ppi_python_and_its_interval_no_wider():
    """The peer pools the variance of both parts: power 0.714, interval [0.17939, 0.26062]."""
    found = ppi_mean(peers_example())
    assert found.power == pytest.approx(0.714, abs=0.06)
    assert found.interval[1] - found.interval[0] == pytest.approx(0.26062 - 0.17939, rel=0.02)
    errors = [standard_error(peers_example(), power) for power in np.linspace(0, 1, 21)]
    assert standard_error(peers_example(), tuned_power(peers_example())) <= min(errors)


@pytest.mark.parametrize("power", [None, 0.7])
def test_labels_for_all_are_a_plain_mean(power):
    truth, scores = judged(np.random.default_rng(1), 300, 0.2, 0.9, 0.9)
    found = ppi_bounds(read_labelling(truth, scores), power=power)
    plain = estimate_mean(from_samples(truth), clustered=False, confidence=0.95)
    assert (found.estimate, found.lower, found.upper) == (plain.estimate, plain.lower, plain.upper)
    assert found.power == 0


def test_without_scores_that_help_the_labels_decide_alone():
    truth, _ = judged(np.random.default_rng(2), 500, 0.3, 1, 1)
    found = ppi_bounds(read_labelling(partly(truth, 100), np.ones(500)))
    plain = estimate_mean(from_samples(truth[:100]), clustered=False, confidence=0.95)
    assert (found.power, found.upper) == (0, plain.upper)


def test_a_scorer_that_was_never_seen_to_err_is_not_taken_as_perfect():
    """100 labels, all as scored, and no event: the bound is that of no event in 100, 3 / n."""
    found = ppi_mean(read_labelling(partly(np.zeros(1000), 100), np.zeros(1000)))
    assert found.upper == pytest.approx(1 - 0.05 ** (1 / 100), abs=1e-9)


@pytest.mark.parametrize("labelled", [0, 1])
def test_too_few_labels_say_nothing(labelled):
    truth, scores = judged(np.random.default_rng(3), 100, 0.3, 0.9, 0.9)
    clusters = np.repeat(np.arange(10), 10)
    found = ppi_bounds(read_labelling(partly(truth, labelled), scores, clusters))
    assert found.interval == (0, 1)
    assert (found.estimate is None) == (labelled == 0)


def test_mirrored_scores_give_mirrored_bounds():
    truth, scores = judged(np.random.default_rng(4), 400, 0.2, 0.8, 0.9)
    one = ppi_bounds(read_labelling(partly(truth, 80), scores))
    other = ppi_bounds(read_labelling(partly(1 - truth, 80), 1 - scores))
    assert other.estimate == pytest.approx(1 - one.estimate, abs=1e-9)
    assert (other.lower, other.upper) == (pytest.approx(1 - one.upper), pytest.approx(1 - one.lower))


def test_copies_in_clusters_are_counted_once():
    generator = np.random.default_rng(5)
    truth, scores = judged(generator, 300, 0.3, 0.9, 0.9)
    alone = read_labelling(partly(truth, 100), scores)
    copied = read_labelling(
        np.repeat(partly(truth, 100), 4), np.repeat(scores, 4), np.repeat([f"c{i}" for i in range(300)], 4)
    )
    assert standard_error(copied, 0.6) == pytest.approx(standard_error(alone, 0.6))
    assert ppi_mean(copied).interval == pytest.approx(ppi_mean(alone).interval)


def test_labels_that_share_clusters_with_scores_have_the_error_of_one_sample():
    """Where every cluster has one labelled and one unlabelled copy of a case, only the labels say anything."""
    generator = np.random.default_rng(6)
    truth, scores = judged(generator, 200, 0.3, 0.85, 0.9)
    labels = np.stack([truth, np.full(200, np.nan)], 1).ravel()
    labelling = read_labelling(labels, np.repeat(scores, 2), np.repeat(np.arange(200), 2))
    assert labelling.shared
    assert standard_error(labelling, 1.0) == pytest.approx(robust_error(from_samples(truth)))
    assert tuned_power(labelling) == 0


def test_what_cannot_be_read_is_refused():
    with pytest.raises(InputError, match="score nan"):
        read_labelling([1.0], [np.nan])
    with pytest.raises(InputError, match="label 2"):
        read_labelling([2.0], [0.0])
    with pytest.raises(InputError, match="differ in length"):
        read_labelling([1.0], [0.0, 1.0])


def passes(labelling, rate):
    """Tell whether the upper bound at 95 % is below a rate, by one evaluation."""
    power, one = tuned_power(labelling), np.ones(1)
    if power == 0 or labelling.shared:
        return ppi_bounds(labelling).upper < rate
    scores = distributions(labelling.score_units(), 0.5)
    mirrored = distributions(labelling.rectifiers(power).mirrored(), 0.5)
    return confidence_in(scores, mirrored, power * one, (1 + power) * one, (rate - 1) * one)[0] >= 1 - ALPHA


@pytest.mark.parametrize(("n", "total"), [(30, 300), (100, 600)])
@pytest.mark.parametrize(("rate", "sensitivity", "specificity"), [(0.1, 1, 1), (0.3, 0.7, 0.9), (0.1, 0.5, 0.5)])
def test_bounds_seldom_pass_a_rate_at_the_threshold(n, total, rate, sensitivity, specificity):
    generator = np.random.default_rng([n, int(10 * sensitivity)])
    draws = 60
    passed = 0
    for _ in range(draws):
        truth, scores = judged(generator, total, rate, sensitivity, specificity)
        passed += passes(read_labelling(partly(truth, n), scores), rate)
    assert passed / draws <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / draws)


@pytest.mark.parametrize("shared", [True, False])
def test_bounds_of_clusters_seldom_pass_a_rate_at_the_threshold(shared):
    """The scorer misses whole clusters; labels fall on clusters of their own, or on a third of every cluster."""
    generator = np.random.default_rng(8)
    draws, clusters, size, rate = 60, 45, 9, 0.3
    codes = np.repeat(np.arange(clusters), size)
    passed = 0
    for _ in range(draws):
        totals = draw(Model.BETA, generator, rate, 0.3, np.full(clusters, size))
        truth = (np.tile(np.arange(size), clusters) < np.repeat(totals, size)).astype(float)
        truth = generator.permuted(truth.reshape(clusters, size), axis=1).ravel()
        scores = np.where(np.repeat(generator.random(clusters) < 0.3, size), 0.0, truth)
        chosen = np.tile(np.arange(size), clusters) % 3 == 0 if shared else codes % 3 == 0
        labelling = read_labelling(np.where(chosen, truth, np.nan), scores, codes)
        passed += ppi_bounds(labelling).upper < rate
    assert passed / draws <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / draws)


def test_the_check_can_fail():
    """Without the labels the same scorer passes far too often, and the simulation sees it."""
    generator = np.random.default_rng(9)
    passed = 0
    for _ in range(60):
        _, scores = judged(generator, 600, 0.3, 0.7, 0.97)
        passed += estimate_mean(from_samples(scores), clustered=False, confidence=0.95).upper < 0.3
    assert passed / 60 > 0.5


def test_labels_narrow_the_bounds_where_the_scorer_is_good():
    truth, scores = judged(np.random.default_rng(10), 2100, 0.2, 0.98, 0.98)
    labelling = read_labelling(partly(truth, 100), scores)
    assisted, alone = (ppi_bounds(labelling, power=power) for power in (None, 0.0))
    assert assisted.upper - assisted.lower < 0.75 * (alone.upper - alone.lower)
    assert from_clusters(truth[:100], np.arange(100)).rate == alone.estimate
