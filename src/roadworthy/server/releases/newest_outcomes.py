"""The outcomes of the newest release of each system, for pages that ask where something is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.outcome import Status
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release

_COUNTING = (Status.MET, Status.WAIVED)


def newest_outcomes(systems: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    """Return for each system, by its key, the outcomes of its newest release by requirement; one query.

    What counted for a verdict that no longer counts is stale. A verdict whose file cannot be read shows nothing.
    """
    rows = Release.objects.filter(system__in=systems, current=True)
    found = rows.only("system_id", "verdict_blob_id", "stale", "valid_until")
    return {release.system_id: _outcomes(release) for release in found}


def _outcomes(release: Release) -> Mapping[str, str]:
    try:
        outcomes = verdict_of(release).outcomes
    except RoadworthyError:
        return {}
    ended = release.valid_until is not None and release.valid_until <= timezone.now()
    gone = bool(release.stale) or ended
    return {one.requirement: str(Status.STALE if gone and one.status in _COUNTING else one.status) for one in outcomes}
