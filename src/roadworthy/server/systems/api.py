"""Systems over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Router, Status

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.control_api import router as controls
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.declaration_file import read_value, write_declaration
from roadworthy.server.systems.difference import compare_versions, find_version
from roadworthy.server.systems.intake_api import router as intakes
from roadworthy.server.systems.models import System, SystemVersion
from roadworthy.server.systems.office_hours_api import router as questions
from roadworthy.server.systems.properties import retire, set_properties
from roadworthy.server.systems.schemas import (
    Comparison,
    DeclarationIn,
    Number,
    PropertiesIn,
    ReasonIn,
    ShipListOut,
    SystemFilter,
    SystemId,
    SystemOut,
    TwoVersions,
    VersionOut,
    VersionWhole,
)
from roadworthy.server.systems.services import save_version
from roadworthy.server.systems.ship_list import ShipList, ship_list
from roadworthy.server.systems.tier_api import router as tiers
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import asked_revision, tag
from roadworthy.standard.model import Tier

router = Router(tags=["Systems"])
router.add_router("", controls)
router.add_router("", intakes)
router.add_router("", questions)
router.add_router("", tiers)


@router.get("/systems", response=Page[SystemOut], url_name="systems", summary="List systems")
def list_systems(request: Request, paging: Query[Paging], narrow: Query[SystemFilter]) -> dict[str, Any]:
    """List the systems that you may see, newest first."""
    rows = request.actor.visible(_rows(), Permission.SYSTEM_READ)
    given = {name: value for name, value in narrow.dict().items() if value and name != "product_line"}
    rows = rows.filter(**given)
    if narrow.product_line:
        rows = rows.filter(product_line__slug=narrow.product_line)
    return paged(rows, paging)


@router.post("/systems", response={201: VersionWhole}, url_name="systems", summary="Register a system")
def register_system(request: Request, response: HttpResponse, given: DeclarationIn) -> Any:
    """Register a system by its declaration. An id that is taken is refused; change it at its own address."""
    declaration = read_value(given.declaration)
    version = save_version(request.actor, declaration, source="api", note=given.note, new=True)
    tag(response, version.system)
    response["Location"] = f"/api/v1/systems/{version.system.slug}"
    return Status(201, version)


@router.get("/systems/{system}", response=SystemOut, url_name="system", summary="Show a system")
def show_system(request: Request, response: HttpResponse, system: SystemId) -> System:
    """Show one system; its ETag is what a change of it must name."""
    row = _find(request, system)
    tag(response, row)
    return row


@router.patch("/systems/{system}", response=SystemOut, url_name="system", summary="Set product line, lifecycle, owner")
def change_system(request: Request, response: HttpResponse, system: SystemId, given: PropertiesIn) -> System:
    """Set what is not part of the declaration."""
    values = given.dict(exclude_none=True)
    if "owner" in values:
        values["owner"] = str(values["owner"] or "")
    row = set_properties(request.actor, system, asked_revision(request), **values)
    tag(response, row)
    return row


@router.post("/systems/{system}/retire", response=SystemOut, url_name="system_retire", summary="Retire a system")
def retire_system(request: Request, response: HttpResponse, system: SystemId, given: ReasonIn) -> System:
    """Retire a system. It is never deleted: its versions, releases and decisions stay."""
    row = retire(request.actor, system, asked_revision(request), given.reason)
    tag(response, row)
    return row


@router.put(
    "/systems/{system}/declaration", response=VersionWhole, url_name="declaration", summary="Change a declaration"
)
def change_declaration(request: Request, response: HttpResponse, system: SystemId, given: DeclarationIn) -> Any:
    """Save a declaration as the newest version; the newest there is comes back when nothing differs."""
    _find(request, system)
    declaration = read_value({**given.declaration, "system": system})
    revision = asked_revision(request)
    version = save_version(request.actor, declaration, source="api", note=given.note, revision=revision)
    tag(response, version.system)
    return version


@router.get("/systems/{system}/roadworthy.yaml", url_name="declaration_file", summary="Show a declaration as a file")
def declaration_file(request: Request, system: SystemId) -> HttpResponse:
    """Return the newest declaration as `roadworthy.yaml`, which the command line reads."""
    version = _newest(_find(request, system))
    return HttpResponse(write_declaration(declared(version)), content_type="application/yaml; charset=utf-8")


@router.get("/systems/{system}/versions", response=Page[VersionOut], url_name="versions", summary="List versions")
def list_versions(request: Request, system: SystemId, paging: Query[Paging]) -> dict[str, Any]:
    """List the versions of a declaration, newest first."""
    row = _find(request, system)
    return paged(row.versions.select_related("created_by").defer("declaration"), paging)


@router.get("/systems/{system}/versions/{number}", response=VersionWhole, url_name="version", summary="Show a version")
def show_version(request: Request, system: SystemId, number: Number) -> SystemVersion:
    """Show a version with its whole declaration; it never changes."""
    return find_version(_find(request, system), number)


@router.get("/systems/{system}/changes", response=Comparison, url_name="changes", summary="Compare two versions")
def changes(request: Request, system: SystemId, asked: Query[TwoVersions]) -> dict[str, Any]:
    """Say what differs between two versions, and whether that owes a fresh assessment."""
    row = _find(request, system)
    found = compare_versions(find_version(row, asked.old), find_version(row, asked.new))
    told = [{"kind": str(one.kind), "what": one.what} for one in found.differences]
    return {**asked.dict(), "changes": told, "assessment_owed": found.assessment_owed}


@router.get("/systems/{system}/requirements", response=ShipListOut, url_name="ship_list", summary="What must be true")
def requirements(request: Request, system: SystemId) -> ShipList:
    """List what must be true before the system ships, at its tier, under the standard in force."""
    row = _find(request, system)
    return ship_list(declared(_newest(row)), in_force(), Tier(row.tier))


def _rows() -> QuerySet[System]:
    return System.objects.select_related("product_line", "version", "owner")


def _find(request: Request, slug: str) -> System:
    return request.actor.find(_rows(), Permission.SYSTEM_READ, slug=slug)


def _newest(row: System) -> SystemVersion:
    if row.version is None:
        raise Missing(f"{row} has no declaration yet", remedy="Push a bundle, or save a declaration.")
    return row.version
