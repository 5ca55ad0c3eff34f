"""Pages of assessments: the list, one with its register, and its life from draft to accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from roadworthy.assess.threat_model import model_threats
from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.assessments import lifecycle
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.forms import ReasonForm
from roadworthy.server.assessments.listing import ASSESSMENTS
from roadworthy.server.assessments.mitigation_board import mitigation_board
from roadworthy.server.assessments.models import OPEN, Assessment, AssessmentState
from roadworthy.server.assessments.register_rows import LIKELIHOODS, SEVERITIES, register_page
from roadworthy.server.assessments.rows import find, seen
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import System
from roadworthy.server.wire.form_values import number_of, said

CHOICES = 500
"""Systems to choose from when an assessment is begun."""


def list_assessments(request: Request) -> HttpResponseBase:
    """Show the list."""
    return ASSESSMENTS.respond(request, seen(request.actor), "assessments/list.html")


def start(request: Request) -> HttpResponse:
    """Choose a system, and begin its assessment."""
    if request.method == "POST":
        row = lifecycle.start(request.actor, request.POST.get("system", "")[:64])
        messages.success(request, _("The assessment is begun. Look at each proposal: accept, change or dismiss it."))
        return redirect("assessments:show", row.pk)
    systems = request.actor.visible(System.objects.filter(version__isnull=False), Permission.ASSESSMENT_WRITE)
    free = systems.exclude(assessments__state__in=OPEN).values_list("slug", "title").order_by("title", "pk")
    shown = {"systems": list(free[:CHOICES]), "chosen": request.GET.get("system", "")}
    return render(request, "assessments/start.html", shown)


def show(request: Request, pk: int) -> HttpResponse:
    """Show one assessment: heat map and register, or the tab that is open."""
    row = find(request.actor, pk)
    content = content_of(row)
    shown = {
        "assessment": row,
        "register": register_page(row, content, today(), request.GET),
        "severities": SEVERITIES,
        "likelihoods": LIKELIHOODS,
        "tab": request.GET.get("tab", ""),
        **_may(request, row),
    }
    return render(request, "assessments/show.html", shown)


def print_page(request: Request, pk: int) -> HttpResponse:
    """Show everything of an assessment on one page, for paper or a file."""
    row = find(request.actor, pk)
    content = content_of(row)
    shown = {
        "assessment": row,
        "register": register_page(row, content, today(), {}),
        "lanes": mitigation_board(content, today()),
        "threats": model_threats(declared(row.version)),
        "severities": SEVERITIES,
        "likelihoods": LIKELIHOODS,
        "day": today(),
    }
    return render(request, "assessments/print.html", shown)


def refresh(request: Request, pk: int) -> HttpResponse:
    """Propose anew from the newest version."""
    return done(
        request, pk, lambda revision: lifecycle.refresh(request.actor, pk, revision), _("The proposals are up to date.")
    )


def submit(request: Request, pk: int) -> HttpResponse:
    """Submit for review."""
    return done(
        request, pk, lambda revision: lifecycle.submit(request.actor, pk, revision), _("It waits for a reviewer now.")
    )


def return_to_draft(request: Request, pk: int) -> HttpResponse:
    """Return to the authors."""
    reason = request.POST.get("reason", "")
    return done(
        request,
        pk,
        lambda revision: lifecycle.return_to_draft(request.actor, pk, revision, reason),
        _("It is a draft again; its authors are told why."),
    )


def accept(request: Request, pk: int) -> HttpResponse:
    """Accept an assessment."""
    reason = request.POST.get("reason", "")
    return done(
        request,
        pk,
        lambda revision: lifecycle.accept(request.actor, pk, revision, reason),
        _("The assessment is accepted."),
    )


def done(request: Request, pk: int, do: Callable[[int], Any], told: str, back: str = "") -> HttpResponse:
    """Do something with an assessment at the revision of the form, tell what came of it, and lead back."""
    try:
        do(number_of(request.POST, "revision"))
    except InputError as error:
        messages.error(request, " ".join(said(error)))
    else:
        messages.success(request, told)
    return redirect(back) if back else redirect("assessments:show", pk)


def reaches(request: Request, permission: Permission, row: Assessment) -> bool:
    """Tell whether a permission reaches the system of an assessment."""
    system = row.system
    return request.actor.scope(permission).reaches(system.pk, system.product_line_id, system.unit_id)


def _may(request: Request, row: Assessment) -> dict[str, Any]:
    writes = reaches(request, Permission.ASSESSMENT_WRITE, row)
    reviews = reaches(request, Permission.ASSESSMENT_ACCEPT, row) and row.state == AssessmentState.IN_REVIEW
    return {
        "writes": writes,
        "edits": writes and row.state == AssessmentState.DRAFT,
        "reviews": reviews,
        "not_by": lifecycle.not_by(request.actor, row) if reviews else "",
        "returns": (reviews or writes) and row.state == AssessmentState.IN_REVIEW,
        "again": writes and row.state == AssessmentState.ACCEPTED,
        "reason": ReasonForm(auto_id="id_accept_%s"),
        "return_reason": ReasonForm(auto_id="id_return_%s"),
    }
