"""Pages of the portfolio: my work, readiness, launches, what waits, risk, audit readiness, KPIs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.portfolio.audit_readiness import missing
from roadworthy.server.portfolio.counts import audit_of, readiness_of
from roadworthy.server.portfolio.drawing import drawn_trend
from roadworthy.server.portfolio.kept import counted
from roadworthy.server.portfolio.kpi_page import kpi_page
from roadworthy.server.portfolio.kpis import KPIS, UNMEASURED
from roadworthy.server.portfolio.listings import (
    LAUNCHES,
    READY,
    RISKS,
    by_risk,
    launches,
    waiting,
    waiting_list,
    with_release,
)
from roadworthy.server.portfolio.my_work import my_work
from roadworthy.server.portfolio.part import part_of
from roadworthy.server.portfolio.period import Month
from roadworthy.server.portfolio.reading import months_of, read, read_all

RISK = "portfolio-risk"


def home(request: Request) -> HttpResponse:
    """Show what somebody has to do."""
    work = my_work(request.actor)
    sees = request.actor.may(Permission.PORTFOLIO_READ)
    return render(request, "portfolio/home.html", {"work": work, "sees": sees})


def show_readiness(request: Request) -> HttpResponseBase:
    """Show readiness by product line, and the systems of the chosen one."""
    part = part_of(request)
    lines, counted_at = readiness_of(part)
    extra = {"part": part, "lines": lines, "counted_at": counted_at}
    return READY.respond(request, with_release(part.systems()), "portfolio/readiness.html", extra)


def show_launches(request: Request) -> HttpResponseBase:
    """Show upcoming launches."""
    part = part_of(request)
    return LAUNCHES.respond(request, launches(part), "portfolio/launches.html", {"part": part})


def show_waiting(request: Request) -> HttpResponseBase:
    """Show decisions that wait, on whom and since when."""
    part = part_of(request)
    return waiting_list().respond(request, waiting(part), "portfolio/waiting.html", {"part": part})


def show_risk(request: Request) -> HttpResponseBase:
    """Show weighted risk by system and in total."""
    part = part_of(request)
    kpi = KPIS[RISK]
    so_far, counted_at = counted(kpi, Month.of(timezone.now()), part)
    reading = read(kpi, part, "", months_of(kpi, part, "", so_far))
    extra = {"part": part, "counted_at": counted_at, "reading": reading, "trend": drawn_trend(reading)}
    return RISKS.respond(request, by_risk(part), "portfolio/risk.html", extra)


def show_audit(request: Request) -> HttpResponseBase:
    """Show for how many systems the record is complete, and which fall short of a check."""
    part = part_of(request)
    found = missing(part, request.GET.get("check", ""))
    results, counted_at = audit_of(part)
    check = found[0] if found else None
    extra: dict[str, Any] = {"part": part, "results": results, "check": check, "counted_at": counted_at}
    if found is None:
        return render(request, "portfolio/audit.html", extra)
    rows: Any = found[1]
    return READY.respond(request, with_release(rows), "portfolio/audit.html", extra)


def show_kpis(request: Request) -> HttpResponse:
    """Show every KPI with its trend, and those that are not measured yet."""
    part = part_of(request)
    query = part.query
    cards = [(reading, drawn_trend(reading, query)) for reading in read_all(part)]
    content = {"part": part, "cards": cards, "unmeasured": UNMEASURED, "month": Month.of(timezone.now())}
    return render(request, "portfolio/kpis.html", content)


def show_kpi(request: Request, kpi: str) -> HttpResponseBase:
    """Show one KPI: value, trend, tiers, product lines, definition, and the rows that it counts."""
    found = KPIS.get(kpi)
    if found is None:
        raise Missing("there is no such KPI", remedy="Choose one of the list.")
    return kpi_page(request, found, part_of(request))
