"""Findings of the gate: a verdict opens, refreshes, closes and reopens one finding for each system and requirement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.events import Event
from roadworthy.server.audit.services import record
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.findings.concerned import concerned
from roadworthy.server.findings.models import Ending, Finding, FindingSource, FindingState
from roadworthy.server.findings.opening import open_finding, reopen_finding
from roadworthy.server.findings.rounds import end_round
from roadworthy.server.findings.severity import severity_of
from roadworthy.server.releases.change import is_worse, last_shipped
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release

PASSES = {Status.MET: Ending.PASSED, Status.WAIVED: Ending.WAIVED}


def hear_judged(event: Event) -> None:
    """Bring the findings of a system in line with the verdict on its newest release."""
    release = event.row
    if isinstance(release, Release) and release.current:
        follow_verdict(event.actor, release, verdict_of(release))


def follow_verdict(actor: Actor, release: Release, verdict: Verdict) -> None:
    """Open what falls short, close what passes. The caller's transaction holds the lock on the system."""
    known = _known(release)
    worse = _worse(release, verdict) if release.regressed else frozenset()
    for outcome in verdict.outcomes:
        if (outcome.status is Status.NOT_MET and outcome.holds) or outcome.requirement in worse:
            _found(actor, release, outcome, known.get(outcome.requirement, []))
        elif ending := PASSES.get(outcome.status):
            for finding in _proven(release, outcome, known.get(outcome.requirement, [])):
                _close(actor, finding, release, ending)


def _known(release: Release) -> dict[str, list[Finding]]:
    """Return the findings that a requirement can prove, by requirement; those of the gate also when closed."""
    rows = Finding.objects.select_for_update(of=("self",)).select_related("system__product_line", "owner")
    found: dict[str, list[Finding]] = {}
    for finding in rows.filter(system=release.system).exclude(requirement="").order_by("pk"):
        if finding.state != FindingState.CLOSED or finding.source == FindingSource.GATE:
            found.setdefault(finding.requirement, []).append(finding)
    return found


def _worse(release: Release, verdict: Verdict) -> frozenset[str]:
    """Return the requirements that are materially worse than in the release that shipped last."""
    shipped = last_shipped(release.system, release)
    if shipped is None:
        return frozenset()
    try:
        before = {one.requirement: one for one in verdict_of(shipped).outcomes}
    except RoadworthyError:
        return frozenset()
    return frozenset(
        one.requirement
        for one in verdict.outcomes
        if one.requirement in before and is_worse(before[one.requirement], one)
    )


def _found(actor: Actor, release: Release, outcome: Outcome, known: list[Finding]) -> None:
    mine = [one for one in known if one.source == FindingSource.GATE]
    standing = next((one for one in mine if one.state != FindingState.CLOSED), None)
    if standing is not None:
        _refresh(standing, release, outcome)
    elif mine:
        _reopen(actor, mine[-1], release, outcome)
    else:
        _open(actor, release, outcome)


def _open(actor: Actor, release: Release, outcome: Outcome) -> None:
    finding = Finding(
        system=release.system,
        release=release,
        requirement=outcome.requirement[:64],
        dimension=(outcome.dimension or "")[:32],
        source=FindingSource.GATE,
        title=outcome.title[:300],
        detail=_detail(release, outcome),
        severity=severity_of(outcome, release.system.tier),
        owner=release.system.owner,
    )
    open_finding(finding, timezone.now())
    after = {"severity": finding.severity, "due": finding.due, "requirement": finding.requirement}
    record(actor, "finding.opened", finding.subject, after=after, row=finding, people=concerned(finding))


def _refresh(finding: Finding, release: Release, outcome: Outcome) -> None:
    """Say what the newest verdict says; who works on it and until when stays."""
    detail = _detail(release, outcome)
    if finding.release_id != release.pk or finding.detail != detail:
        finding.release, finding.detail = release, detail
        finding.revision += 1
        finding.save(update_fields=["release", "detail", "revision", "updated_at"])


def _reopen(actor: Actor, finding: Finding, release: Release, outcome: Outcome) -> None:
    before = {"state": finding.state}
    finding.release, finding.detail = release, _detail(release, outcome)
    reopen_finding(finding, severity_of(outcome, release.system.tier), timezone.now())
    after = {"state": finding.state, "severity": finding.severity, "due": finding.due, "reopened": finding.reopened}
    people = concerned(finding)
    record(actor, "finding.reopened", finding.subject, before=before, after=after, row=finding, people=people)


def _proven(release: Release, outcome: Outcome, known: list[Finding]) -> Iterator[Finding]:
    """Yield the findings that the passing outcome proves to be mended.

    One that a person or a red team filed needs evidence made after it was filed: the requirement may have been met when
    it was.
    """
    for finding in known:
        if finding.state == FindingState.CLOSED:
            continue
        if finding.source == FindingSource.GATE or rests_on_newer(outcome, finding.opened_at):
            yield finding


def rests_on_newer(outcome: Outcome, moment: datetime) -> bool:
    """Tell whether an outcome rests on a record made after a moment."""
    return EvidenceRecord.objects.filter(digest__in=outcome.evidence, made_at__gt=moment).exists()


def _close(actor: Actor, finding: Finding, release: Release, ending: Ending) -> None:
    before = {"state": finding.state}
    close_finding(finding, timezone.now(), ending, release=release)
    after = {"state": finding.state, "release": release.name, "ending": ending}
    people = concerned(finding)
    record(actor, "finding.closed", finding.subject, before=before, after=after, row=finding, people=people)


def close_finding(
    finding: Finding,
    at: datetime,
    ending: Ending,
    *,
    release: Release | None = None,
    evidence: EvidenceRecord | None = None,
    by: int | None = None,
    reason: str = "",
) -> None:
    """Close a locked finding with what proves it."""
    if finding.state != FindingState.ACCEPTED:
        end_round(finding, at, ending)
    finding.state, finding.closed_at, finding.closed_by_id = FindingState.CLOSED, at, by
    finding.closed_by_release, finding.closed_by_evidence, finding.closed_reason = release, evidence, reason
    finding.accepted_until = None
    finding.revision += 1
    finding.save()


def _detail(release: Release, outcome: Outcome) -> str:
    lines = [outcome.reason, outcome.next_step]
    return f"{release.name}: " + "\n".join(line for line in lines if line)
