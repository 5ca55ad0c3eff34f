"""Read KPIs: months from what is kept of them, points of the whole or groups of a part; else they are computed now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.portfolio.computing import Tallies, month_tally, tally
from roadworthy.server.portfolio.kept import FRESH, SHOWN, kept_months
from roadworthy.server.portfolio.kpi import ALL, Kpi, Target
from roadworthy.server.portfolio.kpis import KPIS
from roadworthy.server.portfolio.models import KpiPoint
from roadworthy.server.portfolio.part import Part
from roadworthy.server.portfolio.period import Month, months_until
from roadworthy.server.portfolio.tally import Tally
from roadworthy.standard.model import Tier

Kept = Mapping[Month, "MonthValue"]
"""The months of a KPI that are kept."""


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
    """Read several KPIs: few queries for what is kept of all; one or two more for each that is not kept."""
    wanted = list(kpis)
    kept = _kept(wanted, part, {kpi.id: headline(kpi) for kpi in wanted})
    return [read(kpi, part, headline(kpi), kept[kpi.id]) for kpi in wanted]


def read(kpi: Kpi, part: Part, tier: str = "", kept: Kept | None = None) -> Reading:
    """Read one KPI, of one tier or all; `kept` are its months that need not be counted now.

    Past months of the whole are never counted here, nor those of a part once the job has kept any.
    """
    known = kept or {}
    *past, running = months_until(Month.of(timezone.now()), SHOWN)
    left = part.whole or any(month in known for month in past)
    missing = [month for month in (*past, running) if month not in known and (month == running or not left)]
    live = tally(kpi, missing, part)
    values = [known.get(month) or _live(kpi, month, live, tier, month in missing) for month in (*past, running)]
    last = values[-1]
    values[-1] = MonthValue(running, last.value, last.tally, running=True)
    return Reading(kpi, _segment(kpi, tier, last.value, last.tally), tuple(values))


def months_of(kpi: Kpi, part: Part, tier: str, running: Tallies) -> Kept:
    """Return the months kept of a KPI, with the running one as it was counted for the page."""
    month = Month.of(timezone.now())
    kept = _kept([kpi], part, {kpi.id: tier})[kpi.id]
    return {**kept, month: _live(kpi, month, running, tier, computed=True)}


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


def _live(kpi: Kpi, month: Month, live: Tallies, tier: str, computed: bool) -> MonthValue:
    found = month_tally(live, month, tier=tier)
    return MonthValue(month, found.value(kpi.shape), found, computed=computed)


def _kept(kpis: Sequence[Kpi], part: Part, tiers: Mapping[str, str]) -> dict[str, Kept]:
    """Return the months kept of several KPIs, each of one tier or all: points of the whole, groups of a part."""
    if part.whole:
        return _points(kpis, tiers)
    months = kept_months(kpis, tiers, part)
    return {
        kpi.id: {month: MonthValue(month, one.value(kpi.shape), one) for month, one in months[kpi.id].items()}
        for kpi in kpis
    }


def _points(kpis: Sequence[Kpi], tiers: Mapping[str, str]) -> dict[str, Kept]:
    now = timezone.now()
    running = Month.of(now)
    known = Q(period__lt=running.first) | Q(period=running.first, computed_at__gt=now - FRESH)
    keys = {kpi.id: f"tier:{tiers[kpi.id]}" if tiers[kpi.id] else "" for kpi in kpis}
    first = running.back(SHOWN - 1).first
    rows = KpiPoint.objects.filter(known, kpi__in=keys, segment__in=set(keys.values()), period__gte=first)
    found: dict[str, dict[Month, MonthValue]] = {kpi.id: {} for kpi in kpis}
    for row in rows:
        if keys[row.kpi] == row.segment:
            sums = Tally(row.numerator, row.denominator, row.n, row.unknown, row.stale)
            found[row.kpi][Month(row.period)] = MonthValue(Month(row.period), row.value, sums)
    return dict(found)
