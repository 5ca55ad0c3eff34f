"""The critique of an assessment: read against the newest declaration of its system, with the place to settle each."""

from __future__ import annotations

from django.urls import reverse

from roadworthy.assess.critique import critique
from roadworthy.assess.remark import Remark
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.models import Assessment, AssessmentState
from roadworthy.server.assessments.register_rows import scenario_url
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import SystemVersion


def criticise(row: Assessment) -> tuple[Remark, ...]:
    """Say what is missing or weak in an assessment today, the gravest first; one query beside the row's own."""
    newest = SystemVersion.objects.get(pk=row.system.version_id) if row.system.version_id else row.version
    return critique(content_of(row), declared(newest), today())


def settled_at(row: Assessment, remark: Remark) -> str:
    """Return the address at which a remark is settled."""
    if remark.mitigation:
        return reverse("assessments:mitigation", args=[row.pk, remark.mitigation])
    if remark.rule == "threat-without-scenario":
        return f"{row.subject.url}?tab=threats"
    if remark.rule == "part-without-scenario" and row.state == AssessmentState.DRAFT:
        return reverse("assessments:add", args=[row.pk])
    if remark.scenario and remark.rule != "overtaken":
        return scenario_url(row, remark.scenario)
    return row.subject.url
