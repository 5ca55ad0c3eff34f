"""Office hours over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Field, Path, Query, Router, Schema, Status

from roadworthy.server.access.request import Request
from roadworthy.server.systems import office_hours
from roadworthy.server.systems.models import Question
from roadworthy.server.systems.schemas import PLAIN
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import asked_revision, tag

router = Router(tags=["Office hours"])
QuestionPk = Annotated[int, Path(gt=0, lt=2**63, description="Id of a question.")]


class QuestionIn(Schema):
    """A question."""

    title: str = Field(min_length=1, max_length=300, pattern=PLAIN)
    body: str = Field(min_length=1, max_length=20_000, pattern=PLAIN)
    system: str = Field("", max_length=64, pattern=r"^([a-z0-9][a-z0-9._-]*)?$", description="Id of a system.")
    topic: str = Field("", max_length=64, pattern=PLAIN, description=f"One of: {', '.join(office_hours.TOPICS)}.")


class TriageIn(Schema):
    """Where a question goes."""

    topic: str = Field(max_length=64, pattern=PLAIN)
    assignee: int | None = Field(None, gt=0, lt=2**63, description="Id of a person.")


class AnswerIn(Schema):
    """An answer."""

    answer: str = Field(min_length=1, max_length=20_000, pattern=PLAIN)
    interpretation: str = Field("", max_length=20_000, pattern=PLAIN, description="What it means for everybody.")


class QuestionOut(Schema):
    """A question with what became of it."""

    id: int
    title: str
    body: str
    topic: str
    state: str
    system: str | None
    asked_by: str
    assigned_to: str | None
    answer: str
    interpretation: str
    asked_at: datetime
    due: datetime
    answered_at: datetime | None
    business_days: int | None = Field(description="From asked to answered.")
    revision: int

    @staticmethod
    def resolve_system(row: Question) -> str | None:
        """Return the id of its system."""
        return row.system.slug if row.system else None

    @staticmethod
    def resolve_asked_by(row: Question) -> str:
        """Return the name of who asked."""
        return row.asked_by.name

    @staticmethod
    def resolve_assigned_to(row: Question) -> str | None:
        """Return the name of who is to answer."""
        return row.assigned_to.name if row.assigned_to else None


class InterpretationOut(Schema):
    """How the standard is read, for everybody."""

    topic: str
    interpretation: str
    answered_at: datetime


class QuestionFilter(Schema):
    """What narrows the list of questions."""

    state: Literal["open", "triaged", "answered", "withdrawn"] | None = None
    topic: str = Field("", max_length=64, pattern=PLAIN)


@router.get("/questions", response=Page[QuestionOut], url_name="questions", summary="List questions")
def list_questions(request: Request, paging: Query[Paging], narrow: Query[QuestionFilter]) -> dict[str, Any]:
    """List the questions that you may read, newest first."""
    given = {name: value for name, value in narrow.dict().items() if value}
    return paged(office_hours.visible_questions(request.actor).filter(**given), paging)


@router.post("/questions", response={201: QuestionOut}, url_name="questions", summary="Ask a question")
def ask_question(request: Request, response: HttpResponse, given: QuestionIn) -> Any:
    """Ask at office hours."""
    row = office_hours.ask(request.actor, **given.dict())
    tag(response, row)
    return Status(201, row)


@router.get(
    "/interpretations", response=Page[InterpretationOut], url_name="interpretations", summary="List interpretations"
)
def list_interpretations(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List how the standard is read, as settled at office hours, newest first."""
    del request
    return paged(office_hours.interpretations(), paging)


@router.get("/questions/{pk}", response=QuestionOut, url_name="question", summary="Show a question")
def show_question(request: Request, response: HttpResponse, pk: QuestionPk) -> Question:
    """Show a question with its answer."""
    row = office_hours.find_question(request.actor, pk)
    tag(response, row)
    return row


@router.post("/questions/{pk}/triage", response=QuestionOut, url_name="question_triage", summary="Triage a question")
def triage_question(request: Request, response: HttpResponse, pk: QuestionPk, given: TriageIn) -> Question:
    """Give a question its topic and somebody who answers it."""
    row = office_hours.triage(request.actor, pk, asked_revision(request), **given.dict())
    tag(response, row)
    return row


@router.post("/questions/{pk}/answer", response=QuestionOut, url_name="question_answer", summary="Answer a question")
def answer_question(request: Request, response: HttpResponse, pk: QuestionPk, given: AnswerIn) -> Question:
    """Answer a question, and say what it means for everybody."""
    row = office_hours.answer(request.actor, pk, asked_revision(request), **given.dict())
    tag(response, row)
    return row


@router.post(
    "/questions/{pk}/withdraw", response=QuestionOut, url_name="question_withdraw", summary="Withdraw a question"
)
def withdraw_question(request: Request, response: HttpResponse, pk: QuestionPk) -> Question:
    """Take back your own question."""
    row = office_hours.withdraw(request.actor, pk, asked_revision(request))
    tag(response, row)
    return row
