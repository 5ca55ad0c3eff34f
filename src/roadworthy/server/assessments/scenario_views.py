"""Pages of a scenario: its rating and mitigations, and what a person does with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.assess.assessment import AssessedScenario
from roadworthy.assess.mitigation import load_mitigations
from roadworthy.assess.risk import sensitivity
from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.assessments import scenarios, treatments
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.forms import AddForm, ScenarioForm, TreatmentForm, rating_values
from roadworthy.server.assessments.models import Assessment, AssessmentState
from roadworthy.server.assessments.register_rows import scenario_url
from roadworthy.server.assessments.rows import find
from roadworthy.server.assessments.views import done, reaches
from roadworthy.server.wire.form_values import number_of, said


def show(request: Request, pk: int, scenario: str) -> HttpResponse:
    """Show one scenario."""
    row = find(request.actor, pk)
    return _page(request, row, scenarios.find_scenario(content_of(row), scenario))


def accept(request: Request, pk: int, scenario: str) -> HttpResponse:
    """Take a scenario as it stands."""
    why = request.POST.get("reason", "")
    return done(
        request,
        pk,
        lambda revision: scenarios.accept_scenario(request.actor, pk, revision, scenario, why),
        _("The scenario is accepted as it stands."),
        _next(request, pk, scenario),
    )


def accept_rest(request: Request, pk: int) -> HttpResponse:
    """Take every proposal that nobody has looked at as it stands."""
    why = request.POST.get("reason", "")
    return done(
        request,
        pk,
        lambda revision: scenarios.accept_rest(request.actor, pk, revision, why),
        _("The remaining proposals are accepted."),
    )


def dismiss(request: Request, pk: int, scenario: str) -> HttpResponse:
    """Say that a scenario does not concern the system."""
    why = request.POST.get("reason", "")
    return done(
        request,
        pk,
        lambda revision: scenarios.dismiss_scenario(request.actor, pk, revision, scenario, why),
        _("The scenario is dismissed, with your reason."),
        reverse("assessments:scenario", args=[pk, scenario]),
    )


def edit(request: Request, pk: int, scenario: str) -> HttpResponse:
    """Change rating or words of a scenario."""
    row = find(request.actor, pk)
    item = scenarios.find_scenario(content_of(row), scenario)
    form = ScenarioForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            scenarios.edit_scenario(
                request.actor,
                pk,
                number_of(request.POST, "revision"),
                scenario,
                given["why"],
                rating=scenarios.rating_of(form.ranges()),
                title=given["title"],
                harm=given["harm"].replace("\r\n", "\n"),
            )
        except InputError as error:
            form.add_error(None, " ".join(said(error)))
        else:
            messages.success(request, _("The scenario is changed."))
            return redirect("assessments:scenario", pk, scenario)
    return _page(request, row, item, form=form, status=422)


def treat(request: Request, pk: int, scenario: str) -> HttpResponse:
    """Set how a mitigation of a scenario stands, or add one."""
    row = find(request.actor, pk)
    item = scenarios.find_scenario(content_of(row), scenario)
    mitigation = request.POST.get("mitigation", "")[:64]
    back = scenario_url(row, scenario) + "#mitigations"
    progress = _progress(request, row, item, mitigation)
    if progress is None:
        return redirect(back)
    return done(
        request,
        pk,
        lambda revision: treatments.set_treatment(request.actor, pk, revision, scenario, mitigation, progress),
        _("The mitigation is kept."),
        back,
    )


def treat_everywhere(request: Request, pk: int, mitigation: str) -> HttpResponse:
    """Set how a mitigation stands in every scenario that has it."""
    row = find(request.actor, pk)
    content = content_of(row)
    items = [item for item in content.scenarios if any(one.mitigation == mitigation for one in item.treatments)]
    back = reverse("assessments:show", args=[pk]) + "?tab=mitigations"
    if request.method == "POST":
        progress = _progress(request, row, items[0] if items else None, mitigation)
        if progress is None:
            return redirect("assessments:mitigation", pk, mitigation)
        return done(
            request,
            pk,
            lambda revision: treatments.set_everywhere(request.actor, pk, revision, mitigation, progress),
            _("The mitigation is kept in every scenario that has it."),
            back,
        )
    known = load_mitigations().get(mitigation)
    treatment = next((one for item in items for one in item.treatments if one.mitigation == mitigation), None)
    if treatment is None:
        return redirect(back)
    records = treatments.evidence_of(request.actor, row)
    shown = {
        "assessment": row,
        "treatment": treatment,
        "known": known,
        "items": [(item, scenario_url(row, item.id)) for item in items],
        "form": TreatmentForm(treatment=treatment, records=records),
        "edits": _treats(request, row),
    }
    return render(request, "assessments/mitigation.html", shown)


def add(request: Request, pk: int) -> HttpResponse:
    """Add a scenario that the library lacks."""
    row = find(request.actor, pk)
    form = AddForm(request.POST or None)
    if form.is_valid():
        try:
            revision = number_of(request.POST, "revision")
            _row, scenario = scenarios.add_scenario(request.actor, pk, revision, _added(form))
        except InputError as error:
            form.add_error(None, " ".join(said(error)))
        else:
            messages.success(request, _("The scenario is added."))
            return redirect("assessments:scenario", pk, scenario)
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/add.html", {"assessment": row, "form": form}, status=status)


def _added(form: AddForm) -> scenarios.Added:
    given = form.cleaned_data
    return scenarios.Added(
        title=given["title"],
        harm=given["harm"].replace("\r\n", "\n"),
        category=given["category"],
        because=given["because"].replace("\r\n", "\n"),
        rating=scenarios.rating_of(form.ranges()),
        mitigations=tuple(given["mitigations"]),
    )


def _page(
    request: Request, row: Assessment, item: AssessedScenario, form: ScenarioForm | None = None, status: int = 200
) -> HttpResponse:
    records = treatments.evidence_of(request.actor, row)
    initial = {"title": item.title, "harm": item.harm, **rating_values(item)}
    residual = item.residual_rating(today())
    taken = {one.mitigation for one in item.treatments}
    shown = {
        "assessment": row,
        "scenario": item,
        "residual": item.residual(today()),
        "residual_rating": residual,
        "swings": [swing for swing in sensitivity(residual) if swing.decides],
        "form": form or ScenarioForm(initial=initial),
        "treatments": [
            (one, one.counts(today()), TreatmentForm(treatment=one, records=records, auto_id=f"id_{one.mitigation}_%s"))
            for one in item.treatments
        ],
        "new_treatment": TreatmentForm(treatment=None, records=records, auto_id="id_new_%s"),
        "others": [one for one in load_mitigations().values() if one.id not in taken],
        "edits": reaches(request, Permission.ASSESSMENT_WRITE, row) and row.state == AssessmentState.DRAFT,
        "treats": _treats(request, row),
    }
    return render(request, "assessments/scenario.html", shown, status=status)


def _treats(request: Request, row: Assessment) -> bool:
    states = {AssessmentState.DRAFT, AssessmentState.ACCEPTED}
    return reaches(request, Permission.ASSESSMENT_WRITE, row) and row.state in states


def _progress(
    request: Request, row: Assessment, item: AssessedScenario | None, mitigation: str
) -> treatments.Progress | None:
    found = item.treatments if item else ()
    treatment = next((one for one in found if one.mitigation == mitigation), None)
    form = TreatmentForm(request.POST, treatment=treatment, records=treatments.evidence_of(request.actor, row))
    if not form.is_valid():
        messages.error(request, " ".join(f"{name}: {text}" for name, texts in form.errors.items() for text in texts))
        return None
    given = form.cleaned_data
    return treatments.Progress(given["state"], given["owner"], given["due"], tuple(given["evidence"]), given["why"])


def _next(request: Request, pk: int, scenario: str) -> str:
    """Return to the register where the button stood there, else to the scenario."""
    if request.POST.get("from") == "register":
        return reverse("assessments:show", args=[pk]) + "#register"
    return reverse("assessments:scenario", args=[pk, scenario])
