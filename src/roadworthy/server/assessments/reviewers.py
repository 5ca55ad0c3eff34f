"""Who may accept the assessments of a system."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Grant, Role, User
from roadworthy.server.systems.models import System

SHOWN = 50


def reviewers(system: System) -> list[int]:
    """Return the primary keys of people who may accept, as far as their grants name the place of the system."""
    return list(_holding(system, Permission.ASSESSMENT_ACCEPT).values_list("pk", flat=True)[:SHOWN])


def _holding(system: System, permission: Permission) -> QuerySet[User]:
    roles = [role.pk for role in Role.objects.all() if str(permission) in role.permissions]
    reached = Q(system_id=None, product_line=None, unit=None) | Q(system_id=system.pk)
    if system.product_line_id is not None:
        reached |= Q(product_line=system.product_line_id)
    if system.unit_id is not None:
        reached |= Q(unit=system.unit_id)
    grants = Grant.objects.filter(reached, role__in=roles)
    holding = Q(grants__in=grants) | Q(memberships__in=grants.values("group"))
    return User.objects.filter(holding, is_active=True).distinct().order_by("pk")
