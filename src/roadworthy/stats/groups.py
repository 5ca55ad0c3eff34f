"""The largest gap and the smallest ratio between groups.

To pass, every comparison must pass: an intersection-union test (Berger 1982), so the bound that a criterion is
met by needs no correction. To accuse one group of many, the opposite bound is corrected (Bonferroni) for all
comparisons and both directions; when all groups are equal it says so with the confidence asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.contrast import (
    Sampling,
    Scale,
    Side,
    contrast_estimate,
    contrast_limits,
    contrast_method,
    inverse,
    joint_error,
    side,
)
from roadworthy.stats.mean import DECIMALS, Limits, checked_levels
from roadworthy.stats.units import Units


@dataclass(frozen=True)
class Comparison:
    """Two groups against each other: absolute difference, or smaller mean over larger mean."""

    first: str
    second: str
    signed: float | None
    """mean(first) - mean(second), or mean(first) / mean(second) (None where that is infinite)."""
    estimate: float | None
    """Absolute difference, or the ratio taken so that it is at most 1; None where it is not defined."""
    lower: float
    """One-sided; corrected for all comparisons in a gap, not corrected in a ratio."""
    upper: float
    """One-sided; not corrected in a gap, corrected for all comparisons in a ratio."""
    interval: tuple[float, float]
    n: int
    units: int


@dataclass(frozen=True)
class Disparity:
    """The worst of all comparisons, with bounds for the worst there is."""

    scale: Scale
    estimate: float | None
    lower: float
    upper: float
    interval: tuple[float, float]
    standard_error: float | None
    """Of the difference of the worst comparison."""
    n: int
    units: int
    confidence: float
    comparisons: tuple[Comparison, ...]
    worst: Comparison | None
    method: str


def max_gap(
    groups: Mapping[str, Units],
    *,
    confidence: float,
    reference: str | None = None,
    sampling: Sampling | None = None,
) -> Disparity:
    """Estimate the largest absolute difference of means over pairs of groups, or against `reference`.

    `upper` is the bound to pass by, `lower` the corrected bound to accuse by.
    """
    return _disparity(Scale.DIFFERENCE, groups, confidence, reference, sampling or Sampling())


def min_ratio(
    groups: Mapping[str, Units],
    *,
    confidence: float,
    reference: str | None = None,
    sampling: Sampling | None = None,
) -> Disparity:
    """Estimate the smallest ratio of a smaller to a larger mean over pairs of groups, or against `reference`.

    `lower` is the bound to pass by, `upper` the corrected bound to accuse by. Scores must start at zero.
    """
    if any(units.low != 0 for units in groups.values()):
        raise InputError("a ratio needs scores that start at zero", remedy="Use the gap of this metric.")
    return _disparity(Scale.RATIO, groups, confidence, reference, sampling or Sampling())


def pairs(names: list[str], reference: str | None) -> list[tuple[str, str]]:
    """List what is compared: every pair once, or every group with the reference."""
    if reference is None:
        return list(itertools.combinations(names, 2))
    return [(name, reference) for name in names if name != reference and reference in names]


def _disparity(
    scale: Scale, groups: Mapping[str, Units], confidence: float, reference: str | None, sampling: Sampling
) -> Disparity:
    checked_levels((confidence,), sampling.icc_at_most)
    compared = pairs(list(groups), reference)
    n, number = sum(u.samples for u in groups.values()), sum(u.number for u in groups.values())
    if not compared:
        return Disparity(
            scale, None, 0.0, 1.0, (0.0, 1.0), None, n, number, confidence, (), None, "no two groups to compare"
        )
    levels = _levels(confidence, len(compared))
    sides = {name: side(units, levels, sampling) for name, units in groups.items()}
    made = tuple(_comparison(scale, a, b, sides[a], sides[b], levels) for a, b in compared)
    defined = [c for c in made if c.estimate is not None]
    take = max if scale is Scale.DIFFERENCE else min
    worst = take(defined, key=lambda c: c.estimate or 0.0) if defined else None
    return Disparity(
        scale=scale,
        estimate=worst.estimate if worst else None,
        lower=take(c.lower for c in made),
        upper=take(c.upper for c in made),
        interval=(take(c.interval[0] for c in made), take(c.interval[1] for c in made)),
        standard_error=_error(scale, worst, groups, sampling),
        n=n,
        units=number,
        confidence=confidence,
        comparisons=made,
        worst=worst,
        method=_method(scale, list(groups.values()), len(compared), sampling),
    )


def _levels(confidence: float, comparisons: int) -> tuple[float, float, float, float]:
    """Return the levels to pass by and to accuse by, each one-sided and as half of a two-sided interval."""
    error = 1.0 - confidence
    corrected = error / (2.0 * comparisons)
    return confidence, 1.0 - error / 2.0, 1.0 - corrected, 1.0 - corrected / 2.0


def _comparison(scale: Scale, first: str, second: str, one: Side, two: Side, levels: tuple[float, ...]) -> Comparison:
    bounds = contrast_limits(scale, one, two, levels)
    signed = contrast_estimate(scale, one.units, two.units)
    lower, upper = _folded(scale, bounds)
    span = one.units.high - one.units.low if scale is Scale.DIFFERENCE else 1.0
    size = _size(scale, signed)
    return Comparison(
        first=first,
        second=second,
        signed=None if signed is None or np.isinf(signed) else round(signed * span, DECIMALS),
        estimate=None if size is None else round(size * span, DECIMALS),
        lower=round(lower[0] * span, DECIMALS),
        upper=round(upper[0] * span, DECIMALS),
        interval=(round(lower[1] * span, DECIMALS), round(upper[1] * span, DECIMALS)),
        n=one.units.samples + two.units.samples,
        units=one.units.number + two.units.number,
    )


def _size(scale: Scale, signed: float | None) -> float | None:
    if signed is None or scale is Scale.DIFFERENCE:
        return None if signed is None else abs(signed)
    return min(signed, 1.0 / signed) if signed > 0 else 0.0


def _folded(scale: Scale, bounds: Limits) -> tuple[list[float], list[float]]:
    """Turn signed bounds at the four levels into bounds of the absolute difference, or of the ratio below 1."""
    if scale is Scale.DIFFERENCE:
        near = np.maximum(0.0, np.maximum(bounds.lower, -bounds.upper))[2:]
        far = np.maximum(bounds.upper, -bounds.lower)[:2]
        return near.tolist(), far.tolist()
    over, under = inverse(bounds.upper), inverse(bounds.lower)
    near = np.minimum(1.0, np.minimum(bounds.upper, under))[2:]
    far = np.minimum(bounds.lower, over)[:2]
    return far.tolist(), near.tolist()


def _error(scale: Scale, worst: Comparison | None, groups: Mapping[str, Units], sampling: Sampling) -> float | None:
    if worst is None or scale is Scale.RATIO:
        return None
    return joint_error(groups[worst.first], groups[worst.second], sampling)


def _method(scale: Scale, groups: list[Units], comparisons: int, sampling: Sampling) -> str:
    passing, accusing = ("upper", "lower") if scale is Scale.DIFFERENCE else ("lower", "upper")
    return (
        f"{contrast_method(scale, groups, sampling)}; {passing} bound by intersection-union, "
        f"{accusing} bound by Bonferroni over {comparisons} comparison{'s' if comparisons > 1 else ''}"
    )
