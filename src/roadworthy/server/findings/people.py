"""People who can own a finding: those who can work on it where its system is."""

from __future__ import annotations

from django.db.models import Q

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Grant, Role, User
from roadworthy.server.systems.models import System

SHOWN = 200


def candidates(system: System | None = None) -> list[User]:
    """Return the active people who may write findings of a system, or of some; by name."""
    roles = [role.pk for role in Role.objects.all() if str(Permission.FINDING_WRITE) in role.permissions]
    grants = Grant.objects.filter(role__in=roles)
    if system is not None:
        reached = Q(system_id=None, product_line=None, unit=None) | Q(system_id=system.pk) | Q(unit__isnull=False)
        grants = grants.filter(reached | Q(product_line=system.product_line_id, product_line__isnull=False))
    holding = Q(grants__in=grants) | Q(memberships__in=grants.values("group"))
    return list(User.objects.filter(holding, is_active=True).distinct().order_by("name", "pk")[:SHOWN])
