"""Tango's score interval for the difference of paired proportions (Tango 1998)."""

from __future__ import annotations

import numpy as np

from roadworthy.stats.mean import Limits
from roadworthy.stats.root import increasing_root
from roadworthy.stats.units import Array

EDGE = 1.0 - 1e-12


def tango_limits(first_only: float, second_only: float, pairs: float, levels: Array) -> Limits:
    """Return one-sided bounds of the difference of two proportions at each of `levels`.

    `first_only` and `second_only` of `pairs` have a 1 in one of the two only. The bounds are the differences at
    which the score test does not reject; the discordant chance is fitted to each difference. Assumes independent
    pairs; its coverage is near the level, also for small samples, and sometimes slightly below.
    """
    from scipy.special import ndtri

    quantile = np.asarray(ndtri(levels))
    low, high = np.full(len(levels), -EDGE), np.full(len(levels), EDGE)

    def fall(delta: Array) -> Array:
        return -_score(first_only, second_only, pairs, delta)

    lower = increasing_root(lambda delta: fall(delta) + quantile, low, high)
    upper = increasing_root(lambda delta: fall(delta) - quantile, low, high)
    observed = (first_only - second_only) / pairs
    return Limits(np.minimum(_ends(lower), observed), np.maximum(_ends(upper), observed))


def _score(first_only: float, second_only: float, pairs: float, delta: Array) -> Array:
    """Return the standardised distance of the observed difference from each `delta`; it falls as `delta` grows."""
    linear = -first_only - second_only + (2.0 * pairs - first_only + second_only) * delta
    constant = -second_only * delta * (1.0 - delta)
    chance = (np.sqrt(np.maximum(linear**2 - 8.0 * pairs * constant, 0.0)) - linear) / (4.0 * pairs)
    variance = pairs * np.maximum(2.0 * chance + delta * (1.0 - delta), 1e-300)
    return np.asarray((first_only - second_only - pairs * delta) / np.sqrt(variance))


def _ends(delta: Array) -> Array:
    """Put what lies within rounding of the ends of the scale on them."""
    return np.where(np.abs(delta) >= EDGE, np.sign(delta), delta)
