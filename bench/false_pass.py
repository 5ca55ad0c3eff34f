"""How often a bound passes a system whose true rate lies exactly at the threshold.

Prints one JSON line for each group of cells and a table at the end. `ours` is the worst rate of false passes in
the group, `peer` that of the normal approximation that takes every sample as independent; both should be at most
`unit` times 1 - confidence. Independent samples and pairs of groups are enumerated exactly, the rest is simulated.

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


@dataclass(frozen=True)
class Cell:
    """One population and design."""

    group: str
    label: str
    ours: float
    peer: float | None
    draws: int
    """0 when enumerated exactly."""


def independent(_rows: int) -> Iterator[Cell]:
    """Independent samples, by exact enumeration: the largest number of bad samples that still passes."""
    for n in (20, 50, 100, 500, 1_000, 5_000):
        for rate in RATES:
            ours = _binomial_below(n, rate, lambda x, n=n, rate=rate: _passes(x, n, rate))
            peer = _binomial_below(n, rate, lambda x, n=n, rate=rate: _normal_passes(x / n, n, rate))
            yield Cell("independent samples, n 20 to 5,000", f"n={n} rate={rate}", ours, peer, 0)


def clusters(rows: int) -> Iterator[Cell]:
    """Clusters of one size."""
    generator = np.random.default_rng(11)
    for k, size in itertools.product((2, 3, 5, 10, 28, 50, 100, 200), (2, 4, 25)):
        for rate, icc, model in _populations():
            totals = draw(model, generator, rate, icc, np.full((rows, k), size))
            confidence = confidence_below(*tally(totals, size), np.full(rows, rate), 0.5)
            peer = _normal_share(totals.sum(axis=1), np.full(rows, k * size), rate)
            ours = float((confidence >= CONFIDENCE).mean())
            label = f"k={k} size={size} rate={rate} icc={icc} {model}"
            yield Cell(f"{'2 to 3' if k < 5 else '5 to 200'} clusters of one size", label, ours, peer, rows)


def sizes(rows: int) -> Iterator[Cell]:
    """Clusters of unequal sizes."""
    generator = np.random.default_rng(12)
    for k, (name, make) in itertools.product((5, 12, 28, 60), _SIZES.items()):
        for rate, icc, model in _populations():
            drawn = make(generator, (rows, k))
            totals = draw(model, generator, rate, icc, drawn)
            confidence = confidence_below(totals, drawn.astype(float), np.ones((rows, k)), np.full(rows, rate), 0.5)
            peer = _normal_share(totals.sum(axis=1), drawn.sum(axis=1), rate)
            ours = float((confidence >= CONFIDENCE).mean())
            yield Cell(f"clusters, sizes {name}", f"k={k} rate={rate} icc={icc} {model}", ours, peer, rows)


def pairs(_rows: int) -> Iterator[Cell]:
    """Difference of two groups, by exact enumeration."""
    for (n1, n2), gap in itertools.product(((20, 20), (20, 60), (60, 20), (8, 100)), (0.0, 0.05, 0.1, 0.2, 0.5)):
        passes = np.array([[_pair(a, n1, b, n2, gap) >= CONFIDENCE for b in range(n2 + 1)] for a in range(n1 + 1)])
        first, second = np.arange(n1 + 1)[:, None] / n1, np.arange(n2 + 1)[None, :] / n2
        error = np.sqrt(first * (1 - first) / n1 + second * (1 - second) / n2)
        peer_passes = first - second + NORMAL_QUANTILE * error <= gap
        for low in (0.01, 0.05, 0.1, 0.2, 0.4):
            chance = np.outer(_binomial(n1, low + gap), _binomial(n2, low))
            label = f"n={n1},{n2} rates={low + gap:g},{low:g}"
            yield Cell(
                "difference of two groups", label, float(chance[passes].sum()), float(chance[peer_passes].sum()), 0
            )


def gaps(rows: int) -> Iterator[Cell]:
    """Largest gap of 2 to 8 groups exactly at the threshold; all groups at one of two rates, or spread between."""
    generator = np.random.default_rng(13)
    for count, n, gap in itertools.product((2, 3, 5, 8), (50, 200), (0.1, 0.3)):
        for low, shape in itertools.product((0.05, 0.3), ("two levels", "spread")):
            steps = np.linspace(0, 1, count)
            rates = low + gap * (steps.round() if shape == "two levels" else steps)
            hits = generator.binomial(n, rates, (rows, count))
            ours = np.mean([_gap_passes(row, n, gap) for row in hits])
            peer = np.mean([_normal_gap_passes(row, n, gap) for row in hits])
            label = f"groups={count} n={n} gap={gap} low={low} {shape}"
            yield Cell("largest gap, 2 to 8 groups", label, float(ours), float(peer), rows)


def accusations(rows: int) -> Iterator[Cell]:
    """Equal groups: how often a gap above zero is claimed."""
    generator = np.random.default_rng(14)
    for count, n, rate in itertools.product((2, 3, 5, 8), (50, 200), (0.05, 0.3, 0.7)):
        hits = generator.binomial(n, rate, (rows, count))
        level = 1 - (1 - CONFIDENCE) / (count * (count - 1))
        ours = np.mean([_gap_claimed(row, n, level) for row in hits])
        yield Cell("a gap claimed between equal groups", f"groups={count} n={n} rate={rate}", float(ours), None, rows)


SECTIONS: dict[str, Callable[[int], Iterator[Cell]]] = {
    section.__name__: section for section in (independent, clusters, sizes, pairs, gaps, accusations)
}

_SIZES: dict[str, Callable[[np.random.Generator, tuple[int, int]], np.ndarray]] = {
    "16 to 40": lambda g, shape: g.choice([16, 20, 21, 40], shape, p=[9 / 27, 7 / 27, 5 / 27, 6 / 27]),
    "log-normal": lambda g, shape: np.ceil(np.exp(2 + g.standard_normal(shape))).astype(int),
    "Pareto 1.2": lambda g, shape: np.minimum(2000, np.ceil(5 * g.pareto(1.2, shape) + 1)).astype(int),
    "one with half of the samples": lambda _g, shape: (
        np.where(np.arange(shape[1]) == 0, 5 * shape[1], 5) * np.ones(shape, int)
    ),
}


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
    """Tell whether every pair passes; two groups of one size pass in order of their rates, so the extremes decide."""
    return _pair(int(hits.max()), n, int(hits.min()), n, gap) >= CONFIDENCE and all(
        _pair(int(a), n, int(b), n, gap) >= CONFIDENCE for a, b in itertools.permutations(sorted(hits), 2)
    )


def _normal_gap_passes(hits: np.ndarray, n: int, gap: float) -> bool:
    high, low = hits.max() / n, hits.min() / n
    return high - low + NORMAL_QUANTILE * math.sqrt((high * (1 - high) + low * (1 - low)) / n) <= gap


def _gap_claimed(hits: np.ndarray, n: int, level: float) -> bool:
    return any(_pair(int(a), n, int(b), n, 0.0) >= level for a, b in itertools.permutations(set(hits), 2))


def main() -> None:
    """Run the sections asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="400 draws a cell instead of 4,000")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    arguments = parser.parse_args()
    rows = 400 if arguments.quick else 4_000
    cells = [cell for name in arguments.only for cell in SECTIONS[name](rows)]
    table = [
        "| design | cells | draws a cell | worst false pass | where | normal approximation |",
        "|---|---|---|---|---|---|",
    ]
    for group in dict.fromkeys(cell.group for cell in cells):
        inside = [cell for cell in cells if cell.group == group]
        worst = max(inside, key=lambda cell: cell.ours)
        peer = max((cell.peer for cell in inside if cell.peer is not None), default=None)
        print(
            json.dumps(
                {
                    "name": f"false_pass: {group}",
                    "ours": worst.ours,
                    "peer": peer,
                    "ratio": None if peer is None else worst.ours / peer,
                    "unit": "share of false passes at 95 % confidence",
                    "n": len(inside),
                    "draws": worst.draws,
                    "worst": worst.label,
                    "versions": {"roadworthy": roadworthy.__version__, "numpy": np.__version__},
                }
            ),
            flush=True,
        )
        shown = "exact" if worst.draws == 0 else f"{worst.draws:,}"
        other = "" if peer is None else f"{peer:.1%}"
        table.append(f"| {group} | {len(inside)} | {shown} | {worst.ours:.1%} | {worst.label} | {other} |")
    print("\n".join(table))


if __name__ == "__main__":
    main()
