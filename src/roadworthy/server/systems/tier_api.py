"""Tiers that people set, over the API: a stricter one by one person, a lower one by two."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Path, Query, Router, Schema, Status

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.systems.lowering import ask_lower_tier, decide_lower_tier, withdraw_lower_tier
from roadworthy.server.systems.models import System, TierOverride, TierRequest
from roadworthy.server.systems.override import end_set_tier, set_tier
from roadworthy.server.systems.schemas import PLAIN, ReasonIn, SystemId, SystemOut, TierName
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import asked_revision, tag

router = Router(tags=["Systems"])
RequestId = Annotated[int, Path(gt=0, lt=2**63, description="Number of a request.")]


class TierIn(Schema):
    """Another tier than the rules give."""

    tier: TierName
    reason: str = Field(min_length=10, max_length=4000, pattern=PLAIN)
    until: datetime = Field(description="First moment at which it no longer holds; within a year.")


class OverrideOut(Schema):
    """A tier that a person set."""

    tier: str
    rules_tier: str
    reason: str
    role: str
    by: str
    at: datetime
    until: datetime
    ended_at: datetime | None

    @staticmethod
    def resolve_by(row: TierOverride) -> str:
        """Return the name of the person."""
        return row.user.name


class TierDecisionIn(Schema):
    """A decision about a lower tier."""

    approve: bool
    reason: str = Field(min_length=1, max_length=4000, pattern=PLAIN)


class TierRequestOut(Schema):
    """A lower tier that somebody asks for."""

    id: int
    tier: str
    rules_tier: str
    reason: str
    until: datetime
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str | None
    decided_role: str
    decided_at: datetime | None
    decision_reason: str
    revision: int

    @staticmethod
    def resolve_asked_by(row: TierRequest) -> str:
        """Return the name of who asked."""
        return row.asked_by.name

    @staticmethod
    def resolve_decided_by(row: TierRequest) -> str | None:
        """Return the name of who decided."""
        return row.decided_by.name if row.decided_by else None


@router.get("/systems/{system}/tier", response=Page[OverrideOut], url_name="tier", summary="List tiers that people set")
def list_overrides(request: Request, system: SystemId, paging: Query[Paging]) -> dict[str, Any]:
    """List every tier that a person set against the rules, newest first."""
    return paged(TierOverride.objects.filter(system=_find(request, system)).select_related("user"), paging)


@router.put("/systems/{system}/tier", response=OverrideOut, url_name="tier", summary="Set a stricter tier")
def set_another_tier(request: Request, system: SystemId, given: TierIn) -> TierOverride:
    """Set a stricter tier than the rules give, in a role that the standard names; tokens cannot.

    It is signed with the key of the person for the newest release, which is judged again, and for later ones.
    """
    return set_tier(
        request.actor, system, asked_revision(request), tier=given.tier, reason=given.reason, until=given.until
    )


@router.delete("/systems/{system}/tier", response=SystemOut, url_name="tier", summary="Let the rules hold again")
def end_another_tier(request: Request, response: HttpResponse, system: SystemId, why: Query[ReasonIn]) -> System:
    """End the tier that a person set; the releases concerned are judged again."""
    row = end_set_tier(request.actor, system, asked_revision(request), why.reason)
    tag(response, row)
    return row


@router.get(
    "/systems/{system}/tier/requests",
    response=Page[TierRequestOut],
    url_name="tier_requests",
    summary="List lower tiers that were asked for",
)
def list_requests(request: Request, system: SystemId, paging: Query[Paging]) -> dict[str, Any]:
    """List what was asked for, with what became of it, newest first."""
    rows = TierRequest.objects.filter(system=_find(request, system)).select_related("asked_by", "decided_by")
    return paged(rows, paging)


@router.post(
    "/systems/{system}/tier/requests",
    response={201: TierRequestOut},
    url_name="tier_requests",
    summary="Ask for a lower tier",
)
def ask(request: Request, response: HttpResponse, system: SystemId, given: TierIn) -> Any:
    """Ask for a lower tier than the rules give; `If-Match` names the revision of the system. Tokens cannot."""
    row = ask_lower_tier(
        request.actor, system, asked_revision(request), tier=given.tier, reason=given.reason, until=given.until
    )
    tag(response, row)
    return Status(201, row)


@router.post(
    "/systems/{system}/tier/requests/{pk}/decision",
    response=TierRequestOut,
    url_name="tier_decision",
    summary="Decide about a lower tier",
)
def decide(
    request: Request, response: HttpResponse, system: SystemId, pk: RequestId, given: TierDecisionIn
) -> TierRequest:
    """Approve or reject it; never who asked, nor the owner. Who approves signs it with their key. Tokens cannot."""
    row = decide_lower_tier(
        request.actor, system, pk, approve=given.approve, reason=given.reason, revision=asked_revision(request)
    )
    tag(response, row)
    return row


@router.post(
    "/systems/{system}/tier/requests/{pk}/withdrawal",
    response=TierRequestOut,
    url_name="tier_withdrawal",
    summary="Withdraw a request for a lower tier",
)
def withdraw(request: Request, response: HttpResponse, system: SystemId, pk: RequestId, given: ReasonIn) -> TierRequest:
    """Take a request back before it is decided."""
    row = withdraw_lower_tier(request.actor, system, pk, reason=given.reason, revision=asked_revision(request))
    tag(response, row)
    return row


def _find(request: Request, slug: str) -> System:
    return request.actor.find(System.objects.all(), Permission.SYSTEM_READ, slug=slug)
