"""The short summary for a code host: verdict, problems, next steps (GitHub-flavoured Markdown)."""

from __future__ import annotations

from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.documents.account import account, next_steps
from roadworthy.documents.group import decisive, problems
from roadworthy.documents.markdown import code, escape, prose, table
from roadworthy.documents.number import asked, count, estimate_with_bound, sample
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS, count_by_status

MAX_ROWS = 15
"""Problems shown; the report holds the rest. Code hosts cut long summaries."""
MAX_STEPS = 7


def render_summary(verdict: Verdict, *, report: str | None = None) -> str:
    """Write the summary; `report` names the full report, to say where the rest is."""
    tally = ", ".join(f"{n:,} {SIGNS[s].word.lower()}" for s, n in count_by_status(verdict.outcomes).items())
    lines = [
        f"## {VERDICT_WORDS[verdict.verdict]}: {escape(verdict.title or verdict.system, 120)}",
        "",
        prose(account(verdict), 1200),
        "",
        f"{count(len(verdict.outcomes), 'requirement')}: {tally}. Tier {escape(verdict.tier)}, standard "
        f"{escape(verdict.standard, 80)}, judged at {escape(verdict.as_of)}.",
        *_problems(verdict, report),
        *_conditions(verdict, report),
        *_steps(verdict, report),
        "",
        "Roadworthy gives evidence for a decision; it does not certify compliance.",
    ]
    return "\n".join(lines) + "\n"


def _problems(verdict: Verdict, report: str | None) -> list[str]:
    found = problems(verdict.outcomes)
    if not found:
        return []
    rows = [_row(outcome) for outcome in found[:MAX_ROWS]]
    return [
        "",
        "### What falls short",
        "",
        *table(["Outcome", "Requirement", "Value", "Asked for", "Sample"], rows),
        *_rest(len(found) - MAX_ROWS, "requirement", report),
    ]


def _row(outcome: Outcome) -> list[str]:
    sign = SIGNS[outcome.status]
    judged = decisive(outcome)
    name = f"{escape(outcome.title, 100)} ({code(outcome.requirement)})"
    return [
        f"{sign.mark} {sign.word}{' (should)' if outcome.obligation == 'should' else ''}",
        name,
        escape(estimate_with_bound(judged, outcome)) if judged else "none",
        escape(asked(outcome), 160),
        escape(sample(judged)) if judged else "none",
    ]


def _conditions(verdict: Verdict, report: str | None) -> list[str]:
    waived = [o for o in verdict.outcomes if o.status is Status.WAIVED]
    conditions = [f"- {prose(c, 300)}" for c in verdict.conditions]
    if not conditions:
        conditions = [f"- {escape(o.title, 100)}: {escape(o.reason, 300)}" for o in waived]
    rest = _rest(len(conditions) - MAX_ROWS, "condition", report)
    return ["", "### Conditions", "", *conditions[:MAX_ROWS], *rest] if conditions else []


def _steps(verdict: Verdict, report: str | None) -> list[str]:
    steps = next_steps(verdict.outcomes)
    if not steps:
        return []
    lines = [f"{place}. {prose(step, 400)}" for place, (step, _) in enumerate(steps[:MAX_STEPS], 1)]
    return ["", "### What to do next", "", *lines, *_rest(len(steps) - MAX_STEPS, "step", report)]


def _rest(more: int, noun: str, report: str | None) -> list[str]:
    if more <= 0:
        return []
    where = f" in {code(report)}" if report else " in the full report"
    return ["", f"{count(more, f'more {noun}')}{where}."]
