"""The tail of a weighted sum of exponentials, against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc

from roadworthy.stats.exponentials import chance_negative


def chance(weights, counts):
    return float(chance_negative(np.array([weights], float), np.array([counts], float))[0])


@pytest.mark.parametrize("n", [2, 5, 100, 10_000, 1_000_000])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("z", [-4.0, -1.0, 0.0, 1.645, 4.0])
def test_two_weights_give_the_beta_distribution(n, share, z):
    """G_a / (G_a + G_b) is Beta(a, b), so P(G_a (1 - t) - G_b t < 0) is the regularised incomplete beta at t."""
    bad = np.floor(share * n)
    rate = (bad + 1) / (n + 1)
    theta = np.clip(rate + z * np.sqrt(rate * (1 - rate) / n), 1e-9, 1 - 1e-9)
    assert chance([1 - theta, -theta], [bad + 1, n - bad]) == pytest.approx(betainc(bad + 1, n - bad, theta), abs=2e-9)


def test_distinct_weights_give_the_hypoexponential_distribution():
    """By partial fractions P(sum w_j E_j > 0) = sum over w_j > 0 of prod over i of w_j / (w_j - w_i)."""
    weights = [1.0, 0.4, 0.15, -0.3, -0.7, -1.1]
    positive = sum(np.prod([w / (w - v) for v in weights if v != w]) for w in weights if w > 0)
    assert chance(weights, [1] * 6) == pytest.approx(1 - positive, abs=1e-10)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.integers(1, 50)), min_size=1, max_size=12),
)
def test_turning_the_sign_turns_the_tail(terms):
    weights, counts = [round(w, 6) for w, _ in terms], [c for _, c in terms]
    below, above = chance(weights, counts), chance([-w for w in weights], counts)
    assert 0 <= below <= 1
    assert below + above == pytest.approx(1 if any(weights) else 0, abs=2e-9)


def test_a_sum_of_one_sign_is_certain_and_unused_weights_do_not_count():
    assert chance([-1.0, -2.0], [1, 1]) == 1
    assert chance([1.0, 0.0], [1, 1]) == 0
    assert chance([0.0], [3]) == 0
    assert chance([-1.0, 5.0], [1, 0]) == 1
