"""How alike the samples of a unit are: standard error, intra-cluster correlation, design effect."""

from __future__ import annotations

import math

from roadworthy.stats.units import Units


def standard_error(units: Units) -> float | None:
    """Return the cluster-robust standard error of the mean score, on the scale of the scores.

    The sandwich of a ratio mean with the factor G / (G - 1) for G units (CR1; Liang and Zeger 1986). For
    units of one sample it is the usual standard error. None with fewer than two units.
    """
    rate, number = units.rate, float(units.counts.sum())
    if rate is None or number < 2:
        return None
    residual = units.totals - rate * units.sizes
    spread = float(units.counts @ residual**2) * number / (number - 1.0)
    return math.sqrt(spread) / float(units.counts @ units.sizes) * (units.high - units.low)


def intracluster_correlation(units: Units) -> float | None:
    """Estimate the intra-cluster correlation of 0/1 scores by analysis of variance (Fleiss 1981).

    None unless there are two units, a unit with two samples, and scores that differ.
    """
    number, samples, rate = float(units.counts.sum()), float(units.counts @ units.sizes), units.rate
    if rate is None or number < 2 or samples <= number or rate in (0.0, 1.0):
        return None
    means = units.totals / units.sizes
    between = float(units.counts @ (units.sizes * (means - rate) ** 2)) / (number - 1.0)
    within = float(units.counts @ (units.totals * (1.0 - means))) / (samples - number)
    size = (samples - float(units.counts @ units.sizes**2) / samples) / (number - 1.0)
    total = between + (size - 1.0) * within
    return (between - within) / total if total > 0 else None


def design_effect(units: Units) -> float | None:
    """Return the variance of the mean over that of as many independent 0/1 samples."""
    error, rate = standard_error(units), units.rate
    if error is None or rate is None or rate in (0.0, 1.0):
        return None
    return (error / (units.high - units.low)) ** 2 * units.samples / (rate * (1.0 - rate))
