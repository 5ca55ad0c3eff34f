"""Scenarios of an assessment and their mitigations over the API. The ETag is that of the assessment."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status

from roadworthy.server.access.request import Request
from roadworthy.server.assessments import scenarios, treatments
from roadworthy.server.assessments.api import Key
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.assessments.rows import find
from roadworthy.server.assessments.schemas import (
    AssessmentOut,
    ReasonIn,
    ScenarioChange,
    ScenarioIn,
    ScenarioOut,
    TreatmentIn,
    scenario_value,
)
from roadworthy.server.assessments.treatments import Progress
from roadworthy.server.wire.paging import Page
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Assessments"])
Scenario = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
PATH = "/assessments/{assessment}/scenarios"


@router.get(
    PATH,
    response=Page[ScenarioOut],
    url_name="scenarios",
    operation_id="list_scenarios",
    summary="List the scenarios of an assessment",
)
def list_scenarios(request: Request, response: HttpResponse, assessment: Key) -> dict[str, Any]:
    """List every scenario of an assessment, also those that were dismissed; there are at most 300."""
    row = find(request.actor, assessment)
    tag(response, row)
    return {"items": [scenario_value(item, today()) for item in content_of(row).scenarios], "next": None}


@router.post(
    PATH,
    response={201: ScenarioOut},
    url_name="scenarios",
    operation_id="add_scenario",
    summary="Add a scenario",
    openapi_extra=IF_MATCH,
)
def add_scenario(request: Request, response: HttpResponse, assessment: Key, given: ScenarioIn) -> Status[Any]:
    """Add to a draft what the library lacks; its id is made from its title."""
    added = scenarios.Added(
        given.title,
        given.harm,
        given.category,
        given.because,
        scenarios.rating_of(given.rating.dict()),
        tuple(given.mitigations),
    )
    row, id_ = scenarios.add_scenario(request.actor, assessment, asked_revision(request), added)
    return Status(201, _shown(response, row, id_))


@router.post(
    "/assessments/{assessment}/acceptance-of-rest",
    response=AssessmentOut,
    url_name="scenarios_acceptance",
    operation_id="accept_remaining_scenarios",
    summary="Accept every proposal that nobody has looked at",
    openapi_extra=IF_MATCH,
)
def accept_rest(request: Request, response: HttpResponse, assessment: Key, given: ReasonIn) -> Assessment:
    """Take the remaining proposals of a draft as they stand, with one reason."""
    row = scenarios.accept_rest(request.actor, assessment, asked_revision(request), given.reason)
    tag(response, row)
    return row


@router.get(
    PATH + "/{scenario}",
    response=ScenarioOut,
    url_name="scenario",
    operation_id="show_scenario",
    summary="Show a scenario",
)
def show_scenario(request: Request, response: HttpResponse, assessment: Key, scenario: Scenario) -> dict[str, Any]:
    """Show one scenario with its mitigations and what people did."""
    return _shown(response, find(request.actor, assessment), scenario)


@router.patch(
    PATH + "/{scenario}",
    response=ScenarioOut,
    url_name="scenario",
    operation_id="change_scenario",
    summary="Change a scenario",
    openapi_extra=IF_MATCH,
)
def change_scenario(
    request: Request, response: HttpResponse, assessment: Key, scenario: Scenario, given: ScenarioChange
) -> dict[str, Any]:
    """Change rating or words of a scenario of a draft, with the reason; it is then accepted."""
    rating = scenarios.rating_of(given.rating.dict()) if given.rating else None
    row = scenarios.edit_scenario(
        request.actor,
        assessment,
        asked_revision(request),
        scenario,
        given.reason,
        rating=rating,
        title=given.title,
        harm=given.harm,
    )
    return _shown(response, row, scenario)


@router.post(
    PATH + "/{scenario}/acceptance",
    response=ScenarioOut,
    url_name="scenario_acceptance",
    operation_id="accept_scenario",
    summary="Accept a scenario as it stands",
    openapi_extra=IF_MATCH,
)
def accept_scenario(request: Request, response: HttpResponse, assessment: Key, scenario: Scenario) -> dict[str, Any]:
    """Take a scenario of a draft as it stands; also one that was dismissed."""
    row = scenarios.accept_scenario(request.actor, assessment, asked_revision(request), scenario)
    return _shown(response, row, scenario)


@router.post(
    PATH + "/{scenario}/dismissal",
    response=ScenarioOut,
    url_name="scenario_dismissal",
    operation_id="dismiss_scenario",
    summary="Dismiss a scenario",
    openapi_extra=IF_MATCH,
)
def dismiss_scenario(
    request: Request, response: HttpResponse, assessment: Key, scenario: Scenario, given: ReasonIn
) -> dict[str, Any]:
    """Say, with a reason, that a scenario does not concern the system."""
    row = scenarios.dismiss_scenario(request.actor, assessment, asked_revision(request), scenario, given.reason)
    return _shown(response, row, scenario)


@router.put(
    PATH + "/{scenario}/mitigations/{mitigation}",
    response=ScenarioOut,
    url_name="scenario_mitigation",
    operation_id="set_scenario_mitigation",
    summary="Set how a mitigation of a scenario stands",
    openapi_extra=IF_MATCH,
)
def set_mitigation(
    request: Request,
    response: HttpResponse,
    assessment: Key,
    scenario: Scenario,
    mitigation: Scenario,
    given: TreatmentIn,
) -> dict[str, Any]:
    """Set state, owner, due date and evidence; a mitigation of the library that the scenario lacks is added."""
    row = treatments.set_treatment(
        request.actor, assessment, asked_revision(request), scenario, mitigation, _progress(given)
    )
    return _shown(response, row, scenario)


@router.put(
    "/assessments/{assessment}/mitigations/{mitigation}",
    response=AssessmentOut,
    url_name="assessment_mitigation",
    operation_id="set_mitigation_everywhere",
    summary="Set how a mitigation stands in every scenario that has it",
    openapi_extra=IF_MATCH,
)
def set_everywhere(
    request: Request, response: HttpResponse, assessment: Key, mitigation: Scenario, given: TreatmentIn
) -> Assessment:
    """Set state, owner, due date and evidence in all scenarios that have the mitigation and are not dismissed."""
    row = treatments.set_everywhere(request.actor, assessment, asked_revision(request), mitigation, _progress(given))
    tag(response, row)
    return row


def _progress(given: TreatmentIn) -> Progress:
    return Progress(given.state, given.owner, given.due, tuple(given.evidence), given.reason)


def _shown(response: HttpResponse, row: Assessment, scenario: str) -> dict[str, Any]:
    tag(response, row)
    return scenario_value(scenarios.find_scenario(content_of(row), scenario), today())
