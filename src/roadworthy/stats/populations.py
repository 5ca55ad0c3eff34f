"""Populations with a known rate and intra-cluster correlation, to check bounds by simulation."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from roadworthy.stats.root import increasing_root
from roadworthy.stats.units import Array

Sizes = NDArray[np.int64]
HERMITE_POINTS = 80


class Model(StrEnum):
    """How the samples of a unit come to be alike."""

    BETA = "beta-binomial"
    COMMON_SHOCK = "common shock"
    """A share sqrt(icc) of the samples of a unit are copies of one."""
    TWO_POINT = "two-point"
    """Most units have rate zero, the others one and the same rate."""
    PROBIT = "probit-normal"


def draw(model: Model, generator: np.random.Generator, rate: float, icc: float, sizes: Sizes) -> Array:
    """Draw totals of units of the given sizes, any shape; every sample is bad with probability `rate`."""
    if icc == 0:
        return generator.binomial(sizes, rate).astype(np.float64)
    if model is Model.COMMON_SHOCK:
        copies = generator.binomial(sizes, np.sqrt(icc))
        shock = generator.random(sizes.shape) < rate
        return (np.where(shock, copies, 0) + generator.binomial(sizes - copies, rate)).astype(np.float64)
    rates = _unit_rates(model, generator, rate, icc, sizes.shape)
    return generator.binomial(sizes, rates).astype(np.float64)


def beta_binomial(size: int, rate: float, icc: float) -> Array:
    """Return the chances of each total, from 0 to `size`, of a unit whose rate is beta-distributed.

    Without correlation it is the binomial distribution.
    """
    from scipy.special import betaln, gammaln, xlog1py, xlogy

    hits = np.arange(size + 1)
    log_ways = gammaln(size + 1) - gammaln(hits + 1) - gammaln(size - hits + 1)
    if icc == 0 or rate in (0.0, 1.0):
        return np.asarray(np.exp(log_ways + xlogy(hits, rate) + xlog1py(size - hits, -rate)))
    a, b = rate * (1.0 / icc - 1.0), (1.0 - rate) * (1.0 / icc - 1.0)
    return np.asarray(np.exp(log_ways + betaln(hits + a, size - hits + b) - betaln(a, b)))


def tally(totals: Array, size: int) -> tuple[Array, Array, Array]:
    """Count, for each row of units of one size, how many have each whole total: totals, sizes, counts."""
    rows = np.arange(len(totals))[:, None] * (size + 1)
    cells = np.bincount((rows + totals.astype(np.int64)).ravel(), minlength=len(totals) * (size + 1))
    counts = cells.reshape(len(totals), size + 1).astype(np.float64)
    values = np.broadcast_to(np.arange(size + 1, dtype=np.float64), counts.shape)
    return values, np.full(counts.shape, float(size)), counts


def _unit_rates(model: Model, generator: np.random.Generator, rate: float, icc: float, shape: tuple[int, ...]) -> Array:
    if model is Model.BETA:
        strength = 1.0 / icc - 1.0
        return generator.beta(rate * strength, (1.0 - rate) * strength, shape)
    if model is Model.TWO_POINT:
        bad = rate + icc * (1.0 - rate)
        return np.where(generator.random(shape) < rate / bad, bad, 0.0)
    return _probit(generator.standard_normal(shape), rate, _probit_share(rate, icc))


def _probit(normal: Array, rate: float, share: Array | float) -> Array:
    from scipy.special import ndtr, ndtri

    return np.asarray(ndtr((ndtri(rate) + np.sqrt(share) * normal) / np.sqrt(1.0 - share)))


def _probit_share(rate: float, icc: float) -> float:
    """Find the share of the latent variance between units that gives the intra-cluster correlation."""
    points, weights = np.polynomial.hermite_e.hermegauss(HERMITE_POINTS)
    weights = weights / weights.sum()

    def excess(share: Array) -> Array:
        return np.array([weights @ (_probit(points, rate, s) - rate) ** 2 for s in share]) - icc * rate * (1 - rate)

    return float(increasing_root(excess, np.array([1e-9]), np.array([1.0 - 1e-6]), 1e-9)[0])
