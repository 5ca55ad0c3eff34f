"""How often each 95 % interval covers the truth, over a grid of samples, rates, clusters and correlation.

Prints one JSON line for each method and kind of design: `ours` is its worst coverage, `peer` the worst of the usual
normal approximation, which takes every sample as independent, over the same designs. Single samples and
single pairs are enumerated exactly; clusters and groups are simulated with a fixed seed.

    python bench/coverage.py [--quick] [--write]

With `--write` the figures go to bench/results/coverage.json, from which `make docs` makes docs/interval-coverage.md.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import roadworthy
from roadworthy.stats.bca import bca
from roadworthy.stats.betting import Bettor
from roadworthy.stats.cells import cell_bootstrap
from roadworthy.stats.cluster_t import cluster_t
from roadworthy.stats.confidence_sequence import estimate_mean_anytime
from roadworthy.stats.gaffke import confidence_below
from roadworthy.stats.mean import DEFAULT_ICC, Estimate, Limits, described, estimate_mean
from roadworthy.stats.paired import difference_interval
from roadworthy.stats.populations import Model, beta_binomial, draw
from roadworthy.stats.proportion import clopper_pearson, wilson
from roadworthy.stats.units import Units, from_count, from_table

RESULTS = Path(__file__).resolve().parent / "results" / "coverage.json"
CONFIDENCE = 0.95
NORMAL = 1.959963984540054
DRAWS, BOOTSTRAP_DRAWS, RESAMPLES = 2_000, 1_000, 1_000
WIDTHS = 20
QUICK = 10
NEGLIGIBLE = 1e-7

Interval = tuple[float, float]


@dataclass(frozen=True)
class Design:
    """A truth and a way to sample it."""

    kind: str
    """samples, clusters, pairs, paired clusters or groups."""
    n: int
    """Samples or pairs; of one group for groups."""
    rate: float
    """True rate; of pairs, the chance that a is 1 and b is 0; of groups, the rate of the first."""
    other: float = 0.0
    """Of pairs, the chance that b is 1 and a is 0; of groups, the rate of the second."""
    clusters: int = 0
    sizes: str = "equal"
    """equal, or unequal: log-normal sizes."""
    icc: float = 0.0

    @property
    def truth(self) -> float:
        """Return what an interval should cover."""
        return self.rate if self.kind in ("samples", "clusters") else self.rate - self.other


@dataclass(frozen=True)
class Cell:
    """A method, measured on a design."""

    design: Design
    method: str
    coverage: float
    width: float
    """Mean width; of slow methods over 20 draws or the 20 likeliest outcomes."""
    draws: int
    """0 when enumerated exactly."""


def wald(units: Units, *, clustered: bool, confidence: float) -> Estimate:
    """The usual normal approximation, which takes every sample as independent; what others report."""
    rate = float(units.rate or 0.0)
    spread = rate * (1 - rate) if units.low == 0 else _pair_spread(units)
    width = NORMAL * math.sqrt(spread / units.samples)
    bounds = Limits(np.full(2, rate - width), np.full(2, rate + width))
    return described(units, bounds, clustered=clustered, confidence=confidence, method="Wald")


def _pair_spread(units: Units) -> float:
    means = units.totals / units.sizes
    rate = float(units.rate or 0.0)
    return float(units.counts @ (units.sizes * (means - rate) ** 2)) / units.samples


def bootstrap(units: Units, *, clustered: bool, confidence: float) -> Estimate:
    """BCa with fewer resamples than by default."""
    return bca(units, clustered=clustered, confidence=confidence, resamples=RESAMPLES)


def corrected_wilson(units: Units, *, clustered: bool, confidence: float) -> Estimate:
    """Wilson's interval with continuity correction."""
    return wilson(units, clustered=clustered, confidence=confidence, continuity=True)


def betting(units: Units, *, clustered: bool, confidence: float) -> Estimate:
    """The confidence sequence by betting, looked at once; the largest unit that may come is the largest seen."""
    largest = float(units.sizes.max())
    return estimate_mean_anytime(units, clustered=clustered, confidence=confidence, largest=largest)


Method = Callable[..., Estimate]
MEAN: dict[str, Method] = {
    "Wald": wald,
    "Wilson": wilson,
    "Wilson, corrected": corrected_wilson,
    "Clopper-Pearson": clopper_pearson,
    "t (CR2)": cluster_t,
    "BCa": bootstrap,
    "Gaffke": estimate_mean,
    "betting": betting,
}
SLOW = ("Gaffke", "betting")
"""Whether the truth is rejected is asked directly; the intervals are made for a few draws only, for their widths."""
METHODS: dict[str, dict[str, Method]] = {
    "samples": {name: MEAN[name] for name in MEAN if name != "Gaffke"},
    "clusters": {name: MEAN[name] for name in MEAN if name != "Wilson, corrected"},
    "pairs": {
        "Wald": wald,
        "Tango": difference_interval,
        "t (CR2)": cluster_t,
        "BCa": bootstrap,
        "Gaffke": estimate_mean,
        "betting": betting,
    },
    "paired clusters": {name: MEAN[name] for name in ("t (CR2)", "BCa", "Gaffke", "betting")},
    "groups": {"cell bootstrap": estimate_mean},
}
RATES = (0.02, 0.1, 0.3, 0.5)


def designs() -> Iterator[Design]:
    """List the grid."""
    for n, rate in itertools.product((20, 50, 200, 1_000), RATES):
        yield Design("samples", n, rate)
    for clusters, rate, icc in itertools.product((5, 12, 27, 100), RATES, (0.0, 0.1, 0.5)):
        yield Design("clusters", 10 * clusters, rate, clusters=clusters, icc=icc)
    for clusters, rate, icc in itertools.product((12, 27), RATES, (0.1, 0.5)):
        yield Design("clusters", 10 * clusters, rate, clusters=clusters, icc=icc, sizes="unequal")
    for n, (rate, other) in itertools.product((20, 50, 200), ((0.02, 0.0), (0.05, 0.05), (0.1, 0.05), (0.3, 0.1))):
        yield Design("pairs", n, rate, other)
    for clusters, (rate, other), icc in itertools.product(
        (5, 12, 27, 100), ((0.02, 0.0), (0.05, 0.05), (0.3, 0.1)), (0.1, 0.5)
    ):
        yield Design("paired clusters", 10 * clusters, rate, other, clusters=clusters, icc=icc)
    for n, (rate, other) in itertools.product((50, 500), ((0.1, 0.05), (0.5, 0.3), (0.02, 0.02))):
        yield Design("groups", n, rate, other)


def measure(design: Design, method: str, share: int = 1) -> Cell:
    """Measure one method on one design, with the `share`-th part of the draws."""
    if design.kind == "samples":
        return _enumerated(design, method, *_samples(design))
    if design.kind == "pairs":
        return _enumerated(design, method, *_pairs(design))
    if design.kind == "groups":
        return _grouped(design, method, BOOTSTRAP_DRAWS // share)
    return _simulated(design, method, (BOOTSTRAP_DRAWS if method == "BCa" else DRAWS) // share)


def _samples(design: Design) -> tuple[list[Units], np.ndarray]:
    chances = beta_binomial(design.n, design.rate, 0.0)
    hits = np.flatnonzero(chances > NEGLIGIBLE)
    return [from_count(int(x), design.n) for x in hits], chances[hits]


def _pairs(design: Design) -> tuple[list[Units], np.ndarray]:
    first = beta_binomial(design.n, design.rate, 0.0)
    rest = np.zeros((design.n + 1, design.n + 1))
    for x in range(design.n + 1):
        left = beta_binomial(design.n - x, design.other / (1 - design.rate), 0.0)
        rest[x, : len(left)] = first[x] * left
    likely = np.argwhere(rest > 10 * NEGLIGIBLE)
    units = [from_table([0, 0.5, 1], [1, 1, 1], [b, design.n - a - b, a], low=-1, high=1) for a, b in likely]
    return units, rest[likely[:, 0], likely[:, 1]]


def _enumerated(design: Design, method: str, outcomes: list[Units], chances: np.ndarray) -> Cell:
    chances = chances / chances.sum()
    if method in SLOW:
        likely = np.argsort(-chances)[:WIDTHS]
        widths = [_width(_interval(design.kind, method, outcomes[i], False)) for i in likely]
        return Cell(design, method, float(chances @ _accepts(method, outcomes, design)), float(np.mean(widths)), 0)
    found = [_interval(design.kind, method, units, False) for units in outcomes]
    covered = np.array([_covers(interval, design.truth) for interval in found])
    return Cell(design, method, float(chances @ covered), float(chances @ [_width(i) for i in found]), 0)


def _simulated(design: Design, method: str, draws: int) -> Cell:
    generator = np.random.default_rng(round(1000 * design.rate) + 7 * design.clusters + round(10 * design.icc))
    shape = (draws, design.clusters)
    sizes = np.full(shape, 10) if design.sizes == "equal" else _unequal(generator, shape)
    if design.kind == "clusters":
        totals = draw(Model.BETA, generator, design.rate, design.icc, sizes)
    else:
        totals = (_differences(generator, design, sizes) + sizes) / 2
    low = 0.0 if design.kind == "clusters" else -1.0
    drawn = [from_table(total, size, low=low, high=1.0) for total, size in zip(totals, sizes, strict=True)]
    seen: dict[bytes, Interval] = {}
    measured = drawn[:WIDTHS] if method in SLOW else drawn
    found = [_remembered(seen, design, method, units) for units in measured]
    if method in SLOW:
        covered = _accepts(method, drawn, design)
    else:
        covered = np.array([_covers(interval, design.truth) for interval in found])
    return Cell(design, method, float(covered.mean()), float(np.mean([_width(i) for i in found])), draws)


def _remembered(seen: dict[bytes, Interval], design: Design, method: str, units: Units) -> Interval:
    """Return the interval of units that may have been drawn before."""
    key = units.totals.tobytes() + units.sizes.tobytes() + units.counts.tobytes()
    if key not in seen:
        seen[key] = _interval(design.kind, method, units, True)
    return seen[key]


def _accepts(method: str, drawn: list[Units], design: Design) -> np.ndarray:
    """Tell, for each sample, whether neither side of the interval rejects the truth."""
    truth = (design.truth - drawn[0].low) / (drawn[0].high - drawn[0].low)
    mirrored = [units.mirrored() for units in drawn]
    below, above = (
        _gaffke(rows, at) if method == "Gaffke" else _bets(rows, at)
        for rows, at in ((drawn, truth), (mirrored, 1 - truth))
    )
    return np.maximum(below, above) < (1 + CONFIDENCE) / 2


def _gaffke(drawn: list[Units], truth: float) -> np.ndarray:
    """Return the confidence with which each sample shows a rate below `truth`; rows are filled up with no units."""
    columns = max(len(units.counts) for units in drawn)
    totals, sizes, counts = (
        np.zeros((len(drawn), columns)),
        np.ones((len(drawn), columns)),
        np.zeros((len(drawn), columns)),
    )
    for row, units in enumerate(drawn):
        used = len(units.counts)
        totals[row, :used], sizes[row, :used], counts[row, :used] = units.totals, units.sizes, units.counts
    return confidence_below(totals, sizes, counts, np.full(len(drawn), truth), DEFAULT_ICC)


def _bets(drawn: list[Units], truth: float) -> np.ndarray:
    at = np.array([truth])
    logs = [Bettor(units, float(units.sizes.max())).log_capital(at)[0] for units in drawn]
    return 1.0 - np.exp(-np.array(logs))


def _grouped(design: Design, method: str, draws: int) -> Cell:
    generator = np.random.default_rng(round(1000 * design.rate) + design.n)
    hits = generator.binomial(design.n, [design.rate, design.other], (draws, 2))
    found = []
    for first, second in hits:
        table = np.array([[first, design.n - first], [second, design.n - second]], dtype=float)
        result = cell_bootstrap(table, _rates_apart, confidence=CONFIDENCE, resamples=RESAMPLES)
        found.append((float(result.lower), float(result.upper)))
    covered = np.mean([_covers(interval, design.truth) for interval in found])
    return Cell(design, method, float(covered), float(np.mean([_width(i) for i in found])), draws)


def _rates_apart(tables: np.ndarray) -> np.ndarray:
    rates = tables[..., 0] / tables.sum(axis=-1)
    return np.asarray(rates[..., 0] - rates[..., 1])


def _unequal(generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return np.maximum(1, np.round(10 * np.exp(generator.normal(-0.32, 0.8, shape)))).astype(np.int64)


def _differences(generator: np.random.Generator, design: Design, sizes: np.ndarray) -> np.ndarray:
    """Draw the sums of differences of clusters whose chances are Dirichlet distributed."""
    chances = np.maximum([design.other, 1 - design.rate - design.other, design.rate], 1e-9)
    drawn = generator.dirichlet(chances * (1 / design.icc - 1), sizes.shape)
    counts = generator.multinomial(sizes, drawn)
    return np.asarray(counts[..., 2] - counts[..., 0])


def _interval(kind: str, method: str, units: Units, clustered: bool) -> Interval:
    return METHODS[kind][method](units, clustered=clustered, confidence=CONFIDENCE).interval


def _covers(interval: Interval, truth: float) -> bool:
    return interval[0] - 1e-9 <= truth <= interval[1] + 1e-9


def _width(interval: Interval) -> float:
    return interval[1] - interval[0]


def stored() -> list[Cell]:
    """Read the figures of the last whole run."""
    return [Cell(**{**cell, "design": Design(**cell["design"])}) for cell in json.loads(RESULTS.read_text("utf-8"))]


def lines(cells: list[Cell]) -> Iterator[dict[str, object]]:
    """Sum up each method and kind of design in one line."""
    for kind, methods in METHODS.items():
        foil = min((c.coverage for c in cells if c.design.kind == kind and c.method == "Wald"), default=None)
        for method in methods:
            found = [c for c in cells if (c.design.kind, c.method) == (kind, method)]
            worst = min(found, key=lambda c: c.coverage)
            yield {
                "name": f"coverage of {method}, {kind}",
                "ours": round(worst.coverage, 4),
                "peer": None if foil is None else round(foil, 4),
                "ratio": None if not foil else round(worst.coverage / foil, 3),
                "unit": "worst coverage of a 95 % interval",
                "n": len(found),
                "versions": {"roadworthy": roadworthy.__version__, "numpy": np.__version__},
            }


def main() -> None:
    """Measure the grid, print it, and write it when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws")
    parser.add_argument("--write", action="store_true", help="store the figures for the documentation")
    options = parser.parse_args()
    share = QUICK if options.quick else 1
    cells = [measure(design, method, share) for design in designs() for method in METHODS[design.kind]]
    for line in lines(cells):
        print(json.dumps(line))
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        rows = [json.dumps(asdict(cell)) for cell in cells]
        RESULTS.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
