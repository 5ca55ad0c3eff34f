"""The search: apps register what can be found; the page and the command palette ask all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.shell.context import seen_by

SHOWN = 8
"""Hits of one source."""
WORDS = 8
"""Words that are looked for; further ones are left out."""
LONGEST = 200
"""Characters of a question."""


@dataclass(frozen=True)
class Hit:
    """Something found."""

    title: str
    url: str
    about: str = ""
    """What kind of thing it is or where it belongs, in a few words."""


@dataclass(frozen=True)
class SearchSource:
    """Something to be found; `find` makes one query of at most `SHOWN` rows, narrowed to what the actor may see."""

    kind: str
    title: str
    permission: Permission | None
    find: Callable[[Actor, list[str]], Sequence[Hit]]
    order: int = 100


@dataclass(frozen=True)
class Found:
    """The hits of one source."""

    kind: str
    title: str
    hits: Sequence[Hit]


_SOURCES: list[SearchSource] = []
_ACTIONS: list[tuple[Hit, Permission | None]] = []


def offer(source: SearchSource) -> None:
    """Add a source; an app does so in `ready()`."""
    if all(one.kind != source.kind for one in _SOURCES):
        _SOURCES.append(source)


def offer_action(title: str, view: str, permission: Permission | None, about: str = "") -> None:
    """Add something to do to the palette, by the name of its address, for example `systems:new`."""
    entry = (Hit(title, view, about), permission)
    if entry not in _ACTIONS:
        _ACTIONS.append(entry)


def find(actor: Actor, text: str) -> list[Found]:
    """Return what an actor can find: pages and actions always, rows where there are words."""
    words = text[:LONGEST].replace("\0", " ").split()[:WORDS]
    found = [Found("page", "Pages", _pages(actor, words)), Found("action", "Actions", _actions(actor, words))]
    if words:
        sources = sorted(_SOURCES, key=lambda one: (one.order, one.title))
        asked = [one for one in sources if one.permission is None or actor.may(one.permission)]
        found += [Found(one.kind, one.title, list(one.find(actor, words))[:SHOWN]) for one in asked]
    return [one for one in found if one.hits]


def _pages(actor: Actor, words: list[str]) -> list[Hit]:
    hits = [Hit(page.title, page.url, page.group) for page in seen_by(actor)]
    return [hit for hit in hits if _holds(f"{hit.title} {hit.about}", words)]


def _actions(actor: Actor, words: list[str]) -> list[Hit]:
    allowed = [hit for hit, permission in _ACTIONS if permission is None or actor.may(permission)]
    return [Hit(hit.title, reverse(hit.url), hit.about) for hit in allowed if _holds(hit.title, words)]


def _holds(text: str, words: list[str]) -> bool:
    return all(word.lower() in text.lower() for word in words)
