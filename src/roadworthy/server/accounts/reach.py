"""From grants to reach: what a person's roles allow, and where; two queries a request."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils import timezone

from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.scope import EVERYWHERE, NOTHING, Scope
from roadworthy.server.accounts.models import ApiToken, Delegation, Grant, Unit, User


def actor_of(user: User, door: Door, request: str | None = None) -> Actor:
    """Return the actor that a person is at this moment."""
    reach, roles = _reach(user)
    return Actor(user.pk, user.name, reach, roles, door, request=request or uuid.uuid4().hex)


def actor_of_token(token: ApiToken, door: Door, request: str | None = None) -> Actor:
    """Return the actor that a token is: what it was given, within what its person may at this moment; no role."""
    reach, _ = _reach(token.user)
    only = Scope(systems=frozenset({token.system_id})) if token.system_id else None
    held = {
        permission: (only if only and _covers(scope, only) else scope)
        for permission, scope in reach.items()
        if str(permission) in token.permissions
    }
    name = f"token {token.name} of {token.user.name}"
    return Actor(token.user_id, name, held, {}, door, token.pk, request or uuid.uuid4().hex)


def delegated_roles(user: User) -> Mapping[str, list[Delegation]]:
    """Return the roles in which a person stands in for others now: role id -> delegations."""
    moment = timezone.now()
    found = Delegation.objects.filter(
        receiver=user, starts__lte=moment, ends__gt=moment, revoked_at__isnull=True, giver__is_active=True
    ).select_related("role", "giver")
    given: dict[str, list[Delegation]] = {}
    for delegation in found:
        given.setdefault(delegation.role.slug, []).append(delegation)
    return given


def _reach(user: User) -> tuple[dict[Permission, Scope], dict[str, Scope]]:
    reach: dict[Permission, Scope] = {}
    roles: dict[str, Scope] = {}
    if not user.is_active:
        return reach, roles
    grants = list(
        Grant.objects.filter(Q(user=user) | Q(group__members=user)).select_related("role").distinct().order_by("pk")
    )
    known = set(Permission)
    below = _units_below() if any(grant.unit_id for grant in grants) else {}
    for grant in grants:
        scope = _scope(grant, below)
        roles[grant.role.slug] = roles.get(grant.role.slug, NOTHING) | scope
        for name in grant.role.permissions:
            if name in known:
                permission = Permission(name)
                reach[permission] = reach.get(permission, NOTHING) | scope
    return reach, roles


def _scope(grant: Grant, below: Mapping[int, frozenset[int]]) -> Scope:
    if grant.system_id is not None:
        return Scope(systems=frozenset({grant.system_id}))
    if grant.product_line_id is not None:
        return Scope(product_lines=frozenset({grant.product_line_id}))
    if grant.unit_id is not None:
        return Scope(units=below.get(grant.unit_id, frozenset({grant.unit_id})))
    return EVERYWHERE


def _covers(scope: Scope, only: Scope) -> bool:
    """Tell whether a token's one system may be asked for; rows decide whether it lies in a unit or product line."""
    return scope.everywhere or bool(scope.systems & only.systems)


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
