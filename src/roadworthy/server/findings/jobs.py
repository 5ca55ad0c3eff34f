"""Jobs of findings: reminders, escalation, and the end of accepted risks. Each row is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.server.access.actor import Actor, Door, server_actor
from roadworthy.server.audit.services import record
from roadworthy.server.business_days import business_calendar
from roadworthy.server.findings.concerned import concerned, leads
from roadworthy.server.findings.models import UNSOLVED, Finding, FindingState
from roadworthy.server.findings.opening import reopen_finding

SOON = 3
"""Business days before the due date on which people are reminded."""
ESCALATED = 5
"""Business days after it on which those who lead are told."""
FURTHER = 15
"""Business days after it on which those who lead the units above are told, too."""
AT_ONCE = 1000
"""Findings that one run takes; the next one takes the rest."""


def remind(moment: datetime) -> str:
    """Remind of findings that are due soon or overdue, and escalate those that are overdue for long."""
    calendar, actor = business_calendar(), server_actor(Door.JOB)
    rows = Finding.objects.filter(state__in=UNSOLVED)
    near = rows.filter(told_due_soon=False, told_overdue=False, due__gt=moment, due__lte=calendar.due(moment, SOON))
    over = rows.filter(told_overdue=False, due__lte=moment)
    long_over = rows.filter(escalated_at=None, told_overdue=True, due__lte=calendar.due(moment, -ESCALATED))
    longest_over = rows.filter(
        escalated_further_at=None, escalated_at__isnull=False, due__lte=calendar.due(moment, -FURTHER)
    )
    counts = [
        _each(near, lambda finding: _tell(actor, finding, "finding.due_soon", moment)),
        _each(over, lambda finding: _tell(actor, finding, "finding.overdue", moment)),
        _each(long_over, lambda finding: _tell(actor, finding, "finding.escalated", moment)),
        _each(longest_over, lambda finding: _tell(actor, finding, "finding.escalated_further", moment)),
    ]
    return "{} due soon, {} overdue, {} escalated, {} further".format(*counts)


def expire_acceptances(moment: datetime) -> str:
    """Open findings again whose risk was accepted until now."""
    actor = server_actor(Door.JOB)
    rows = Finding.objects.filter(state=FindingState.ACCEPTED, accepted_until__lte=moment)
    return f"{_each(rows, lambda finding: _expire(actor, finding, moment))} accepted risks ended"


def _each(rows: QuerySet[Finding], do: Callable[[Finding], None]) -> int:
    pks = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_one(rows, pk, do) for pk in pks)


def _one(rows: QuerySet[Finding], pk: int, do: Callable[[Finding], None]) -> bool:
    """Lock a row and do it, unless somebody was faster."""
    with transaction.atomic():
        locked = rows.select_for_update(of=("self",)).select_related("system__product_line", "owner")
        finding = locked.filter(pk=pk).first()
        if finding is None:
            return False
        do(finding)
    return True


def _tell(actor: Actor, finding: Finding, event: str, moment: datetime) -> None:
    people = set(concerned(finding))
    if event == "finding.due_soon":
        finding.told_due_soon = True
    elif event == "finding.overdue":
        finding.told_overdue = True
    elif event == "finding.escalated":
        finding.escalated_at = moment
        people |= set(leads(finding.system))
    else:
        finding.escalated_further_at = moment
        people |= set(leads(finding.system, further=True))
    finding.save(update_fields=["told_due_soon", "told_overdue", "escalated_at", "escalated_further_at"])
    record(actor, event, finding.subject, row=finding, people=sorted(people), due=finding.due)


def _expire(actor: Actor, finding: Finding, moment: datetime) -> None:
    before = {"state": finding.state, "until": finding.accepted_until}
    people = sorted({*concerned(finding), *([finding.accepted_by_id] if finding.accepted_by_id else [])})
    reopen_finding(finding, finding.severity, moment)
    after = {"state": finding.state, "due": finding.due}
    reason = "The accepted risk has reached its end."
    record(
        actor,
        "finding.acceptance_expired",
        finding.subject,
        before=before,
        after=after,
        row=finding,
        people=people,
        reason=reason,
    )
