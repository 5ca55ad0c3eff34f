"""A group as a resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from roadworthy.core.errors import InputError
from roadworthy.server.accounts.models import Group, User
from roadworthy.server.accounts.scim.description import POLICY, location
from roadworthy.server.accounts.scim.schemas import CORE_GROUP
from roadworthy.server.accounts.scim.schemas import Group as GroupResource


def provisioned(members: bool = True) -> QuerySet[Group]:
    """Return the groups that the identity provider keeps, with those of their people that it keeps."""
    rows = Group.objects.exclude(scim_id=None)
    if not members:
        return rows
    people = User.objects.exclude(scim_id=None).only("scim_id").order_by("pk")
    return rows.prefetch_related(Prefetch("members", queryset=people, to_attr="kept_members"))


def group_resource(row: Any) -> GroupResource:
    """Return a row of `provisioned` as a resource; without its people when they were not asked for."""
    meta = {
        "resourceType": "Group",
        "created": row.created_at,
        "lastModified": row.updated_at,
        "location": location("Groups", str(row.scim_id)),
        "version": version(row),
    }
    whole = {"schemas": [CORE_GROUP], "id": str(row.scim_id), "displayName": row.name, "meta": meta}
    if row.external_id:
        whole["externalId"] = row.external_id
    if members := [_member(str(one.scim_id)) for one in getattr(row, "kept_members", [])]:
        whole["members"] = members
    return GroupResource.model_validate(whole, scim_policy=POLICY)


def version(row: Group) -> str:
    """Return the version of a group."""
    return f'W/"r{row.revision}"'


def _member(key: str) -> dict[str, str]:
    return {"value": key, "$ref": location("Users", key), "type": "User"}


def member_keys(values: Iterable[str | None], *, known: bool = True) -> set[int]:
    """Return the primary keys of people by their ids, and lock them.

    Raises InputError for an id that is nobody's; without `known` it is passed over.
    """
    asked = {_uuid(value) for value in values}
    people = User.objects.select_for_update().filter(scim_id__in=asked - {None}).order_by("pk")
    found = dict(people.values_list("scim_id", "pk"))
    if known and len(found) != len(asked):
        raise InputError("a member is no person who is kept here", remedy="Provision the person first.")
    return set(found.values())


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
