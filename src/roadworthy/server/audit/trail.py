"""What happened to one thing, newest first, as detail pages show it (`{% activity entries %}`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.server.access.events import EVENTS
from roadworthy.server.audit.models import Entry

SHOWN = 50
"""Entries on a detail page; the audit trail has all."""


@dataclass(frozen=True)
class Happening:
    """One entry in words."""

    at: datetime
    actor_name: str
    words: str
    outcome: str
    reason: str = ""
    changes: tuple[tuple[str, Any, Any], ...] = ()
    """What, before, after."""


def trail(kind: str, subject: str) -> list[Happening]:
    """Return what happened last to the thing of a kind and id; one query. Whoever may see the thing may see it."""
    rows = Entry.objects.filter(kind=kind, subject=subject).order_by("-number")[:SHOWN]
    return [_happening(row) for row in rows]


def _happening(row: Entry) -> Happening:
    said = json.loads(row.detail)
    kind = EVENTS.get(row.action)
    words = kind.title if kind else row.action
    return Happening(row.at, row.actor_name, words, row.outcome, str(said.get("reason") or ""), tuple(_changes(said)))


def _changes(said: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    before, after = said.get("before") or {}, said.get("after") or {}
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield name.replace("_", " "), _shown(before.get(name)), _shown(after.get(name))


def _shown(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
