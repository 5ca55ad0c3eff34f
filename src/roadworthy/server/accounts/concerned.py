"""Who is concerned, so that they can be told: those who hold a role, or a permission, for the whole organisation."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Grant, Role, User

MOST = 200
"""People who are told of one thing."""


def holders(roles: Collection[str]) -> list[int]:
    """Return the keys of active people who hold one of the roles everywhere."""
    everywhere = Q(unit=None, product_line=None, system_id=None)
    granted = Grant.objects.filter(everywhere, role__slug__in=roles)
    direct = granted.filter(user__is_active=True).values_list("user_id", flat=True)[:MOST]
    grouped = granted.filter(group__members__is_active=True).values_list("group__members", flat=True)[:MOST]
    return sorted({key for key in [*direct, *grouped] if key is not None})[:MOST]


def candidates(permission: Permission, system: Any = None) -> list[User]:
    """Return the active people whose roles give a permission on a system, or somewhere, by name.

    A grant within a unit counts for every system, so that what is chosen must be checked again.
    """
    roles = [role.pk for role in Role.objects.all() if str(permission) in role.permissions]
    grants = Grant.objects.filter(role__in=roles)
    if system is not None:
        reached = Q(system_id=None, product_line=None, unit=None) | Q(system_id=system.pk) | Q(unit__isnull=False)
        grants = grants.filter(reached | Q(product_line=system.product_line_id, product_line__isnull=False))
    holding = Q(grants__in=grants) | Q(memberships__in=grants.values("group"))
    return list(User.objects.filter(holding, is_active=True).distinct().order_by("name", "pk")[:MOST])


def who_may(permission: Permission) -> list[int]:
    """Return the keys of active people whose roles give a permission everywhere."""
    roles = [role.slug for role in Role.objects.all() if str(permission) in role.permissions]
    return holders(roles)
