"""The weighted risk of systems in SQL, for the portfolio: one query and one row, however many systems there are.

The weights are those of `roadworthy.assess.portfolio`; the risk of a system is that of its accepted assessment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, FloatField, IntegerField, Q, QuerySet, Sum, Value, When

from roadworthy.assess.portfolio import REACH_STEPS, TIER_WEIGHTS, reach_weight
from roadworthy.assess.risk import Band
from roadworthy.server.assessments.models import Assessment, AssessmentState
from roadworthy.server.systems.models import System
from roadworthy.standard.model import Tier

INTERNAL = '"internal_only":true'
"""As canonical JSON writes it, with no escape before its quotes, so that no text of a declaration can hold it."""


@dataclass(frozen=True)
class RiskTotal:
    """The weighted residual risk of some systems."""

    low: float
    high: float
    """The end that orders."""
    assessed: int
    not_assessed: int
    """Systems without an accepted assessment: unknown, not safe."""
    owing: int
    """Systems whose accepted assessment a newer version has overtaken."""
    bands: Mapping[Band, int]
    """Residual risks by band."""


def tier_weight() -> Case:
    """Return the weight of a system's tier as SQL; an unknown one weighs as high."""
    whens = [When(tier=str(tier), then=Value(weight)) for tier, weight in TIER_WEIGHTS.items()]
    return Case(*whens, default=Value(TIER_WEIGHTS[Tier.HIGH]), output_field=IntegerField())


def reach_weight_sql() -> Case:
    """Return the weight of a system's reach as SQL; an unknown reach weighs most, inside the company the middle."""
    inside = When(reach=0, version__declaration__contains=INTERNAL, then=Value(reach_weight(0, internal_only=True)))
    unknown = When(reach=0, then=Value(reach_weight(0, internal_only=False)))
    steps = [When(reach__gte=step, then=Value(reach_weight(step, internal_only=False))) for step in REACH_STEPS[::-1]]
    return Case(inside, unknown, *steps, default=Value(1), output_field=IntegerField())


def with_risk(systems: QuerySet[System]) -> QuerySet[System]:
    """Add `weight`, `weighted_low` and `weighted_high` to systems: null where no assessment was accepted."""
    weighed = systems.annotate(weight=tier_weight() * reach_weight_sql())
    return weighed.annotate(
        weighted_low=_times("risk_low"),
        weighted_high=_times("risk_high"),
    )


def risk_total(systems: QuerySet[System]) -> RiskTotal:
    """Total the weighted risk of systems, in two queries; retired ones are the caller's to leave out."""
    chosen = with_risk(systems.order_by())
    sums: dict[str, Any] = chosen.aggregate(
        low=Sum("weighted_low"),
        high=Sum("weighted_high"),
        assessed=Count("pk", filter=Q(risk_high__isnull=False)),
        not_assessed=Count("pk", filter=Q(risk_high__isnull=True)),
    )
    rows = Assessment.objects.filter(system__in=systems.order_by().values("pk"), state=AssessmentState.ACCEPTED)
    found = rows.order_by().aggregate(
        owing=Count("pk", filter=Q(refresh_owed=True)), **{band: Sum(f"band_{band}") for band in Band}
    )
    return RiskTotal(
        low=sums["low"] or 0.0,
        high=sums["high"] or 0.0,
        assessed=sums["assessed"],
        not_assessed=sums["not_assessed"],
        owing=found["owing"],
        bands={band: found[band] or 0 for band in Band},
    )


def _times(field: str) -> Any:
    return Case(When(**{f"{field}__isnull": False}, then=F(field) * F("weight")), output_field=FloatField())
