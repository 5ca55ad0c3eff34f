"""Entries of the audit trail in words, as pages show them: who did what, when, what was before and what is after."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.server.access.events import EVENTS
from roadworthy.server.audit.models import Entry

SHOWN = 20
_LONGEST = 2_000


@dataclass(frozen=True)
class Line:
    """One entry in words."""

    number: int
    at: datetime
    actor_name: str
    words: str
    outcome: str
    """done or refused"""
    reason: str
    changes: list[tuple[str, str, str]]
    """What, before, after."""
    url: str = ""
    icon: str = ""


def lines(entries: Iterable[Entry], *, named: bool = True) -> list[Line]:
    """Put entries into words; `named` also says which thing each is about."""
    return [_line(entry, named) for entry in entries]


def lines_about(kind: str, subject: str, limit: int = SHOWN) -> list[Line]:
    """Return the newest entries about one thing."""
    return lines(Entry.objects.filter(kind=kind, subject=subject)[:limit], named=False)


def lines_of_system(system: str, limit: int = SHOWN) -> list[Line]:
    """Return the newest entries about a system and all that belongs to it."""
    return lines(Entry.objects.filter(system=system)[:limit])


def title_of(action: str) -> str:
    """Return an action in words; one that this version does not know stays as it is."""
    kind = EVENTS.get(action)
    return kind.title if kind else action


def changes_of(detail: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what changed: name, before, after; each as text."""
    before, after = detail.get("before"), detail.get("after")
    old = before if isinstance(before, dict) else {}
    new = after if isinstance(after, dict) else {}
    names = [*new, *(name for name in old if name not in new)]
    return [(name.replace("_", " "), _text(old.get(name)), _text(new.get(name))) for name in names]


def _line(entry: Entry, named: bool) -> Line:
    detail = json.loads(entry.detail)
    title = title_of(entry.action)
    return Line(
        entry.number,
        entry.at,
        entry.actor_name,
        f"{title}: {entry.title}" if named and entry.title else title,
        entry.outcome,
        str(detail.get("reason") or ""),
        changes_of(detail),
    )


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(map(str, value))[:_LONGEST]
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:_LONGEST]
