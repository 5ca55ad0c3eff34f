"""Gaffke's upper bound for a mean, for independent units of unequal size.

Gaffke (2005) bounds the mean of independent values in [0, 1] by resampling them with random Dirichlet
weights beside one value of 1 that was not seen. For 0/1 values it is the bound of Clopper and Pearson. Here
a unit is a cluster: under the rate `theta` its surplus `total - theta size` has mean zero, and the unit that
was not seen is as bad as the intra-cluster correlation that is assumed allows.
"""

from __future__ import annotations

import numpy as np

from roadworthy.stats.exponentials import chance_negative
from roadworthy.stats.root import PRECISION, increasing_root
from roadworthy.stats.units import Array

REACH_SPREADS, REACH_UNITS = 3.0, 6.0
"""Standard errors, and typical units that are bad throughout, within which a bound is looked for first."""


def confidence_below(totals: Array, sizes: Array, counts: Array, theta: Array, icc_at_most: float) -> Array:
    """Return the confidence with which each row of units shows that its rate is below `theta`.

    The first three have shape (rows, units), `theta` (rows,). The result increases with `theta`; a test of
    level alpha rejects 'the rate is at least theta' when it is 1 - alpha or more.
    """
    surplus = totals - theta[:, None] * sizes
    unseen = unseen_surplus(totals, sizes, counts, theta, icc_at_most)
    weights = np.concatenate([surplus, unseen[:, None]], axis=1)
    return chance_negative(weights, np.concatenate([counts, np.ones((len(counts), 1))], axis=1))


def unseen_surplus(totals: Array, sizes: Array, counts: Array, theta: Array, icc_at_most: float) -> Array:
    """Return the surplus of the worst unit that may exist beside those that were seen.

    Its size is the root mean square of the sizes seen, so that it weighs in the variance as much as the average
    unit, plus (in quadrature) the excess of the unit of a random sample over the average unit, which counts when a
    few units hold most samples. Its mean is that of a unit in which a share sqrt(icc) of the samples are copies of
    one bad sample (common-shock model), and never below the worst one seen.
    """
    number, samples = counts.sum(axis=1), (counts * sizes).sum(axis=1)
    squares = (counts * sizes**2).sum(axis=1)
    size = np.hypot(np.sqrt(squares / number), squares / samples - samples / number)
    correlation = icc_at_most + (1.0 - icc_at_most) / size
    worst_seen = np.where(counts > 0, totals / sizes, 0.0).max(axis=1)
    mean = np.maximum(theta + np.sqrt(correlation) * (1.0 - theta), np.minimum(worst_seen, 1.0))
    return np.asarray(size * (mean - theta))


def upper_bounds(
    totals: Array,
    sizes: Array,
    counts: Array,
    confidence: Array,
    icc_at_most: float,
    *,
    at_least: Array,
    precision: float = PRECISION,
) -> Array:
    """Return the smallest rate of each row, from `at_least` on, that is rejected at its confidence."""

    def excess(theta: Array) -> Array:
        return confidence_below(totals, sizes, counts, theta, icc_at_most) - confidence

    near = _well_above(totals, sizes, counts, at_least)
    high = np.where(excess(near) > 0, near, 1.0)
    return increasing_root(excess, at_least, high, precision)


def _well_above(totals: Array, sizes: Array, counts: Array, rate: Array) -> Array:
    """Guess a rate not far above the bound, so that the search is short; the caller checks that it is rejected."""
    samples = (counts * sizes).sum(axis=1)
    spread = np.sqrt((counts * (totals - rate[:, None] * sizes) ** 2).sum(axis=1))
    typical = np.sqrt((counts * sizes**2).sum(axis=1) / counts.sum(axis=1))
    return np.asarray(np.minimum(rate + (REACH_SPREADS * spread + REACH_UNITS * typical) / samples, 1.0))
