"""Values of KPIs in words and figures."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from roadworthy.server.portfolio.kpi import Kpi, Target, Unit
from roadworthy.server.portfolio.reading import MonthValue
from roadworthy.server.portfolio.tally import Shape, Tally


def value_words(value: float | None, unit: Unit) -> str:
    """Write a value; what is unknown is a word, never 0."""
    if value is None:
        return _("unknown")
    if unit is Unit.SHARE:
        return f"{value * 100:.1f} %".replace(".0 %", " %")
    number = f"{value:,.1f}".removesuffix(".0")
    return f"{number} {unit}" if unit is Unit.DAYS else number


def target_words(target: Target | None, unit: Unit) -> str:
    """Write a target."""
    if target is None:
        return _("none")
    low, high = value_words(target.low, unit), value_words(target.high, unit)
    if target.low is not None and target.high is not None:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    return _("at least %s") % low if target.low is not None else _("at most %s") % high


def sample_words(kpi: Kpi, tally: Tally) -> str:
    """Write what stands behind a value: `9 of 12`, `n = 12`, with what is unknown or stale beside it."""
    if kpi.shape is Shape.SHARE and tally.denominator:
        shown = f"{_count(tally.numerator)} {_('of')} {_count(tally.denominator)}"
    else:
        shown = f"n = {tally.n - tally.unknown:,}"
    extra = [f"{tally.unknown:,} {_('unknown')}"] if tally.unknown else []
    extra += [f"{tally.stale:,} {_('stale')}"] if tally.stale else []
    return ", ".join([shown, *extra])


def month_note(kpi: Kpi, one: MonthValue) -> str:
    """Write what stands behind a month of a trend."""
    if not one.computed:
        return str(_("not computed yet"))
    return sample_words(kpi, one.tally)


def _count(value: float) -> str:
    return f"{value:,.0f}"


def plain_value(row: Any, name: str) -> Any:
    """Return a field of a row, following double underscores."""
    for part in name.split("__"):
        row = getattr(row, part)
    return row
