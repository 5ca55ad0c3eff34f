"""Pages of systems: the inventory, one system, its versions, and what must be true before it ships."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import ProductLine, User
from roadworthy.server.accounts.role_titles import role_title
from roadworthy.server.audit.trail import trail
from roadworthy.server.shell.components.chip import person, state_chip, tier_chip
from roadworthy.server.shell.components.moment import day
from roadworthy.server.shell.listing import Bulk, Choice, Column, Filter, Listing
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.declaration_file import write_declaration
from roadworthy.server.systems.difference import compare_versions, find_version
from roadworthy.server.systems.models import Governance, Lifecycle, System, SystemVersion
from roadworthy.server.systems.override import open_override
from roadworthy.server.systems.ship_list import ShipList, ship_list
from roadworthy.server.systems.ship_list_text import render_ship_list
from roadworthy.server.wire.form_values import number_of
from roadworthy.standard.model import Tier

NOUNS = {"product_line": "product line", "lifecycle": "lifecycle", "owner": "owner"}


def _lines(request: Request) -> Sequence[Choice]:
    seen = request.actor.visible(System.objects.all(), Permission.SYSTEM_READ)
    lines = ProductLine.objects.filter(pk__in=seen.order_by().values("product_line"))
    return [Choice(line.slug, line.title) for line in lines]


SYSTEMS = Listing(
    name="systems",
    columns=[
        Column("tier", "Tier", lambda row: tier_chip(row.tier), sort="tier", plain=lambda row: row.tier),
        Column("title", "System", lambda row: row.title, sort="title", main=True),
        Column(
            "governance",
            "Governance",
            lambda row: state_chip(row.governance),
            sort="governance",
            plain=lambda row: row.governance,
        ),
        Column("lifecycle", "Lifecycle", lambda row: row.get_lifecycle_display()),
        Column("product_line", "Product line", lambda row: row.product_line or ""),
        Column("owner", "Owner", lambda row: person(row.owner) if row.owner else row.team, plain=lambda row: row.owner),
        Column("launch", "Launch", lambda row: day(row.launch), sort="launch", plain=lambda row: row.launch),
    ],
    filters=[
        Filter.on("tier", "Tier", [(tier, tier) for tier in Tier]),
        Filter.on("governance", "Governance", Governance.choices),
        Filter.on("lifecycle", "Lifecycle", Lifecycle.choices),
        Filter("line", "Product line", _lines, lambda values: Q(product_line__slug__in=values)),
    ],
    search=["title__icontains", "slug__icontains", "team__icontains", "owner__name__icontains"],
    sort="title",
    url=lambda row: f"/systems/{row.slug}/",
    bulk=[Bulk(name, f"Set the {noun}", f"/set-on-systems/{name}/") for name, noun in NOUNS.items()],
    empty="Register the first system by the guided form or from a roadworthy.yaml, or push a bundle from CI.",
    empty_action=("Register a system", "/register/"),
)


def list_systems(request: Request) -> HttpResponseBase:
    """Show the inventory."""
    rows = request.actor.visible(System.objects.select_related("product_line", "owner"), Permission.SYSTEM_READ)
    return SYSTEMS.respond(request, rows, "systems/list.html")


def show(request: Request, slug: str) -> HttpResponse:
    """Show one system: what is declared, its tier with reasons, its latest versions, what happened."""
    row = find_system(request, slug)
    version, override = row.version, open_override(row)
    shown = {
        "system": row,
        "newest": version,
        "declared": declared(version) if version else None,
        "leading": _leading(version) if version else ((), ()),
        "override": override,
        "override_role": role_title(override.role if override else ""),
        "versions": row.versions.select_related("created_by").defer("declaration")[:10],
        "entries": trail("system", row.slug),
        "may_write": reaches(request, Permission.SYSTEM_WRITE, row),
        "may_tier": reaches(request, Permission.TIER_SET, row),
    }
    return render(request, "systems/show.html", shown)


def file(request: Request, slug: str) -> HttpResponse:
    """Return a version as `roadworthy.yaml`: the newest, or the one that is named."""
    row = find_system(request, slug)
    number = number_of(request.GET, "version")
    version = find_version(row, number) if number else newest(row)
    response = HttpResponse(write_declaration(declared(version)), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="roadworthy.yaml"'
    return response


def version(request: Request, slug: str, number: int) -> HttpResponse:
    """Show one version: its declaration, its tier, and what it changed."""
    row = find_system(request, slug)
    found = find_version(row, number)
    before = row.versions.filter(number__lt=number).first()
    shown = {
        "system": row,
        "shown": found,
        "declared": declared(found),
        "before": before,
        "compared": compare_versions(before, found) if before else None,
        "text": write_declaration(declared(found)),
    }
    return render(request, "systems/version.html", shown)


def compare(request: Request, slug: str) -> HttpResponse:
    """Show what differs between any two versions."""
    row = find_system(request, slug)
    versions = list(row.versions.defer("declaration")[:200])
    newer = number_of(request.GET, "new") or (versions[0].number if versions else 0)
    older = number_of(request.GET, "old") or max(newer - 1, 1)
    old, new = find_version(row, older), find_version(row, newer)
    shown = {"system": row, "versions": versions, "old": old, "new": new, "compared": compare_versions(old, new)}
    return render(request, "systems/compare.html", shown)


def show_ship_list(request: Request, slug: str) -> HttpResponse:
    """Show what must be true before the system ships."""
    row = find_system(request, slug)
    return render(request, "systems/ship_list.html", {"system": row, "list": _ship_list(row), "newest": row.version})


def checklist(request: Request, slug: str) -> HttpResponse:
    """Return the same as a Markdown checklist."""
    row = find_system(request, slug)
    response = HttpResponse(render_ship_list(_ship_list(row), row.title), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.slug}-before-you-ship.md"'
    return response


def new(request: Request) -> HttpResponse:
    """Show the ways in which a system is registered."""
    return render(request, "systems/new.html", {})


def find_system(request: Request, slug: str, permission: Permission = Permission.SYSTEM_READ) -> System:
    """Return the system of an address; raises Missing for what the actor may not know of."""
    return request.actor.find(_rows(), permission, slug=slug)


def newest(row: System) -> SystemVersion:
    """Return the newest version; raises Missing where there is none yet."""
    if row.version is None:
        raise Missing(f"{row} has no declaration yet", remedy="Push a bundle, or save a declaration.")
    return row.version


def reaches(request: Request, permission: Permission, row: System) -> bool:
    """Tell whether a permission reaches a system."""
    return request.actor.scope(permission).reaches(row.pk, row.product_line_id, row.unit_id)


def people_to_choose() -> QuerySet[User]:
    """Return the people who can own a system or answer a question."""
    return User.objects.filter(is_active=True).order_by("name", "pk")


def back_to(request: Request, row: System, message: str) -> HttpResponse:
    """Tell what was done, and lead back to the system."""
    messages.success(request, message)
    return redirect("systems:show", row.slug)


def _leading(version: SystemVersion) -> tuple[list[Any], list[Any]]:
    """Return the rules that lead to the tier by the rules, and those that fired beside them."""
    found = version.tiering.get("because", [])
    return [one for one in found if one["result"] == version.tier], [
        one for one in found if one["result"] != version.tier
    ]


def _rows() -> QuerySet[System]:
    return System.objects.select_related("product_line__unit", "version__created_by", "owner")


def _ship_list(row: System) -> ShipList:
    return ship_list(declared(newest(row)), in_force(), Tier(row.tier))
