"""A lower tier than the rules give: one person asks with a reason, another with the authority approves and signs."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.audit.services import record
from roadworthy.server.systems.models import System, TierRequest, TierRequestState
from roadworthy.server.systems.override import begin_override
from roadworthy.server.systems.properties import locked
from roadworthy.server.systems.tier_authority import (
    REFUSED,
    check_terms,
    limits_of,
    lowers,
    make_key,
    need_permitted,
    refused,
    rules_tier,
    seat_of,
)
from roadworthy.server.wire.revision import same_revision


@transaction.atomic
def ask_lower_tier(actor: Actor, slug: str, revision: int, *, tier: str, reason: str, until: datetime) -> TierRequest:
    """Ask for a lower tier than the rules give, until a day; nothing changes before somebody else approves it."""
    row = locked(actor, slug, Permission.TIER_SET)
    same_revision(row, revision)
    person = _person(actor, row)
    need_permitted(row)
    check_terms(row, tier, reason, until)
    if not lowers(tier, rules_tier(row)):
        raise InputError(f"{tier} is not lower than {rules_tier(row)}", remedy="A stricter tier is set by one person.")
    if TierRequest.objects.filter(system=row, state=TierRequestState.ASKED).exists():
        raise Conflict("a lower tier is asked for already", remedy="Wait for the decision, or withdraw that one.")
    request = TierRequest.objects.create(
        system=row, tier=tier, rules_tier=rules_tier(row), reason=reason.strip(), until=until, asked_by_id=person
    )
    limits = limits_of(row)
    people = sorted({*(limits.people - limits.barred - {person}), *_owner(row)})
    after = {"tier": tier, "until": until}
    record(actor, "system.tier_asked", row.subject, after=after, row=row, people=people, reason=request.reason)
    return request


def decide_lower_tier(
    actor: Actor, slug: str, pk: int, *, approve: bool, reason: str, revision: int | None = None
) -> TierRequest:
    """Approve or reject a lower tier, in a role that may set one; who approves signs it with their key.

    Raises Refused for who asked, for the owner, another role, or a token; Conflict when the rules give another tier by
    now, or the end has passed.
    """
    make_key(actor)
    with transaction.atomic():
        row = locked(actor, slug, Permission.TIER_SET)
        request = _open(row, pk, revision)
        seat = seat_of(actor, row)
        if seat.person == request.asked_by_id:
            raise refused(row, "nobody approves what they asked for", "Somebody else has to decide.")
        words = _words(reason)
        if approve:
            _need_same(row, request)
            request.override = begin_override(actor, row, request.tier, _said(request, words), request.until, seat)
        state = TierRequestState.APPROVED if approve else TierRequestState.REJECTED
        _end(request, state, words, seat.person, seat.role)
        _tell(actor, row, request)
        return request


@transaction.atomic
def withdraw_lower_tier(actor: Actor, slug: str, pk: int, *, reason: str, revision: int | None = None) -> TierRequest:
    """Take a request for a lower tier back before it is decided."""
    row = locked(actor, slug, Permission.TIER_SET)
    request = _open(row, pk, revision)
    _end(request, TierRequestState.WITHDRAWN, _words(reason), _person(actor, row), "")
    _tell(actor, row, request)
    return request


def _person(actor: Actor, row: System) -> int:
    if actor.user_id is None or actor.token_id is not None:
        raise Refused("a token asks for no tier; a person does", remedy="Sign in.", action=REFUSED, system=row.slug)
    return actor.user_id


def _open(row: System, pk: int, revision: int | None) -> TierRequest:
    rows = TierRequest.objects.select_for_update(of=("self",)).filter(system=row, pk=pk)
    request = rows.select_related("asked_by").first()
    if request is None:
        raise Missing("there is no such request here", remedy="Check the address.")
    if request.state != TierRequestState.ASKED:
        raise Conflict(f"the request is {request.state} already", remedy="Load it again.")
    if revision is not None:
        same_revision(request, revision)
    return request


def _need_same(row: System, request: TierRequest) -> None:
    if rules_tier(row) != request.rules_tier:
        raise Conflict(
            f"the rules give {rules_tier(row)} by now, not {request.rules_tier}",
            remedy="Reject it; ask anew if need be.",
        )
    if request.until <= timezone.now():
        raise Conflict("the end that was asked for has passed", remedy="Reject it, and have it asked for anew.")


def _words(reason: str) -> str:
    if not reason.strip():
        raise InputError("a decision needs a reason", remedy="Say why, for those who rely on it later.")
    return reason.strip()


def _said(request: TierRequest, words: str) -> str:
    """Return what is signed: the reason of who asked, and of who approved."""
    return f"{request.reason} Asked for by {request.asked_by.name}. Approved: {words}"


def _end(request: TierRequest, state: TierRequestState, words: str, person: int, role: str) -> None:
    request.state, request.decision_reason, request.decided_at = state, words, timezone.now()
    request.decided_by_id, request.decided_role = person, role
    request.revision += 1
    request.save()


def _tell(actor: Actor, row: System, request: TierRequest) -> None:
    people = sorted({request.asked_by_id, *_owner(row)})
    after = {"state": str(request.state), "tier": request.tier}
    record(
        actor,
        "system.tier_decided",
        row.subject,
        before={"state": str(TierRequestState.ASKED)},
        after=after,
        row=row,
        people=people,
        reason=request.decision_reason,
    )


def _owner(row: System) -> set[int]:
    return {row.owner_id} if row.owner_id else set()
