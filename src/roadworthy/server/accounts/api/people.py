"""People over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.server.access.request import Request
from roadworthy.server.accounts import people
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.schemas import (
    InvitedOut,
    Key,
    LinkOut,
    MeOut,
    OwnChange,
    PersonChange,
    PersonIn,
    PersonOut,
)
from roadworthy.server.accounts.setup import link_address
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, found, tag

router = Router(tags=["People"])


@router.get("/me", response=MeOut, url_name="me", operation_id="show_me", summary="Show who you are")
def show_me(request: Request, response: HttpResponse) -> dict[str, Any]:
    """Show who asks, and what they may do; the ETag is that of the person."""
    actor = request.actor
    tag(response, found(User.objects.all(), pk=actor.person))
    return {
        "person": actor.person,
        "name": actor.name,
        "token": actor.token_id,
        "permissions": sorted(str(permission) for permission, scope in actor.reach.items() if scope),
        "roles": sorted(actor.roles),
    }


@router.patch(
    "/me",
    response=PersonOut,
    url_name="me",
    operation_id="change_me",
    summary="Rename yourself",
    openapi_extra=IF_MATCH,
)
def change_me(request: Request, response: HttpResponse, given: OwnChange) -> User:
    """Change your own name, as documents and signatures show it from now on."""
    row = people.rename_self(request.actor, asked_revision(request), given.name)
    tag(response, row)
    return row


@router.get("/people", response=Page[PersonOut], url_name="people", operation_id="list_people", summary="List people")
def list_people(request: Request, paging: Query[Paging], active: bool | None = None) -> dict[str, Any]:
    """List people, newest first."""
    rows = User.objects.all()
    return paged(rows if active is None else rows.filter(is_active=active), paging)


@router.post(
    "/people", response={201: InvitedOut}, url_name="people", operation_id="invite_person", summary="Invite somebody"
)
def invite_person(request: Request, given: PersonIn) -> Status[Any]:
    """Add somebody, and get the one-time link with which they set a password."""
    user, secret = people.invite(request.actor, given.email, given.name)
    return Status(201, {"person": user, "setup_link": link_address(secret)})


@router.get(
    "/people/{person}", response=PersonOut, url_name="person", operation_id="show_person", summary="Show a person"
)
def show_person(request: Request, response: HttpResponse, person: Path[Key]) -> User:
    """Show one person."""
    row = found(User.objects.all(), pk=person)
    tag(response, row)
    return row


@router.patch(
    "/people/{person}",
    response=PersonOut,
    url_name="person",
    operation_id="change_person",
    summary="Change a person",
    openapi_extra=IF_MATCH,
)
def change_person(request: Request, response: HttpResponse, person: Path[Key], given: PersonChange) -> User:
    """Change name or mail address of somebody."""
    values = given.model_dump(exclude_none=True)
    row = people.change_person(request.actor, person, asked_revision(request), **values)
    tag(response, row)
    return row


@router.post(
    "/people/{person}/deactivate",
    response=PersonOut,
    url_name="person_deactivate",
    operation_id="deactivate_person",
    summary="Deactivate a person",
    openapi_extra=IF_MATCH,
)
def deactivate_person(request: Request, response: HttpResponse, person: Path[Key]) -> User:
    """Shut somebody out at once; sessions, tokens and links end. The last administrator cannot be deactivated."""
    row = people.deactivate(request.actor, person, asked_revision(request))
    tag(response, row)
    return row


@router.post(
    "/people/{person}/reactivate",
    response=PersonOut,
    url_name="person_reactivate",
    operation_id="reactivate_person",
    summary="Reactivate a person",
    openapi_extra=IF_MATCH,
)
def reactivate_person(request: Request, response: HttpResponse, person: Path[Key]) -> User:
    """Let somebody in again."""
    row = people.reactivate(request.actor, person, asked_revision(request))
    tag(response, row)
    return row


@router.post(
    "/people/{person}/setup-link",
    response={201: LinkOut},
    url_name="person_link",
    operation_id="make_setup_link",
    summary="Make a setup link",
)
def make_setup_link(request: Request, person: Path[Key]) -> Status[Any]:
    """Get a new one-time link with which somebody sets a password; earlier ones end."""
    return Status(201, {"setup_link": link_address(people.make_link(request.actor, person))})


@router.post(
    "/people/{person}/end-sessions",
    response={204: None},
    url_name="person_end_sessions",
    operation_id="end_sessions",
    summary="End all sessions of a person",
)
def end_sessions(request: Request, person: Path[Key]) -> Status[None]:
    """End every session of somebody; tokens stay."""
    people.end_sessions(request.actor, person)
    return Status(204, None)


@router.delete(
    "/people/{person}/second-factor",
    response={204: None},
    url_name="person_second_factor",
    operation_id="remove_second_factor",
    summary="Remove the second factor of a person",
)
def remove_second_factor(request: Request, person: Path[Key]) -> Status[None]:
    """Remove the second factor of somebody who lost it; every session of theirs ends."""
    people.remove_second_factor(request.actor, person)
    return Status(204, None)
