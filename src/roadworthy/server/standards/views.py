"""Pages of the standard: its versions, one version, and one requirement."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.role_titles import role_titles
from roadworthy.server.audit.trail import trail
from roadworthy.server.shell.components.chip import person, state_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.standards.authority import names_of, rules, shown_digest, standing_of
from roadworthy.server.standards.draft import find_version
from roadworthy.server.standards.in_force import in_force, in_force_version, loaded, loaded_content
from roadworthy.server.standards.layer import zipped
from roadworthy.server.standards.models import StandardState, StandardVersion
from roadworthy.server.standards.publish import CHOICES, may_decide
from roadworthy.server.standards.reading import find_requirement, requirement_rows
from roadworthy.standard.frameworks_index import known_references
from roadworthy.standard.load import LoadedStandard


def _state(row: StandardVersion) -> Any:
    return state_chip("in force", "met") if row.in_force else state_chip(row.state)


STANDARDS = Listing(
    name="standards",
    columns=[
        Column("state", "State", _state, plain=lambda row: "in force" if row.in_force else row.state),
        Column("title", "Version", lambda row: str(row), main=True),
        Column("about", "Title", lambda row: row.title),
        Column("note", "Why", lambda row: row.note[:120]),
        Column("by", "Begun by", lambda row: person(row.created_by or "the server"), plain=lambda row: row.created_by),
        Column(
            "accepted",
            "Bundles accepted",
            lambda row: (when(row.accepted_until) if row.accepted_until else "yes") if row.accepted else "no",
            plain=lambda row: row.accepted,
        ),
        Column("made", "Begun", lambda row: when(row.created_at), sort="created_at", plain=lambda row: row.created_at),
    ],
    filters=[Filter.on("state", "State", StandardState.choices)],
    search=["standard__icontains", "version__icontains", "title__icontains", "note__icontains"],
    sort="-made",
    url=lambda row: f"/standards/{row.pk}/",
    empty="No standard is there. Start the server again: it brings the default one.",
)


def list_versions(request: Request) -> Any:
    """Show all versions."""
    rows = StandardVersion.objects.select_related("created_by").defer("content", "layer")
    return STANDARDS.respond(request, rows, "standards/list.html", {"present": in_force_version()})


def show(request: Request, pk: int) -> HttpResponse:
    """Show a version: what it is, its authority and SLAs, where its approval stands."""
    row = find_version(request.actor, pk)
    found = loaded_of(row)
    shown = {
        "row": row,
        "standard": found.standard,
        "entries": trail("standard", str(row.pk)),
        "may_draft": request.actor.may(Permission.STANDARD_DRAFT),
        "choices": CHOICES,
        **_approval(request, row),
    }
    return render(request, "standards/show.html", shown)


def layer(request: Request, pk: int) -> HttpResponse:
    """Return the layer of a version as a directory in a zip, which projects name as their standard."""
    row = find_version(request.actor, pk)
    if not row.layer:
        raise Missing(f"{row} is the one that ships with Roadworthy", remedy="Projects use it without a layer.")
    name = f"{row.standard}-{row.version}"
    response = HttpResponse(zipped(row.layer, name), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name.encode("ascii", "replace").decode()}.zip"'
    return response


def requirement(request: Request, name: str) -> HttpResponse:
    """Show one requirement of the standard in force, or of the version that is named."""
    asked = request.GET.get("version", "")
    found = in_force()
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        found = loaded_of(find_version(request.actor, int(asked)))
    item = find_requirement(found, name)
    if item is None:
        raise Missing(f"{found.name} has no requirement {name[:64]!r}", remedy="Choose one of the standard's page.")
    titles = known_references()
    maps = [(one, titles[one.framework, one.version].get(one.id, "")) for one in item.maps]
    (row,) = [one for one in requirement_rows(found.standard) if one.requirement.id == item.id]
    control = next(one for one in found.standard.controls if one.id == item.control)
    shown = {"item": item, "row": row, "name": found.name, "maps": maps, "control": control}
    return render(request, "standards/requirement.html", shown)


def loaded_of(row: StandardVersion) -> LoadedStandard:
    """Return a version ready to read; published ones are kept."""
    if row.state == StandardState.PUBLISHED:
        return loaded(row)
    return loaded_content(row.content, row.digest)


def _approval(request: Request, row: StandardVersion) -> dict[str, Any]:
    """Return where the approval stands, with the names of people."""
    approvals = list(row.approvals.select_related("user", "on_behalf_of"))
    titles = role_titles(one.role for one in approvals)
    signed = [(one, titles[one.role]) for one in approvals]
    if row.state != StandardState.PROPOSED or row.base is None:
        return {"approvals": signed}
    where = standing_of(row)
    names = names_of({key for one in where.missing for key in one.people})
    asked = [role for rule in rules(loaded(row.base)) for role in rule.roles]
    mine = may_decide(request.actor, row)
    titles = role_titles([*asked, *mine, *(role for one in where.missing for role in one.roles)])
    return {
        "approvals": signed,
        "where": where,
        "missing": [
            (
                ", ".join(titles[role] for role in one.roles),
                sorted(names[key] for key in one.people if key in names),
            )
            for one in where.missing
        ],
        "asked_roles": [titles[role] for role in asked],
        "shown_digest": shown_digest(row),
        "my_roles": [(role, titles[role]) for role in mine],
    }
