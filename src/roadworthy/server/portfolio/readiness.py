"""Readiness by product line: where systems stand in governance, the share that is cleared, and what blocks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.findings.models import UNSOLVED, Finding
from roadworthy.server.portfolio.part import Part
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.models import Governance

BLOCKERS = 3
"""Requirements shown of those that block most."""


@dataclass
class LineReadiness:
    """One product line, or the systems that belong to none."""

    line: ProductLine | None
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Governance -> systems."""
    held: int = 0
    """Systems whose newest release is held by its verdict."""
    stale: int = 0
    """Systems whose verdict no longer counts."""
    findings: int = 0
    overdue: int = 0
    blockers: list[tuple[str, int]] = field(default_factory=list)
    """Requirements with most open findings."""

    @property
    def systems(self) -> int:
        """Return how many systems there are."""
        return sum(self.counts.values())

    @property
    def cleared(self) -> int:
        """Return how many are cleared."""
        return self.counts.get(Governance.CLEARED, 0)

    @property
    def title(self) -> str:
        """Return the name of the product line."""
        return self.line.title if self.line else "No product line"

    @property
    def states(self) -> list[tuple[str, str, int]]:
        """Return each state of governance with its words and count, in the order of the work."""
        return [(state.value, str(state.label), self.counts.get(state.value, 0)) for state in Governance]


def readiness(part: Part) -> list[LineReadiness]:
    """Return the product lines of a part, by title; four queries."""
    known = {line.pk: line for line in ProductLine.objects.all()}
    found: dict[int | None, LineReadiness] = {}

    def row(pk: int | None) -> LineReadiness:
        return found.setdefault(pk, LineReadiness(known.get(pk) if pk is not None else None))

    for one in part.systems().order_by().values("product_line", "governance").annotate(number=Count("pk")):
        row(one["product_line"]).counts[one["governance"]] += one["number"]
    for one in _releases(part):
        row(one["system__product_line"]).held = one["held"]
        row(one["system__product_line"]).stale = one["old"]
    for one in _findings(part):
        _add_findings(row(one["system__product_line"]), one)
    return sorted(found.values(), key=lambda one: (one.line is None, one.title))


def _releases(part: Part) -> Any:
    rows = Release.objects.filter(part.condition("system__"), current=True).exclude(system__lifecycle="retired")
    return (
        rows.order_by()
        .values("system__product_line")
        .annotate(held=Count("system", filter=Q(holding__gt=0)), old=Count("system", filter=~Q(stale="")))
    )


def _findings(part: Part) -> Any:
    """Count what is unsolved and late by product line and requirement, those that block most first."""
    rows = Finding.objects.filter(part.condition("system__"), state__in=UNSOLVED)
    late = Count("due", filter=Q(due__lte=timezone.now()))
    counted = rows.order_by().values("system__product_line", "requirement").annotate(number=Count("due"), late=late)
    return counted.order_by("-number", "requirement")


def _add_findings(line: LineReadiness, counted: Any) -> None:
    line.findings += counted["number"]
    line.overdue += counted["late"]
    if counted["requirement"] and len(line.blockers) < BLOCKERS:
        line.blockers.append((counted["requirement"], counted["number"]))
