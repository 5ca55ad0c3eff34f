"""What every page knows: the actor, the navigation and where we are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from roadworthy.server.access.actor import NOBODY
from roadworthy.server.access.request import Request
from roadworthy.server.shell.navigation import GROUPS, pages


def shell(request: Request) -> dict[str, Any]:
    """Return the actor and the navigation that they may see, by group."""
    actor = getattr(request, "actor", NOBODY)
    groups: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    if actor.signed_in:
        for page in pages():
            if page.permission is None or actor.may(page.permission):
                url = reverse(page.view)
                here = request.path == url or (url != "/" and request.path.startswith(url))
                groups[page.group].append({"page": page, "url": url, "here": here})
    return {"actor": actor, "navigation": {group: found for group, found in groups.items() if found}}
