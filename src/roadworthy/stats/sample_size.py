"""How many more independent units would settle a criterion, if what is seen stays as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from roadworthy.stats.contrast import Sampling, Scale
from roadworthy.stats.gaffke import confidence_below
from roadworthy.stats.grid import coarsened
from roadworthy.stats.groups import Disparity, max_gap, min_ratio
from roadworthy.stats.mean import DEFAULT_ICC, checked_levels
from roadworthy.stats.units import Units, from_table

MOST = 1_000_000
CLOSE_ENOUGH = 1.01


def units_needed(
    units: Units,
    threshold: float,
    *,
    confidence: float,
    clustered: bool,
    icc_at_most: float = DEFAULT_ICC,
) -> int | None:
    """Return how many further units of the same make-up would put the bound on the estimate's side of `threshold`.

    It is the upper bound when the estimate is below the threshold, else the lower bound. 0 when that is so
    already; None without samples, when the estimate is the threshold, or when a million would not do.
    """
    checked_levels((confidence,), icc_at_most)
    limit, rate = (threshold - units.low) / (units.high - units.low), units.rate
    if rate is None or rate == limit or not 0.0 < limit < 1.0:
        return None
    below = (units, limit) if rate < limit else (units.mirrored(), 1.0 - limit)
    number = units.number
    found = fewest(lambda k: _shows(*below, k, confidence, icc_at_most), max(number, 2 if clustered else 1))
    return None if found is None else found - number


def fewest_units(
    threshold: float,
    *,
    at_most: bool,
    confidence: float,
    unit_size: int = 1,
    icc_at_most: float = DEFAULT_ICC,
) -> int | None:
    """Return the smallest number of units, without a single bad sample, that shows a rate on [0, 1].

    `at_most` tells the direction of the criterion. None when no number up to a million would do.
    """
    limit = threshold if at_most else 1.0 - threshold
    if not 0.0 < limit < 1.0:
        return None
    clean = from_table([0.0], [unit_size])
    return fewest(lambda k: _shows(clean, limit, k, confidence, icc_at_most), 1 if unit_size == 1 else 2)


def group_units_needed(
    scale: Scale,
    groups: Mapping[str, Units],
    threshold: float,
    *,
    confidence: float,
    reference: str | None = None,
    sampling: Sampling | None = None,
) -> int | None:
    """Return about how many further units, over all groups in proportion, would settle a gap or ratio.

    The groups are scaled until the bound is on the estimate's side of the threshold; the answer is right to
    about one per cent. None as for `units_needed`.
    """
    measure = max_gap if scale is Scale.DIFFERENCE else min_ratio
    number = sum(units.number for units in groups.values())

    def shortfall(factor: float) -> float | None:
        grown = {name: units.scaled(factor) for name, units in groups.items()}
        return _shortfall(measure(grown, confidence=confidence, reference=reference, sampling=sampling), threshold)

    factor = _factor(shortfall, 1.0 + MOST / max(number, 1))
    return None if factor is None else math.ceil(number * (factor - 1.0))


def _factor(shortfall: Callable[[float], float | None], most: float) -> float | None:
    """Return the factor by which the groups must grow: widths shrink with its square root, then bisection."""
    low = high = 1.0
    while (short := shortfall(high)) is None or short > 1.0:
        if short is None or high >= most:
            return None
        low, high = high, min(most, high * max(short**2, CLOSE_ENOUGH))
    while high / low > CLOSE_ENOUGH:
        middle = math.sqrt(low * high)
        short = shortfall(middle)
        low, high = (low, middle) if short is not None and short <= 1.0 else (middle, high)
    return high


def _shortfall(seen: Disparity, threshold: float) -> float | None:
    """Return the distance from estimate to bound over that to the threshold; at most 1 when settled."""
    if seen.estimate is None or seen.estimate == threshold:
        return None
    bound = seen.upper if seen.estimate < threshold else seen.lower
    return abs(bound - seen.estimate) / abs(threshold - seen.estimate)


def _shows(units: Units, limit: float, number: int, confidence: float, icc_at_most: float) -> bool:
    """Tell whether `number` units like these show a rate below `limit`."""
    grown = units.scaled(number / float(units.counts.sum()))
    if grown.binary:
        from scipy.special import betainc

        hits, misses = float(grown.counts @ grown.totals), float(grown.counts @ (1.0 - grown.totals))
        return bool(misses > 0 and betainc(hits + 1.0, misses, limit) >= confidence)
    coarse = coarsened(grown)
    rows = (coarse.totals[None, :], coarse.sizes[None, :], coarse.counts[None, :])
    return bool(confidence_below(*rows, np.array([limit]), icc_at_most)[0] >= confidence)


def fewest(shows: Callable[[int], bool], start: int) -> int | None:
    """Return the smallest number from `start` on for which `shows` holds; it is taken to hold from there on."""
    if shows(start):
        return start
    low, high = start, 2 * start
    while not shows(high):
        if high - start >= MOST:
            return None
        low, high = high, min(2 * high, start + MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high
