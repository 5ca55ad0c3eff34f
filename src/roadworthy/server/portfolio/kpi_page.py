"""The page of one KPI."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponseBase
from django.utils import timezone

from roadworthy.server.access.request import Request
from roadworthy.server.portfolio.computing import month_tally, rows_of
from roadworthy.server.portfolio.drawing import drawn_trend
from roadworthy.server.portfolio.kept import SHOWN, counted
from roadworthy.server.portfolio.kpi import Kpi
from roadworthy.server.portfolio.kpi_rows import kpi_list, with_links
from roadworthy.server.portfolio.part import Part
from roadworthy.server.portfolio.period import Month, months_until
from roadworthy.server.portfolio.reading import by_line, by_tier, months_of, read, segment
from roadworthy.server.portfolio.selection import exception_reasons
from roadworthy.server.portfolio.words import sample_words, target_words, value_words
from roadworthy.standard.model import Tier

OLDEST = 120
"""Months that one can look back."""


def kpi_page(request: Request, kpi: Kpi, part: Part) -> HttpResponseBase:
    """Answer with the page, or with its rows as CSV."""
    running = Month.of(timezone.now())
    month = _asked_month(request, running)
    tier = request.GET.get("trend", "")
    tier = tier if tier in set(Tier) else ""
    rows = with_links(kpi, rows_of(kpi, month, part))
    if request.GET.get("format") == "csv":
        return kpi_list(kpi).csv(request, rows)
    tallies, counted_at = counted(kpi, month, part)
    so_far = tallies if month == running else counted(kpi, running, part)[0]
    whole = segment(kpi, "", tallies, month)
    reading = read(kpi, part, tier, months_of(kpi, part, tier, so_far))
    extra = {
        "kpi": kpi,
        "part": part,
        "month": month,
        "months": list(reversed(months_until(running, SHOWN))),
        "running": month == running,
        "counted_at": counted_at,
        "now": whole,
        "value": value_words(whole.value, kpi.unit),
        "sample": sample_words(kpi, month_tally(tallies, month)),
        "target": target_words(whole.target, kpi.unit),
        "segments": [_shown(kpi, one) for one in by_tier(kpi, tallies, month)],
        "lines": [_shown(kpi, one) for one in by_line(kpi, tallies, month)],
        "trend": drawn_trend(reading),
        "trend_tier": tier,
        "tiers": kpi.tiers or tuple(map(str, Tier)),
        "reasons": _reasons(month, part) if kpi.id == "exception-rate" else [],
    }
    return kpi_list(kpi).respond(request, rows, "portfolio/kpi.html", extra)


def _asked_month(request: Request, running: Month) -> Month:
    found = Month.read(request.GET.get("month", "")[:7])
    return found if found and running.back(OLDEST) <= found <= running else running


def _shown(kpi: Kpi, one: Any) -> dict[str, Any]:
    return {
        "segment": one,
        "value": value_words(one.value, kpi.unit),
        "sample": sample_words(kpi, one.tally),
        "target": target_words(one.target, kpi.unit),
    }


def _reasons(month: Month, part: Part) -> list[dict[str, Any]]:
    """Return why exceptions were approved in a month, most often first."""
    rows = exception_reasons(month.start, month.end).filter(Q(part.condition("system__")))
    return list(rows.order_by().values("category").annotate(number=Count("pk")).order_by("-number", "category"))
