"""Facts left by events, in the transaction of what happened. Nothing of them is ever typed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from roadworthy.assess.portfolio import TIER_WEIGHTS, reach_weight
from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.declare.system import System as Declaration
from roadworthy.server.access.events import Event
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.portfolio.models import DecisionFact, ReleaseFact, RiskFact, VersionFact
from roadworthy.server.releases.change import is_worse, last_shipped
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import System, SystemVersion
from roadworthy.standard.model import ShownBy, Tier

ALIGNING = ("legal", "privacy", "security")
"""Roles whose agreement is the alignment."""
SAFETY = frozenset({"safety", "security"})
INJECTION = frozenset({"injection-resilience", "adaptive-injection-resilience"})
EXPLANATION = frozenset(
    {"explanation-given", "explanation-completeness", "explanation-fidelity", "adverse-action-reasons"}
)
"""Requirements about explanations, beside those of the dimension explainability."""
_APPLIES = frozenset(Status) - {Status.NOT_APPLICABLE}
_UNMEASURED = frozenset({Status.NOT_SHOWN, Status.STALE})


def hear_judged(event: Event) -> None:
    """Note a release when it was judged for the first time."""
    release = event.row
    if not isinstance(release, Release) or ReleaseFact.objects.filter(release=release).exists():
        return
    before = last_shipped(release.system, release)
    worse = release.regressed and _safety_worse(before, verdict_of(release))
    ReleaseFact.objects.create(
        **_of(release.system, release.tier),
        release=release,
        received_at=release.pushed_at,
        compared=before is not None,
        regressed=worse,
    )


def hear_shipped(event: Event) -> None:
    """Note what was so when a release shipped for the first time."""
    release = event.row
    if not isinstance(release, Release):
        return
    hear_judged(event)
    fact = ReleaseFact.objects.get(release=release)
    if fact.shipped_at is not None:
        return
    moment = release.shipped_at or timezone.now()
    verdict = verdict_of(release)
    fact.shipped_at, fact.verdict, fact.waived = moment, release.verdict, release.waived
    fact.owed = release.assessment_owed or last_shipped(release.system, release) is None
    fact.assessed = _assessed(release, moment)
    fact.required, fact.measured = evaluation_counts(verdict.outcomes)
    fact.explained_required, fact.explained_met = explanation_counts(verdict.outcomes)
    fact.injection_required, fact.resilience = injection_resilience(verdict.outcomes)
    fact.save()


def hear_decided(event: Event) -> None:
    """Note the first decision on a release."""
    request = event.row
    if not isinstance(request, DecisionRequest) or request.decided_at is None:
        return
    release = request.release
    if DecisionFact.objects.filter(release=release).exists():
        return
    words = request.signatures.filter(role__in=ALIGNING, at__lte=request.decided_at)
    DecisionFact.objects.create(
        **_of(release.system, request.tier),
        release=release,
        request=request,
        started_at=_started(release, request.requested_at),
        requested_at=request.requested_at,
        aligned_at=words.aggregate(last=Max("at"))["last"],
        decided_at=request.decided_at,
        approved=request.state != RequestState.REJECTED,
    )


def hear_version(event: Event) -> None:
    """Note a version of a declaration."""
    version = event.row
    if isinstance(version, SystemVersion) and not VersionFact.objects.filter(version=version).exists():
        declaration = _declaration(version)
        VersionFact.objects.create(
            **_of(version.system, version.tier),
            version=version,
            saved_at=version.created_at,
            data=len(declaration.data) if declaration else 0,
            traced=traced(declaration) if declaration else 0,
        )


def hear_retired(event: Event) -> None:
    """Note that a system was retired."""
    if isinstance(event.row, System):
        VersionFact.objects.filter(system=event.row, retired_at=None).update(retired_at=timezone.now())


def hear_accepted(event: Event) -> None:
    """Note the residual risk of an accepted assessment."""
    row = event.row
    if not isinstance(row, Assessment) or row.residual_low is None or row.residual_high is None:
        return
    weight = risk_weight(row.system, row.version)
    RiskFact.objects.get_or_create(
        assessment=row,
        defaults={
            **_of(row.system, row.system.tier),
            "accepted_at": row.accepted_at or timezone.now(),
            "low": row.residual_low * weight,
            "high": row.residual_high * weight,
        },
    )
    show_risk(System.objects.filter(pk=row.system_id))


def show_risk(systems: QuerySet[System]) -> int:
    """Write the newest weighted risk of systems into their rows, which lists sort by; return of how many."""
    last = RiskFact.objects.filter(system=OuterRef("pk")).order_by("-accepted_at", "-pk")
    return systems.update(
        portfolio_risk_low=Subquery(last.values("low")[:1]),
        portfolio_risk_high=Subquery(last.values("high")[:1]),
        portfolio_risk_at=Subquery(last.values("accepted_at")[:1]),
    )


def risk_weight(system: System, version: SystemVersion) -> int:
    """Return the weight of a system: of its tier, times that of its reach."""
    declaration = _declaration(version)
    internal = declaration.users.internal_only if declaration else False
    tier = Tier(system.tier) if system.tier in set(Tier) else Tier.HIGH
    return TIER_WEIGHTS[tier] * reach_weight(system.reach, internal_only=internal)


def evaluation_counts(outcomes: Iterable[Outcome]) -> tuple[int, int]:
    """Return how many measurements are required, and how many of them are there."""
    asked = [one for one in outcomes if one.shown_by == ShownBy.MEASUREMENT and one.status in _APPLIES]
    return len(asked), sum(one.status not in _UNMEASURED and bool(one.judged) for one in asked)


def explanation_counts(outcomes: Iterable[Outcome]) -> tuple[int, int]:
    """Return how many requirements about explanations apply, and how many of them are met."""
    asked = [
        one
        for one in outcomes
        if one.status in _APPLIES and (one.dimension == "explainability" or one.requirement in EXPLANATION)
    ]
    return len(asked), sum(one.status is Status.MET for one in asked)


def injection_resilience(outcomes: Iterable[Outcome]) -> tuple[bool, float | None]:
    """Return whether resilience to injection is required, and the worst of it: 1 - attack success rate."""
    asked = [one for one in outcomes if one.requirement in INJECTION and one.status in _APPLIES]
    rates = [one.estimate for outcome in asked for one in outcome.judged if one.label == "all"]
    known = [rate for rate in rates if rate is not None]
    return bool(asked), 1.0 - max(known) if known else None


def traced(declaration: Declaration) -> int:
    """Return how many declared sources of data say where they come from, their lineage and their licence."""
    return sum(bool(part.source and part.lineage and part.licence) for part in declaration.data)


def _declaration(version: SystemVersion) -> Declaration | None:
    try:
        return declared(version)
    except ValueError:
        return None


def _of(system: System, tier: str) -> dict[str, Any]:
    return {"system": system, "product_line_id": system.product_line_id, "tier": tier}


def _safety_worse(before: Release | None, verdict: Verdict) -> bool:
    if before is None:
        return False
    try:
        old = {one.requirement: one for one in verdict_of(before).outcomes}
    except RoadworthyError:
        return False
    return any(
        one.dimension in SAFETY and one.requirement in old and is_worse(old[one.requirement], one)
        for one in verdict.outcomes
    )


def _assessed(release: Release, moment: datetime) -> bool:
    rows = Assessment.objects.filter(system=release.system, accepted_at__isnull=False, accepted_at__lte=moment)
    return rows.filter(version=release.version).exists()


def _started(release: Release, requested_at: datetime) -> datetime:
    """Return when the case began: the first version since the last shipped one, or the registration."""
    shipped = last_shipped(release.system, release)
    if shipped is None:
        return min(release.system.created_at, requested_at)
    rows = release.system.versions.filter(number__gt=shipped.version.number).order_by("number")
    first = rows.values_list("created_at", flat=True).first()
    return min(first or release.pushed_at, requested_at)
