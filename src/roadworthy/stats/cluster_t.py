"""The cluster-robust t interval with corrections for few clusters.

A mean is a regression on a constant, so the general formulas collapse to sums over units. For a unit with the share
p of all samples and the residual sum r, the bias-reduced sandwich (CR2; Bell and McCaffrey 2002) is the sum of
r^2 / (1 - p) over the squared number of samples; for units of one size it is the sandwich with G / (G - 1).
"""

from __future__ import annotations

import math

import numpy as np

from roadworthy.stats.mean import Estimate, Limits, described, estimate_mean, sides, unknowable
from roadworthy.stats.units import Units


def cluster_t(units: Units, *, clustered: bool, confidence: float) -> Estimate:
    """Estimate the mean of `units` by Student's t with the CR2 error and Satterthwaite's degrees of freedom.

    Assumes that the mean is about normal: many clusters, or totals that are not skewed. Rates near 0 or 1 break
    that; the interval then covers too rarely. Units that are all alike give no error to go by, and the
    criterion's own bound stands in.
    """
    error, freedom = bias_reduced_error(units), degrees_of_freedom(units)
    if unknowable(units, clustered) or not error or not freedom:
        return estimate_mean(units, clustered=clustered, confidence=confidence)
    from scipy.special import stdtrit

    width = error * np.asarray(stdtrit(freedom, sides(confidence)))
    rate = float(units.rate or 0.0)
    bounds = Limits(np.maximum(rate - width, 0.0), np.minimum(rate + width, 1.0))
    how = f"cluster-robust t (CR2, {freedom:.1f} degrees of freedom)" if clustered else "Student's t"
    return described(units, bounds, clustered=clustered, confidence=confidence, method=how)


def bias_reduced_error(units: Units) -> float | None:
    """Return the CR2 standard error of the mean on the scale [0, 1]; None with fewer than two units.

    Rounding noise counts as no spread at all: zero.
    """
    rate, samples = units.rate, float(units.counts @ units.sizes)
    if rate is None or units.number < 2:
        return None
    residual = units.totals - rate * units.sizes
    if np.all((np.abs(residual) <= 1e-12 * units.sizes) | (units.counts == 0)):
        return 0.0
    return math.sqrt(float(units.counts @ (residual**2 / (1.0 - units.sizes / samples)))) / samples


def degrees_of_freedom(units: Units) -> float | None:
    """Return Satterthwaite's degrees of freedom of the CR2 variance (Bell and McCaffrey 2002).

    They need a working model of the clusters. Taken is the smaller result of two: samples that are independent, and
    samples of a cluster that are copies of one. For units of one size both give G - 1. None with fewer than two
    units.
    """
    samples, number = float(units.counts @ units.sizes), float(units.counts.sum())
    if number < 2:
        return None
    share, counts = units.sizes / samples, units.counts
    return min(_freedom(share, counts, share), _freedom(share, counts, share**2))


def _freedom(share: np.ndarray, counts: np.ndarray, variance: np.ndarray) -> float:
    """Return (trace A)^2 / trace A^2, where the residual sums have covariance (I - p 1') V (I - 1 p').

    `variance` is the diagonal of V, the variances of the units' totals; A scales the covariance by
    (1 - p)^-1/2 on both sides. With v the variances, p the shares and t the sum of v, the entries are
    v_i [i = j] - p_i v_j - p_j v_i + p_i p_j t.
    """
    weight = 1.0 / (1.0 - share)
    total = float(counts @ variance)
    diagonal = weight * (variance - 2.0 * share * variance + share**2 * total)
    w, p, v = weight, share, variance
    # The squared entries summed over all pairs, i = j included, as if the first term were absent ...
    pp, pv, vv = (float(counts @ (w * x)) for x in (p * p, p * v, v * v))
    crossed = 2.0 * (pp * vv + pv**2) + total**2 * pp**2 - 4.0 * total * pp * pv
    # ... and what that term changes on the diagonal.
    off = w * (-2.0 * p * v + p**2 * total)
    squares = crossed + float(counts @ (diagonal**2 - off**2))
    return float(counts @ diagonal) ** 2 / squares
