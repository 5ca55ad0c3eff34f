"""The release report: one HTML file, read as an inspection certificate, without scripts or outside assets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from roadworthy.decide.outcome import Status, Verdict
from roadworthy.documents.account import account, next_steps
from roadworthy.documents.group import by_domain, by_kind
from roadworthy.documents.number import count
from roadworthy.documents.page import render
from roadworthy.documents.provenance import Provenance, RecordSummary, ScorerNote
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS, count_by_status, deciding_status, urgency
from roadworthy.documents.view import RequirementView, anchor, falls_short, panels, view

OPEN_STEPS = 7
"""Next steps shown without unfolding."""


def render_report(verdict: Verdict, provenance: Provenance | None = None) -> str:
    """Write the report of `verdict` as HTML; the same input gives the same text."""
    views = [view(outcome) for outcome in sorted(verdict.outcomes, key=urgency)]
    steps = next_steps(verdict.outcomes)
    short = [item for item in views if falls_short(item)]
    return render(
        "report.html.j2",
        verdict=verdict,
        anchor=anchor,
        told=_told,
        provenance=provenance or Provenance(),
        stamp=SIGNS[deciding_status(verdict)],
        words=VERDICT_WORDS[verdict.verdict],
        account=account(verdict),
        counts=_counts(verdict),
        steps=steps[:OPEN_STEPS],
        more_steps=steps[OPEN_STEPS:],
        panels=panels(views),
        short_measured=[item for item in short if item.measured],
        short_unmeasured=_fold_by_kind([item for item in short if not item.measured]),
        waived=[item for item in views if item.outcome.status is Status.WAIVED],
        met=_fold_by_domain([item for item in views if item.outcome.status is Status.MET]),
        not_applicable=[item for item in views if item.outcome.status is Status.NOT_APPLICABLE],
        usage=usage((provenance or Provenance()).records),
        scorers=scorers((provenance or Provenance()).records),
    )


def _counts(verdict: Verdict) -> list[tuple[Any, int]]:
    return [(SIGNS[status], number) for status, number in count_by_status(verdict.outcomes).items()]


def _told(items: list[RequirementView]) -> str:
    counts = count_by_status([item.outcome for item in items])
    return ", ".join(f"{number:,} {SIGNS[status].word.lower()}" for status, number in counts.items())


def _fold_by_kind(items: list[RequirementView]) -> list[tuple[str, list[RequirementView]]]:
    found = {item.outcome.requirement: item for item in items}
    groups = by_kind(item.outcome for item in items)
    return [(group.title, [found[o.requirement] for o in group.outcomes]) for group in groups]


def _fold_by_domain(items: list[RequirementView]) -> list[tuple[str, list[RequirementView]]]:
    found = {item.outcome.requirement: item for item in items}
    groups = by_domain(item.outcome for item in items)
    return [(group.title, [found[o.requirement] for o in group.outcomes]) for group in groups]


def usage(records: Iterable[RecordSummary]) -> list[tuple[str, str]]:
    """Add up what the measurements used: calls, tokens and cost, where the records say."""
    found = list(records)
    calls, cached = _sum(r.calls for r in found), _sum(r.cached for r in found)
    told: list[tuple[str, str]] = []
    if calls is not None:
        told.append(("Calls", f"{calls:,.0f}" + (f", and {cached:,.0f} from the cache" if cached else "")))
    tokens = _sum(r.tokens_in for r in found), _sum(r.tokens_out for r in found)
    if tokens[0] is not None or tokens[1] is not None:
        told.append(("Tokens", f"{tokens[0] or 0:,.0f} in, {tokens[1] or 0:,.0f} out"))
    for currency in sorted({r.currency for r in found if r.cost is not None}):
        cost = _sum(r.cost for r in found if r.currency == currency) or 0.0
        unknown = sum(r.kind == "measured" and r.cost is None for r in found)
        rest = f"; unknown for {count(unknown, 'record')}" if unknown else ""
        told.append(("Cost", f"{cost:,.2f} {currency}{rest}"))
    return told


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def scorers(records: Iterable[RecordSummary]) -> list[ScorerNote]:
    """List every scorer that took part once, by name."""
    found = {(note.name, note.version): note for record in records for note in record.scorers}
    return [found[key] for key in sorted(found)]
