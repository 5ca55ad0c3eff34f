"""What can be done with roles: those that ship with the server stay as they are; an organisation adds its own."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.accounts.models import Role
from roadworthy.server.accounts.texts import name, slug
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked


@transaction.atomic
def make_role(actor: Actor, key: str, title: str, permissions: Iterable[str], signs: bool = False) -> Role:
    """Make a role of the organisation's own. Raises InputError for an id that is taken or an unknown permission."""
    actor.need(Permission.ACCOUNT_MANAGE)
    if Role.objects.filter(slug=slug(key)).exists():
        raise InputError(f"a role {key!r} is there already", remedy="Choose another id.")
    shown = name(title, "the title of a role")
    role = Role.objects.create(slug=key, title=shown, permissions=known(permissions), signs=signs)
    record(actor, "role.made", role.subject, after=_said(role), row=role)
    return role


@transaction.atomic
def change_role(
    actor: Actor, key: str, revision: int | None, title: str, permissions: Iterable[str], signs: bool
) -> Role:
    """Change a role of the organisation's own, for everybody who holds it.

    Raises Conflict for a role that ships with the server, Refused when nobody could administer after it.
    """
    actor.need(Permission.ACCOUNT_MANAGE)
    role = _own(key, revision)
    before = _said(role)
    role.title, role.permissions, role.signs = name(title, "the title of a role"), known(permissions), signs
    after = _said(role)
    if before != after:
        role.revision += 1
        role.save()
        record(actor, "role.changed", role.subject, before=before, after=after, row=role)
    return role


@transaction.atomic
def delete_role(actor: Actor, key: str, revision: int | None) -> None:
    """Delete a role of the organisation's own that nobody holds. Raises Conflict when somebody does."""
    actor.need(Permission.ACCOUNT_MANAGE)
    role = _own(key, revision)
    if role.grants.exists() or role.delegation_set.exists():
        raise Conflict("somebody holds this role or was lent it", remedy="Take it from everybody first.")
    subject, before = role.subject, _said(role)
    role.delete()
    record(actor, "role.deleted", subject, before=before)


def known(permissions: Iterable[str]) -> list[str]:
    """Return permissions sorted, each once; raises InputError for one that is not in the table."""
    given = sorted(set(map(str, permissions)))
    unknown = [one for one in given if one not in set(Permission)]
    if unknown:
        raise InputError(f"there is no permission {unknown[0][:64]!r}", remedy="Choose among those of the table.")
    return given


def _own(key: str, revision: int | None) -> Role:
    role = locked(Role.objects.all(), revision, slug=key)
    if role.built_in:
        raise Conflict("a role that ships with the server does not change", remedy="Make a role of your own.")
    return role


def _said(role: Role) -> dict[str, object]:
    return {"title": role.title, "permissions": role.permissions, "signs": role.signs}
