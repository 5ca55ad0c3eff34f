"""How often a bound passes a system whose true rate lies exactly at the threshold.

Prints one JSON line for each group of designs and a table at the end. `ours` is the worst share of false passes in
the group, `peer` the worst of the normal approximation, which takes every sample as independent; at
95 % confidence both should be at most 0.05. Independent samples and pairs of groups are enumerated exactly, the rest
is simulated with a fixed seed.

    python bench/false_pass.py [--quick] [--only independent clusters sizes pairs gaps accusations]
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

import roadworthy
from roadworthy.stats.confidence import Distributions, distributions
from roadworthy.stats.gaffke import confidence_below
from roadworthy.stats.mean import limits
from roadworthy.stats.melding import confidence_in
from roadworthy.stats.populations import Model, draw, tally
from roadworthy.stats.units import from_count

CONFIDENCE = 0.95
RATES = (0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.95)
CORRELATIONS = (0.0, 0.1, 0.3, 0.5)
NORMAL_QUANTILE = 1.6448536269514722
REPEATED = 5


@dataclass(frozen=True)
class Design:
    """A population and a way to sample it."""

    group: str
    label: str
    measure: Callable[[np.random.Generator, int], tuple[float, float | None]]
    """Share of false passes of ours and of the normal approximation, for a number of draws."""
    exact: bool = False


@dataclass(frozen=True)
class Cell:
    """A design, measured."""

    design: Design
    ours: float
    peer: float | None
    draws: int
    """0 when enumerated exactly."""


def independent() -> Iterator[Design]:
    """Independent samples, by exact enumeration: the largest number of bad samples that still passes."""
    for n, rate in itertools.product((20, 50, 100, 500, 1_000, 5_000), RATES):

        def measure(_g: np.random.Generator, _d: int, n: int = n, rate: float = rate) -> tuple[float, float]:
            ours = _binomial_below(n, rate, lambda bad: _passes(bad, n, rate))
            return ours, _binomial_below(n, rate, lambda bad: _normal_passes(bad / n, n, rate))

        yield Design("independent samples, n 20 to 5,000", f"n={n} rate={rate}", measure, exact=True)


def clusters() -> Iterator[Design]:
    """Clusters of one size."""
    for k, size in itertools.product((2, 3, 5, 10, 28, 50, 100, 200), (2, 4, 25)):
        group = f"{'2 or 3' if k < 5 else '5 to 200'} clusters of one size"
        for rate, icc, model in _populations():
            measure = _clustered(lambda _g, shape, size=size: np.full(shape, size), k, rate, icc, model)
            yield Design(group, f"k={k} size={size} rate={rate} icc={icc} {model}", measure)


def sizes() -> Iterator[Design]:
    """Clusters of unequal sizes."""
    for k, (name, make) in itertools.product((5, 12, 28, 60), _SIZES.items()):
        for rate, icc, model in _populations():
            label = f"k={k} rate={rate} icc={icc} {model}"
            yield Design(f"clusters, sizes {name}", label, _clustered(make, k, rate, icc, model))


def pairs() -> Iterator[Design]:
    """Difference of two groups, by exact enumeration."""
    groups = ((20, 20), (20, 60), (60, 20), (8, 100))
    for (m, n), gap, low in itertools.product(groups, (0.0, 0.05, 0.1, 0.2, 0.5), (0.01, 0.05, 0.1, 0.2, 0.4)):

        def measure(
            _g: np.random.Generator, _d: int, m: int = m, n: int = n, gap: float = gap, low: float = low
        ) -> tuple[float, float]:
            passes = np.array([[_pair(a, m, b, n, gap) >= CONFIDENCE for b in range(n + 1)] for a in range(m + 1)])
            first, second = np.arange(m + 1)[:, None] / m, np.arange(n + 1)[None, :] / n
            error = np.sqrt(first * (1 - first) / m + second * (1 - second) / n)
            chance = np.outer(_binomial(m, low + gap), _binomial(n, low))
            peer = first - second + NORMAL_QUANTILE * error <= gap
            return float(chance[passes].sum()), float(chance[peer].sum())

        yield Design("difference of two groups", f"n={m},{n} rates={low + gap:g},{low:g}", measure, exact=True)


def gaps() -> Iterator[Design]:
    """Largest gap of 2 to 8 groups exactly at the threshold; groups at two rates, or spread between them."""
    designs = itertools.product((2, 3, 5, 8), (50, 200), (0.1, 0.3), (0.05, 0.3), ("two levels", "spread"))
    for count, n, gap, low, shape in designs:
        steps = np.linspace(0, 1, count)
        rates = low + gap * (steps.round() if shape == "two levels" else steps)

        def measure(
            g: np.random.Generator, draws: int, n: int = n, gap: float = gap, rates: np.ndarray = rates
        ) -> tuple[float, float]:
            hits = g.binomial(n, rates, (draws, len(rates)))
            ours = np.mean([_gap_passes(row, n, gap) for row in hits])
            return float(ours), float(np.mean([_normal_gap_passes(row, n, gap) for row in hits]))

        yield Design("largest gap, 2 to 8 groups", f"groups={count} n={n} gap={gap} low={low} {shape}", measure)


def accusations() -> Iterator[Design]:
    """Equal groups: how often a gap above zero is claimed."""
    for count, n, rate in itertools.product((2, 3, 5, 8), (50, 200), (0.05, 0.3, 0.7)):

        def measure(
            g: np.random.Generator, draws: int, count: int = count, n: int = n, rate: float = rate
        ) -> tuple[float, None]:
            level = 1 - (1 - CONFIDENCE) / (count * (count - 1))
            return float(np.mean([_gap_claimed(row, n, level) for row in g.binomial(n, rate, (draws, count))])), None

        yield Design("a gap claimed between equal groups", f"groups={count} n={n} rate={rate}", measure)


SECTIONS: dict[str, Callable[[], Iterator[Design]]] = {
    section.__name__: section for section in (independent, clusters, sizes, pairs, gaps, accusations)
}

Sizer = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


def _clustered(
    make: Sizer, k: int, rate: float, icc: float, model: Model
) -> Callable[[np.random.Generator, int], tuple[float, float]]:
    def measure(generator: np.random.Generator, draws: int) -> tuple[float, float]:
        drawn = make(generator, (draws, k))
        totals = draw(model, generator, rate, icc, drawn)
        size = int(drawn.max())
        alike = bool(drawn.min() == size < k)
        rows = tally(totals, size) if alike else (totals, drawn.astype(float), np.ones(drawn.shape))
        confidence = confidence_below(*rows, np.full(draws, rate), 0.5)
        peer = _normal_share(totals.sum(axis=1), drawn.sum(axis=1), rate)
        return float((confidence >= CONFIDENCE).mean()), peer

    return measure


_SIZES: dict[str, Sizer] = {
    "16 to 40": lambda g, shape: g.choice([16, 20, 21, 40], shape, p=[9 / 27, 7 / 27, 5 / 27, 6 / 27]),
    "log-normal": lambda g, shape: np.ceil(np.exp(2 + g.standard_normal(shape))).astype(int),
    "Pareto 1.2": lambda g, shape: np.minimum(2000, np.ceil(5 * g.pareto(1.2, shape) + 1)).astype(int),
    "one with half of the samples": lambda _g, shape: _few_large(1, shape),
    "three with half of the samples": lambda _g, shape: _few_large(3, shape),
}


def _few_large(number: int, shape: tuple[int, int]) -> np.ndarray:
    large = max(5, round(5 * (shape[1] - number) / number))
    return np.where(np.arange(shape[1]) < number, large, 5) * np.ones(shape, int)


def _populations() -> Iterator[tuple[float, float, Model]]:
    for rate, icc in itertools.product(RATES, CORRELATIONS):
        for model in Model if icc else (Model.BETA,):
            yield rate, icc, model


def _passes(bad: int, n: int, rate: float) -> bool:
    return bool(limits(from_count(bad, n), (CONFIDENCE,), clustered=False).upper[0] <= rate)


def _normal_passes(share: float, n: int, rate: float) -> bool:
    return share + NORMAL_QUANTILE * math.sqrt(share * (1 - share) / n) <= rate


def _normal_share(totals: np.ndarray, samples: np.ndarray, rate: float) -> float:
    share = totals / samples
    return float((share + NORMAL_QUANTILE * np.sqrt(share * (1 - share) / samples) <= rate).mean())


def _binomial(n: int, rate: float) -> np.ndarray:
    from scipy.special import gammaln, xlog1py, xlogy

    x = np.arange(n + 1)
    return np.exp(gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1) + xlogy(x, rate) + xlog1py(n - x, -rate))


def _binomial_below(n: int, rate: float, passes: Callable[[int], bool]) -> float:
    """Return the chance of a number of bad samples that passes; fewer bad samples pass as well."""
    low, high = -1, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(middle) else (low, middle)
    return float(_binomial(n, rate)[: low + 1].sum())


_BELIEFS: dict[tuple[int, int], Distributions] = {}
_PAIRS: dict[tuple[int, int, int, int, float], float] = {}


def _pair(a: int, n1: int, b: int, n2: int, gap: float) -> float:
    """Return the confidence that a / n1 exceeds b / n2 by less than `gap`."""
    key = (a, n1, b, n2, gap)
    if key not in _PAIRS:
        for count in ((a, n1), (b, n2)):
            if count not in _BELIEFS:
                _BELIEFS[count] = distributions(from_count(*count), 0.5)
        one = np.ones(1)
        _PAIRS[key] = float(confidence_in(_BELIEFS[a, n1], _BELIEFS[b, n2], one, one, gap * one)[0])
    return _PAIRS[key]


def _gap_passes(hits: np.ndarray, n: int, gap: float) -> bool:
    return all(_pair(int(a), n, int(b), n, gap) >= CONFIDENCE for a, b in itertools.permutations(hits, 2))


def _normal_gap_passes(hits: np.ndarray, n: int, gap: float) -> bool:
    high, low = hits.max() / n, hits.min() / n
    return high - low + NORMAL_QUANTILE * math.sqrt((high * (1 - high) + low * (1 - low)) / n) <= gap


def _gap_claimed(hits: np.ndarray, n: int, level: float) -> bool:
    return any(_pair(int(a), n, int(b), n, 0.0) >= level for a, b in itertools.permutations(set(hits), 2))


def measured(designs: list[Design], draws: int) -> tuple[list[Cell], dict[str, float]]:
    """Measure every design, and the worst of each group again with fresh draws, ten times as many.

    The worst of many noisy figures is too bad by selection; the second measurement is less so. Also return the
    worst figure of the normal approximation in each group.
    """
    generator = np.random.default_rng(20_261_123)
    cells = [_cell(design, generator, draws) for design in designs]
    peers: dict[str, float] = {}
    for cell in cells:
        if cell.peer is not None:
            peers[cell.design.group] = max(cell.peer, peers.get(cell.design.group, 0.0))
    for group in dict.fromkeys(design.group for design in designs):
        inside = sorted((c for c in cells if c.design.group == group), key=lambda cell: -cell.ours)
        for cell in inside:
            cells.remove(cell)
        repeated = [_cell(c.design, generator, 10 * draws) for c in inside[:REPEATED] if not c.design.exact]
        cells += repeated or inside[:REPEATED]
    return cells, peers


def _cell(design: Design, generator: np.random.Generator, draws: int) -> Cell:
    ours, peer = design.measure(generator, draws)
    return Cell(design, ours, peer, 0 if design.exact else draws)


def main() -> None:
    """Run the sections asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="400 draws for each design instead of 2,000")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    arguments = parser.parse_args()
    draws = 400 if arguments.quick else 2_000
    table = [
        "| design | designs | worst false pass | draws | where | worst of the normal approximation |",
        "|---|---|---|---|---|---|",
    ]
    for name in arguments.only:
        designs = list(SECTIONS[name]())
        cells, peers = measured(designs, draws)
        for group in dict.fromkeys(design.group for design in designs):
            worst = max((c for c in cells if c.design.group == group), key=lambda cell: cell.ours)
            number = sum(design.group == group for design in designs)
            peer = peers.get(group)
            print(json.dumps(_line(worst, number, peer)), flush=True)
            shown = f"{worst.draws:,}" if worst.draws else "exact"
            other = "" if peer is None else f"{peer:.1%}"
            table.append(f"| {group} | {number} | {worst.ours:.1%} | {shown} | {worst.design.label} | {other} |")
    print("\n".join(table))


def _line(worst: Cell, number: int, peer: float | None) -> dict[str, object]:
    return {
        "name": f"false_pass: {worst.design.group}",
        "ours": worst.ours,
        "peer": peer,
        "ratio": worst.ours / peer if peer else None,
        "unit": "share of false passes at 95 % confidence",
        "n": number,
        "draws": worst.draws,
        "worst": worst.design.label,
        "versions": {"roadworthy": roadworthy.__version__, "numpy": np.__version__},
    }


if __name__ == "__main__":
    main()
