"""Pages of systems."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.systems.models import Governance, System
from roadworthy.standard.model import Tier

SYSTEMS = Listing(
    name="systems",
    columns=[
        Column("tier", "Tier", lambda row: row.tier, sort="tier"),
        Column("title", "System", lambda row: row.title, sort="title", main=True),
        Column("governance", "Governance", lambda row: row.get_governance_display(), sort="governance"),
        Column("team", "Team", lambda row: row.team),
    ],
    filters=[
        Filter.on("tier", "Tier", [(tier, tier) for tier in Tier]),
        Filter.on("governance", "Governance", Governance.choices),
    ],
    search=["title__icontains", "slug__icontains", "team__icontains"],
    sort="title",
    url=lambda row: f"/systems/{row.slug}/",
    empty="No system is registered yet. Register the first one, or push a bundle from CI.",
)


def list_systems(request: Request) -> HttpResponse:
    """Show the inventory."""
    rows = request.actor.visible(System.objects.select_related("product_line"), Permission.SYSTEM_READ)
    return render(request, "systems/list.html", {"page": SYSTEMS.page(request, rows)})
