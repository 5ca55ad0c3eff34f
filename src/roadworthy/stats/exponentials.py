"""The distribution of a weighted sum of standard exponential variables, at zero.

`P(sum_j E_j w_j < 0)` is computed by inverting the moment generating function along a path through the
saddle point (Daniels 1954 for the saddle point, Rice 1980 for integrating numerically through it). All
singularities lie on the real axis and the path crosses it once, so its shape does not change the integral. It
starts along the direction of steepest descent and stays inside a wedge about the vertical, where the
integrand decays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from roadworthy.stats.units import Array

Complex = NDArray[np.complex128]

STEP = 0.1
REACH = 16.0
WEDGE = 0.3
BLOCK = 8
NEGLIGIBLE = 1e-14
MAX_CELLS = 200_000
BISECTIONS = 20
"""Of the logit of the saddle point: the integral is the same through any point near it."""


def chance_negative(weights: Array, counts: Array) -> Array:
    """Return P(sum_j G_j w_j < 0) for each row, G_j ~ Gamma(counts_j, 1) independent.

    `weights` and `counts` have shape (rows, terms); a count is the number of exponentials that share a weight
    and need not be whole. Absolute error below 1e-9. A sum that is zero for certain is not negative.
    """
    weights = np.where(counts > 0, weights, 0.0)
    highest, lowest = weights.max(axis=1), weights.min(axis=1)
    chance = np.where((lowest < 0) & (highest <= 0), 1.0, 0.0)
    mixed = np.flatnonzero((highest > 0) & (lowest < 0))
    stride = max(1, MAX_CELLS // (BLOCK * weights.shape[1]))
    for start in range(0, len(mixed), stride):
        rows = mixed[start : start + stride]
        upper = (counts[rows] * weights[rows]).sum(axis=1) <= 0
        turned = np.where(upper[:, None], weights[rows], -weights[rows])
        tail = _chance_positive(turned, counts[rows])
        chance[rows] = np.where(upper, 1.0 - tail, tail)
    return chance


def _chance_positive(weights: Array, counts: Array) -> Array:
    """Integrate exp(K(s)) / s through the saddle point, in steps of u where the height is width sinh(u)."""
    weights = weights / weights.max(axis=1, keepdims=True)
    centre = _saddle(weights, counts)
    slack = 1.0 - centre[:, None] * weights
    share = weights / slack
    second = (counts * share**2).sum(axis=1) + centre**-2
    third = 2.0 * (counts * share**3).sum(axis=1) - 2.0 * centre**-3
    width, bend = second[:, None] ** -0.5, (third / (6.0 * second))[:, None]
    total, rows = np.zeros(len(weights)), np.arange(len(weights))
    for start in range(0, int(REACH / STEP), BLOCK):
        u = STEP * np.arange(start, start + BLOCK)
        shift, path = _path(width[rows] * np.sinh(u), bend[rows])
        growth = _log_growth(share[rows], counts[rows], shift)
        terms = np.exp(growth) / (1.0 + shift / centre[rows, None]) * path * np.cosh(u)
        total[rows] += terms.imag.sum(axis=1) - (terms[:, 0].imag / 2.0 if start == 0 else 0.0)
        rows = rows[np.abs(terms[:, -1]) > NEGLIGIBLE * np.abs(total[rows])]
        if not len(rows):
            break
    at_centre = np.exp(-(counts * np.log(slack)).sum(axis=1)) * width[:, 0] / centre
    return np.asarray(np.clip(total * at_centre * STEP / np.pi, 0.0, 1.0))


def _path(height: Array, bend: Array) -> tuple[Complex, Complex]:
    """Return the path relative to its centre and its derivative: a parabola at first, then a wedge."""
    lean = (bend * height / WEDGE) ** 2
    shift = bend * height**2 / np.sqrt(1.0 + lean) + 1j * height
    slope = bend * height * (2.0 + lean) / (1.0 + lean) ** 1.5 + 1j
    return shift.astype(np.complex128), slope.astype(np.complex128)


def _log_growth(share: Array, counts: Array, shift: Complex) -> Complex:
    """Return K(centre + shift) - K(centre) = -sum_j counts_j log(1 - shift share_j)."""
    real = 1.0 - share[:, :, None] * shift.real[:, None, :]
    imaginary = -share[:, :, None] * shift.imag[:, None, :]
    size = np.einsum("rj,rjb->rb", counts, np.log(real**2 + imaginary**2))
    angle = np.einsum("rj,rjb->rb", counts, np.arctan2(imaginary, real))
    return np.asarray(-0.5 * size - 1j * angle)


def _saddle(weights: Array, counts: Array) -> Array:
    """Find the minimum of K(s) - log s on (0, 1); the largest weight is 1 and the derivative increases."""
    low, high = np.full(len(weights), -45.0), np.full(len(weights), 30.0)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        s = 1.0 / (1.0 + np.exp(-middle))
        slope = (counts * weights / (1.0 - s[:, None] * weights)).sum(axis=1) - 1.0 / s
        low, high = np.where(slope < 0, middle, low), np.where(slope < 0, high, middle)
    return np.asarray(1.0 / (1.0 + np.exp(-(low + high) / 2.0)))
