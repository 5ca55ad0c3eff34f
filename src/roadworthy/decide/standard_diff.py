"""What a change of the standard means: which items differ, and what that changes for given systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.assess.tier import tier_system
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.declare.system import System
from roadworthy.standard.load import LoadedStandard, standard_value


@dataclass(frozen=True)
class ItemChange:
    """One tier rule, control or requirement that differs."""

    section: str
    id: str
    what: tuple[str, ...]
    """`added`, `removed`, or `criterion.high.at_most: 0.1 -> 0.05`."""


@dataclass(frozen=True)
class SystemImpact:
    """What the change means for one system."""

    system: str
    tier: tuple[str, str]
    """Before and after."""
    added: tuple[str, ...]
    """Requirements that newly apply."""
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    """Requirements that apply in both and read differently."""


def compare_standards(old: LoadedStandard, new: LoadedStandard) -> list[ItemChange]:
    """List every rule, control and requirement that differs from `old` to `new`."""
    before, after = standard_value(old.standard), standard_value(new.standard)
    changes = []
    for section in ("tier_rules", "regulatory_rules", "controls", "requirements"):
        lower = {item["id"]: item for item in before[section]}
        upper = {item["id"]: item for item in after[section]}
        changes += [
            ItemChange(section, id_, tuple(_describe(lower.get(id_), upper.get(id_))))
            for id_ in dict.fromkeys([*lower, *upper])
            if lower.get(id_) != upper.get(id_)
        ]
    changes += [
        ItemChange(section, section, tuple(_fields(before[section], after[section], "")))
        for section in ("authority", "slas")
        if before[section] != after[section]
    ]
    return changes


def impact_on(system: System, old: LoadedStandard, new: LoadedStandard, as_of: datetime) -> SystemImpact:
    """Say what a change of the standard means for `system`."""
    tiers = [tier_system(system, loaded).tier for loaded in (old, new)]
    applying = [
        {
            item.requirement.id: item.requirement
            for item in applicable_requirements(system, loaded, tier, as_of)
            if item.applies
        }
        for loaded, tier in zip((old, new), tiers, strict=True)
    ]
    before, after = applying
    changed = [
        id_
        for id_ in before
        if id_ in after
        and (before[id_] != after[id_] or before[id_].criterion.get(tiers[0]) != after[id_].criterion.get(tiers[1]))
    ]
    return SystemImpact(
        system=system.system,
        tier=(str(tiers[0]), str(tiers[1])),
        added=tuple(id_ for id_ in after if id_ not in before),
        removed=tuple(id_ for id_ in before if id_ not in after),
        changed=tuple(changed),
    )


def _describe(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[str]:
    if old is None:
        return ["added"]
    return ["removed"] if new is None else _fields(old, new, "")


def _fields(old: Any, new: Any, path: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            text
            for key in dict.fromkeys([*old, *new])
            if old.get(key) != new.get(key)
            for text in _fields(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
        ]
    return [f"{path}: {_short(old)} -> {_short(new)}"]


def _short(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
