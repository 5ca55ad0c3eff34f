"""Pages that change the standard: drafts, thresholds, preview, proposal, decisions, publication."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError
from roadworthy.server.access.refusals import Changed, Conflict
from roadworthy.server.access.request import Request
from roadworthy.server.standards.draft import edit_draft, find_version, set_threshold, start_draft, take_back, withdraw
from roadworthy.server.standards.impact import ask_preview
from roadworthy.server.standards.layer import THRESHOLDS
from roadworthy.server.standards.publish import decide, propose, publish
from roadworthy.server.standards.reading import find_requirement
from roadworthy.server.standards.views import loaded_of
from roadworthy.server.wire.form_values import day_of, decimal_of, number_of, said

UNPROCESSABLE = 422


def start(request: Request) -> HttpResponse:
    """Begin a draft from the standard in force."""
    return redirect("standards:edit", start_draft(request.actor).pk)


def edit(request: Request, pk: int) -> HttpResponse:
    """Edit the files of a draft."""
    row = find_version(request.actor, pk)
    if request.method != "POST":
        return _draw(request, row, row.layer, row.note, row.revision)
    files = _files(request.POST)
    revision, note = number_of(request.POST, "revision"), request.POST.get("note", "")
    try:
        edit_draft(request.actor, pk, revision, files, note)
    except (InputError, Changed) as error:
        return _draw(request, row, files, note, revision, said(error))
    messages.success(request, "The draft is saved; its files can be loaded.")
    return redirect("standards:edit" if "stay" in request.POST else "standards:show", pk)


def threshold(request: Request, pk: int) -> HttpResponse:
    """Set the threshold of a requirement at a tier."""
    row = find_version(request.actor, pk)
    found = loaded_of(row)
    given = request.POST if request.method == "POST" else request.GET
    problems: list[str] = []
    if request.method == "POST":
        try:
            set_threshold(
                request.actor,
                pk,
                number_of(given, "revision"),
                requirement=given.get("requirement", ""),
                tier=given.get("tier", ""),
                value=decimal_of(given, "value"),
                confidence=decimal_of(given, "confidence"),
            )
        except (InputError, Changed) as error:
            problems = said(error)
        else:
            messages.success(request, "The threshold is set in the draft.")
            return redirect(f"/standards/{pk}/?tab=changes")
    item = find_requirement(found, given.get("requirement", ""))
    shown = {
        "row": row,
        "measured": [one for one in found.standard.requirements if one.criterion],
        "item": item,
        "criteria": [(str(tier), one) for tier, one in item.criterion.items()] if item else [],
        "given": given,
        "problems": problems,
    }
    return render(request, "standards/threshold.html", shown, status=UNPROCESSABLE if problems else 200)


def preview(request: Request, pk: int) -> HttpResponse:
    """Ask what a draft would change."""
    ask_preview(request.actor, pk)
    return redirect(f"/standards/{pk}/?tab=impact")


def propose_draft(request: Request, pk: int) -> HttpResponse:
    """Ask for approval."""
    given = request.POST

    def act() -> str:
        propose(
            request.actor,
            pk,
            number_of(given, "revision"),
            note=given.get("note", ""),
            in_force_from=day_of(given, "in_force_from"),
            grace_days=number_of(given, "grace_days"),
        )
        return "It is proposed. Those with the authority are asked."

    return _do(request, pk, act)


def take_back_proposal(request: Request, pk: int) -> HttpResponse:
    """Make a proposal a draft again."""

    def act() -> str:
        take_back(request.actor, pk, number_of(request.POST, "revision"))
        return "It is a draft again."

    return _do(request, pk, act)


def withdraw_draft(request: Request, pk: int) -> HttpResponse:
    """Give it up."""

    def act() -> str:
        withdraw(request.actor, pk, number_of(request.POST, "revision"), request.POST.get("reason", ""))
        return "It is withdrawn."

    return _do(request, pk, act)


def decide_about(request: Request, pk: int) -> HttpResponse:
    """Approve, reject or ask for changes."""
    given = {name: request.POST.get(name, "") for name in ("digest", "choice", "reason", "role")}

    def act() -> str:
        decide(request.actor, pk, **given)
        return "Your decision is recorded."

    return _do(request, pk, act)


def publish_version(request: Request, pk: int) -> HttpResponse:
    """Publish what was approved."""

    def act() -> str:
        row = publish(request.actor, pk, number_of(request.POST, "revision"))
        return f"{row} is published{' and in force' if row.in_force else ''}."

    return _do(request, pk, act)


def _do(request: Request, pk: int, act: Callable[[], str]) -> HttpResponse:
    """Do something to a version and lead back to its page; refusals go to the door, which records them."""
    try:
        messages.success(request, act())
    except (InputError, Conflict, Changed) as error:
        messages.error(request, " ".join(said(error)))
    return redirect("standards:show", pk)


def _files(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that were sent: pairs of name and text; a file without a name or text is left out."""
    numbers = sorted(int(key[5:]) for key in given if key.startswith("name-") and key[5:].isdigit() and len(key) < 9)
    found = {}
    for number in numbers:
        name = str(given.get(f"name-{number}", "")).strip()
        text = str(given.get(f"text-{number}", "")).replace("\r\n", "\n")
        if name and text.strip():
            found[name] = text
    return found


def _draw(
    request: Request, row: Any, files: Mapping[str, str], note: str, revision: int, problems: list[str] | None = None
) -> HttpResponse:
    if row.state != "draft":
        raise Conflict(f"{row} is {row.state} and does not change", remedy="Begin a new draft.")
    order = sorted(files.items(), key=lambda pair: (pair[0] != "standard.yaml", pair[0].startswith("tests/"), pair[0]))
    shown = {
        "row": row,
        "files": order,
        "next": len(order),
        "note": note,
        "revision": revision,
        "problems": problems or [],
        "written": THRESHOLDS,
    }
    return render(request, "standards/edit.html", shown, status=UNPROCESSABLE if problems else 200)
