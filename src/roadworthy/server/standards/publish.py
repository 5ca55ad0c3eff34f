"""From a draft to the standard in force: propose, approve, publish, put in force. Published content never changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.approval import Standing
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.access.scope import NOTHING
from roadworthy.server.accounts.concerned import holders
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import delegated_roles
from roadworthy.server.audit.services import record
from roadworthy.server.standards.authority import rules, shown_digest, signed, standing_of
from roadworthy.server.standards.draft import draft_to_change, find_version
from roadworthy.server.standards.in_force import due_now, in_force, in_force_version, loaded
from roadworthy.server.standards.layer import load_layer, run_tests
from roadworthy.server.standards.models import StandardApproval, StandardState, StandardVersion
from roadworthy.server.wire.revision import same_revision

LONGEST_GRACE = 366
CHOICES = ("approve", "request changes", "reject")


@transaction.atomic
def propose(
    actor: Actor, pk: int, revision: int, *, note: str, in_force_from: datetime | None, grace_days: int
) -> StandardVersion:
    """Ask for approval of a draft: its content, why, from when it judges, and how long the one before is accepted."""
    row = draft_to_change(actor, pk, revision)
    _on_top(row)
    if not note.strip():
        raise InputError("a change of the standard says why", remedy="Write what changes and why, for who approves it.")
    if not 0 <= grace_days <= LONGEST_GRACE:
        raise InputError(f"{grace_days} days of grace", remedy=f"Give between 0 and {LONGEST_GRACE} days.")
    if row.base and row.base.digest == row.digest:
        raise Conflict("the draft changes nothing", remedy="Change something first.")
    failed = [result.test for result in run_tests(load_layer(row.layer), row.layer) if not result.passed]
    if failed:
        raise Conflict(
            f"{len(failed)} policy tests fail: {', '.join(failed)[:200]}",
            remedy="Mend the draft, or give the layer a test of the same file name that says what is meant now.",
        )
    row.note, row.in_force_from, row.grace_days = note.strip()[:4000], in_force_from, grace_days
    row.state, row.proposed_at = StandardState.PROPOSED, timezone.now()
    row.revision += 1
    row.save()
    after = {"digest": row.digest, "shown": shown_digest(row)}
    people = holders(in_force().standard.authority.change_roles)
    record(actor, "standard.proposed", row.subject, after=after, row=row, people=people)
    return row


@transaction.atomic
def decide(actor: Actor, pk: int, *, digest: str, choice: str, reason: str, role: str = "") -> StandardApproval:
    """Approve, reject, or ask for changes, in a role that the standard in force names; covers the digest shown.

    Raises Refused for the author, for whoever holds none of the roles, for what was shown before, and twice in a seat.
    """
    actor.need(Permission.STANDARD_APPROVE)
    find_version(actor, pk)
    row = StandardVersion.objects.select_for_update().get(pk=pk)
    if row.state != StandardState.PROPOSED:
        raise Conflict(f"{row} is {row.state}, not proposed", remedy="Load the page again.")
    if choice not in CHOICES:
        raise InputError(f"{choice!r} is no choice", remedy=f"Choose of: {', '.join(CHOICES)}.")
    if not reason.strip():
        raise InputError("a decision needs a reason", remedy="Say in a sentence why.")
    if digest != shown_digest(row):
        raise _refused("the proposal is not the one that was shown to you", "Load the page again and read it.")
    user_id, held, giver = _seat(actor, row, role)
    now = timezone.now()
    signature = signed(user_id, held, choice, digest, now, giver)
    after = standing_of(row, [signature], now)
    why = next((one.why for one in after.refused if one.signature == signature), None)
    if why is not None:
        raise _refused(f"this does not count: {why}", "Somebody else with the authority must decide.")
    approval = StandardApproval.objects.create(
        version=row,
        user_id=user_id,
        role=held,
        on_behalf_of_id=giver,
        choice=choice,
        reason=reason.strip()[:4000],
        digest=digest,
        at=now,
    )
    detail = {"choice": choice, "role": held, "digest": digest, "state": str(after.state)}
    said: dict[str, Any] = {"reason": approval.reason, "people": row.authors}
    record(actor, "standard.approved", row.subject, after=detail, row=approval, **said)
    return approval


@transaction.atomic
def publish(actor: Actor, pk: int, revision: int) -> StandardVersion:
    """Publish what was approved; it judges at once, or from the day that was approved with it."""
    actor.need(Permission.STANDARD_DRAFT)
    find_version(actor, pk)
    row = StandardVersion.objects.select_for_update().get(pk=pk)
    same_revision(row, revision)
    if row.state != StandardState.PROPOSED:
        raise Conflict(f"{row} is {row.state}, not proposed", remedy="Load the page again.")
    _on_top(row)
    where: Standing = standing_of(row)
    if not where.approved:
        raise Refused(
            f"{row} is not approved: {where.state}",
            remedy="Wait until every role that the standard names has approved it.",
            action="standard.publish_refused",
        )
    now = timezone.now()
    row.state, row.published_at, row.accepted = StandardState.PUBLISHED, now, True
    row.revision += 1
    row.save()
    after = {"digest": row.digest, "in_force_from": row.in_force_from or now, "grace_days": row.grace_days}
    record(actor, "standard.published", row.subject, after=after, row=row)
    if row.in_force_from is None or row.in_force_from <= now:
        _put_in_force(actor, row)
    return row


def put_due_in_force(actor: Actor) -> int:
    """Mark versions whose moment has come as in force; returns how many. For the scheduler."""
    keys = list(StandardVersion.objects.filter(due_now()).order_by("in_force_from").values_list("pk", flat=True))
    for key in keys:
        with transaction.atomic():
            row = StandardVersion.objects.select_for_update().get(pk=key)
            if row.in_force_since is None:
                _put_in_force(actor, row)
    return len(keys)


def end_acceptance(actor: Actor) -> int:
    """Mark earlier versions whose grace has passed as accepted no longer; returns how many. For the scheduler."""
    passed = StandardVersion.objects.filter(in_force=False, accepted=True, accepted_until__lte=timezone.now())
    keys = list(passed.values_list("pk", flat=True))
    for key in keys:
        with transaction.atomic():
            row = StandardVersion.objects.select_for_update().get(pk=key)
            if row.accepted and not row.in_force:
                row.accepted = False
                row.revision += 1
                row.save()
                _tell_ended(actor, row)
    return len(keys)


def may_decide(actor: Actor, row: StandardVersion) -> list[str]:
    """Return the roles in which the actor could decide about a proposal: for the page."""
    if row.base is None or actor.user_id is None or not actor.roles or actor.user_id in row.authors:
        return []
    asked = [role for rule in rules(loaded(row.base)) for role in rule.roles]
    lent = delegated_roles(User.objects.get(pk=actor.user_id))
    return [role for role in asked if actor.roles.get(role, NOTHING).everywhere or role in lent]


def _put_in_force(actor: Actor, row: StandardVersion) -> None:
    now = timezone.now()
    old = StandardVersion.objects.select_for_update().filter(in_force=True).first()
    if old is not None:
        old.in_force, old.in_force_until = False, now
        old.accepted = row.grace_days > 0
        old.accepted_until = now + timedelta(days=row.grace_days)
        old.revision += 1
        old.save()
    row.in_force, row.in_force_since, row.accepted = True, now, True
    row.revision += 1
    row.save()
    before = {"version": str(old), "digest": old.digest} if old else None
    record(actor, "standard.in_force", row.subject, before=before, after={"digest": row.digest}, row=row)
    if old is not None and not old.accepted:
        _tell_ended(actor, old)


def _tell_ended(actor: Actor, row: StandardVersion) -> None:
    record(actor, "standard.acceptance_ended", row.subject, after={"digest": row.digest}, row=row)


def _on_top(row: StandardVersion) -> None:
    """Raise Conflict unless the draft lies on the standard in force: changes of others are never undone unseen."""
    present = in_force_version()
    waiting = StandardVersion.objects.filter(state=StandardState.PUBLISHED, in_force=False, in_force_since=None).first()
    if waiting is not None:
        raise Conflict(f"{waiting} is published and not in force yet", remedy="Wait for it; then draft on top of it.")
    if row.base_id != present.pk:
        raise Conflict(
            f"the draft lies on {row.base}, but {present} is in force now",
            remedy="Begin a new draft, and bring the changes into it.",
        )


def _seat(actor: Actor, row: StandardVersion, role: str) -> tuple[int, str, int | None]:
    """Return who decides, in which role, and who lent it to them."""
    if actor.user_id is None or not actor.roles:
        raise _refused(f"{actor.name} signs nothing", "Sign in as a person; tokens cannot approve.")
    asked = [name for rule in (rules(loaded(row.base)) if row.base else ()) for name in rule.roles]
    wanted = [name for name in asked if role in ("", name)]
    taken = {one.role for one in standing_of(row).counted if one.choice.approves}
    for name in sorted(wanted, key=lambda one: one in taken):
        if actor.roles.get(name, NOTHING).everywhere:
            return actor.user_id, name, None
    lent = delegated_roles(User.objects.get(pk=actor.user_id))
    for name in wanted:
        if name in lent:
            return actor.user_id, name, lent[name][0].giver_id
    named = " or ".join(asked) or "a role that nobody has"
    raise _refused(f"{actor.name} holds no role that approves the standard", f"It asks for {named}.")


def _refused(problem: str, remedy: str) -> Refused:
    return Refused(problem, remedy=remedy, action="standard.approve_refused")
