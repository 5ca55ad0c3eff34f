"""The very rows that a KPI counts, as a list and as CSV."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from roadworthy.server.business_days import business_calendar
from roadworthy.server.portfolio.kpi import Flow, Kpi
from roadworthy.server.portfolio.words import plain_value
from roadworthy.server.shell.components.chip import tier_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.standard.model import Tier


def with_links(kpi: Kpi, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Read rows with what the list shows of them."""
    linked = "request__release__system" if kpi.row_link == "request" else f"{kpi.row_link}__system"
    return rows.select_related("system__product_line", *([linked] if kpi.row_link else []))


def kpi_list(kpi: Kpi) -> Listing:
    """Return the list of rows of a KPI."""
    at = kpi.count.at
    return Listing(
        name=f"kpi-{kpi.id}",
        columns=[
            Column("at", "When", lambda row: when(getattr(row, at)), sort=at, plain=lambda row: getattr(row, at)),
            Column("title", "What", lambda row: _title(kpi, row), main=True),
            Column("system", "System", lambda row: row.system.title if row.system else ""),
            Column("tier", "Tier", _tier, plain=lambda row: row.tier),
            Column("line", "Product line", _line),
            Column("value", kpi.shows_title, lambda row: shown_value(kpi, row)),
        ],
        filters=[Filter.on("tier", "Tier", [(str(tier), str(tier).capitalize()) for tier in Tier])],
        search=["system__title__icontains"],
        sort="-at",
        url=lambda row: _linked(kpi, row).subject.url,
        empty="The population of this month is empty: the value is unknown, not 0.",
    )


def shown_value(kpi: Kpi, row: Any) -> Any:
    """Return what a row says to the KPI."""
    if isinstance(kpi.count, Flow) and kpi.count.span and kpi.shows == "span":
        calendar = business_calendar()
        begun, done = (calendar.day(getattr(row, name)) for name in kpi.count.span)
        return calendar.business_days_between(begun, done)
    value = plain_value(row, kpi.shows)
    of = {"measured": "required", "explained_met": "explained_required", "traced": "data"}.get(kpi.shows)
    if of:
        return f"{value} of {getattr(row, of)}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:,.0f}"
    return value if value or value == 0 else "not yet"


def _linked(kpi: Kpi, row: Any) -> Any:
    return getattr(row, kpi.row_link) if kpi.row_link else row


def _title(kpi: Kpi, row: Any) -> str:
    thing = _linked(kpi, row)
    if kpi.row_link == "request":
        return str(thing.release.name)
    return str(thing.name) if kpi.row_link == "release" else str(thing)


def _tier(row: Any) -> Any:
    return tier_chip(row.tier) if row.tier else ""


def _line(row: Any) -> str:
    return row.system.product_line.title if row.system and row.system.product_line else ""
