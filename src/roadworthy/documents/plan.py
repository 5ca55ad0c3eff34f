"""The plan that a brief leads to, as lines of text: for the terminal, or to paste into a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from roadworthy.assess.lexicon import Confidence, Finding
from roadworthy.assess.plan import Measurement, Plan, Reason
from roadworthy.documents.plain import one_line, plain
from roadworthy.documents.risks import proposal_lines
from roadworthy.standard.model import Criterion

UNSURE = "  (rests on an open question)"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Write the whole plan."""
    yield f"Draft from a brief, by {plan.standard}. People correct it; nothing in it is evidence."
    yield from _tier(plan)
    yield from _read(plan)
    yield "\nTop risks"
    for number, risk in enumerate(plan.risks, 1):
        yield from map(plain, proposal_lines(number, risk.proposal, "" if risk.certain else UNSURE))
    yield "\nTo measure"
    yield from (_measurement(item) for item in plan.measurements)
    yield "\nTo do against the risks"
    yield from (
        f"  {item.title} ({item.control or 'no control'}): {', '.join(item.scenarios)}"
        f"{'; the brief says it is there, evidence is owed' if item.declared else ''}"
        for item in plan.mitigations
    )
    yield "\nTo show before release"
    yield from (
        f"  {gate.title} ({gate.requirement}, {gate.shown_by}, {gate.obligation}){'' if gate.certain else UNSURE}"
        for gate in plan.gates
    )
    yield "\nTo watch in operation"
    yield from (
        f"  {signal.signal}: {', '.join(signal.watches) or 'asked for by the standard'}" for signal in plan.signals
    )


def _tier(plan: Plan) -> Iterator[str]:
    least = "" if plan.known_tier is plan.tier else f"; at least {plan.known_tier}, whatever is answered"
    yield f"\nTier: {plan.tier}{least}"
    yield from (_reason(reason) for reason in plan.because)
    if plan.regulatory:
        yield "Regulatory class"
        yield from (_reason(reason) for reason in plan.regulatory)


def _reason(reason: Reason) -> str:
    law = f"{reason.regime}: " if reason.regime else ""
    return f"  {law}{reason.result}  {reason.because}{'' if reason.certain else UNSURE}"


def _read(plan: Plan) -> Iterator[str]:
    draft = plan.draft
    yield "\nRead from the brief"
    yield from (_finding(f) for f in draft.findings if f.confidence is not Confidence.ASSUMED)
    yield "\nOpen questions"
    raises = {answer.field: answer.tier for answer in plan.answers}
    for question in draft.questions:
        alone = f"; this answer alone can make it {raises[question.field]}" if question.field in raises else ""
        why = "" if question.because == "The brief does not say." else f" {one_line(question.because)}"
        yield f"  {question.ask}{why} Until answered: {one_line(question.assumed)}{alone}"
    if draft.unread:
        yield "\nNot understood"
        yield from (f"  “{one_line(clause)}”" for clause in draft.unread)
    if draft.suggestions or draft.refused:
        yield "\nSuggested by a model; counts for nothing until somebody takes it over"
        yield from (f"{_finding(item)} ({item.model})" for item in draft.suggestions)
        yield from (f"  refused: {one_line(reason)}" for reason in draft.refused)
    yield from (f"\nNote: {one_line(notice)}" for notice in draft.notices)


def _finding(finding: Finding) -> str:
    value = (
        {True: "yes", False: "no"}.get(finding.value, finding.value)
        if isinstance(finding.value, bool)
        else finding.value
    )
    return (
        f"  {finding.field} = {one_line(str(value)) or 'none'}  {finding.confidence}: “{one_line(finding.quote or '')}”"
    )


def _measurement(item: Measurement) -> str:
    note = "" if item.certain else UNSURE
    return f"  {item.title}: {item.metric} {threshold(item.criterion)} ({item.requirement}, {item.obligation}){note}"


def threshold(criterion: Criterion) -> str:
    """Write a criterion: 'at most 5 %, at 95 % confidence'."""
    confidence = f"at {criterion.confidence * 100:g} % confidence"
    if criterion.no_worse_by is not None:
        return f"no more than {criterion.no_worse_by * 100:g} points worse than what shipped, {confidence}"
    bound = criterion.at_most if criterion.at_most is not None else criterion.at_least
    which = "at most" if criterion.at_most is not None else "at least"
    by = "".join(f", by {' and '.join(columns)}" for columns in criterion.slices)
    return f"{which} {(bound or 0) * 100:g} %, {confidence}{by}"
