"""Two means side by side: their difference and their ratio.

Groups of independent units: melded bounds. Groups that share clusters are not independent: the box of the
bounds of both, each at half of the error (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from roadworthy.stats.clusters import standard_error
from roadworthy.stats.confidence import NOTHING_KNOWN, Distributions, distributions
from roadworthy.stats.mean import DECIMALS, DEFAULT_ICC, Limits, limits, method, unknowable
from roadworthy.stats.melding import difference_upper, ratio_upper
from roadworthy.stats.units import Array, Units


class Scale(StrEnum):
    """How two means are set against each other."""

    DIFFERENCE = "difference"
    RATIO = "ratio"


@dataclass(frozen=True)
class Contrast:
    """The difference or ratio of two means; rounded like `Estimate`."""

    estimate: float | None
    """None when a group has no samples, or for 0 / 0; infinite for a ratio to zero."""
    lower: float
    """One-sided lower bound at `confidence`."""
    upper: float
    """One-sided upper bound at `confidence`; may be infinite for a ratio."""
    interval: tuple[float, float]
    """Two-sided interval at `confidence`."""
    standard_error: float | None
    """Of a difference of independent groups; else None."""
    n: int
    units: int
    confidence: float
    method: str


@dataclass(frozen=True)
class Sampling:
    """How the groups of a contrast were sampled, and what is assumed."""

    clustered: bool = False
    shared_clusters: bool = False
    """Whether a cluster may have samples in several groups."""
    icc_at_most: float = DEFAULT_ICC


@dataclass(frozen=True, eq=False)
class Side:
    """One group of a contrast, prepared once for all of its contrasts."""

    units: Units
    limits: Limits | None
    """For groups that share clusters: bounds at half of the error of each confidence."""
    beliefs: Distributions
    """For independent groups."""


def difference(first: Units, second: Units, *, confidence: float, sampling: Sampling | None = None) -> Contrast:
    """Estimate mean(first) - mean(second)."""
    return _contrast(Scale.DIFFERENCE, first, second, confidence, sampling or Sampling())


def ratio(first: Units, second: Units, *, confidence: float, sampling: Sampling | None = None) -> Contrast:
    """Estimate mean(first) / mean(second); the upper bound is infinite when zero below is not excluded."""
    return _contrast(Scale.RATIO, first, second, confidence, sampling or Sampling())


def side(units: Units, confidences: Sequence[float], sampling: Sampling) -> Side:
    """Prepare a group for contrasts with one-sided bounds at each of `confidences`."""
    if sampling.shared_clusters:
        halved = [(1.0 + level) / 2.0 for level in confidences]
        bounds = limits(units, halved, clustered=sampling.clustered, icc_at_most=sampling.icc_at_most)
        return Side(units, bounds, NOTHING_KNOWN)
    if unknowable(units, sampling.clustered):
        return Side(units, None, NOTHING_KNOWN)
    return Side(units, None, distributions(units, sampling.icc_at_most))


def contrast_limits(scale: Scale, first: Side, second: Side, confidences: Sequence[float]) -> Limits:
    """Return the one-sided bounds of a contrast at the confidences for which its sides were prepared."""
    estimate = contrast_estimate(scale, first.units, second.units)
    bounds = _box(scale, first, second) if first.limits else _melded(scale, first, second, confidences)
    if estimate is None:
        return bounds
    return Limits(np.minimum(bounds.lower, estimate), np.maximum(bounds.upper, estimate))


def contrast_estimate(scale: Scale, first: Units, second: Units) -> float | None:
    """Return the difference or ratio of the means as observed."""
    p, q = first.rate, second.rate
    if p is None or q is None:
        return None
    if scale is Scale.DIFFERENCE:
        return p - q
    if q == 0:
        return None if p == 0 else math.inf
    return p / q


def contrast_method(scale: Scale, groups: Sequence[Units], sampling: Sampling) -> str:
    """Name the method and what it assumes."""
    of = dict.fromkeys(method(units, sampling.clustered, sampling.icc_at_most) for units in groups)
    how = "box of bounds, groups share clusters" if sampling.shared_clusters else f"melded {scale}"
    return f"{how}; {'; '.join(of)}"


def joint_error(first: Units, second: Units, sampling: Sampling) -> float | None:
    """Return the standard error of the difference of two independent groups."""
    one, two = standard_error(first), standard_error(second)
    if one is None or two is None or sampling.shared_clusters:
        return None
    return round(math.hypot(one, two), DECIMALS)


def _contrast(scale: Scale, first: Units, second: Units, confidence: float, sampling: Sampling) -> Contrast:
    levels = (confidence, (1.0 + confidence) / 2.0)
    bounds = contrast_limits(scale, side(first, levels, sampling), side(second, levels, sampling), levels)
    estimate = contrast_estimate(scale, first, second)
    span = first.high - first.low if scale is Scale.DIFFERENCE else 1.0
    lower, upper = ([round(float(v) * span, DECIMALS) for v in bound] for bound in (bounds.lower, bounds.upper))
    return Contrast(
        estimate=None if estimate is None else round(estimate * span, DECIMALS),
        lower=lower[0],
        upper=upper[0],
        interval=(lower[1], upper[1]),
        standard_error=joint_error(first, second, sampling) if scale is Scale.DIFFERENCE else None,
        n=first.samples + second.samples,
        units=first.number + second.number,
        confidence=confidence,
        method=contrast_method(scale, (first, second), sampling),
    )


def _melded(scale: Scale, first: Side, second: Side, confidences: Sequence[float]) -> Limits:
    levels = np.asarray(confidences, dtype=np.float64)
    one, two = first.beliefs, second.beliefs
    if scale is Scale.DIFFERENCE:
        return Limits(-difference_upper(two, one, levels), difference_upper(one, two, levels))
    return Limits(inverse(ratio_upper(two, one, levels)), ratio_upper(one, two, levels))


def _box(scale: Scale, first: Side, second: Side) -> Limits:
    assert first.limits is not None
    assert second.limits is not None
    a, b = first.limits, second.limits
    if scale is Scale.DIFFERENCE:
        return Limits(a.lower - b.upper, a.upper - b.lower)
    return Limits(a.lower * inverse(b.upper), np.where(b.lower > 0, a.upper * inverse(b.lower), np.inf))


def inverse(values: Array) -> Array:
    """Return 1 / values, infinite for zero."""
    return np.where(values > 0, 1.0 / np.where(values > 0, values, 1.0), np.inf)
