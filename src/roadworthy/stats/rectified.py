"""Scores of an imperfect scorer, and human labels for some of them: sums over independent units.

The mean of the truth is the mean score times the power, plus the mean of what the labels say beyond that (the
rectifier). The labelled samples must be a random draw of all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import InputError
from roadworthy.stats.mean import DECIMALS
from roadworthy.stats.units import SLACK, Array, Units, from_table

Values = Iterable[float] | NDArray[Any]


@dataclass(frozen=True)
class Rectified:
    """A mean corrected by human labels, with everything that it rests on; numbers are rounded to ten decimals."""

    estimate: float | None
    """None without labels."""
    lower: float
    """One-sided lower bound at `confidence`."""
    upper: float
    """One-sided upper bound at `confidence`."""
    interval: tuple[float, float]
    """Two-sided at `confidence`."""
    standard_error: float | None
    """Robust against clusters; None with fewer than two units on either side."""
    n: int
    """Samples, with a label or without."""
    labelled: int
    units: int
    """Independent units: clusters, or samples."""
    labelled_units: int
    power: float
    """How much the scores count: 0, only the labels do; 1, the scores do in full."""
    rectifier: float | None
    """Mean of label minus power times score, over the labelled samples."""
    confidence: float
    method: str


@dataclass(frozen=True, eq=False)
class Labelling:
    """Sums over independent units; every array has shape (units,)."""

    labels: Array
    """Sum of the labels over the labelled samples of a unit."""
    labelled_scores: Array
    """Sum of the scores of the same samples."""
    labelled: Array
    """Number of those samples."""
    scores: Array
    """Sum of the scores of the samples without a label."""
    unlabelled: Array
    """Number of those samples."""
    clustered: bool

    @property
    def shared(self) -> bool:
        """Whether a unit has samples of both kinds, so that the two means are not independent."""
        return bool(np.any((self.labelled > 0) & (self.unlabelled > 0)))

    @property
    def human(self) -> float:
        """Mean of the labels."""
        return float(self.labels.sum() / self.labelled.sum())

    def score_units(self) -> Units:
        """Return the scores of the samples without a label."""
        own = self.unlabelled > 0
        return from_table(np.minimum(self.scores, self.unlabelled)[own], self.unlabelled[own])

    def rectifiers(self, power: float) -> Units:
        """Return label minus power times score over the labelled samples, on the scale from -power to 1."""
        own = self.labelled > 0
        size = self.labelled[own]
        apart = (self.labels - power * self.labelled_scores)[own]
        scaled = np.clip((apart + power * size) / (1.0 + power), 0.0, size)
        return from_table(scaled, size, low=-power, high=1.0)


def read_labelling(labels: Values, scores: Values, clusters: Iterable[Any] | NDArray[Any] | None = None) -> Labelling:
    """Add up labels and scores in [0, 1] by unit; one entry for each sample, with NaN where there is no label.

    `clusters` holds one label of a cluster for each sample; without it every sample is a unit. Raises InputError when
    the lengths differ, on a score that is NaN, and on values outside of [0, 1].
    """
    label, score = (np.asarray(v if isinstance(v, np.ndarray) else list(v), np.float64) for v in (labels, scores))
    known = ~np.isnan(label)
    for name, values in (("label", label[known]), ("score", score)):
        wrong = values[~((values >= -SLACK) & (values <= 1.0 + SLACK))]
        if len(wrong):
            raise InputError(f"the {name} {wrong[0]:g} is not between 0 and 1", remedy=f"Mend the {name}.")
    codes, number = _units(clusters, len(score))
    if not len(label) == len(score) == len(codes):
        raise InputError("labels, scores and clusters differ in length", remedy="Give one of each for every sample.")

    def add(values: Array, mask: NDArray[np.bool_]) -> Array:
        return np.bincount(codes[mask], values[mask], minlength=number).astype(np.float64)

    one = np.ones(len(score))
    return Labelling(
        labels=add(label, known),
        labelled_scores=add(score, known),
        labelled=add(one, known),
        scores=add(score, ~known),
        unlabelled=add(one, ~known),
        clustered=clusters is not None,
    )


def described(
    labelling: Labelling,
    power: float,
    bounds: tuple[Array, Array],
    error: float | None,
    *,
    confidence: float,
    method: str,
) -> Rectified:
    """Say everything about a corrected mean; `bounds` are lower and upper at the levels of `sides`, on [0, 1]."""
    samples = labelling.labelled.sum() + labelling.unlabelled.sum()
    found, middle = None, None
    if labelling.labelled.sum() > 0:
        found, middle = estimate_of(labelling, power), float(labelling.rectifiers(power).rate or 0.0)
    low, high = ([round(float(v), DECIMALS) for v in np.clip(side, 0.0, 1.0)] for side in bounds)
    return Rectified(
        estimate=None if found is None else round(min(max(found, 0.0), 1.0), DECIMALS),
        lower=low[0],
        upper=high[0],
        interval=(low[1], high[1]),
        standard_error=None if error is None or math.isnan(error) else round(error, DECIMALS),
        n=int(samples),
        labelled=int(labelling.labelled.sum()),
        units=int(((labelling.labelled > 0) | (labelling.unlabelled > 0)).sum()),
        labelled_units=int((labelling.labelled > 0).sum()),
        power=round(power, DECIMALS),
        rectifier=None if middle is None else round(middle * (1.0 + power) - power, DECIMALS),
        confidence=confidence,
        method=method,
    )


def estimate_of(labelling: Labelling, power: float) -> float:
    """Return power times the mean score without labels, plus the mean rectifier."""
    rectifier = float((labelling.labels - power * labelling.labelled_scores).sum() / labelling.labelled.sum())
    without = float(labelling.unlabelled.sum())
    return rectifier + (power * float(labelling.scores.sum()) / without if without else 0.0)


def _units(clusters: Iterable[Any] | NDArray[Any] | None, samples: int) -> tuple[NDArray[np.int64], int]:
    if clusters is None:
        return np.arange(samples), samples
    labels = clusters if isinstance(clusters, np.ndarray) else np.array([str(label) for label in clusters])
    _, codes = np.unique(labels, return_inverse=True)
    return codes.astype(np.int64), int(codes.max()) + 1 if len(codes) else 0
