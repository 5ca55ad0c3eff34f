"""The bootstrap of anything that is a function of counts: confusion matrices of groups, gaps, ratios.

Resampling independent rows is drawing multinomial counts of the cells of their table (Efron and Tibshirani 1993,
chapter 6), so a resample costs as much as the table has cells, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import InputError
from roadworthy.stats.mean import checked_levels, sides
from roadworthy.stats.units import Array

Codes = NDArray[np.integer[Any]]
Statistic = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class CellBootstrap:
    """Statistics of a table of counts, each with a percentile interval; arrays of the statistic's shape."""

    estimate: Array
    lower: Array
    """Lower end; minus infinity where the statistic is undefined too often to tell."""
    upper: Array
    """Upper end; infinity where the statistic is undefined too often to tell."""
    undefined: Array
    """Share of the resamples in which the statistic is not a number."""
    confidence: float
    resamples: int


def cell_counts(codes: Sequence[Codes], shape: Sequence[int]) -> Array:
    """Count how many rows have each combination of codes.

    `codes` holds one array for each axis, all of the same length, with whole numbers from 0 to below the length of the
    axis in `shape`. Raises InputError for a code outside of its axis.
    """
    for axis, (column, length) in enumerate(zip(codes, shape, strict=True)):
        if len(column) and not 0 <= int(column.min()) <= int(column.max()) < length:
            raise InputError(f"a code of axis {axis} is not between 0 and {length - 1}")
    places = np.zeros(len(codes[0]), dtype=np.int64)
    for column, length in zip(codes, shape, strict=True):
        places = places * length + column
    return np.bincount(places, minlength=int(np.prod(shape))).astype(np.float64).reshape(shape)


def cell_bootstrap(
    counts: Array, statistic: Statistic, *, confidence: float, resamples: int = 1_000, seed: int = 0
) -> CellBootstrap:
    """Bootstrap a vectorised statistic of a table of counts, with two-sided percentile intervals.

    `statistic` takes tables of shape (resamples, *counts.shape) and returns an array whose first axis is the
    resamples. It may return NaN where it is undefined, such as a rate without a denominator; an undefined resample
    counts as beyond either end. Assumes independent rows (for clusters: `bca`) and enough of them in
    every cell that matters: a rate of 0 or 1 gets an interval without width, which is too short.
    """
    table = np.asarray(counts, dtype=np.float64)
    number = round(float(table.sum()))
    if number < 1:
        raise InputError("there are no rows to resample")
    level = float(checked_levels(sides(confidence), 0.0)[1])
    drawn = np.random.default_rng(seed).multinomial(number, (table / table.sum()).ravel(), size=resamples)
    found = np.asarray(statistic(drawn.astype(np.float64).reshape(resamples, *table.shape)))
    missing = np.isnan(found)
    return CellBootstrap(
        estimate=np.asarray(statistic(table[None]))[0],
        lower=np.quantile(np.where(missing, -np.inf, found), 1.0 - level, axis=0, method="lower"),
        upper=np.quantile(np.where(missing, np.inf, found), level, axis=0, method="higher"),
        undefined=missing.mean(axis=0),
        confidence=confidence,
        resamples=resamples,
    )
