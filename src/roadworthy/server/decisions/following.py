"""Requests follow what is shown: another verdict begins a new round of open ones, and reopens what was approved."""

from __future__ import annotations

from collections.abc import Callable

from roadworthy.server.access.actor import Actor
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.case import APPROVED
from roadworthy.server.decisions.concerned import concerned
from roadworthy.server.decisions.governance import settle
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.decisions.requests import renew
from roadworthy.server.releases.models import Release

Tell = Callable[[Actor], None]
"""Records what was done; called last, since recording holds the end of the audit trail."""


def follow(release: Release, why: str) -> list[Tell]:
    """Bring the requests on a locked release in line with what is shown of it now."""
    told: list[Tell] = []
    for request in _requests(release, RequestState.OPEN, *APPROVED):
        if request.shown_digest == release.shown_digest and request.tier == release.tier:
            continue
        told.append(_new_round(request, why) if request.state == RequestState.OPEN else reopen(request, why))
    return told


def reopen_all(release: Release, why: str) -> list[Tell]:
    """Reopen every approval on a locked release, and open requests too: what they rest on no longer counts."""
    return [reopen(request, why) for request in _requests(release, RequestState.OPEN, *APPROVED)]


def withdraw_all(release: Release, why: str) -> list[Tell]:
    """Withdraw what waits for a decision on a locked release that is decided no more: another took its place."""
    return [_withdraw(request, why) for request in _requests(release, *_WAITING)]


def _withdraw(request: DecisionRequest, why: str) -> Tell:
    before, people = request.state, concerned(request)
    request.state = RequestState.WITHDRAWN
    request.reopened_reason = why[:500]
    request.revision += 1
    request.save(update_fields=["state", "reopened_reason", "revision"])
    settle(request)

    def tell(actor: Actor) -> None:
        after = {"state": str(request.state)}
        record(
            actor,
            "decision.withdrawn",
            request.subject,
            before={"state": before},
            after=after,
            row=request,
            people=people,
            reason=why,
        )

    return tell


def reopen(request: DecisionRequest, why: str) -> Tell:
    """Reopen a request whose release is locked; nothing that was signed counts any more."""
    before = request.state
    people = concerned(request)
    other = DecisionRequest.objects.filter(release=request.release, state__in=_WAITING).exclude(pk=request.pk)
    # Of one release one request waits at a time: where another does, this one has nothing left to wait for.
    request.state = RequestState.WITHDRAWN if other.exists() else RequestState.REOPENED
    request.reopened_reason = why[:500]
    request.decided_at, request.conditions = None, []
    request.revision += 1
    request.save(update_fields=["state", "reopened_reason", "decided_at", "conditions", "revision"])
    settle(request)

    def tell(actor: Actor) -> None:
        after = {"state": str(request.state)}
        record(
            actor,
            "decision.reopened",
            request.subject,
            before={"state": before},
            after=after,
            row=request,
            people=sorted({*people, *concerned(request)}),
            reason=why,
        )

    return tell


_WAITING = (RequestState.OPEN, RequestState.CHANGES_REQUESTED, RequestState.REOPENED)


def _requests(release: Release, *states: RequestState) -> list[DecisionRequest]:
    rows = DecisionRequest.objects.select_for_update(of=("self",), no_key=True).filter(
        release=release, state__in=states
    )
    found = list(rows.order_by("pk"))
    for request in found:
        request.release = release
    return found


def _new_round(request: DecisionRequest, why: str) -> Tell:
    signed_before = concerned(request)
    renew(request)
    settle(request)

    def tell(actor: Actor) -> None:
        people = sorted({*signed_before, *concerned(request)})
        after = {"round": request.round, "shown": request.shown_digest}
        record(actor, "decision.renewed", request.subject, after=after, row=request, people=people, reason=why)

    return tell
