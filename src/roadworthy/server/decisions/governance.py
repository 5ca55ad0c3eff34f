"""Where a system stands in governance: computed in one place from its newest release and the request on it."""

from __future__ import annotations

from roadworthy.decide.outcome import VerdictKind
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.systems.models import Governance, System

_BY_REQUEST = {
    RequestState.OPEN: Governance.AWAITING_DECISION,
    RequestState.CHANGES_REQUESTED: Governance.AWAITING_DECISION,
    RequestState.REOPENED: Governance.REOPENED,
    RequestState.REJECTED: Governance.HELD,
}
_RELEASE_STATES = {
    RequestState.OPEN: ReleaseState.IN_REVIEW,
    RequestState.APPROVED: ReleaseState.APPROVED,
    RequestState.CONDITIONALLY_APPROVED: ReleaseState.APPROVED,
    RequestState.CHANGES_REQUESTED: ReleaseState.CHANGES_REQUESTED,
    RequestState.REJECTED: ReleaseState.REJECTED,
    RequestState.REOPENED: ReleaseState.REOPENED,
    RequestState.WITHDRAWN: ReleaseState.RECEIVED,
}
_FINAL = (ReleaseState.SUPERSEDED, ReleaseState.WITHDRAWN)
"""What became of a release for good; no decision moves it any more."""


def settle(request: DecisionRequest) -> None:
    """Bring the state of a request into its release, and into the governance state of the system."""
    release = request.release
    state = _RELEASE_STATES[RequestState(request.state)]
    shipped = release.shipped_at is not None and state in {ReleaseState.APPROVED, ReleaseState.IN_REVIEW}
    if release.state not in _FINAL:
        release.state = ReleaseState.SHIPPED if shipped else state
        release.revision += 1
        release.save(update_fields=["state", "revision"])
    refresh_governance(release.system)


def refresh_governance(system: System) -> str:
    """Compute and store where a system stands; returns it. The caller holds the lock on the system."""
    found = _stands(system)
    if system.governance != found:
        system.governance = found
        System.objects.filter(pk=system.pk).update(governance=found)
    return found


def _stands(system: System) -> Governance:
    release = Release.objects.filter(system=system, current=True).order_by("-pushed_at", "-pk").first()
    if release is None:
        early = (Governance.REGISTERED, Governance.IN_ASSESSMENT)
        return Governance(system.governance) if system.governance in early else Governance.IN_ASSESSMENT
    requests = DecisionRequest.objects.filter(release=release).exclude(state=RequestState.WITHDRAWN)
    request = requests.order_by("-requested_at", "-pk").first()
    if request is not None and (state := _BY_REQUEST.get(RequestState(request.state))):
        return state
    if release.stale:
        return Governance.REOPENED
    if request is not None:
        return Governance.CLEARED
    return Governance.HELD if release.verdict == VerdictKind.HOLD else Governance.IN_ASSESSMENT
