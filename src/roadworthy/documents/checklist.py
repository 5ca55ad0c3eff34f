"""The release checklist (Markdown): what is settled, what is missing and who or what settles it."""

from __future__ import annotations

from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.documents.group import by_kind
from roadworthy.documents.markdown import code, escape, prose
from roadworthy.documents.number import asked, count
from roadworthy.documents.plain import sentence
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS

SETTLED = (Status.MET, Status.WAIVED)
"""Outcomes whose box is ticked; the word beside it tells a waiver from a pass."""


def render_checklist(verdict: Verdict) -> str:
    """Write the checklist of `verdict`, one box for each requirement that applies."""
    applicable = [o for o in verdict.outcomes if o.status is not Status.NOT_APPLICABLE]
    settled = sum(o.status in SETTLED for o in applicable)
    lines = [
        f"# Release checklist: {escape(verdict.title or verdict.system)}",
        "",
        f"Release {escape(verdict.release)}, tier {escape(verdict.tier)}, standard {escape(verdict.standard)}, as of "
        f"{escape(verdict.as_of)}. Verdict: **{VERDICT_WORDS[verdict.verdict]}**.",
        "",
        f"{settled:,} of {count(len(applicable), 'requirement')} settled.",
    ]
    for group in by_kind(applicable):
        done = sum(o.status in SETTLED for o in group.outcomes)
        lines += ["", f"## {group.title} ({done:,} of {len(group.outcomes):,})", ""]
        lines += [line for outcome in group.outcomes for line in _box(outcome)]
    return "\n".join([*lines, *_changes(verdict), *_decision(verdict)]) + "\n"


def _box(outcome: Outcome) -> list[str]:
    tick = "x" if outcome.status in SETTLED else " "
    should = " (should)" if outcome.obligation == "should" else ""
    word = SIGNS[outcome.status].word.lower()
    lines = [f"- [{tick}] **{escape(outcome.title)}**{should}: {word}. {code(outcome.requirement)}"]
    if outcome.status in SETTLED:
        proof = ", ".join(code(digest[:12]) for digest in outcome.evidence)
        why = prose(sentence(outcome.reason)) if outcome.status is Status.WAIVED else ""
        told = " ".join(part for part in (why, f"Evidence {proof}." if proof else "") if part)
        return [*lines, f"  - {told}"] if told else lines
    lines.append(f"  - Asked for: {escape(asked(outcome))}")
    lines.append(f"  - Missing: {prose(outcome.reason)}")
    return [*lines, f"  - Next: {prose(outcome.next_step)}"] if outcome.next_step else lines


def _changes(verdict: Verdict) -> list[str]:
    changes = [f"- {prose(change)}" for change in verdict.changes]
    untested = [f"- {prose(line)}" for line in verdict.not_tested]
    lines = ["", "## Changes since the last shipped release", "", *changes] if changes else []
    return lines + (["", "## Not tested", "", *untested] if untested else [])


def _decision(verdict: Verdict) -> list[str]:
    """Leave room for the decision, which people make and which is kept apart from the verdict."""
    conditions = [f"- [ ] {prose(condition)}" for condition in verdict.conditions]
    lines = ["", "## Conditions to accept", "", *conditions] if conditions else []
    return [
        *lines,
        "",
        "## Decision",
        "",
        "The verdict is what the evidence shows. The decision is made by somebody with the authority.",
        "",
        "- [ ] Decided by (name, role, date):",
        "- [ ] Decision and reason:",
    ]
