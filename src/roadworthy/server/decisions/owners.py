"""Whose own request it is: who may not sign, whatever their roles."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from roadworthy.server.accounts.models import User


def owners_of(release: Any) -> frozenset[int]:
    """Return the people whose release it is: owner of the system, accountable, contact, and who pushed it.

    People are found by mail address and by name: a second account of the owner is the owner.
    """
    system = release.system
    found = {pk for pk in (system.owner_id, release.pushed_by_id) if pk is not None}
    owner = User.objects.filter(pk=system.owner_id).first() if system.owner_id else None
    said = [text for text in (system.accountable, system.contact, owner.name if owner else "") if text.strip()]
    if said:
        matching = Q()
        for text in said:
            matching |= Q(name__iexact=text.strip()) | Q(email__iexact=text.strip())
        found |= set(User.objects.filter(matching).values_list("pk", flat=True))
    return frozenset(found)
