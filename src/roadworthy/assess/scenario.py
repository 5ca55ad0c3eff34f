"""Harm scenarios: who may be hurt and how, for which systems, how gravely, and what helps."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from roadworthy.assess.catalogue import check_known, check_references, check_unique, checked, read_items
from roadworthy.assess.mitigation import load_mitigations
from roadworthy.assess.scale import Factor, Range, Rating
from roadworthy.core.model import FileModel
from roadworthy.declare.system import Slug, Text
from roadworthy.standard.model import MetricName, Reference
from roadworthy.standard.predicate import Predicate

SCENARIOS = Path(__file__).parent / "scenarios"
LIBRARY = "2026.1"
"""Version of the library; an assessment records it."""


class Category(StrEnum):
    """What sort of harm it is."""

    SAFETY = "safety"
    FAIRNESS = "fairness"
    PRIVACY = "privacy"
    SECURITY = "security"
    ROBUSTNESS = "robustness"
    EXPLAINABILITY = "explainability"
    GROUNDING = "grounding"
    OVERSIGHT = "oversight"
    TRANSPARENCY = "transparency"
    LEGAL = "legal"
    SOCIETY = "society"


class Scenario(FileModel):
    """One way in which somebody may be harmed."""

    id: Slug
    title: Text
    harm: Text
    """Who is hurt, and how."""
    category: Category
    when: Text
    """CEL over `system`: the systems that it concerns."""
    because: Text
    """Why the facts that `when` reads lead to it."""
    severity: Range
    likelihood: Range
    exposure: Range
    detectability: Range
    mitigations: tuple[Slug, ...] = Field(min_length=1)
    metrics: tuple[MetricName, ...] = ()
    """Metrics that measure how often it happens; empty where none of the table does."""
    maps: tuple[Reference, ...] = Field(min_length=1)

    @property
    def rating(self) -> Rating:
        """The suggested rating, before what is declared raises it."""
        return Rating(
            severity=self.severity,
            likelihood=self.likelihood,
            exposure=self.exposure,
            detectability=self.detectability,
        )

    @property
    def predicate(self) -> Predicate:
        """The checked form of `when`."""
        return checked(self.when)


class Raise(FileModel):
    """A declared fact that makes harms of some categories worse. Facts raise; only evidence lowers."""

    id: Slug
    when: Text
    """CEL over `system`."""
    because: Text
    categories: tuple[Category, ...] = ()
    """Empty: every category."""
    factor: Factor
    by: int = Field(default=1, ge=1, le=4)
    """Steps added to the upper end."""

    @property
    def predicate(self) -> Predicate:
        """The checked form of `when`."""
        return checked(self.when)


@functools.cache
def load_scenarios() -> Mapping[str, Scenario]:
    """Load the library by id. Raises InputErrors on a bad file, id, predicate, mitigation or framework reference."""
    items = read_items(SCENARIOS, "scenarios", Scenario)
    check_unique(items, "scenario")
    for item in items:
        checked(item.when)
        check_known(item.mitigations, load_mitigations(), f"scenario {item.id!r}", "mitigation")
        check_references(item.maps, f"scenario {item.id!r}")
    return {item.id: item for item in items}


@functools.cache
def load_raises() -> tuple[Raise, ...]:
    """Load the facts that raise ratings."""
    items = read_items(SCENARIOS / "raises", "raises", Raise)
    check_unique(items, "raise")
    for item in items:
        checked(item.when)
    return tuple(items)
