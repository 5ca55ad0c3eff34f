"""Pages of findings: board, table, one finding, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.accounts.role_titles import role_title, role_titles
from roadworthy.server.audit.trail import trail
from roadworthy.server.findings import closing, comments, services
from roadworthy.server.findings.board import board
from roadworthy.server.findings.forms import AcceptanceForm, ClosingForm, CommentForm, EditForm, FilingForm
from roadworthy.server.findings.listing import FINDINGS, seen
from roadworthy.server.findings.models import UNSOLVED, Finding, FindingState, Severity
from roadworthy.server.findings.people import candidates
from roadworthy.server.releases.models import Release

BIGGEST = 2**63
COMMENTS = 100
"""Comments on the page, the newest ones; the API lists all."""


def list_findings(request: Request) -> HttpResponseBase:
    """Show the table, of one system where it is named."""
    rows, system = seen(request.actor), request.GET.get("system", "")[:64]
    if system:
        rows = rows.filter(system__slug=system)
    return FINDINGS.respond(request, rows, "findings/list.html")


def show_board(request: Request) -> HttpResponse:
    """Show the board."""
    mine, line = request.GET.get("mine") == "1", request.GET.get("line", "")[:64]
    columns = board(request.actor, mine=mine, line=line)
    lines = ProductLine.objects.all()[:50]
    return render(request, "findings/board.html", {"columns": columns, "mine": mine, "line": line, "lines": lines})


def new(request: Request) -> HttpResponse:
    """File a finding."""
    form = FilingForm(request.POST or None, initial={"system": request.GET.get("system", "")[:64]})
    if form.is_valid():
        try:
            finding = services.file_finding(request.actor, services.Filed(**form.cleaned_data))
        except InputError as error:
            form.add_error(None, f"{error.problem}. {error.remedy or ''}")
        else:
            messages.success(request, _("The finding is filed."))
            return redirect("findings:show", finding.pk)
    return render(request, "findings/new.html", {"form": form}, status=422 if request.method == "POST" else 200)


def show(request: Request, pk: int) -> HttpResponse:
    """Show one finding."""
    return _page(request, services.find(request.actor, pk))


def edit(request: Request, pk: int) -> HttpResponse:
    """Change what a finding says."""
    finding = services.find(request.actor, pk)
    said = {"title": finding.title, "detail": finding.detail, "severity": finding.severity}
    form = EditForm(request.POST or None, initial=said)
    if form.is_valid():
        services.edit_finding(request.actor, pk, _revision(request), **form.cleaned_data)
        messages.success(request, _("The finding is changed."))
        return redirect("findings:show", pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "findings/edit.html", {"finding": finding, "form": form}, status=status)


def assign(request: Request, pk: int) -> HttpResponse:
    """Make somebody the owner."""
    services.assign(request.actor, pk, _revision(request), _person(request))
    messages.success(request, _("The finding is assigned."))
    return _back(request, pk)


def start(request: Request, pk: int) -> HttpResponse:
    """Begin to work on a finding."""
    services.start(request.actor, pk, _revision(request))
    return _back(request, pk)


def stop(request: Request, pk: int) -> HttpResponse:
    """Put a finding back."""
    services.stop(request.actor, pk, _revision(request))
    return _back(request, pk)


def comment(request: Request, pk: int) -> HttpResponse:
    """Say something about a finding."""
    finding, form = services.find(request.actor, pk), CommentForm(request.POST)

    def do() -> None:
        comments.comment(request.actor, pk, form.cleaned_data["text"])

    return _try(request, finding, form, do, _("Your comment is there."), "commenting")


def retract(request: Request, pk: int, number: int) -> HttpResponse:
    """Mark a comment of one's own as retracted."""
    comments.retract(request.actor, pk, number)
    messages.success(request, _("The comment is marked as retracted."))
    return redirect("findings:show", pk)


def close(request: Request, pk: int) -> HttpResponse:
    """Close a finding with what shows that it is mended."""
    finding = services.find(request.actor, pk)
    form = ClosingForm(request.POST, releases=_releases(finding))

    def do() -> None:
        said = form.cleaned_data
        closing.close(
            request.actor,
            pk,
            _revision(request),
            said["reason"],
            release=form.named_release,
            evidence=said["evidence"].strip(),
        )

    return _try(request, finding, form, do, _("The finding is closed."), "closing")


def accept(request: Request, pk: int) -> HttpResponse:
    """Accept the risk of a finding."""
    finding = services.find(request.actor, pk)
    form = AcceptanceForm(request.POST)

    def do() -> None:
        closing.accept(request.actor, pk, _revision(request), form.cleaned_data["reason"], form.moment)

    return _try(request, finding, form, do, _("The risk is accepted until then."), "acceptance")


def bulk(request: Request) -> HttpResponse:
    """Ask what is to be done with several findings, then do it."""
    named = request.POST.getlist("ids")
    if not all(pk.isdecimal() and len(pk) < 19 for pk in named):
        raise BadRequest("a finding is named by its number")
    pks = [int(pk) for pk in named][: services.BULK + 1]
    match request.POST.get("do", ""):
        case "assign":
            count = services.assign_all(request.actor, pks, _person(request))
        case "rate":
            count = services.rate_all(request.actor, pks, request.POST.get("severity", ""))
        case _:
            rows = list(seen(request.actor).filter(pk__in=pks))
            content = {"rows": rows, "people": candidates(), "severities": Severity.choices}
            return render(request, "findings/bulk.html", content)
    messages.success(request, _("%(count)d findings are changed.") % {"count": count})
    return redirect("findings:list")


def _try(request: Request, finding: Finding, form: Form, do: Callable[[], None], told: str, name: str) -> HttpResponse:
    if form.is_valid():
        try:
            do()
        except InputError as error:
            form.add_error(None, f"{error.problem}. {error.remedy or ''}")
        else:
            messages.success(request, told)
            return redirect("findings:show", finding.pk)
    return _page(request, finding, status=422, **{name: form})


def _page(request: Request, finding: Finding, status: int = 200, **forms: Form) -> HttpResponse:
    actor = request.actor
    writes = actor.scope(Permission.FINDING_WRITE).reaches(
        finding.system_id, finding.system.product_line_id, finding.system.unit_id
    )
    content = {
        "finding": finding,
        "rounds": list(finding.rounds.all()),
        "comments": list(finding.comments.select_related("author").order_by("-pk")[:COMMENTS])[::-1],
        "commenting": CommentForm() if writes else None,
        "entries": trail("finding", str(finding.pk)),
        "writes": writes,
        "unsolved": finding.state in UNSOLVED,
        "closed": finding.state == FindingState.CLOSED,
        "people": candidates(finding.system) if writes else [],
        "acceptance": AcceptanceForm() if closing.may_accept(actor, finding) else None,
        "accepting": list(role_titles(closing.roles_for(finding)).values()),
        "accepted_role": role_title(finding.accepted_role),
        "closing": ClosingForm(releases=_releases(finding)) if writes and actor.user_id != finding.owner_id else None,
        **forms,
    }
    return render(request, "findings/show.html", content, status=status)


def _releases(finding: Finding) -> list[tuple[str, str]]:
    rows = Release.objects.filter(system=finding.system).order_by("-pushed_at", "-pk")
    return [(str(pk), f"{name} ({verdict})") for pk, name, verdict in rows.values_list("pk", "name", "verdict")[:50]]


def _back(request: Request, pk: int) -> HttpResponse:
    """Return to where the button was: the board, or the finding."""
    if request.POST.get("from") == "board":
        return redirect("findings:board")
    return redirect("findings:show", pk)


def _person(request: Request) -> int | None:
    text = request.POST.get("owner", "")
    if text and not (text.isdecimal() and int(text) < BIGGEST):
        raise BadRequest("a person is named by their number")
    return int(text) if text else None


def _revision(request: Request) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
