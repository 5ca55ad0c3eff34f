"""Propose the scenarios that concern a declared system, with the facts that led to each, gravest first."""

from __future__ import annotations

from typing import Any

from roadworthy.assess.risk import Score, score
from roadworthy.assess.scale import Factor, Rating
from roadworthy.assess.scenario import Category, Raise, Scenario, load_raises, load_scenarios
from roadworthy.core.errors import InputError
from roadworthy.core.model import FileModel
from roadworthy.declare.system import System
from roadworthy.standard.model import Reference
from roadworthy.standard.predicate import Predicate, system_facts


class Raised(FileModel):
    """A declared fact that raised a factor of a rating."""

    factor: Factor
    by: int
    because: str
    facts: dict[str, str]


class Proposal(FileModel):
    """A scenario of the library that concerns a system."""

    scenario: str
    title: str
    harm: str
    category: Category
    because: str
    facts: dict[str, str]
    """Declared field -> its value as text: what led to the proposal."""
    rating: Rating
    """The suggested ranges, raised by what is declared."""
    raised: tuple[Raised, ...] = ()
    inherent: Score
    mitigations: tuple[str, ...]
    metrics: tuple[str, ...]
    maps: tuple[Reference, ...]


def propose_scenarios(system: System) -> tuple[Proposal, ...]:
    """List the scenarios that apply, by inherent risk; one whose predicate cannot be evaluated applies."""
    facts = system_facts(system)
    raises = [(item, note) for item in load_raises() for held, note in [applies(item.predicate, facts)] if held]
    found = [
        _proposal(scenario, note, raises, facts)
        for scenario in load_scenarios().values()
        for held, note in [applies(scenario.predicate, facts)]
        if held
    ]
    return tuple(sorted(found, key=_gravest_first))


def applies(predicate: Predicate, facts: dict[str, Any]) -> tuple[bool, str]:
    """Evaluate a predicate; an error takes the stricter side, and the note says so."""
    try:
        return predicate.holds(facts), ""
    except InputError as error:
        return True, f" (applied because it could not be evaluated: {error.problem})"


def _proposal(scenario: Scenario, note: str, raises: list[tuple[Raise, str]], facts: dict[str, Any]) -> Proposal:
    concerned = [(item, why) for item, why in raises if not item.categories or scenario.category in item.categories]
    rating = raised_rating(scenario.rating, [item for item, _ in concerned])
    return Proposal(
        scenario=scenario.id,
        title=scenario.title,
        harm=scenario.harm,
        category=scenario.category,
        because=scenario.because + note,
        facts=scenario.predicate.facts_read(facts),
        rating=rating,
        raised=tuple(
            Raised(factor=r.factor, by=r.by, because=r.because + why, facts=r.predicate.facts_read(facts))
            for r, why in concerned
        ),
        inherent=score(rating),
        mitigations=scenario.mitigations,
        metrics=scenario.metrics,
        maps=scenario.maps,
    )


def raised_rating(rating: Rating, raises: list[Raise]) -> Rating:
    """Raise the upper ends by the facts that hold; of several for one factor the strongest counts alone."""
    for factor in Factor:
        by = max((item.by for item in raises if item.factor is factor), default=0)
        rating = rating.put(factor, rating.of(factor).shifted(0, by))
    return rating


def _gravest_first(proposal: Proposal) -> tuple[int, int, int, int, str]:
    band, high, low = proposal.inherent.order
    return -band, -high, -low, -proposal.rating.severity.high, proposal.scenario
