"""What differs from the release of a system that shipped last, and whether it is worse."""

from __future__ import annotations

import json
from dataclasses import dataclass

from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.outcome import Judged, Outcome, Status, Verdict
from roadworthy.declare.change import assessment_owed, compare_systems
from roadworthy.declare.system import System as Declaration
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.systems.models import System


@dataclass(frozen=True)
class Change:
    """The change that a release is."""

    differences: tuple[dict[str, str], ...] = ()
    """Kind and what, as they are stored."""
    owed: bool = False
    """A fresh assessment is owed."""
    worse: tuple[str, ...] = ()
    """Ids of requirements that are materially worse."""


NOTHING_SHIPPED = Change()


def last_shipped(system: System, before: Release | None = None) -> Release | None:
    """Return the release of a system that shipped last and was not withdrawn; other than `before`."""
    rows = Release.objects.filter(system=system, shipped_at__isnull=False).select_related("version")
    rows = rows.exclude(state=ReleaseState.WITHDRAWN)
    if before is not None:
        rows = rows.exclude(pk=before.pk)
    return rows.order_by("-shipped_at", "-pk").first()


def change_from(shipped: Release | None, declared: Declaration, parts: dict[str, str], verdict: Verdict) -> Change:
    """Compare what is pushed with the release that shipped last; without one there is no change to speak of."""
    if shipped is None:
        return NOTHING_SHIPPED
    before = Declaration.model_validate(json.loads(shipped.version.declaration))
    found = compare_systems(before, declared, dict(shipped.parts), parts)
    return Change(
        tuple({"kind": str(one.kind), "what": one.what} for one in found),
        assessment_owed(found),
        _worse(shipped, verdict),
    )


def _worse(shipped: Release, verdict: Verdict) -> tuple[str, ...]:
    try:
        before = {outcome.requirement: outcome for outcome in verdict_of(shipped).outcomes}
    except RoadworthyError:
        return ()
    return tuple(
        outcome.requirement
        for outcome in verdict.outcomes
        if outcome.requirement in before and is_worse(before[outcome.requirement], outcome)
    )


def is_worse(before: Outcome, after: Outcome) -> bool:
    """Tell whether a measured requirement is materially worse: no longer met, or beyond both intervals."""
    if after.status is Status.NOT_MET and before.status is Status.MET:
        return bool(after.judged)
    old, new = _whole(before), _whole(after)
    if old is None or new is None or old.interval is None or new.interval is None:
        return False
    if after.direction == "at most":
        return new.interval[0] > old.interval[1]
    return after.direction == "at least" and new.interval[1] < old.interval[0]


def _whole(outcome: Outcome) -> Judged | None:
    return next((judged for judged in outcome.judged if judged.label == "all"), None)
