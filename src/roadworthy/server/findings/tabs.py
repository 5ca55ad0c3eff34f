"""Findings on the pages of systems and releases."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.findings.listing import seen
from roadworthy.server.findings.models import UNSOLVED, Finding
from roadworthy.server.releases.models import Release
from roadworthy.server.shell.tabs import Tab, add_tab
from roadworthy.server.systems.models import System

SHOWN = 50


def add_tabs() -> None:
    """Add a tab to systems and to releases."""
    add_tab("system", Tab("findings", "Findings", Permission.FINDING_READ, _of_system, 40, _count))
    add_tab("release", Tab("findings", "Findings", Permission.FINDING_READ, _of_release, 40, _count))


def _system(row: Any) -> System:
    return row.system if isinstance(row, Release) else row


def _count(row: Any) -> int:
    system = row.system_id if isinstance(row, Release) else row.pk
    return Finding.objects.filter(system=system, state__in=UNSOLVED).order_by()[:1000].count()


def _of_system(request: Request, row: Any) -> str:
    return _draw(request, _system(row))


def _of_release(request: Request, row: Any) -> str:
    return _draw(request, _system(row))


def _draw(request: Request, system: System) -> str:
    rows = seen(request.actor).filter(system=system).order_by("closed_at", "severity_rank", "due", "pk")
    content = {"rows": list(rows[:SHOWN]), "system": system, "unsolved": UNSOLVED}
    return render_to_string("findings/tab.html", content, request=request)
