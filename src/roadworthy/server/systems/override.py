"""Another tier than the rules give: begun and ended; signed and judged by the apps above."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor, server_actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.audit.services import record
from roadworthy.server.systems.models import System, TierOverride
from roadworthy.server.systems.properties import locked
from roadworthy.server.systems.tier_authority import (
    Seat,
    check_terms,
    lowers,
    make_key,
    refused,
    rules_tier,
    seat_of,
)
from roadworthy.server.wire.revision import same_revision

Follow = Callable[[Actor, System, TierOverride | None, str], None]
"""Takes who acts, a locked system whose tier was set or ended, the set tier that ended by it, and why."""
FOLLOW: list[Follow] = []
"""An upper app that keeps verdicts adds its own in `ready()`: it signs what was set, and judges again."""


def set_tier(actor: Actor, slug: str, revision: int, *, tier: str, reason: str, until: datetime) -> TierOverride:
    """Set a stricter tier than the rules give, in a role that the standard in force names, until a day.

    It is signed with the key of the person on the releases that it concerns, which are judged again. Raises Refused for
    whoever holds none of these roles, for the owner, for a lower tier, which needs the approval of somebody else
    (`lowering.ask_lower_tier`), and for a system that the standard prohibits.
    """
    make_key(actor)
    with transaction.atomic():
        row = locked(actor, slug, Permission.TIER_SET)
        same_revision(row, revision)
        seat = seat_of(actor, row)
        check_terms(row, tier, reason, until)
        if lowers(tier, rules_tier(row)):
            raise refused(row, "a lower tier than the rules give needs the approval of somebody else", "Ask for it.")
        return begin_override(actor, row, tier, reason.strip(), until, seat)


def begin_override(actor: Actor, row: System, tier: str, reason: str, until: datetime, seat: Seat) -> TierOverride:
    """Have another tier hold than the rules give, in the name of who takes the seat; the system is locked."""
    earlier = TierOverride.objects.filter(system=row, ended_at=None).first()
    if earlier:
        end_override(earlier, "Another tier was set.")
    override = TierOverride.objects.create(
        system=row,
        tier=tier,
        rules_tier=rules_tier(row),
        reason=reason,
        role=seat.role,
        user_id=seat.person,
        until=until,
    )
    before, row.tier, row.tier_set = row.tier, tier, True
    row.revision += 1
    row.save()
    follow(actor, row, earlier, f"The tier was set to {tier}.")
    if earlier:
        tell_override_ended(actor, row, earlier)
    after, people = {"tier": tier, "until": until}, [row.owner_id] if row.owner_id else []
    record(
        actor,
        "system.tier_set",
        row.subject,
        before={"tier": before},
        after=after,
        reason=override.reason,
        role=seat.role,
        row=row,
        people=people,
    )
    return override


@transaction.atomic
def end_set_tier(actor: Actor, slug: str, revision: int, reason: str) -> System:
    """End the tier that a person set: the rules hold again, and the releases concerned are judged again.

    Where the rules give a lower tier, it takes who may set one, so that no owner lowers the tier of their own.
    """
    row = locked(actor, slug, Permission.TIER_SET)
    same_revision(row, revision)
    override = TierOverride.objects.filter(system=row, ended_at=None).first()
    if override is None:
        raise Conflict(f"nobody has set the tier of {row}", remedy="The tier that you see is the one of the rules.")
    if not reason.strip():
        raise InputError("ending a set tier needs a reason", remedy="Say why the rules should hold again.")
    if lowers(rules_tier(row), override.tier):
        seat_of(actor, row)
    back_to_rules(actor, row, override, reason.strip())
    return row


def follow(actor: Actor, row: System, ended: TierOverride | None, why: str) -> None:
    """Have what rests on the tier of a system follow it; before the change is recorded, since judging takes a while."""
    for each in FOLLOW:
        each(actor, row, ended, why)
    row.refresh_from_db(fields=["governance"])


@transaction.atomic
def follow_later(system: int, ended: TierOverride) -> None:
    """Do the same for a set tier that ended in a transaction before."""
    follow(server_actor(), System.objects.select_for_update().get(pk=system), ended, ended.ended_why)


def end_overdue(actor: Actor) -> int:
    """End every set tier whose last day has passed; returns how many there were. For the scheduler."""
    keys = list(TierOverride.objects.filter(ended_at=None, until__lte=timezone.now()).values_list("system_id", "pk"))
    for system, key in keys:
        with transaction.atomic():
            row = System.objects.select_for_update().get(pk=system)
            override = TierOverride.objects.filter(pk=key, ended_at=None).first()
            if override:
                back_to_rules(actor, row, override, "Its last day has passed.")
    return len(keys)


def open_override(row: System) -> TierOverride | None:
    """Return the tier that a person set and that still holds."""
    return TierOverride.objects.filter(system=row, ended_at=None, until__gt=timezone.now()).first()


def end_override(override: TierOverride, why: str) -> None:
    """End a set tier; the caller saves the tier of the system, and tells of both afterwards."""
    override.ended_at = timezone.now()
    override.ended_why = why[:300]
    override.save(update_fields=["ended_at", "ended_why"])


def tell_override_ended(actor: Actor, row: System, override: TierOverride) -> None:
    """Record that a set tier ended; who set it and the owner are told."""
    before, after = {"tier": override.tier}, {"tier": override.rules_tier}
    people = sorted({override.user_id, *([row.owner_id] if row.owner_id else [])})
    said: dict[str, Any] = {"reason": override.ended_why, "people": people}
    record(actor, "system.tier_override_ended", row.subject, before=before, after=after, row=row, **said)


def tell_of_tier(actor: Actor, row: System, before: str) -> None:
    """Record that the tier of a system is another one now; its owner is told."""
    people = [row.owner_id] if row.owner_id else []
    told = {"tier": row.tier}
    record(actor, "system.tier_changed", row.subject, before={"tier": before}, after=told, row=row, people=people)


def back_to_rules(actor: Actor, row: System, override: TierOverride, why: str) -> None:
    """End a set tier of a locked system, have its releases judged again, and record it."""
    end_override(override, why)
    before = row.tier
    row.tier, row.tier_set = rules_tier(row), False
    row.revision += 1
    row.save()
    follow(actor, row, override, f"The tier {override.tier} that a person set ended: {why}")
    tell_override_ended(actor, row, override)
    if before != row.tier:
        tell_of_tier(actor, row, before)
