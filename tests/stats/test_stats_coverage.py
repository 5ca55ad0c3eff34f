"""The stored figures of bench/coverage.py: a quick part is measured again, and promises are held."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(f"measured_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCH = load(ROOT / "bench" / "coverage.py")
STORED = {(cell.design, cell.method): cell for cell in BENCH.stored()}
SHARE = 20


def quick():
    """Choose the small designs of each kind, every method."""
    small = [
        d
        for d in BENCH.designs()
        if (d.n <= 50 or (d.kind == "clusters" and d.clusters == 12 and d.icc == 0.1)) and d.rate in (0.02, 0.1, 0.3)
    ]
    return [(design, method) for design in small for method in BENCH.METHODS[design.kind]]


@pytest.mark.parametrize(("design", "method"), quick(), ids=str)
def test_a_figure_can_be_measured_again(design, method):
    """Enumerated figures to rounding; simulated ones within four standard errors of both runs."""
    kept, again = STORED[design, method], BENCH.measure(design, method, SHARE)
    if not kept.draws:
        assert again.coverage == pytest.approx(kept.coverage, abs=1e-6)
        return
    middle = (kept.coverage * kept.draws + again.coverage * again.draws + 1) / (kept.draws + again.draws + 2)
    error = np.sqrt(middle * (1 - middle) * (1 / kept.draws + 1 / again.draws))
    assert again.coverage == pytest.approx(kept.coverage, abs=4 * error)


def test_the_whole_grid_is_stored():
    assert set(STORED) == {(design, m) for design in BENCH.designs() for m in BENCH.METHODS[design.kind]}


def test_the_bound_that_judges_covers_at_least_at_its_level_everywhere():
    """Gaffke's, and Clopper-Pearson's for single samples, within three Monte-Carlo standard errors."""
    judging = [c for c in STORED.values() if c.method == "Gaffke"]
    judging += [c for c in STORED.values() if (c.method, c.design.kind) == ("Clopper-Pearson", "samples")]
    for cell in judging:
        slack = 3 * np.sqrt(0.05 * 0.95 / cell.draws) if cell.draws else 0.0
        assert cell.coverage >= 0.95 - slack, cell


def test_clopper_pearson_coverage_is_that_of_enumeration_with_statsmodels():
    """The published oscillation (Brown, Cai and DasGupta 2001) by an independent implementation."""
    from scipy.stats import binom
    from statsmodels.stats.proportion import proportion_confint

    for method, name in (("beta", "Clopper-Pearson"), ("wilson", "Wilson"), ("normal", "Wald")):
        for design in [d for d in BENCH.designs() if d.kind == "samples" and d.n <= 200]:
            hits = np.arange(design.n + 1)
            low, high = proportion_confint(hits, design.n, method=method)
            covered = (np.nan_to_num(low) - 1e-9 <= design.rate) & (design.rate <= high + 1e-9)
            expected = binom.pmf(hits, design.n, design.rate)[covered].sum()
            assert STORED[design, name].coverage == pytest.approx(expected, abs=1e-5)
