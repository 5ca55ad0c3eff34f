"""The life of an assessment: begun, refreshed, submitted, returned, accepted, superseded. One transaction each."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from roadworthy.assess.assessment import refresh as propose_anew
from roadworthy.assess.assessment import start_assessment
from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.assessments.content import content_of, put_content, put_figures, today
from roadworthy.server.assessments.models import OPEN, Assessment, AssessmentState
from roadworthy.server.assessments.reviewers import reviewers
from roadworthy.server.assessments.rows import keep, locked, note_author
from roadworthy.server.audit.services import record
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import Governance, System, SystemVersion
from roadworthy.server.systems.properties import locked as locked_system
from roadworthy.server.systems.properties import move_governance

REFUSED = "assessment.accept_refused"
LONGEST = 4_000
"""Characters of a reason."""


@transaction.atomic
def start(actor: Actor, system: str) -> Assessment:
    """Begin an assessment of the newest version: what people did in the accepted one, and what the library proposes.

    Raises Conflict when one is being worked on already, or nothing is declared yet.
    """
    row = locked_system(actor, system, Permission.ASSESSMENT_WRITE)
    version = _newest(row)
    if opened := row.assessments.filter(state__in=OPEN).first():
        raise Conflict(f"{opened} is being worked on", remedy="Go on with it; a system has one at a time.")
    last = row.assessments.filter(state=AssessmentState.ACCEPTED).first()
    declaration, now = declared(version), timezone.now()
    content = propose_anew(content_of(last), declaration, now) if last else start_assessment(declaration, now)
    number = (row.assessments.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Assessment(system=row, version=version, number=number, created_by_id=actor.user_id)
    put_content(made, content, today())
    note_author(made, actor)
    made.save()
    if row.governance == Governance.REGISTERED:
        move_governance(actor, row, Governance.IN_ASSESSMENT, "A risk assessment was begun.")
    after = {"version": version.number, "scenarios": len(content.scenarios)}
    record(actor, "assessment.started", made.subject, after=after, row=made)
    return made


@transaction.atomic
def refresh(actor: Actor, pk: int, revision: int) -> Assessment:
    """Propose anew from the newest version: what people did stays, untouched proposals are made again."""
    row = locked(actor, pk, revision, with_system=True)
    if not row.is_open:
        raise Conflict(f"{row} is {row.get_state_display().lower()}", remedy="Begin a fresh assessment.")
    version = _newest(System.objects.select_related("version").get(pk=row.system_id))
    content = propose_anew(content_of(row), declared(version), timezone.now())
    before = {"version": row.version.number, "state": row.state}
    row.version, row.refresh_owed, row.state = version, False, AssessmentState.DRAFT
    after = {"version": version.number, "state": row.state, "scenarios": len(content.scenarios)}
    return keep(actor, row, content, "assessment.refreshed", before, after)


@transaction.atomic
def submit(actor: Actor, pk: int, revision: int) -> Assessment:
    """Ask for a review of a draft; raises Conflict when a newer version owes a refresh."""
    row = locked(actor, pk, revision, with_system=True)
    _need_state(row, AssessmentState.DRAFT)
    _need_fresh(row)
    row.state, row.submitted_at, row.submitted_by_id = AssessmentState.IN_REVIEW, timezone.now(), actor.user_id
    row.revision += 1
    row.save()
    told = {"residual": residual_words(row), "untouched": untouched(row)}
    record(actor, "assessment.submitted", row.subject, after=told, row=row, people=reviewers(row.system))
    return row


@transaction.atomic
def return_to_draft(actor: Actor, pk: int, revision: int, reason: str) -> Assessment:
    """Give an assessment back to its authors, with what is to be done; an author can also take it back."""
    accepts = actor.may(Permission.ASSESSMENT_ACCEPT) and not actor.may(Permission.ASSESSMENT_WRITE)
    row = locked(actor, pk, revision, Permission.ASSESSMENT_ACCEPT if accepts else Permission.ASSESSMENT_WRITE)
    _need_state(row, AssessmentState.IN_REVIEW)
    why = reasoned(reason, "returning an assessment")
    row.state = AssessmentState.DRAFT
    row.revision += 1
    row.save()
    people = [pk for pk in {row.submitted_by_id, row.system.owner_id} if pk is not None]
    record(actor, "assessment.returned", row.subject, row=row, reason=why, people=people)
    return row


@transaction.atomic
def accept(actor: Actor, pk: int, revision: int, reason: str) -> Assessment:
    """Accept an assessment at the revision that was shown; the accepted one before is superseded.

    Raises Refused, recorded as `assessment.accept_refused`, for the owner of the system, whoever submitted it, whoever
    wrote it alone, and for tokens; Conflict when a newer version owes a refresh.
    """
    row = locked(actor, pk, revision, Permission.ASSESSMENT_ACCEPT, with_system=True)
    if problem := not_by(actor, row):
        raise Refused(problem, remedy="Ask somebody else who may accept it.", action=REFUSED, system=row.system.slug)
    _need_state(row, AssessmentState.IN_REVIEW)
    _need_fresh(row)
    why = reasoned(reason, "accepting an assessment")
    put_figures(row, content_of(row), today())
    _supersede(actor, row)
    row.state, row.accepted_at, row.accepted_by_id = AssessmentState.ACCEPTED, timezone.now(), actor.user_id
    row.accepted_reason = why
    row.revision += 1
    row.save()
    System.objects.filter(pk=row.system_id).update(risk_low=row.residual_low, risk_high=row.residual_high)
    people = [pk for pk in {row.submitted_by_id, row.system.owner_id} if pk is not None]
    after = {"state": row.state, "residual": residual_words(row), "worst": row.worst}
    record(actor, "assessment.accepted", row.subject, after=after, row=row, reason=why, people=people)
    return row


def not_by(actor: Actor, row: Assessment) -> str:
    """Return why this actor must not accept this assessment; empty when they may."""
    if actor.user_id is None or actor.token_id is not None:
        return "an assessment is accepted by a person who is signed in, not by a token or the server"
    if actor.user_id == row.system.owner_id:
        return f"{actor.name} answers for the system, and does not accept its risk assessment"
    if actor.user_id == row.submitted_by_id:
        return f"{actor.name} submitted this assessment, and does not accept it"
    if row.authors and set(row.authors) <= {actor.user_id}:
        return f"{actor.name} wrote this assessment alone, and does not accept it"
    return ""


def untouched(row: Assessment) -> int:
    """Return how many proposals nobody has looked at; they count as they were proposed."""
    return sum(item.counts and not item.accepted for item in content_of(row).scenarios)


def residual_words(row: Assessment) -> str:
    """Write the residual risk of an assessment as text."""
    return f"{row.residual_low:,.0f} to {row.residual_high:,.0f}"


def reasoned(reason: str, what: str) -> str:
    """Return a reason that is one; raises InputError otherwise."""
    if not reason.strip() or len(reason) > LONGEST:
        raise InputError(f"{what} needs a reason", remedy=f"Say why, in up to {LONGEST:,} characters.")
    return reason.strip()


def _supersede(actor: Actor, row: Assessment) -> None:
    for old in Assessment.objects.select_for_update().filter(system=row.system_id, state=AssessmentState.ACCEPTED):
        old.state, old.refresh_owed = AssessmentState.SUPERSEDED, False
        old.revision += 1
        old.save(update_fields=["state", "refresh_owed", "revision", "updated_at"])
        record(actor, "assessment.superseded", old.subject, after={"by": row.number}, row=old)


def _newest(system: System) -> SystemVersion:
    if system.version is None:
        raise Conflict(f"{system} has no declaration yet", remedy="Save a declaration, or push a bundle, first.")
    return system.version


def _need_state(row: Assessment, state: AssessmentState) -> None:
    if row.state != state:
        raise Conflict(f"{row} is {row.get_state_display().lower()}, not {state}", remedy="Load it again.")


def _need_fresh(row: Assessment) -> None:
    if row.refresh_owed:
        raise Conflict(
            "a newer version of the declaration owes a fresh look", remedy="Refresh the assessment, then go on."
        )
