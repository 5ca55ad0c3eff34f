"""Grants and delegations over the API."""

from __future__ import annotations

from typing import Any

from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts import delegations, grants
from roadworthy.server.accounts.grants import Place
from roadworthy.server.accounts.models import Delegation, Grant
from roadworthy.server.accounts.people import person_behind
from roadworthy.server.accounts.places import name_systems
from roadworthy.server.accounts.schemas import DelegationIn, DelegationOut, GrantIn, GrantOut, Key
from roadworthy.server.wire.paging import Page, Paging, paged

router = Router(tags=["Roles"])
_JOINED = ("role", "unit", "product_line", "user", "group")


@router.get("/grants", response=Page[GrantOut], url_name="grants", operation_id="list_grants", summary="List grants")
def list_grants(
    request: Request, paging: Query[Paging], person: Key | None = None, group: Key | None = None
) -> dict[str, Any]:
    """List who holds which role where, newest first."""
    rows = Grant.objects.select_related(*_JOINED)
    if person is not None:
        rows = rows.filter(user=person)
    if group is not None:
        rows = rows.filter(group=group)
    page = paged(rows, paging)
    return {**page, "items": name_systems(page["items"])}


@router.post("/grants", response={201: GrantOut}, url_name="grants", operation_id="make_grant", summary="Grant a role")
def make_grant(request: Request, given: GrantIn) -> Status[Any]:
    """Give a role to one person or one group, everywhere or in one place; the same twice is one grant."""
    place = Place(given.unit, given.product_line, given.system)
    row = grants.make_grant(request.actor, given.role, person=given.person, group=given.group, place=place)
    return Status(201, name_systems([row])[0])


@router.delete(
    "/grants/{grant}",
    response={204: None},
    url_name="grant",
    operation_id="delete_grant",
    summary="Take a role back",
)
def delete_grant(request: Request, grant: Path[Key]) -> Status[None]:
    """Take a role back. The last administrator keeps theirs."""
    grants.delete_grant(request.actor, grant)
    return Status(204, None)


@router.get(
    "/delegations",
    response=Page[DelegationOut],
    url_name="delegations",
    operation_id="list_delegations",
    summary="List delegations",
)
def list_delegations(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List the delegations that you gave or received; all of them for who manages accounts."""
    rows = Delegation.objects.select_related("role")
    if not request.actor.may(Permission.ACCOUNT_MANAGE):
        person = person_behind(request.actor)
        rows = rows.filter(giver=person) | rows.filter(receiver=person)
    return paged(rows, paging)


@router.post(
    "/delegations",
    response={201: DelegationOut},
    url_name="delegations",
    operation_id="make_delegation",
    summary="Delegate a role",
)
def make_delegation(request: Request, given: DelegationIn) -> Status[Any]:
    """Let somebody sign in your stead, in a role of yours, until a day; only people do this, no token."""
    row = delegations.delegate(request.actor, given.role, given.receiver, given.ends, given.reason, starts=given.starts)
    return Status(201, row)


@router.delete(
    "/delegations/{delegation}",
    response=DelegationOut,
    url_name="delegation",
    operation_id="revoke_delegation",
    summary="End a delegation",
)
def revoke_delegation(request: Request, delegation: Path[Key]) -> Delegation:
    """End a delegation now; it stays on record."""
    return delegations.revoke_delegation(request.actor, delegation)
