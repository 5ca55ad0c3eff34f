"""Power and sample size of a difference: two runs over the same cases, or two groups.

Power is the chance that the test which accuses sees a difference that is there. It is computed exactly for
independent samples; clusters multiply the number by their design effect, an approximation.
"""

from __future__ import annotations

import math

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.populations import beta_binomial
from roadworthy.stats.power import ALONE, Clusters, Plan, checked_power, critical_count, inflated
from roadworthy.stats.sample_size import fewest
from roadworthy.stats.units import Array


def pair_power(first_only: float, second_only: float, pairs: int, *, confidence: float) -> float:
    """Return the chance that McNemar's exact two-sided test sees a difference of paired 0/1 scores.

    `first_only` and `second_only` are the chances that a case has a 1 in one of the runs only. Exact: the sum
    over the number of discordant pairs.
    """
    from scipy.special import bdtr, bdtrc

    discordant = _checked_discordant(first_only, second_only)
    low, high = _reach(discordant, pairs)
    numbers = np.arange(low, high + 1)
    weights = beta_binomial(pairs, discordant, 0.0)[low : high + 1]
    critical = critical_count(numbers, (1.0 - confidence) / 2.0)
    able = (critical >= 0) & (weights > 0)
    share = first_only / discordant
    few, cases = critical[able], numbers[able]
    seen = bdtr(few, cases, share) + bdtrc(cases - few - 1.0, cases, share)
    return float(weights[able] @ np.minimum(seen, 1.0))


def pair_plan(
    first_only: float, second_only: float, *, confidence: float, power: float, clusters: Clusters = ALONE
) -> Plan | None:
    """Return the fewest pairs with which McNemar's exact test sees the difference with the chance `power`.

    Clusters: the pairs times the design effect of their differences, an approximation. None when a million would
    not do.
    """
    checked_power(power)
    _checked_discordant(first_only, second_only)
    if first_only == second_only:
        raise InputError("two runs that do not differ cannot be told apart", remedy="Give different chances.")
    pairs = fewest(lambda n: pair_power(first_only, second_only, n, confidence=confidence) >= power, 1)
    if pairs is None:
        return None
    return inflated(
        pairs,
        clusters,
        pair_power(first_only, second_only, pairs, confidence=confidence),
        "exact, McNemar's exact test",
    )


def groups_power(first: float, second: float, samples: int, *, confidence: float) -> float:
    """Return the chance that two groups of `samples` each, with these rates, are seen to differ.

    Exact, for Fisher's exact test with half of the error on each side; it is the melded difference that leaves out
    zero.
    """
    chances = beta_binomial(samples, first, 0.0), beta_binomial(samples, second, 0.0)
    log_ways = _log_ways(samples)
    total, tail = 0.0, (1.0 - confidence) / 2.0
    low, high = _reach(first, samples), _reach(second, samples)
    for both in range(low[0] + high[0], low[1] + high[1] + 1):
        even = _reach(both / (2.0 * samples), samples)
        first_hit = max(0, both - samples, min(low[0], both - high[1], even[0]))
        last_hit = min(samples, both, max(low[1], both - high[0], even[1]))
        hits = np.arange(first_hit, last_hit + 1)
        log_null = log_ways[hits] + log_ways[both - hits]
        null = np.exp(log_null - log_null.max())
        null /= null.sum()
        seen = (np.cumsum(null) <= tail) | (np.cumsum(null[::-1])[::-1] <= tail)
        total += float((chances[0][hits] * chances[1][both - hits])[seen].sum())
    return total


def groups_plan(
    first: float, second: float, *, confidence: float, power: float, clusters: Clusters = ALONE
) -> Plan | None:
    """Return the fewest samples in each of two groups of one size that are seen to differ with the chance `power`.

    `samples` and `units` of the plan are those of one group. Clusters: times the design effect, an
    approximation. None when a million would not do.
    """
    checked_power(power)
    if first == second:
        raise InputError("two groups that do not differ cannot be told apart", remedy="Give different rates.")
    number = fewest(lambda n: groups_power(first, second, n, confidence=confidence) >= power, 2)
    if number is None:
        return None
    reached = groups_power(first, second, number, confidence=confidence)
    return inflated(number, clusters, reached, "exact, Fisher's exact test")


def _checked_discordant(first_only: float, second_only: float) -> float:
    discordant = first_only + second_only
    if min(first_only, second_only) < 0 or not 0 < discordant <= 1:
        raise InputError("the chances that a case differs are not negative, and together above 0 and at most 1")
    return discordant


def _log_ways(number: int) -> Array:
    from scipy.special import gammaln

    hits = np.arange(number + 1)
    return np.asarray(gammaln(number + 1) - gammaln(hits + 1) - gammaln(number - hits + 1))


def _reach(rate: float, samples: int) -> tuple[int, int]:
    """Return the counts outside of which there is no chance worth counting."""
    width = 9.0 * math.sqrt(samples * rate * (1.0 - rate)) + 9.0
    return max(0, math.floor(samples * rate - width)), min(samples, math.ceil(samples * rate + width))
