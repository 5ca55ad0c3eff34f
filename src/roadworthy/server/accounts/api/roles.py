"""Permissions and roles over the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Router
from ninja.responses import Status
from pydantic import StringConstraints

from roadworthy.server.access.permissions import PERMISSIONS
from roadworthy.server.access.request import Request
from roadworthy.server.accounts import roles
from roadworthy.server.accounts.models import Role
from roadworthy.server.accounts.schemas import PermissionOut, RoleChange, RoleIn, RoleOut
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, found, tag

router = Router(tags=["Roles"])
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


@router.get(
    "/permissions",
    response=list[PermissionOut],
    url_name="permissions",
    operation_id="list_permissions",
    summary="List permissions",
)
def list_permissions(request: Request) -> list[dict[str, Any]]:
    """List every permission that there is."""
    return [
        {"id": str(permission), "title": about.title, "narrowable": about.narrowable}
        for permission, about in PERMISSIONS.items()
    ]


@router.get("/roles", response=list[RoleOut], url_name="roles", operation_id="list_roles", summary="List roles")
def list_roles(request: Request) -> Any:
    """List all roles, those that ship with the server and the organisation's own."""
    return Role.objects.order_by("slug")


@router.post("/roles", response={201: RoleOut}, url_name="roles", operation_id="make_role", summary="Make a role")
def make_role(request: Request, response: HttpResponse, given: RoleIn) -> Status[Any]:
    """Make a role of your organisation's own."""
    row = roles.make_role(request.actor, given.id, given.title, given.permissions, given.signs)
    tag(response, row)
    return Status(201, row)


@router.get("/roles/{role}", response=RoleOut, url_name="role", operation_id="show_role", summary="Show a role")
def show_role(request: Request, response: HttpResponse, role: Path[Id]) -> Role:
    """Show one role with its permissions."""
    row = found(Role.objects.all(), slug=role)
    tag(response, row)
    return row


@router.put(
    "/roles/{role}",
    response=RoleOut,
    url_name="role",
    operation_id="change_role",
    summary="Change a role",
    openapi_extra=IF_MATCH,
)
def change_role(request: Request, response: HttpResponse, role: Path[Id], given: RoleChange) -> Role:
    """Change a role of your organisation's own, for everybody who holds it."""
    revision = asked_revision(request)
    row = roles.change_role(request.actor, role, revision, given.title, given.permissions, given.signs)
    tag(response, row)
    return row


@router.delete(
    "/roles/{role}",
    response={204: None},
    url_name="role",
    operation_id="delete_role",
    summary="Delete a role",
    openapi_extra=IF_MATCH,
)
def delete_role(request: Request, role: Path[Id]) -> Status[None]:
    """Delete a role of your organisation's own that nobody holds."""
    roles.delete_role(request.actor, role, asked_revision(request))
    return Status(204, None)
