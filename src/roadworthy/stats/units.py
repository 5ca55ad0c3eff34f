"""Independent units: what a sample is counted in when it is turned into evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import InputError

Array = NDArray[np.float64]

SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class Units:
    """Sums of scores over independent units; rows that are alike are one row with a count.

    A unit is a cluster, or a single sample. Scores lie in [low, high]; totals are kept on the scale [0, 1].
    """

    totals: Array
    """Sum of the scores of one unit, scaled to [0, 1] for each sample."""
    sizes: Array
    """Samples of one unit, at least 1."""
    counts: Array
    """How many units are like this row; whole unless `scaled`."""
    low: float = 0.0
    high: float = 1.0

    @property
    def samples(self) -> int:
        """Number of samples."""
        return round(float(self.sizes @ self.counts))

    @property
    def number(self) -> int:
        """Number of independent units."""
        return round(float(self.counts.sum()))

    @property
    def rate(self) -> float | None:
        """Mean score on the scale [0, 1]; None without samples."""
        weight = float(self.sizes @ self.counts)
        return float(self.totals @ self.counts) / weight if weight > 0 else None

    @property
    def binary(self) -> bool:
        """Whether every unit is one sample with the lowest or the highest score."""
        whole = (self.totals == 0) | (self.totals == 1)
        return bool(np.all(self.sizes == 1) and np.all(whole))

    def mirrored(self) -> Units:
        """Return the same units with each score s replaced by low + high - s."""
        return replace(self, totals=self.sizes - self.totals)

    def scaled(self, factor: float) -> Units:
        """Return `factor` times as many units of the same make-up."""
        return replace(self, counts=self.counts * factor)


def from_samples(values: Iterable[float] | NDArray[Any], *, low: float = 0.0, high: float = 1.0) -> Units:
    """Take each sample as an independent unit.

    Raises InputError on NaN and on scores outside [low, high].
    """
    scores, counts = np.unique(_scaled(values, low, high), return_counts=True)
    return Units(scores, np.ones(len(scores)), counts.astype(np.float64), low, high)


def from_clusters(
    values: Iterable[float] | NDArray[Any],
    clusters: Iterable[Any] | NDArray[Any],
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> Units:
    """Take each cluster as an independent unit; `clusters` holds one label for each value.

    Integer labels are fastest. Raises InputError when the lengths differ, on NaN and on scores outside
    [low, high].
    """
    scores = _scaled(values, low, high)
    labels = clusters if isinstance(clusters, np.ndarray) else np.array([str(label) for label in clusters])
    if len(labels) != len(scores):
        raise InputError(
            f"{len(scores)} scores but {len(labels)} cluster labels",
            remedy="Give one cluster label for each score.",
        )
    _, codes = np.unique(labels, return_inverse=True)
    sizes = np.bincount(codes).astype(np.float64)
    return from_table(np.minimum(np.bincount(codes, scores), sizes), sizes, low=low, high=high)


def from_table(
    totals: Iterable[float] | NDArray[Any],
    sizes: Iterable[float] | NDArray[Any],
    counts: Iterable[float] | NDArray[Any] | None = None,
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> Units:
    """Take units whose sizes and totals (on the scale [0, 1] for each sample) are known.

    Raises InputError when the lengths differ or a total is not between 0 and the size of its unit.
    """
    total, size = _array(totals), _array(sizes)
    count = np.ones(len(total)) if counts is None else _array(counts)
    if not len(total) == len(size) == len(count):
        raise InputError("totals, sizes and counts differ in length", remedy="Give one of each for every unit.")
    if not (np.all(size >= 1) and np.all(total >= 0) and np.all(total <= size) and np.all(count >= 0)):
        raise InputError("a unit needs a size of at least 1 and a total between 0 and its size")
    order = np.lexsort((total, size))
    total, size, count = total[order], size[order], count[order]
    first = np.flatnonzero(np.r_[True, (np.diff(total) != 0) | (np.diff(size) != 0)][: len(total)])
    merged = np.add.reduceat(count, first) if len(first) else count
    return Units(total[first], size[first], merged, low, high)


def from_count(successes: int, samples: int) -> Units:
    """Take `samples` independent 0/1 scores of which `successes` are 1."""
    return from_table([0, 1], [1, 1], [samples - successes, successes])


def _scaled(values: Iterable[float] | NDArray[Any], low: float, high: float) -> Array:
    given = _array(values)
    scores = (given - low) / (high - low)
    bad = np.flatnonzero(~((scores >= -SLACK) & (scores <= 1.0 + SLACK)))
    if len(bad):
        raise InputError(
            f"score {given[bad[0]]:g} of sample {bad[0] + 1} is not between {low:g} and {high:g}",
            remedy="Mend the scorer, or declare the range of the metric.",
        )
    return np.asarray(np.clip(scores, 0.0, 1.0))


def _array(values: Iterable[float] | NDArray[Any]) -> Array:
    listed = values if isinstance(values, np.ndarray) else list(values)
    return np.asarray(listed, dtype=np.float64)
