"""What every page knows: the actor, the navigation and where we are, the inbox, the theme."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from roadworthy.core.version import VERSION
from roadworthy.server.access.actor import NOBODY, Actor
from roadworthy.server.access.request import Request
from roadworthy.server.shell.inbox import inbox
from roadworthy.server.shell.navigation import MENU, Page, pages
from roadworthy.server.shell.theme import theme_of


def shell(request: Request) -> dict[str, Any]:
    """Return the actor, the pages that they may see, where they are, the entries of their menu, and the theme."""
    actor = getattr(request, "actor", NOBODY)
    seen = tuple(seen_by(actor))
    here = _here(request.path, [page.url for page in seen])
    return {
        "actor": actor,
        "shell_pages": seen,
        "shell_here": here,
        "menu": [{"page": page, "url": page.url, "here": page.url == here} for page in seen if page.group == MENU],
        "inbox": SimpleLazyObject(partial(_inbox, actor)) if actor.signed_in and inbox() else None,
        "theme": theme_of(request),
        "version": VERSION,
    }


def seen_by(actor: Actor) -> list[Page]:
    """Return the pages of the navigation that an actor may see."""
    if not actor.signed_in:
        return []
    return [page for page in pages() if page.permission is None or actor.may(page.permission)]


def _here(path: str, urls: list[str]) -> str:
    """Return the address of the navigation that a path lies under: the longest that fits, else a neighbour of it."""
    under = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    beside = [url for url in urls if url.split("/")[1] == path.split("/")[1] != ""]
    return max(under, key=len, default=next(iter(beside), ""))


def _inbox(actor: Actor) -> dict[str, Any]:
    found = inbox()
    return {"url": reverse(found.view), "count": found.count(actor)} if found else {}
