"""McNemar's tests against statsmodels and published examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar

from roadworthy.core.errors import InputError
from roadworthy.stats.mcnemar import mcnemar_exact, mcnemar_mid_p


@pytest.mark.parametrize(("first", "second", "exact", "mid_p"), [(1, 7, 0.0703, 0.0391), (6, 16, 0.052479, 0.034690)])
def test_published_examples(first, second, exact, mid_p):
    """Bentur et al. 2009 and Cavo et al. 2012, as analysed by Fagerland, Lydersen and Laake (2013, 2014)."""
    assert mcnemar_exact(first, second) == pytest.approx(exact, abs=5e-5)
    assert mcnemar_mid_p(first, second) == pytest.approx(mid_p, abs=5e-5)


@given(st.integers(0, 400), st.integers(0, 400))
def test_exact_matches_statsmodels(first, second):
    assert mcnemar_exact(first, second) == pytest.approx(mcnemar([[5, first], [second, 9]]).pvalue, rel=1e-9)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mid_p_leaves_out_half_of_the_chance_of_what_was_seen(first, second):
    """Definition: the chance of a split farther from even, and half of that of one as far."""
    cases, apart = first + second, abs(first - second)
    splits = np.arange(cases + 1)
    chances, distances = binom.pmf(splits, cases, 0.5), abs(2 * splits - cases)
    expected = chances[distances > apart].sum() + 0.5 * chances[distances == apart].sum() if cases else 1.0
    assert mcnemar_mid_p(first, second) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("cases", [1, 5, 10, 25, 60])
def test_errors_given_the_number_of_discordant_cases(cases):
    """Conditionally the exact test never errs above alpha; the mid-p test may by a little, and not on average."""
    chance = binom.pmf(range(cases + 1), cases, 0.5)
    errors = [
        sum(p for k, p in enumerate(chance) if test(k, cases - k) <= 0.05) for test in (mcnemar_exact, mcnemar_mid_p)
    ]
    assert errors[0] <= 0.05
    assert errors[0] <= errors[1] <= 0.07


def test_a_negative_number_is_refused():
    with pytest.raises(InputError, match="not negative"):
        mcnemar_exact(-1, 3)
