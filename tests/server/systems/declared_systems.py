"""Declarations that the tests of systems start from."""

from __future__ import annotations

from typing import Any

from roadworthy.declare.system import System as Declaration

HELPER: dict[str, Any] = {
    "system": "order-helper",
    "kind": "assistant",
    "purpose": "Answers questions about orders.",
    "owner": {"team": "Orders", "contact": "orders@example.org"},
    "users": {"who": ["customers"], "monthly": 5000},
    "regions": ["EU", "US"],
    "models": [{"id": "main", "provider": "self-hosted", "name": "small-1"}],
    "tools": [{"id": "lookup", "effect": "read"}],
}


def declare(**changes: Any) -> Declaration:
    """Return the helper with some keys changed."""
    return Declaration.model_validate({**HELPER, **changes})
