"""What the evidence for a requirement comes to, and the outcome that it makes."""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.decide.criterion import direction, in_words, threshold
from roadworthy.decide.outcome import Judged, Outcome, Status
from roadworthy.standard.model import Requirement, ShownBy, Tier


@dataclass(frozen=True)
class Shown:
    """What the evidence for one requirement shows, before waivers."""

    status: Status
    reason: str
    next_step: str = ""
    evidence: tuple[str, ...] = ()
    """Digests of the records."""
    judged: tuple[Judged, ...] = ()


def outcome_of(requirement: Requirement, tier: Tier, shown: Shown) -> Outcome:
    """Make the outcome of `requirement` at `tier`."""
    applies = shown.status is not Status.NOT_APPLICABLE
    criterion = requirement.criterion.get(tier) if applies else None
    counted = requirement.shown_by is ShownBy.COVERAGE
    return Outcome(
        requirement=requirement.id,
        title=requirement.title,
        control=requirement.control,
        dimension=requirement.dimension,
        shown_by=str(requirement.shown_by),
        obligation=str(requirement.obligation_at(tier)),
        status=shown.status,
        criterion=_asked(requirement, tier) if applies else "",
        threshold=threshold(criterion) if criterion else None,
        direction=direction(criterion) if criterion else None,
        confidence=criterion.confidence if criterion and not counted else None,
        reason=shown.reason,
        next_step=shown.next_step,
        evidence=shown.evidence,
        judged=shown.judged,
        maps=tuple(f"{m.framework} {m.version} {m.id}" for m in requirement.maps),
    )


def _asked(requirement: Requirement, tier: Tier) -> str:
    if requirement.shown_by is ShownBy.COVERAGE:
        criterion = requirement.criterion[tier]
        return f"share of required dimensions evaluated {direction(criterion)} {threshold(criterion):g}"
    if requirement.measure:
        return in_words(requirement.criterion[tier], requirement.measure.metric)
    if requirement.sign_off:
        return f"signed by {requirement.sign_off.role}"
    if requirement.document:
        return f"{requirement.document.kind}, signed"
    return "declared in roadworthy.yaml"
