"""Which facts the KPIs count, and how they are counted: querysets and conditions, by the names that the table uses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, Q, QuerySet, Value, When

from roadworthy.server.decisions.models import ExceptionRequest, ExceptionState
from roadworthy.server.findings.models import Ending, FindingRound, FindingSource
from roadworthy.server.portfolio.models import ReleaseFact, RiskFact, VersionFact

WEIGHTS = {"critical": 8, "high": 4, "medium": 2, "low": 1}
"""Weight of a finding by its severity, doubled from step to step."""
FRESH = timedelta(days=365)
"""An accepted assessment counts for a year."""


def number(condition: Q) -> Any:
    """Count the rows of which a condition holds."""
    return Count("pk", filter=condition)


def weight() -> Any:
    """Weigh a round by the severity that it was opened with."""
    cases = [When(severity=severity, then=Value(points)) for severity, points in WEIGHTS.items()]
    return Case(*cases, default=Value(1))


def shipped() -> QuerySet[Any]:
    """Return releases that shipped."""
    return ReleaseFact.objects.filter(shipped_at__isnull=False)


def looked() -> tuple[QuerySet[Any], str]:
    """Return releases received: the gate looked at them."""
    return ReleaseFact.objects.all(), "received_at"


def early() -> QuerySet[Any]:
    """Return rounds of findings from before a release ships: of gates, red teams and people, not of incidents."""
    return FindingRound.objects.exclude(source=FindingSource.INCIDENT)


def due_rounds(due: str) -> QuerySet[Any]:
    """Return rounds without those whose risk was accepted before they were due."""
    return FindingRound.objects.exclude(ending=Ending.ACCEPTED, ended_at__lt=F(due))


def in_time(due: str) -> Q:
    """Return the condition on rounds that ended by a proof before they were due."""
    return Q(ended_at__lt=F(due)) & ~Q(ending__in=["", Ending.ACCEPTED])


def newest(model: Any, moment: str, before: datetime) -> QuerySet[Any]:
    """Return the newest fact of each system before a moment; two facts of one moment: the later row."""
    rows: QuerySet[Any] = model.objects.all()
    last = rows.filter(**{f"{moment}__lt": before}).values("system").annotate(last=Max("pk"))
    return rows.filter(pk__in=last.values("last"))


def declared_data(before: datetime) -> QuerySet[Any]:
    """Return the newest version of each high-tier system that declares data and was not retired before."""
    rows = newest(VersionFact, "saved_at", before).filter(tier__in=["high", "prohibited"], data__gt=0)
    return rows.filter(Q(retired_at=None) | Q(retired_at__gte=before))


def retired(before: datetime) -> QuerySet[Any]:
    """Return the systems that were retired before a moment."""
    return VersionFact.objects.filter(retired_at__lt=before).values("system")


def known_risk(before: datetime) -> QuerySet[Any]:
    """Return the newest accepted assessment of each system that was not retired before."""
    return newest(RiskFact, "accepted_at", before).exclude(system__in=retired(before))


def unknown_risk(before: datetime) -> QuerySet[Any]:
    """Return the newest version of each system without an accepted assessment."""
    known = RiskFact.objects.filter(accepted_at__lt=before).values("system")
    return newest(VersionFact, "saved_at", before).exclude(system__in=known).exclude(system__in=retired(before))


def exception_reasons(start: datetime, end: datetime) -> QuerySet[Any]:
    """Return the exceptions that were approved in a period; their categories are the reasons."""
    decided = Q(decided_at__gte=start, decided_at__lt=end)
    return ExceptionRequest.objects.filter(decided, state__in=[ExceptionState.APPROVED, ExceptionState.EXPIRED])
