"""Compute KPIs: one aggregate query for each population, grouped by month, tier and product line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Count, DateField, Q, QuerySet, Value
from django.db.models.functions import TruncDate, TruncMonth
from django.utils import timezone

from roadworthy.server.access.scope import EVERYWHERE
from roadworthy.server.business_days import business_calendar
from roadworthy.server.portfolio.kpi import Flow, Kpi, Stock
from roadworthy.server.portfolio.period import Month
from roadworthy.server.portfolio.tally import Tally, total


class Reaching(Protocol):
    """What narrows rows: a scope, or a part of the portfolio."""

    def condition(self, to_system: str = "") -> Q:
        """Return the condition on rows; `to_system` leads from them to their system."""
        ...


@dataclass(frozen=True)
class Group:
    """Rows of one month, tier and product line, of systems that stand in one place now."""

    month: Month
    tier: str
    line: int | None
    """Product line that the system had then."""
    place: int | None
    """Product line that it has now: who may see it goes by this."""


Tallies = dict[Group, Tally]
_BY = ("tier", "product_line", "system__product_line")


def tally(kpi: Kpi, months: Sequence[Month], part: Reaching = EVERYWHERE) -> Tallies:
    """Count the population of a KPI in some months, of a part of the portfolio; nothing of the future."""
    if not months:
        return {}
    if isinstance(kpi.count, Flow):
        return _flow(kpi, kpi.count, months, part)
    found: Tallies = {}
    for month in months:
        found.update(_stock(kpi.count, month, part))
    return found


def rows_of(kpi: Kpi, month: Month, part: Reaching = EVERYWHERE) -> QuerySet[Any]:
    """Return the very rows that a KPI counts in a month."""
    if isinstance(kpi.count, Flow):
        return _within(kpi.count, month.start, _until(month), part)
    return kpi.count.rows(_until(month)).filter(part.condition("system__"))


def month_tally(tallies: Tallies, month: Month, tier: str = "", line: int | None = None) -> Tally:
    """Add up the groups of a month, of one tier or one product line where it is given."""
    return total(
        tally
        for group, tally in tallies.items()
        if group.month == month and (not tier or group.tier == tier) and (line is None or group.line == line)
    )


def _until(month: Month) -> datetime:
    """Return the end of a month, or the present within it: what is due later is not late yet."""
    return min(month.end, timezone.now())


def _within(flow: Flow, start: datetime, end: datetime, part: Reaching) -> QuerySet[Any]:
    return flow.rows().filter(part.condition("system__"), **{f"{flow.at}__gte": start, f"{flow.at}__lt": end})


def _flow(kpi: Kpi, flow: Flow, months: Sequence[Month], part: Reaching) -> Tallies:
    found = _within(flow, months[0].start, _until(months[-1]), part)
    grouped = _by_month(found, flow.at, months)
    tallies = _spans(flow, grouped) if flow.span else _sums(flow, grouped)
    if flow.needs_look is not None:
        _add_looks(flow, tallies, months, part)
    wanted = set(months)
    return {group: one for group, one in tallies.items() if group.month in wanted}


def _by_month(rows: QuerySet[Any], at: str, months: Sequence[Month]) -> QuerySet[Any]:
    """Name the month of each row; of a single month it is known, and costs nothing."""
    month = Value(months[0].first, DateField()) if len(months) == 1 else _month(at)
    named: QuerySet[Any] = rows.annotate(kpi_month=month).order_by()
    return named


def _month(field: str) -> TruncMonth:
    return TruncMonth(field, output_field=DateField(), tzinfo=business_calendar().zone)


def _sums(flow: Flow, grouped: QuerySet[Any]) -> Tallies:
    sums: dict[str, Any] = {"kpi_n": Count("pk")}
    named = {"kpi_num": flow.numerator, "kpi_den": flow.denominator, "kpi_unknown": flow.unknown}
    sums |= {name: one for name, one in named.items() if one is not None}
    rows = grouped.values("kpi_month", *_BY).annotate(**sums)
    found: Tallies = {}
    for row in rows:
        counted = row["kpi_den"] if flow.denominator is not None else row["kpi_n"]
        found[_group(row)] = Tally(
            float(row.get("kpi_num") or 0), float(counted or 0), row["kpi_n"], row.get("kpi_unknown") or 0
        )
        if flow.needs_look is not None:
            found[_group(row)].denominator = 0
    return found


def _add_looks(flow: Flow, tallies: Tallies, months: Sequence[Month], part: Reaching) -> None:
    """Let a total be known where somebody looked: the denominator counts what was looked at."""
    assert flow.needs_look is not None
    rows, at = flow.needs_look()
    period = {f"{at}__gte": months[0].start, f"{at}__lt": _until(months[-1])}
    grouped = _by_month(rows.filter(part.condition("system__"), **period), at, months)
    for row in grouped.values("kpi_month", *_BY).annotate(kpi_n=Count("pk")):
        tallies.setdefault(_group(row), Tally()).denominator += row["kpi_n"]


def _spans(flow: Flow, grouped: QuerySet[Any]) -> Tallies:
    """Count rows by the days on which they began and ended; only days matter to business days."""
    assert flow.span is not None
    calendar = business_calendar()
    begun, done = flow.span
    days = {"kpi_from": _day(begun), "kpi_to": _day(done)}
    rows = grouped.annotate(**days).values("kpi_month", *_BY, *days).annotate(kpi_n=Count("pk"))
    found: dict[Group, Tally] = defaultdict(Tally)
    for row in rows:
        one = found[_group(row)]
        one.n += row["kpi_n"]
        one.spans[calendar.business_days_between(row["kpi_from"], row["kpi_to"])] += row["kpi_n"]
    return dict(found)


def _day(field: str) -> TruncDate:
    return TruncDate(field, tzinfo=business_calendar().zone)


def _group(row: dict[str, Any]) -> Group:
    return _group_in(Month(row["kpi_month"]), row)


def _group_in(month: Month, row: dict[str, Any]) -> Group:
    return Group(month, row["tier"] or "", row["product_line"], row["system__product_line"])


def _stock(stock: Stock, month: Month, part: Reaching) -> Tallies:
    end = _until(month)
    if end <= month.start:
        return {}
    sums: dict[str, Any] = {"kpi_n": Count("pk")}
    if stock.numerator is not None:
        sums["kpi_num"] = stock.numerator
    if stock.stale is not None:
        sums["kpi_stale"] = stock.stale(end)
    found: dict[Group, Tally] = defaultdict(Tally)
    for row in _by_group(stock.rows(end), part).annotate(**sums):
        known = Tally(float(row.get("kpi_num") or 0), row["kpi_n"], row["kpi_n"], 0, row.get("kpi_stale") or 0)
        found[_group_in(month, row)].add(known)
    if stock.unknown is not None:
        for row in _by_group(stock.unknown(end), part).annotate(kpi_n=Count("pk")):
            silent = Tally(n=row["kpi_n"], unknown=row["kpi_n"])
            found[_group_in(month, row)].add(silent)
    return dict(found)


def _by_group(rows: QuerySet[Any], part: Reaching) -> QuerySet[Any]:
    return rows.filter(part.condition("system__")).order_by().values(*_BY)
