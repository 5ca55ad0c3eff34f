"""Bring what signatures come to into a request: one place where a decision is made, and recorded once."""

from __future__ import annotations

from roadworthy.decide.approval import Standing, State
from roadworthy.server.access.actor import Actor
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.case import STATES
from roadworthy.server.decisions.concerned import concerned
from roadworthy.server.decisions.governance import settle
from roadworthy.server.decisions.models import DecisionRequest, RequestState, Signature

_EVENTS = {
    State.APPROVED: "decision.approved",
    State.APPROVED_WITH_CONDITIONS: "decision.approved",
    State.REJECTED: "decision.rejected",
    State.PAUSED: "decision.changes_requested",
}


def conclude(actor: Actor, request: DecisionRequest, after: Standing, signature: Signature | None = None) -> None:
    """Store where a locked, open request stands now, and record the signature and the decision that it makes."""
    request.state = STATES[after.state]
    request.conditions = list(after.conditions)
    request.decided_at = after.decided_at
    request.revision += 1
    request.save(update_fields=["state", "conditions", "decided_at", "revision"])
    settle(request)
    people = concerned(request)
    if signature is not None:
        _record_signature(actor, request, signature, people)
    if event := _EVENTS.get(after.state):
        record(
            actor,
            event,
            request.subject,
            before={"state": RequestState.OPEN},
            after={"state": request.state, "conditions": request.conditions},
            row=request,
            people=people,
            environments=request.environments,
        )


def _record_signature(actor: Actor, request: DecisionRequest, row: Signature, people: list[int]) -> None:
    record(
        actor,
        "decision.signed",
        request.subject,
        row=row,
        people=people,
        choice=row.choice,
        role=row.role,
        reason=row.reason,
        shown=row.shown_digest,
        signature=row.statement_digest,
    )
