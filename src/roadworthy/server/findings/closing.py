"""How people end a finding: by naming what shows that it is mended, or by accepting its risk. Nothing else ends one.

Closing by a person needs proof that the server can read:

- of a finding with a requirement: a release of the system whose verdict says that the requirement is met or waived,
  resting on evidence made after the finding was opened; or that the requirement no longer applies;
- of one without: a release received after it was opened that is not held, or a record of evidence made since.

Whoever owns the finding does not close it themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.outcome import Outcome, Status, VerdictKind
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.access.scope import NOTHING
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import delegated_roles, roles_of
from roadworthy.server.audit.services import record
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.findings.concerned import concerned
from roadworthy.server.findings.gate import close_finding, rests_on_newer
from roadworthy.server.findings.models import UNSOLVED, Ending, Finding, FindingSource, FindingState
from roadworthy.server.findings.rounds import end_round
from roadworthy.server.findings.services import locked
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.in_force import in_force
from roadworthy.standard.model import Tier

LONGEST = timedelta(days=366)
"""A risk is accepted for at most a year."""


@transaction.atomic
def close(actor: Actor, pk: int, revision: int, reason: str, *, release: int | None, evidence: str = "") -> Finding:
    """Close a finding by naming the release or the record of evidence that shows it mended."""
    finding = locked(actor, pk, revision)
    if finding.state == FindingState.CLOSED:
        raise Conflict("the finding is closed", remedy="Load it again.")
    if not reason.strip():
        raise InputError("closing needs a reason", remedy="Say how the release or the evidence shows it.")
    if actor.user_id is not None and actor.user_id == finding.owner_id:
        remedy = "Ask a colleague to look at the proof."
        raise _refused("close", finding, "who owns a finding does not close it", remedy)
    shown = _release(finding, release) if release is not None else None
    proof = _evidence(finding, evidence) if evidence else None
    if shown is None and proof is None:
        raise InputError("closing needs proof", remedy="Name a release or a record of evidence that shows it.")
    ending = _ending_by(finding, shown) if shown is not None else _ending_by_evidence(finding)
    before = {"state": finding.state}
    close_finding(
        finding, timezone.now(), ending, release=shown, evidence=proof, by=actor.user_id, reason=reason.strip()
    )
    after = {"state": finding.state, "ending": ending, "release": shown.name if shown else None, "evidence": evidence}
    return _told(actor, "finding.closed", finding, before, after, reason.strip())


@transaction.atomic
def accept(actor: Actor, pk: int, revision: int, reason: str, until: datetime) -> Finding:
    """Accept the risk of a finding until a moment, in a role that the standard lets approve exceptions at the tier.

    Refused to the owner of the finding, to the owner of the system, and to whoever pushed the release or filed it.
    """
    finding = locked(actor, pk, revision, Permission.FINDING_ACCEPT)
    if finding.state not in UNSOLVED:
        raise Conflict(f"the finding is {finding.get_state_display().lower()}", remedy="Load it again.")
    seat = _seat(actor, finding)
    _check_acceptance(reason, until)
    before, moment = {"state": finding.state}, timezone.now()
    end_round(finding, moment, Ending.ACCEPTED)
    finding.state, finding.accepted_by_id = FindingState.ACCEPTED, actor.user_id
    finding.accepted_role, finding.accepted_for = seat.role, seat.behalf
    finding.accepted_reason, finding.accepted_until = reason.strip(), until
    finding.revision += 1
    finding.save()
    after = {"state": finding.state, "until": until, "role": seat.role}
    if seat.behalf is not None:
        after["on_behalf_of"] = seat.behalf.name
    return _told(actor, "finding.accepted", finding, before, after, reason.strip())


def roles_for(finding: Finding) -> list[str]:
    """Return the roles that may accept the risk of a finding, by the tier of its system."""
    return list(in_force().standard.authority.exception_roles.get(Tier(finding.system.tier), []))


def may_accept(actor: Actor, finding: Finding) -> bool:
    """Tell whether somebody may accept the risk of a finding."""
    try:
        actor.need_on(Permission.FINDING_ACCEPT, finding.system)
        return bool(_seat(actor, finding))
    except Refused:
        return False


@dataclass(frozen=True)
class Seat:
    """A role in which somebody accepts a risk."""

    role: str
    behalf: User | None = None
    """Whose role it is, when it was delegated."""


def _seat(actor: Actor, finding: Finding) -> Seat:
    """Return the role in which the actor accepts: their own before a delegated one. Raises Refused without any."""
    roles, own = roles_for(finding), _own(finding)
    if actor.user_id in own:
        remedy = "Ask somebody else who holds the role."
        raise _refused("accept", finding, "nobody accepts the risk of what is their own", remedy)
    seat = next(_seats(actor, finding, roles, own), None)
    if seat is None:
        named = " or ".join(roles) or "nobody"
        problem = f"at tier {finding.system.tier} the standard lets {named} accept a risk"
        raise _refused("accept", finding, problem, "Ask somebody who holds the role, signed in as themselves.")
    return seat


def _seats(actor: Actor, finding: Finding, roles: list[str], own: set[int]) -> Iterator[Seat]:
    """Yield the roles that the actor holds or was lent; nobody lends what they could not do themselves."""
    yield from (Seat(role) for role in roles if actor.holds_role(role, finding.system))
    if actor.user_id is None or actor.token_id is not None:
        return
    for role, delegations in delegated_roles(User.objects.get(pk=actor.user_id)).items():
        for lent in delegations:
            held = role in roles and lent.giver_id not in own and roles_of(lent.giver).get(role, NOTHING)
            if held and held.reaches(finding.system.pk, finding.system.product_line_id, finding.system.unit_id):
                yield Seat(role, lent.giver)


def _own(finding: Finding) -> set[int]:
    people = {finding.owner_id, finding.system.owner_id, finding.opened_by_id}
    people |= {finding.release.pushed_by_id} if finding.release else set()
    return {pk for pk in people if pk is not None}


def _check_acceptance(reason: str, until: datetime) -> None:
    moment = timezone.now()
    if not reason.strip():
        raise InputError("accepting a risk needs a reason", remedy="Say why it may be borne, and what limits it.")
    if not moment < until <= moment + LONGEST:
        raise InputError("a risk is accepted until a day within a year", remedy="Give a later day, within a year.")


def _release(finding: Finding, pk: int) -> Release:
    release = Release.objects.filter(pk=pk, system=finding.system).first()
    if release is None:
        raise Missing("the system has no such release", remedy="Name a release of this system.")
    return release


def _evidence(finding: Finding, digest: str) -> EvidenceRecord:
    found = EvidenceRecord.objects.filter(digest=digest, system=finding.system).first()
    if found is None:
        raise Missing("the system has no such evidence", remedy="Name a record of this system by its digest.")
    if found.made_at <= (finding.opened_at if not finding.reopened else _came_back(finding)):
        raise _refused("close", finding, "the evidence is older than the finding", "Measure again, then close it.")
    return found


def _came_back(finding: Finding) -> datetime:
    last = finding.rounds.order_by("-number").first()
    return last.opened_at if last else finding.opened_at


def _ending_by(finding: Finding, release: Release) -> Ending:
    if not finding.requirement:
        if release.pushed_at <= _came_back(finding) or release.verdict == VerdictKind.HOLD:
            problem = "the release is older than the finding, or held"
            raise _refused("close", finding, problem, "Name a later release that is not held.")
        return Ending.SHOWN
    outcome = next((one for one in verdict_of(release).outcomes if one.requirement == finding.requirement), None)
    if outcome is None or outcome.status is Status.NOT_APPLICABLE:
        if release.current:
            return Ending.SHOWN
    elif _passes(finding, outcome):
        return Ending.WAIVED if outcome.status is Status.WAIVED else Ending.PASSED
    said = outcome.status if outcome else "not part of an older release"
    problem = f"{finding.requirement} is {said} there, or rests on nothing newer than the finding"
    raise _refused("close", finding, problem, "Run the evaluation again, push the bundle, and name that release.")


def _passes(finding: Finding, outcome: Outcome) -> bool:
    if outcome.status is Status.WAIVED:
        return True
    newer = finding.source == FindingSource.GATE or rests_on_newer(outcome, _came_back(finding))
    return outcome.status is Status.MET and newer


def _ending_by_evidence(finding: Finding) -> Ending:
    if finding.requirement:
        remedy = "Name the release whose verdict says that the requirement is met."
        raise _refused("close", finding, "only a passing re-run closes a finding with a requirement", remedy)
    return Ending.SHOWN


def _told(
    actor: Actor, event: str, finding: Finding, before: dict[str, Any], after: dict[str, Any], reason: str
) -> Finding:
    people = concerned(finding)
    record(actor, event, finding.subject, before=before, after=after, row=finding, people=people, reason=reason)
    return finding


def _refused(what: str, finding: Finding, problem: str, remedy: str) -> Refused:
    return Refused(problem, remedy=remedy, action=f"finding.{what}_refused", system=finding.system.slug)
