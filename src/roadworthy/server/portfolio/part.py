"""The part of the portfolio that somebody looks at: what they may see of it, narrowed to a unit or a product line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.access.scope import Scope
from roadworthy.server.accounts.models import ProductLine, Unit
from roadworthy.server.systems.models import Lifecycle, System

MOST = 200
"""Product lines and units to choose from."""


@dataclass(frozen=True)
class Part:
    """What is looked at."""

    scope: Scope
    """How far the permission to see the portfolio reaches."""
    line: ProductLine | None = None
    unit: Unit | None = None
    lines: list[ProductLine] = field(default_factory=list)
    """To choose from: those with a system that may be seen."""
    units: list[Unit] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Tell whether this is the whole portfolio."""
        return self.scope.everywhere and self.line is None and self.unit is None

    @property
    def reach(self) -> Scope:
        """Return the scope of the chosen unit or product line; rows are narrowed by this and by the permission."""
        if self.line is not None:
            return Scope(product_lines=frozenset({self.line.pk}))
        if self.unit is not None:
            return Scope(units=below(self.unit))
        return Scope(everywhere=True)

    @cached_property
    def places(self) -> frozenset[int] | None:
        """Return the product lines whose systems make it up; None where the permission reaches single systems, too."""
        if self.scope.systems and not self.scope.everywhere:
            return None
        lines = ProductLine.objects.order_by().values_list("pk", "unit_id")
        scope, reach = self.scope, self.reach
        return frozenset(pk for pk, unit in lines if scope.reaches(0, pk, unit) and reach.reaches(0, pk, unit))

    def condition(self, to_system: str = "") -> Q:
        """Return the condition on rows; `to_system` leads from them to their system."""
        return self.scope.condition(to_system) & self.reach.condition(to_system)

    def systems(self) -> QuerySet[System]:
        """Return the systems that are not retired."""
        return System.objects.filter(self.condition()).exclude(lifecycle=Lifecycle.RETIRED)

    @property
    def query(self) -> str:
        """Return the query string that keeps it."""
        if self.line is not None:
            return f"?line={self.line.slug}"
        return f"?unit={self.unit.slug}" if self.unit is not None else ""


def part_of(request: Request) -> Part:
    """Return the part that the query string asks for; what may not be seen or is not there narrows to nothing else."""
    return narrowed(request.actor, request.GET.get("line", "")[:64], request.GET.get("unit", "")[:64])


def narrowed(actor: Actor, line: str = "", unit: str = "") -> Part:
    """Return the part of a product line or a unit, as far as the actor may see it."""
    scope = actor.scope(Permission.PORTFOLIO_READ)
    seen = System.objects.filter(scope.condition()).exclude(product_line=None).values("product_line")
    lines = list(ProductLine.objects.select_related("unit").filter(pk__in=seen)[:MOST])
    units = _above(lines)
    return Part(
        scope,
        next((one for one in lines if one.slug == line), None),
        next((one for one in units if one.slug == unit), None),
        lines,
        units,
    )


def below(unit: Unit) -> frozenset[int]:
    """Return a unit with all those below it."""
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    found, grown = {unit.pk}, True
    while grown:
        more = {pk for pk, parent in parents.items() if parent in found} - found
        found, grown = found | more, bool(more)
    return frozenset(found)


def _above(lines: Iterable[ProductLine]) -> list[Unit]:
    """Return the units of product lines, and those above them, by title."""
    known = {one.pk: one for one in Unit.objects.all()}
    found: dict[int, Unit] = {}
    for line in lines:
        pk: Any = line.unit_id
        while pk in known and pk not in found:
            found[pk] = known[pk]
            pk = known[pk].parent_id
    return sorted(found.values(), key=lambda one: one.title)[:MOST]
