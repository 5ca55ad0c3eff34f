"""From grants to reach: what a person's roles allow, and where; two queries a request, few more for who stands in.

Both are asked for in SQL: every request begins with them, and composing them would cost more than asking.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.permissions import PERMISSIONS, Permission
from roadworthy.server.access.roles import SIGN
from roadworthy.server.access.scope import EVERYWHERE, NOTHING, Scope
from roadworthy.server.accounts.models import ApiToken, Delegation, Unit, User
from roadworthy.server.accounts.places import place_of

_HELD = """
SELECT r.slug, r.permissions, g.unit_id, g.product_line_id, g.system_id
FROM accounts_grant g JOIN accounts_role r ON r.id = g.role_id
WHERE g.user_id = %s OR g.group_id IN (SELECT m.group_id FROM accounts_group_members m WHERE m.user_id = %s)
ORDER BY g.id
"""
_STANDS_IN = "SELECT 1 FROM accounts_delegation WHERE receiver_id = %s AND revoked_at IS NULL LIMIT 1"


@dataclass(frozen=True)
class Held:
    """A role that a person holds by a grant, and how far."""

    role: str
    permissions: Collection[str]
    scope: Scope


def actor_of(user: User, door: Door, request: str | None = None) -> Actor:
    """Return the actor that a person is at this moment."""
    reach, roles = _reach(user)
    return Actor(user.pk, user.name, reach, roles, door, request=request or uuid.uuid4().hex)


def actor_of_token(token: ApiToken, door: Door, request: str | None = None) -> Actor:
    """Return the actor that a token is: what it was given, within what its person may at this moment; no role."""
    reach, _ = _reach(token.user)
    held = {permission: scope for permission, scope in reach.items() if str(permission) in token.permissions}
    if token.system_id is not None:
        held = _only_there(held, token.system_id)
    name = f"token {token.name} of {token.user.name}"
    return Actor(token.user_id, name, held, {}, door, token.pk, request or uuid.uuid4().hex)


def delegated_roles(user: User) -> Mapping[str, list[Delegation]]:
    """Return the roles in which a person stands in for others now: role id -> delegations.

    A delegation counts only while its giver is active and holds the role; how far, `roles_of(giver)` says.
    """
    given: dict[str, list[Delegation]] = {}
    for delegation, _ in _delegations(user):
        given.setdefault(delegation.role.slug, []).append(delegation)
    return given


def roles_of(user: User) -> dict[str, Scope]:
    """Return the roles that a person holds now, with how far each reaches; none for who is inactive."""
    roles: dict[str, Scope] = {}
    for held in _held(user):
        roles[held.role] = roles.get(held.role, NOTHING) | held.scope
    return roles


def _reach(user: User) -> tuple[dict[Permission, Scope], dict[str, Scope]]:
    """Return permissions and roles. Who stands in for somebody also gets what signing needs, as far as the giver."""
    reach: dict[Permission, Scope] = {}
    roles: dict[str, Scope] = {}
    for held in _held(user):
        roles[held.role] = roles.get(held.role, NOTHING) | held.scope
        _extend(reach, held.permissions, held.scope, frozenset(Permission))
    if user.is_active:
        for delegation, scope in _delegations(user):
            _extend(reach, delegation.role.permissions, scope, SIGN)
    return reach, roles


def _extend(
    reach: dict[Permission, Scope], permissions: Collection[str], scope: Scope, among: frozenset[Permission]
) -> None:
    for permission in among:
        if permission in permissions and (reached := within(permission, scope)):
            reach[permission] = reach.get(permission, NOTHING) | reached


def _held(user: User) -> list[Held]:
    if not user.is_active:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [user.pk, user.pk])
        rows = cursor.fetchall()
    below = _units_below() if any(unit for _, _, unit, _, _ in rows) else {}
    return [
        Held(role, frozenset(json.loads(permissions)), _scope(unit, line, system, below))
        for role, permissions, unit, line, system in rows
    ]


def _delegations(user: User) -> list[tuple[Delegation, Scope]]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDS_IN, [user.pk])
        if cursor.fetchone() is None:
            return []
    moment = timezone.now()
    found = Delegation.objects.filter(
        receiver=user, starts__lte=moment, ends__gt=moment, revoked_at__isnull=True, giver__is_active=True
    ).select_related("role", "giver")
    return [(one, held) for one in found if (held := roles_of(one.giver).get(one.role.slug, NOTHING))]


def within(permission: Permission, scope: Scope) -> Scope:
    """Return how far a permission reaches that was given within `scope`.

    What cannot be narrowed is not given at all by a narrowed grant, unless it is harmless.
    """
    about = PERMISSIONS[permission]
    if scope.everywhere or about.narrowable:
        return scope
    return EVERYWHERE if about.comes_along else NOTHING


def _scope(unit: int | None, line: int | None, system: int | None, below: Mapping[int, frozenset[int]]) -> Scope:
    if system is not None:
        return Scope(systems=frozenset({system}))
    if line is not None:
        return Scope(product_lines=frozenset({line}))
    if unit is not None:
        return Scope(units=below.get(unit, frozenset({unit})))
    return EVERYWHERE


def _only_there(held: Mapping[Permission, Scope], system: int) -> dict[Permission, Scope]:
    """Narrow what a token holds to its one system, as far as its person reaches that."""
    place = place_of(system)
    only = Scope(systems=frozenset({system}))
    narrowed: dict[Permission, Scope] = {}
    for permission, scope in held.items():
        if not PERMISSIONS[permission].narrowable:
            narrowed[permission] = within(permission, only) if scope else NOTHING
        elif place is not None and scope.reaches(*place):
            narrowed[permission] = only
    return narrowed


def _units_below() -> dict[int, frozenset[int]]:
    """Return for each unit itself and all units below it."""
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    below: dict[int, set[int]] = {pk: {pk} for pk in parents}
    for pk in parents:
        for above in _chain(pk, parents):
            below[above].add(pk)
    return {pk: frozenset(found) for pk, found in below.items()}


def _chain(pk: int, parents: Mapping[int, int | None]) -> Iterable[int]:
    seen = {pk}
    above = parents.get(pk)
    while above is not None and above not in seen:
        yield above
        seen.add(above)
        above = parents.get(above)
