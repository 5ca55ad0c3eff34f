"""Adjusted p-values against statsmodels, and what they promise."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from roadworthy.core.errors import InputError
from roadworthy.stats.multiplicity import benjamini_hochberg, holm

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@pytest.fixture(autouse=True, scope="module")
def _no_collections() -> Iterator[None]:
    """Keep statsmodels from collecting garbage at each call of Holm's: in a process of all tests that takes minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", lambda: 0)
        yield


@given(p_values)
def test_holm_matches_statsmodels(values):
    assert holm(values) == pytest.approx(multipletests(values, method="holm")[1], abs=1e-12)


@given(p_values)
def test_benjamini_hochberg_matches_statsmodels(values):
    assert benjamini_hochberg(values) == pytest.approx(multipletests(values, method="fdr_bh")[1], abs=1e-12)


@given(p_values)
def test_holm_is_stricter_than_benjamini_hochberg_and_neither_helps(values):
    assert np.all(np.asarray(values) <= benjamini_hochberg(values) + 1e-15)
    assert np.all(benjamini_hochberg(values) <= holm(values) + 1e-12)


def test_benjamini_and_hochberg_1995_example():
    """The 15 p-values of section 3.2 of the paper: at 0.05 four are rejected by it, three by Bonferroni and by Holm."""
    values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.000,
    ]  # fmt: skip
    assert int((benjamini_hochberg(values) <= 0.05).sum()) == 4
    assert int((holm(values) <= 0.05).sum()) == 3


def test_nothing_to_correct_stays_empty():
    assert len(holm([])) == 0
    assert len(benjamini_hochberg([])) == 0


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.1])
def test_what_is_no_p_value_is_refused(value):
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(InputError, match="between 0 and 1"):
            adjust([0.5, value])
