"""Who may set another tier than the rules give, and on what terms: a role of the standard, never the owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.refusals import Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.models import System
from roadworthy.standard.model import Tier

LONGEST = timedelta(days=366)
REFUSED = "system.tier_set_refused"


@dataclass(frozen=True)
class Seat:
    """The role in which a person sets a tier."""

    role: str
    person: int


@dataclass(frozen=True)
class Limits:
    """What an upper app says of who may set the tier of a system."""

    roles: frozenset[str]
    """Only these, of those that the standard names."""
    barred: frozenset[int]
    """People whose own system it is."""
    people: frozenset[int]
    """Who holds one of the roles on the system, to be told."""


LIMITS: list[Callable[[System, str, tuple[str, ...]], Limits]] = []
"""An upper app with rules of authority adds its own in `ready()`: takes the system, the tier by the rules, and the
roles that the standard names."""


def rules_tier(row: System) -> str:
    """Return the tier that the rules give a system."""
    return row.version.tier if row.version else row.tier


def lowers(tier: str, than: str) -> bool:
    """Tell whether a tier is less strict than another."""
    return Tier(tier).severity < Tier(than).severity


def make_key(actor: Actor) -> None:
    """Have a key made for a person who may sign soon; called before anything is locked."""
    if actor.user_id is not None and actor.token_id is None:
        signer_of(User.objects.get(pk=actor.user_id))


def limits_of(row: System) -> Limits:
    """Return who may set the tier of a system, by the standard in force and by every rule above it."""
    named = tuple(in_force().standard.authority.tier_roles)
    found = [limits(row, rules_tier(row), named) for limits in LIMITS]
    roles = frozenset(named).intersection(*(one.roles for one in found))
    nobody: frozenset[int] = frozenset()
    return Limits(roles, nobody.union(*(one.barred for one in found)), nobody.union(*(one.people for one in found)))


def seat_of(actor: Actor, row: System) -> Seat:
    """Return the role in which a person may set the tier of a system; raises Refused for all others.

    What the standard prohibits, nobody may.
    """
    need_permitted(row)
    limits = limits_of(row)
    held = next((role for role in sorted(limits.roles) if actor.holds_role(role, row)), None)
    if held is None or actor.user_id is None or actor.token_id is not None:
        named = " or ".join(sorted(limits.roles)) or "a role that nobody has"
        raise refused(row, f"{actor.name} holds no role that may set a tier", f"It takes {named}, who has signed in.")
    if owns(actor, row) or actor.user_id in limits.barred:
        raise refused(row, f"{actor.name} owns the system, and nobody sets the tier of their own", "Ask a colleague.")
    return Seat(held, actor.user_id)


def need_permitted(row: System) -> None:
    """Raise Refused for a system that the standard prohibits: it has no other tier."""
    if rules_tier(row) == Tier.PROHIBITED:
        raise refused(row, "what the standard prohibits cannot be set to another tier", "Change what the system does.")


def owns(actor: Actor, row: System) -> bool:
    """Tell whether the actor is the owner of a system, by the row or by the name or mail that it declares."""
    if actor.user_id is None:
        return False
    if actor.user_id == row.owner_id:
        return True
    person = User.objects.filter(pk=actor.user_id).first()
    named = {text.strip().casefold() for text in (row.contact, row.accountable) if text.strip()}
    return person is not None and bool(named & {person.name.casefold(), person.email.casefold()})


def refused(row: System, problem: str, remedy: str) -> Refused:
    """Return a refusal about the tier of a system, which the door records."""
    return Refused(problem, remedy=remedy, action=REFUSED, system=row.slug)


def check_terms(row: System, tier: str, reason: str, until: datetime) -> None:
    """Raise InputError for a tier that is none or the one of the rules, a reason that says nothing, an end far away."""
    given = rules_tier(row)
    if tier not in set(map(str, Tier)):
        raise InputError(f"{tier!r} is no tier", remedy=f"Choose of: {', '.join(Tier)}.")
    if tier == given:
        raise InputError(f"the rules give the tier {tier} already", remedy="Choose another one, or leave it.")
    if len(reason.strip()) < 10:
        raise InputError("another tier needs a reason", remedy="Say which facts the rules do not see, in a sentence.")
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise InputError("the last day must lie within a year from now", remedy="Choose a day up to a year ahead.")
