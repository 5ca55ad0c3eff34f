"""What a record says, in pairs of words for people."""

from __future__ import annotations

from collections.abc import Iterable

from roadworthy.evidence.predicate import Attested, Documented, Measured, Predicate

Pairs = list[tuple[str, str]]


def figures_of(predicate: Predicate) -> Pairs:
    """Return the numbers that stand at the top of a measurement."""
    if not isinstance(predicate, Measured):
        return []
    counts = predicate.counts
    return [
        ("Samples", f"{counts.recorded:,}"),
        ("Planned", f"{counts.planned:,}"),
        ("Scored", f"{counts.scored:,}"),
        ("Errored", f"{counts.errored:,}"),
        ("Unscored", f"{counts.unscored:,}"),
    ]


def facts_of(predicate: Predicate) -> Pairs:
    """Return what a record says, in the order in which one asks."""
    facts = _measured(predicate) if isinstance(predicate, Measured) else _signed(predicate)
    return [(name, value) for name, value in facts if value]


def _measured(measured: Measured) -> Pairs:
    usage = measured.usage
    return [
        ("Suite", measured.suite.id),
        ("Metrics", ", ".join(measured.suite.metrics)),
        ("Dataset", f"{measured.dataset.name}, {measured.dataset.rows:,} rows"),
        ("Clusters by", measured.dataset.cluster or "none declared"),
        ("Slices", ", ".join(measured.dataset.slices)),
        ("Target", _pairs(measured.target)),
        ("Settings", _pairs(measured.settings)),
        ("Scorers", ", ".join(f"{scorer.name} {scorer.version}" for scorer in measured.scorers)),
        ("Harness", f"{measured.harness.name} {measured.harness.version}"),
        ("Seed", "" if measured.seed is None else str(measured.seed)),
        ("Independence", measured.independence),
        ("Run by", measured.actor),
        ("Started", measured.started),
        ("Finished", measured.finished),
        ("Calls", "" if usage.calls is None else f"{usage.calls:,}"),
        ("Labels of people", ", ".join(f"{one.score}: {one.n:,}" for one in measured.calibrations)),
        ("Notes", "; ".join(measured.notes)),
    ]


def _signed(predicate: Attested | Documented) -> Pairs:
    terms = predicate.exception if isinstance(predicate, Attested) else None
    return [
        ("Requirement", predicate.requirement),
        ("Statement", predicate.statement),
        ("Signed by", predicate.signer),
        ("In the role", predicate.role),
        ("Release", predicate.release),
        ("Signed", predicate.at),
        ("Valid until", predicate.until or ""),
        ("Document", predicate.document.name if predicate.document else ""),
        ("Reason category", terms.category if terms else ""),
        ("Reason", terms.reason if terms else ""),
        ("Compensating control", terms.compensating_control if terms else ""),
    ]


def _pairs(values: dict[str, object]) -> str:
    return ", ".join(_words(values.items()))


def _words(items: Iterable[tuple[str, object]]) -> Iterable[str]:
    for name, value in items:
        if value not in (None, "", [], {}):
            yield f"{name} {value}" if isinstance(value, str | int | float) else name
