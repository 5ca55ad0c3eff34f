"""May this ship? Computed when it is asked, from what is stored; whatever is not shown refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.timezone import now as present

from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.approval import Standing
from roadworthy.decide.clearance import Asked, Clearance, clearance
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.decisions.case import APPROVED, decision_of
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.releases.clearing import Obstacle
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.standards.in_force import in_force_version


@dataclass(frozen=True)
class Reason:
    """Why a release is not cleared, and what to do about it."""

    check: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Answer:
    """The answer to whoever wants to deploy. Without a reason against it, it is cleared; there is no other way."""

    environment: str
    fingerprint: str
    reasons: tuple[Reason, ...]
    release: Release | None = None
    request: DecisionRequest | None = None
    conditions: tuple[str, ...] = ()
    valid_until: datetime | None = None
    asked_at: datetime = field(default_factory=present)

    @property
    def cleared(self) -> bool:
        """Tell whether it may be deployed."""
        return not self.reasons and self.release is not None


def may_ship(actor: Actor, *, fingerprint: str, environment: str, system: str = "") -> Answer:
    """Answer for a fingerprint that somebody wants to deploy; of several releases the current and newest one decides.

    Only releases that the actor may ask about exist for them.
    """
    rows = actor.visible(Release.objects.filter(fingerprint=fingerprint), Permission.CLEARANCE_READ)
    if system:
        rows = rows.filter(system__slug=system)
    rows = rows.select_related("system__product_line", "standard").defer("standard__content", "standard__layer")
    found = list(rows.order_by("-current", "-pushed_at", "-pk")[:50])
    if not found:
        unknown = Reason("known", "No release with this fingerprint was pushed.", "Push the bundle of what you deploy.")
        return Answer(environment, fingerprint, (unknown,))
    if len({release.system_id for release in found}) > 1:
        several = Reason("known", "Several systems have this fingerprint.", "Name the system.")
        return Answer(environment, fingerprint, (several,))
    return clearance_of(found[0], environment)


def clearance_of(release: Release, environment: str) -> Answer:
    """Answer for one release."""
    at = present()
    request = _request(release, environment)
    try:
        found = _ask(release, request, environment, at)
    except RoadworthyError as error:
        trouble = Reason("verdict", f"The verdict cannot be read: {error.problem}.", error.remedy or "Judge it again.")
        return Answer(environment, release.fingerprint, (trouble,), release, request, asked_at=at)
    against = [Reason(str(one.check), one.reason, one.remedy) for one in found.obstacles]
    return Answer(
        environment,
        release.fingerprint,
        (*_of_release(release), *against),
        release,
        request,
        found.conditions,
        release.valid_until,
        at,
    )


def speaks_against(release: Release, environment: str) -> list[Obstacle]:
    """Return what speaks against shipping a release; asked before it is recorded as shipped."""
    return [Obstacle(one.reason, one.remedy) for one in clearance_of(release, environment).reasons]


def obstacles(release: Release, environment: str) -> list[Obstacle]:
    """Return what speaks against deploying a release, as whoever records a shipping asks it."""
    return [Obstacle(one.reason, one.remedy) for one in clearance_of(release, environment).reasons]


def _ask(release: Release, request: DecisionRequest | None, environment: str, at: datetime) -> Clearance:
    decision: Standing | None = decision_of(request) if request is not None else None
    approved: Sequence[str] = request.environments if request is not None and request.state in APPROVED else ()
    return clearance(
        Asked(environment, release.fingerprint, at),
        verdict_of(release),
        decision,
        shown_digest=release.shown_digest,
        environments=approved,
        valid_until=release.valid_until,
        standard_digest=_accepted(release, at),
    )


def _accepted(release: Release, at: datetime) -> str:
    """Return the digest of the standard of a release while it is accepted here, else that of the one in force."""
    row = release.standard
    if row.in_force or (row.accepted and (row.accepted_until is None or at < row.accepted_until)):
        return row.digest
    return in_force_version().digest


def _of_release(release: Release) -> list[Reason]:
    found = []
    if release.stale:
        found.append(Reason("stale", f"The verdict no longer counts: {release.stale}", "Push a new bundle."))
    if release.state in {ReleaseState.WITHDRAWN, ReleaseState.SUPERSEDED, ReleaseState.REJECTED}:
        found.append(Reason("state", f"The release is {release.state}.", "Deploy the newest release that is cleared."))
    return found


def _request(release: Release, environment: str) -> DecisionRequest | None:
    """Return the approval that covers the environment, the newest one; else the newest request that stands."""
    rows = list(
        DecisionRequest.objects.filter(release=release)
        .exclude(state=RequestState.WITHDRAWN)
        .order_by("-requested_at", "-pk")[:50]
    )
    for request in rows:
        request.release = release
    covering = [row for row in rows if row.state in APPROVED and environment in row.environments]
    return next(iter([*covering, *rows]), None)
