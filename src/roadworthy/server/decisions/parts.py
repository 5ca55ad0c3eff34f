"""What this app adds to the page of a release: tabs to sign and to decide, and what comes next in the rail."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.decisions.case import UNDECIDED
from roadworthy.server.decisions.models import DecisionRequest, ExceptionRequest, ExceptionState
from roadworthy.server.decisions.pages import timeline_of
from roadworthy.server.decisions.records import records_for
from roadworthy.server.decisions.rows import exceptions_shown, requests_shown
from roadworthy.server.decisions.signoffs import signable
from roadworthy.server.releases.models import Release
from roadworthy.server.releases.provenance import AFTER, VERDICT_NODE, add_further
from roadworthy.server.shell.charts.graph import Edge, Node
from roadworthy.server.shell.tabs import Panel, Tab, add_panel, add_tab
from roadworthy.server.systems.models import System

LAST = 20
"""Rows that a tab shows; the lists show the rest."""


def add_parts() -> None:
    """Add tabs and panel."""
    read = Permission.RELEASE_READ
    add_tab("release", Tab("sign", "Sign", read, draw_signing, 30))
    add_tab("release", Tab("decisions", "Decision", read, draw_decisions, 40, count_requests))
    add_tab("release", Tab("exceptions", "Exceptions", read, draw_exceptions, 50, count_exceptions))
    add_tab("system", Tab("exceptions", "Exceptions", read, draw_exceptions_of_system, 60, count_open_exceptions))
    add_panel("release", Panel("decision", read, draw_panel, 20))
    add_further(followed)


def followed(release: Release) -> tuple[list[Node], list[Edge]]:
    """Return the requests on a release as what followed its verdict, for the graph of provenance."""
    rows = DecisionRequest.objects.filter(release=release).select_related("release__system").order_by("pk")[:LAST]
    nodes = [
        Node(f"request:{row.pk}", str(row.get_state_display()), _("Decision"), AFTER, row.subject.url) for row in rows
    ]
    return nodes, [Edge(VERDICT_NODE, node.id) for node in nodes]


def draw_signing(request: Request, release: Release) -> str:
    """Draw what a signature may settle."""
    may = _may(request, Permission.DECISION_SIGN, release.system)
    content = {"release": release, "outcomes": signable(release), "records": records_for(release), "may": may}
    return render_to_string("decisions/tab_sign.html", content, request)


def draw_decisions(request: Request, release: Release) -> str:
    """Draw the requests on a release, the newest with its timeline."""
    rows = list(requests_shown().filter(release=release).order_by("-requested_at", "-pk")[:LAST])
    steps = timeline_of(rows[0]) if rows else []
    content = {"release": release, "requests": rows, "steps": steps, "may": _may_ask(request, release)}
    return render_to_string("decisions/tab_decisions.html", content, request)


def draw_exceptions(request: Request, release: Release) -> str:
    """Draw the exceptions that were asked for on a release."""
    rows = exceptions_shown().filter(release=release).order_by("-requested_at", "-pk")[:LAST]
    may = release.current and _may(request, Permission.EXCEPTION_REQUEST, release.system)
    content = {"release": release, "exceptions": rows, "may": may}
    return render_to_string("decisions/tab_exceptions.html", content, request)


def draw_exceptions_of_system(request: Request, system: System) -> str:
    """Draw the newest exceptions of a system."""
    rows = exceptions_shown().filter(system=system).order_by("-requested_at", "-pk")[:LAST]
    return render_to_string("decisions/tab_exceptions.html", {"exceptions": rows, "system": system}, request)


def draw_panel(request: Request, release: Release) -> str:
    """Draw where the decision stands and what comes next."""
    row = requests_shown().filter(release=release).order_by("-requested_at", "-pk").first()
    content = {"release": release, "row": row, "may": _may_ask(request, release)}
    return render_to_string("decisions/panel.html", content, request)


def count_requests(release: Release) -> int:
    """Count the requests on a release."""
    return DecisionRequest.objects.filter(release=release)[:100].count()


def count_exceptions(release: Release) -> int:
    """Count the exceptions of a release."""
    return ExceptionRequest.objects.filter(release=release)[:100].count()


def count_open_exceptions(system: System) -> int:
    """Count the exceptions of a system that are asked for or hold."""
    states = [ExceptionState.REQUESTED, ExceptionState.APPROVED]
    return ExceptionRequest.objects.filter(system=system, state__in=states)[:100].count()


def _may_ask(request: Request, release: Release) -> bool:
    if not release.current or release.stale or not _may(request, Permission.DECISION_REQUEST, release.system):
        return False
    return not DecisionRequest.objects.filter(release=release, state__in=UNDECIDED).exists()


def _may(request: Request, permission: Permission, system: Any) -> bool:
    return request.actor.scope(permission).reaches(system.pk, system.product_line_id, system.unit_id)
