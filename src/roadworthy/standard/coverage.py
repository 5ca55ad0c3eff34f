"""Coverage of frameworks: which of their items a standard reaches, by what, and which it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from roadworthy.standard.frameworks_index import Framework, FrameworkFile, FrameworkItem, load_frameworks
from roadworthy.standard.model import Reference, Standard


class OwnerKind(StrEnum):
    """What maps to an item of a framework."""

    CONTROL = "control"
    REQUIREMENT = "requirement"
    RULE = "rule"


@dataclass(frozen=True)
class Owner:
    """A control, requirement or regulatory rule that is mapped to an item."""

    kind: OwnerKind
    id: str


@dataclass(frozen=True)
class Covered:
    """An item of a framework with what is evidence for it; without any, it is a gap."""

    item: FrameworkItem
    owners: tuple[Owner, ...]


@dataclass(frozen=True)
class FrameworkCoverage:
    """One version of a framework, item by item."""

    framework: Framework
    items: tuple[Covered, ...]

    @property
    def covered(self) -> tuple[Covered, ...]:
        """Return the items that something is mapped to."""
        return tuple(item for item in self.items if item.owners)

    @property
    def gaps(self) -> tuple[Covered, ...]:
        """Return the items that nothing is mapped to."""
        return tuple(item for item in self.items if not item.owners)


def coverage_of(standard: Standard) -> tuple[FrameworkCoverage, ...]:
    """Return the coverage of every framework that ships with Roadworthy."""
    mapped = _mapped(standard)
    return tuple(_of(file, mapped) for file in load_frameworks())


def _of(file: FrameworkFile, mapped: dict[tuple[str, str, str], list[Owner]]) -> FrameworkCoverage:
    key = file.framework.id, file.framework.version
    items = tuple(Covered(item, tuple(mapped.get((*key, item.id), ()))) for item in file.items)
    return FrameworkCoverage(file.framework, items)


def _mapped(standard: Standard) -> dict[tuple[str, str, str], list[Owner]]:
    mapped: dict[tuple[str, str, str], list[Owner]] = {}
    for owner, references in _owners(standard):
        for reference in references:
            mapped.setdefault((reference.framework, reference.version, reference.id), []).append(owner)
    return mapped


def _owners(standard: Standard) -> Iterable[tuple[Owner, list[Reference]]]:
    for control in standard.controls:
        yield Owner(OwnerKind.CONTROL, control.id), control.maps
    for requirement in standard.requirements:
        yield Owner(OwnerKind.REQUIREMENT, requirement.id), requirement.maps
    for rule in standard.regulatory_rules:
        yield Owner(OwnerKind.RULE, rule.id), [rule.reference] if rule.reference else []
