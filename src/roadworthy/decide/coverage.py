"""Judge how much of the required evaluation has been done: the share of required dimensions with evidence."""

from __future__ import annotations

from roadworthy.decide.criterion import threshold
from roadworthy.decide.outcome import Judged, Outcome, Status
from roadworthy.decide.shown import Shown, outcome_of
from roadworthy.standard.model import Requirement, ShownBy, Tier

MEASURED = {Status.MET, Status.NOT_MET, Status.INCONCLUSIVE}


def judge_coverage(requirement: Requirement, tier: Tier, outcomes: list[Outcome]) -> Outcome:
    """Count the dimensions in which every required measurement has current evidence, whatever it says.

    The share is counted, not estimated, so it has no interval. No dimension required at all is `not shown`.
    """
    criterion = requirement.criterion[tier]
    required: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.shown_by == ShownBy.MEASUREMENT and outcome.status is not Status.NOT_APPLICABLE:
            required.setdefault(outcome.dimension or "other", []).append(outcome)
    missing = sorted(name for name, items in required.items() if any(o.status not in MEASURED for o in items))
    share = 1 - len(missing) / len(required) if required else None
    enough = share is not None and share >= threshold(criterion)
    status = Status.MET if enough else Status.NOT_SHOWN
    reason = _reason(len(required), missing)
    shown = Shown(
        status,
        reason,
        "" if enough else requirement.remedy or "Add suites for the dimensions that are missing.",
        tuple(dict.fromkeys(digest for items in required.values() for o in items for digest in o.evidence)),
        (_counted(share, len(required), status, reason),),
    )
    return outcome_of(requirement, tier, shown)


def _reason(required: int, missing: list[str]) -> str:
    if not required:
        return "The standard requires no evaluation of this system, so nothing is covered."
    words = f"{required - len(missing)} of {required} required dimensions are fully evaluated."
    return f"{words} Missing: {', '.join(missing)}." if missing else words


def _counted(share: float | None, n: int, status: Status, reason: str) -> Judged:
    return Judged(
        label="all",
        suite="",
        status=status,
        estimate=share,
        lower=share,
        upper=share,
        interval=None,
        standard_error=None,
        n=n,
        units=n,
        unit="dimensions",
        errored=0,
        method="counted",
        reason=reason,
    )
