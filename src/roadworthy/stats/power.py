"""How many cases, in how many clusters, until something can be shown: power and sample size before a run.

Power is the chance that the bound which judges shows what is true. Where samples are independent it is computed
exactly; for clusters it is simulated with the criterion's own bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import InputError
from roadworthy.stats.gaffke import confidence_below
from roadworthy.stats.mean import DEFAULT_ICC, checked_levels
from roadworthy.stats.populations import beta_binomial
from roadworthy.stats.sample_size import fewest
from roadworthy.stats.units import Array

Numbers = NDArray[np.int64]

DRAWS = 2_000
WINDOW = 0.1
MARGIN = 100
"""How far around a tooth of the saw others are looked for: a share of its number, and a number."""


@dataclass(frozen=True)
class Plan:
    """A size of an evaluation and the chance that it shows what is true."""

    samples: int
    units: int
    """Clusters; samples where they are independent."""
    power: float
    method: str


@dataclass(frozen=True)
class Clusters:
    """How alike the samples of an evaluation are expected to be."""

    size: int = 1
    """Samples of one cluster."""
    correlation: float = 0.0
    """Intra-cluster correlation."""
    icc_at_most: float = DEFAULT_ICC
    """What the bound that judges assumes of clusters that were not seen."""

    @property
    def design_effect(self) -> float:
        """Return the variance of the mean over that of as many independent samples (Kish 1965)."""
        return 1.0 + (self.size - 1) * self.correlation


ALONE = Clusters()


def rate_power(
    threshold: float, rate: float, units: int, *, at_most: bool, confidence: float, clusters: Clusters = ALONE
) -> float:
    """Return the chance that `units` with the true `rate` show that it is inside the threshold.

    Independent 0/1 samples: exact, for the Clopper-Pearson bound. Clusters: the criterion's own bound on 2,000
    simulated evaluations of beta-binomial clusters (seed fixed), within about two points.
    """
    limit, true = _inside(threshold, rate, at_most, confidence)
    if clusters.size == 1:
        return float(_exact_power(limit, true, np.array([units]), confidence)[0])
    return _simulated_power(limit, true, units, confidence, clusters)


def rate_plan(
    threshold: float, rate: float, *, at_most: bool, confidence: float, power: float, clusters: Clusters = ALONE
) -> Plan | None:
    """Return the smallest evaluation that shows a true `rate` inside the threshold with the chance `power`.

    The power of independent samples rises in a saw-tooth: taken is the number from which on it stays. None when a
    million units would not do. Raises InputError when the rate is not inside the threshold.
    """
    limit, true = _inside(threshold, rate, at_most, confidence)
    checked_power(power)
    if clusters.size == 1:
        number = _fewest_exact(limit, true, confidence, power)
        how = "exact, Clopper-Pearson bound of independent samples"
    else:

        def enough(units: int) -> bool:
            return _simulated_power(limit, true, units, confidence, clusters) >= power

        number = fewest(enough, 2)
        how = f"simulated, Gaffke bound, clusters of {clusters.size} with correlation {clusters.correlation:g}"
    if number is None:
        return None
    reached = rate_power(threshold, rate, number, at_most=at_most, confidence=confidence, clusters=clusters)
    return Plan(number * clusters.size, number, reached, how)


def _inside(threshold: float, rate: float, at_most: bool, confidence: float) -> tuple[float, float]:
    """Return threshold and rate as seen from "at most"."""
    checked_levels((confidence,), 0.0)
    limit, true = (threshold, rate) if at_most else (1.0 - threshold, 1.0 - rate)
    if not 0.0 <= true < limit < 1.0:
        raise InputError(
            f"a true rate of {rate:g} is not inside the threshold {threshold:g}",
            remedy="Power is the chance to show what is true: give a rate on the good side, between 0 and 1.",
        )
    return limit, true


def _exact_power(limit: float, true: float, numbers: Numbers, confidence: float) -> Array:
    """Return P(X <= c), where c is the largest count whose Clopper-Pearson bound is inside the limit."""
    from scipy.special import bdtr

    critical = critical_count(numbers, 1.0 - confidence, limit)
    return np.where(critical >= 0, bdtr(np.maximum(critical, 0.0), numbers, true), 0.0)


def critical_count(numbers: Numbers, error: float, chance: float = 0.5) -> Array:
    """Return the largest count c with P(Binomial(n, chance) <= c) <= error for each n; -1 where there is none."""
    from scipy.special import bdtr, bdtrik

    guess = np.floor(np.nan_to_num(bdtrik(error, np.maximum(numbers, 1), chance), nan=-1.0))
    guess = np.where(bdtr(np.minimum(guess + 1.0, numbers), numbers, chance) <= error, guess + 1.0, guess)
    return np.where((guess >= 0) & (bdtr(np.maximum(guess, 0.0), numbers, chance) <= error), guess, -1.0)


def _fewest_exact(limit: float, true: float, confidence: float, power: float) -> int | None:
    """Return the smallest number from which on the power stays: one tooth of the saw is found, then those near it."""

    def powers(numbers: Numbers) -> Array:
        return _exact_power(limit, true, numbers, confidence)

    near = fewest(lambda n: bool(powers(np.array([n]))[0] >= power), 1)
    if near is None:
        return None
    start = math.floor(near * (1.0 - WINDOW))
    numbers = np.arange(start + 1, math.ceil(near * (1.0 + WINDOW)) + MARGIN)
    short = np.flatnonzero(powers(numbers) < power)
    return start + int(short[-1]) + 2 if len(short) else start + 1


def _simulated_power(limit: float, true: float, units: int, confidence: float, clusters: Clusters) -> float:
    chances = beta_binomial(clusters.size, true, clusters.correlation)
    counts = np.random.default_rng(0).multinomial(units, chances / chances.sum(), size=DRAWS).astype(np.float64)
    totals = np.broadcast_to(np.arange(clusters.size + 1.0), counts.shape)
    sizes = np.full(counts.shape, float(clusters.size))
    sure = confidence_below(totals, sizes, counts, np.full(DRAWS, limit), clusters.icc_at_most)
    return float(np.mean(sure >= confidence))


def checked_power(power: float) -> None:
    """Raise InputError unless `power` lies between 0 and 1."""
    if not 0.0 < power < 1.0:
        raise InputError("a power lies between 0 and 1", remedy="Write 0.8 for 80 %.")


def inflated(number: int, clusters: Clusters, power: float, how: str) -> Plan:
    """Return the plan of `number` independent samples, times the design effect of `clusters`."""
    units = math.ceil(number * clusters.design_effect / clusters.size)
    if clusters.size > 1:
        how = f"{how}; times the design effect {clusters.design_effect:g}"
    return Plan(units * clusters.size, units, power, how)
