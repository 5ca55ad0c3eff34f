"""How many more units: closed forms, and the promise that the number settles it and one less does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.stats.contrast import Scale
from roadworthy.stats.groups import max_gap
from roadworthy.stats.mean import limits
from roadworthy.stats.sample_size import fewest_units, group_units_needed, units_needed
from roadworthy.stats.units import from_count, from_samples, from_table


@pytest.mark.parametrize(("threshold", "expected"), [(0.5, 5), (0.1, 29), (0.05, 59), (0.01, 299), (0.001, 2995)])
def test_clean_samples_needed_follow_the_rule_of_three(threshold, expected):
    """The least n with (1 - threshold)^n <= 0.05."""
    assert fewest_units(threshold, at_most=True, confidence=0.95) == expected
    assert fewest_units(1 - threshold, at_most=False, confidence=0.95) == expected
    assert units_needed(from_count(0, 2), threshold, confidence=0.95, clustered=False) == expected - 2


def test_clean_clusters_needed_have_a_closed_form():
    """The least k with (1 + m theta / s)^-k <= alpha; see the test of the bound for s."""
    theta, m = 0.1, 5
    surplus = m * (0.5 + 0.5 / m) ** 0.5 * (1 - theta)
    k = next(k for k in range(2, 99) if (1 + m * theta / surplus) ** -k <= 0.05)
    assert fewest_units(theta, at_most=True, confidence=0.95, unit_size=m) == k


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 60), st.data(), st.sampled_from([1, 4]))
def test_the_number_settles_it_and_one_less_does_not(k, data, size):
    totals = data.draw(st.lists(st.integers(0, size), min_size=k, max_size=k))
    units = from_table(totals, [size] * k)
    threshold = data.draw(st.sampled_from([0.1, 0.25, 0.5]))
    needed = units_needed(units, threshold, confidence=0.9, clustered=size > 1)
    if needed is None:
        assert abs(units.rate - threshold) < 0.02
        return

    def settled(number):
        bounds = limits(units.scaled(number / k), (0.9,), clustered=size > 1)
        return bounds.upper[0] <= threshold + 1e-9 if units.rate < threshold else bounds.lower[0] >= threshold - 1e-9

    assert settled(k + needed)
    assert needed == 0 or not settled(k + needed - 1)


def test_nothing_settles_an_estimate_at_the_threshold_or_too_near():
    assert units_needed(from_count(2, 20), 0.1, confidence=0.95, clustered=False) is None
    assert units_needed(from_count(199_999, 2_000_000), 0.1, confidence=0.95, clustered=False) is None
    assert units_needed(from_samples([]), 0.1, confidence=0.95, clustered=False) is None
    assert fewest_units(0.0, at_most=True, confidence=0.95) is None
    assert fewest_units(1e-7, at_most=True, confidence=0.95) is None


def test_a_threshold_is_on_the_scale_of_the_scores():
    grades = from_samples([4, 5, 4, 3, 5], low=1, high=5)
    shares = from_samples([0.75, 1, 0.75, 0.5, 1])
    assert units_needed(grades, 4.0, confidence=0.95, clustered=False) == units_needed(
        shares, 0.75, confidence=0.95, clustered=False
    )


@pytest.mark.parametrize("threshold", [0.1, 0.3])
def test_groups_grow_until_the_gap_is_settled(threshold):
    groups = {"a": from_count(12, 60), "b": from_count(4, 50), "c": from_count(10, 40)}
    before = max_gap(groups, confidence=0.95)
    assert before.lower <= threshold <= before.upper
    needed = group_units_needed(Scale.DIFFERENCE, groups, threshold, confidence=0.95)
    for factor, settled in ((1 + 1.001 * needed / 150, True), (1 + 0.97 * needed / 150, False)):
        grown = max_gap({name: units.scaled(factor) for name, units in groups.items()}, confidence=0.95)
        inside = grown.upper <= threshold if before.estimate < threshold else grown.lower > threshold
        assert inside == settled


def test_a_gap_that_is_settled_needs_nothing_and_one_at_the_threshold_cannot_be():
    groups = {"a": from_count(10, 1000), "b": from_count(20, 1000)}
    assert group_units_needed(Scale.DIFFERENCE, groups, 0.2, confidence=0.95) == 0
    assert group_units_needed(Scale.DIFFERENCE, groups, 0.01, confidence=0.95) is None
    assert group_units_needed(Scale.RATIO, groups, 0.4, confidence=0.95) > 0
