"""Exceptions, and what is signed for requirements, over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.evidence.predicate import DocumentRef
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.decisions.categories import CATEGORIES
from roadworthy.server.decisions.exceptions import Asked, decide_exception, request_exception, withdraw_exception
from roadworthy.server.decisions.judging import ask_judgement
from roadworthy.server.decisions.models import ExceptionRequest
from roadworthy.server.decisions.records import records_for
from roadworthy.server.decisions.rows import exceptions_shown
from roadworthy.server.decisions.schemas import (
    CategoryOut,
    ExceptionDecisionIn,
    ExceptionIn,
    ExceptionOut,
    ExceptionsAsked,
    JudgementOut,
    Key,
    ReasonIn,
    StatementIn,
    StatementOut,
)
from roadworthy.server.decisions.signoffs import Signing, sign_requirement
from roadworthy.server.releases.models import Release
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Exceptions and sign-offs"])


@router.get(
    "/exceptions",
    response=Page[ExceptionOut],
    url_name="exceptions",
    operation_id="list_exceptions",
    summary="List exceptions",
)
def list_exceptions(request: Request, paging: Query[Paging], asked: Query[ExceptionsAsked]) -> dict[str, Any]:
    """List the exceptions that you may see, newest first."""
    rows = request.actor.visible(exceptions_shown(), Permission.RELEASE_READ)
    wanted = {"state": asked.state, "system__slug": asked.system}
    return paged(rows.filter(**{name: value for name, value in wanted.items() if value not in ("", None)}), paging)


@router.post(
    "/exceptions",
    response={201: ExceptionOut},
    url_name="exceptions",
    operation_id="request_exception",
    summary="Ask for an exception",
)
def ask(request: Request, response: HttpResponse, given: ExceptionIn) -> Any:
    """Ask that a requirement be waived for a time."""
    asked = Asked(
        given.requirement, given.category, given.reason, given.compensating_control, given.until, str(given.scope)
    )
    row = request_exception(request.actor, given.release, asked)
    return Status(201, _shown(request, response, row.pk))


@router.get(
    "/exceptions/{exception}",
    response=ExceptionOut,
    url_name="exception",
    operation_id="show_exception",
    summary="Show an exception",
)
def show_exception(request: Request, response: HttpResponse, exception: Path[Key]) -> ExceptionRequest:
    """Show one exception; its ETag is what a decision about it must name."""
    return _shown(request, response, exception)


@router.post(
    "/exceptions/{exception}/decision",
    response=ExceptionOut,
    url_name="exception_decision",
    operation_id="decide_exception",
    summary="Decide an exception",
    openapi_extra=IF_MATCH,
)
def decide(
    request: Request, response: HttpResponse, exception: Path[Key], given: ExceptionDecisionIn
) -> ExceptionRequest:
    """Approve or reject it, in a role that the standard names for its tier; never who asked, nor the owner."""
    decide_exception(
        request.actor, exception, approve=given.approve, reason=given.reason, revision=asked_revision(request)
    )
    return _shown(request, response, exception)


@router.post(
    "/exceptions/{exception}/withdrawal",
    response=ExceptionOut,
    url_name="exception_withdrawal",
    operation_id="withdraw_exception",
    summary="Withdraw an exception",
    openapi_extra=IF_MATCH,
)
def withdraw(request: Request, response: HttpResponse, exception: Path[Key], given: ReasonIn) -> ExceptionRequest:
    """End it; the requirement blocks again, and approvals that rested on it reopen."""
    withdraw_exception(request.actor, exception, reason=given.reason, revision=asked_revision(request))
    return _shown(request, response, exception)


@router.get(
    "/exception-categories",
    response=list[CategoryOut],
    url_name="exception_categories",
    operation_id="list_exception_categories",
    summary="List the categories of exceptions",
)
def list_categories(request: Request) -> list[dict[str, str]]:
    """List why exceptions may be asked for."""
    return [{"id": name, "meaning": meaning} for name, meaning in CATEGORIES.items()]


@router.get(
    "/releases/{release}/statements",
    response=list[StatementOut],
    url_name="release_statements",
    operation_id="list_statements",
    summary="List what was signed on a release",
)
def list_statements(request: Request, release: Path[Key]) -> Any:
    """List sign-offs, documents and exceptions that people signed here and that count for a release."""
    row = request.actor.find(Release.objects.select_related("system"), Permission.RELEASE_READ, pk=release)
    return records_for(row)


@router.post(
    "/releases/{release}/statements",
    response={201: StatementOut},
    url_name="release_statements",
    operation_id="sign_statement",
    summary="Sign for a requirement",
)
def sign_statement(request: Request, release: Path[Key], given: StatementIn) -> Any:
    """Sign with the key that the server holds for you; the release is judged again with it."""
    document = DocumentRef(name=given.document.name, sha256=given.document.sha256) if given.document else None
    signing = Signing(given.requirement, given.text, given.shown_digest, given.role, document, given.until)
    return Status(201, sign_requirement(request.actor, release, signing))


@router.post(
    "/releases/{release}/judgements",
    response={201: JudgementOut},
    url_name="release_judgements",
    operation_id="judge_release",
    summary="Judge a release again",
)
def judge(request: Request, release: Path[Key]) -> Any:
    """Judge what was pushed once more, with what was signed here since."""
    row = ask_judgement(request.actor, release)
    return Status(
        201,
        {
            "release": row.pk,
            "verdict": row.verdict,
            "shown_digest": row.shown_digest,
            "judged_at": row.judged_at,
            "valid_until": row.valid_until,
        },
    )


def _shown(request: Request, response: HttpResponse, pk: int) -> ExceptionRequest:
    row: ExceptionRequest = request.actor.find(exceptions_shown(), Permission.RELEASE_READ, pk=pk)
    tag(response, row)
    return row
