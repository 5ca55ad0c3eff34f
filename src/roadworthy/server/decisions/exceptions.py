"""Exceptions: asked for with a reason, a compensating control and an end; decided by a role of the standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.authority_rule import Action
from roadworthy.evidence.predicate import ExceptionTerms
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.authority import rules_on
from roadworthy.server.decisions.categories import CATEGORIES
from roadworthy.server.decisions.concerned import concerned_by_exception
from roadworthy.server.decisions.judging import judge_releases
from roadworthy.server.decisions.locks import lock_release, seen_exception, seen_release
from roadworthy.server.decisions.models import ExceptionRequest, ExceptionScope, ExceptionState
from roadworthy.server.decisions.owners import owners_of
from roadworthy.server.decisions.records import Statement, keep_statement
from roadworthy.server.decisions.requests import need_words
from roadworthy.server.decisions.roster import roster_on
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.in_force import loaded
from roadworthy.server.wire.revision import same_revision
from roadworthy.standard.model import Tier

LONGEST = timedelta(days=366)
"""Nothing is waived for longer; after that the question is asked anew."""
DECIDE_REFUSED = "exception.decide_refused"


@dataclass(frozen=True)
class Asked:
    """An exception as somebody asks for it."""

    requirement: str
    category: str
    reason: str
    compensating_control: str
    until: datetime
    scope: str = ExceptionScope.RELEASE


@transaction.atomic
def request_exception(actor: Actor, release_pk: int, asked: Asked) -> ExceptionRequest:
    """Ask that a requirement that applies to a release be waived for a time.

    Raises InputError for an unknown requirement or category, missing words, or an end that is past or too far away;
    Conflict when it is asked for already.
    """
    release = seen_release(actor, release_pk)
    actor.need_on(Permission.EXCEPTION_REQUEST, release.system)
    if actor.user_id is None:
        raise Refused("an exception is asked for by a person", remedy="Sign in.", action="exception.request_refused")
    _check(asked, release)
    same = ExceptionRequest.objects.filter(
        system=release.system, requirement=asked.requirement, state=ExceptionState.REQUESTED
    )
    if same.filter(release=release).exists() or same.filter(scope=ExceptionScope.SYSTEM).exists():
        raise Conflict("this exception is asked for already", remedy="Wait for the decision, or withdraw that one.")
    row = ExceptionRequest.objects.create(
        system=release.system,
        release=release,
        requirement=asked.requirement,
        category=asked.category,
        reason=asked.reason.strip(),
        compensating_control=asked.compensating_control.strip(),
        scope=asked.scope,
        tier=release.tier,
        until=asked.until,
        requested_by_id=actor.user_id,
    )
    people = sorted({*concerned_by_exception(row), *deciders_of(row)})
    record(actor, "exception.requested", row.subject, after=seen(row), row=row, people=people)
    return row


def _check(asked: Asked, release: Release) -> None:
    known = {outcome.requirement for outcome in verdict_of(release).outcomes}
    if asked.requirement not in known:
        raise InputError(
            f"the standard has no requirement {asked.requirement[:64]!r} for this release",
            remedy="Choose one of those that the verdict lists.",
        )
    if asked.category not in CATEGORIES:
        raise InputError(f"{asked.category[:64]!r} is no category", remedy=f"Choose one of: {', '.join(CATEGORIES)}.")
    if asked.scope not in ExceptionScope.values:
        raise InputError(f"{asked.scope[:16]!r} is no scope", remedy="Write release or system.")
    need_words(asked.reason, "reason")
    need_words(asked.compensating_control, "compensating control")
    moment = timezone.now()
    if not moment < asked.until <= moment + LONGEST:
        raise InputError("an exception ends within a year from now", remedy="Choose a day in the next 365 days.")


def decide_exception(
    actor: Actor, pk: int, *, approve: bool, reason: str, revision: int | None = None
) -> ExceptionRequest:
    """Approve or reject an exception, in a role that the standard and the rules of authority name for its tier.

    An approved one is sealed with the key of who approves, and the releases that it covers are judged again. Raises
    Refused for who asked for it, who owns the system, another role, or a token.
    """
    person = _need_person(actor)
    key = signer_of(person)
    with transaction.atomic():
        row = seen_exception(actor, pk)
        actor.need_on(Permission.EXCEPTION_DECIDE, row.system)
        _need_open(row, revision)
        role = _role_of(person, row)
        _fill(row, person, role, need_words(reason, "reason"))
        if approve:
            release = _release_of(row)
            terms = ExceptionTerms(
                category=row.category, compensating_control=row.compensating_control, reason=row.reason
            )
            said = Statement(row.requirement, row.decision_reason, role, row.until, exception=terms)
            row.record = keep_statement(release, person, key, said)
        row.state = ExceptionState.APPROVED if approve else ExceptionState.REJECTED
        row.save()
        name = "exception.approved" if approve else "exception.rejected"
        people = concerned_by_exception(row)
        if approve:
            judge_releases(actor, covered(row), f"An exception from {row.requirement} was approved.")
        record(actor, name, row.subject, before={"state": "requested"}, after=seen(row), row=row, people=people)
        return row


@transaction.atomic
def withdraw_exception(actor: Actor, pk: int, *, reason: str, revision: int | None = None) -> ExceptionRequest:
    """Take an exception back: who asked for it before it is decided, or who may decide it at any time."""
    row = seen_exception(actor, pk)
    asked_by_actor = row.requested_by_id == actor.user_id
    actor.need_on(Permission.EXCEPTION_REQUEST if asked_by_actor else Permission.EXCEPTION_DECIDE, row.system)
    if revision is not None:
        same_revision(row, revision)
    if row.state not in {ExceptionState.REQUESTED, ExceptionState.APPROVED}:
        raise Conflict(f"the exception is {row.state}", remedy="Load it again.")
    end_exception(actor, row, ExceptionState.WITHDRAWN, need_words(reason, "reason"), timezone.now())
    return row


@transaction.atomic
def expire_exception(actor: Actor, pk: int, now: datetime) -> bool:
    """Mark an exception expired when its end has passed, and judge anew what rested on it; tell whether it did."""
    row = seen_exception(actor, pk)
    if row.state not in {ExceptionState.APPROVED, ExceptionState.REQUESTED} or row.until > now:
        return False
    end_exception(actor, row, ExceptionState.EXPIRED, f"It held until {row.until:%Y-%m-%d %H:%M} UTC.", now)
    return True


def end_exception(actor: Actor, row: ExceptionRequest, state: str, reason: str, now: datetime) -> None:
    """End an exception; the requirement blocks again, and approvals that rested on it reopen."""
    before, name = row.state, "exception.expired" if state == ExceptionState.EXPIRED else "exception.withdrawn"
    row.state, row.ended_at, row.ended_reason = ExceptionState(state), now, reason[:500]
    row.revision += 1
    row.save(update_fields=["state", "ended_at", "ended_reason", "revision"])
    if before == ExceptionState.APPROVED:
        ended = "expired" if state == ExceptionState.EXPIRED else "was withdrawn"
        judge_releases(actor, covered(row), f"The exception from {row.requirement} {ended}.", as_of=now)
    record(
        actor,
        name,
        row.subject,
        before={"state": before},
        after={"state": str(row.state)},
        row=row,
        people=concerned_by_exception(row),
        reason=reason,
    )


def covered(row: ExceptionRequest) -> list[int]:
    """Return the primary keys of the releases that an exception covers: its own, or those of the system that count."""
    rows = Release.objects.filter(system_id=row.system_id)
    if row.scope == ExceptionScope.RELEASE:
        return [row.release_id] if row.release_id else []
    return list(rows.filter(current=True).order_by("pk").values_list("pk", flat=True))


def roles_for(row: ExceptionRequest) -> frozenset[str]:
    """Return the roles that may decide an exception: named by the standard for the tier, and by each rule that applies.

    One person decides it, since the sealed statement bears one signature.
    """
    release = row.release or Release.objects.filter(system_id=row.system_id).select_related("standard").first()
    if release is None:
        return frozenset()
    allowed = set(loaded(release.standard).standard.authority.exception_roles.get(Tier(row.tier), []))
    rules = rules_on(row.system, Action.EXCEPTION, row.tier)
    for rule in rules:
        allowed &= set(rule.roles)
    return frozenset(allowed) if rules else frozenset()


def deciders_of(row: ExceptionRequest) -> list[int]:
    """Return the primary keys of those who may decide an exception."""
    roles = roles_for(row)
    roster = roster_on(row.system, roles)
    moment = timezone.now()
    barred = {row.requested_by_id, *(owners_of(row.release) if row.release else ())}
    found = {int(key) for role in roles for key in roster.holders(role, moment, None)}
    return sorted(found - barred)


def seen(row: ExceptionRequest) -> dict[str, object]:
    """Return what the trail shows of an exception."""
    return {
        "state": str(row.state),
        "requirement": row.requirement,
        "category": row.category,
        "scope": row.scope,
        "until": row.until,
        "reason": row.reason,
        "compensating_control": row.compensating_control,
        **({"decided": row.decision_reason, "role": row.decided_role} if row.decided_by_id else {}),
    }


def _need_person(actor: Actor) -> User:
    if actor.user_id is None or actor.token_id is not None:
        raise Refused("a token decides nothing; a person does", remedy="Sign in.", action=DECIDE_REFUSED)
    return User.objects.get(pk=actor.user_id)


def _need_open(row: ExceptionRequest, revision: int | None) -> None:
    if row.state != ExceptionState.REQUESTED:
        raise Conflict(f"the exception is {row.state} already", remedy="Load it again.")
    if revision is not None:
        same_revision(row, revision)
    if row.until <= timezone.now():
        raise Conflict("the end that was asked for has passed", remedy="Have it asked for again with a later end.")


def _role_of(person: User, row: ExceptionRequest) -> str:
    roles = roles_for(row)
    release = _release_of(row)
    if person.pk in {row.requested_by_id, *owners_of(release)}:
        raise Refused(
            "nobody decides about their own request, nor about a system that they own",
            remedy="Somebody else has to decide.",
            action=DECIDE_REFUSED,
            system=row.system.slug,
        )
    roster, moment = roster_on(row.system, roles), timezone.now()
    held = sorted(role for role in roles if roster.holds(str(person.pk), role, moment, None))
    if not held:
        needed = " or ".join(sorted(roles)) or "a role that nobody has"
        raise Refused(
            f"at tier {row.tier} an exception is decided by {needed}",
            remedy="Ask somebody who holds the role.",
            action=DECIDE_REFUSED,
            system=row.system.slug,
        )
    return held[0]


def _release_of(row: ExceptionRequest) -> Release:
    if row.release_id is None:
        raise Conflict("the release that it was asked for is gone", remedy="Ask for it anew.")
    return lock_release(row.release_id, row.system_id)


def _fill(row: ExceptionRequest, person: User, role: str, reason: str) -> None:
    row.decided_by, row.decided_role, row.decided_at = person, role, timezone.now()
    row.decision_reason = reason
    row.revision += 1
