"""Pages of the guided form: your intakes, one page a step, the summary, and autosave."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.server.access.refusals import Changed, Conflict
from roadworthy.server.access.request import Request
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Column, Listing
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.intake import (
    discard,
    find_intake,
    find_step,
    hand_over,
    save_step,
    start_intake,
    submit,
    takers,
)
from roadworthy.server.systems.intake_check import Progress, problems_of, progress_of, tier_so_far
from roadworthy.server.systems.intake_form import StepForm, field_name
from roadworthy.server.systems.intake_questions import Step, always, asked, steps_for
from roadworthy.server.systems.intake_summary import summary_of
from roadworthy.server.systems.models import Intake
from roadworthy.server.wire.form_values import number_of

INTAKES = Listing(
    name="intakes",
    columns=[
        Column("title", "Intake", lambda row: str(row), sort="title", main=True),
        Column("system", "System", lambda row: row.system or "new"),
        Column("state", "State", lambda row: "submitted" if row.submitted_at else "open"),
        Column(
            "updated_at",
            "Changed",
            lambda row: when(row.updated_at),
            sort="updated_at",
            plain=lambda row: row.updated_at,
        ),
    ],
    search=["title__icontains"],
    sort="-updated_at",
    url=lambda row: f"/intakes/{row.pk}/",
    empty="You have begun no intake. The guided form asks what is needed, and can be left and resumed at any time.",
    empty_action=("Register a system", "/register/"),
)
SUMMARY = "summary"
STALE = 409


def list_intakes(request: Request) -> Any:
    """Show one's own intakes."""
    rows = Intake.objects.filter(owner_id=request.actor.user_id).select_related("system")
    return INTAKES.respond(request, rows, "systems/intakes.html")


def start(request: Request) -> HttpResponse:
    """Begin an intake for a new system."""
    return redirect("systems:intake", start_intake(request.actor).pk)


def resume(request: Request, pk: int) -> HttpResponse:
    """Go on where it was left; what is submitted leads to its system."""
    intake = find_intake(request.actor, pk)
    if intake.submitted_at and intake.system:
        return redirect("systems:ship_list", intake.system.slug)
    known = [step.slug for step in steps_for(intake.answers)]
    return redirect("systems:intake_step", pk, intake.step if intake.step in known else known[0])


def step(request: Request, pk: int, slug: str) -> HttpResponse:
    """Show a step, or keep what was answered on it and go on; the last is the summary."""
    intake = find_intake(request.actor, pk)
    if slug == SUMMARY:
        return _summary(request, intake)
    asked_step = find_step(intake, slug)
    if request.method != "POST":
        return _draw(request, intake, StepForm(asked_step, intake.answers), checked=intake.step != slug)
    revision = number_of(request.POST, "revision")
    if request.htmx:  # type: ignore[attr-defined]
        return _autosave(request, pk, revision, asked_step)
    intake, form = save_step(request.actor, pk, revision, asked_step, request.POST)
    if form.errors or "stay" in request.POST:
        fresh = form if form.errors else StepForm(asked_step, intake.answers)
        return _draw(request, intake, fresh, checked=True, status=422 if form.errors else 200)
    return redirect("systems:intake_step", pk, _next(intake, slug))


def submit_intake(request: Request, pk: int) -> HttpResponse:
    """Make a version of the answers, and show what must be true before it ships."""
    try:
        version = submit(request.actor, pk, number_of(request.POST, "revision"))
    except (InputErrors, Conflict) as error:
        messages.error(request, f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy or ''}".strip())
        return redirect("systems:intake_step", pk, SUMMARY)
    messages.success(request, f"{version.system} is saved as version {version.number}, tier {version.system.tier}.")
    return redirect("systems:ship_list", version.system.slug)


def hand_over_intake(request: Request, pk: int) -> HttpResponse:
    """Give an intake to somebody else."""
    try:
        intake = hand_over(request.actor, pk, number_of(request.POST, "revision"), number_of(request.POST, "to"))
    except (InputError, Conflict) as error:
        messages.error(request, f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy or ''}".strip())
        return redirect("systems:intake_step", pk, SUMMARY)
    messages.success(request, f"{intake} is with {intake.owner.name} now, who was told.")
    return redirect("systems:intakes")


def discard_intake(request: Request, pk: int) -> HttpResponse:
    """Give up an intake."""
    discard(request.actor, pk, number_of(request.POST, "revision"))
    messages.success(request, "The intake is discarded.")
    return redirect("systems:intakes")


def _draw(request: Request, intake: Intake, form: StepForm, *, checked: bool, status: int = 200) -> HttpResponse:
    """Show a step; `checked` says whether to show what is missing, which would be rude on a page not seen before."""
    shown = {
        **_common(intake),
        "step": form.step,
        "form": form.marked(),
        "fields": _fields(form, intake),
        "problems": _problems_here(intake, form.step) if checked else {},
    }
    return render(request, "systems/intake_step.html", shown, status=status)


def _autosave(request: Request, pk: int, revision: int, asked_step: Step) -> HttpResponse:
    try:
        intake, form = save_step(request.actor, pk, revision, asked_step, request.POST)
    except (Changed, Conflict) as error:
        return render(request, "systems/intake_stale.html", {"error": error}, status=STALE)
    shown = {
        **_common(intake),
        "step": asked_step,
        "form": form.marked(),
        "fields": [pair for pair in _fields(form, intake) if pair[2]],
        "now": timezone.now(),
        "problems": {},
    }
    return render(request, "systems/intake_saved.html", shown)


def _fields(form: StepForm, intake: Intake) -> list[tuple[str, bool, bool]]:
    """Return the single fields of a step: name, whether it is asked now, whether that depends on other answers."""
    return [(field_name(one.path), asked(one, intake.answers), one.when is not always) for one in form.step.questions]


def _problems_here(intake: Intake, here: Step) -> dict[str, str]:
    return {problem.field: problem.todo for problem in problems_of(intake.answers) if problem.step == here.slug}


def _summary(request: Request, intake: Intake) -> HttpResponse:
    problems = problems_of(intake.answers)
    parts = summary_of(intake.answers)
    shown = {**_common(intake), "problems": problems, "parts": parts, "takers": takers(intake)}
    return render(request, "systems/intake_summary.html", shown)


def _common(intake: Intake) -> dict[str, Any]:
    progress: list[Progress] = progress_of(intake.answers)
    return {
        "intake": intake,
        "progress": progress,
        "done": sum(one.done for one in progress),
        "tiering": tier_so_far(intake.answers, in_force()),
    }


def _next(intake: Intake, slug: str) -> str:
    known = [step.slug for step in steps_for(intake.answers)]
    place = known.index(slug) + 1 if slug in known else 0
    return known[place] if place < len(known) else SUMMARY
