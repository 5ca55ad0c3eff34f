"""Pages of releases."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.listings import RELEASES
from roadworthy.server.releases.models import Release
from roadworthy.server.releases.outcomes import reading

SHOWN = Release.objects.select_related(
    "system__product_line", "system__owner", "version", "standard", "pushed_by", "bundle", "resealed"
).defer("standard__content", "standard__layer", "version__declaration")


def list_releases(request: Request) -> HttpResponse:
    """Show the releases that the person may see."""
    rows = Release.objects.select_related("system").defer("changes", "parts", "measured")
    page = RELEASES.page(request, request.actor.visible(rows, Permission.RELEASE_READ))
    return render(request, "releases/list.html", {"page": page})


def show_release(request: Request, pk: int) -> HttpResponse:
    """Show one release: the verdict first, then each requirement with what it rests on."""
    row = request.actor.find(SHOWN.all(), Permission.RELEASE_READ, pk=pk)
    content: dict[str, object] = {"release": row, "may_read": _may_read(request, row)}
    try:
        content["read"] = reading(verdict_of(row))
    except RoadworthyError as error:
        content["problem"] = error
    return render(request, "releases/release.html", content)


def _may_read(request: Request, row: Release) -> bool:
    system = row.system
    scope = request.actor.scope(Permission.EVIDENCE_SENSITIVE)
    return scope.reaches(system.pk, system.product_line_id, system.unit_id)
