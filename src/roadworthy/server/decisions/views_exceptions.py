"""Pages of exceptions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.outcome import Status
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.role_titles import role_title, role_titles
from roadworthy.server.decisions import exceptions
from roadworthy.server.decisions.forms import DecideForm, ExceptionForm, ReasonForm
from roadworthy.server.decisions.listings import EXCEPTIONS
from roadworthy.server.decisions.models import ExceptionRequest, ExceptionState
from roadworthy.server.decisions.rows import exceptions_shown, releases
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.decisions.views import told
from roadworthy.server.decisions.waiting import exceptions_waiting_on
from roadworthy.server.releases.models import Release


def list_exceptions(request: Request) -> HttpResponse:
    """Show the exceptions that one may see, or with `waiting=me` those that one may decide."""
    mine = request.GET.get("waiting") == "me"
    rows = request.actor.visible(exceptions_shown(), Permission.RELEASE_READ)
    waiting = exceptions_waiting_on(request.actor)
    if mine:
        rows = rows.filter(pk__in=waiting.values("pk"))
    content = {"page": EXCEPTIONS.page(request, rows), "mine": mine, "waiting": waiting[:100].count()}
    return render(request, "decisions/exceptions.html", content)


def ask(request: Request, release: int) -> HttpResponse:
    """Ask for an exception from a requirement of a release."""
    row = request.actor.find(releases(), Permission.RELEASE_READ, pk=release)
    request.actor.need_on(Permission.EXCEPTION_REQUEST, row.system)
    initial = {"requirement": request.GET.get("requirement", ""), "scope": "release"}
    form = ExceptionForm(request.POST or None, requirements=_waivable(row), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = exceptions.request_exception(request.actor, release, exceptions.Asked(**form.cleaned_data))
        except InputError as error:
            told(form, error)
        else:
            messages.success(request, "The exception is asked for. Those who may decide are told.")
            return redirect("decisions:exception", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "decisions/ask_exception.html", {"form": form, "release": row}, status=status)


def show(request: Request, pk: int) -> HttpResponse:
    """Show one exception."""
    return _page(request, _found(request, pk))


def decide(request: Request, pk: int) -> HttpResponse:
    """Approve or reject an exception."""
    row, form = _found(request, pk), DecideForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    given = form.cleaned_data
    approve = given["choice"] == "approve"
    exceptions.decide_exception(request.actor, pk, approve=approve, reason=given["reason"], revision=given["revision"])
    messages.success(request, "The exception is approved." if approve else "The exception is rejected.")
    return redirect("decisions:exception", pk)


def withdraw(request: Request, pk: int) -> HttpResponse:
    """End an exception."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        exceptions.withdraw_exception(request.actor, pk, reason=given["reason"], revision=given["revision"])
        messages.success(request, "The exception is withdrawn.")
    else:
        messages.error(request, "Write a reason; others rely on it later.")
    return redirect("decisions:exception", pk)


def _found(request: Request, pk: int) -> ExceptionRequest:
    row: ExceptionRequest = request.actor.find(exceptions_shown(), Permission.RELEASE_READ, pk=pk)
    return row


def _waivable(release: Release) -> list[tuple[str, str]]:
    """List what may be waived: requirements that fall short first, then the others that apply."""
    applying = [one for one in verdict_of(release).outcomes if one.status is not Status.NOT_APPLICABLE]
    first = sorted(applying, key=lambda one: (not one.holds, one.status is Status.MET, one.title))
    return [(one.requirement, f"{one.title} ({one.status})") for one in first]


def _page(request: Request, row: ExceptionRequest, form: DecideForm | None = None) -> HttpResponse:
    actor, system = request.actor, row.system
    open_still = row.state == ExceptionState.REQUESTED and row.until > timezone.now()
    decides = actor.user_id is not None and actor.user_id in exceptions.deciders_of(row)
    mine = row.requested_by_id == actor.user_id
    needed = Permission.EXCEPTION_REQUEST if mine else Permission.EXCEPTION_DECIDE
    may_end = actor.scope(needed).reaches(system.pk, system.product_line_id, system.unit_id)
    standing = row.state in {ExceptionState.REQUESTED, ExceptionState.APPROVED}
    revision = {"revision": row.revision}
    content = {
        "row": row,
        "form": form or (DecideForm(initial=revision) if open_still and decides else None),
        "withdrawal": ReasonForm(initial=revision) if standing and may_end else None,
        "roles": sorted(role_titles(exceptions.roles_for(row)).values()),
        "decided_role": role_title(row.decided_role),
    }
    return render(request, "decisions/exception.html", content, status=422 if form else 200)
