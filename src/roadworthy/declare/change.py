"""What differs between two versions of a declaration, and which kinds of change that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roadworthy.declare.load import system_value
from roadworthy.declare.system import System


class ChangeKind(StrEnum):
    """Kinds of change that can owe a fresh assessment."""

    MODEL = "model"
    DATA = "data"
    PROMPT = "prompt"
    TOOL = "tool"
    REGION = "region"
    SEGMENT = "segment"
    GUARD = "guard"
    SETTINGS = "settings"
    PURPOSE = "purpose"
    """Purpose, users, domain, autonomy, decisions or exposure."""
    OTHER = "other"
    """Names, owners, environments, monitors: no fresh assessment by itself."""


FIELDS: dict[str, ChangeKind] = {
    "models": ChangeKind.MODEL,
    "data": ChangeKind.DATA,
    "prompts": ChangeKind.PROMPT,
    "tools": ChangeKind.TOOL,
    "regions": ChangeKind.REGION,
    "segments": ChangeKind.SEGMENT,
    "guard": ChangeKind.GUARD,
    "settings": ChangeKind.SETTINGS,
    "kind": ChangeKind.PURPOSE,
    "purpose": ChangeKind.PURPOSE,
    "intended_use": ChangeKind.PURPOSE,
    "excluded_use": ChangeKind.PURPOSE,
    "domain": ChangeKind.PURPOSE,
    "users": ChangeKind.PURPOSE,
    "decision": ChangeKind.PURPOSE,
    "exposure": ChangeKind.PURPOSE,
    "autonomy": ChangeKind.PURPOSE,
    "practices": ChangeKind.PURPOSE,
}
PART_KINDS = {"prompts": ChangeKind.PROMPT, "models": ChangeKind.MODEL, "retrieval": ChangeKind.DATA}
"""Parts of the fingerprint whose content can change while the declaration stays the same."""


@dataclass(frozen=True)
class Difference:
    """One thing that differs."""

    kind: ChangeKind
    what: str
    """`tools.send_mail.effect: write -> external`."""


def compare_systems(
    old: System, new: System, old_parts: dict[str, str] | None = None, new_parts: dict[str, str] | None = None
) -> list[Difference]:
    """List what differs from `old` to `new`; with fingerprints, also content that changed behind equal words."""
    before, after = system_value(old), system_value(new)
    differences = [
        Difference(FIELDS.get(name, ChangeKind.OTHER), text)
        for name in before
        if before[name] != after[name]
        for text in _describe(name, before[name], after[name])
    ]
    seen = {difference.kind for difference in differences}
    for part, kind in PART_KINDS.items():
        if (old_parts or {}).get(part) != (new_parts or {}).get(part) and kind not in seen:
            differences.append(Difference(kind, f"{part}: the content changed"))
    return differences


def assessment_owed(differences: list[Difference]) -> bool:
    """Tell whether a change of this kind owes a fresh assessment (A2)."""
    return any(difference.kind is not ChangeKind.OTHER for difference in differences)


def _describe(name: str, before: Any, after: Any) -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        return [
            text
            for key in keys
            if before.get(key) != after.get(key)
            for text in _describe(f"{name}.{key}", before.get(key), after.get(key))
        ]
    if isinstance(before, list) and isinstance(after, list):
        return _describe_lists(name, before, after)
    return [f"{name}: {_short(before)} -> {_short(after)}"]


def _describe_lists(name: str, before: list[Any], after: list[Any]) -> list[str]:
    if all(isinstance(item, dict) for item in [*before, *after]):
        old, new = {item["id"]: item for item in before}, {item["id"]: item for item in after}
        return [
            text
            for key in sorted(old.keys() | new.keys())
            if old.get(key) != new.get(key)
            for text in (
                [f"{name}.{key}: added"]
                if key not in old
                else [f"{name}.{key}: removed"]
                if key not in new
                else _describe(f"{name}.{key}", old[key], new[key])
            )
        ]
    return [f"{name}: {_short(item)} removed" for item in before if item not in after] + [
        f"{name}: {_short(item)} added" for item in after if item not in before
    ] or [f"{name}: order changed"]


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
