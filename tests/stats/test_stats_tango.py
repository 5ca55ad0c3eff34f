"""Tango's score interval: published examples, closed forms, duality with McNemar's test."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar

from roadworthy.stats.tango import tango_limits

LEVEL = np.array([0.975])

tables = st.integers(1, 200).flatmap(
    lambda n: st.integers(0, n).flatmap(lambda b: st.tuples(st.just(b), st.integers(0, n - b), st.just(n)))
)


def interval(first, second, pairs):
    found = tango_limits(first, second, pairs, LEVEL)
    return float(found.lower[0]), float(found.upper[0])


@pytest.mark.parametrize(
    ("first", "second", "pairs", "low", "high"),
    [(1, 7, 21, -0.517, -0.026), (6, 16, 161, -0.1240, -0.0054)],
)
def test_published_examples(first, second, pairs, low, high):
    """Bentur et al. 2009 and Cavo et al. 2012 in Fagerland, Lydersen and Laake (2014).

    The second also as printed by the R package contingencytables 1.0.
    """
    digits = 5e-4 if pairs == 21 else 5e-5
    assert interval(first, second, pairs) == (pytest.approx(low, abs=digits), pytest.approx(high, abs=digits))


@pytest.mark.parametrize("pairs", [1, 20, 629])
def test_pairs_that_all_agree_have_a_closed_form(pairs):
    """z^2 / (n + z^2), and not an interval of no width."""
    square = norm.ppf(0.975) ** 2
    assert interval(0, 0, pairs) == (
        pytest.approx(-square / (pairs + square), abs=1e-9),
        pytest.approx(square / (pairs + square), abs=1e-9),
    )


@given(tables)
def test_zero_is_left_out_when_mcnemars_statistic_is_large(table):
    first, second, pairs = table
    assume(first + second > 0)
    p_value = mcnemar([[0, first], [second, 0]], exact=False, correction=False).pvalue
    assume(abs(p_value - 0.05) > 1e-6)
    low, high = interval(first, second, pairs)
    assert (p_value < 0.05) == (not low <= 0 <= high)


@given(tables)
def test_ends_are_ordered_mirrored_and_on_the_scale(table):
    first, second, pairs = table
    low, high = interval(first, second, pairs)
    assert -1 <= low <= (first - second) / pairs <= high <= 1
    assert interval(second, first, pairs) == (pytest.approx(-high, abs=1e-9), pytest.approx(-low, abs=1e-9))


def test_coverage_of_small_samples_is_near_the_level():
    """Exact enumeration of 25 and 60 pairs over a grid of discordant chances."""
    for pairs in (25, 60):
        covered = [coverage(pairs, p, q) for p in (0.05, 0.1, 0.2, 0.4) for q in (0.05, 0.1, 0.2, 0.4)]
        assert min(covered) > 0.925
        assert 0.94 < np.mean(covered) < 0.97


def coverage(pairs, p, q):
    from scipy.stats import binom

    total = 0.0
    for first in range(pairs + 1):
        chance = binom.pmf(first, pairs, p)
        if chance < 1e-9:
            continue
        for second in range(pairs - first + 1):
            weight = chance * binom.pmf(second, pairs - first, q / (1 - p))
            if weight > 1e-7:
                low, high = cached(first, second, pairs)
                total += weight * (low <= p - q <= high)
    return total


CACHE: dict[tuple[int, int, int], tuple[float, float]] = {}


def cached(*table):
    if table not in CACHE:
        CACHE[table] = interval(*table)
    return CACHE[table]
