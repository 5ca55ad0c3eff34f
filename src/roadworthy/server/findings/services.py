"""What people do with findings: file, change, assign, work on them. Each function is one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing
from roadworthy.server.accounts.models import User
from roadworthy.server.audit.services import record
from roadworthy.server.findings.concerned import concerned
from roadworthy.server.findings.due import moved_due
from roadworthy.server.findings.models import RANK, UNSOLVED, Finding, FindingSource, FindingState, Severity
from roadworthy.server.findings.opening import open_finding
from roadworthy.server.findings.rounds import open_round
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.models import System
from roadworthy.server.wire.revision import same_revision

FILED = (FindingSource.PERSON, FindingSource.RED_TEAM)
"""Sources of what people file; the gate files its own."""
BULK = 200
"""Findings that can be changed at once."""


@dataclass(frozen=True)
class Filed:
    """What somebody files."""

    system: str
    title: str
    severity: str
    detail: str = ""
    source: str = FindingSource.PERSON
    requirement: str = ""
    """Whose passing re-run will prove it mended; empty: a person names what shows it."""
    owner: int | None = None


@transaction.atomic
def file_finding(actor: Actor, filed: Filed) -> Finding:
    """File a finding. Raises InputError for an unknown severity, source, requirement or owner."""
    system = actor.find(_systems(), Permission.SYSTEM_READ, slug=filed.system)
    actor.need_on(Permission.FINDING_WRITE, system)
    title = _title(filed.title)
    if filed.source not in FILED:
        raise InputError(f"people do not file findings of the source {filed.source!r}", remedy="Choose person.")
    finding = Finding(
        system=system,
        title=title,
        detail=filed.detail.strip(),
        severity=_severity(filed.severity),
        source=filed.source,
        requirement=filed.requirement,
        dimension=_dimension(filed.requirement),
        owner=_owner(filed.owner) if filed.owner is not None else system.owner,
        opened_by_id=actor.user_id,
    )
    open_finding(finding, timezone.now())
    after = {"severity": finding.severity, "due": finding.due, "source": finding.source}
    record(actor, "finding.opened", finding.subject, after=after, row=finding, people=concerned(finding))
    return finding


@transaction.atomic
def edit_finding(actor: Actor, pk: int, revision: int, *, title: str, detail: str, severity: str) -> Finding:
    """Change what a finding says. Another severity moves the due date, unless that has passed."""
    finding = locked(actor, pk, revision)
    _need_unsolved(finding)
    before = _facts(finding)
    finding.title, finding.detail = _title(title), detail.strip()
    _set_severity(finding, _severity(severity))
    finding.revision += 1
    finding.save()
    record(actor, "finding.edited", finding.subject, before=before, after=_facts(finding), row=finding)
    return finding


@transaction.atomic
def assign(actor: Actor, pk: int, revision: int, owner: int | None) -> Finding:
    """Make somebody the owner of a finding, or nobody."""
    return _assign(actor, locked(actor, pk, revision), owner)


@transaction.atomic
def start(actor: Actor, pk: int, revision: int) -> Finding:
    """Begin to work on a finding; one that nobody owns becomes one's own."""
    finding = locked(actor, pk, revision)
    if finding.state != FindingState.OPEN:
        raise Conflict(f"the finding is {finding.get_state_display().lower()}, not open", remedy="Load it again.")
    if finding.owner_id is None:
        finding.owner_id = actor.user_id
    return _move(actor, finding, FindingState.IN_PROGRESS, "finding.started")


@transaction.atomic
def stop(actor: Actor, pk: int, revision: int) -> Finding:
    """Put a finding back that somebody works on."""
    finding = locked(actor, pk, revision)
    if finding.state != FindingState.IN_PROGRESS:
        raise Conflict("nobody works on the finding", remedy="Load it again.")
    return _move(actor, finding, FindingState.OPEN, "finding.stopped")


@transaction.atomic
def assign_all(actor: Actor, pks: Iterable[int], owner: int | None) -> int:
    """Make somebody the owner of several findings; return how many. All of them or none."""
    return sum(bool(_assign(actor, finding, owner)) for finding in _several(actor, pks))


@transaction.atomic
def rate_all(actor: Actor, pks: Iterable[int], severity: str) -> int:
    """Set the severity of several findings; return how many. All of them or none."""
    found = _several(actor, pks)
    for finding in found:
        before = _facts(finding)
        _set_severity(finding, _severity(severity))
        finding.revision += 1
        finding.save()
        record(actor, "finding.edited", finding.subject, before=before, after=_facts(finding), row=finding)
    return len(found)


def find(actor: Actor, pk: int) -> Finding:
    """Return a finding that the actor may see; raises Missing."""
    rows = Finding.objects.select_related(
        "system__product_line",
        "owner",
        "opened_by",
        "release",
        "closed_by_release",
        "closed_by",
        "accepted_by",
        "accepted_for",
    )
    return actor.find(rows, Permission.FINDING_READ, pk=pk)


def locked(actor: Actor, pk: int, revision: int | None, permission: Permission = Permission.FINDING_WRITE) -> Finding:
    """Return a finding, locked, that the actor may change, at the revision they saw."""
    rows = Finding.objects.select_for_update(of=("self",)).select_related("system__product_line", "owner")
    finding = actor.find(rows, Permission.FINDING_READ, pk=pk)
    actor.need_on(permission, finding.system)
    if revision is not None:
        same_revision(finding, revision)
    return finding


def _several(actor: Actor, pks: Iterable[int]) -> list[Finding]:
    wanted = sorted(set(pks))
    if not 0 < len(wanted) <= BULK:
        raise InputError(f"choose from 1 to {BULK} findings", remedy="Mark findings of the list first.")
    found = [locked(actor, pk, None) for pk in wanted]
    for finding in found:
        _need_unsolved(finding)
    return found


def _assign(actor: Actor, finding: Finding, owner: int | None) -> Finding:
    _need_unsolved(finding)
    before = {"owner": finding.owner.name if finding.owner else None}
    finding.owner = _owner(owner) if owner is not None else None
    finding.revision += 1
    finding.save(update_fields=["owner", "revision", "updated_at"])
    after = {"owner": finding.owner.name if finding.owner else None}
    people = [finding.owner_id] if finding.owner_id else []
    record(actor, "finding.assigned", finding.subject, before=before, after=after, row=finding, people=people)
    return finding


def _move(actor: Actor, finding: Finding, state: FindingState, event: str) -> Finding:
    before = {"state": finding.state}
    finding.state = state
    finding.revision += 1
    finding.save()
    record(actor, event, finding.subject, before=before, after={"state": finding.state}, row=finding)
    return finding


def _set_severity(finding: Finding, severity: Severity) -> None:
    if severity == finding.severity:
        return
    finding.severity, finding.severity_rank = severity, RANK[severity]
    now_open = open_round(finding)
    if now_open is not None:
        finding.due = moved_due(finding.due, finding.tier, severity, now_open.opened_at)
        now_open.due_twice = moved_due(now_open.due_twice, finding.tier, severity, now_open.opened_at, cycles=2)
        now_open.due = finding.due
        now_open.save(update_fields=["due", "due_twice"])
    finding.told_due_soon = finding.told_overdue


def _need_unsolved(finding: Finding) -> None:
    if finding.state not in UNSOLVED:
        raise Conflict(f"the finding is {finding.get_state_display().lower()}", remedy="Only open findings change.")


def _facts(finding: Finding) -> dict[str, Any]:
    return {"title": finding.title, "severity": finding.severity, "due": finding.due, "detail": finding.detail}


def _title(text: str) -> str:
    if not text.strip():
        raise InputError("a finding needs a title", remedy="Say in a few words what is wrong.")
    return text.strip()[:300]


def _severity(text: str) -> Severity:
    if text not in Severity.values:
        raise InputError(f"there is no severity {text!r}", remedy=f"Choose from: {', '.join(Severity.values)}.")
    return Severity(text)


def _dimension(requirement: str) -> str:
    """Return the dimension of a requirement; raises InputError for one that the standard in force does not have."""
    if not requirement:
        return ""
    known = {one.id: one for one in in_force().standard.requirements}
    if requirement not in known:
        raise InputError(f"there is no requirement {requirement!r}", remedy=did_you_mean(requirement, known))
    return str(known[requirement].dimension or "")[:32]


def _owner(pk: int) -> User:
    found = User.objects.filter(pk=pk, is_active=True).first()
    if found is None:
        raise Missing("there is no such person", remedy="Choose somebody who can sign in here.")
    return found


def _systems() -> Any:
    return System.objects.select_related("product_line", "owner")
