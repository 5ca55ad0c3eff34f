"""The sign-flip test: is the mean of paired differences zero?

When nothing differs between a and b, swapping them within a unit changes nothing, so each unit's difference may have
either sign (Fisher 1935). That is exact for any number of units, and for 0/1 pairs it is McNemar's exact test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roadworthy.stats.units import Array

MOST_ENUMERATED = 18
MOST_LATTICE = 20_000_000
MOST_DRAWN = 50_000_000
DRAWS = 9_999
TIES = 1e-9
TRANSFORM_ERROR = 1e-13
"""Least p-value that the Fourier transform can tell from zero."""


@dataclass(frozen=True)
class SignFlip:
    """The result of a sign-flip test."""

    p_value: float
    """Two-sided: the chance of a sum at least as far from zero."""
    method: str


def sign_flip(differences: Array, counts: Array, *, seed: int = 0) -> SignFlip:
    """Test that units' differences (summed over their samples) have either sign with equal chance.

    `counts` (same shape) says how many units have each difference. Exact when all magnitudes are equal
    (binomial), when differences are whole numbers (Fourier transform of the null distribution), and for few
    units (enumeration). Else by `DRAWS` random flips with the observed one counted in (Phipson and Smyth
    2010), or, when that would take long, by the normal limit.

    Assumes that units are independent and, under the null hypothesis, that a and b are exchangeable within a unit.
    """
    used = (np.abs(differences) > TIES) & (counts > 0)
    magnitudes: Array = np.asarray(np.round(np.abs(differences[used]), 12), dtype=np.float64)
    sizes, place = np.unique(magnitudes, return_inverse=True)
    number = np.round(np.bincount(place, counts[used], minlength=len(sizes))).astype(np.int64)
    observed = abs(float(differences @ counts))
    if len(sizes) == 0:
        return SignFlip(1.0, "sign-flip, exact (no unit differs)")
    if len(sizes) == 1:
        return SignFlip(_binomial(observed / sizes[0], int(number[0])), "sign-flip, exact (binomial)")
    width = float(sizes @ number)
    if np.all(np.abs(sizes - np.round(sizes)) < TIES) and width * len(sizes) <= MOST_LATTICE:
        return SignFlip(_lattice(round(observed), np.round(sizes), number), "sign-flip, exact (Fourier)")
    if number.sum() <= MOST_ENUMERATED:
        return SignFlip(_enumerated(observed, np.repeat(sizes, number)), "sign-flip, exact (enumerated)")
    if len(sizes) * DRAWS <= MOST_DRAWN:
        return SignFlip(_drawn(observed, sizes, number, seed), f"sign-flip, {DRAWS:,} random flips")
    return SignFlip(_normal(observed, sizes, number), "sign-flip, normal limit")


def _binomial(excess: float, trials: int) -> float:
    """Return the chance that heads and tails of `trials` fair coins differ by at least `excess`."""
    from scipy.special import bdtr

    return float(min(1.0, 2.0 * bdtr(round((trials - excess) / 2.0), trials, 0.5))) if excess > 0 else 1.0


def _lattice(observed: int, sizes: Array, number: np.ndarray) -> float:
    """Invert the characteristic function, a product of cosines, of the sum of whole numbers of random sign."""
    reach = round(float(sizes @ number))
    points = 2 * reach + 2
    angles = 2.0 * np.pi / points * np.arange(points // 2 + 1)
    transform = np.ones(len(angles))
    for size, count in zip(sizes, number, strict=True):
        transform *= np.cos(angles * size) ** count
    chances = np.fft.irfft(transform, points)
    tail = 2.0 * float(chances[observed : reach + 1].sum())
    return min(1.0, max(tail, TRANSFORM_ERROR)) if observed > 0 else 1.0


def _enumerated(observed: float, sizes: Array) -> float:
    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums + size, sums - size])
    return float(np.mean(np.abs(sums) >= observed - TIES))


def _drawn(observed: float, sizes: Array, number: np.ndarray, seed: int) -> float:
    generator = np.random.default_rng(seed)
    sums = np.zeros(DRAWS)
    for size, count in zip(sizes, number, strict=True):
        sums += size * (2.0 * generator.binomial(count, 0.5, DRAWS) - count)
    return float((1 + np.count_nonzero(np.abs(sums) >= observed - TIES)) / (DRAWS + 1))


def _normal(observed: float, sizes: Array, number: np.ndarray) -> float:
    from scipy.special import ndtr

    return float(2.0 * ndtr(-observed / np.sqrt(float(sizes**2 @ number))))
