"""Bounds of a mean that hold at every look: a confidence sequence by betting, with independent units.

After every unit the bound at confidence 1 - alpha is the smallest rate against which the bettor has reached 1 / alpha
(stats/betting.py). With probability 1 - alpha it is right after every unit at once, so one may stop whenever it says
enough. For paired differences the units hold differences on [-1, 1] (stats/paired.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roadworthy.stats.betting import Bettor
from roadworthy.stats.mean import Estimate, Limits, checked_levels, described, sides
from roadworthy.stats.root import increasing_root
from roadworthy.stats.sample_size import fewest
from roadworthy.stats.units import Array, Units

PRECISION = 1e-12


def estimate_mean_anytime(units: Units, *, clustered: bool, confidence: float, largest: float) -> Estimate:
    """Estimate the mean score of `units` with bounds at `confidence` that hold at every look.

    `largest` is the number of samples of the largest unit that may come, known before the first answer. Nothing is
    assumed but that units are independent, come in an order that no answer changed, and have scores on the scale.
    Raises InputError when a unit is larger. Source: Waudby-Smith and Ramdas (2024).
    """
    bounds = limits_anytime(units, sides(confidence), largest=largest)
    kind = "clusters" if clustered else "samples"
    method = f"betting confidence sequence, independent {kind}, valid at every look" if units.number else "no samples"
    return described(units, bounds, clustered=clustered, confidence=confidence, method=method)


def limits_anytime(units: Units, confidences: Sequence[float], *, largest: float) -> Limits:
    """Return the one-sided bounds of the mean at each of `confidences`, on the scale [0, 1], not rounded."""
    levels = checked_levels(confidences, 0.0)
    if not units.number:
        return Limits(np.zeros(len(levels)), np.ones(len(levels)))
    return Limits(1.0 - _upper(units.mirrored(), levels, largest), _upper(units, levels, largest))


def units_needed_anytime(units: Units, threshold: float, *, confidence: float, largest: float) -> int | None:
    """Return how many further units of the same make-up would settle on which side of `threshold` the mean lies.

    None without samples, when the estimate is the threshold, or when a million would not do.
    """
    checked_levels((confidence,), 0.0)
    limit, rate = (threshold - units.low) / (units.high - units.low), units.rate
    if rate is None or rate == limit or not 0.0 < limit < 1.0:
        return None
    seen, number = float(units.counts.sum()), units.number
    below, at = (units, limit) if rate < limit else (units.mirrored(), 1.0 - limit)

    def shows(k: int) -> bool:
        return bool(Bettor(below.scaled(k / seen), largest).log_capital(np.array([at]))[0] >= -np.log1p(-confidence))

    found = fewest(shows, number)
    return None if found is None else found - number


def _upper(units: Units, levels: Array, largest: float) -> Array:
    """Return the smallest rate, from the estimate on, that is rejected at each level."""
    bettor, enough = Bettor(units, largest), -np.log1p(-levels)

    def excess(rates: Array) -> Array:
        return bettor.log_capital(rates) - enough

    start = np.full(len(levels), float(units.rate or 0.0))
    return increasing_root(excess, start, np.ones(len(levels)), PRECISION)
