"""What people do with the scenarios of a draft: accept, dismiss, change, add. One transaction each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from pydantic import ValidationError

from roadworthy.assess import assessment as domain
from roadworthy.assess.assessment import AssessedScenario, Origin, Standing
from roadworthy.assess.mitigation import load_mitigations, treatment
from roadworthy.assess.scale import Factor, Rating
from roadworthy.assess.scenario import Category
from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.refusals import Missing
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.lifecycle import reasoned
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.assessments.rows import keep, locked_draft

MOST_MITIGATIONS = 30
"""Mitigations of one scenario."""


@dataclass(frozen=True)
class Added:
    """A scenario that a person adds."""

    title: str
    harm: str
    category: str
    because: str
    rating: Rating
    mitigations: tuple[str, ...] = ()
    """Ids of the library."""


@transaction.atomic
def accept_scenario(actor: Actor, pk: int, revision: int, scenario: str, why: str = "") -> Assessment:
    """Take a scenario as it stands."""
    row = locked_draft(actor, pk, revision)
    before = content_of(row)
    find_scenario(before, scenario)
    after = domain.accept(before, scenario, by=name_of(actor), at=timezone.now(), why=why.strip() or None)
    return keep(actor, row, after, "assessment.scenario_accepted", *_seen(before, after, scenario))


@transaction.atomic
def accept_rest(actor: Actor, pk: int, revision: int, why: str) -> Assessment:
    """Take every proposal of the library that nobody has looked at as it stands, with a reason."""
    row = locked_draft(actor, pk, revision)
    reason = reasoned(why, "accepting all that remains")
    content = content_of(row)
    rest = [item.id for item in content.scenarios if item.counts and not item.accepted]
    if not rest:
        raise InputError("no proposal remains", remedy="Submit the assessment for review.")
    for id_ in rest:
        content = domain.accept(content, id_, by=name_of(actor), at=timezone.now(), why=reason)
    after = {"accepted": len(rest)}
    return keep(actor, row, content, "assessment.scenarios_accepted", {}, after, reason=reason)


@transaction.atomic
def dismiss_scenario(actor: Actor, pk: int, revision: int, scenario: str, why: str) -> Assessment:
    """Say, with a reason, that a scenario does not concern the system."""
    row = locked_draft(actor, pk, revision)
    before = content_of(row)
    find_scenario(before, scenario)
    reason = reasoned(why, "dismissing a scenario")
    after = domain.dismiss(before, scenario, by=name_of(actor), at=timezone.now(), why=reason)
    return keep(actor, row, after, "assessment.scenario_dismissed", *_seen(before, after, scenario), reason=reason)


@transaction.atomic
def edit_scenario(
    actor: Actor,
    pk: int,
    revision: int,
    scenario: str,
    why: str,
    *,
    rating: Rating | None = None,
    title: str | None = None,
    harm: str | None = None,
) -> Assessment:
    """Change rating, title or harm of a scenario, with a reason; it is then accepted."""
    row = locked_draft(actor, pk, revision)
    before = content_of(row)
    find_scenario(before, scenario)
    reason = reasoned(why, "changing a scenario")
    after = domain.edit(
        before,
        scenario,
        by=name_of(actor),
        at=timezone.now(),
        why=reason,
        rating=rating,
        title=title.strip()[:300] if title else None,
        harm=harm.strip() if harm else None,
    )
    return keep(actor, row, after, "assessment.scenario_edited", *_seen(before, after, scenario), reason=reason)


@transaction.atomic
def add_scenario(actor: Actor, pk: int, revision: int, added: Added) -> tuple[Assessment, str]:
    """Add what the library lacks; returns the assessment and the id of the scenario, made from its title."""
    row = locked_draft(actor, pk, revision)
    before = content_of(row)
    scenario = _scenario(added, {item.id for item in before.scenarios})
    after = domain.add(before, scenario, by=name_of(actor), at=timezone.now())
    keep(actor, row, after, "assessment.scenario_added", *_seen(None, after, scenario.id))
    return row, scenario.id


def find_scenario(content: domain.Assessment, scenario: str) -> AssessedScenario:
    """Return a scenario of an assessment; raises Missing that names the nearest one."""
    try:
        return content.scenario(scenario)
    except InputError as error:
        raise Missing(error.problem, remedy=error.remedy) from error


def name_of(actor: Actor) -> str:
    """Return how an assessment names who changed it."""
    return actor.name[:300] or actor.id


def rating_of(value: Mapping[str, Any]) -> Rating:
    """Read a rating: factor -> [low, high]. Raises InputError for steps that are none or in the wrong order."""
    try:
        return Rating.model_validate({factor.value: value[factor.value] for factor in Factor})
    except KeyError as error:
        raise InputError(f"the rating lacks {error.args[0]}", remedy="Give a range for all four factors.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = str(first["loc"][0]) if first["loc"] else "rating"
        raise InputError(f"{place}: {first['msg']}", remedy="Steps go from 1 to 5, the lower end first.") from error


def mitigations_of(ids: tuple[str, ...]) -> tuple[Any, ...]:
    """Return mitigations of the library as proposals; raises InputError for an unknown one."""
    known = load_mitigations()
    if unknown := next((one for one in ids if one not in known), None):
        raise InputError(f"there is no mitigation {unknown!r}", remedy=did_you_mean(unknown, known))
    if len(ids) > MOST_MITIGATIONS:
        raise InputError("these are too many mitigations", remedy=f"Choose up to {MOST_MITIGATIONS}.")
    return tuple(treatment(known[one]) for one in dict.fromkeys(ids))


def _scenario(added: Added, taken: set[str]) -> AssessedScenario:
    try:
        return AssessedScenario(
            id=_free(slugify(added.title)[:50].strip("-_") or "scenario", taken),
            title=added.title.strip()[:300],
            harm=added.harm.strip(),
            category=Category(added.category),
            because=added.because.strip(),
            rating=added.rating,
            treatments=mitigations_of(added.mitigations),
            origin=Origin.PERSON,
            standing=Standing.ACCEPTED,
        )
    except ValueError as error:
        raise InputError(
            "the scenario is not complete",
            remedy="Give a title, who is hurt and how, a category, and why it may happen.",
        ) from error


def _free(slug: str, taken: set[str]) -> str:
    if slug not in taken:
        return slug
    return next(f"{slug}-{number}" for number in range(2, len(taken) + 3) if f"{slug}-{number}" not in taken)


def _seen(
    before: domain.Assessment | None, after: domain.Assessment, scenario: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    old = before.scenario(scenario) if before else None
    return (_facts(old) if old else {"scenario": scenario}), _facts(after.scenario(scenario))


def _facts(item: AssessedScenario) -> dict[str, Any]:
    rating = {factor.value: str(item.rating.of(factor)) for factor in Factor}
    said = {"scenario": item.id, "title": item.title, "harm": item.harm, "standing": str(item.standing)}
    return {**said, **rating, "residual": str(item.residual(today()))}
