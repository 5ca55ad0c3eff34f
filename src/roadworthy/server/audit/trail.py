"""Entries of the audit trail in words, as `{% activity entries %}` shows them: who, when, what, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from roadworthy.server.access.events import EVENTS
from roadworthy.server.audit.events import SENSITIVE_READ
from roadworthy.server.audit.models import Entry, Outcome

SHOWN = 50
"""Entries on a detail page; the audit trail has all."""
_LONGEST = 2_000


@dataclass(frozen=True)
class Happening:
    """One entry in words."""

    at: datetime
    actor_name: str
    words: str
    outcome: str
    reason: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    """What, before, after."""
    number: int = 0
    url: str = ""
    icon: str = ""


def trail(kind: str, subject: str) -> list[Happening]:
    """Return what happened last to the thing of a kind and id; one query. Whoever may see the thing may see it."""
    return happenings(_shown(Entry.objects.filter(kind=kind, subject=subject)), named=False)


def trail_of_system(system: str) -> list[Happening]:
    """Return what happened last to a system and all that belongs to it, for whoever may see the system."""
    return happenings(_shown(Entry.objects.filter(system=system)))


def happenings(entries: Iterable[Entry], *, named: bool = True) -> list[Happening]:
    """Put entries into words; `named` also says which thing each is about."""
    return [_happening(entry, named) for entry in entries]


def title_of(action: str) -> str:
    """Return an action in words; one that this version does not know stays as it is."""
    kind = EVENTS.get(action)
    return kind.title if kind else action


def _shown(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Leave out who read and what was refused: that is for those who may read the audit trail."""
    return rows.filter(outcome=Outcome.DONE).exclude(action=SENSITIVE_READ).order_by("-number")[:SHOWN]


def _happening(entry: Entry, named: bool) -> Happening:
    said = json.loads(entry.detail)
    title = title_of(entry.action)
    words = f"{title}: {entry.title}" if named and entry.title else title
    reason = str(said.get("reason") or "")
    changes = tuple(changes_of(said))
    return Happening(entry.at, entry.actor_name, words, entry.outcome, reason, changes, entry.number)


def changes_of(said: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what changed, from the detail of an entry: name, before, after; each as text."""
    before, after = said.get("before") or {}, said.get("after") or {}
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield name.replace("_", " "), _text(before.get(name)), _text(after.get(name))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(map(str, value))[:_LONGEST]
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:_LONGEST]
