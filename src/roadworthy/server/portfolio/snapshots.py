"""Points: what each KPI was in past months, kept so that trends cost nothing; and what it is so far, each minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.portfolio.computing import Tallies, month_tally, tally
from roadworthy.server.portfolio.kpi import Kpi
from roadworthy.server.portfolio.kpis import KPIS
from roadworthy.server.portfolio.models import KpiPoint, VersionFact
from roadworthy.server.portfolio.period import Month, months_until
from roadworthy.server.portfolio.tally import Tally
from roadworthy.standard.model import Tier

KEPT = 36
"""Months that are looked back."""
ANEW = 2
"""Past months that each run computes again."""
_FIELDS = ["value", "numerator", "denominator", "n", "unknown", "stale", "computed_at"]


def keep_points(moment: datetime) -> str:
    """Compute the points of past months that are not there, and the newest of them anew."""
    last = Month.of(moment).back(1)
    first = _first_month()
    if first is None or first > last:
        return "there is no past month yet"
    wanted = [month for month in months_until(last, KEPT) if month >= first]
    known = set(KpiPoint.objects.filter(segment="").values_list("kpi", "period"))
    written = 0
    for kpi in KPIS.values():
        missing = [month for month in wanted if month > last.back(ANEW) or (kpi.id, month.first) not in known]
        written += keep(kpi, missing)
    return f"{written} points of {len(wanted)} months"


def keep_running(moment: datetime) -> str:
    """Compute the points of the month that runs, as far as it has come."""
    running = Month.of(moment)
    return f"{sum(keep(kpi, [running]) for kpi in KPIS.values())} points of {running.label} so far"


def keep(kpi: Kpi, months: Iterable[Month]) -> int:
    """Compute and keep the points of a KPI in some months; return how many. Of past months, it gives the same again."""
    wanted = sorted(months)
    if not wanted:
        return 0
    tallies = tally(kpi, wanted)
    points = [point for month in wanted for point in points_of(kpi, tallies, month)]
    with transaction.atomic():
        KpiPoint.objects.bulk_create(
            points,
            update_conflicts=True,
            unique_fields=["kpi", "segment", "period"],
            update_fields=_FIELDS,
            batch_size=500,
        )
    return len(points)


def points_of(kpi: Kpi, tallies: Tallies, month: Month) -> list[KpiPoint]:
    """Return the points of a month: of all, of each tier, and of each product line that has rows."""
    lines = {group.line for group in tallies if group.month == month and group.line is not None}
    slugs = dict(ProductLine.objects.filter(pk__in=lines).values_list("pk", "slug"))
    segments = [("", month_tally(tallies, month))]
    segments += [(f"tier:{tier}", month_tally(tallies, month, tier=tier)) for tier in kpi.tiers or tuple(Tier)]
    segments += [(f"line:{slugs[pk]}", month_tally(tallies, month, line=pk)) for pk in sorted(lines) if pk in slugs]
    return [_point(kpi, segment, month, found) for segment, found in segments]


def _point(kpi: Kpi, segment: str, month: Month, found: Tally) -> KpiPoint:
    return KpiPoint(
        kpi=kpi.id,
        segment=segment[:64],
        period=month.first,
        value=found.value(kpi.shape),
        numerator=found.numerator,
        denominator=found.denominator,
        n=found.n,
        unknown=found.unknown,
        stale=found.stale,
        computed_at=timezone.now(),
    )


def _first_month() -> Month | None:
    first = VersionFact.objects.aggregate(first=Min("saved_at"))["first"]
    return Month.of(first) if first else None
