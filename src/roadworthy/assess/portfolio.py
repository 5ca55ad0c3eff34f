"""Weigh the residual risk of systems against each other, for a register of the whole portfolio.

A system's index is the sum of the residual scores of its scenarios, times a weight for its tier and one for its reach.
It is an order for attention: scores are products of ranks (see risk.py), and a sum of them is no expected loss. Hence
both ends, the worst band and the count by band are given beside it, so that no sum hides a critical risk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from roadworthy.assess.risk import Band, Score
from roadworthy.core.model import FileModel
from roadworthy.declare.system import System
from roadworthy.standard.model import Tier

TIER_WEIGHTS: dict[Tier, int] = {Tier.LOW: 1, Tier.MEDIUM: 2, Tier.HIGH: 4, Tier.PROHIBITED: 8}
REACH_STEPS = (1_000, 10_000, 100_000, 1_000_000)
"""People a month; each step reached adds 1 to the weight, which starts at 1."""


class SystemRisk(FileModel):
    """The residual risk of one system."""

    system: str
    tier: Tier
    monthly: int = 0
    """People reached a month; 0 when unknown."""
    internal_only: bool = False
    residual: tuple[Score, ...]
    """Of each scenario that has not been dismissed."""


class WeightedRisk(FileModel):
    """A system's place in the portfolio."""

    system: str
    tier: Tier
    tier_weight: int
    reach_weight: int
    low: int
    """Index from the lower ends."""
    high: int
    """Index from the upper ends; the one that orders."""
    share: float
    """Of the total of the upper ends, from 0 to 1."""
    worst: Band | None
    """None where no scenario was rated: such a system has not been assessed, and is not safe."""
    bands: dict[Band, int]


class PortfolioRisk(FileModel):
    """Every system, the gravest first, and the totals."""

    systems: tuple[WeightedRisk, ...]
    low: int
    high: int
    bands: dict[Band, int]
    not_assessed: tuple[str, ...]


def reach_weight(monthly: int, *, internal_only: bool) -> int:
    """Return 1 to 5 by reach; an unknown reach outside the company counts as the widest, inside as the middle."""
    if monthly == 0:
        return 3 if internal_only else len(REACH_STEPS) + 1
    return 1 + sum(monthly >= step for step in REACH_STEPS)


def system_risk(system: System, tier: Tier, residual: Iterable[Score]) -> SystemRisk:
    """Gather what is weighed of a declared system."""
    users = system.users
    return SystemRisk(
        system=system.system,
        tier=tier,
        monthly=users.monthly,
        internal_only=users.internal_only,
        residual=tuple(residual),
    )


def weigh_portfolio(systems: Sequence[SystemRisk]) -> PortfolioRisk:
    """Weigh systems and total them. Deterministic: equal indices are ordered by name."""
    total = sum(_weight(system) * score.high for system in systems for score in system.residual)
    weighed = sorted((_weigh(system, total) for system in systems), key=_gravest_first)
    bands = Counter(score.band for system in systems for score in system.residual)
    return PortfolioRisk(
        systems=tuple(weighed),
        low=sum(item.low for item in weighed),
        high=total,
        bands={band: bands[band] for band in Band},
        not_assessed=tuple(item.system for item in weighed if item.worst is None),
    )


def _weigh(system: SystemRisk, total: int) -> WeightedRisk:
    bands = Counter(score.band for score in system.residual)
    lows, highs = [score.low for score in system.residual], [score.high for score in system.residual]
    low, high = (_weight(system) * sum(ends) for ends in (lows, highs))
    return WeightedRisk(
        system=system.system,
        tier=system.tier,
        tier_weight=TIER_WEIGHTS[system.tier],
        reach_weight=reach_weight(system.monthly, internal_only=system.internal_only),
        low=low,
        high=high,
        share=high / total if total else 0.0,
        worst=max(bands, key=lambda band: band.rank, default=None),
        bands={band: bands[band] for band in Band},
    )


def _weight(system: SystemRisk) -> int:
    return TIER_WEIGHTS[system.tier] * reach_weight(system.monthly, internal_only=system.internal_only)


def _gravest_first(item: WeightedRisk) -> tuple[int, int, str]:
    return -item.high, -(item.worst.rank if item.worst else -1), item.system
