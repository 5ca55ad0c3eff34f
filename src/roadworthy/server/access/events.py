"""The table of events, and who listens. What happens is recorded first; then listeners act in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.subject import Subject


@dataclass(frozen=True)
class EventKind:
    """A kind of event."""

    title: str
    """For people, in the past tense."""
    webhook: bool = True
    """Sent to webhooks that ask for it."""


@dataclass(frozen=True)
class Event:
    """Something that happened, as listeners get it."""

    name: str
    subject: Subject
    actor: Actor
    detail: Mapping[str, Any] = field(default_factory=dict)
    row: Any = None
    """The row that it is about, where there is one."""


Listener = Callable[[Event], None]
EVENTS: dict[str, EventKind] = {}
_LISTENERS: dict[str, list[Listener]] = {}


def declare(events: Mapping[str, EventKind]) -> None:
    """Add kinds of events to the table; each app declares its own in `events.py`."""
    for name, kind in events.items():
        if EVENTS.get(name, kind) != kind:
            raise ValueError(f"two entries for the event {name!r}")
        EVENTS[name] = kind


def listen(name: str, listener: Listener) -> None:
    """Call `listener` on each event of this name (`*`: on all); an app does so in its `ready()`."""
    if listener not in _LISTENERS.setdefault(name, []):
        _LISTENERS[name].append(listener)


def publish(event: Event) -> None:
    """Call who listens; an error of a listener undoes the whole transaction."""
    if event.name not in EVENTS:
        raise ValueError(f"the event {event.name!r} is not in the table")
    for listener in [*_LISTENERS.get(event.name, []), *_LISTENERS.get("*", [])]:
        listener(event)
