"""The bootstrap on counts of cells: the same distribution as resampling rows, at a cost that rows do not change."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from roadworthy.core.errors import InputError
from roadworthy.stats.cells import cell_bootstrap, cell_counts


def gap(tables):
    """Return the largest gap of selection rates; tables have axes resample, group, selected."""
    rates = tables[..., 1] / tables.sum(axis=-1)
    return rates.max(axis=-1) - rates.min(axis=-1)


def first_rate(tables):
    with np.errstate(invalid="ignore"):
        return tables[..., 0, 1] / tables[..., 0, :].sum(axis=-1)


def test_counts_are_those_of_numpy():
    generator = np.random.default_rng(1)
    codes = [generator.integers(0, k, 500) for k in (3, 2, 4)]
    expected = np.histogramdd(np.array(codes).T, bins=[np.arange(k + 1) - 0.5 for k in (3, 2, 4)])[0]
    assert np.array_equal(cell_counts(codes, (3, 2, 4)), expected)


def test_interval_matches_scipys_percentile_bootstrap_of_rows():
    generator = np.random.default_rng(2)
    groups, chosen = generator.integers(0, 3, 400), generator.integers(0, 2, 400)
    expected = bootstrap(
        (groups, chosen),
        lambda g, c: gap(cell_counts([g, c], (3, 2))[None])[0],
        paired=True, vectorized=False, method="percentile", n_resamples=4_000, rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    found = cell_bootstrap(cell_counts([groups, chosen], (3, 2)), gap, confidence=0.95, resamples=40_000)
    assert found.lower == pytest.approx(expected.low, abs=0.006)
    assert found.upper == pytest.approx(expected.high, abs=0.008)
    assert found.estimate == pytest.approx(gap(cell_counts([groups, chosen], (3, 2))[None])[0])


def test_spread_of_a_rate_is_the_closed_form():
    table = np.array([[300.0, 100.0], [200.0, 400.0]])
    found = cell_bootstrap(table, first_rate, confidence=0.95, resamples=50_000)
    width = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert (found.lower, found.upper) == (
        pytest.approx(0.25 - width, abs=0.002),
        pytest.approx(0.25 + width, abs=0.002),
    )


def test_a_statistic_that_is_often_undefined_is_not_bounded():
    """A group of one row is missing from a resample with chance (1 - 1/n)^n, about 37 %."""
    found = cell_bootstrap(np.array([[0.0, 1.0], [50.0, 50.0]]), first_rate, confidence=0.95)
    assert (found.lower, found.upper) == (-np.inf, np.inf)
    assert found.undefined == pytest.approx(np.exp(-1), abs=0.05)


def test_memory_does_not_grow_with_rows():
    """Peak of what NumPy allocates for a million rows, eight groups, 100 resamples, beyond the counting itself."""
    import tracemalloc

    table = np.full((8, 2), 62_500.0)
    tracemalloc.start()
    cell_bootstrap(table, gap, confidence=0.95, resamples=100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_wrong_input_is_refused():
    with pytest.raises(InputError, match="axis 1"):
        cell_counts([np.array([0, 1]), np.array([0, 2])], (2, 2))
    with pytest.raises(InputError, match="no rows"):
        cell_bootstrap(np.zeros((2, 2)), gap, confidence=0.95)
