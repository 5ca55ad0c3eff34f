"""How each outcome and verdict is shown: sign, word and colour together, and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.decide.outcome import Outcome, Status, Verdict, VerdictKind


@dataclass(frozen=True)
class Sign:
    """One row of the table of outcomes."""

    word: str
    mark: str
    """One character that fonts of terminals hold."""
    ascii: str
    style: str
    """Style of rich."""
    css: str
    """Name in the style sheet and of the drawn sign."""
    meaning: str


SIGNS: dict[Status, Sign] = {
    Status.NOT_MET: Sign(
        "Not met",
        "✗",
        "x",
        "bold red",
        "not-met",
        "The evidence shows a shortfall: even the favourable end of what the data allow is outside the "
        "threshold, or what was asked for is declared absent or refused.",
    ),
    Status.INCONCLUSIVE: Sign(
        "Inconclusive",
        "◐",
        "~",
        "yellow",
        "inconclusive",
        "It was measured, but the data allow both answers. More independent samples would settle it.",
    ),
    Status.STALE: Sign(
        "Stale",
        "◷",
        "!",
        "magenta",
        "stale",
        "There is evidence, but it is too old or a part of the system it depends on has changed since.",
    ),
    Status.NOT_SHOWN: Sign(
        "Not shown",
        "◌",
        "?",
        "bold",
        "not-shown",
        "There is no evidence. Absence of evidence never counts as a pass.",
    ),
    Status.WAIVED: Sign(
        "Waived",
        "⊘",
        "w",
        "cyan",
        "waived",
        "It falls short, and somebody with the authority signed an exception with a reason, a compensating "
        "control and an end date.",
    ),
    Status.MET: Sign(
        "Met",
        "✓",
        "+",
        "green",
        "met",
        "The evidence is inside the threshold with the confidence that the criterion asks for, sampling "
        "error included.",
    ),
    Status.NOT_APPLICABLE: Sign(
        "Not applicable",
        "–",
        "-",
        "dim",
        "not-applicable",
        "The requirement does not concern this system as declared, or not yet.",
    ),
}
"""Every status, in the order in which a reader should meet them: problems first."""

ORDER: dict[Status, int] = {status: place for place, status in enumerate(SIGNS)}

PROBLEMS = (Status.NOT_MET, Status.INCONCLUSIVE, Status.STALE, Status.NOT_SHOWN)
"""Outcomes that hold a release when the requirement is a must."""

VERDICT_WORDS: dict[VerdictKind, str] = {
    VerdictKind.SHIP: "Ship",
    VerdictKind.SHIP_WITH_CONDITIONS: "Ship with conditions",
    VerdictKind.HOLD: "Hold",
}


def is_problem(outcome: Outcome) -> bool:
    """Tell whether the outcome falls short of the requirement without a waiver."""
    return outcome.status in PROBLEMS


def holds(outcome: Outcome) -> bool:
    """Tell whether the outcome alone holds the release."""
    return outcome.holds


def urgency(outcome: Outcome) -> tuple[bool, int, bool, str]:
    """Sort key: what holds the release first, then by outcome, measurements first, then by name."""
    measured = outcome.shown_by == "measurement"
    return (not holds(outcome), ORDER[outcome.status], not measured, outcome.requirement)


def deciding_status(verdict: Verdict) -> Status:
    """Return the status whose colour the stamp wears: that of the outcome that decides the verdict."""
    if verdict.verdict is VerdictKind.SHIP:
        return Status.MET
    if verdict.verdict is VerdictKind.HOLD:
        held = [outcome.status for outcome in verdict.outcomes if holds(outcome)]
        return min(held, key=ORDER.__getitem__, default=Status.NOT_MET)
    short = [o.status for o in verdict.outcomes if is_problem(o) or o.status is Status.WAIVED]
    return min(short, key=ORDER.__getitem__, default=Status.WAIVED)


def count_by_status(outcomes: tuple[Outcome, ...] | list[Outcome]) -> dict[Status, int]:
    """Count the outcomes by status, in the order of the table; absent ones are left out."""
    counts = {status: sum(o.status is status for o in outcomes) for status in SIGNS}
    return {status: count for status, count in counts.items() if count}
