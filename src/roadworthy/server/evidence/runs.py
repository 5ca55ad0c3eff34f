"""Two runs side by side: the comparison of the command line, over tables of the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roadworthy.documents.number import Scale, show
from roadworthy.evaluate.comparison import Comparison, ComparisonRow, Finding, NamedRun, compare_runs
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import open_record
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.evidence.files import opened
from roadworthy.server.evidence.models import EvidenceRecord

WORDS = {
    Finding.WORSE: ("worse", "not-met"),
    Finding.BETTER: ("better", "met"),
    Finding.MAYBE_WORSE: ("maybe worse", "inconclusive"),
    Finding.MAYBE_BETTER: ("maybe better", "inconclusive"),
    Finding.NOISE: ("may be chance", "not-applicable"),
    Finding.NOTHING: ("no pair", "not-shown"),
}
"""Word and tone of what a difference says."""


@dataclass(frozen=True)
class ShownRow:
    """One metric on one slice, as a page shows it."""

    metric: str
    label: str
    first: str
    second: str
    difference: str
    interval: str
    n: int
    units: int
    word: str
    tone: str


def measured_of(row: EvidenceRecord) -> Measured | None:
    """Return what a record says was measured; None for a record of another kind."""
    predicate = open_record(row.envelope.encode(), TrustedKeys.none()).predicate
    return predicate if isinstance(predicate, Measured) else None


def compared(first: EvidenceRecord, second: EvidenceRecord) -> tuple[Comparison, list[ShownRow]]:
    """Compare two measurements sample by sample. Raises InputError when they share nothing."""
    with opened(first.results) as one, opened(second.results) as other:
        found = compare_runs(_named(first, one), _named(second, other))
    return found, [_shown(row) for row in found.rows]


def _named(row: EvidenceRecord, table: Any) -> NamedRun:
    return NamedRun(f"{row.suite} of {row.release}", table, measured_of(row))


def _shown(row: ComparisonRow) -> ShownRow:
    word, tone = WORDS[row.finding]
    found = row.difference
    points = found.difference is not None
    return ShownRow(
        metric=row.metric.title,
        label="All samples" if row.label == "all" else row.label,
        first=show(row.first, Scale.PERCENT),
        second=show(row.second, Scale.PERCENT),
        difference=show(found.difference, Scale.POINTS) if points else "none",
        interval=f"{show(found.lower, Scale.POINTS)} to {show(found.upper, Scale.POINTS)}" if points else "",
        n=found.n,
        units=found.units,
        word=word,
        tone=tone,
    )
