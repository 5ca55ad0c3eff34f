"""The decision memo as Markdown, for a code host or a ticket."""

from __future__ import annotations

from roadworthy.core.clock import format_time
from roadworthy.decide.approval import Standing
from roadworthy.decide.outcome import Outcome, Verdict
from roadworthy.decide.signature import Signature
from roadworthy.documents.account import account, next_steps
from roadworthy.documents.markdown import code, escape, prose, table
from roadworthy.documents.memo import FOOT, Memo, not_counted, value_of, who
from roadworthy.documents.number import asked, count
from roadworthy.documents.plain import sentence
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS, count_by_status


def render_memo_markdown(memo: Memo) -> str:
    """Write the memo as Markdown for a code host; the same input gives the same text."""
    verdict = memo.verdict
    lines = [
        f"# Decision memo: {escape(verdict.title or verdict.system, 120)}",
        "",
        f"Release {escape(verdict.release)}, tier {escape(verdict.tier)}, standard {escape(verdict.standard)}, as of "
        f"{escape(verdict.as_of)}. Verdict: **{VERDICT_WORDS[verdict.verdict]}**.",
        "",
        prose(account(verdict)),
        *_recommendation(memo),
        *_decision(memo.decision),
        *_listed("Conditions", memo.conditions),
        *_courses(memo),
        *_risk(memo),
        *_evidence(memo),
        *_steps(verdict),
        "",
        FOOT,
    ]
    return "\n".join(lines) + "\n"


def _recommendation(memo: Memo) -> list[str]:
    by = f" of {escape(memo.author)}" if memo.author else ""
    own = [f"Recommendation{by}: {prose(sentence(memo.recommendation))}", ""] if memo.recommendation else []
    suggested = f"The verdict suggests: {prose(memo.suggestion)}"
    return ["", "## Recommendation", "", *own, suggested, "", memo.validity]


def _decision(decision: Standing | None) -> list[str]:
    lines = ["", "## Decision", ""]
    if decision is None:
        return [*lines, "Nobody has been asked yet. The verdict is what the evidence shows; people decide."]
    day = f" at {format_time(decision.decided_at)}" if decision.decided_at else ""
    lines += [f"**{sentence(decision.state)[:-1]}**{day}. Shown to those who decide: {code(decision.digest[:12])}."]
    free = [f"- Missing: {count(seat.seats, 'seat')}, {escape(' or '.join(seat.roles))}" for seat in decision.missing]
    lines += ["", *free] if free else []
    if decision.counted:
        lines += ["", *table(["Who", "Choice", "When"], [_signature(signature) for signature in decision.counted])]
    refused = [f"- {escape(who)}: {escape(why)}" for who, why in map(not_counted, decision.refused)]
    return [*lines, "", "Signatures that do not count:", "", *refused] if refused else lines


def _signature(signature: Signature) -> list[str]:
    return [escape(who(signature)), escape(signature.choice), format_time(signature.at)]


def _courses(memo: Memo) -> list[str]:
    rows = [
        [
            f"{escape(course.title)}{' (suggested)' if course.suggested else ''}",
            escape(course.means),
            escape(course.leaves),
        ]
        for course in memo.courses
    ]
    return ["", "## Options", "", *table(["Option", "What has to be done", "What stays at risk"], rows)]


def _risk(memo: Memo) -> list[str]:
    short = [f"{o.title} ({SIGNS[o.status].word.lower()}, {o.obligation}): {o.reason}" for o in memo.short]
    waived = [f"{o.title}: {o.reason}" for o in memo.waived]
    nothing = [] if short or waived else ["", "Nothing that the standard asks for is open."]
    return [
        *["", "## Residual risk", *nothing],
        *_listed("What falls short", short, level=3),
        *_listed("Exceptions", waived, level=3),
        *_listed("What was not tested", memo.verdict.not_tested, level=3),
        *_listed("What changed since the last shipped release", memo.verdict.changes, level=3),
    ]


def _evidence(memo: Memo) -> list[str]:
    tally = ", ".join(f"{n:,} {SIGNS[s].word.lower()}" for s, n in count_by_status(memo.verdict.outcomes).items())
    rows = [_row(outcome) for outcome in memo.shown]
    told = f"{count(len(memo.verdict.outcomes), 'requirement')}: {tally}."
    shown = table(["Requirement", "Outcome", "What is shown", "Asked for", "Evidence"], rows) if rows else ["None."]
    return ["", "## Evidence", "", told, "", *shown]


def _row(outcome: Outcome) -> list[str]:
    digests = ", ".join(code(digest[:12]) for digest in outcome.evidence) or "none"
    sign = SIGNS[outcome.status]
    return [
        f"{escape(outcome.title, 100)} ({code(outcome.requirement)})",
        f"{sign.mark} {sign.word}",
        escape(value_of(outcome), 300),
        escape(asked(outcome), 160),
        digests,
    ]


def _steps(verdict: Verdict) -> list[str]:
    lines = [f"{place}. {prose(step)}" for place, (step, _) in enumerate(next_steps(verdict.outcomes), 1)]
    return ["", "## What to do next", "", *lines] if lines else []


def _listed(title: str, items: tuple[str, ...] | list[str], *, level: int = 2) -> list[str]:
    lines = [f"- {prose(sentence(item))}" for item in items]
    return ["", f"{'#' * level} {title}", "", *lines] if lines else []
