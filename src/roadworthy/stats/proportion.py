"""Intervals of a proportion for reports: Wilson's score and Clopper-Pearson, for clusters with the effective sample.

Clusters make a sample say less than its size. The effective sample is the number of independent samples whose mean
would have the same variance, corrected for the doubt about that variance (Korn and Graubard 1998; Dean and Pagano
2015 for Wilson). The criterion's own bound for clusters is Gaffke's, in `mean`.
"""

from __future__ import annotations

import numpy as np

from roadworthy.stats.cluster_t import bias_reduced_error, degrees_of_freedom
from roadworthy.stats.mean import Estimate, Limits, checked_levels, described, estimate_mean, limits, sides, unknowable
from roadworthy.stats.units import Array, Units, from_table


def wilson(units: Units, *, clustered: bool, confidence: float, continuity: bool = False) -> Estimate:
    """Estimate a proportion by Wilson's score interval (Wilson 1927; methods 3 and 4 of Newcombe 1998).

    With `continuity` correction it covers more often and is wider. Assumes 0/1 scores and, for clusters, enough of
    them to estimate the design effect; its coverage is near the level on average over rates, and below it at some.
    Fewer than two clusters say nothing.
    """
    if unknowable(units, clustered):
        return estimate_mean(units, clustered=clustered, confidence=confidence)
    levels, rate = checked_levels(sides(confidence), 0.0), float(units.rate or 0.0)
    samples = effective_samples(units, levels, clustered)
    bounds = _score(rate, samples, levels, (0.5 if continuity else 0.0) / samples)
    how = f"Wilson score{', continuity correction' if continuity else ''}{_of(units, samples, clustered)}"
    return described(units, bounds, clustered=clustered, confidence=confidence, method=how)


def clopper_pearson(units: Units, *, clustered: bool, confidence: float) -> Estimate:
    """Estimate a proportion by Clopper and Pearson (1934), for clusters with the effective sample.

    Korn and Graubard (1998). Without clusters it covers at least at the level, always. With clusters that is not
    proven. Assumes 0/1 scores. Fewer than two clusters say nothing.
    """
    if unknowable(units, clustered) or units.binary:
        return estimate_mean(units, clustered=clustered, confidence=confidence)
    levels, rate = checked_levels(sides(confidence), 0.0), float(units.rate or 0.0)
    samples = effective_samples(units, levels, clustered)
    pairs = [_exact(rate, float(number), float(level)) for number, level in zip(samples, levels, strict=True)]
    bounds = Limits(np.array([low for low, _ in pairs]), np.array([high for _, high in pairs]))
    how = f"Clopper-Pearson{_of(units, samples, clustered)}"
    return described(units, bounds, clustered=clustered, confidence=confidence, method=how)


def effective_samples(units: Units, levels: Array, clustered: bool) -> Array:
    """Return the effective number of samples at each of `levels`; never more than there are.

    The variance is the CR2 sandwich; the quantile of Student's t against the normal one takes its doubt into account.
    Where no two units differ, or all scores are 0 or all 1, the variance is not known, and a unit counts as one sample.
    """
    from scipy.special import ndtri, stdtrit

    samples, rate = float(units.counts @ units.sizes), float(units.rate or 0.0)
    if not clustered:
        return np.full(len(levels), samples)
    error, freedom = bias_reduced_error(units), degrees_of_freedom(units)
    if not error or not freedom or rate * (1.0 - rate) <= 0:
        return np.full(len(levels), float(units.counts.sum()))
    doubt = (np.asarray(ndtri(levels)) / np.asarray(stdtrit(freedom, levels))) ** 2
    return np.asarray(np.minimum(rate * (1.0 - rate) / error**2 * doubt, samples))


def _score(rate: float, samples: Array, levels: Array, correction: Array) -> Limits:
    from scipy.special import ndtri

    square = np.asarray(ndtri(levels)) ** 2
    ends = []
    for sign in (-1.0, 1.0):
        moved = np.clip(rate + sign * correction, 0.0, 1.0)
        middle = moved + square / (2.0 * samples)
        width = np.sqrt(square * (moved * (1.0 - moved) / samples + square / (4.0 * samples**2)))
        ends.append((middle + sign * width) / (1.0 + square / samples))
    lower = np.zeros(len(levels)) if rate <= 0.0 else np.minimum(ends[0], rate)
    upper = np.ones(len(levels)) if rate >= 1.0 else np.maximum(ends[1], rate)
    return Limits(np.maximum(lower, 0.0), np.minimum(upper, 1.0))


def _exact(rate: float, samples: float, level: float) -> tuple[float, float]:
    alone = from_table([0.0, 1.0], [1.0, 1.0], [samples * (1.0 - rate), samples * rate])
    found = limits(alone, (level,), clustered=False)
    return float(found.lower[0]), float(found.upper[0])


def _of(units: Units, samples: Array, clustered: bool) -> str:
    return f", effective sample {samples[-1]:.1f} of {units.samples}" if clustered else ", independent samples"
