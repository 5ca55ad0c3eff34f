"""What a draft of the standard would change for each system: its tier, and the requirements that apply."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from roadworthy.core.clock import now
from roadworthy.core.errors import InputError
from roadworthy.decide.standard_diff import SystemImpact, impact_on
from roadworthy.server.standards.impact import Changed
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import Lifecycle, System
from roadworthy.standard.load import LoadedStandard


def count() -> int:
    """Count the systems that are looked at: all that are not retired."""
    return _rows().count()


def changes(old: LoadedStandard, new: LoadedStandard) -> Iterator[Changed | None]:
    """Yield for each system what changes, or None."""
    day = now()
    for row in _rows().iterator(chunk_size=200):
        if row.version is None:
            continue
        place = (row.pk, row.product_line_id, row.unit_id)
        try:
            impact = impact_on(declared(row.version), old, new, day)
        except InputError as error:
            yield Changed(row.title, row.subject.url, (error.problem,), place, ("failed",), row.tier, rank=1)
            continue
        what, kinds = _words(impact)
        tiers, rank = (str(impact.tier[0]), str(impact.tier[1])), 0 if "tier" in kinds else 2
        yield Changed(row.title, row.subject.url, what, place, kinds, *tiers, rank) if what else None


def _rows() -> QuerySet[System]:
    rows = System.objects.exclude(lifecycle=Lifecycle.RETIRED).exclude(version=None)
    return rows.select_related("version", "product_line").order_by("title", "pk")


def _words(impact: SystemImpact) -> tuple[tuple[str, ...], tuple[str, ...]]:
    what: list[str] = []
    kinds: list[str] = []
    if impact.tier[0] != impact.tier[1]:
        what.append(f"tier: {impact.tier[0]} -> {impact.tier[1]}")
        kinds.append("tier")
    for kind, names, words in (
        ("added", impact.added, "newly applies"),
        ("removed", impact.removed, "no longer applies"),
        ("changed", impact.changed, "reads differently"),
    ):
        if names:
            kinds.append(kind)
            what += [f"{name}: {words}" for name in names]
    return tuple(what), tuple(kinds)
