"""Sign for a requirement of a release, and have it judged again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError
from roadworthy.decide.outcome import Outcome
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.role_titles import role_titles
from roadworthy.server.decisions.forms import StatementForm
from roadworthy.server.decisions.judging import ask_judgement
from roadworthy.server.decisions.rows import releases
from roadworthy.server.decisions.signoffs import Signing, asked_by, requirement_of, roles_held, sign_requirement
from roadworthy.server.decisions.uploads import keep_document
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.decisions.views import told
from roadworthy.server.releases.models import Release


def sign(request: Request, release: int, requirement: str) -> HttpResponse:
    """Show what is asked for, and sign for it."""
    row = request.actor.find(releases(), Permission.RELEASE_READ, pk=release)
    request.actor.need_on(Permission.DECISION_SIGN, row.system)
    outcome = _outcome(row, requirement)
    asked = asked_by(row, requirement)
    roles = roles_held(User.objects.get(pk=request.actor.person), row, asked)
    initial = {"shown": row.shown_digest, "requirement": requirement}
    form = StatementForm(
        request.POST or None, request.FILES or None, initial=initial, roles=roles, document=asked.document
    )
    if request.method == "POST" and form.is_valid():
        try:
            sign_requirement(request.actor, release, _signing(form, requirement))
        except InputError as error:
            told(form, error)
        else:
            messages.success(request, "It is signed, and the release is judged again with it.")
            return redirect(f"{row.subject.url}?tab=sign")
    content = {
        "form": form,
        "release": row,
        "outcome": outcome,
        "requirement": requirement_of(row, requirement),
        "roles": sorted(role_titles(asked.roles).values()),
        "held": roles,
    }
    return render(request, "decisions/sign.html", content, status=422 if request.method == "POST" else 200)


def judge(request: Request, release: int) -> HttpResponse:
    """Judge a release again."""
    row = ask_judgement(request.actor, release)
    messages.success(request, "The release is judged again.")
    return redirect(row.subject.url)


def _outcome(release: Release, requirement: str) -> Outcome:
    for outcome in verdict_of(release).outcomes:
        if outcome.requirement == requirement:
            return outcome
    raise Missing("there is no such requirement here", remedy="Choose one that the verdict lists.")


def _signing(form: StatementForm, requirement: str) -> Signing:
    given = form.cleaned_data
    document = keep_document(given["document"]) if given.get("document") else None
    return Signing(requirement, given["text"], given["shown"], given["role"], document, given["until"])
