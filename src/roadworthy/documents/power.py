"""How large an evaluation must be, as a table for the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from roadworthy.decide.criterion import AT_MOST, direction, threshold
from roadworthy.documents.number import Scale, show, show_threshold
from roadworthy.standard.model import Criterion
from roadworthy.stats.power import Clusters, Plan, rate_plan
from roadworthy.stats.sample_size import fewest_units

_SHARES = (0.25, 0.5, 0.75)
"""True rates that are shown, as shares of the way from a perfect one to the threshold."""


def power_view(criterion: Criterion, rate: float | None, power: float, clusters: Clusters) -> Group:
    """Show how many cases show each true rate inside the threshold with the chance `power`.

    Raises InputError when `rate` is not inside the threshold.
    """
    limit = f"{direction(criterion)} {show_threshold(threshold(criterion), Scale.PERCENT)}"
    heading = f"To show '{limit}' at {criterion.confidence * 100:g} % confidence, with a chance of {power * 100:g} %"
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("If the true rate is")
    for name in ("Cases", *(["Clusters"] if clusters.size > 1 else []), "Chance"):
        table.add_column(name, justify="right")
    plans = [(true, _plan(criterion, true, power, clusters)) for true in _rates(criterion, rate)]
    for true, plan in plans:
        table.add_row(show(true, Scale.PERCENT), *_cells(plan, clusters))
    notes = dict.fromkeys(plan.method for _, plan in plans if plan)
    least = fewest_units(
        threshold(criterion),
        at_most=direction(criterion) == AT_MOST,
        confidence=criterion.confidence,
        unit_size=clusters.size,
        icc_at_most=clusters.icc_at_most,
    )
    foot = [Text(f"Chance: {'; '.join(notes)}.", "dim")] if notes else []
    if least is not None:
        what = "clusters" if clusters.size > 1 else "cases"
        foot.insert(0, Text(f"Fewer than {least:,} {what} cannot show it at all, even without a single bad one."))
    return Group(Text(heading, "bold"), table, *foot)


def _rates(criterion: Criterion, rate: float | None) -> list[float]:
    if rate is not None:
        return [rate]
    limit = threshold(criterion)
    if direction(criterion) == AT_MOST:
        return [limit * share for share in _SHARES]
    return [1.0 - (1.0 - limit) * share for share in _SHARES]


def _plan(criterion: Criterion, true: float, power: float, clusters: Clusters) -> Plan | None:
    return rate_plan(
        threshold(criterion),
        true,
        at_most=direction(criterion) == AT_MOST,
        confidence=criterion.confidence,
        power=power,
        clusters=clusters,
    )


def _cells(plan: Plan | None, clusters: Clusters) -> list[str]:
    if plan is None:
        return ["over a million"]
    units = [f"{plan.units:,}"] if clusters.size > 1 else []
    return [f"{plan.samples:,}", *units, f"{plan.power * 100:.0f} %"]
