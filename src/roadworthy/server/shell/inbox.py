"""The inbox of the top bar: the app that has it says where it is and how to count what waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roadworthy.server.access.actor import Actor


@dataclass(frozen=True)
class Inbox:
    """Where the inbox is, and how many things wait there for the actor: one cheap query."""

    view: str
    count: Callable[[Actor], int]


_INBOX: list[Inbox] = []


def serve_inbox(inbox: Inbox) -> None:
    """Show this inbox in the top bar; the app calls it in `ready()`."""
    _INBOX[:] = [inbox]


def inbox() -> Inbox | None:
    """Return the inbox, when an app serves one."""
    return _INBOX[0] if _INBOX else None
