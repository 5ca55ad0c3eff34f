"""Controls on pages: the systems in scope of one, and the controls of a system, with what evidence shows of each."""

from __future__ import annotations

from collections import Counter

from django.template.loader import render_to_string

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.shell.tabs import Tab, add_tab
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.reading import ControlRow
from roadworthy.server.systems.control_coverage import Coverage, controls_of, systems_of
from roadworthy.server.systems.models import Lifecycle, System
from roadworthy.standard.model import Tier

PAGED = Listing(
    name="control-systems",
    columns=[Column("title", "System", lambda row: row.title, sort="title", main=True)],
    filters=[Filter.on("tier", "Tier", [(tier, tier) for tier in Tier])],
    search=["title__icontains"],
    sort="title",
    empty="No system is registered yet.",
)


def draw(request: Request, control: ControlRow) -> str:
    """Draw one page of the systems whose releases the actor may see, and what they show of the control."""
    rows = System.objects.exclude(version=None).exclude(lifecycle=Lifecycle.RETIRED).select_related("version")
    page = PAGED.page(request, request.actor.visible(rows, Permission.RELEASE_READ))
    shown = {"page": page, "scopes": systems_of(page.rows, control), "control": control.control}
    return render_to_string("systems/control_scope.html", shown, request)


def draw_of_system(request: Request, row: System) -> str:
    """Draw the controls that concern a system: what its newest release shows, and what is missing."""
    scopes = controls_of(row)
    numbers = Counter(one.coverage for one in scopes)
    counts = [(one, numbers[one]) for one in Coverage if numbers[one]]
    shown = {"system": row, "scopes": scopes, "counts": counts, "name": in_force().name}
    return render_to_string("systems/controls_tab.html", shown, request)


def add_parts() -> None:
    """Add the tabs. Both tell what releases show, so that they ask for the right to read releases."""
    add_tab("control", Tab("systems", "Systems in scope", Permission.RELEASE_READ, draw))
    add_tab("system", Tab("controls", "Controls", Permission.RELEASE_READ, draw_of_system, 110))
