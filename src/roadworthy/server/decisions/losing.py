"""Authority that was lost: who signed no longer holds the role, so what is not used yet needs somebody else."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from roadworthy.decide.roster import Roster
from roadworthy.server.access.actor import server_actor
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.case import APPROVED, case_of
from roadworthy.server.decisions.concerned import concerned
from roadworthy.server.decisions.concluding import conclude
from roadworthy.server.decisions.following import reopen
from roadworthy.server.decisions.locks import lock_request
from roadworthy.server.decisions.models import DecisionRequest, RequestState, Signature
from roadworthy.server.decisions.roster import roster_on


def check_authority(most: int) -> int:
    """Void signatures whose signer lost the role, where the release has not shipped; return how many requests moved.

    Open requests have a free seat again; approvals reopen. What has shipped was decided by people who held the
    authority then, and stays.
    """
    waiting = DecisionRequest.objects.filter(
        state__in=[RequestState.OPEN, *APPROVED], release__current=True, release__shipped_at=None
    )
    found = list(waiting.order_by("pk").values_list("pk", "release_id", "release__system_id")[:most])
    return sum(_check(*keys) for keys in found)


@transaction.atomic
def _check(pk: int, release: int, system: int) -> bool:
    request = lock_request(pk, release, system)
    if request.state not in {RequestState.OPEN, *APPROVED}:
        return False
    rows = list(request.signatures.filter(round=request.round, void=""))
    roster, moment = roster_on(request.release.system, {row.role for row in rows}), timezone.now()
    lost = [row for row in rows if not _holds(row, roster, moment)]
    if lost:
        _void(request, lost)
    return bool(lost) or _conclude(request) or _tell_blocked(request)


def _conclude(request: DecisionRequest) -> bool:
    """Decide an open request that the rules, changed since, no longer ask anybody else for."""
    if request.state != RequestState.OPEN:
        return False
    after = case_of(request).standing()
    if after.decided:
        conclude(server_actor(), request, after)
    return after.decided


def _holds(row: Signature, roster: Roster, moment: datetime) -> bool:
    """Tell whether the role is still held; a delegation that ended since does not undo what was signed under it."""
    principal = str(row.on_behalf_of_id or row.user_id)
    return roster.holds(principal, row.role, moment, None) and row.user.is_active


def _void(request: DecisionRequest, lost: list[Signature]) -> None:
    names = ", ".join(sorted({row.user.name for row in lost}))
    why = f"{names} signed and has lost the role since."
    Signature.objects.filter(pk__in=[row.pk for row in lost]).update(void=why[:300])
    actor = server_actor()
    if request.state in APPROVED:
        reopen(request, why)(actor)
        return
    request.revision += 1
    request.save(update_fields=["revision"])
    record(actor, "decision.renewed", request.subject, row=request, people=concerned(request), reason=why)


def _tell_blocked(request: DecisionRequest) -> bool:
    """Tell those concerned that a seat of an open request can be taken by nobody; once for each round."""
    if request.state != RequestState.OPEN or request.blocked:
        return False
    missing = case_of(request).standing().missing
    empty = [free for free in missing if len(free.people) < free.seats]
    if not empty:
        return False
    DecisionRequest.objects.filter(pk=request.pk).update(blocked=True)
    roles = "; ".join(" or ".join(free.roles) for free in empty)
    why = f"Nobody is left who may sign as {roles}."
    record(server_actor(), "decision.blocked", request.subject, row=request, people=concerned(request), reason=why)
    return True
