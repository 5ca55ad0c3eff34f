"""The mean of a score, or a proportion: estimate, one-sided bounds, interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.clusters import standard_error
from roadworthy.stats.gaffke import upper_bounds
from roadworthy.stats.grid import coarsened
from roadworthy.stats.units import Array, Units

DECIMALS = 10
DEFAULT_ICC = 0.5


@dataclass(frozen=True)
class Estimate:
    """A mean with everything that it rests on; numbers are rounded to ten decimals."""

    estimate: float | None
    """None without samples."""
    lower: float
    """One-sided lower bound at `confidence`."""
    upper: float
    """One-sided upper bound at `confidence`."""
    interval: tuple[float, float]
    """Two-sided interval at `confidence`, half of the error on each side."""
    standard_error: float | None
    """Robust against clusters; None with fewer than two units."""
    n: int
    """Samples."""
    units: int
    """Independent units: clusters, or samples."""
    clustered: bool
    confidence: float
    method: str


@dataclass(frozen=True, eq=False)
class Limits:
    """One-sided bounds of one mean at several confidences."""

    lower: Array
    upper: Array


def estimate_mean(units: Units, *, clustered: bool, confidence: float, icc_at_most: float = DEFAULT_ICC) -> Estimate:
    """Estimate the mean score of `units` with one-sided bounds and a two-sided interval at `confidence`.

    Independent 0/1 samples: Clopper and Pearson (1934). Other scores and clusters: Gaffke (2005). With fewer
    than two clusters, or without samples, the bounds are the ends of the scale. Units of several samples are
    clusters, whatever `clustered` says.
    """
    bounds = limits(units, sides(confidence), clustered=clustered, icc_at_most=icc_at_most)
    how = method(units, clustered, icc_at_most)
    return described(units, bounds, clustered=clustered, confidence=confidence, method=how)


def sides(confidence: float) -> tuple[float, float]:
    """Return the confidences of the one-sided bounds: of the bound itself, and as a side of the interval."""
    return confidence, (1.0 + confidence) / 2.0


def described(units: Units, bounds: Limits, *, clustered: bool, confidence: float, method: str) -> Estimate:
    """Say everything about the mean of `units` whose bounds at `sides(confidence)` are known on the scale [0, 1]."""
    rate, error = units.rate, standard_error(units)
    lower, upper = (rescaled(units, side) for side in (bounds.lower, bounds.upper))
    return Estimate(
        estimate=None if rate is None else rescaled(units, np.array([rate]))[0],
        lower=lower[0],
        upper=upper[0],
        interval=(lower[1], upper[1]),
        standard_error=None if error is None else round(error, DECIMALS),
        n=units.samples,
        units=units.number,
        clustered=clustered,
        confidence=confidence,
        method=method,
    )


def limits(units: Units, confidences: Sequence[float], *, clustered: bool, icc_at_most: float = DEFAULT_ICC) -> Limits:
    """Return the one-sided bounds of the mean at each of `confidences`, on the scale [0, 1], not rounded."""
    levels = checked_levels(confidences, icc_at_most)
    if unknowable(units, clustered):
        return Limits(np.zeros(len(levels)), np.ones(len(levels)))
    if units.binary:
        return _clopper_pearson(units, levels)
    coarse = coarsened(units)
    shape = (len(levels), len(coarse.counts))
    sizes, counts = np.broadcast_to(coarse.sizes, shape), np.broadcast_to(coarse.counts, shape)
    totals = np.broadcast_to(coarse.totals, shape)
    rate = float(units.rate or 0.0)
    both = upper_bounds(
        np.concatenate([totals, sizes - totals]),
        np.concatenate([sizes, sizes]),
        np.concatenate([counts, counts]),
        np.concatenate([levels, levels]),
        icc_at_most,
        at_least=np.repeat([rate, 1.0 - rate], len(levels)),
    )
    return Limits(1.0 - both[len(levels) :], both[: len(levels)])


def unknowable(units: Units, clustered: bool) -> bool:
    """Tell whether nothing can be said: no samples, or fewer than two clusters."""
    return units.number < (2 if clustered else 1)


def method(units: Units, clustered: bool, icc_at_most: float) -> str:
    """Name the method and what it assumes."""
    if unknowable(units, clustered):
        return "fewer than two clusters: nothing can be said" if clustered else "no samples"
    if units.binary:
        return "Clopper-Pearson, independent samples" + (" (clusters of one sample)" if clustered else "")
    if not clustered:
        return "Gaffke, independent samples"
    if icc_at_most >= 1.0:
        return "Gaffke, independent clusters"
    return f"Gaffke, independent clusters, intra-cluster correlation at most {icc_at_most:g}"


def rescaled(units: Units, rates: Array) -> list[float]:
    """Put rates on the scale of the scores, rounded."""
    return [round(float(value), DECIMALS) for value in units.low + (units.high - units.low) * rates]


def _clopper_pearson(units: Units, levels: Array) -> Limits:
    """Bound a proportion of independent samples; counts need not be whole."""
    from scipy.special import betaincinv

    hits, misses = float(units.counts @ units.totals), float(units.counts @ (1.0 - units.totals))
    upper = betaincinv(hits + 1.0, misses, levels) if misses > 0 else np.ones(len(levels))
    lower = 1.0 - betaincinv(misses + 1.0, hits, levels) if hits > 0 else np.zeros(len(levels))
    rate = hits / (hits + misses)
    return Limits(np.minimum(lower, rate), np.maximum(upper, rate))


def checked_levels(confidences: Sequence[float], icc_at_most: float) -> Array:
    levels = np.asarray(confidences, dtype=np.float64)
    if not np.all((levels > 0.5) & (levels < 1.0)):
        raise InputError("a confidence lies between 0.5 and 1", remedy="Write 0.95 for 95 %.")
    if not 0.0 <= icc_at_most <= 1.0:
        raise InputError("an intra-cluster correlation lies between 0 and 1", remedy="Write 1 to assume nothing.")
    return levels
