"""What the evidence of releases shows of controls, over the API."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Field, Path, Query, Router, Schema

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.reading import control_rows
from roadworthy.server.systems.control_coverage import Coverage, InScope, controls_of, systems_of
from roadworthy.server.systems.models import Lifecycle, System
from roadworthy.server.systems.schemas import SystemId
from roadworthy.server.wire.paging import Page, Paging, paged

router = Router(tags=["Controls"])
ControlId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Id of a control.")]


class OutcomeOut(Schema):
    """A requirement that applies, with its outcome in the newest release."""

    requirement: str
    outcome: str


class ScopeOut(Schema):
    """What is shown of a control for a system."""

    system: str
    title: str
    tier: str
    control: str
    coverage: Coverage = Field(description="`shown` when all that applies is met.")
    requirements: list[OutcomeOut]
    problem: str = Field(description="Why nothing can be said; empty otherwise.")


class Scopes(Schema):
    """The controls that concern a system."""

    items: list[ScopeOut]


@router.get(
    "/controls/{control}/systems",
    response=Page[ScopeOut],
    url_name="control_systems",
    summary="List where a control is shown",
)
def list_systems_of_control(request: Request, control: ControlId, paging: Query[Paging]) -> dict[str, Any]:
    """Say for each system that you may see whether evidence of its newest release shows a control."""
    loaded = in_force()
    row = next((one for one in control_rows(loaded.standard) if one.control.id == control), None)
    if row is None:
        raise Missing(f"{loaded.name} has no control {control}", remedy="Choose one that GET /controls lists.")
    rows = System.objects.exclude(version=None).exclude(lifecycle=Lifecycle.RETIRED).select_related("version")
    found = paged(request.actor.visible(rows, Permission.RELEASE_READ), paging)
    return {**found, "items": list(map(_scope, systems_of(found["items"], row)))}


@router.get(
    "/systems/{system}/controls", response=Scopes, url_name="system_controls", summary="List what is shown of controls"
)
def list_controls_of_system(request: Request, system: SystemId) -> dict[str, Any]:
    """List the controls that concern a system, and whether evidence of its newest release shows each."""
    rows = System.objects.select_related("product_line", "version")
    row = request.actor.find(rows, Permission.RELEASE_READ, slug=system)
    return {"items": list(map(_scope, controls_of(row)))}


def _scope(found: InScope) -> dict[str, Any]:
    return {
        "system": found.system.slug,
        "title": found.system.title,
        "tier": found.system.tier,
        "control": found.control.id,
        "coverage": found.coverage,
        "requirements": [{"requirement": name, "outcome": outcome} for name, outcome in found.applies],
        "problem": found.problem,
    }
