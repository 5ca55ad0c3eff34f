"""Roots of increasing functions, many at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from roadworthy.stats.units import Array

PRECISION = 1e-14
ROUNDS = 100


def increasing_root(function: Callable[[Array], Array], low: Array, high: Array, precision: float = PRECISION) -> Array:
    """Return, for each row, where `function` turns positive: `low` or `high` when it does so outside of them.

    Chandrupatla (1997): inverse quadratic steps, and bisection where those would not be safe.
    """
    at_low, at_high = function(low), function(high)
    inside = (at_low < 0) & (at_high > 0)
    settled = np.where(at_low >= 0, low, high)
    if not inside.any():
        return settled
    return np.where(inside, _search(function, low, high, at_low, at_high, precision), settled)


def _search(
    function: Callable[[Array], Array], a: Array, b: Array, at_a: Array, at_b: Array, precision: float
) -> Array:
    step = np.full(len(a), 0.5)
    for _ in range(ROUNDS):
        x = a + step * (b - a)
        at_x = function(x)
        same = np.sign(at_x) == np.sign(at_a)
        c, at_c = np.where(same, a, b), np.where(same, at_a, at_b)
        b, at_b = np.where(same, b, a), np.where(same, at_b, at_a)
        a, at_a = x, at_x
        if np.all((np.abs(b - a) <= precision) | (at_a == 0) | (np.sign(at_a) == np.sign(at_b))):
            break
        step = _step(a, b, c, at_a, at_b, at_c, precision)
    return np.where(np.abs(at_a) < np.abs(at_b), a, b)


def _step(a: Array, b: Array, c: Array, at_a: Array, at_b: Array, at_c: Array, precision: float) -> Array:
    """Choose the next point as a share of the way from `a` to `b`."""
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        by_c = (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
        quadratic = at_a / (at_b - at_a) * at_c / (at_b - at_c) + by_c
        smooth = (phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi) & np.isfinite(quadratic)
        nearest = np.minimum(0.5, precision / 2.0 / np.abs(b - a))
    return np.where(smooth, np.clip(np.where(smooth, quadratic, 0.5), nearest, 1.0 - nearest), 0.5)
