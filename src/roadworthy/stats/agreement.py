"""Agreement between raters: the coefficient with its error and interval, and plain percent agreement.

The error of a coefficient comes from what each subject adds to it (its influence); those of one cluster are
added up. That is the variance of Fleiss, Cohen and Everitt (1969) for kappa and of Gwet (2008) for AC1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from roadworthy.stats.mean import DECIMALS, estimate_mean, limits
from roadworthy.stats.ratings import Ratings
from roadworthy.stats.units import Array, Units, from_clusters, from_samples

ALIKE = 1e-12
SCALE = "Student's t with log disagreement"


@dataclass(frozen=True)
class Agreement:
    """An agreement coefficient; numbers are rounded to ten decimals."""

    coefficient: float | None
    """1 is full agreement, 0 what chance would give; None where it is not defined (nobody used two categories)."""
    interval: tuple[float, float]
    """Two-sided at `confidence`."""
    standard_error: float | None
    """None where it is not defined, or the coefficient has none."""
    subjects: int
    """Subjects that at least two raters rated."""
    units: int
    """Independent units among them: clusters, or subjects."""
    raters: int
    confidence: float
    method: str


def percent_agreement(ratings: Ratings, *, confidence: float = 0.95) -> Agreement:
    """Estimate the chance that two raters agree on a subject; with more than two raters, over their pairs.

    The interval is that of a mean (Clopper-Pearson or Gaffke), at least at the level. It says nothing of the agreement
    that chance would give.
    """
    shares = agreeing_shares(ratings)
    found = estimate_mean(shares, clustered=ratings.units is not None, confidence=confidence)
    return Agreement(
        found.estimate,
        found.interval,
        found.standard_error,
        ratings.subjects,
        ratings.independent,
        ratings.raters,
        confidence,
        f"percent agreement; {found.method}",
    )


def agreeing_shares(ratings: Ratings) -> Units:
    """Return the share of the pairs of raters of each subject that agree, as units."""
    tallies = ratings.tallies
    number = tallies.sum(axis=1)
    paired = number >= 2
    pairs = np.where(paired, number * (number - 1.0), 1.0)
    shares = ((tallies * (tallies - 1.0)).sum(axis=1) / pairs)[paired]
    return from_samples(shares) if ratings.units is None else from_clusters(shares, ratings.units[paired])


def with_error(
    ratings: Ratings, coefficient: float, influence: Array, *, by_chance: float, confidence: float, name: str
) -> Agreement:
    """Put an interval round a coefficient: the error from the influences, added up by unit.

    `influence` has shape (subjects,) and mean `coefficient`; `by_chance` is the agreement that chance gives. Where no
    two units differ the influences say nothing, and the bound of percent agreement stands in.
    """
    apart = influence - coefficient
    sums = apart if ratings.units is None else np.bincount(ratings.units, apart).astype(np.float64)
    number = len(sums)
    if number < 2 or np.all(np.abs(sums) <= ALIKE):
        return from_disagreement(ratings, coefficient, 1.0 / (1.0 - by_chance), confidence=confidence, name=name)
    error = math.sqrt(float(sums @ sums) * number / (number - 1.0)) / len(influence)
    ends = disagreement_interval(coefficient, error, number, confidence)
    return described(
        ratings, coefficient, ends, error, confidence, f"{name}; linearised error, {SCALE}, {_of(ratings)}"
    )


def disagreement_interval(coefficient: float, error: float, units: int, confidence: float) -> tuple[float, float]:
    """Return Student's t interval with the logarithm of 1 - coefficient, the disagreement beside that by chance.

    It covers nearer to the level than a symmetric one, which runs past full agreement.
    """
    from scipy.special import stdtrit

    disagreement = 1.0 - coefficient
    factor = math.exp(float(stdtrit(units - 1.0, (1.0 + confidence) / 2.0)) * error / disagreement)
    return 1.0 - disagreement * factor, 1.0 - disagreement / factor


def from_disagreement(ratings: Ratings, coefficient: float, scale: float, *, confidence: float, name: str) -> Agreement:
    """Bound a coefficient from below by the upper bound of the share of pairs that disagree, times `scale`.

    For units that are all alike: an interval of no width would claim what was not seen. The agreement by chance is
    taken as observed.
    """
    lower = limits(agreeing_shares(ratings), ((1.0 + confidence) / 2.0,), clustered=ratings.units is not None).lower[0]
    ends = (1.0 - (1.0 - float(lower)) * scale, 1.0)
    how = f"{name}; no two {_of(ratings)} differ, bound of percent agreement"
    return described(ratings, coefficient, ends, None, confidence, how)


def undefined(ratings: Ratings, *, confidence: float, name: str) -> Agreement:
    """Say that a coefficient is not defined: nothing to agree on, or one category only."""
    how = f"{name}; not defined: fewer than two subjects, or one category only"
    return described(ratings, None, (-1.0, 1.0), None, confidence, how)


def described(
    ratings: Ratings,
    coefficient: float | None,
    interval: tuple[float, float],
    error: float | None,
    confidence: float,
    method: str,
) -> Agreement:
    """Round, and keep the interval on the scale from -1 to 1."""
    low, high = (round(min(max(end, -1.0), 1.0), DECIMALS) for end in interval)
    return Agreement(
        None if coefficient is None else round(coefficient, DECIMALS),
        (low, high),
        None if error is None else round(error, DECIMALS),
        ratings.subjects,
        ratings.independent,
        ratings.raters,
        confidence,
        method,
    )


def _of(ratings: Ratings) -> str:
    return "independent subjects" if ratings.units is None else "independent clusters"
