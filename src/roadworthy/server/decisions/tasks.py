"""What the server does by itself: exceptions expire, evidence ends, authority is lost, and decisions follow."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.actor import server_actor
from roadworthy.server.access.events import Event
from roadworthy.server.decisions.carrying import carry
from roadworthy.server.decisions.exceptions import expire_exception
from roadworthy.server.decisions.losing import check_authority
from roadworthy.server.decisions.models import ExceptionRequest, ExceptionState
from roadworthy.server.decisions.reopening import end_standards, judge_ended
from roadworthy.server.jobs.models import Schedule
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.models import TierOverride

log = logging.getLogger("roadworthy.decisions")
JOB = "reopening"
EVERY = timedelta(minutes=10)
MOST = 500
"""Of each kind in one run; what is left waits for the next one, and clearance refuses it meanwhile anyway."""


def expire_exceptions(now: datetime) -> int:
    """Mark exceptions whose end has passed, judge anew what rested on them, and return how many ended."""
    states = [ExceptionState.APPROVED, ExceptionState.REQUESTED]
    rows = ExceptionRequest.objects.filter(state__in=states, until__lte=now)
    ended = 0
    for pk in list(rows.order_by("until").values_list("pk", flat=True)[:MOST]):
        try:
            ended += expire_exception(server_actor(), pk, now)
        except RoadworthyError:
            log.exception("the exception %d could not be ended", pk)
    return ended


def reopen_due(now: datetime) -> str:
    """Do all that time and other changes ask for; may be run again at any time."""
    ended = expire_exceptions(now)
    judged = judge_ended(now, MOST)
    refused = end_standards(now, MOST)
    lost = check_authority(MOST)
    carried = carry_over()
    return f"{ended} exceptions ended, {judged} judged anew, {refused} by old standards, {lost} lost, {carried} carried"


def carry_over() -> int:
    """Add to new releases what people signed before, where a crash came between; return how many."""
    set_tier = Q(system__in=TierOverride.objects.filter(ended_at=None).values("system"))
    signed = Release.objects.filter(set_tier | Q(system__records__user__isnull=False), current=True, resealed=None)
    found = list(signed.distinct().order_by("pk").values_list("pk", "system_id")[:MOST])
    return sum(carry(pk, system) for pk, system in found)


def soon(event: Event) -> None:
    """Hear of a change that may reopen decisions: have the job run at the next tick, if the change stands."""
    del event
    Schedule.objects.filter(name=JOB).update(next_at=timezone.now())


_PEOPLE = ("user.deactivated", "user.removed", "grant.deleted", "role.changed", "role.deleted")
_GROUPS = ("group.changed", "group.deleted", "group.member_removed", "unit.changed")


def hear_of_people(event: Event) -> None:
    """Hear of a role that somebody may have lost by it."""
    if event.name in _PEOPLE or event.name in _GROUPS:
        soon(event)
