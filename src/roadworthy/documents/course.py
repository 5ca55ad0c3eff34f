"""The courses open to whoever decides about a release, with what each leaves at risk."""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.decide.outcome import Outcome, Status, Verdict, VerdictKind
from roadworthy.documents.account import next_steps
from roadworthy.documents.group import problems
from roadworthy.documents.number import count
from roadworthy.documents.sign import holds
from roadworthy.standard.model import Tier


@dataclass(frozen=True)
class Course:
    """One thing that may be decided."""

    title: str
    means: str
    """What has to be done."""
    leaves: str
    """What stays at risk."""
    suggested: bool = False
    """It is what the verdict suggests."""


def courses(verdict: Verdict) -> tuple[Course, ...]:
    """List what may be decided on a verdict, what the verdict suggests first."""
    if verdict.tier == Tier.PROHIBITED:
        return (_prohibited(),)
    match verdict.verdict:
        case VerdictKind.SHIP:
            return _ship(), _wait("Nothing that the standard asks for is open.")
        case VerdictKind.SHIP_WITH_CONDITIONS:
            return _conditional(verdict), _settle_first(verdict), _wait(_open(verdict))
        case VerdictKind.HOLD:
            return _hold(verdict), *_waivers(verdict)


def _prohibited() -> Course:
    means = "The standard prohibits this system. No signature changes that; another system has to be declared."
    return Course("Do not ship", means, "None of this system.", suggested=True)


def _ship() -> Course:
    means = "Approve the release as it was judged."
    return Course("Ship", means, "What the standard does not ask for, and what was not tested.", suggested=True)


def _conditional(verdict: Verdict) -> Course:
    conditions = count(len(verdict.conditions), "condition")
    means = f"Approve the release, and see to {conditions} with an owner and a day for each."
    return Course("Ship with conditions", means, _open(verdict), suggested=True)


def _settle_first(verdict: Verdict) -> Course:
    return Course("Settle the conditions first", _work(verdict), "Less than with conditions, and later.")


def _wait(leaves: str) -> Course:
    return Course("Do not ship now", "Leave the shipped release in place, if there is one.", leaves)


def _hold(verdict: Verdict) -> Course:
    return Course("Hold", _work(verdict), "None of this release, as long as it does not ship.", suggested=True)


def _waivers(verdict: Verdict) -> tuple[Course, ...]:
    """Return the course of waiving what holds the release; none where nothing that holds it can be waived."""
    held = [outcome for outcome in verdict.outcomes if holds(outcome)]
    if not held:
        return ()
    asked = count(len(held), "exception")
    means = f"Ask for {asked}, each with a reason, a compensating control and an end, from those who may approve them."
    return (Course("Ask for exceptions", means, f"All of it: {_named(held)}."),)


def _work(verdict: Verdict) -> str:
    steps = len(next_steps(verdict.outcomes))
    work = f"Do {count(steps, 'step')} that are listed below" if steps > 1 else "Do what is listed below"
    return f"{work}, and judge the release again."


def _open(verdict: Verdict) -> str:
    waived = [outcome for outcome in verdict.outcomes if outcome.status is Status.WAIVED]
    short = [*problems(verdict.outcomes), *waived]
    return f"{_named(short)}." if short else "What was not tested."


def _named(outcomes: list[Outcome]) -> str:
    names = ", ".join(outcome.title for outcome in outcomes[:3])
    more = len(outcomes) - 3
    return f"{names} and {more:,} more" if more > 0 else names
