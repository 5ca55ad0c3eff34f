"""Melded bounds of the difference and the ratio of two means (Fay, Proschan and Brittain 2015).

The upper bound of a contrast is a quantile of the contrast of two independent variables: one with the upper
confidence distribution of the first mean, one with the lower confidence distribution of the second. For
0/1 samples the test of equality is Fisher's exact test.
"""

from __future__ import annotations

import numpy as np

from roadworthy.stats.confidence import SCORES, WEIGHTS, Beta, Distributions, Tabulated
from roadworthy.stats.root import increasing_root
from roadworthy.stats.units import Array

PRECISION = 1e-13
ONE_SIGMA = (int(np.searchsorted(SCORES, -1.0)), int(np.searchsorted(SCORES, 1.0)))


def difference_upper(first: Distributions, second: Distributions, confidence: Array) -> Array:
    """Return the upper bounds of mean(first) - mean(second) at each confidence."""
    one = np.ones(len(confidence))

    def excess(shift: Array) -> Array:
        return confidence_in(first, second, one, one, shift) - confidence

    return increasing_root(excess, -one, one, PRECISION)


def ratio_upper(first: Distributions, second: Distributions, confidence: Array) -> Array:
    """Return the upper bounds of mean(first) / mean(second) at each confidence; infinite without one."""
    zero, one = np.zeros(len(confidence)), np.ones(len(confidence))

    def excess(share: Array) -> Array:
        return confidence_in(first, second, 1.0 - share, share, zero) - confidence

    share = increasing_root(excess, zero, one, PRECISION)
    return np.where(share < 1.0, share / np.where(share < 1.0, 1.0 - share, 1.0), np.inf)


def confidence_in(
    first: Distributions, second: Distributions, times_first: Array, times_second: Array, shift: Array
) -> Array:
    """Return the confidence that times_first mean(first) - times_second mean(second) < shift, for each row.

    The sum runs over the quantiles of the narrower distribution, in which the other one is smooth.
    """
    upper, lower = first.upper, second.lower
    a, b, c = times_first[:, None], times_second[:, None], shift[:, None]
    if _spread(lower) <= _spread(upper):
        return np.asarray(upper.below(_over(c + b * lower.nodes, a)) @ WEIGHTS)
    return np.asarray((1.0 - lower.below(_over(a * upper.nodes - c, b))) @ WEIGHTS)


def _spread(distribution: Beta | Tabulated) -> float:
    return float(distribution.nodes[ONE_SIGMA[1]] - distribution.nodes[ONE_SIGMA[0]])


def _over(value: Array, divisor: Array) -> Array:
    """Divide; over zero the result is beyond the scale on the side of the sign, and zero stays zero."""
    safe = np.where(divisor > 0, divisor, 1.0)
    return np.where(divisor > 0, value / safe, 2.0 * np.sign(value))
