"""From outcomes to the verdict, its reasons and its exit code."""

from __future__ import annotations

from roadworthy.decide.outcome import Outcome, Status, VerdictKind
from roadworthy.standard.model import Obligation, ShownBy, Tier

SHORTFALLS = (Status.NOT_MET, Status.NOT_SHOWN, Status.STALE, Status.INCONCLUSIVE)
EXIT_SHIP, EXIT_NOT_MET, EXIT_USAGE, EXIT_UNDECIDED = 0, 1, 2, 3


def decide(tier: Tier, outcomes: tuple[Outcome, ...]) -> tuple[VerdictKind, tuple[str, ...], tuple[str, ...]]:
    """Return the verdict, why (most important first), and the conditions.

    A `must` that falls short holds the release; a `should` that falls short, or anything waived, is a condition. A
    measurement that is missing altogether holds it too, unless the standard grants the tier a share of coverage and
    that share is reached. A prohibited system is held whatever its outcomes are.
    """
    holding = [o for o in outcomes if holds(o, outcomes)]
    soft = [o for o in outcomes if o.status in SHORTFALLS and not holds(o, outcomes)]
    waived = [o for o in outcomes if o.status is Status.WAIVED]
    conditions = tuple(f"{o.title}: {o.reason}" for o in [*waived, *soft])
    reasons = tuple(_sentence(o) for o in sorted(holding, key=_urgency))
    if tier is Tier.PROHIBITED:
        return VerdictKind.HOLD, ("The standard prohibits this system.", *reasons), conditions
    if holding:
        return VerdictKind.HOLD, reasons, conditions
    met = sum(o.status is Status.MET for o in outcomes)
    if met == 0:
        return VerdictKind.HOLD, ("No requirement is met: nothing is not a pass.",), conditions
    if conditions:
        return (
            VerdictKind.SHIP_WITH_CONDITIONS,
            (f"Every mandatory requirement is met or waived ({met} met).",),
            conditions,
        )
    return VerdictKind.SHIP, (f"All {met} requirements are met.",), ()


def exit_code(kind: VerdictKind, tier: str, outcomes: tuple[Outcome, ...]) -> int:
    """Return the exit code of the gate: 0 ship, 1 something is not met, 3 something is not decided."""
    if kind is not VerdictKind.HOLD:
        return EXIT_SHIP
    failed = any(o.status is Status.NOT_MET and holds(o, outcomes) for o in outcomes)
    return EXIT_NOT_MET if failed or tier == Tier.PROHIBITED else EXIT_UNDECIDED


def holds(outcome: Outcome, outcomes: tuple[Outcome, ...]) -> bool:
    """Tell whether an outcome by itself holds the release."""
    if outcome.status not in SHORTFALLS:
        return False
    if outcome.obligation == Obligation.MUST:
        return True
    missing = outcome.shown_by == ShownBy.MEASUREMENT and outcome.status in {Status.NOT_SHOWN, Status.STALE}
    covered = any(o.shown_by == ShownBy.COVERAGE and o.status is Status.MET for o in outcomes)
    return missing and not covered


def _urgency(outcome: Outcome) -> tuple[bool, int]:
    """Sort key: what was measured and falls short comes first, then by outcome."""
    measured = outcome.shown_by == ShownBy.MEASUREMENT and outcome.status in {Status.NOT_MET, Status.INCONCLUSIVE}
    return not measured, SHORTFALLS.index(outcome.status)


def _sentence(outcome: Outcome) -> str:
    return f"{outcome.title} ({outcome.status}): {outcome.reason}"
