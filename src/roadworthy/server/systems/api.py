"""Systems over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.systems.models import System
from roadworthy.server.systems.schemas import SystemOut
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import tag

router = Router(tags=["Systems"])


@router.get("/systems", response=Page[SystemOut], url_name="systems", summary="List systems")
def list_systems(request: Request, paging: Query[Paging], tier: str = "", governance: str = "") -> dict[str, Any]:
    """List the systems that you may see, newest first."""
    rows = request.actor.visible(System.objects.select_related("product_line", "version"), Permission.SYSTEM_READ)
    if tier:
        rows = rows.filter(tier=tier)
    if governance:
        rows = rows.filter(governance=governance)
    return paged(rows, paging)


@router.get("/systems/{system}", response=SystemOut, url_name="system", summary="Show a system")
def show_system(request: Request, response: HttpResponse, system: str) -> System:
    """Show one system; its ETag is what a change of it must name."""
    rows = System.objects.select_related("product_line", "version")
    row = request.actor.find(rows, Permission.SYSTEM_READ, slug=system)
    tag(response, row)
    return row
