"""Decisions over the API: the same things as the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.documents.memo_markdown import render_memo_markdown
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.decisions.envelopes import sign_with_envelope
from roadworthy.server.decisions.memos import memo_of
from roadworthy.server.decisions.models import DecisionRequest
from roadworthy.server.decisions.requests import ask_again, recommend, request_decision, withdraw_request
from roadworthy.server.decisions.rows import requests_shown
from roadworthy.server.decisions.schemas import (
    DecisionsAsked,
    EnvelopeIn,
    Key,
    ReasonIn,
    RecommendationIn,
    RequestDetailOut,
    RequestIn,
    RequestOut,
    RoundIn,
    SignatureOut,
    SignIn,
)
from roadworthy.server.decisions.signing import Decided, sign_decision
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Decisions"])


@router.get(
    "/decisions",
    response=Page[RequestOut],
    url_name="decisions",
    operation_id="list_decisions",
    summary="List requests for decisions",
)
def list_decisions(request: Request, paging: Query[Paging], asked: Query[DecisionsAsked]) -> dict[str, Any]:
    """List the requests that you may see, newest first."""
    rows = request.actor.visible(requests_shown(), Permission.RELEASE_READ)
    wanted = {"state": asked.state, "release__system__slug": asked.system, "release": asked.release}
    return paged(rows.filter(**{name: value for name, value in wanted.items() if value not in ("", None)}), paging)


@router.post(
    "/decisions",
    response={201: RequestDetailOut},
    url_name="decisions",
    operation_id="request_decision",
    summary="Ask for a decision",
)
def ask(request: Request, response: HttpResponse, given: RequestIn) -> Any:
    """Ask for a decision on what you saw of a release; 409 when something else is shown by now."""
    row = request_decision(
        request.actor, given.release, environments=given.environments, note=given.note, shown=given.shown_digest
    )
    return Status(201, _shown(request, response, row.pk))


@router.get(
    "/decisions/{decision}",
    response=RequestDetailOut,
    url_name="decision",
    operation_id="show_decision",
    summary="Show a request for a decision",
)
def show_decision(request: Request, response: HttpResponse, decision: Path[Key]) -> DecisionRequest:
    """Show one request with its signatures, and who may take the seats that are free."""
    return _shown(request, response, decision)


@router.get(
    "/decisions/{decision}/memo",
    response={200: str},
    url_name="decision_memo",
    operation_id="show_decision_memo",
    summary="Show the memo",
    openapi_extra={"responses": {200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}}},
)
def show_memo(request: Request, decision: Path[Key]) -> HttpResponse:
    """Return the memo of a decision as Markdown: options, residual risk, evidence, recommendation."""
    row = request.actor.find(requests_shown(), Permission.RELEASE_READ, pk=decision)
    return HttpResponse(render_memo_markdown(memo_of(row)), content_type="text/markdown; charset=utf-8")


@router.post(
    "/decisions/{decision}/signatures",
    response={201: SignatureOut},
    url_name="decision_signatures",
    operation_id="sign_decision",
    summary="Sign a decision",
)
def sign(request: Request, decision: Path[Key], given: SignIn) -> Any:
    """Sign with the key that the server holds for you. A token signs nothing; nobody signs their own request."""
    decided = Decided(given.choice, given.reason, given.shown_digest, tuple(given.conditions), given.role)
    return Status(201, sign_decision(request.actor, decision, decided))


@router.post(
    "/decisions/{decision}/envelopes",
    response={201: SignatureOut},
    url_name="decision_envelopes",
    operation_id="sign_decision_with_envelope",
    summary="Send a decision that you signed yourself",
)
def sign_yourself(request: Request, decision: Path[Key], given: EnvelopeIn) -> Any:
    """Take an envelope signed by a key that the standard lists under your name; 409 when it was made for another."""
    return Status(201, sign_with_envelope(request.actor, decision, given.envelope))


@router.post(
    "/decisions/{decision}/rounds",
    response={201: RequestDetailOut},
    url_name="decision_rounds",
    operation_id="renew_decision",
    summary="Ask again",
)
def renew(request: Request, response: HttpResponse, decision: Path[Key], given: RoundIn) -> Any:
    """Begin a new round after changes were asked for, or the decision was reopened."""
    ask_again(request.actor, decision, shown=given.shown_digest, note=given.note)
    return Status(201, _shown(request, response, decision))


@router.put(
    "/decisions/{decision}/recommendation",
    response=RequestDetailOut,
    url_name="decision_recommendation",
    operation_id="recommend_decision",
    summary="Recommend",
    openapi_extra=IF_MATCH,
)
def put_recommendation(
    request: Request, response: HttpResponse, decision: Path[Key], given: RecommendationIn
) -> DecisionRequest:
    """Say what responsible AI recommends; it decides nothing."""
    recommend(request.actor, decision, text=given.text, revision=asked_revision(request))
    return _shown(request, response, decision)


@router.post(
    "/decisions/{decision}/withdrawal",
    response=RequestDetailOut,
    url_name="decision_withdrawal",
    operation_id="withdraw_decision",
    summary="Withdraw a request",
    openapi_extra=IF_MATCH,
)
def withdraw(request: Request, response: HttpResponse, decision: Path[Key], given: ReasonIn) -> DecisionRequest:
    """Take a request back before it is decided."""
    withdraw_request(request.actor, decision, reason=given.reason, revision=asked_revision(request))
    return _shown(request, response, decision)


def _shown(request: Request, response: HttpResponse, pk: int) -> DecisionRequest:
    row: DecisionRequest = request.actor.find(requests_shown(), Permission.RELEASE_READ, pk=pk)
    tag(response, row)
    return row
