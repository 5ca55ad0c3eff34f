"""Trends of KPIs as charts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.server.portfolio.kpi import Unit
from roadworthy.server.portfolio.reading import MonthValue, Reading
from roadworthy.server.portfolio.words import month_note
from roadworthy.server.shell.charts.trend import Point, Target, trend


def drawn_trend(reading: Reading, query: str = "") -> SafeString:
    """Draw the trend of a KPI, with its target band; its title leads to its page."""
    kpi, target = reading.kpi, reading.now.target
    band = Target(target.low, target.high) if target else None
    points = [_point(reading, one) for one in reading.trend]
    tier = f" ({reading.now.title.lower()} tier)" if reading.now.key else ""
    unit = "%" if kpi.unit is Unit.SHARE else "days" if kpi.unit is Unit.DAYS else ""
    url = reverse("portfolio:kpi", args=[kpi.id]) + query
    return trend(f"{kpi.title}{tier}", points, band, unit, url)


def _point(reading: Reading, one: MonthValue) -> Point:
    label = f"{one.month.label} {_('so far')}" if one.running else one.month.label
    stale = one.tally.stale * 2 > one.tally.n - one.tally.unknown > 0
    return Point(label, one.value, stale, month_note(reading.kpi, one))
