"""Assessments over the API: the list, one, its register, comparison and threat model, its life."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.assess.register import compare_assessments, heat_map, register
from roadworthy.assess.threat_model import ThreatModel, model_threats
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.assessments import lifecycle
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.criticising import criticise
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.assessments.rows import find, seen
from roadworthy.server.assessments.schemas import (
    AssessmentOut,
    ComparisonOut,
    OptionalSlug,
    ReasonIn,
    RegisterOut,
    StartIn,
    ThreatModelOut,
    score_value,
)
from roadworthy.server.releases.remarks import RemarkOut
from roadworthy.server.systems.declaration import declared
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.problems import problems
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Assessments"])
Key = Annotated[int, Path(ge=1, le=2**53)]
State = Literal["", "draft", "in review", "accepted", "superseded"]


@router.get(
    "/assessments",
    response=Page[AssessmentOut],
    url_name="assessments",
    operation_id="list_assessments",
    summary="List risk assessments",
)
def list_assessments(
    request: Request, paging: Query[Paging], system: OptionalSlug = "", state: State = "", refresh_owed: bool = False
) -> dict[str, Any]:
    """List the assessments that you may see, newest first."""
    rows = seen(request.actor)
    given = {"system__slug": system, "state": state, "refresh_owed": refresh_owed}
    return paged(rows.filter(**{name: value for name, value in given.items() if value}), paging)


@router.post(
    "/assessments",
    response={201: AssessmentOut, **problems(404)},
    url_name="assessments",
    operation_id="start_assessment",
    summary="Begin a risk assessment",
)
def start_assessment(request: Request, response: HttpResponse, given: StartIn) -> Status[Any]:
    """Begin an assessment of the newest version of a system; what people did in the accepted one is taken over."""
    row = lifecycle.start(request.actor, given.system)
    tag(response, row)
    return Status(201, row)


@router.get(
    "/assessments/{assessment}",
    response=AssessmentOut,
    url_name="assessment",
    operation_id="show_assessment",
    summary="Show a risk assessment",
)
def show_assessment(request: Request, response: HttpResponse, assessment: Key) -> Assessment:
    """Show one assessment; its ETag is what a change of it, or of its scenarios, must name."""
    row = find(request.actor, assessment)
    tag(response, row)
    return row


@router.get(
    "/assessments/{assessment}/register",
    response=RegisterOut,
    url_name="assessment_register",
    operation_id="show_risk_register",
    summary="Show the register and the heat map",
)
def show_register(request: Request, assessment: Key) -> dict[str, Any]:
    """Show the risks that count, by residual risk of today, and their places on the heat map."""
    content, day = content_of(find(request.actor, assessment)), today()
    return {
        "day": day,
        "risks": [_entry(entry) for entry in register(content, day)],
        "inherent": heat_map(content),
        "residual": heat_map(content, day),
        "untouched": sum(item.counts and not item.accepted for item in content.scenarios),
    }


@router.get(
    "/assessments/{assessment}/threat-model",
    response=ThreatModelOut,
    url_name="assessment_threats",
    operation_id="show_threat_model",
    summary="Show the threat model",
)
def show_threats(request: Request, assessment: Key) -> dict[str, Any]:
    """Show what an attacker of the assessed version sees: assets, ways in, boundaries, threats with gaps."""
    row = find(request.actor, assessment)
    return {"version": row.version.number, **_threats(model_threats(declared(row.version)))}


@router.get(
    "/assessments/{assessment}/critique",
    response={200: list[RemarkOut], **problems(404)},
    url_name="assessment_critique",
    operation_id="criticise_assessment",
    summary="Criticise an assessment",
)
def show_critique(request: Request, assessment: Key) -> Any:
    """Say what is missing or weak beside the newest declaration, the gravest first, each with what would settle it."""
    return criticise(find(request.actor, assessment))


@router.get(
    "/assessments/{assessment}/comparison",
    response=ComparisonOut,
    url_name="assessment_comparison",
    operation_id="compare_assessments",
    summary="Compare with another assessment of the system",
)
def show_comparison(
    request: Request, assessment: Key, number: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> dict[str, Any]:
    """Show what differs from the assessment before, or from the one of a `number`."""
    row = find(request.actor, assessment)
    others = Assessment.objects.filter(system=row.system_id).exclude(pk=row.pk)
    other = others.filter(number=number).first() if number else others.filter(number__lt=row.number).first()
    if number and other is None:
        raise Missing("the system has no other assessment of this number", remedy="List its assessments.")
    found = compare_assessments(content_of(other), content_of(row), today()) if other else ()
    differences = [one.model_dump() for one in found]
    return {"before": other.number if other else None, "after": row.number, "differences": differences}


@router.post(
    "/assessments/{assessment}/refresh",
    response=AssessmentOut,
    url_name="assessment_refresh",
    operation_id="refresh_assessment",
    summary="Propose anew from the newest version",
    openapi_extra=IF_MATCH,
)
def refresh(request: Request, response: HttpResponse, assessment: Key) -> Assessment:
    """Propose anew: what people did stays, untouched proposals are made again; a review ends."""
    row = lifecycle.refresh(request.actor, assessment, asked_revision(request))
    tag(response, row)
    return row


@router.post(
    "/assessments/{assessment}/submission",
    response=AssessmentOut,
    url_name="assessment_submission",
    operation_id="submit_assessment",
    summary="Submit a draft for review",
    openapi_extra=IF_MATCH,
)
def submit(request: Request, response: HttpResponse, assessment: Key) -> Assessment:
    """Ask for a review."""
    row = lifecycle.submit(request.actor, assessment, asked_revision(request))
    tag(response, row)
    return row


@router.post(
    "/assessments/{assessment}/return",
    response=AssessmentOut,
    url_name="assessment_return",
    operation_id="return_assessment",
    summary="Return an assessment to its authors",
    openapi_extra=IF_MATCH,
)
def return_to_draft(request: Request, response: HttpResponse, assessment: Key, given: ReasonIn) -> Assessment:
    """End a review without acceptance, and say what is to be done."""
    row = lifecycle.return_to_draft(request.actor, assessment, asked_revision(request), given.reason)
    tag(response, row)
    return row


@router.post(
    "/assessments/{assessment}/acceptance",
    response=AssessmentOut,
    url_name="assessment_acceptance",
    operation_id="accept_assessment",
    summary="Accept an assessment",
    openapi_extra=IF_MATCH,
)
def accept(request: Request, response: HttpResponse, assessment: Key, given: ReasonIn) -> Assessment:
    """Accept an assessment as it was shown. A token accepts nothing, nor do the owner and whoever submitted it."""
    row = lifecycle.accept(request.actor, assessment, asked_revision(request), given.reason)
    tag(response, row)
    return row


def _entry(entry: Any) -> dict[str, Any]:
    same = ("scenario", "title", "category", "in_place", "open", "overdue")
    first = entry.sensitivity[0]
    return {
        **{name: getattr(entry, name) for name in same},
        "standing": str(entry.standing),
        "inherent": score_value(entry.inherent),
        "residual": score_value(entry.residual),
        "cell": [entry.cell.severity, entry.cell.likelihood],
        "decides": str(first.factor) if first.decides else "",
        "owners": list(entry.owners),
    }


def _threats(found: ThreatModel) -> dict[str, Any]:
    return {
        "assets": [{"id": one.id, "title": one.title, "about": one.declared} for one in found.assets],
        "entry_points": [{"id": one.id, "title": one.title, "about": one.declared} for one in found.entry_points],
        "boundaries": [{"id": one.id, "title": one.title, "about": one.crosses} for one in found.boundaries],
        "threats": [
            {
                **one.model_dump(exclude={"maps"}),
                "references": [f"{ref.framework} {ref.version} {ref.id}" for ref in one.maps],
            }
            for one in found.threats
        ],
    }
