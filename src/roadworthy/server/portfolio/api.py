"""The portfolio over the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import StringConstraints

from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.portfolio.counts import readiness_of
from roadworthy.server.portfolio.kept import counted
from roadworthy.server.portfolio.kpi import Kpi
from roadworthy.server.portfolio.kpis import KPIS, UNMEASURED
from roadworthy.server.portfolio.listings import days_left, launches, release_of
from roadworthy.server.portfolio.my_work import my_work
from roadworthy.server.portfolio.part import narrowed
from roadworthy.server.portfolio.period import Month
from roadworthy.server.portfolio.reading import Reading, Segment, by_line, by_tier, months_of, read, read_all, segment
from roadworthy.server.portfolio.schemas import KpiDetail, KpisOut, LaunchOut, ReadinessOut, WorkOut
from roadworthy.server.wire.paging import Page, Paging, paged

router = Router(tags=["Portfolio"])
Slug = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9-]*$")]


@router.get(
    "/my-work", response=WorkOut, url_name="my_work", operation_id="show_my_work", summary="What you have to do"
)
def show_my_work(request: Request) -> dict[str, Any]:
    """Return what is assigned to you, waits on you, or ends soon."""
    items = [
        {"kind": work.kind, "title": item.title, "about": item.about, "url": item.url, "due": item.due}
        for work in my_work(request.actor)
        for item in work.items
    ]
    return {"items": items}


@router.get("/kpis", response=KpisOut, url_name="kpis", operation_id="list_kpis", summary="List KPIs")
def list_kpis(request: Request, line: Slug = "", unit: Slug = "") -> dict[str, Any]:
    """Return every KPI of the part of the portfolio that you may see, in the month that runs."""
    part = narrowed(request.actor, line, unit)
    return {
        "month": Month.of(timezone.now()).name,
        "items": [_kpi(reading.kpi, reading.now) for reading in read_all(part)],
        "not_measured": [{"title": one.title, "target": one.target, "needs": one.needs} for one in UNMEASURED],
    }


@router.get("/kpis/{kpi}", response=KpiDetail, url_name="kpi", operation_id="show_kpi", summary="Show a KPI")
def show_kpi(request: Request, kpi: Path[Slug], line: Slug = "", unit: Slug = "") -> dict[str, Any]:
    """Return one KPI with its definition, its segments and its trend over twelve months."""
    found = KPIS.get(kpi)
    if found is None:
        raise Missing("there is no such KPI", remedy="Ask GET /kpis for those there are.")
    part = narrowed(request.actor, line, unit)
    month = Month.of(timezone.now())
    tallies, counted_at = counted(found, month, part)
    segments = [*by_tier(found, tallies, month), *by_line(found, tallies, month)]
    reading = read(found, part, "", months_of(found, part, "", tallies))
    return {
        **_kpi(found, segment(found, "", tallies, month)),
        "formula": found.formula,
        "population": found.population,
        "exclusions": found.exclusions,
        "shape": found.shape,
        "counted_at": counted_at,
        "segments": [_value(one) for one in segments],
        "trend": _trend(reading),
    }


@router.get(
    "/portfolio/readiness",
    response=ReadinessOut,
    url_name="portfolio_readiness",
    operation_id="show_readiness",
    summary="Readiness by product line",
)
def show_readiness(request: Request, line: Slug = "", unit: Slug = "") -> dict[str, Any]:
    """Return where the systems of each product line stand, and what blocks them."""
    lines, counted_at = readiness_of(narrowed(request.actor, line, unit))
    return {
        "counted_at": counted_at,
        "items": [
            {
                "line": one.line.slug if one.line else None,
                "title": one.title,
                "systems": one.systems,
                "governance": dict(one.counts),
                "cleared": one.cleared / one.systems if one.systems else None,
                "held": one.held,
                "stale": one.stale,
                "open_findings": one.findings,
                "overdue_findings": one.overdue,
                "blockers": dict(one.blockers),
            }
            for one in lines
        ],
    }


@router.get(
    "/portfolio/launches",
    response=Page[LaunchOut],
    url_name="portfolio_launches",
    operation_id="list_launches",
    summary="List upcoming launches",
)
def list_launches(request: Request, paging: Query[Paging], line: Slug = "", unit: Slug = "") -> dict[str, Any]:
    """List the systems with a day of launch, those registered last first."""
    page = paged(launches(narrowed(request.actor, line, unit)), paging)
    return {**page, "items": [_launch(row) for row in page["items"]]}


def _kpi(kpi: Kpi, now: Segment) -> dict[str, Any]:
    return {
        "id": kpi.id,
        "title": kpi.title,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "cadence": kpi.cadence,
        "now": _value(now),
    }


def _value(one: Segment) -> dict[str, Any]:
    return {
        "segment": one.key,
        "value": one.value,
        "standing": one.standing,
        "target": {"low": one.target.low, "high": one.target.high} if one.target else None,
        "numerator": one.tally.numerator,
        "denominator": one.tally.denominator,
        "n": one.tally.n,
        "unknown": one.tally.unknown,
        "stale": one.tally.stale,
    }


def _trend(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "month": one.month.name,
            "value": one.value,
            "n": one.tally.n,
            "computed": one.computed,
            "running": one.running,
        }
        for one in reading.trend
    ]


def _launch(row: Any) -> dict[str, Any]:
    release = release_of(row)
    return {
        "system": row.slug,
        "title": row.title,
        "tier": row.tier,
        "product_line": row.product_line.slug if row.product_line else None,
        "governance": row.governance,
        "launch": row.launch,
        "business_days_left": days_left(row),
        "release": release.pk if release else None,
        "verdict": release.verdict if release else None,
        "stale": release.stale if release else None,
        "holding": release.holding if release else None,
    }
