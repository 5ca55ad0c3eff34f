"""Another tier than the rules give: set by a specialist with a reason, until a day, never by the owner."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from roadworthy.server.access.actor import Actor
from roadworthy.server.audit.services import record
from roadworthy.server.systems.models import System, TierOverride


def open_override(row: System, at: datetime | None = None) -> TierOverride | None:
    """Return the tier that a person set and that still holds."""
    moment = at or timezone.now()
    return TierOverride.objects.filter(system=row, ended_at=None, until__gt=moment).first()


def end_override(actor: Actor, row: System, override: TierOverride, why: str) -> None:
    """End a set tier; the caller saves the tier of the system."""
    override.ended_at = timezone.now()
    override.ended_why = why[:300]
    override.save(update_fields=["ended_at", "ended_why"])
    record(
        actor,
        "system.tier_override_ended",
        row.subject,
        before={"tier": override.tier},
        after={"tier": override.rules_tier},
        reason=why,
        row=row,
    )
