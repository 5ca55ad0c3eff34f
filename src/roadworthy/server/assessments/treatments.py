"""Mitigations of a scenario: who does them until when, how far they are, and the evidence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.assess import assessment as domain
from roadworthy.assess.assessment import AssessedScenario, Standing
from roadworthy.assess.mitigation import State, Support, Treatment
from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing
from roadworthy.server.accounts.models import User
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.models import Assessment, AssessmentState
from roadworthy.server.assessments.rows import keep, locked
from roadworthy.server.assessments.scenarios import MOST_MITIGATIONS, find_scenario, mitigations_of, name_of
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.systems.models import System

MOST_EVIDENCE = 20
"""Records of evidence of one mitigation."""


@dataclass(frozen=True)
class Progress:
    """How a mitigation stands, as a whole."""

    state: str
    owner: str = ""
    """Name or mail address of a person who can sign in, or the name of a team."""
    due: date | None = None
    evidence: tuple[str, ...] = ()
    """Digests of evidence records of the system; a mitigation in place counts only with one."""
    why: str = ""


@transaction.atomic
def set_treatment(
    actor: Actor, pk: int, revision: int, scenario: str, mitigation: str, progress: Progress
) -> Assessment:
    """Set how a mitigation stands; one of the library that the scenario lacks is added.

    In an accepted assessment only what does not lower the risk can change: owner, due date, a state other than in
    place. What lowers it is put into a fresh assessment, which somebody else accepts.
    """
    row = locked(actor, pk, revision, with_system=True)
    content = content_of(row)
    item = find_scenario(content, scenario)
    after = _changed(actor, row, content, item, mitigation, progress)
    return _keep(actor, row, (content, after), mitigation, [item], progress)


@transaction.atomic
def set_everywhere(actor: Actor, pk: int, revision: int, mitigation: str, progress: Progress) -> Assessment:
    """Set how a mitigation stands in every scenario that has it and is not dismissed, as set_treatment does for one."""
    row = locked(actor, pk, revision, with_system=True)
    content = content_of(row)
    items = [item for item in content.scenarios if item.standing is not Standing.DISMISSED and _of(item, mitigation)]
    if not items:
        raise Missing(f"no scenario has the mitigation {mitigation[:64]!r}", remedy="Choose one of the board.")
    after = content
    for item in items:
        after = _changed(actor, row, after, item, mitigation, progress)
    return _keep(actor, row, (content, after), mitigation, items, progress)


def _changed(
    actor: Actor,
    row: Assessment,
    content: domain.Assessment,
    item: AssessedScenario,
    mitigation: str,
    progress: Progress,
) -> domain.Assessment:
    _need_changeable(row, item)
    old = _of(item, mitigation)
    new = _progressed(actor, row, old or _of_library(mitigation), progress)
    if row.state == AssessmentState.ACCEPTED:
        _need_not_lower(old, new)
    if old == new:
        return content
    treatments = _put(item.treatments, new)
    return domain.edit(
        content, item.id, by=name_of(actor), at=timezone.now(), why=_why(progress), treatments=treatments
    )


def _keep(
    actor: Actor,
    row: Assessment,
    contents: tuple[domain.Assessment, domain.Assessment],
    mitigation: str,
    items: Sequence[AssessedScenario],
    progress: Progress,
) -> Assessment:
    content, after = contents
    if content == after:
        raise InputError("nothing of the mitigation would change", remedy="Give another state, owner, day or evidence.")
    old, new = _of(items[0], mitigation), _of(after.scenario(items[0].id), mitigation)
    told = {"mitigation": mitigation, "scenarios": [item.id for item in items][:50]}
    before, now = ({**told, **_facts(one)} if one else told for one in (old, new))
    people = _told(new, old) if new else []
    event = "assessment.treatment_changed"
    kept = keep(actor, row, after, event, before, now, reason=_why(progress), people=people)
    if row.state == AssessmentState.ACCEPTED:
        System.objects.filter(pk=row.system_id).update(risk_low=row.residual_low, risk_high=row.residual_high)
    return kept


def _of(item: AssessedScenario, mitigation: str) -> Treatment | None:
    return next((one for one in item.treatments if one.mitigation == mitigation), None)


def _why(progress: Progress) -> str:
    return progress.why.strip()[:4000] or "How the mitigation stands."


def last_day(until: Any) -> date | None:
    """Return the last day on which evidence counts the whole day through; None where it does not expire."""
    return None if until is None else timezone.localtime(until).date() - timedelta(days=1)


def evidence_of(actor: Actor, row: Assessment) -> list[EvidenceRecord]:
    """Return the newest evidence of the system, to choose from; none for who may not see evidence there."""
    rows = EvidenceRecord.objects.filter(system=row.system_id).defer("envelope")
    return list(actor.visible(rows, Permission.EVIDENCE_READ).order_by("-made_at", "-pk")[:50])


def _need_changeable(row: Assessment, item: AssessedScenario) -> None:
    if row.state not in {AssessmentState.DRAFT, AssessmentState.ACCEPTED}:
        raise Conflict(
            f"{row} is {row.get_state_display().lower()}", remedy="Have it returned, or open the newest one."
        )
    if item.standing is Standing.DISMISSED:
        raise Conflict(f"the scenario {item.id!r} is dismissed", remedy="Accept it again first.")


def _need_not_lower(old: Treatment | None, new: Treatment) -> None:
    shown = {one.reference for one in new.evidence} <= {one.reference for one in old.evidence} if old else False
    claims = new.state is State.IN_PLACE and (old is None or old.state is not State.IN_PLACE or not shown)
    if claims:
        raise Conflict(
            "the assessment is accepted, and this would lower its risk",
            remedy="Begin a fresh assessment, put the evidence there, and have it accepted.",
        )


def _of_library(mitigation: str) -> Treatment:
    try:
        found: Treatment = mitigations_of((mitigation,))[0]
    except InputError as error:
        raise Missing(error.problem, remedy=error.remedy) from error
    return found


def _progressed(actor: Actor, row: Assessment, old: Treatment, progress: Progress) -> Treatment:
    if progress.state not in set(State):
        raise InputError(f"{progress.state!r} is no state of a mitigation", remedy=f"Choose from: {', '.join(State)}.")
    known = {one.reference: one for one in old.evidence}
    evidence = tuple(known.get(digest) or _support(actor, row, digest) for digest in dict.fromkeys(progress.evidence))
    if len(evidence) > MOST_EVIDENCE:
        raise InputError("these are too many records of evidence", remedy=f"Name up to {MOST_EVIDENCE}.")
    return old.model_copy(
        update={
            "state": State(progress.state),
            "owner": _owner(progress.owner),
            "due": progress.due,
            "evidence": evidence,
        }
    )


def _support(actor: Actor, row: Assessment, digest: str) -> Support:
    rows = actor.visible(EvidenceRecord.objects.filter(system=row.system_id), Permission.EVIDENCE_READ)
    found = rows.filter(digest=digest.removeprefix("sha256:")).defer("envelope").first()
    if found is None:
        raise InputError(
            f"there is no evidence {digest[:12]!r} of this system that you may see",
            remedy="Name the digest of a record on the system's evidence page.",
        )
    until = last_day(found.until)
    if until is not None and until < today():
        raise InputError(f"the evidence {digest[:12]} has expired", remedy="Make it anew, and name the new record.")
    return Support(reference=found.digest, says=found.title[:300] or None, until=until)


def _owner(text: str) -> str | None:
    given = text.strip()[:300]
    by_mail = User.objects.filter(email__iexact=given, is_active=True).first() if "@" in given else None
    return by_mail.name if by_mail else given or None


def _put(treatments: Sequence[Treatment], new: Treatment) -> tuple[Treatment, ...]:
    if any(one.mitigation == new.mitigation for one in treatments):
        return tuple(new if one.mitigation == new.mitigation else one for one in treatments)
    if len(treatments) >= MOST_MITIGATIONS:
        raise InputError("the scenario has too many mitigations", remedy=f"Keep up to {MOST_MITIGATIONS}.")
    return (*treatments, new)


def _facts(item: Treatment) -> dict[str, Any]:
    shown = [support.reference[:12] for support in item.evidence]
    return {"state": str(item.state), "owner": item.owner, "due": item.due, "evidence": shown}


def _told(new: Treatment, old: Treatment | None) -> list[int]:
    """Return who is told that a mitigation became theirs: the one person of that name."""
    if new.owner is None or (old is not None and old.owner == new.owner):
        return []
    found = list(User.objects.filter(name=new.owner, is_active=True).values_list("pk", flat=True)[:2])
    return found if len(found) == 1 else []
