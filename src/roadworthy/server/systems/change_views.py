"""Pages that change systems: from a file, as text, as a form; product line, lifecycle, owner; retiring."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Changed, Missing
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.declaration_file import LARGEST, read_declaration, write_declaration
from roadworthy.server.systems.intake import start_intake
from roadworthy.server.systems.models import Lifecycle, System
from roadworthy.server.systems.properties import SETTABLE, retire, set_on_many, set_properties
from roadworthy.server.systems.services import save_version
from roadworthy.server.systems.views import NOUNS, back_to, find_system, newest, people_to_choose
from roadworthy.server.wire.form_values import number_of, said

UNPROCESSABLE = 422


def import_file(request: Request) -> HttpResponse:
    """Register a system from a `roadworthy.yaml` that is uploaded or pasted."""
    if request.method != "POST":
        return render(request, "systems/import.html", {})
    text, name = _sent(request)
    try:
        version = save_version(request.actor, read_declaration(text, name), source="file", new=True)
    except InputError as error:
        shown = {"text": _shown(text), "problems": said(error)}
        return render(request, "systems/import.html", shown, status=UNPROCESSABLE)
    return back_to(request, version.system, f"{version.system} is registered, tier {version.system.tier}.")


def edit(request: Request, slug: str) -> HttpResponse:
    """Edit the declaration as text, or replace it by a file."""
    row = find_system(request, slug, Permission.SYSTEM_WRITE)
    if request.method != "POST":
        shown = {"system": row, "text": write_declaration(declared(newest(row))), "revision": row.revision}
        return render(request, "systems/edit.html", shown)
    text, name = _sent(request)
    revision, note = number_of(request.POST, "revision"), request.POST.get("note", "")
    try:
        declaration = read_declaration(text, name)
        if declaration.system != row.slug:
            raise InputError(
                f"this declares {declaration.system!r}", remedy=f"Its id is {row.slug} and does not change."
            )
        version = save_version(request.actor, declaration, source="page", note=note, revision=revision)
    except (InputError, Changed) as error:
        shown = {"system": row, "text": _shown(text), "note": note, "revision": revision, "problems": said(error)}
        return render(request, "systems/edit.html", shown, status=UNPROCESSABLE)
    if version.pk == row.version_id:
        return back_to(request, row, "Nothing differs, so that there is no new version.")
    return back_to(request, row, f"Version {version.number} is saved.")


def edit_form(request: Request, slug: str) -> HttpResponse:
    """Edit the declaration as the guided form."""
    intake = start_intake(request.actor, system=slug)
    return redirect("systems:intake", intake.pk)


def properties(request: Request, slug: str) -> HttpResponse:
    """Set product line, lifecycle and owner of one system."""
    row = find_system(request, slug, Permission.SYSTEM_WRITE)
    problems: list[str] = []
    if request.method == "POST":
        given = {name: request.POST[name] for name in SETTABLE if name in request.POST}
        try:
            set_properties(request.actor, slug, number_of(request.POST, "revision"), **given)
        except InputError as error:
            problems = said(error)
        else:
            return back_to(request, row, "It is saved.")
    shown = {"system": row, "problems": problems, "choices": {name: _choices(name) for name in SETTABLE}}
    return render(request, "systems/properties.html", shown, status=UNPROCESSABLE if problems else 200)


def set_bulk(request: Request, name: str) -> HttpResponse:
    """Set one property of the systems that were chosen in the list: first choose the value, then do it."""
    if name not in SETTABLE:
        raise Missing("there is nothing of this name to set", remedy="Choose one of the actions above the list.")
    keys = [int(key) for key in request.POST.getlist("ids") if key.isascii() and key.isdigit() and len(key) < 19]
    rows = list(request.actor.visible(System.objects.filter(pk__in=keys[:1000]), Permission.SYSTEM_WRITE))
    problems: list[str] = []
    if "value" in request.POST:
        try:
            number = set_on_many(request.actor, [row.slug for row in rows], name, request.POST["value"])
        except InputError as error:
            problems = said(error)
        else:
            messages.success(request, f"The {NOUNS[name]} of {number} systems is set.")
            return redirect("systems:list")
    shown = {"rows": rows, "name": name, "noun": NOUNS[name], "choices": _choices(name), "problems": problems}
    return render(request, "systems/bulk.html", shown, status=UNPROCESSABLE if problems else 200)


def retire_system(request: Request, slug: str) -> HttpResponse:
    """Retire a system."""
    row = find_system(request, slug, Permission.SYSTEM_WRITE)
    try:
        retire(request.actor, slug, number_of(request.POST, "revision"), request.POST.get("reason", ""))
    except InputError as error:
        messages.error(request, " ".join(said(error)))
        return redirect("systems:properties", slug)
    return back_to(request, row, f"{row} is retired. Its record stays.")


def _sent(request: Request) -> tuple[str | bytes, str]:
    upload = request.FILES.get("file")
    if upload is not None:
        return upload.read(LARGEST + 1), str(upload.name or "roadworthy.yaml")[:100]
    return request.POST.get("text", "").replace("\r\n", "\n"), "roadworthy.yaml"


def _shown(text: str | bytes) -> str:
    return text if isinstance(text, str) else text[:LARGEST].decode("utf-8", "replace")


def _choices(name: str) -> list[tuple[str, str]]:
    if name == "lifecycle":
        return [(value, str(label)) for value, label in Lifecycle.choices if value != Lifecycle.RETIRED]
    if name == "owner":
        return [("", "Nobody"), *((str(one.pk), f"{one.name} ({one.email})") for one in people_to_choose()[:1000])]
    return [("", "None"), *((line.slug, line.title) for line in ProductLine.objects.all()[:1000])]
