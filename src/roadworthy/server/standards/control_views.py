"""Pages of controls and of the coverage of frameworks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.reading import control_rows
from roadworthy.standard.coverage import coverage_of
from roadworthy.standard.frameworks_index import known_references, load_frameworks


def list_controls(request: Request) -> HttpResponse:
    """Show the controls of the standard in force, filtered by words, domain and framework."""
    loaded = in_force()
    asked = {name: request.GET.get(name, "")[:200] for name in ("words", "domain", "framework")}
    every = loaded.standard.controls
    shown = {
        "name": loaded.name,
        "rows": control_rows(loaded.standard, **asked),
        "total": len(every),
        "asked": asked,
        "domains": sorted({control.domain for control in every}),
        "frameworks": [
            (f"{file.framework.id} {file.framework.version}", f"{file.framework.name} {file.framework.version}")
            for file in load_frameworks()
        ],
    }
    return render(request, "standards/controls.html", shown)


def control(request: Request, name: str) -> HttpResponse:
    """Show a control: what shows it, what it is evidence for, and by its tabs where it is shown."""
    loaded = in_force()
    row = next((one for one in control_rows(loaded.standard) if one.control.id == name), None)
    if row is None:
        raise Missing(f"{loaded.name} has no control {name[:64]!r}", remedy="Choose one of the list.")
    titles = known_references()
    maps = [(one, titles[one.framework, one.version].get(one.id, "")) for one in row.control.maps]
    return render(request, "standards/control.html", {"row": row, "name": loaded.name, "maps": maps})


def coverage(request: Request) -> HttpResponse:
    """Show how far the standard in force covers each framework."""
    loaded = in_force()
    return render(request, "standards/coverage.html", {"name": loaded.name, "found": coverage_of(loaded.standard)})


def framework(request: Request) -> HttpResponse:
    """Show the items of one framework with what is evidence for each, or its gaps only."""
    loaded = in_force()
    key = request.GET.get("framework", ""), request.GET.get("version", "")
    found = next(
        (one for one in coverage_of(loaded.standard) if (one.framework.id, one.framework.version) == key), None
    )
    if found is None:
        raise Missing("there is no such framework here", remedy="Choose one of the list.")
    only = request.GET.get("only", "")
    items: Any = found.gaps if only == "gaps" else found.covered if only == "covered" else found.items
    shown = {"found": found, "items": items, "only": only, "name": loaded.name}
    return render(request, "standards/framework.html", shown)
