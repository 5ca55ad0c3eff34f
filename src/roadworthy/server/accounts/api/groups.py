"""Groups over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.server.access.request import Request
from roadworthy.server.accounts import groups
from roadworthy.server.accounts.models import Group
from roadworthy.server.accounts.schemas import GroupIn, GroupOut, Key, PersonOut
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, found, tag

router = Router(tags=["Groups"])


@router.get("/groups", response=Page[GroupOut], url_name="groups", operation_id="list_groups", summary="List groups")
def list_groups(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List groups, newest first."""
    return paged(Group.objects.all(), paging)


@router.post("/groups", response={201: GroupOut}, url_name="groups", operation_id="make_group", summary="Make a group")
def make_group(request: Request, response: HttpResponse, given: GroupIn) -> Status[Any]:
    """Make a group; who is in it holds what it is granted."""
    row = groups.make_group(request.actor, given.name)
    tag(response, row)
    return Status(201, row)


@router.get("/groups/{group}", response=GroupOut, url_name="group", operation_id="show_group", summary="Show a group")
def show_group(request: Request, response: HttpResponse, group: Path[Key]) -> Group:
    """Show one group."""
    row = found(Group.objects.all(), pk=group)
    tag(response, row)
    return row


@router.patch(
    "/groups/{group}",
    response=GroupOut,
    url_name="group",
    operation_id="rename_group",
    summary="Rename a group",
    openapi_extra=IF_MATCH,
)
def rename_group(request: Request, response: HttpResponse, group: Path[Key], given: GroupIn) -> Group:
    """Give a group another name."""
    row = groups.change_group(request.actor, group, asked_revision(request), name=given.name)
    tag(response, row)
    return row


@router.delete(
    "/groups/{group}",
    response={204: None},
    url_name="group",
    operation_id="delete_group",
    summary="Delete a group",
    openapi_extra=IF_MATCH,
)
def delete_group(request: Request, group: Path[Key]) -> Status[None]:
    """Delete a group with what it was granted."""
    groups.delete_group(request.actor, group, asked_revision(request))
    return Status(204, None)


@router.get(
    "/groups/{group}/members",
    response=Page[PersonOut],
    url_name="group_members",
    operation_id="list_group_members",
    summary="List who is in a group",
)
def list_group_members(request: Request, group: Path[Key], paging: Query[Paging]) -> dict[str, Any]:
    """List the people in a group, newest first."""
    return paged(found(Group.objects.all(), pk=group).members.all(), paging)


@router.put(
    "/groups/{group}/members/{person}",
    response={204: None},
    url_name="group_member",
    operation_id="add_group_member",
    summary="Put somebody into a group",
)
def add_group_member(request: Request, group: Path[Key], person: Path[Key]) -> Status[None]:
    """Put somebody into a group; twice is once."""
    groups.add_member(request.actor, group, person)
    return Status(204, None)


@router.delete(
    "/groups/{group}/members/{person}",
    response={204: None},
    url_name="group_member",
    operation_id="remove_group_member",
    summary="Take somebody out of a group",
)
def remove_group_member(request: Request, group: Path[Key], person: Path[Key]) -> Status[None]:
    """Take somebody out of a group; who is not in it stays out."""
    groups.remove_member(request.actor, group, person)
    return Status(204, None)
