"""The bias-corrected and accelerated bootstrap (BCa; Efron 1987) of a mean, over units."""

from __future__ import annotations

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.cluster_t import degrees_of_freedom
from roadworthy.stats.grid import coarsened
from roadworthy.stats.mean import Estimate, Limits, checked_levels, described, estimate_mean, sides, unknowable
from roadworthy.stats.units import Array, Units

RESAMPLES = 4_000
FEWEST_RESAMPLES = 100


def bca(
    units: Units,
    *,
    clustered: bool,
    confidence: float,
    resamples: int = RESAMPLES,
    seed: int = 0,
    expanded: bool = True,
) -> Estimate:
    """Estimate the mean of `units` by the BCa bootstrap: whole units are drawn with replacement.

    Units that are alike are drawn together, as multinomial counts. For paired differences give the units of
    `paired_differences`. The bootstrap's spread is too narrow by sqrt((G - 1) / G) for G units and knows nothing of
    Student's t; `expanded` widens the levels for both (Hesterberg 2015), without it the method is Efron's.

    Assumes that the units seen stand for those that were not: with few units, or few that differ, the interval
    covers too rarely. Units that are all alike give the bootstrap nothing to go by, and the criterion's own bound
    stands in. The same seed gives the same interval.
    """
    if resamples < FEWEST_RESAMPLES:
        raise InputError(f"{resamples} resamples do not reach the tails", remedy=f"Take at least {FEWEST_RESAMPLES}.")
    coarse = coarsened(units)
    if unknowable(units, clustered) or units.number < 2 or _alike(coarse):
        return estimate_mean(units, clustered=clustered, confidence=confidence)
    means = resampled_means(coarse, resamples, seed)
    levels = checked_levels(sides(confidence), 0.0)
    low, high = _read_at(coarse, means, _student(units, levels) if expanded else _normal(levels))
    lower, upper = np.quantile(means, low), np.quantile(means, high)
    rate = float(units.rate or 0.0)
    bounds = Limits(np.minimum(lower, rate), np.maximum(upper, rate))
    how = f"BCa bootstrap over {'clusters' if clustered else 'samples'}, {resamples:,} resamples, seed {seed}"
    return described(units, bounds, clustered=clustered, confidence=confidence, method=how)


def resampled_means(units: Units, resamples: int, seed: int) -> Array:
    """Return the means, on the scale [0, 1], of `resamples` samples of as many units."""
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(units.number, units.counts / units.counts.sum(), size=resamples)
    return np.asarray((drawn @ units.totals) / (drawn @ units.sizes))


def _read_at(units: Units, means: Array, quantiles: Array) -> tuple[Array, Array]:
    """Return the levels at which the bootstrap distribution is read for the lower and the upper side."""
    from scipy.special import ndtr, ndtri

    rate = float(units.rate or 0.0)
    below = (np.mean(means < rate - 1e-12) + np.mean(means <= rate + 1e-12)) / 2.0
    bias = float(ndtri(np.clip(below, 0.5 / len(means), 1.0 - 0.5 / len(means))))
    speed = _acceleration(units)

    def corrected(quantile: Array) -> Array:
        moved = bias + quantile
        return np.asarray(ndtr(bias + moved / np.maximum(1.0 - speed * moved, 1e-9)))

    return corrected(-quantiles), corrected(quantiles)


def _normal(levels: Array) -> Array:
    from scipy.special import ndtri

    return np.asarray(ndtri(levels))


def _student(units: Units, levels: Array) -> Array:
    from scipy.special import stdtrit

    stretch = np.sqrt(units.number / (units.number - 1.0))
    return np.asarray(stretch * stdtrit(degrees_of_freedom(units), levels))


def _acceleration(units: Units) -> float:
    """Return the skewness of the mean, from leaving out one unit at a time."""
    total, size = float(units.counts @ units.totals), float(units.counts @ units.sizes)
    left = (total - units.totals) / (size - units.sizes)
    apart = float(units.counts @ left) / float(units.counts.sum()) - left
    spread = float(units.counts @ apart**2)
    return float(units.counts @ apart**3) / (6.0 * spread**1.5) if spread > 0 else 0.0


def _alike(units: Units) -> bool:
    means = (units.totals / units.sizes)[units.counts > 0]
    return float(means.max() - means.min()) <= 1e-12
