"""Whom a finding concerns, and who leads those who can help."""

from __future__ import annotations

from django.db.models import Q

from roadworthy.server.accounts.models import Grant, User
from roadworthy.server.findings.models import Finding
from roadworthy.server.systems.models import System

LEADS = ("responsible-ai-lead",)
"""Roles that an overdue finding is escalated to."""


def concerned(finding: Finding) -> list[int]:
    """Return the primary keys of the owner of the finding, of the system, and of whoever filed it."""
    people = {finding.owner_id, finding.system.owner_id, finding.opened_by_id}
    return sorted(pk for pk in people if pk is not None)


def leads(system: System) -> list[int]:
    """Return the primary keys of the active people who lead responsible AI where the system is."""
    held = Grant.objects.filter(_reaching(system), role__slug__in=LEADS)
    holding = Q(grants__in=held) | Q(memberships__in=held.values("group"))
    return sorted(set(User.objects.filter(holding, is_active=True).values_list("pk", flat=True)))


def _reaching(system: System) -> Q:
    reached = Q(system_id=None, product_line=None, unit=None) | Q(system_id=system.pk)
    if system.product_line_id is not None:
        reached |= Q(product_line=system.product_line_id)
    if system.unit_id is not None:
        reached |= Q(unit=system.unit_id)
    return reached
