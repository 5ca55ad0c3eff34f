"""Another tier than the rules give: set by a specialist with a reason, until a day, never by the owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.audit.services import record
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.models import System, TierOverride
from roadworthy.server.systems.properties import locked
from roadworthy.server.wire.revision import same_revision
from roadworthy.standard.model import Tier

LONGEST = timedelta(days=366)
REFUSED = "system.tier_set_refused"


@transaction.atomic
def set_tier(actor: Actor, slug: str, revision: int, *, tier: str, reason: str, until: datetime) -> TierOverride:
    """Set another tier than the rules give, in a role that the standard in force names, until a day.

    Raises Refused for whoever holds none of these roles, for the owner, and for a system that the standard prohibits.
    """
    row = locked(actor, slug, Permission.TIER_SET)
    same_revision(row, revision)
    rules_tier = row.version.tier if row.version else row.tier
    role, person = _role(actor, row)
    if rules_tier == Tier.PROHIBITED:
        raise _refused(row, "what the standard prohibits cannot be set to another tier", "Change what the system does.")
    _check(tier, rules_tier, reason, until)
    earlier = TierOverride.objects.filter(system=row, ended_at=None).first()
    if earlier:
        end_override(earlier, "Another tier was set.")
    override = TierOverride.objects.create(
        system=row,
        tier=tier,
        rules_tier=rules_tier,
        reason=reason.strip(),
        role=role,
        user_id=person,
        until=until,
    )
    before, row.tier, row.tier_set = row.tier, tier, True
    row.revision += 1
    row.save()
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
        role=role,
        row=row,
        people=people,
    )
    return override


@transaction.atomic
def end_set_tier(actor: Actor, slug: str, revision: int, reason: str) -> System:
    """End the tier that a person set: the rules hold again."""
    row = locked(actor, slug, Permission.TIER_SET)
    same_revision(row, revision)
    override = TierOverride.objects.filter(system=row, ended_at=None).first()
    if override is None:
        raise Conflict(f"nobody has set the tier of {row}", remedy="The tier that you see is the one of the rules.")
    if not reason.strip():
        raise InputError("ending a set tier needs a reason", remedy="Say why the rules should hold again.")
    _back_to_rules(actor, row, override, reason.strip())
    return row


def end_overdue(actor: Actor) -> int:
    """End every set tier whose last day has passed; returns how many there were. For the scheduler."""
    keys = list(TierOverride.objects.filter(ended_at=None, until__lte=timezone.now()).values_list("system_id", "pk"))
    for system, key in keys:
        with transaction.atomic():
            row = System.objects.select_for_update().get(pk=system)
            override = TierOverride.objects.filter(pk=key, ended_at=None).first()
            if override:
                _back_to_rules(actor, row, override, "Its last day has passed.")
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


def owns(actor: Actor, row: System) -> bool:
    """Tell whether the actor is the owner of a system, by the row or by the name or mail that it declares."""
    from roadworthy.server.accounts.models import User

    if actor.user_id is None:
        return False
    if actor.user_id == row.owner_id:
        return True
    person = User.objects.filter(pk=actor.user_id).first()
    named = {text.strip().casefold() for text in (row.contact, row.accountable) if text.strip()}
    return person is not None and bool(named & {person.name.casefold(), person.email.casefold()})


def _back_to_rules(actor: Actor, row: System, override: TierOverride, why: str) -> None:
    end_override(override, why)
    before = row.tier
    row.tier, row.tier_set = (row.version.tier if row.version else override.rules_tier), False
    row.revision += 1
    row.save()
    tell_override_ended(actor, row, override)
    if before != row.tier:
        tell_of_tier(actor, row, before)


def _role(actor: Actor, row: System) -> tuple[str, int]:
    """Return the role in which a person may set the tier, and their key."""
    roles = in_force().standard.authority.tier_roles
    held = next((role for role in roles if actor.holds_role(role, row)), None)
    if held is None or actor.user_id is None:
        named = " or ".join(roles) or "a role that nobody has"
        raise _refused(row, f"{actor.name} holds no role that may set a tier", f"The standard asks for {named}.")
    if owns(actor, row):
        raise _refused(row, f"{actor.name} owns the system, and nobody sets the tier of their own", "Ask a colleague.")
    return held, actor.user_id


def _refused(row: System, problem: str, remedy: str) -> Refused:
    return Refused(problem, remedy=remedy, action=REFUSED, system=row.slug)


def _check(tier: str, rules_tier: str, reason: str, until: datetime) -> None:
    if tier not in set(map(str, Tier)):
        raise InputError(f"{tier!r} is no tier", remedy=f"Choose of: {', '.join(Tier)}.")
    if tier == rules_tier:
        raise InputError(f"the rules give the tier {tier} already", remedy="Choose another one, or leave it.")
    if len(reason.strip()) < 10:
        raise InputError("another tier needs a reason", remedy="Say which facts the rules do not see, in a sentence.")
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise InputError("the last day must lie within a year from now", remedy="Choose a day up to a year ahead.")
