"""What can be done with grants: a role for a person or a group, everywhere or in one place."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import PERMISSIONS, Permission
from roadworthy.server.accounts.models import Grant, Group, ProductLine, Role, Unit, User
from roadworthy.server.accounts.places import system_key, titles_of
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked


@dataclass(frozen=True)
class Place:
    """Where a grant holds, by ids; at most one of them. None: everywhere."""

    unit: str = ""
    product_line: str = ""
    system: str = ""

    @property
    def everywhere(self) -> bool:
        """Tell whether it is not narrowed."""
        return not (self.unit or self.product_line or self.system)


EVERYWHERE = Place()


@transaction.atomic
def make_grant(
    actor: Actor, role: str, *, person: int | None = None, group: int | None = None, place: Place = EVERYWHERE
) -> Grant:
    """Give a role to a person or to a group; a second grant of the same is the first one.

    Raises InputError when not one of both is named, for an unknown role or place, for two places at once, and for a
    role of which nothing could be narrowed to that place.
    """
    actor.need(Permission.ACCOUNT_MANAGE)
    if (person is None) == (group is None):
        raise InputError("a role is given to one person or to one group", remedy="Name one of both.")
    given = Role.objects.filter(slug=role).first()
    if given is None:
        raise InputError(f"there is no role {role[:64]!r}", remedy="Choose one from the list of roles.")
    grant = Grant(role=given, **_keys(place, given))
    if person is not None:
        grant.user = locked(User.objects.all(), None, pk=person)
    else:
        grant.group = locked(Group.objects.all(), None, pk=group)
    same = Grant.objects.filter(
        role=given,
        user=grant.user,
        group=grant.group,
        unit=grant.unit,
        product_line=grant.product_line,
        system_id=grant.system_id,
    ).first()
    if same is not None:
        return same
    grant.save()
    record(actor, "grant.made", grant.subject, after=said(grant), row=grant)
    return grant


@transaction.atomic
def delete_grant(actor: Actor, key: int) -> None:
    """Take a role back. Raises Refused when nobody could administer after it."""
    actor.need(Permission.ACCOUNT_MANAGE)
    rows = Grant.objects.select_related("role", "user", "group", "unit", "product_line")
    grant = locked(rows, None, pk=key)
    subject, before = grant.subject, said(grant)
    grant.delete()
    record(actor, "grant.deleted", subject, before=before)


def said(grant: Grant) -> dict[str, str]:
    """Return a grant in words, as the audit trail keeps it."""
    to = f"{grant.user.name} <{grant.user.email}>" if grant.user else f"group {grant.group}"
    return {"role": grant.role.slug, "to": to, "where": where(grant, titles_of([grant.system_id]))}


def where(grant: Grant, systems: dict[int, str]) -> str:
    """Return in words how far a grant reaches; `systems` gives titles by key."""
    if grant.system_id is not None:
        return f"system {systems.get(grant.system_id, grant.system_id)}"
    if grant.product_line is not None:
        return f"product line {grant.product_line}"
    return f"unit {grant.unit}" if grant.unit is not None else "everywhere"


def left_out(role: Role) -> list[str]:
    """Return titles of the permissions of a role that a narrowed grant does not give."""
    held = [about for permission, about in PERMISSIONS.items() if permission in role.permissions]
    return [about.title for about in held if not about.narrowable and not about.comes_along]


def _keys(place: Place, role: Role) -> dict[str, Unit | ProductLine | int]:
    named = [one for one in (place.unit, place.product_line, place.system) if one]
    if len(named) > 1:
        raise InputError("a grant holds in one place", remedy="Name a unit, a product line or a system; or none.")
    if named and not any(PERMISSIONS[one].narrowable for one in PERMISSIONS if one in role.permissions):
        raise InputError(f"nothing of the role {role} can be narrowed", remedy="Give it everywhere, or another role.")
    if place.unit:
        return {"unit": _found(Unit, place.unit)}
    if place.product_line:
        return {"product_line": _found(ProductLine, place.product_line)}
    return {"system_id": system_key(place.system)} if place.system else {}


def _found(model: type[Unit] | type[ProductLine], slug: str) -> Unit | ProductLine:
    row = model.objects.filter(slug=slug).first()
    if row is None:
        raise InputError(f"there is no {model._meta.verbose_name} {slug[:64]!r}", remedy="Choose one from the list.")
    return row
