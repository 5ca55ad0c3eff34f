"""Bounds of a mean that hold at every look: a confidence sequence by betting, with independent units.

After every unit the bound at confidence 1 - alpha is the smallest rate against which the bettor has reached 1 / alpha
(stats/betting.py). With probability 1 - alpha it is right after every unit at once, so one may stop whenever it says
enough. For paired differences the units hold differences on [-1, 1] (stats/paired.py).

Where two bettors bet on the same mean, each may err by half of alpha, and the better bound counts: by Boole's
inequality nothing need be known of how they depend on each other.
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
    return _described(units, bounds, "betting confidence sequence", clustered, confidence)


def estimate_mean_in_rounds(units: Units, rounds: Sequence[Bettor], *, clustered: bool, confidence: float) -> Estimate:
    """Estimate the mean of `units` that were asked in two rounds, with bounds that hold at every look of both.

    One bettor of `rounds` bets on what the first round asked of each unit, a random part in proportion to its size; the
    other on whole units, one by one as the second round asks the rest of each. `units` are all samples that count.
    """
    bounds = limits_in_rounds(units, rounds, sides(confidence))
    return _described(units, bounds, "betting confidence sequence in two rounds", clustered, confidence)


def _described(units: Units, bounds: Limits, how: str, clustered: bool, confidence: float) -> Estimate:
    kind = "clusters" if clustered else "samples"
    method = f"{how}, independent {kind}, valid at every look" if units.number else "no samples"
    return described(units, bounds, clustered=clustered, confidence=confidence, method=method)


def limits_anytime(units: Units, confidences: Sequence[float], *, largest: float) -> Limits:
    """Return the one-sided bounds of the mean at each of `confidences`, on the scale [0, 1], not rounded."""
    return limits_in_rounds(units, [Bettor(units, largest)], confidences)


def limits_in_rounds(units: Units, bettors: Sequence[Bettor], confidences: Sequence[float]) -> Limits:
    """Return the one-sided bounds as `limits_anytime` does, the best of all `bettors`, who err by equal shares."""
    levels = checked_levels(confidences, 0.0)
    if not units.number:
        return Limits(np.zeros(len(levels)), np.ones(len(levels)))
    mirrored = _upper(units.mirrored(), [bettor.mirrored() for bettor in bettors], levels)
    return Limits(1.0 - mirrored, _upper(units, bettors, levels))


def units_needed_anytime(units: Units, threshold: float, *, confidence: float, largest: float) -> int | None:
    """Return how many further units of the same make-up would settle on which side of `threshold` the mean lies.

    None without samples, when the estimate is the threshold, or when a million would not do.
    """
    return units_needed_in_rounds(units, [Bettor(units, largest)], threshold, confidence=confidence)


def units_needed_in_rounds(
    units: Units, bettors: Sequence[Bettor], threshold: float, *, confidence: float
) -> int | None:
    """Return the same where several bettors bet, each on as many more units in proportion."""
    checked_levels((confidence,), 0.0)
    limit, rate = (threshold - units.low) / (units.high - units.low), units.rate
    if rate is None or rate == limit or not 0.0 < limit < 1.0:
        return None
    seen, number = float(units.counts.sum()), units.number
    below, at = (bettors, limit) if rate < limit else ([bettor.mirrored() for bettor in bettors], 1.0 - limit)
    enough = _enough(np.array([confidence]), len(bettors))[0]

    def shows(k: int) -> bool:
        grown = (Bettor(bettor.units.scaled(k / seen), bettor.largest) for bettor in below)
        return any(bettor.log_capital(np.array([at]))[0] >= enough for bettor in grown)

    found = fewest(shows, number)
    return None if found is None else found - number


def _enough(levels: Array, bettors: int) -> Array:
    """Return the logarithm of the capital at which a rate is rejected."""
    return np.asarray(np.log(bettors) - np.log1p(-levels))


def _upper(units: Units, bettors: Sequence[Bettor], levels: Array) -> Array:
    """Return the smallest rate, from the estimate on, that one of the bettors rejects at each level."""
    enough, start = _enough(levels, len(bettors)), np.full(len(levels), float(units.rate or 0.0))
    return np.asarray(np.min([_rejected(bettor, enough, start) for bettor in bettors], axis=0))


def _rejected(bettor: Bettor, enough: Array, start: Array) -> Array:
    def excess(rates: Array) -> Array:
        return np.asarray(bettor.log_capital(rates) - enough)

    return increasing_root(excess, start, np.ones(len(start)), PRECISION)
