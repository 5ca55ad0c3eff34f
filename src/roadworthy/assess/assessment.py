"""A risk assessment: scenarios proposed, accepted, edited, added and dismissed by people; kept as JSON.

Functions return a new assessment. A proposal counts until a person dismisses it with a reason: silence is not safety.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from roadworthy.assess.mitigation import Treatment, load_mitigations, residual_rating, treatment
from roadworthy.assess.propose import Proposal, propose_scenarios
from roadworthy.assess.risk import Score, score
from roadworthy.assess.scale import Rating
from roadworthy.assess.scenario import LIBRARY, Category
from roadworthy.core.errors import InputError
from roadworthy.core.model import FileModel
from roadworthy.core.names import did_you_mean
from roadworthy.declare.system import Slug, System, Text
from roadworthy.standard.model import MetricName, Reference


class Origin(StrEnum):
    """Where something in an assessment or a draft comes from."""

    PROPOSED = "proposed"
    """The rules of the library."""
    PERSON = "person"
    MODEL = "model"
    """A language model; it counts once a person accepts it."""


class Standing(StrEnum):
    """What people have said of a scenario."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class Change(FileModel):
    """Who did what, when and why."""

    what: Text
    by: Text
    at: datetime
    why: Text | None = None


class AssessedScenario(FileModel):
    """One scenario of one system, as it is rated now."""

    id: Slug
    """Of the library, or given by the person who added it."""
    title: Text
    harm: Text
    category: Category
    because: Text
    facts: dict[str, str] = {}
    rating: Rating
    """Inherent: without any mitigation."""
    treatments: tuple[Treatment, ...] = ()
    origin: Origin = Origin.PROPOSED
    model: Text | None = None
    """Name of the model, where the origin is one."""
    standing: Standing = Standing.PROPOSED
    metrics: tuple[MetricName, ...] = ()
    maps: tuple[Reference, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def accepted(self) -> bool:
        """Tell whether a person has accepted it."""
        return self.standing is Standing.ACCEPTED

    @property
    def counts(self) -> bool:
        """Tell whether it is in the register: not dismissed, and not merely a model's idea."""
        return self.standing is Standing.ACCEPTED or (
            self.standing is Standing.PROPOSED and self.origin is not Origin.MODEL
        )

    @property
    def inherent(self) -> Score:
        """Score without mitigations."""
        return score(self.rating)

    def residual_rating(self, day: date) -> Rating:
        """Return the ranges after the mitigations that are in place with evidence on `day`."""
        return residual_rating(self.rating, self.treatments, day)

    def residual(self, day: date) -> Score:
        """Score after the mitigations that are in place with evidence on `day`."""
        return score(self.residual_rating(day))


class Assessment(FileModel):
    """The risk assessment of one release of a system."""

    format: int = Field(default=1, ge=1, le=1)
    system: Slug
    release: Text
    library: Text = LIBRARY
    """Version of the library that proposed."""
    made: datetime
    scenarios: tuple[AssessedScenario, ...] = ()

    def scenario(self, id_: str) -> AssessedScenario:
        """Return one scenario. Raises InputError that names the nearest one."""
        for item in self.scenarios:
            if item.id == id_:
                return item
        raise InputError(
            f"the assessment has no scenario {id_!r}", remedy=did_you_mean(id_, [item.id for item in self.scenarios])
        )


def start_assessment(system: System, at: datetime) -> Assessment:
    """Begin with what the library proposes for the system."""
    proposals = propose_scenarios(system)
    return Assessment(
        system=system.system, release=system.release, made=at, scenarios=tuple(map(assessed_proposal, proposals))
    )


def assessed_proposal(proposal: Proposal) -> AssessedScenario:
    """Take a proposal into an assessment, with its mitigations as proposals."""
    return AssessedScenario(
        id=proposal.scenario,
        title=proposal.title,
        harm=proposal.harm,
        category=proposal.category,
        because=proposal.because,
        facts=proposal.facts,
        rating=proposal.rating,
        treatments=tuple(treatment(load_mitigations()[id_]) for id_ in proposal.mitigations),
        metrics=proposal.metrics,
        maps=proposal.maps,
    )


def accept(assessment: Assessment, id_: str, *, by: str, at: datetime, why: str | None = None) -> Assessment:
    """Record that a person takes the scenario as it stands."""
    return _changed(assessment, id_, {"standing": Standing.ACCEPTED}, Change(what="accepted", by=by, at=at, why=why))


def dismiss(assessment: Assessment, id_: str, *, by: str, at: datetime, why: str) -> Assessment:
    """Record that a person says, with a reason, that the scenario does not concern the system."""
    _reasoned(why, "dismiss a scenario")
    return _changed(assessment, id_, {"standing": Standing.DISMISSED}, Change(what="dismissed", by=by, at=at, why=why))


def edit(
    assessment: Assessment,
    id_: str,
    *,
    by: str,
    at: datetime,
    why: str,
    rating: Rating | None = None,
    treatments: tuple[Treatment, ...] | None = None,
    title: str | None = None,
    harm: str | None = None,
) -> Assessment:
    """Record what a person changes, with the reason; the scenario is then accepted. Raises InputError on no change."""
    _reasoned(why, "change a scenario")
    given = {"rating": rating, "treatments": treatments, "title": title, "harm": harm}
    before = assessment.scenario(id_)
    update = {name: value for name, value in given.items() if value is not None and value != getattr(before, name)}
    if not update:
        raise InputError(f"nothing of the scenario {id_!r} would change", remedy="Give another value, or accept it.")
    what = f"changed {', '.join(update)}"
    return _changed(
        assessment, id_, {**update, "standing": Standing.ACCEPTED}, Change(what=what, by=by, at=at, why=why)
    )


def add(assessment: Assessment, scenario: AssessedScenario, *, by: str, at: datetime) -> Assessment:
    """Add a scenario of a person (accepted) or of a model (to be accepted). Raises InputError when the id is taken."""
    if any(item.id == scenario.id for item in assessment.scenarios):
        raise InputError(f"the scenario {scenario.id!r} is there already", remedy="Edit it, or take another id.")
    standing = Standing.ACCEPTED if scenario.origin is Origin.PERSON else Standing.PROPOSED
    noted = (*scenario.changes, Change(what="added", by=by, at=at))
    added = scenario.model_copy(update={"standing": standing, "changes": noted})
    return assessment.model_copy(update={"scenarios": (*assessment.scenarios, added)})


def refresh(assessment: Assessment, system: System, at: datetime) -> Assessment:
    """Propose anew after the declaration changed: keep what people did, replace untouched proposals."""
    fresh = {item.id: item for item in start_assessment(system, at).scenarios}
    kept = [item for item in assessment.scenarios if item.changes]
    known = {item.id for item in kept}
    scenarios = (*kept, *(item for id_, item in fresh.items() if id_ not in known))
    return assessment.model_copy(
        update={"scenarios": scenarios, "made": at, "release": system.release, "library": LIBRARY}
    )


def read_assessment(value: dict[str, Any] | str | bytes) -> Assessment:
    """Read an assessment back from JSON. Raises InputError when it is not one."""
    try:
        if isinstance(value, dict):
            return Assessment.model_validate(value)
        return Assessment.model_validate_json(value)
    except ValidationError as error:
        raise InputError(
            f"this is not an assessment: {_first(error)}", remedy="Give the JSON that assessment_value wrote."
        ) from error


def assessment_value(assessment: Assessment) -> dict[str, Any]:
    """Return the assessment as plain JSON values."""
    return assessment.model_dump(mode="json")


def _changed(assessment: Assessment, id_: str, update: dict[str, Any], change: Change) -> Assessment:
    before = assessment.scenario(id_)
    after = _checked({**dict(before), **update, "changes": (*before.changes, change)})
    return assessment.model_copy(update={"scenarios": tuple(_put(assessment.scenarios, after))})


def _checked(fields: dict[str, Any]) -> AssessedScenario:
    try:
        return AssessedScenario.model_validate(fields)
    except ValidationError as error:
        raise InputError(f"the scenario cannot be so: {_first(error)}", remedy="Correct this value.") from error


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where or 'the text'}: {first['msg']}"


def _put(scenarios: Iterable[AssessedScenario], after: AssessedScenario) -> Iterable[AssessedScenario]:
    return (after if item.id == after.id else item for item in scenarios)


def _reasoned(why: str, what: str) -> None:
    if not why.strip():
        raise InputError(f"to {what} needs a reason", remedy="Say in a sentence why.")
