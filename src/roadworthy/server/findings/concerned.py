"""Whom a finding concerns, and who leads those who can help."""

from __future__ import annotations

from django.db.models import Q

from roadworthy.server.accounts.models import Grant, User
from roadworthy.server.accounts.places import units_above
from roadworthy.server.findings.models import Finding
from roadworthy.server.systems.models import System

LEADS = ("responsible-ai-lead",)
"""Roles that an overdue finding is escalated to."""


def concerned(finding: Finding) -> list[int]:
    """Return the primary keys of the owner of the finding, of the system, and of whoever filed it."""
    people = {finding.owner_id, finding.system.owner_id, finding.opened_by_id}
    return sorted(pk for pk in people if pk is not None)


def leads(system: System, *, further: bool = False) -> list[int]:
    """Return the primary keys of the active people who lead responsible AI where the system is.

    Those of the system, its product line and its unit; where none of these has any, of the nearest unit above that has.
    With `further` those of every unit above as well. Whoever leads everywhere is always among them.
    """
    here = Q(system_id=system.pk)
    if system.product_line_id is not None:
        here |= Q(product_line=system.product_line_id)
    units = [Q(unit=unit) for unit in units_above(system.unit_id)]
    places = [here | units[0], *units[1:]] if units else [here]
    held = [_holding(place) for place in places]
    chosen = set().union(*held) if further else next((people for people in held if people), set())
    return sorted(chosen | _holding(Q(system_id=None, product_line=None, unit=None)))


def _holding(place: Q) -> set[int]:
    held = Grant.objects.filter(place, role__slug__in=LEADS)
    holding = Q(grants__in=held) | Q(memberships__in=held.values("group"))
    return set(User.objects.filter(holding, is_active=True).values_list("pk", flat=True))
