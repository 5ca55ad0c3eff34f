"""Read KPIs: months from the points kept of them where the whole is looked at; else they are computed now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.portfolio.computing import Tallies, month_tally, tally
from roadworthy.server.portfolio.kpi import ALL, Kpi, Target
from roadworthy.server.portfolio.kpis import KPIS
from roadworthy.server.portfolio.models import KpiPoint
from roadworthy.server.portfolio.part import Part
from roadworthy.server.portfolio.period import Month, months_until
from roadworthy.server.portfolio.tally import Tally
from roadworthy.standard.model import Tier

SHOWN = 12
"""Months of a trend."""
FRESH = timedelta(minutes=3)
"""A point of the month that runs counts for so long; the worker computes it each minute."""


class Standing(StrEnum):
    """How a value stands to its target."""

    MET = "on target"
    NOT_MET = "off target"
    UNKNOWN = "unknown"
    STALE = "stale"
    NO_TARGET = "no target"


@dataclass(frozen=True)
class MonthValue:
    """A KPI in one month."""

    month: Month
    value: float | None
    """None: unknown."""
    tally: Tally
    computed: bool = True
    """False: no point was kept for the month yet."""
    running: bool = False
    """The month has not ended."""


@dataclass(frozen=True)
class Segment:
    """A tier or a product line in the month that is shown."""

    key: str
    """tier:high, line:shop; empty: all."""
    title: str
    tally: Tally
    value: float | None
    target: Target | None
    standing: Standing


@dataclass(frozen=True)
class Reading:
    """A KPI as it is read."""

    kpi: Kpi
    now: Segment
    """Of the month that runs, in the segment that the trend shows."""
    trend: tuple[MonthValue, ...]
    """Oldest first; the last is the month that runs."""


def headline(kpi: Kpi) -> str:
    """Return the tier whose trend stands for the KPI: all, or the strictest that has a target of its own."""
    if ALL in kpi.target or not kpi.target:
        return ""
    return next(str(tier) for tier in (Tier.PROHIBITED, Tier.HIGH, Tier.MEDIUM, Tier.LOW) if tier in kpi.target)


def standing(value: float | None, target: Target | None, tally: Tally) -> Standing:
    """Say how a value stands; what rests mostly on what is too old is stale, whatever it is."""
    if value is None:
        return Standing.UNKNOWN
    if tally.stale * 2 > tally.n - tally.unknown:
        return Standing.STALE
    if target is None:
        return Standing.NO_TARGET
    low = target.low is None or value >= target.low
    high = target.high is None or value <= target.high
    return Standing.MET if low and high else Standing.NOT_MET


def read_all(part: Part, kpis: Iterable[Kpi] = KPIS.values()) -> list[Reading]:
    """Read several KPIs: one query for the points of all; one or two more for each whose running month is not fresh."""
    wanted = list(kpis)
    running = Month.of(timezone.now())
    kept = _kept(wanted, part, running)
    return [read(kpi, part, headline(kpi), kept.get(kpi.id)) for kpi in wanted]


def read(
    kpi: Kpi,
    part: Part,
    tier: str = "",
    kept: Mapping[Month, KpiPoint] | None = None,
) -> Reading:
    """Read one KPI, of one tier or all; `kept` are its points where they are known."""
    *past, running = months_until(Month.of(timezone.now()), SHOWN)
    so_far = kept.get(running) if kept is not None else None
    live = {} if so_far else tally(kpi, [running] if kept is not None else [*past, running], part)
    values = [_month_value(kpi, month, live, tier, kept) for month in past]
    last = _month_value(kpi, running, live, tier, kept if so_far else None)
    values.append(MonthValue(running, last.value, last.tally, running=True))
    return Reading(kpi, _segment(kpi, tier, last.value, last.tally), tuple(values))


def points_of(kpi: Kpi, part: Part, tier: str = "") -> Mapping[Month, KpiPoint] | None:
    """Return the points kept of a KPI; None where no points are kept of such a part, so that all is computed now."""
    if not part.scope.everywhere or part.unit is not None or (part.line is not None and tier):
        return None
    key = f"line:{part.line.slug}" if part.line else f"tier:{tier}" if tier else ""
    running = Month.of(timezone.now())
    found = _points([kpi], {kpi.id: key}, running).get(kpi.id, {})
    return {month: point for month, point in found.items() if month != running}


def segment(kpi: Kpi, tier: str, tallies: Tallies, month: Month) -> Segment:
    """Return one tier of a month, or all of it."""
    found = month_tally(tallies, month, tier=tier)
    return _segment(kpi, tier, found.value(kpi.shape), found)


def _segment(kpi: Kpi, tier: str, value: float | None, found: Tally) -> Segment:
    target = kpi.target_of(tier)
    title = tier.capitalize() if tier else "All"
    return Segment(f"tier:{tier}" if tier else "", title, found, value, target, standing(value, target, found))


def by_tier(kpi: Kpi, tallies: Tallies, month: Month) -> list[Segment]:
    """Return the tiers of a month."""
    return [segment(kpi, tier, tallies, month) for tier in kpi.tiers or tuple(map(str, Tier))]


def by_line(kpi: Kpi, tallies: Tallies, month: Month) -> list[Segment]:
    """Return the product lines that have rows in a month."""
    keys = {group.line for group in tallies if group.month == month and group.line is not None}
    found = []
    for line in ProductLine.objects.filter(pk__in=keys):
        one = month_tally(tallies, month, line=line.pk)
        value, target = one.value(kpi.shape), kpi.target_of("")
        title, key = line.title, f"line:{line.slug}"
        found.append(Segment(key, title, one, value, target, standing(value, target, one)))
    return found


def _month_value(kpi: Kpi, month: Month, live: Tallies, tier: str, kept: Mapping[Month, KpiPoint] | None) -> MonthValue:
    if kept is None:
        found = month_tally(live, month, tier=tier)
        return MonthValue(month, found.value(kpi.shape), found)
    point = kept.get(month)
    if point is None:
        return MonthValue(month, None, Tally(), computed=False)
    found = Tally(point.numerator, point.denominator, point.n, point.unknown, point.stale)
    return MonthValue(month, point.value, found)


def _kept(kpis: Sequence[Kpi], part: Part, running: Month) -> dict[str, Mapping[Month, KpiPoint]]:
    """Return the points of several KPIs in one query; empty where everything is computed now."""
    if not part.scope.everywhere or part.unit is not None:
        return {}
    if part.line is not None:
        keys = {kpi.id: f"line:{part.line.slug}" for kpi in kpis if not headline(kpi)}
    else:
        keys = {kpi.id: f"tier:{headline(kpi)}" if headline(kpi) else "" for kpi in kpis}
    return _points(kpis, keys, running)


def _points(kpis: Sequence[Kpi], keys: Mapping[str, str], running: Month) -> dict[str, Mapping[Month, KpiPoint]]:
    first = running.back(SHOWN - 1).first
    known = Q(period__lt=running.first) | Q(period=running.first, computed_at__gt=timezone.now() - FRESH)
    rows = KpiPoint.objects.filter(known, kpi__in=keys, segment__in=set(keys.values()), period__gte=first)
    found: dict[str, dict[Month, KpiPoint]] = defaultdict(dict)
    for row in rows:
        if keys.get(row.kpi) == row.segment:
            found[row.kpi][Month(row.period)] = row
    return {kpi.id: found[kpi.id] for kpi in kpis if kpi.id in keys}
