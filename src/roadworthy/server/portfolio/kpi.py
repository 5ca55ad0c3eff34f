"""What a KPI is: its words, its target, and the population that the database counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Expression, QuerySet

from roadworthy.server.portfolio.tally import Shape

ALL = ""
"""Key of the target that holds for every tier."""


class Direction(StrEnum):
    """Which way is good."""

    UP = "up"
    DOWN = "down"
    STEADY = "steady"


class Unit(StrEnum):
    """What a value counts."""

    SHARE = "%"
    DAYS = "business days"
    POINTS = "points"
    FINDINGS = "findings"


@dataclass(frozen=True)
class Target:
    """The band of good values; an open end is None."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Flow:
    """A population of rows that fall into a period by a moment of theirs; counted by the database in one query."""

    rows: Callable[[], QuerySet[Any]]
    """All rows; those of a period are found by `at`."""
    at: str
    """Field of the moment that puts a row into a period; indexed."""
    numerator: Expression | None = None
    denominator: Expression | None = None
    """Without it, each row counts once."""
    unknown: Expression | None = None
    span: tuple[str, str] | None = None
    """Fields between which business days are counted, for a median."""
    needs_look: Callable[[], tuple[QuerySet[Any], str]] | None = None
    """Rows, and their moment, that show that somebody looked in the period: without them a total is unknown, not 0."""


@dataclass(frozen=True)
class Stock:
    """What was so at the end of a period: the newest fact of each system before it."""

    rows: Callable[[datetime], QuerySet[Any]]
    """Takes the first moment after the period; returns one row for each system of which something is known."""
    at: str
    numerator: Expression | None = None
    stale: Callable[[datetime], Expression] | None = None
    unknown: Callable[[datetime], QuerySet[Any]] | None = None
    """Rows of the population of which nothing is known; they count neither for nor against."""


@dataclass(frozen=True)
class Kpi:
    """A key performance indicator, computed from rows that events left."""

    id: str
    title: str
    formula: str
    """In words."""
    population: str
    exclusions: str
    shape: Shape
    unit: Unit
    direction: Direction
    count: Flow | Stock
    target: Mapping[str, Target] = field(default_factory=dict)
    """By tier; ALL for every tier."""
    cadence: str = "monthly"
    tiers: tuple[str, ...] = ()
    """Tiers of the population; empty: all."""
    row_link: str = ""
    """Path from a row to what its page shows: `release`, `finding`, `request`; empty: the row itself."""
    shows: str = ""
    """Field or annotation of a row that the list of rows shows as its value."""
    shows_title: str = "Value"

    def target_of(self, tier: str) -> Target | None:
        """Return the target at a tier; for all tiers together, the one for every tier, or that of the strictest."""
        if tier:
            return self.target.get(tier, self.target.get(ALL))
        return self.target.get(ALL)


@dataclass(frozen=True)
class Unmeasured:
    """A KPI of the field whose events this server does not record yet. It has no value, which is not zero."""

    title: str
    target: str
    needs: str
    """What would have to be recorded."""
