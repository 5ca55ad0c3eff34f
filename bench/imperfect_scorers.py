"""How often bounds that are corrected by labels pass a system whose true rate lies exactly at the threshold.

Prints one JSON line for each group of designs. `ours` is the worst share of false passes of the bound that a criterion
reads, `peer` that of the published interval: the normal one of PPI++, and that of Lang and Reiczigel. Of agreement
coefficients the worst coverage of 95 % intervals is shown, ours against a symmetric interval. Fixed seeds.

    python bench/imperfect_scorers.py [--draws 50] [--only run clusters another agreement]
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
from roadworthy.stats.agreement import Agreement
from roadworthy.stats.cohen_kappa import cohen_kappa
from roadworthy.stats.gwet import gwet_ac1
from roadworthy.stats.krippendorff import krippendorff_alpha
from roadworthy.stats.populations import Model, draw
from roadworthy.stats.ppi import ppi_bounds, ppi_mean
from roadworthy.stats.ratings import Ratings, read_ratings
from roadworthy.stats.rectified import Labelling, read_labelling
from roadworthy.stats.rogan_gladen import Instrument, corrected_rate, lang_reiczigel
from roadworthy.stats.units import from_count

SCORERS = ((1.0, 1.0), (0.9, 0.97), (0.7, 0.9), (0.5, 0.5))
"""Sensitivity and specificity."""
AGAIN = 4
"""How many designs are measured again, with so many times the draws."""
RATES = (0.05, 0.3, 0.8)


@dataclass(frozen=True)
class Design:
    """A population, a scorer, and a sample."""

    group: str
    label: str
    measure: Callable[[np.random.Generator], tuple[float, float]]
    """One draw: what ours and the peer's score, 0 or 1."""
    worst: Callable[[list[float]], int]
    """Index of the worst of several shares."""


def most(values: list[float]) -> int:
    """Return where the largest is."""
    return int(np.argmax(values))


def least(values: list[float]) -> int:
    """Return where the smallest is."""
    return int(np.argmin(values))


def labels_of_the_run() -> Iterator[Design]:
    """PPI++ with independent samples, labels on a random draw of them."""
    for (n, total), rate, (se, sp) in itertools.product(((30, 300), (150, 900)), RATES, SCORERS):

        def measure(
            generator: np.random.Generator,
            n: int = n,
            total: int = total,
            rate: float = rate,
            se: float = se,
            sp: float = sp,
        ) -> tuple[float, float]:
            truth = generator.random(total) < rate
            right = np.where(truth, generator.random(total) < se, generator.random(total) < sp)
            scores = np.where(right, truth, ~truth).astype(float)
            labels = np.where(np.arange(total) < n, truth, np.nan)
            return _passes(read_labelling(labels, scores), rate)

        label = f"labels={n} of {total} rate={rate} se={se} sp={sp}"
        yield Design("labels of the run, independent samples", label, measure, most)


def labels_in_clusters() -> Iterator[Design]:
    """PPI++ with clusters in which the scorer errs alike; labels in every cluster, or in clusters of their own."""
    size = 9
    for shared, clusters, rate, icc in itertools.product((True, False), (24, 45), RATES, (0.1, 0.5)):

        def measure(
            generator: np.random.Generator,
            shared: bool = shared,
            clusters: int = clusters,
            rate: float = rate,
            icc: float = icc,
        ) -> tuple[float, float]:
            totals = draw(Model.BETA, generator, rate, icc, np.full(clusters, size))
            truth = (np.arange(size) < totals[:, None]).astype(float)
            truth = generator.permuted(truth, axis=1).ravel()
            scores = np.where(np.repeat(generator.random(clusters) < 0.3, size), 0.0, truth)
            units = np.repeat(np.arange(clusters), size)
            chosen = np.tile(np.arange(size), clusters) % 3 == 0 if shared else units % 3 == 0
            return _passes(read_labelling(np.where(chosen, truth, np.nan), scores, units), rate)

        where = "every cluster has labels" if shared else "a third of the clusters has labels"
        yield Design(f"labels of the run, {where}", f"clusters={clusters} rate={rate} icc={icc}", measure, most)


def _passes(labelling: Labelling, rate: float) -> tuple[float, float]:
    return float(ppi_bounds(labelling).upper < rate), float(ppi_mean(labelling).upper < rate)


def another_sample() -> Iterator[Design]:
    """Rogan and Gladen with sensitivity and specificity from another sample."""
    for (n, m), rate, (se, sp) in itertools.product(((60, 20), (300, 50), (1_000, 100)), RATES, SCORERS[:3]):

        def measure(
            generator: np.random.Generator, n: int = n, m: int = m, rate: float = rate, se: float = se, sp: float = sp
        ) -> tuple[float, float]:
            apparent = from_count(int(generator.binomial(n, rate * se + (1 - rate) * (1 - sp))), n)
            known = Instrument(
                from_count(int(generator.binomial(m, se)), m), from_count(int(generator.binomial(m, sp)), m)
            )
            found = (each(apparent, known, clustered=False).upper < rate for each in (corrected_rate, lang_reiczigel))
            ours, peer = found
            return float(ours), float(peer)

        label = f"n={n} labels={m}+{m} rate={rate} se={se} sp={sp}"
        yield Design("labels of another sample", label, measure, most)


def agreement() -> Iterator[Design]:
    """Coverage of 95 % intervals of two raters who say yes or no."""
    for coefficient, n, rate, (se, sp) in itertools.product(
        (cohen_kappa, gwet_ac1, krippendorff_alpha),
        (30, 50, 100, 200),
        (0.1, 0.5),
        ((0.9, 0.9), (0.7, 0.9), (0.6, 0.6)),
    ):
        true = _true(coefficient, rate, se, sp)
        if min(rate, 1 - rate) * n < 10:
            continue

        def measure(
            generator: np.random.Generator,
            coefficient: Callable[..., Agreement] = coefficient,
            n: int = n,
            rate: float = rate,
            se: float = se,
            sp: float = sp,
            true: float = true,
        ) -> tuple[float, float]:
            first = generator.random(n) < rate
            second = np.where(first, generator.random(n) < se, generator.random(n) >= sp)
            found = coefficient(
                _ratings(first, second), **({"resamples": 200} if coefficient is krippendorff_alpha else {})
            )
            half = 1.959964 * (found.standard_error or 0.0)
            middle = found.coefficient if found.coefficient is not None else math.nan
            inside = found.interval[0] <= true <= found.interval[1]
            return float(inside), float(abs(middle - true) <= half)

        name = coefficient.__name__.replace("_", " ")
        yield Design(
            f"coverage of {name}, ten or more of each kind", f"n={n} rate={rate} se={se} sp={sp}", measure, least
        )


def _ratings(first: np.ndarray, second: np.ndarray) -> Ratings:
    return read_ratings(np.stack([first, second], axis=1).astype(float), categories=(0.0, 1.0))


def _true(coefficient: Callable[..., Agreement], rate: float, se: float, sp: float) -> float:
    seen = rate * se + (1 - rate) * sp
    first, second = rate, rate * se + (1 - rate) * (1 - sp)
    share = (first + second) / 2
    chance = {
        "cohen_kappa": first * second + (1 - first) * (1 - second),
        "gwet_ac1": 2 * share * (1 - share),
        "krippendorff_alpha": share**2 + (1 - share) ** 2,
    }[coefficient.__name__]
    return (seen - chance) / (1 - chance)


def worst_of(designs: list[Design], draws: int) -> tuple[tuple[Design, float], tuple[Design, float]]:
    """Find the worst design of ours and of the peer; the worst few are measured again, against the luck of the draw."""
    shares = np.array([_measured(design, draws, seed) for seed, design in enumerate(designs)])
    ours, peer = (_again(designs, shares[:, column], draws, column) for column in (0, 1))
    return ours, peer


def _again(designs: list[Design], shares: np.ndarray, draws: int, column: int) -> tuple[Design, float]:
    order = np.argsort(shares)
    chosen = [designs[at] for at in (order[-AGAIN:] if designs[0].worst is most else order[:AGAIN])]
    fresh = [_measured(design, AGAIN * draws, len(designs) + seed)[column] for seed, design in enumerate(chosen)]
    at = chosen[0].worst(fresh)
    return chosen[at], fresh[at]


def _measured(design: Design, draws: int, seed: int) -> tuple[float, float]:
    generator = np.random.default_rng(seed)
    ours, peer = np.mean([design.measure(generator) for _ in range(draws)], axis=0)
    return float(ours), float(peer)


FAMILIES = {
    "run": labels_of_the_run,
    "clusters": labels_in_clusters,
    "another": another_sample,
    "agreement": agreement,
}


def main() -> None:
    """Measure every design and print the worst of each group."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--only", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    given = parser.parse_args()
    groups: dict[str, list[Design]] = {}
    for family in given.only:
        for design in FAMILIES[family]():
            groups.setdefault(design.group, []).append(design)
    for group, designs in groups.items():
        (where, ours), (_, peer) = worst_of(designs, given.draws)
        line = {
            "name": f"imperfect_scorers: {group}",
            "ours": round(ours, 4),
            "peer": round(peer, 4),
            "ratio": round(ours / peer, 3) if peer else None,
            "unit": "share",
            "n": AGAIN * given.draws,
            "designs": len(designs),
            "where": where.label,
            "versions": {"roadworthy": roadworthy.__version__, "numpy": np.__version__},
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
