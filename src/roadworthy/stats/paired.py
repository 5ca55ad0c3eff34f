"""Two runs over the same cases: the difference of their means, unit by unit.

The difference of a pair lies between minus the range of the scores and the range, so the differences of a unit
are a `Units` of their own, and every method for a mean is a method for a paired difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import InputError
from roadworthy.stats.cluster_t import cluster_t
from roadworthy.stats.mean import Estimate, Limits, described, sides
from roadworthy.stats.sign_flip import sign_flip
from roadworthy.stats.tango import tango_limits
from roadworthy.stats.units import Array, Units, from_clusters, from_table

Values = Iterable[float] | NDArray[Any]


@dataclass(frozen=True)
class PairedDifference:
    """mean(a) - mean(b) over the cases that both have, with everything that it rests on."""

    difference: float | None
    """None without pairs."""
    lower: float
    """Lower end of the two-sided interval at `confidence`."""
    upper: float
    """Upper end of it."""
    p_value: float
    """Two-sided, of no difference, before any correction for many looks; 1 where nothing can be said."""
    n: int
    """Pairs."""
    units: int
    """Independent units: clusters, or pairs."""
    confidence: float
    method: str


def compare_paired(
    a_totals: Values,
    b_totals: Values,
    sizes: Values,
    counts: Values | None = None,
    *,
    confidence: float = 0.95,
    clustered: bool | None = None,
    scale: float = 1.0,
) -> PairedDifference:
    """Estimate mean(a) - mean(b) from sums over units: a row is a unit, or `counts` units that are alike.

    `a_totals` and `b_totals` (same shape) hold the sums of the scores over the `sizes` common cases of a unit, each
    score scaled to [0, 1]; `scale` is the range of the scores, by which results are multiplied. `clustered` tells
    whether units are clusters; without it, they are when one has several cases.

    Interval: Tango's score interval for single 0/1 pairs, else the cluster-robust t interval. p-value: sign-flip test,
    which for single 0/1 pairs is McNemar's exact test. The two are different methods: near the level the
    interval may leave out zero while the p-value does not accuse; the p-value decides. Fewer than two
    clusters say nothing. Raises InputError on wrong shapes and on totals outside of [0, size].
    """
    differences = paired_differences(a_totals, b_totals, sizes, counts, scale=scale)
    grouped = bool(np.any(differences.sizes > 1)) if clustered is None else clustered
    found = difference_interval(differences, clustered=grouped, confidence=confidence)
    apart = differences.totals * 2.0 - differences.sizes
    test = sign_flip(apart, differences.counts)
    known = differences.number >= (2 if grouped else 1)
    return PairedDifference(
        difference=found.estimate,
        lower=found.interval[0],
        upper=found.interval[1],
        p_value=test.p_value if known else 1.0,
        n=found.n,
        units=found.units,
        confidence=confidence,
        method=f"{found.method}; {test.method}" if known else found.method,
    )


def paired_differences(
    a_totals: Values, b_totals: Values, sizes: Values, counts: Values | None = None, *, scale: float = 1.0
) -> Units:
    """Return the differences a - b as units on [-scale, scale]; arguments are those of `compare_paired`."""
    a, b, size = (
        np.asarray(v if isinstance(v, np.ndarray) else list(v), np.float64) for v in (a_totals, b_totals, sizes)
    )
    if not len(a) == len(b) == len(size):
        raise InputError("totals and sizes of a pair differ in length", remedy="Give one of each for every unit.")
    for total in (a, b):
        from_table(total, size)
    return from_table((a - b + size) / 2.0, size, counts, low=-scale, high=scale)


def pair_scores(a: Values, b: Values, clusters: Iterable[Any] | NDArray[Any] | None = None) -> Units:
    """Return the differences of scores in [0, 1], case by case, as units on [-1, 1].

    `a[i]` and `b[i]` belong to the same case, `clusters[i]` is the label of its cluster. Raises InputError when the
    lengths differ, on NaN and on scores outside [0, 1].
    """
    first, second = (np.asarray(v if isinstance(v, np.ndarray) else list(v), np.float64) for v in (a, b))
    differences = paired_differences(first, second, np.ones(len(first)))
    if clusters is None:
        return differences
    return from_clusters(first - second, clusters, low=-1.0, high=1.0)


def difference_interval(differences: Units, *, clustered: bool, confidence: float) -> Estimate:
    """Estimate the mean of `paired_differences` by Tango's score interval or the cluster-robust t interval."""
    twice = differences.totals * 2.0
    if clustered or not _zero_one(differences, twice) or differences.number < 1:
        return cluster_t(differences, clustered=clustered, confidence=confidence)
    second_only, _, first_only = (float(differences.counts[twice == value].sum()) for value in (0.0, 1.0, 2.0))
    signed = tango_limits(first_only, second_only, float(differences.counts.sum()), np.asarray(sides(confidence)))
    bounds = Limits((signed.lower + 1.0) / 2.0, (signed.upper + 1.0) / 2.0)
    return described(
        differences, bounds, clustered=False, confidence=confidence, method="Tango score, independent pairs"
    )


def _zero_one(differences: Units, twice: Array) -> bool:
    """Tell whether every unit is one pair whose scores differ by -1, 0 or 1."""
    return bool(np.all(differences.sizes == 1) and np.all((twice == 0) | (twice == 1) | (twice == 2)))
