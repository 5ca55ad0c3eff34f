"""What becomes of a verdict under another standard, or with other evidence: which outcomes change, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace

from roadworthy.decide.dossier import Dossier
from roadworthy.decide.judge import judge
from roadworthy.decide.outcome import Outcome, Status, Verdict, VerdictKind
from roadworthy.standard.load import LoadedStandard


@dataclass(frozen=True)
class OutcomeChange:
    """A requirement whose outcome, or whether it holds the release, differs."""

    requirement: str
    title: str
    old: Status | None
    """None where the old standard does not have the requirement."""
    new: Status | None
    """None where the new standard does not have it."""
    held: bool
    """It held the release before."""
    holds: bool
    """It holds the release now."""
    reason: str
    """Why it is as it is now; empty where it is gone."""


@dataclass(frozen=True)
class Impact:
    """What differs between two verdicts on one release."""

    verdict: tuple[VerdictKind, VerdictKind]
    """Before and after."""
    tier: tuple[str, str]
    changes: tuple[OutcomeChange, ...]
    """In the order of the new verdict, then what is gone."""

    @property
    def changed(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.changes) or self.verdict[0] != self.verdict[1] or self.tier[0] != self.tier[1]

    @property
    def causes(self) -> tuple[OutcomeChange, ...]:
        """Return the changes that make the verdict another one: what begins or ceases to hold it, else all.

        Empty where the verdict is the same.
        """
        if self.verdict[0] == self.verdict[1]:
            return ()
        return tuple(change for change in self.changes if change.held != change.holds) or self.changes


def judge_under(dossier: Dossier, loaded: LoadedStandard) -> Verdict:
    """Judge the same evidence by another standard, as a preview of its impact.

    A criterion against the shipped release is `not shown` where the bundle holds no measurement of that release.
    """
    return judge(replace(dossier, loaded=loaded))


def compare_verdicts(old: Verdict, new: Verdict) -> Impact:
    """List every requirement whose outcome differs between two verdicts on one release."""
    before, after = ({outcome.requirement: outcome for outcome in verdict.outcomes} for verdict in (old, new))
    pairs = [(before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])]
    changes = tuple(_change(one, other) for one, other in pairs if _told(one) != _told(other))
    return Impact((old.verdict, new.verdict), (old.tier, new.tier), changes)


def _told(outcome: Outcome | None) -> tuple[Status, bool] | None:
    return (outcome.status, outcome.holds) if outcome else None


def _change(old: Outcome | None, new: Outcome | None) -> OutcomeChange:
    shown = new or old
    return OutcomeChange(
        requirement=shown.requirement if shown else "",
        title=shown.title if shown else "",
        old=old.status if old else None,
        new=new.status if new else None,
        held=bool(old and old.holds),
        holds=bool(new and new.holds),
        reason=new.reason if new else "",
    )
