"""What people do with product briefs: have one drafted from, take over what a model suggests, go on, discard."""

from __future__ import annotations

import json

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from roadworthy.assess.drafter import Suggested, with_suggestions
from roadworthy.assess.lexicon import Finding
from roadworthy.core.errors import RoadworthyError
from roadworthy.project.briefing import plan_from_brief
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.assessments.brief_reading import (
    LEFT,
    TAKEN,
    answers_of,
    plain_text,
    plan_of,
    suggestions_of,
    taken_of,
)
from roadworthy.server.assessments.drafter import DrafterFailed, drafter
from roadworthy.server.assessments.models import Brief
from roadworthy.server.audit.services import record
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.intake import start_intake
from roadworthy.server.systems.models import Intake
from roadworthy.server.wire.revision import same_revision


@transaction.atomic
def draft_brief(actor: Actor, text: str | bytes, title: str = "") -> Brief:
    """Keep a brief of about a page with what is drafted from it by rules. Raises InputError when it cannot be read."""
    actor.need(Permission.ASSESSMENT_WRITE)
    row = Brief(owner_id=actor.person, text=plain_text(text))
    _draft(row)
    row.title = (title.strip() or plan_of(row).draft.title or "Untitled brief")[:300]
    row.save()
    record(actor, "brief.drafted", row.subject, after={"tier": row.tier, "known_tier": row.known_tier}, row=row)
    return row


def ask_model(actor: Actor, pk: int, revision: int) -> Brief:
    """Send a brief to the configured model, and keep what it suggests beside the draft.

    It changes no fact. The model is asked outside of any transaction. Raises Conflict where none is configured,
    DrafterFailed when it gives no answer that can be used.
    """
    row = _owned(actor, find_brief(actor, pk))
    same_revision(row, revision)
    reader = drafter()
    if reader is None:
        raise Conflict("no model is configured", remedy="Have ROADWORTHY_DRAFTER_URL and ROADWORTHY_DRAFTER_MODEL set.")
    try:
        suggested = reader.draft(row.text)
    except RoadworthyError as error:
        raise DrafterFailed(
            f"the model suggested nothing: {error.problem}", remedy="The draft stands without."
        ) from error
    return _keep_suggested(actor, pk, revision, suggested)


@transaction.atomic
def answer_suggestion(actor: Actor, pk: int, revision: int, number: int, *, take: bool) -> Brief:
    """Take over a suggestion as a fact, which drafts anew, or leave it out."""
    row = locked_brief(actor, pk, revision)
    found = next((one for one in suggestions_of(row) if one.number == number), None)
    if found is None:
        raise Missing("there is no such suggestion", remedy="Choose one of the page.")
    before = row.tier
    row.answers = {**row.answers, str(number): TAKEN if take else LEFT}
    _draft(row)
    row.revision += 1
    row.save()
    event = "brief.suggestion_taken" if take else "brief.suggestion_left"
    told = {"field": found.finding.field, "value": found.finding.value, "model": found.finding.model}
    record(actor, event, row.subject, before={"tier": before}, after={"tier": row.tier, **told}, row=row)
    return row


@transaction.atomic
def start_from_brief(actor: Actor, pk: int, revision: int) -> Intake:
    """Begin an intake with the draft; what was assumed stands on its stricter side, to be confirmed there."""
    row = locked_brief(actor, pk, revision)
    if row.intake_id is not None:
        raise Conflict("an intake was begun with this brief", remedy="Go on with that one.")
    intake = start_intake(actor, answers_of(plan_of(row)), row.title)
    row.intake, row.accepted_at = intake, timezone.now()
    row.revision += 1
    row.save()
    record(actor, "brief.accepted", row.subject, after={"intake": intake.pk}, row=row)
    return intake


@transaction.atomic
def discard_brief(actor: Actor, pk: int, revision: int) -> None:
    """Remove a brief with what was drafted from it; an intake that began with it stays."""
    row = locked_brief(actor, pk, revision)
    record(actor, "brief.discarded", row.subject, row=row)
    row.delete()


def seen_briefs(actor: Actor) -> QuerySet[Brief]:
    """Return one's own briefs, and those of systems whose assessments one may see."""
    of_system = actor.scope(Permission.ASSESSMENT_READ).condition("system__") & Q(system__isnull=False)
    rows = Brief.objects.select_related("owner", "system").filter(Q(owner=actor.user_id) | of_system)
    return rows.defer("text", "draft", "suggested", "system__purpose")


def find_brief(actor: Actor, pk: int) -> Brief:
    """Return a brief that the actor may see; raises Missing."""
    row = seen_briefs(actor).defer(None).filter(pk=pk).first()
    if row is None:
        raise Missing("there is no brief here that you may see", remedy="Choose one of your briefs.")
    return row


def locked_brief(actor: Actor, pk: int, revision: int) -> Brief:
    """Return one's own brief, locked, at the revision that was seen."""
    _owned(actor, find_brief(actor, pk))
    row = Brief.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise Missing("the brief was discarded", remedy="Choose another one.")
    same_revision(row, revision)
    return row


def _owned(actor: Actor, row: Brief) -> Brief:
    if row.owner_id != actor.user_id:
        raise Refused("only whoever wrote a brief changes it", remedy="Draft from a brief of your own.")
    actor.need(Permission.ASSESSMENT_WRITE)
    return row


@transaction.atomic
def _keep_suggested(actor: Actor, pk: int, revision: int, suggested: Suggested) -> Brief:
    row = locked_brief(actor, pk, revision)
    draft = with_suggestions(plan_of(row).draft, row.text, suggested)
    kept = [_clean(one) for one in draft.suggestions]
    said = {
        "model": _printable(suggested.model)[:100],
        "kept": [json.loads(one.model_dump_json()) for one in kept],
        "refused": [_printable(one) for one in draft.refused],
    }
    row.suggested, row.answers = json.dumps(said), {}
    _draft(row)
    row.revision += 1
    row.save()
    told = {"model": said["model"], "suggested": len(kept), "refused": len(draft.refused)}
    record(actor, "brief.suggested", row.subject, after=told, row=row)
    return row


def _draft(row: Brief) -> None:
    plan = plan_from_brief(row.text, in_force(), timezone.now(), taken=taken_of(row))
    row.draft, row.tier, row.known_tier = plan.model_dump_json(), str(plan.tier), str(plan.known_tier)


def _clean(finding: Finding) -> Finding:
    """Take characters out of the words of a model that no text may hold."""
    value = _printable(finding.value) if isinstance(finding.value, str) else finding.value
    update = {"value": value, "because": _printable(finding.because), "model": _printable(finding.model or "")[:100]}
    return finding.model_copy(update=update)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
