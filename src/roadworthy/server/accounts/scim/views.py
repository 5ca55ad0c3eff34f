"""The endpoints of SCIM."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from scim2_models import Context, ForbiddenException, NotImplementedException, ResponseParameters

from roadworthy.server.access.refusals import Changed, Missing
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.groups import delete_group
from roadworthy.server.accounts.people import need_to_manage
from roadworthy.server.accounts.scim import body, description, group_provisioning, user_provisioning
from roadworthy.server.accounts.scim.answers import content_response, names, resource_response, scim
from roadworthy.server.accounts.scim.attributes import as_key
from roadworthy.server.accounts.scim.description import POLICY
from roadworthy.server.accounts.scim.kinds import GROUPS, USERS, Kind
from roadworthy.server.accounts.scim.member_changes import member_changes
from roadworthy.server.accounts.scim.schemas import Group, Person
from roadworthy.server.accounts.scim.search import search, shown, wants_long
from roadworthy.server.wire.revision import locked

CHANGING = ("PUT", "PATCH", "DELETE")


@scim
def users(request: Request) -> HttpResponse:
    """Find people, or take one on."""
    return _collection(request, USERS)


@scim
def groups(request: Request) -> HttpResponse:
    """Find groups, or make one."""
    return _collection(request, GROUPS)


@scim
def user(request: Request, key: str) -> HttpResponse:
    """Show, replace, change or let go a person."""
    return _one(request, USERS, key)


@scim
def group(request: Request, key: str) -> HttpResponse:
    """Show, replace, change or delete a group."""
    return _one(request, GROUPS, key)


@scim
def search_users(request: Request) -> HttpResponse:
    """Find people by a body."""
    return content_response(search(body.search_request(request, Person), [USERS]))


@scim
def search_groups(request: Request) -> HttpResponse:
    """Find groups by a body."""
    return content_response(search(body.search_request(request, Group), [GROUPS]))


@scim
def search_all(request: Request) -> HttpResponse:
    """Find people and groups by a body."""
    return content_response(search(body.search_request(request, Person | Group), [USERS, GROUPS]))


@scim
def service_provider_config(request: Request) -> HttpResponse:
    """Show what the server can do."""
    return content_response(description.service_provider_config())


@scim
def resource_types(request: Request) -> HttpResponse:
    """Show the types of resources."""
    return _catalogue(request, description.resource_types())


@scim
def resource_type(request: Request, key: str) -> HttpResponse:
    """Show a type of resources."""
    return _entry(description.resource_types(), key)


@scim
def schemas(request: Request) -> HttpResponse:
    """Show the schemas."""
    return _catalogue(request, description.schemas())


@scim
def schema(request: Request, key: str) -> HttpResponse:
    """Show a schema."""
    return _entry(description.schemas(), key)


@scim
def not_offered(request: Request) -> HttpResponse:
    """Answer for what the RFC names and this server does not have: bulk operations, and `/Me`."""
    raise NotImplementedException


def _catalogue(request: Request, entries: dict[str, dict[str, Any]]) -> HttpResponse:
    if "filter" in request.GET:
        raise ForbiddenException(detail="this is shown whole, without a filter")
    listed = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(entries),
        "startIndex": 1,
        "itemsPerPage": len(entries),
        "Resources": list(entries.values()),
    }
    return content_response(listed)


def _entry(entries: dict[str, dict[str, Any]], key: str) -> HttpResponse:
    if key not in entries:
        raise Missing("there is nothing of this id", remedy="Ask for the list.")
    return content_response(entries[key])


def _collection(request: Request, kind: Kind) -> HttpResponse:
    if request.method != "POST":
        return content_response(search(body.query(request, kind.model), [kind]))
    asked = _parameters(request, kind)
    resource = body.whole(request, kind, Context.RESOURCE_CREATION_REQUEST)
    provision = user_provisioning.provision if kind is USERS else group_provisioning.provision
    with transaction.atomic():
        made = provision(request.actor, resource)
        return _answer(request, kind, made.scim_id, asked, 201)


def _one(request: Request, kind: Kind, given: str) -> HttpResponse:
    key, asked = as_key(given), _parameters(request, kind)
    if key is None:
        raise Missing("there is no resource of this id", remedy="Look it up.")
    if request.method not in CHANGING:
        return _answer(request, kind, key, asked)
    need_to_manage(request.actor)
    with transaction.atomic():
        if request.method == "DELETE":
            return _delete(request, kind, key)
        if request.method == "PUT":
            resource = body.whole(request, kind, Context.RESOURCE_REPLACEMENT_REQUEST)
            _keep(request, kind, _locked(request, kind, key), resource)
            return _answer(request, kind, key, asked)
        return _patch(request, kind, key, asked)


def _patch(request: Request, kind: Kind, key: UUID, asked: Any) -> HttpResponse:
    operations = body.patch(request, kind)
    moves = member_changes(operations.operations) if kind is GROUPS else None
    row = _locked(request, kind, key, whole=moves is None)
    if moves is not None:
        group_provisioning.move(request.actor, row, moves)
    else:
        resource = kind.resource(row)
        operations.patch(resource, POLICY)
        _keep(request, kind, row, resource)
    if kind is USERS or asked.attributes:
        return _answer(request, kind, key, asked)
    # Some groups are long, and no provider reads this answer.
    response = HttpResponse(status=204)
    response["ETag"] = kind.version(kind.rows(False).get(scim_id=key))
    return response


def _keep(request: Request, kind: Kind, row: Any, resource: Any) -> None:
    keep = user_provisioning.keep if kind is USERS else group_provisioning.keep
    keep(request.actor, row, resource)


def _delete(request: Request, kind: Kind, key: UUID) -> HttpResponse:
    if kind is USERS:
        user_provisioning.let_go(request.actor, key, lambda row: _compare(request, kind, row))
    else:
        delete_group(request.actor, _locked(request, kind, key, whole=False).pk, None)
    return HttpResponse(status=204)


def _locked(request: Request, kind: Kind, key: UUID, *, whole: bool = True) -> Any:
    """Lock a row, and compare its version with what the client saw. Lock first, join after."""
    model = kind.rows(False).model
    locked(model._default_manager.all(), None, scim_id=key)
    row = kind.rows(whole).get(scim_id=key)
    _compare(request, kind, row)
    return row


def _compare(request: Request, kind: Kind, row: Any) -> None:
    header = request.headers.get("If-Match", "")
    if header and not names(header, kind.version(row)):
        raise Changed(f"{row} was changed meanwhile", remedy="Get it again, and make the change anew.")


def _answer(request: Request, kind: Kind, key: UUID | None, asked: Any, status: int = 200) -> HttpResponse:
    row = kind.rows(wants_long(asked, kind)).filter(scim_id=key).first()
    if row is None:
        raise Missing(f"there is no {kind.name.lower()} of this id", remedy="Look it up.")
    return resource_response(request, shown(kind, row, asked), kind.version(row), status)


def _parameters(request: Request, kind: Kind) -> Any:
    return ResponseParameters[kind.model].model_validate(  # type: ignore[name-defined]
        {name: request.GET[name] for name in ("attributes", "excludedAttributes") if name in request.GET}
    )
