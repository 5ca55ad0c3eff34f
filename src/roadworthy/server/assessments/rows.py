"""Find assessments, lock them, and keep what a person did with one: revision, authors, figures, the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from roadworthy.assess.assessment import Assessment as Content
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.assessments.content import put_content, today
from roadworthy.server.assessments.models import Assessment, AssessmentState
from roadworthy.server.audit.services import record
from roadworthy.server.systems.models import System
from roadworthy.server.wire.revision import same_revision


def seen(actor: Actor) -> QuerySet[Assessment]:
    """Return the assessments that an actor may see, without their content: for lists."""
    rows = Assessment.objects.select_related("system", "version", "system__owner")
    rows = rows.defer("content", "version__declaration", "version__tiering", "version__changes", "system__purpose")
    return actor.visible(rows, Permission.ASSESSMENT_READ)


def find(actor: Actor, pk: int) -> Assessment:
    """Return an assessment that the actor may see; raises Missing."""
    rows = Assessment.objects.select_related(
        "system__product_line", "system__owner", "version", "created_by", "submitted_by", "accepted_by"
    )
    return actor.find(rows, Permission.ASSESSMENT_READ, pk=pk)


def locked(
    actor: Actor,
    pk: int,
    revision: int | None,
    permission: Permission = Permission.ASSESSMENT_WRITE,
    *,
    with_system: bool = False,
) -> Assessment:
    """Return an assessment, locked, that the actor may change, at the revision they saw.

    With `with_system` its system is locked first, as saving a version does: both always in this order.
    """
    if with_system:
        System.objects.select_for_update().get(pk=find(actor, pk).system_id)
    rows = Assessment.objects.select_for_update(of=("self",)).select_related("system__product_line", "version")
    row = actor.find(rows, Permission.ASSESSMENT_READ, pk=pk)
    actor.need_on(permission, row.system)
    if revision is not None:
        same_revision(row, revision)
    return row


def locked_draft(actor: Actor, pk: int, revision: int | None) -> Assessment:
    """Return an assessment, locked, whose scenarios the actor may change; raises Conflict when it is no draft."""
    row = locked(actor, pk, revision)
    if row.state != AssessmentState.DRAFT:
        remedy = _REMEDIES[AssessmentState(row.state)]
        raise Conflict(f"{row} is {row.get_state_display().lower()}, no draft", remedy=remedy)
    return row


def keep(
    actor: Actor,
    row: Assessment,
    content: Content,
    event: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    **detail: Any,
) -> Assessment:
    """Keep a changed assessment and record what was done."""
    put_content(row, content, today())
    note_author(row, actor)
    row.revision += 1
    row.save()
    record(actor, event, row.subject, before=before, after=after, row=row, **detail)
    return row


def note_author(row: Assessment, actor: Actor) -> None:
    """Note who changed an assessment: whoever wrote it alone does not accept it."""
    if actor.user_id is not None and actor.user_id not in row.authors:
        row.authors = [*row.authors, actor.user_id]


_REMEDIES = {
    AssessmentState.IN_REVIEW: "Have it returned first, or let the review end.",
    AssessmentState.ACCEPTED: "Begin a fresh assessment; it takes over what people did in this one.",
    AssessmentState.SUPERSEDED: "Open the newest assessment of the system.",
}
