"""Intakes over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Path, Query, Router, Schema, Status

from roadworthy.server.access.request import Request
from roadworthy.server.systems.intake import discard, find_intake, hand_over, replace_answers, start_intake, submit
from roadworthy.server.systems.intake_check import problems_of
from roadworthy.server.systems.models import Intake, SystemVersion
from roadworthy.server.systems.schemas import PLAIN, VersionWhole
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import asked_revision, tag

router = Router(tags=["Intake"])
IntakePk = Annotated[int, Path(gt=0, lt=2**63, description="Id of an intake of yours.")]


class TodoOut(Schema):
    """Something to do before an intake can be submitted."""

    step: str
    label: str
    todo: str


class IntakeOut(Schema):
    """An intake."""

    id: int
    title: str
    system: str | None
    answers: dict[str, Any] = Field(description="Keys of roadworthy.yaml, as far as they are answered.")
    todo: list[TodoOut]
    submitted_at: datetime | None
    updated_at: datetime
    revision: int

    @staticmethod
    def resolve_system(row: Intake) -> str | None:
        """Return the id of its system."""
        return row.system.slug if row.system else None

    @staticmethod
    def resolve_todo(row: Intake) -> list[Any]:
        """Return what is left to do."""
        return [] if row.submitted_at else problems_of(row.answers)


class IntakeIn(Schema):
    """What an intake begins with."""

    title: str = Field("", max_length=300, pattern=PLAIN)
    system: str = Field(
        "", max_length=64, pattern=r"^([a-z0-9][a-z0-9._-]*)?$", description="System whose declaration is changed."
    )
    answers: dict[str, Any] = Field({}, description="Keys of roadworthy.yaml that are known already.")


class HandOverIn(Schema):
    """Who goes on with an intake."""

    to: int = Field(gt=0, lt=2**53, description="Key of a person.")


class AnswersIn(Schema):
    """All answers of an intake."""

    answers: dict[str, Any]


@router.get("/intakes", response=Page[IntakeOut], url_name="intakes", summary="List your intakes")
def list_intakes(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List the intakes that you began, newest first."""
    return paged(Intake.objects.filter(owner_id=request.actor.user_id).select_related("system"), paging)


@router.post("/intakes", response={201: IntakeOut}, url_name="intakes", summary="Begin an intake")
def begin_intake(request: Request, response: HttpResponse, given: IntakeIn) -> Any:
    """Begin an intake for a new system, or for a change of one that is there."""
    row = start_intake(request.actor, given.answers, given.title, given.system)
    tag(response, row)
    return Status(201, row)


@router.get("/intakes/{pk}", response=IntakeOut, url_name="intake", summary="Show an intake")
def show_intake(request: Request, response: HttpResponse, pk: IntakePk) -> Intake:
    """Show an intake with what is left to do."""
    row = find_intake(request.actor, pk)
    tag(response, row)
    return row


@router.put("/intakes/{pk}", response=IntakeOut, url_name="intake", summary="Replace the answers of an intake")
def change_intake(request: Request, response: HttpResponse, pk: IntakePk, given: AnswersIn) -> Intake:
    """Replace all answers; they may be unfinished."""
    row = replace_answers(request.actor, pk, asked_revision(request), given.answers)
    tag(response, row)
    return row


@router.delete("/intakes/{pk}", response={204: None}, url_name="intake", summary="Discard an intake")
def discard_intake(request: Request, pk: IntakePk) -> Any:
    """Give up an intake; its answers are removed."""
    discard(request.actor, pk, asked_revision(request))
    return Status(204, None)


@router.post(
    "/intakes/{pk}/hand-over", response={204: None}, url_name="intake_hand_over", summary="Hand over an intake"
)
def hand_over_intake(request: Request, pk: IntakePk, given: HandOverIn) -> Any:
    """Give an intake to somebody who may make one; it is no longer yours."""
    hand_over(request.actor, pk, asked_revision(request), given.to)
    return Status(204, None)


@router.post("/intakes/{pk}/submit", response=VersionWhole, url_name="intake_submit", summary="Submit an intake")
def submit_intake(request: Request, response: HttpResponse, pk: IntakePk) -> SystemVersion:
    """Make a version of the answers; what is missing is answered with 422, each with what to do."""
    version = submit(request.actor, pk, asked_revision(request))
    tag(response, version.system)
    return version
