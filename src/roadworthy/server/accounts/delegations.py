"""What can be done with delegations: somebody signs in somebody's stead, in one role, until a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Refused
from roadworthy.server.accounts.models import Delegation, Role, User
from roadworthy.server.accounts.people import person_behind
from roadworthy.server.accounts.texts import name
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked

LONGEST = timedelta(days=366)


@transaction.atomic
def delegate(
    actor: Actor, role: str, receiver: int, ends: datetime, reason: str, starts: datetime | None = None
) -> Delegation:
    """Let somebody sign in one's own stead, in a role that one holds oneself, until `ends`.

    Raises Refused for a role that one does not hold, InputError for a bad time, receiver or role.
    """
    giver = person_behind(actor)
    if not actor.holds_role(role):
        raise Refused(
            "only a role that one holds can be delegated",
            remedy="Choose one of your own roles; what was delegated to you cannot be passed on.",
            action="delegation.make_refused",
        )
    given = Role.objects.get(slug=role)
    if not given.signs:
        raise InputError(f"the role {given} signs nothing", remedy="Choose a role in which you sign.")
    moment = timezone.now()
    begins = starts or moment
    if not (begins < ends and moment < ends <= begins + LONGEST):
        raise InputError("a delegation ends after it begins, within a year", remedy="Choose other days.")
    other = User.objects.filter(pk=receiver, is_active=True).exclude(pk=giver).first()
    if other is None:
        raise InputError("this person cannot stand in for you", remedy="Choose somebody else who is active.")
    said = name(reason, "a reason", 500)
    delegation = Delegation.objects.create(
        giver_id=giver, receiver=other, role=given, starts=begins, ends=ends, reason=said
    )
    after = {"role": role, "receiver": other.name, "starts": begins, "ends": ends, "reason": said}
    record(actor, "delegation.made", delegation.subject, after=after, row=delegation)
    return delegation


@transaction.atomic
def revoke_delegation(actor: Actor, key: int) -> Delegation:
    """End a delegation now: the giver, the receiver, or whoever manages accounts."""
    rows = Delegation.objects.select_related("giver", "receiver", "role")
    if not actor.may(Permission.ACCOUNT_MANAGE):
        person = person_behind(actor)
        rows = rows.filter(giver=person) | rows.filter(receiver=person)
    delegation = locked(rows, None, pk=key)
    if delegation.revoked_at is None:
        delegation.revoked_at = timezone.now()
        delegation.save(update_fields=["revoked_at"])
        record(actor, "delegation.revoked", delegation.subject, row=delegation)
    return delegation
