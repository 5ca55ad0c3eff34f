"""Systems in scope of a control: which of its requirements apply to each, and where they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string

from roadworthy.core.clock import now
from roadworthy.core.errors import InputError
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.reading import ControlRow
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import Lifecycle, System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Tier

OutcomesOf = Callable[[Sequence[int]], Mapping[int, Mapping[str, str]]]
"""Takes keys of systems; returns for each the outcome of its newest release by requirement; one query."""
SHOWN_BY: list[OutcomesOf] = []
"""An upper app that keeps outcomes adds its own, in `ready()`."""

PAGED = Listing(
    name="control-systems",
    columns=[Column("title", "System", lambda row: row.title, sort="title", main=True)],
    filters=[Filter.on("tier", "Tier", [(tier, tier) for tier in Tier])],
    search=["title__icontains"],
    sort="title",
    empty="No system is registered yet.",
)


@dataclass(frozen=True)
class InScope:
    """A system with the requirements of a control that apply to it."""

    system: System
    applies: tuple[tuple[str, str], ...]
    """Requirement and its outcome in the newest release; `not shown` where nothing was pushed."""
    problem: str = ""


def draw(request: Request, control: ControlRow) -> str:
    """Draw one page of the systems that the actor may see; a system costs one evaluation of the standard."""
    rows = System.objects.exclude(version=None).exclude(lifecycle=Lifecycle.RETIRED).select_related("version")
    page = PAGED.page(request, request.actor.visible(rows, Permission.SYSTEM_READ))
    shown = {"page": page, "scopes": scopes(page.rows, control), "control": control.control}
    return render_to_string("systems/control_scope.html", shown, request)


def scopes(rows: Sequence[System], control: ControlRow) -> list[InScope]:
    """Return for each system which requirements of a control apply, and their outcomes."""
    loaded = in_force()
    outcomes: dict[int, dict[str, str]] = {}
    for outcomes_of in SHOWN_BY:
        for key, found in outcomes_of([row.pk for row in rows]).items():
            outcomes.setdefault(key, {}).update(found)
    return [_scope(row, control, loaded, outcomes.get(row.pk, {})) for row in rows]


def _scope(row: System, control: ControlRow, loaded: LoadedStandard, outcomes: Mapping[str, str]) -> InScope:
    if row.version is None:
        return InScope(row, ())
    try:
        judged = applicable_requirements(declared(row.version), loaded, Tier(row.tier), now())
    except InputError as error:
        return InScope(row, (), error.problem)
    names = {one.id for one in control.requirements}
    applies = [one.requirement.id for one in judged if one.applies and one.requirement.id in names]
    return InScope(row, tuple((name, outcomes.get(name, "not shown")) for name in applies))
