"""From grants to reach: what a person's roles allow, and where; two or three queries a request."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils import timezone

from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.permissions import PERMISSIONS, Permission
from roadworthy.server.access.roles import SIGN
from roadworthy.server.access.scope import EVERYWHERE, NOTHING, Scope
from roadworthy.server.accounts.models import ApiToken, Delegation, Grant, Role, Unit, User
from roadworthy.server.accounts.places import place_of


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
    for grant, scope in _grants(user):
        roles[grant.role.slug] = roles.get(grant.role.slug, NOTHING) | scope
    return roles


def _reach(user: User) -> tuple[dict[Permission, Scope], dict[str, Scope]]:
    """Return permissions and roles. Who stands in for somebody also gets what signing needs, as far as the giver."""
    reach: dict[Permission, Scope] = {}
    roles: dict[str, Scope] = {}
    for grant, scope in _grants(user):
        roles[grant.role.slug] = roles.get(grant.role.slug, NOTHING) | scope
        _extend(reach, grant.role, scope, frozenset(Permission))
    if user.is_active:
        for delegation, scope in _delegations(user):
            _extend(reach, delegation.role, scope, SIGN)
    return reach, roles


def _extend(reach: dict[Permission, Scope], role: Role, scope: Scope, among: frozenset[Permission]) -> None:
    for permission in among:
        if permission in role.permissions and (reached := within(permission, scope)):
            reach[permission] = reach.get(permission, NOTHING) | reached


def _grants(user: User) -> list[tuple[Grant, Scope]]:
    if not user.is_active:
        return []
    grants = list(
        Grant.objects.filter(Q(user=user) | Q(group__members=user)).select_related("role").distinct().order_by("pk")
    )
    below = _units_below() if any(grant.unit_id for grant in grants) else {}
    return [(grant, _scope(grant, below)) for grant in grants]


def _delegations(user: User) -> list[tuple[Delegation, Scope]]:
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


def _scope(grant: Grant, below: Mapping[int, frozenset[int]]) -> Scope:
    if grant.system_id is not None:
        return Scope(systems=frozenset({grant.system_id}))
    if grant.product_line_id is not None:
        return Scope(product_lines=frozenset({grant.product_line_id}))
    if grant.unit_id is not None:
        return Scope(units=below.get(grant.unit_id, frozenset({grant.unit_id})))
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
