"""The tab `Activity` of systems and releases: what happened to them, for whoever may see them."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.audit.trail import Happening, trail, trail_of_system
from roadworthy.server.shell.tabs import Tab


def of_system(request: Request, row: Any) -> str:
    """Draw what happened to a system and all that belongs to it."""
    return _drawn(request, trail_of_system(row.slug), f"system={row.slug}")


def of_release(request: Request, row: Any) -> str:
    """Draw what happened to a release."""
    about = row.subject
    return _drawn(request, trail(about.kind, about.id), f"kind={about.kind}&subject={about.id}")


SYSTEM = Tab("activity", "Activity", Permission.SYSTEM_READ, of_system, 900)
RELEASE = Tab("activity", "Activity", Permission.RELEASE_READ, of_release, 900)


def _drawn(request: Request, entries: list[Happening], query: str) -> str:
    whole = f"/audit/?{query}" if request.actor.may(Permission.AUDIT_READ) else ""
    return render_to_string("audit/activity.html", {"entries": entries, "whole": whole}, request)
