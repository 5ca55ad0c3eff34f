"""The two kinds of resources, each with its rows, its model and its attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from roadworthy.server.accounts.scim import attributes, group_resource, user_resource
from roadworthy.server.accounts.scim.attributes import Attribute
from roadworthy.server.accounts.scim.schemas import Group, Person


@dataclass(frozen=True)
class Kind:
    """A kind of resource."""

    name: str
    """As in `meta.resourceType`."""
    model: Any
    """Model of the resource, with its extensions."""
    rows: Callable[[bool], QuerySet[Any]]
    """Returns the rows that the identity provider keeps; with false, without what is long and was not asked for."""
    resource: Callable[[Any], Any]
    """Returns a row as a resource."""
    version: Callable[[Any], str]
    attributes: Mapping[str, Attribute]
    long: str = ""
    """The attribute that is left out of rows when nobody asks for it."""


USERS = Kind(
    "User",
    Person,
    lambda whole: user_resource.provisioned(),
    user_resource.user_resource,
    user_resource.version,
    attributes.USER,
)
GROUPS = Kind(
    "Group",
    Group,
    group_resource.provisioned,
    group_resource.group_resource,
    group_resource.version,
    attributes.GROUP,
    "members",
)
KINDS = {kind.name: kind for kind in (USERS, GROUPS)}
