"""What this app adds to the page of a release: shipping in the rail, and where everything comes from as a tab."""

from __future__ import annotations

import json

from django.template.loader import render_to_string

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.releases.clearing import obstacles
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.releases.provenance import graph_of
from roadworthy.server.shell.tabs import Panel, Tab, add_panel, add_tab

MOST_ENVIRONMENTS = 10


def add_parts() -> None:
    """Add tab and panel."""
    add_tab("release", Tab("provenance", "Provenance", Permission.EVIDENCE_READ, draw_provenance, 25))
    add_panel("release", Panel("shipping", Permission.RELEASE_SHIP, draw_shipping, 30))


def draw_provenance(request: Request, release: Release) -> str:
    """Draw what the verdict rests on: target and data, records, requirements, verdict, decision."""
    return render_to_string("releases/provenance.html", {"release": release, "graph": graph_of(release)}, request)


def draw_shipping(request: Request, release: Release) -> str:
    """Draw where a release may be deployed now, and the forms that record that it was."""
    scope = request.actor.scope(Permission.RELEASE_SHIP)
    system = release.system
    content = {
        "release": release,
        "may": scope.reaches(system.pk, system.product_line_id, system.unit_id),
        "over": release.state in {ReleaseState.WITHDRAWN, ReleaseState.SUPERSEDED},
        "places": [(place, obstacles(release, place)) for place in _environments(release)],
    }
    return render_to_string("releases/panel_shipping.html", content, request)


def _environments(release: Release) -> list[str]:
    declared = json.loads(release.version.declaration).get("environments") or []
    names = [str(one.get("id")) for one in declared if isinstance(one, dict)] or ["prod"]
    return names[:MOST_ENVIRONMENTS]
