"""How far a permission reaches: everywhere, or over units, product lines and systems; as one SQL condition."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q


@dataclass(frozen=True)
class Scope:
    """The systems that a permission reaches. An empty scope reaches nothing."""

    everywhere: bool = False
    units: frozenset[int] = field(default_factory=frozenset)
    """Primary keys of organisation units, those below them included."""
    product_lines: frozenset[int] = field(default_factory=frozenset)
    systems: frozenset[int] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        """Tell whether it reaches anything at all."""
        return self.everywhere or bool(self.units or self.product_lines or self.systems)

    def __or__(self, other: Scope) -> Scope:
        """Join two scopes."""
        return Scope(
            self.everywhere or other.everywhere,
            self.units | other.units,
            self.product_lines | other.product_lines,
            self.systems | other.systems,
        )

    def condition(self, to_system: str = "") -> Q:
        """Return the condition on rows; `to_system` leads from them to their system, as `release__system__`."""
        if self.everywhere:
            return Q()
        reached = Q(pk__in=[])
        if self.systems:
            reached |= Q(**{f"{to_system}id__in" if to_system else "pk__in": self.systems})
        if self.product_lines:
            reached |= Q(**{f"{to_system}product_line__in": self.product_lines})
        if self.units:
            reached |= Q(**{f"{to_system}product_line__unit__in": self.units})
        return reached

    def reaches(self, system: int, product_line: int | None, unit: int | None) -> bool:
        """Tell whether one system lies within."""
        return (
            self.everywhere
            or system in self.systems
            or (product_line is not None and product_line in self.product_lines)
            or (unit is not None and unit in self.units)
        )


NOTHING = Scope()
EVERYWHERE = Scope(everywhere=True)
