"""What the pages of decisions show of a release and of a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.documents.account import account
from roadworthy.documents.course import courses
from roadworthy.documents.sign import deciding_status
from roadworthy.server.decisions.memos import named_standing
from roadworthy.server.decisions.models import DecisionRequest, RequestState, Signature
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.releases.models import Release


def shown_of(release: Release) -> dict[str, Any]:
    """Return what whoever asks or decides must see of a release: verdict, what holds it, what is waived, options."""
    verdict: Verdict = verdict_of(release)
    return {
        "release": release,
        "verdict": verdict,
        "account": account(verdict),
        "deciding": deciding_status(verdict),
        "holding": [one for one in verdict.outcomes if one.holds],
        "waived": [one for one in verdict.outcomes if one.status is Status.WAIVED],
        "soft": [one for one in verdict.outcomes if _soft(one)],
        "courses": courses(verdict),
    }


def _soft(outcome: Outcome) -> bool:
    return not outcome.holds and outcome.status in {
        Status.NOT_MET,
        Status.NOT_SHOWN,
        Status.STALE,
        Status.INCONCLUSIVE,
    }


@dataclass(frozen=True)
class Step:
    """One line of the timeline of a request."""

    title: str
    state: str
    """done, refused, next or void."""
    at: datetime | None = None
    who: str = ""
    note: str = ""
    conditions: tuple[str, ...] = ()
    digest: str = ""


def timeline_of(request: DecisionRequest) -> list[Step]:
    """Return what happened in this round, in order, and who is next."""
    return [*_happened(request), *_next(request)]


def _happened(request: DecisionRequest) -> Iterator[Step]:
    who = request.requested_by.name
    yield Step("Asked for a decision", "done", request.requested_at, who, request.note if request.round == 1 else "")
    if request.round > 1:
        yield Step(f"Round {request.round}: something else is shown than before", "done", note=request.note)
    if request.recommended_by is not None:
        recommended = request.recommended_by.name
        yield Step("Recommendation", "done", request.recommended_at, recommended, request.recommendation)
    for row in request.signatures.filter(round=request.round).select_related("user", "on_behalf_of"):
        yield _signed(row)
    if request.reopened_reason:
        yield Step(str(request.get_state_display()).capitalize(), "refused", note=request.reopened_reason)


def _signed(row: Signature) -> Step:
    behalf = f" for {row.on_behalf_of.name}" if row.on_behalf_of else ""
    who = f"{row.user.name}{behalf} ({row.role})"
    state = "void" if row.void else "refused" if row.choice in {"reject", "request changes"} else "done"
    note = f"{row.reason} No longer counts: {row.void}" if row.void else row.reason
    return Step(row.choice.capitalize(), state, row.at, who, note, tuple(row.conditions), row.statement_digest)


def _next(request: DecisionRequest) -> Iterator[Step]:
    if request.state == RequestState.OPEN:
        for free in named_standing(request).missing:
            people = ", ".join(free.people[:8]) or "nobody holds the role; ask an administrator"
            seats = f"{free.seats} x " if free.seats > 1 else ""
            yield Step(f"Next: {seats}{' or '.join(free.roles)}", "next", who=people)
    elif request.decided_at is not None:
        yield Step(str(request.get_state_display()).capitalize(), "done", request.decided_at)
