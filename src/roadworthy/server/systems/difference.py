"""What differs between two versions of a declaration, for people: kinds of change, and each key before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roadworthy.declare.change import FIELDS, ChangeKind, Difference, assessment_owed, compare_systems
from roadworthy.server.access.refusals import Missing
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import System, SystemVersion


@dataclass(frozen=True)
class FieldChange:
    """One key that differs; None where it is not there."""

    path: str
    kind: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Compared:
    """Two versions side by side."""

    differences: tuple[Difference, ...]
    fields: tuple[FieldChange, ...]

    @property
    def assessment_owed(self) -> bool:
        """Tell whether the change owes a fresh assessment."""
        return assessment_owed(list(self.differences))


def compare_versions(old: SystemVersion, new: SystemVersion) -> Compared:
    """Compare two versions, in either order."""
    parts = (old.parts, new.parts) if old.parts and new.parts else (None, None)
    differences = compare_systems(declared(old), declared(new), *parts)
    before, after = json.loads(old.declaration), json.loads(new.declaration)
    fields = [
        FieldChange(path, str(FIELDS.get(name, ChangeKind.OTHER)), first, second)
        for name in dict.fromkeys([*before, *after])
        for path, first, second in _leaves(name, before.get(name), after.get(name))
    ]
    return Compared(tuple(differences), tuple(fields))


def find_version(row: System, number: int) -> SystemVersion:
    """Return a version of a system; raises Missing where there is none."""
    rows = row.versions.select_related("created_by", "system")
    version = rows.filter(number=number).first() if 0 < number < 2**31 else None
    if version is None:
        raise Missing(f"{row} has no version {number}", remedy="Choose one of its versions.")
    return version


def _leaves(path: str, old: Any, new: Any) -> Iterable[tuple[str, str | None, str | None]]:
    """Yield each key that differs; parts of a list are told apart by their id, not by their place."""
    if old == new:
        return
    before, after = _keyed(old), _keyed(new)
    if before is None and after is None:
        yield path, _text(old), _text(new)
        return
    for key in dict.fromkeys([*(before or {}), *(after or {})]):
        yield from _leaves(f"{path}.{key}", (before or {}).get(key), (after or {}).get(key))


def _keyed(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and value and all(isinstance(item, Mapping) and "id" in item for item in value):
        return {str(item["id"]): item for item in value}
    return None


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
