"""Changes of members by themselves, as Microsoft Entra ID and Okta send them: applied without reading the whole group.

{"op": "add", "path": "members", "value": [{"value": "<id>"}]}
{"op": "remove", "path": "members[value eq \\"<id>\\"]"}
{"op": "Remove", "path": "members", "value": [{"value": "<id>"}]}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scim2_models import PatchOperation
from scim2_models.path import CompareOperator, Comparison, ValuePath


@dataclass(frozen=True)
class MemberChanges:
    """Who joins and who leaves, by ids."""

    joining: frozenset[str]
    leaving: frozenset[str]


def member_changes(operations: list[Any]) -> MemberChanges | None:
    """Return what operations change, when they only name people who join or leave; None when they do more."""
    joining: set[str] = set()
    leaving: set[str] = set()
    for operation in operations:
        named = _named(operation)
        if named is None:
            return None
        if operation.op == PatchOperation.Op.add:
            joining |= named
            leaving -= named
        else:
            leaving |= named
            joining -= named
    return MemberChanges(frozenset(joining), frozenset(leaving))


def _named(operation: Any) -> set[str] | None:
    if operation.path is None or operation.op == PatchOperation.Op.replace_:
        return None
    if str(operation.path).rsplit(":", 1)[-1].lower() == "members":
        return _listed(operation.value)
    return _selected(operation) if operation.op == PatchOperation.Op.remove and operation.value is None else None


def _listed(value: Any) -> set[str] | None:
    """Return the ids in a list of members; None when one has none, or occurs twice."""
    entries = value if isinstance(value, list) else [value]
    keys = {key for one in entries if isinstance(one, dict) and isinstance(key := one.get("value"), str)}
    return keys if entries and len(keys) == len(entries) else None


def _selected(operation: Any) -> set[str] | None:
    """Return the id in `members[value eq "..."]`."""
    node = operation.path.ast
    if not isinstance(node, ValuePath) or node.sub_attr or node.attr_path.attr.lower() != "members":
        return None
    chosen = node.val_filter
    if not isinstance(chosen, Comparison) or chosen.op != CompareOperator.eq or not isinstance(chosen.value, str):
        return None
    return {chosen.value} if chosen.attr_path.attr.lower() == "value" else None
