"""Points: what each KPI was in past months, kept so that trends cost nothing; and what it is so far, each minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.portfolio.computing import Tallies, month_tally, tally
from roadworthy.server.portfolio.kept import SHOWN, keep_groups
from roadworthy.server.portfolio.kpi import Kpi
from roadworthy.server.portfolio.kpis import KPIS
from roadworthy.server.portfolio.models import KpiPoint, SystemPlace, VersionFact
from roadworthy.server.portfolio.period import Month, months_until
from roadworthy.server.portfolio.tally import Tally
from roadworthy.server.systems.models import System
from roadworthy.standard.model import Tier

KEPT = 36
"""Months that are looked back."""
ANEW = 2
"""Past months that each run computes again."""
_FIELDS = ["value", "numerator", "denominator", "n", "unknown", "stale", "computed_at", "grouped"]


def keep_points(moment: datetime) -> str:
    """Compute the points of past months that are not there, and the newest of them anew.

    Where systems have moved, those of every month that trends show: who may see their rows goes by their place.
    """
    last, first = Month.of(moment).back(1), Month.of(moment).back(SHOWN - 1)
    wanted = _past_months(last)
    if not wanted:
        return "there is no past month yet"
    moved, places = _moved()
    anew = min(first, last) if moved else last.back(ANEW - 1)
    whole = KpiPoint.objects.filter(Q(grouped=True) | Q(period__lt=first.first), segment="")
    known = set(whole.values_list("kpi", "period"))
    written = 0
    for kpi in KPIS.values():
        written += keep(kpi, [month for month in wanted if month >= anew or (kpi.id, month.first) not in known])
    _note(places)
    return f"{written} points of {len(wanted)} months"


def keep_moved(moment: datetime) -> str:
    """Compute points anew where systems have moved."""
    moved, places = _moved()
    if moved:
        return keep_points(moment)
    _note(places)
    return "no system has moved"


def keep_running(moment: datetime) -> str:
    """Compute the points of the month that runs, as far as it has come."""
    running = Month.of(moment)
    return f"{sum(keep(kpi, [running]) for kpi in KPIS.values())} points of {running.label} so far"


def keep(kpi: Kpi, months: Iterable[Month]) -> int:
    """Compute and keep points and groups of a KPI in some months; return how many. Past ones are the same again."""
    wanted = sorted(months)
    if not wanted:
        return 0
    now = timezone.now()
    first = Month.of(now).back(SHOWN - 1)
    tallies = tally(kpi, wanted)
    grouped = [month for month in wanted if month >= first]
    points = [point for month in wanted for point in points_of(kpi, tallies, month)]
    for point in points:
        point.grouped = point.segment == "" and Month(point.period) in grouped
        point.computed_at = now
    with transaction.atomic():
        KpiPoint.objects.bulk_create(
            points,
            update_conflicts=True,
            unique_fields=["kpi", "segment", "period"],
            update_fields=_FIELDS,
            batch_size=500,
        )
        keep_groups(kpi, tallies, grouped)  # after the points, whose rows keep a second job waiting
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
    )


def _past_months(last: Month) -> list[Month]:
    first = VersionFact.objects.aggregate(first=Min("saved_at"))["first"]
    return [month for month in months_until(last, KEPT) if first and month >= Month.of(first)]


def _moved() -> tuple[bool, dict[int, int | None]]:
    """Tell whether a system stands elsewhere than was noted, with the places of those that are not noted so."""
    noted = dict(SystemPlace.objects.values_list("system", "product_line"))
    places: dict[int, int | None] = {
        pk: line
        for pk, line in System.objects.order_by().values_list("pk", "product_line")
        if pk not in noted or noted[pk] != line
    }
    return any(pk in noted for pk in places), places


def _note(places: dict[int, int | None]) -> None:
    SystemPlace.objects.bulk_create(
        [SystemPlace(system_id=pk, product_line_id=line) for pk, line in places.items()],
        update_conflicts=True,
        unique_fields=["system"],
        update_fields=["product_line"],
        batch_size=500,
    )
