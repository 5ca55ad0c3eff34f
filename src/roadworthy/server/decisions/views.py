"""Pages of decisions: the list, one request with its timeline, and what can be done there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError
from roadworthy.decide.outcome import VerdictKind
from roadworthy.documents.memo import render_memo_html
from roadworthy.documents.memo_markdown import render_memo_markdown
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import User
from roadworthy.server.decisions import requests
from roadworthy.server.decisions.case import UNDECIDED, case_of
from roadworthy.server.decisions.forms import AgainForm, AskForm, ReasonForm, RecommendForm, SignForm
from roadworthy.server.decisions.listings import REQUESTS
from roadworthy.server.decisions.memos import memo_of
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.decisions.pages import shown_of, timeline_of
from roadworthy.server.decisions.rows import releases, requests_shown
from roadworthy.server.decisions.seats import seats_of
from roadworthy.server.decisions.signing import Decided, sign_decision
from roadworthy.server.decisions.waiting import requests_waiting_on


def list_requests(request: Request) -> HttpResponse:
    """Show the requests that one may see, or with `waiting=me` those in which one may take a seat."""
    mine = request.GET.get("waiting") == "me"
    rows = request.actor.visible(requests_shown(), Permission.RELEASE_READ)
    waiting = requests_waiting_on(request.actor)
    if mine:
        rows = rows.filter(Q(pk__in=waiting.values("pk")))
    content = {"page": REQUESTS.page(request, rows), "mine": mine, "waiting": waiting[:100].count()}
    return render(request, "decisions/list.html", content)


def ask(request: Request, release: int) -> HttpResponse:
    """Show what a decision would be asked about, and ask for it."""
    row = request.actor.find(releases(), Permission.RELEASE_READ, pk=release)
    request.actor.need_on(Permission.DECISION_REQUEST, row.system)
    form = AskForm(request.POST or None, initial={"shown": row.shown_digest, "environments": "prod"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = requests.request_decision(
                request.actor, release, environments=given["environments"], note=given["note"], shown=given["shown"]
            )
        except InputError as error:
            told(form, error)
        else:
            messages.success(request, "The decision is asked for. Those who may sign are told.")
            return redirect("decisions:show", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "decisions/ask.html", {"form": form, **shown_of(row)}, status=status)


def show(request: Request, pk: int) -> HttpResponse:
    """Show one request: what is decided about, who signed, who is next, and the form for who may."""
    return _page(request, _found(request, pk))


def sign(request: Request, pk: int) -> HttpResponse:
    """Sign a request."""
    row = _found(request, pk)
    form = _sign_form(request, row, request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    given = form.cleaned_data
    decided = Decided(given["choice"], given["reason"], given["shown"], tuple(given["conditions"]), given["role"])
    try:
        sign_decision(request.actor, pk, decided)
    except InputError as error:
        told(form, error)
        return _page(request, row, form)
    messages.success(request, "Your decision is signed and recorded.")
    return redirect("decisions:show", pk)


def again(request: Request, pk: int) -> HttpResponse:
    """Begin a new round."""
    form = AgainForm(request.POST)
    if form.is_valid():
        requests.ask_again(request.actor, pk, shown=form.cleaned_data["shown"], note=form.cleaned_data["note"])
        messages.success(request, "A new round begins. Those who may sign are told.")
    return redirect("decisions:show", pk)


def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take a request back."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        requests.withdraw_request(request.actor, pk, reason=given["reason"], revision=given["revision"])
        messages.success(request, "The request is withdrawn.")
    else:
        messages.error(request, "Write a reason; others rely on it later.")
    return redirect("decisions:show", pk)


def recommend(request: Request, pk: int) -> HttpResponse:
    """Say what responsible AI recommends."""
    form = RecommendForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        requests.recommend(request.actor, pk, text=given["text"], revision=given["revision"])
        messages.success(request, "Your recommendation is recorded.")
    else:
        messages.error(request, "Write at least a sentence.")
    return redirect("decisions:show", pk)


def memo(request: Request, pk: int, kind: str) -> HttpResponse:
    """Hand out the memo as a file: HTML with a look of its own, or Markdown."""
    row = _found(request, pk)
    content = render_memo_html(memo_of(row)) if kind == "html" else render_memo_markdown(memo_of(row))
    types = {"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}
    response = HttpResponse(content, content_type=types[kind])
    response["Content-Disposition"] = f'attachment; filename="memo-{row.pk}.{kind}"'
    return response


def told(form: Any, error: InputError) -> None:
    """Say on a form what is wrong with it, and what to do."""
    problem = f"{error.problem[:1].upper()}{error.problem[1:]}."
    form.add_error(None, f"{problem} {error.remedy}" if error.remedy else problem)


def _found(request: Request, pk: int) -> DecisionRequest:
    row: DecisionRequest = request.actor.find(requests_shown(), Permission.RELEASE_READ, pk=pk)
    return row


def _page(request: Request, row: DecisionRequest, form: SignForm | None = None) -> HttpResponse:
    release, actor = row.release, request.actor
    own = actor.scope(Permission.DECISION_REQUEST)
    system = release.system
    asks = own.reaches(system.pk, system.product_line_id, system.unit_id)
    seats = _seats(request, row)
    revision = {"revision": row.revision}
    content = {
        "row": row,
        "steps": timeline_of(row),
        "form": form or (_sign_form(request, row, None) if seats else None),
        "again": AgainForm(initial={"shown": release.shown_digest}) if asks and _may_ask_again(row) else None,
        "withdrawal": ReasonForm(initial=revision) if asks and row.state in UNDECIDED else None,
        "recommendation": RecommendForm(initial=revision) if _may_recommend(request, row) else None,
        **shown_of(release),
    }
    return render(request, "decisions/show.html", content, status=422 if form else 200)


def _seats(request: Request, row: DecisionRequest) -> list[str]:
    """Return the roles in which the actor may sign; none for their own request, once signed, or when it is decided."""
    actor = request.actor
    if row.state != RequestState.OPEN or not actor.may(Permission.DECISION_SIGN) or actor.user_id is None:
        return []
    case = case_of(row)
    signed = any(one.user_id == actor.user_id for one in case.signatures)
    if signed or actor.user_id in case.barred:
        return []
    return [seat.role for seat in seats_of(case, User.objects.get(pk=actor.user_id))]


def _sign_form(request: Request, row: DecisionRequest, given: Any) -> SignForm:
    held = row.release.verdict == VerdictKind.HOLD
    initial = {"shown": row.release.shown_digest}
    return SignForm(given, initial=initial, roles=list(dict.fromkeys(_seats(request, row))), held=held)


def _may_ask_again(row: DecisionRequest) -> bool:
    waiting = row.state in {RequestState.CHANGES_REQUESTED, RequestState.REOPENED}
    return waiting and row.release.current and not row.release.stale


def _may_recommend(request: Request, row: DecisionRequest) -> bool:
    actor, system = request.actor, row.release.system
    held = any(actor.holds_role(role, system) for role in requests.RECOMMENDING)
    return held and row.state in UNDECIDED and actor.user_id != row.requested_by_id
