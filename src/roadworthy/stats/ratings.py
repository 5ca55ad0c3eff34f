"""Ratings of subjects by several raters, some of them missing: what every agreement coefficient is made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import InputError
from roadworthy.stats.units import Array


class Weighting(StrEnum):
    """How much two different categories count as agreement."""

    NONE = "unweighted"
    LINEAR = "linear weights"
    QUADRATIC = "quadratic weights"


@dataclass(frozen=True, eq=False)
class Ratings:
    """Who put which subject into which category."""

    codes: NDArray[np.int64]
    """Index into `categories`, shape (subjects, raters); -1 where a rater did not rate."""
    categories: Array
    """Values, ascending."""
    units: NDArray[np.int64] | None = None
    """Index of the cluster of each subject; None where subjects are independent."""

    @property
    def subjects(self) -> int:
        """Number of subjects that at least two raters rated."""
        return int((self.tallies.sum(axis=1) >= 2).sum())

    @property
    def raters(self) -> int:
        """Number of raters."""
        return int(self.codes.shape[1])

    @property
    def independent(self) -> int:
        """Number of independent units among the subjects that at least two raters rated."""
        paired = self.tallies.sum(axis=1) >= 2
        return int(paired.sum()) if self.units is None else len(np.unique(self.units[paired]))

    @property
    def tallies(self) -> Array:
        """How many raters chose each category, shape (subjects, categories)."""
        q = len(self.categories)
        rated = self.codes >= 0
        rows = np.broadcast_to(np.arange(len(self.codes))[:, None], self.codes.shape)
        cells = np.bincount(rows[rated] * q + self.codes[rated], minlength=len(self.codes) * q)
        return cells.reshape(len(self.codes), q).astype(np.float64)


def read_ratings(
    ratings: Sequence[Sequence[float]] | NDArray[Any],
    *,
    categories: Iterable[float] | None = None,
    clusters: Iterable[Any] | NDArray[Any] | None = None,
) -> Ratings:
    """Take ratings of shape (subjects, raters); NaN is a missing rating, subjects without any are left out.

    `categories` are all values that could have been given; without them, those that were. `clusters` holds one
    label for each subject. Raises InputError on a wrong shape, fewer than two raters, an infinite rating, or one that
    is not among the categories.
    """
    given = np.asarray(ratings, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] < 2:
        raise InputError(
            f"ratings of shape {given.shape} are not subjects by two or more raters",
            remedy="Give one row for each subject and one column for each rater.",
        )
    missing = np.isnan(given)
    rated = np.asarray(~missing.all(axis=1))
    known = np.unique(given[~missing] if categories is None else np.asarray(list(categories), np.float64))
    codes = np.searchsorted(known, given)
    found = ~missing & (known[np.minimum(codes, len(known) - 1)] == given) if len(known) else ~missing
    if not np.all(found | missing) or not np.all(np.isfinite(known)):
        wrong = given[~(found | missing)]
        raise InputError(
            f"the rating {wrong[0]:g} is not among the categories" if len(wrong) else "a rating is infinite",
            remedy="Mend the label, or name every category.",
        )
    return Ratings(np.where(missing, -1, codes)[rated], known, _units(clusters, rated))


def agreement_weights(categories: Array, weighting: Weighting) -> Array:
    """Return the weights of agreement, shape (categories, categories): 1 on the diagonal, 0 for the ends of the scale.

    Linear weights are those of Cicchetti and Allison (1971), quadratic ones those of Fleiss and Cohen (1973), both
    over the values of the categories.
    """
    if weighting is Weighting.NONE or len(categories) < 2:
        return np.eye(len(categories))
    apart = np.abs(categories[:, None] - categories[None, :]) / (categories[-1] - categories[0])
    return np.asarray(1.0 - (apart if weighting is Weighting.LINEAR else apart**2))


def _units(clusters: Iterable[Any] | NDArray[Any] | None, rated: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    if clusters is None:
        return None
    labels = clusters if isinstance(clusters, np.ndarray) else np.array([str(label) for label in clusters])
    if len(labels) != len(rated):
        raise InputError(
            f"{len(rated)} subjects but {len(labels)} cluster labels",
            remedy="Give one cluster label for each subject.",
        )
    _, codes = np.unique(labels[rated], return_inverse=True)
    return codes.astype(np.int64)
