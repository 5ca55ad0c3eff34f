"""Pages of briefs: write or upload one, see what was drafted from it, go on with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from roadworthy.assess.brief_text import LIMIT
from roadworthy.core.errors import InputError
from roadworthy.server.access.request import Request
from roadworthy.server.assessments import briefs
from roadworthy.server.assessments.brief_reading import (
    by_confidence,
    file_of,
    model_of,
    pieces_of,
    plan_of,
    refused_of,
    suggestions_of,
)
from roadworthy.server.assessments.drafter import DrafterFailed, drafter_name
from roadworthy.server.assessments.forms import BriefForm
from roadworthy.server.assessments.listing import BRIEFS
from roadworthy.server.wire.form_values import number_of, said

LARGEST = 4 * LIMIT
"""Bytes of a file: the longest brief in UTF-8."""


def list_briefs(request: Request) -> HttpResponseBase:
    """Show one's briefs."""
    return BRIEFS.respond(request, briefs.seen_briefs(request.actor), "assessments/briefs.html")


def new(request: Request) -> HttpResponse:
    """Take a brief, and draft from it."""
    form = BriefForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            row = briefs.draft_brief(request.actor, _sent(form), form.cleaned_data["title"])
        except InputError as error:
            form.add_error(None, " ".join(said(error)))
        else:
            return redirect("assessments:brief", row.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/brief_new.html", {"form": form}, status=status)


def show(request: Request, pk: int) -> HttpResponse:
    """Show a brief with what was read in it and what follows."""
    row = briefs.find_brief(request.actor, pk)
    plan = plan_of(row)
    own = row.owner_id == request.actor.user_id
    raising = {answer.field: answer.tier for answer in plan.answers}
    shown = {
        "brief": row,
        "plan": plan,
        "pieces": pieces_of(row.text, plan.draft.findings),
        "findings": by_confidence(plan.draft.findings),
        "questions": [(question, raising.get(question.field)) for question in plan.draft.questions],
        "suggestions": suggestions_of(row),
        "refused": refused_of(row),
        "model": model_of(row),
        "drafter": drafter_name(),
        "own": own,
    }
    return render(request, "assessments/brief.html", shown)


def file(request: Request, pk: int) -> HttpResponse:
    """Return the draft as `roadworthy.yaml`."""
    row = briefs.find_brief(request.actor, pk)
    response = HttpResponse(file_of(plan_of(row)), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="roadworthy.yaml"'
    return response


def ask(request: Request, pk: int) -> HttpResponse:
    """Send the brief to the configured model."""
    try:
        briefs.ask_model(request.actor, pk, number_of(request.POST, "revision"))
    except DrafterFailed as error:
        messages.error(request, " ".join(said(error)))
    return redirect("assessments:brief", pk)


def answer(request: Request, pk: int, number: int) -> HttpResponse:
    """Take over a suggestion, or leave it out."""
    revision, take = number_of(request.POST, "revision"), request.POST.get("answer") == "take"
    briefs.answer_suggestion(request.actor, pk, revision, number, take=take)
    messages.success(request, _("It counts as a fact now.") if take else _("It is left out."))
    return redirect("assessments:brief", pk)


def intake(request: Request, pk: int) -> HttpResponse:
    """Begin an intake with the draft."""
    begun = briefs.start_from_brief(request.actor, pk, number_of(request.POST, "revision"))
    messages.success(request, _("The intake holds the draft. What the brief did not say is to be confirmed there."))
    return redirect("systems:intake", begun.pk)


def discard(request: Request, pk: int) -> HttpResponse:
    """Remove a brief."""
    briefs.discard_brief(request.actor, pk, number_of(request.POST, "revision"))
    messages.success(request, _("The brief is discarded."))
    return redirect("assessments:briefs")


def _sent(form: BriefForm) -> str | bytes:
    upload = form.cleaned_data.get("file")
    if upload is None:
        return str(form.cleaned_data["text"])
    if upload.size > LARGEST:
        raise InputError(f"the file has {upload.size:,} bytes", remedy="Upload the page that says most, as plain text.")
    sent: bytes = upload.read(LARGEST + 1)
    return sent
