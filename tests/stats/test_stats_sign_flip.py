"""The sign-flip test against SciPy's permutation test, the binomial test, and its own exactness."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, permutation_test

from roadworthy.stats.sign_flip import DRAWS, sign_flip


def scipy_p(differences):
    found = permutation_test(
        (np.asarray(differences, float),),
        lambda x, axis: x.sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    return found.pvalue


def ours(differences):
    return sign_flip(np.asarray(differences, float), np.ones(len(differences)))


@pytest.mark.parametrize(
    ("differences", "how"),
    [
        ([3, -1, 4, 1, 5, -9, 2, 6, 5], "Fourier"),
        ([0.3, -0.1, 0.41, 0.13, 0.57, -0.9, 0.2], "enumerated"),
        ([2, 2, 2, -2, 2, 2], "binomial"),
        ([1, 0, 0, 2, 0, 3], "Fourier"),
    ],
)
def test_few_units_match_scipy_exactly(differences, how):
    """SciPy doubles the smaller tail; by symmetry that is the chance of a sum as far from zero."""
    found = ours(differences)
    assert how in found.method
    assert found.p_value == pytest.approx(scipy_p(differences), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_single_pairs_are_mcnemars_exact_test(first, second, same):
    found = sign_flip(np.array([1.0, -1.0, 0.0]), np.array([first, second, same], float))
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert found.p_value == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=10))
def test_fourier_is_enumeration(differences):
    found = ours(differences).p_value
    size = abs(sum(differences))
    sums = [abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
            for signs in itertools.product((-1, 1), repeat=len(differences))]  # fmt: skip
    assert found == pytest.approx(np.mean(np.array(sums) >= size), abs=1e-12)


def test_random_flips_are_near_the_exact_value_and_never_zero():
    """Forty units with whole differences, tested exactly and, scaled by pi, by random flips."""
    generator = np.random.default_rng(3)
    differences = generator.integers(-5, 7, 40).astype(float)
    exact = ours(differences).p_value
    drawn = ours(differences * np.pi)
    assert "random flips" in drawn.method
    assert drawn.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / DRAWS))
    assert ours(np.pi + np.arange(40.0)).p_value == 1 / (DRAWS + 1)


def test_many_different_units_take_the_normal_limit():
    generator = np.random.default_rng(4)
    differences = generator.normal(0.02, 1, 20_000)
    found = ours(differences)
    z = differences.sum() / np.sqrt((differences**2).sum())
    assert "normal limit" in found.method
    assert found.p_value == pytest.approx(2 * norm.sf(abs(z)), rel=1e-6)


@pytest.mark.parametrize("units", [3, 6, 12])
def test_the_error_is_at_most_alpha_for_any_number_of_units(units):
    """Over all signs of given magnitudes, the null hypothesis itself, p <= alpha happens at most alpha of the time."""
    sizes = np.arange(1.0, units + 1)
    p_values = np.array([ours(sizes * signs).p_value for signs in itertools.product((-1, 1), repeat=units)])
    for alpha in (0.01, 0.05, 0.1, 0.5):
        assert np.mean(p_values <= alpha) <= alpha


def test_few_clusters_cannot_accuse():
    assert ours([5, 9, 3, 8]).p_value == pytest.approx(2 / 2**4)


@pytest.mark.parametrize("differences", [[], [0, 0, 0]])
def test_no_difference_is_no_accusation(differences):
    assert ours(differences).p_value == 1.0


def test_counts_stand_for_repeated_units():
    rows = sign_flip(np.array([2.0, -1.0, 0.5]), np.array([3.0, 4.0, 2.0]))
    repeated = ours([2, 2, 2, -1, -1, -1, -1, 0.5, 0.5])
    assert rows.p_value == pytest.approx(repeated.p_value, abs=1e-12)
