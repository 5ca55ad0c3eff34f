"""Groups of counted rows that jobs keep: pages add up those of the places that one may see, and count nothing.

A place is the product line that a system has now. A group says only what its rows were when it was computed; where
systems have moved since, a job counts again within a minute or two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from roadworthy.server.portfolio.computing import Group, Tallies, tally
from roadworthy.server.portfolio.kpi import Kpi
from roadworthy.server.portfolio.models import KpiGroup, KpiPoint
from roadworthy.server.portfolio.part import Part
from roadworthy.server.portfolio.period import Month
from roadworthy.server.portfolio.tally import Shape, Tally

SHOWN = 12
"""Months of a trend; of so many are groups kept."""
FRESH = timedelta(minutes=3)
"""What is kept of the month that runs counts for so long; the worker computes it each minute."""
LARGE = 1_000
"""Rows of a population, and systems, from which on one month is read from what is kept; fewer are counted at once."""
_SUMS = ("numerator", "denominator", "n", "unknown", "stale")


def keep_groups(kpi: Kpi, tallies: Tallies, months: Iterable[Month]) -> None:
    """Keep the groups of a KPI in some months in the place of those before, within the transaction of its points."""
    kept = set(months)
    KpiGroup.objects.filter(kpi=kpi.id, period__in=[month.first for month in kept]).delete()
    rows = [_row(kpi, group, found) for group, found in tallies.items() if group.month in kept]
    KpiGroup.objects.bulk_create(rows, batch_size=500)


def counted(kpi: Kpi, month: Month, part: Part) -> tuple[Tallies, datetime | None]:
    """Return the groups of a KPI in a month, of a part, and as of when; None: counted at this moment."""
    whole = _grouped([kpi.id], month).filter(period=month.first, n__gte=LARGE).first() if _adds_up(part) else None
    if whole is None:
        return tally(kpi, [month], part), None
    rows = _within(part, KpiGroup.objects.filter(kpi=kpi.id, period=month.first))
    names = ("tier", "product_line", "place", *_SUMS, "spans")
    found: Tallies = defaultdict(Tally)
    for tier, line, place, *sums, spans in rows.values_list(*names):
        found[Group(month, tier, line, place)].add(_tally(sums, spans))
    return dict(found), whole.computed_at


def kept_months(kpis: Iterable[Kpi], tiers: Mapping[str, str], part: Part) -> dict[str, dict[Month, Tally]]:
    """Add up the kept months of several KPIs in a part, by KPI, each of one tier or all; two or three queries.

    Months that are not kept are not there; none is where the part reaches single systems.
    """
    known = {kpi.id: kpi for kpi in kpis}
    found: dict[str, dict[Month, Tally]] = {name: {} for name in known}
    if not _adds_up(part):
        return found
    first = Month.of(timezone.now()).back(SHOWN - 1)
    for name, period in _grouped(known, first).values_list("kpi", "period"):
        found[name][Month(period)] = Tally()
    rows = _within(part, KpiGroup.objects.filter(kpi__in=known, period__gte=first.first))
    medians = [name for name, kpi in known.items() if kpi.shape is Shape.MEDIAN]
    sums = rows.exclude(kpi__in=medians).values("kpi", "period", "tier").annotate(**{f"sum_{x}": Sum(x) for x in _SUMS})
    added = [*sums.values_list("kpi", "period", "tier", *(f"sum_{name}" for name in _SUMS))]
    added = [(*row, {}) for row in added]
    if medians:
        added += rows.filter(kpi__in=medians).values_list("kpi", "period", "tier", *_SUMS, "spans")
    for name, period, tier, *values, spans in added:
        total = found[name].get(Month(period))
        if total is not None and tiers.get(name, "") in {"", tier}:
            total.add(_tally(values, spans))
    return found


def _adds_up(part: Part) -> bool:
    return part.whole or part.places is not None


def _within(part: Part, rows: QuerySet[KpiGroup]) -> QuerySet[KpiGroup]:
    return rows if part.whole else rows.filter(place__in=part.places or ())


def _grouped(kpis: Iterable[str], first: Month) -> QuerySet[KpiPoint]:
    """Return the points, from a month on, whose groups are kept and fresh enough."""
    now = timezone.now()
    fresh = Q(period__lt=Month.of(now).first) | Q(computed_at__gt=now - FRESH)
    return KpiPoint.objects.filter(fresh, kpi__in=list(kpis), segment="", grouped=True, period__gte=first.first)


def _row(kpi: Kpi, group: Group, found: Tally) -> KpiGroup:
    sums = {name: getattr(found, name) for name in _SUMS}
    return KpiGroup(
        kpi=kpi.id,
        period=group.month.first,
        tier=group.tier,
        product_line_id=group.line,
        place_id=group.place,
        spans={str(days): number for days, number in found.spans.items()},
        **sums,
    )


def _tally(sums: Iterable[Any], spans: Mapping[str, int]) -> Tally:
    found = Tally(*sums)
    found.spans.update({int(days): number for days, number in spans.items()})
    return found
