"""Rates corrected for sensitivity and specificity, against closed forms, enumeration and draws of the distributions.

R is not here: the interval of Lang and Reiczigel is compared with a second writing of the formulas of the R package
asht (prevSeSp), the melded bounds with draws as its WprevSeSp makes them.
"""

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from roadworthy.core.errors import InputError
from roadworthy.stats.mean import limits
from roadworthy.stats.rogan_gladen import Instrument, corrected_rate, lang_reiczigel, true_rate
from roadworthy.stats.units import from_clusters, from_count, from_samples, from_table

ALPHA = 0.05


def instrument(found, positives, passed, negatives):
    return Instrument(from_count(found, positives), from_count(passed, negatives))


SEROPREVALENCE = from_count(50, 3330), instrument(130, 157, 3308, 3324)
"""A survey of 3,330 with 50 positive; 130 of 157 known positives found, 3,308 of 3,324 known negatives passed."""


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0.55, 1), st.floats(0.55, 1))
def test_the_estimate_undoes_the_errors(rate, sensitivity, specificity):
    """Rogan and Gladen (1978), equation 1."""
    apparent = rate * sensitivity + (1 - rate) * (1 - specificity)
    assert true_rate(apparent, sensitivity, specificity) == pytest.approx(rate, abs=1e-9)


def test_a_scorer_no_better_than_chance_says_nothing():
    assert true_rate(0.3, 0.4, 0.6) is None
    found = corrected_rate(from_count(30, 100), instrument(40, 100, 60, 100), clustered=False)
    assert (found.estimate, found.interval) == (None, (0, 1))


def asht(x, n, found, positives, passed, negatives, level=0.95):
    """Write prevSeSp of asht down a second time, in plain numbers."""
    z = norm.ppf(1 - (1 - level) / 2)
    se, sp = (found + 1) / (positives + 2), (passed + 1) / (negatives + 2)
    n_, p = n + z**2, (x + z**2 / 2) / (n + z**2)
    t = (p + sp - 1) / (se + sp - 1)
    shift = 2 * z**2 * (t * se * (1 - se) / (positives + 2) - (1 - t) * sp * (1 - sp) / (negatives + 2))
    spread = p * (1 - p) / n_ + t**2 * se * (1 - se) / (positives + 2) + (1 - t) ** 2 * sp * (1 - sp) / (negatives + 2)
    width = z * np.sqrt(spread / (se + sp - 1) ** 2)
    return max(t + shift - width, 0), min(t + shift + width, 1)


@pytest.mark.parametrize(
    "counts", [(50, 3330, 130, 157, 3308, 3324), (3, 263, 88, 89, 132, 134), (30, 100, 45, 50, 40, 50)]
)
def test_the_interval_of_lang_and_reiczigel(counts):
    x, n, *known = counts
    found = lang_reiczigel(from_count(x, n), instrument(*known), clustered=False)
    assert found.interval == pytest.approx(asht(*counts), abs=1e-9)


def test_lang_and_reiczigel_cover_where_they_say():
    """Two-sided, at 95 %, sensitivity and specificity above a half: what the method is made for."""
    generator = np.random.default_rng(1)
    for rate, se, sp in itertools.product((0.1, 0.5), (0.7, 0.95), (0.7, 0.95)):
        apparent = rate * se + (1 - rate) * (1 - sp)
        draws = zip(
            generator.binomial(100, apparent, 400),
            generator.binomial(100, se, 400),
            generator.binomial(100, sp, 400),
            strict=True,
        )
        covered = 0
        for x, a, b in draws:
            low, high = lang_reiczigel(from_count(x, 100), instrument(a, 100, b, 100), clustered=False).interval
            covered += low <= rate <= high
        assert covered / 400 >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 400), (rate, se, sp)


def drawn(x, n, found, positives, passed, negatives):
    """Draw the melded bounds at 95 % as WprevSeSp does (Bayer, Fay and Graubard 2023), 400,000 times."""
    generator, number = np.random.default_rng(0), 400_000

    def beta(a, b):
        return np.zeros(number) if a == 0 else np.ones(number) if b == 0 else generator.beta(a, b, number)

    def true(p, se, sp, otherwise):
        youden = se + sp - 1
        return np.where(youden > 0, np.clip((p + sp - 1) / np.where(youden > 0, youden, 1), 0, 1), otherwise)

    missed, flagged = positives - found, negatives - passed
    up = true(beta(x + 1, n - x), beta(found, missed + 1), beta(passed + 1, flagged), 1)
    down = true(beta(x, n - x + 1), beta(found + 1, missed), beta(passed, flagged + 1), 0)
    return np.quantile(down, 0.05), np.quantile(up, 0.95)


@pytest.mark.parametrize(
    "counts",
    [(50, 3330, 130, 157, 3308, 3324), (12, 60, 28, 30, 37, 40), (40, 60, 18, 20, 19, 20), (0, 80, 30, 30, 40, 40)],
)
def test_melded_bounds_match_draws(counts):
    x, n, *known = counts
    found = corrected_rate(from_count(x, n), instrument(*known), clustered=False)
    assert (found.lower, found.upper) == pytest.approx(drawn(*counts), abs=1.5e-3)


def test_a_perfectly_known_perfect_scorer_changes_nothing():
    many = from_table([1], [1], [10**9])
    found = corrected_rate(from_count(7, 100), Instrument(many, many), clustered=False)
    plain = limits(from_count(7, 100), (0.95,), clustered=False)
    assert (found.lower, found.upper) == (
        pytest.approx(plain.lower[0], abs=1e-6),
        pytest.approx(plain.upper[0], abs=1e-6),
    )


def test_yes_and_no_exchanged_mirror_the_bounds():
    apparent, judge = SEROPREVALENCE
    one = corrected_rate(apparent, judge, clustered=False)
    other = corrected_rate(apparent.mirrored(), judge.complement, clustered=False)
    assert other.estimate == pytest.approx(1 - one.estimate, abs=1e-9)
    assert (other.lower, other.upper) == (
        pytest.approx(1 - one.upper, abs=1e-9),
        pytest.approx(1 - one.lower, abs=1e-9),
    )


def test_clusters_of_the_apparent_rate_count_as_units():
    generator = np.random.default_rng(3)
    scores = np.repeat(generator.random(40) < 0.2, 10).astype(float)
    _, judge = SEROPREVALENCE
    alone = corrected_rate(from_samples(scores), judge, clustered=False)
    grouped = corrected_rate(from_clusters(scores, np.repeat(np.arange(40), 10)), judge, clustered=True)
    assert grouped.estimate == alone.estimate
    assert grouped.units == 40
    assert grouped.upper - grouped.lower > 1.8 * (alone.upper - alone.lower)
    one = corrected_rate(from_clusters(scores, np.zeros(400)), judge, clustered=True)
    assert one.interval[1] == 1
    wider = lang_reiczigel(from_clusters(scores, np.repeat(np.arange(40), 10)), judge, clustered=True)
    assert wider.interval[1] > lang_reiczigel(from_samples(scores), judge, clustered=False).interval[1]


def test_labels_of_one_kind_only_leave_the_rate_open():
    found = corrected_rate(from_count(5, 100), Instrument(from_samples([]), from_count(50, 50)), clustered=False)
    assert found.estimate is None
    assert found.interval[1] == 1
    with pytest.raises(InputError, match="both kinds"):
        lang_reiczigel(from_count(5, 100), Instrument(from_samples([]), from_count(50, 50)), clustered=False)


@cache
def upper(x, n, found, passed, m):
    return corrected_rate(from_count(x, n), instrument(found, m, passed, m), clustered=False).upper


@pytest.mark.parametrize(("rate", "se", "sp"), [(0.1, 0.9, 0.95), (0.3, 0.7, 0.8), (0.1, 1.0, 1.0)])
def test_a_rate_at_the_threshold_seldom_passes(rate, se, sp):
    """All three samples are enumerated; the largest apparent count that passes is found for each instrument."""
    n, m = 40, 12
    apparent, error = rate * se + (1 - rate) * (1 - sp), 0.0
    for found, passed in itertools.product(range(m + 1), repeat=2):
        chance = binom.pmf(found, m, se) * binom.pmf(passed, m, sp)
        if chance < 1e-4:
            continue
        passing = -1
        while passing < n and upper(passing + 1, n, found, passed, m) < rate:
            passing += 1
        error += chance * binom.cdf(passing, n, apparent)
    assert error <= ALPHA
