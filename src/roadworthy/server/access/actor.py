"""The actor: who does something, through which door, and how far each of their permissions reaches."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from django.db.models import Model, QuerySet

from roadworthy.server.access.permissions import PERMISSIONS, Permission
from roadworthy.server.access.refusals import Missing, NotSignedIn, Refused
from roadworthy.server.access.scope import EVERYWHERE, NOTHING, Scope

Row = TypeVar("Row", bound=Model)


class Door(StrEnum):
    """Through what an actor came."""

    PAGE = "page"
    API = "api"
    SCIM = "scim"
    JOB = "job"
    COMMAND = "command"
    NONE = "none"


class OfSystem(Protocol):
    """Something that belongs to a system: `access_path` leads from its rows there (`system__`)."""

    access_path: str


@dataclass(frozen=True)
class Actor:
    """Somebody who acts, with what they may do; made once for each request."""

    user_id: int | None
    """Primary key of the person; also of the one on whose behalf a token acts. Null for the server itself."""
    name: str
    """For people: the name, or `token <name> of <person>`."""
    reach: Mapping[Permission, Scope] = field(default_factory=dict, repr=False)
    roles: Mapping[str, Scope] = field(default_factory=dict, repr=False)
    """Roles held by the person, with how far each reaches; a token holds none, since a token signs nothing."""
    door: Door = Door.NONE
    token_id: int | None = None
    request: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Id of the request, as in logs and problems."""

    @property
    def id(self) -> str:
        """Return how the audit trail names the actor."""
        if self.token_id is not None:
            return f"token:{self.token_id}"
        return f"user:{self.user_id}" if self.user_id is not None else f"server:{self.door}"

    @property
    def signed_in(self) -> bool:
        """Tell whether this is a person or a token."""
        return self.user_id is not None

    @property
    def person(self) -> int:
        """Return the primary key of the person; raises NotSignedIn for the server itself and for nobody."""
        if self.user_id is None:
            raise NotSignedIn("nobody is signed in", remedy="Sign in, or send a token as 'Authorization: Bearer ...'.")
        return self.user_id

    def scope(self, permission: Permission) -> Scope:
        """Return how far a permission reaches."""
        return self.reach.get(permission, NOTHING)

    def may(self, permission: Permission) -> bool:
        """Tell whether the permission reaches anything at all; enough to open a door, not to touch a thing."""
        return bool(self.scope(permission))

    def need(self, permission: Permission) -> None:
        """Raise Refused unless the permission is held."""
        if not self.may(permission):
            raise Refused(
                f"{self.name} may not: {PERMISSIONS[permission].title[:1].lower()}{PERMISSIONS[permission].title[1:]}",
                remedy=f"Ask an administrator for a role with the permission {permission}.",
            )

    def visible(self, rows: QuerySet[Row], permission: Permission) -> QuerySet[Row]:
        """Narrow rows to those that the permission reaches, in one query; the model names its `access_path`."""
        path = getattr(rows.model, "access_path", "")
        return rows.filter(self.scope(permission).condition(path))

    def find(self, rows: QuerySet[Row], permission: Permission, **key: Any) -> Row:
        """Return the one row that the permission reaches; raises Missing, also for what the actor may not know of."""
        row = self.visible(rows, permission).filter(**key).first()
        if row is None:
            noun = str(rows.model._meta.verbose_name)
            raise Missing(f"there is no {noun} here that you may see", remedy="Check the address.")
        return row

    def need_on(self, permission: Permission, system: Any) -> None:
        """Raise Refused unless the permission reaches `system`, a row with `pk`, `product_line_id` and `unit_id`."""
        if not self.scope(permission).reaches(system.pk, system.product_line_id, system.unit_id):
            title = PERMISSIONS[permission].title
            raise Refused(
                f"{self.name} may not do this here: {title[:1].lower()}{title[1:]}",
                remedy=f"Ask an administrator for the permission {permission} on {system}.",
            )

    def holds_role(self, role: str, system: Any | None = None) -> bool:
        """Tell whether the person holds a role, on a system when one is given."""
        scope = self.roles.get(role, NOTHING)
        if system is None:
            return bool(scope)
        return scope.reaches(system.pk, system.product_line_id, system.unit_id)


def server_actor(door: Door = Door.JOB, name: str = "the server") -> Actor:
    """Return the server itself, which may do everything: jobs, commands, the demo."""
    return Actor(None, name, dict.fromkeys(Permission, EVERYWHERE), door=door)


NOBODY = Actor(None, "nobody", door=Door.NONE)
