"""Confidence distributions of a mean: all of its one-sided bounds at once.

The quantile at c of the upper distribution is the upper bound at confidence c; the quantile at c of the lower
distribution is the lower bound at confidence 1 - c. For independent 0/1 samples they are beta distributions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from roadworthy.stats.gaffke import upper_bounds
from roadworthy.stats.grid import coarsened
from roadworthy.stats.units import Array, Units

SCORES = np.arange(-5.0, 5.01, 0.25)
"""Standard normal scores of the nodes."""
WEIGHTS = np.exp(-(SCORES**2) / 2.0) / np.exp(-(SCORES**2) / 2.0).sum()
BEYOND = 40.0
PRECISION = 1e-10


@dataclass(frozen=True, eq=False)
class Beta:
    """Beta distribution; with `a` = 0 it is the point 0, with `b` = 0 the point 1."""

    a: float
    b: float

    @cached_property
    def nodes(self) -> Array:
        """Quantiles at the standard normal `SCORES`."""
        from scipy.special import betaincinv, ndtr

        if self.a <= 0 or self.b <= 0:
            return np.full(len(SCORES), 0.0 if self.a <= 0 else 1.0)
        return np.asarray(betaincinv(self.a, self.b, ndtr(SCORES)))

    def below(self, values: Array) -> Array:
        """Return the probability of each value or less."""
        from scipy.special import betainc

        if self.a <= 0 or self.b <= 0:
            return np.asarray(values >= self.nodes[0], dtype=np.float64)
        return np.asarray(betainc(self.a, self.b, np.clip(values, 0.0, 1.0)))


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A distribution known by its quantiles at `SCORES`; normal scores are interpolated between them."""

    nodes: Array

    def below(self, values: Array) -> Array:
        """Return the probability of each value or less."""
        from scipy.special import ndtr

        return np.asarray(ndtr(np.interp(values, self.nodes, SCORES, left=-BEYOND, right=BEYOND)))


@dataclass(frozen=True, eq=False)
class Distributions:
    """The two confidence distributions of one mean on the scale [0, 1]."""

    lower: Beta | Tabulated
    upper: Beta | Tabulated


NOTHING_KNOWN = Distributions(Beta(0.0, 1.0), Beta(1.0, 0.0))


def distributions(units: Units, icc_at_most: float) -> Distributions:
    """Return the confidence distributions of the mean of `units`."""
    if units.binary:
        hits, misses = float(units.counts @ units.totals), float(units.counts @ (1.0 - units.totals))
        return Distributions(Beta(hits, misses + 1.0), Beta(hits + 1.0, misses))
    lower, upper = _quantiles(units.mirrored(), icc_at_most), _quantiles(units, icc_at_most)
    return Distributions(Tabulated((1.0 - lower)[::-1]), Tabulated(upper))


def _quantiles(units: Units, icc_at_most: float) -> Array:
    from scipy.special import ndtr

    coarse = coarsened(units)
    shape = (len(SCORES), len(coarse.counts))
    bounds = upper_bounds(
        np.broadcast_to(coarse.totals, shape),
        np.broadcast_to(coarse.sizes, shape),
        np.broadcast_to(coarse.counts, shape),
        np.asarray(ndtr(SCORES)),
        icc_at_most,
        at_least=np.zeros(len(SCORES)),
        precision=PRECISION,
    )
    return np.maximum.accumulate(bounds)
