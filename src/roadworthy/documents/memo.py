"""The decision memo: courses, residual risk, evidence and recommendation, for executives and engineers alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roadworthy.core.clock import format_time
from roadworthy.decide.approval import Refused, Standing
from roadworthy.decide.outcome import Outcome, Status, Verdict, VerdictKind
from roadworthy.decide.signature import Signature
from roadworthy.documents.account import account, next_steps
from roadworthy.documents.course import Course, courses
from roadworthy.documents.group import decisive, problems
from roadworthy.documents.number import asked, estimate_with_bound, sample
from roadworthy.documents.page import render
from roadworthy.documents.plain import sentence
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS, count_by_status, deciding_status, urgency

FOOT = (
    "This memo shows evidence for a decision that people make. It does not state compliance with any law or framework."
)


@dataclass(frozen=True)
class Memo:
    """What is put before those who decide, and what they decided once they have."""

    verdict: Verdict
    recommendation: str = ""
    """Of whoever prepared the memo; without it, only what the verdict suggests is told."""
    author: str = ""
    decision: Standing | None = None
    valid_until: datetime | None = None
    """First moment at which time alone could change the verdict."""

    @property
    def suggestion(self) -> str:
        """Tell what the verdict suggests, in one sentence."""
        why = f" {sentence(self.verdict.reasons[0])}" if self.verdict.reasons else ""
        return f"{VERDICT_WORDS[self.verdict.verdict]}.{why}"

    @property
    def validity(self) -> str:
        """Tell until when the verdict holds."""
        if self.valid_until is None:
            return "No end of the verdict is known: nothing that it rests on expires, or the end was not computed."
        return f"The verdict holds until {format_time(self.valid_until)}, if nothing else changes."

    @property
    def conditions(self) -> tuple[str, ...]:
        """List the conditions of the verdict and of those who approved."""
        own = () if self.verdict.verdict is VerdictKind.HOLD else self.verdict.conditions
        return tuple(dict.fromkeys([*own, *(self.decision.conditions if self.decision else ())]))

    @property
    def courses(self) -> tuple[Course, ...]:
        """List what may be decided."""
        return courses(self.verdict)

    @property
    def short(self) -> list[Outcome]:
        """List what falls short, most urgent first."""
        return problems(self.verdict.outcomes)

    @property
    def waived(self) -> list[Outcome]:
        """List the exceptions."""
        return [outcome for outcome in self.verdict.outcomes if outcome.status is Status.WAIVED]

    @property
    def shown(self) -> list[Outcome]:
        """List what the decision may rest on, most urgent first."""
        left_out = {Status.NOT_APPLICABLE, Status.NOT_SHOWN}
        return sorted((o for o in self.verdict.outcomes if o.status not in left_out), key=urgency)


def render_memo_html(memo: Memo) -> str:
    """Write the memo as one HTML file in the look of the report; the same input gives the same text."""
    verdict = memo.verdict
    return render(
        "memo.html.j2",
        memo=memo,
        verdict=verdict,
        account=account(verdict),
        stamp=SIGNS[deciding_status(verdict)],
        words=VERDICT_WORDS[verdict.verdict],
        counts=[(SIGNS[status], number) for status, number in count_by_status(verdict.outcomes).items()],
        steps=next_steps(verdict.outcomes),
        decided=format_time(memo.decision.decided_at) if memo.decision and memo.decision.decided_at else "",
        signed=[(s, who(s), format_time(s.at)) for s in memo.decision.counted] if memo.decision else [],
        refused=[not_counted(refused) for refused in memo.decision.refused] if memo.decision else [],
        value=value_of,
        asked=asked,
        foot=FOOT,
    )


def who(signature: Signature) -> str:
    """Name who signed, for whom, and in which role."""
    lent = f" for {signature.on_behalf_of}" if signature.on_behalf_of else ""
    return f"{signature.person}{lent} ({signature.role})"


def not_counted(refused: Refused) -> tuple[str, str]:
    """Tell whose signature does not count, and why."""
    return f"{who(refused.signature)}, '{refused.signature.choice}'", sentence(refused.why)


def value_of(outcome: Outcome) -> str:
    """Tell what decides an outcome: the estimate with its bound and sample, else the reason."""
    judged = decisive(outcome)
    return f"{estimate_with_bound(judged, outcome)}, {sample(judged)}" if judged else sentence(outcome.reason)
