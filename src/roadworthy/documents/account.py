"""The verdict told in plain words: what was decided, why, and what to do next."""

from __future__ import annotations

from roadworthy.decide.outcome import Outcome, Status, Verdict, VerdictKind
from roadworthy.documents.group import problems
from roadworthy.documents.number import count
from roadworthy.documents.plain import one_line, sentence
from roadworthy.documents.sign import count_by_status, holds, is_problem

_PHRASES = {
    Status.NOT_MET: ("is not met", "are not met"),
    Status.INCONCLUSIVE: ("is inconclusive", "are inconclusive"),
    Status.STALE: ("rests on stale evidence", "rest on stale evidence"),
    Status.NOT_SHOWN: ("has no evidence yet", "have no evidence yet"),
}


def account(verdict: Verdict) -> str:
    """Tell the verdict in one paragraph that somebody outside the team can follow."""
    name = f"{one_line(verdict.title or verdict.system, 120)} (release {one_line(verdict.release, 60)})"
    applicable = [o for o in verdict.outcomes if o.status is not Status.NOT_APPLICABLE]
    things, tier = count(len(applicable), "thing"), one_line(verdict.tier)
    asked = f"The standard asks {things} of a {tier}-tier system like this"
    tally = _tally(verdict)
    opening = {
        VerdictKind.SHIP: f"{name} may ship. {asked}, and the evidence shows all of them.",
        VerdictKind.SHIP_WITH_CONDITIONS: f"{name} may ship with conditions. {asked}. {tally}",
        VerdictKind.HOLD: f"{name} should not ship yet. {asked}. {tally}",
    }[verdict.verdict]
    return f"{opening} {_main_reason(verdict)}".strip()


def _main_reason(verdict: Verdict) -> str:
    if verdict.verdict is VerdictKind.SHIP or not verdict.reasons:
        return ""
    lead = "The main reason" if len(verdict.reasons) > 1 else "The reason"
    return f"{lead}: {sentence(verdict.reasons[0])}"


def _tally(verdict: Verdict) -> str:
    held = verdict.verdict is VerdictKind.HOLD
    chosen = [o for o in verdict.outcomes if (holds(o) if held else is_problem(o))]
    counts = count_by_status(chosen)
    pieces = [f"{number:,} {_PHRASES[status][number != 1]}" for status, number in counts.items()]
    waived = sum(o.status is Status.WAIVED for o in verdict.outcomes)
    if waived and not held:
        pieces.append(f"{waived:,} {'is' if waived == 1 else 'are'} waived")
    if not pieces:
        return ""
    subject = "Of those that must be true, " if held else "Of these, "
    return f"{subject}{_listed(pieces)}."


def _listed(pieces: list[str]) -> str:
    return pieces[0] if len(pieces) == 1 else f"{', '.join(pieces[:-1])} and {pieces[-1]}"


def next_steps(outcomes: tuple[Outcome, ...]) -> list[tuple[str, tuple[Outcome, ...]]]:
    """List what to do next, most urgent first, each step once with all the requirements that it serves."""
    steps: dict[str, list[Outcome]] = {}
    for outcome in problems(outcomes):
        step = sentence(outcome.next_step)
        if step:
            steps.setdefault(step, []).append(outcome)
    return [(step, tuple(served)) for step, served in steps.items()]
