"""The outcomes of a verdict in the order in which a reader should meet them."""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.documents.account import account, next_steps
from roadworthy.documents.group import by_domain, by_kind
from roadworthy.documents.sign import SIGNS, Sign, count_by_status, deciding_status

STEPS = 7
"""Next steps shown without unfolding."""


@dataclass(frozen=True)
class Told:
    """One group of outcomes under a heading."""

    title: str
    measured: tuple[Outcome, ...]
    plain: tuple[Outcome, ...]
    """Those that no number shows."""

    @property
    def size(self) -> int:
        """Return how many there are."""
        return len(self.measured) + len(self.plain)


@dataclass(frozen=True)
class Reading:
    """A verdict, ready to be read from the top."""

    verdict: Verdict
    stamp: Sign
    """Sign of the outcome that decides."""
    account: str
    counts: tuple[tuple[Sign, int], ...]
    steps: tuple[tuple[str, tuple[Outcome, ...]], ...]
    more_steps: tuple[tuple[str, tuple[Outcome, ...]], ...]
    short: tuple[Told, ...]
    """What falls short, by the kind of evidence that would show it."""
    waived: tuple[Outcome, ...]
    met: tuple[Told, ...]
    not_applicable: tuple[Outcome, ...]

    @property
    def measured(self) -> tuple[Outcome, ...]:
        """Return every outcome with a number, for the overview."""
        return tuple(one for one in self.verdict.outcomes if one.judged and one.threshold is not None)


def reading(verdict: Verdict) -> Reading:
    """Arrange a verdict for its page."""
    by_status = {status: [o for o in verdict.outcomes if o.status is status] for status in Status}
    short = [
        o for o in verdict.outcomes if o.status in (Status.NOT_MET, Status.INCONCLUSIVE, Status.NOT_SHOWN, Status.STALE)
    ]
    steps = [(step, tuple(served)) for step, served in next_steps(verdict.outcomes)]
    return Reading(
        verdict=verdict,
        stamp=SIGNS[deciding_status(verdict)],
        account=str(account(verdict)),
        counts=tuple((SIGNS[status], number) for status, number in count_by_status(verdict.outcomes).items()),
        steps=tuple(steps[:STEPS]),
        more_steps=tuple(steps[STEPS:]),
        short=tuple(_told(group.title, group.outcomes) for group in by_kind(short)),
        waived=tuple(by_status[Status.WAIVED]),
        met=tuple(_told(group.title, group.outcomes) for group in by_domain(by_status[Status.MET])),
        not_applicable=tuple(by_status[Status.NOT_APPLICABLE]),
    )


def _told(title: str, outcomes: tuple[Outcome, ...]) -> Told:
    return Told(title, tuple(o for o in outcomes if o.judged), tuple(o for o in outcomes if not o.judged))
