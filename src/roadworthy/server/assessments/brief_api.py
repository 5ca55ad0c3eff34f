"""Briefs over the API: draft from one, take over what a model suggests, go on, discard."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.server.access.request import Request
from roadworthy.server.assessments import briefs
from roadworthy.server.assessments.api import Key
from roadworthy.server.assessments.brief_reading import file_of, plan_of
from roadworthy.server.assessments.brief_schemas import (
    BriefDetail,
    BriefIn,
    BriefOut,
    DeclarationOut,
    IntakeOut,
    SuggestionAnswerIn,
    detail_value,
    questions_value,
)
from roadworthy.server.assessments.models import Brief
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.problems import problems
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Briefs"])


@router.get(
    "/briefs", response=Page[BriefOut], url_name="briefs", operation_id="list_briefs", summary="List product briefs"
)
def list_briefs(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List your own briefs, and those that systems were declared from, newest first."""
    return paged(briefs.seen_briefs(request.actor), paging)


@router.post(
    "/briefs",
    response={201: BriefDetail},
    url_name="briefs",
    operation_id="draft_brief",
    summary="Draft from a product brief",
)
def draft_brief(request: Request, response: HttpResponse, given: BriefIn) -> Status[Any]:
    """Draft tier, risks and plan from a brief, by rules. It is yours alone until a system is declared from it."""
    row = briefs.draft_brief(request.actor, given.text, given.title)
    return Status(201, _shown(response, row))


@router.get(
    "/briefs/{brief}", response=BriefDetail, url_name="brief", operation_id="show_brief", summary="Show a brief"
)
def show_brief(request: Request, response: HttpResponse, brief: Key) -> dict[str, Any]:
    """Show a brief with what was read, what is open, and what follows."""
    return _shown(response, briefs.find_brief(request.actor, brief))


@router.delete(
    "/briefs/{brief}",
    response={204: None},
    url_name="brief",
    operation_id="discard_brief",
    summary="Discard a brief",
    openapi_extra=IF_MATCH,
)
def discard_brief(request: Request, brief: Key) -> Status[None]:
    """Remove a brief of yours with its draft; an intake that began with it stays."""
    briefs.discard_brief(request.actor, brief, asked_revision(request))
    return Status(204, None)


@router.get(
    "/briefs/{brief}/declaration",
    response=DeclarationOut,
    url_name="brief_declaration",
    operation_id="show_brief_declaration",
    summary="Show the draft as roadworthy.yaml",
)
def show_declaration(request: Request, brief: Key) -> dict[str, str]:
    """Show the draft as a file that `roadworthy check` accepts; open facts stand on their stricter side."""
    return {"file": file_of(plan_of(briefs.find_brief(request.actor, brief)))}


@router.post(
    "/briefs/{brief}/suggestions",
    response={200: BriefDetail, **problems(502)},
    url_name="brief_suggestions",
    operation_id="ask_drafter",
    summary="Have the configured model suggest",
    openapi_extra=IF_MATCH,
)
def ask_model(request: Request, response: HttpResponse, brief: Key) -> dict[str, Any]:
    """Send a brief of yours to the configured model. What it suggests changes nothing until you take it over."""
    return _shown(response, briefs.ask_model(request.actor, brief, asked_revision(request)))


@router.post(
    "/briefs/{brief}/suggestions/{number}",
    response=BriefDetail,
    url_name="brief_suggestion",
    operation_id="answer_suggestion",
    summary="Take over a suggestion, or leave it out",
    openapi_extra=IF_MATCH,
)
def answer_suggestion(
    request: Request,
    response: HttpResponse,
    brief: Key,
    number: Annotated[int, Path(ge=0, le=1000)],
    given: SuggestionAnswerIn,
) -> dict[str, Any]:
    """Take over what a model suggested as a fact, which drafts anew, or leave it out."""
    row = briefs.answer_suggestion(request.actor, brief, asked_revision(request), number, take=given.take)
    return _shown(response, row)


@router.post(
    "/briefs/{brief}/intake",
    response={201: IntakeOut},
    url_name="brief_intake",
    operation_id="start_intake_from_brief",
    summary="Begin an intake with the draft",
    openapi_extra=IF_MATCH,
)
def start_intake(request: Request, brief: Key) -> Status[Any]:
    """Begin an intake with the draft; what was assumed stands on its stricter side and is to be confirmed there."""
    revision = asked_revision(request)
    intake = briefs.start_from_brief(request.actor, brief, revision)
    plan = plan_of(briefs.find_brief(request.actor, brief))
    return Status(201, {"intake": intake.pk, "to_confirm": questions_value(plan)})


def _shown(response: HttpResponse, row: Brief) -> dict[str, Any]:
    tag(response, row)
    return detail_value(row)
