"""What assessments hear: a version that owes a fresh look, evidence that ends, an intake that came from a brief."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from roadworthy.server.access.actor import server_actor
from roadworthy.server.access.events import Event
from roadworthy.server.assessments.content import content_of, put_figures
from roadworthy.server.assessments.lifecycle import residual_words
from roadworthy.server.assessments.models import Assessment, AssessmentState, Brief
from roadworthy.server.audit.services import record
from roadworthy.server.systems.models import Intake, System, SystemVersion

CURRENT = (AssessmentState.DRAFT, AssessmentState.IN_REVIEW, AssessmentState.ACCEPTED)
ROUND = 500
"""Assessments looked at in one round of the job."""


def hear_version(event: Event) -> None:
    """Mark the assessments of a system whose new version owes a fresh one; its owner is told."""
    version = event.row
    if not isinstance(version, SystemVersion) or not version.assessment_owed:
        return
    rows = Assessment.objects.select_for_update(of=("self",)).select_related("system", "version")
    owing = rows.filter(system=version.system_id, state__in=CURRENT, refresh_owed=False).exclude(version=version.pk)
    for row in owing.order_by("pk"):
        row.refresh_owed = True
        row.revision += 1
        row.save(update_fields=["refresh_owed", "revision", "updated_at"])
        people = [pk for pk in {row.system.owner_id, *row.authors} if pk is not None]
        after = {"assessed": row.version.number, "newest": version.number}
        record(event.actor, "assessment.refresh_owed", row.subject, after=after, row=row, people=people)


def hear_intake(event: Event) -> None:
    """Tie a brief to the system that was declared from it."""
    intake = event.row
    if isinstance(intake, Intake) and intake.system_id is not None:
        Brief.objects.filter(intake=intake.pk, system=None).update(system=intake.system_id)


def expire_evidence(moment: datetime) -> str:
    """Raise the residual risk of assessments whose evidence has ended; whoever owns the system is told, once."""
    day = timezone.localtime(moment).date()
    rows = Assessment.objects.filter(state__in=CURRENT, residual_until__lt=day).order_by("residual_until", "pk")
    found = list(rows.values_list("pk", "system_id")[:ROUND])
    return f"{sum(_expire(pk, system, moment) for pk, system in found)} residual risks rose"


@transaction.atomic
def _expire(pk: int, system: int, moment: datetime) -> int:
    day = timezone.localtime(moment).date()
    System.objects.select_for_update().get(pk=system)
    rows = Assessment.objects.select_for_update(of=("self",)).select_related("system")
    row = rows.filter(pk=pk, state__in=CURRENT, residual_until__lt=day).first()
    if row is None:
        return 0
    before = {"residual": residual_words(row), "worst": row.worst}
    put_figures(row, content_of(row), day)
    row.revision += 1
    row.save()
    if row.state == AssessmentState.ACCEPTED:
        System.objects.filter(pk=system).update(risk_low=row.residual_low, risk_high=row.residual_high)
    after = {"residual": residual_words(row), "worst": row.worst}
    people = [row.system.owner_id] if row.system.owner_id else []
    record(
        server_actor(), "assessment.evidence_expired", row.subject, before=before, after=after, row=row, people=people
    )
    return 1
