"""Whether the server lives and is ready to answer; search, theme, saved views."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from roadworthy.core.errors import InputError
from roadworthy.server.access.request import Request
from roadworthy.server.shell.saved_views import remove_view, save_view
from roadworthy.server.shell.search import LONGEST, find
from roadworthy.server.shell.theme import keep_theme


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process lives."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers and has all migrations, else 503 with the cause."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "not ready", "cause": "the database does not answer"}, status=503)
    if missing:
        return JsonResponse({"status": "not ready", "cause": f"{len(missing)} migrations are missing"}, status=503)
    return JsonResponse({"status": "ready"})


@require_GET
def search(request: Request) -> HttpResponse:
    """Show what can be found; as JSON for the command palette."""
    text = request.GET.get("q", "")
    found = find(request.actor, text)
    if request.GET.get("format") == "json":
        return JsonResponse({"groups": [asdict(one) for one in found]})
    return render(request, "shell/search.html", {"found": found, "text": text[:LONGEST], "asked": bool(text.strip())})


@require_POST
def set_theme(request: Request) -> HttpResponse:
    """Keep the theme that was chosen and lead back."""
    response = _back(request, request.headers.get("Referer", ""))
    keep_theme(request, response, request.POST.get("theme", ""))
    return response


@require_POST
def keep_view(request: Request) -> HttpResponse:
    """Save the filters and the order of a list under a name."""
    given = request.POST
    try:
        view = save_view(request.actor, given.get("page", ""), given.get("name", ""), given.get("query", ""))
    except InputError as error:
        messages.error(request, f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy}")
    else:
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return _back(request, given.get("back", ""))


@require_POST
def drop_view(request: Request, number: int) -> HttpResponse:
    """Remove a saved view."""
    remove_view(request.actor, number)
    messages.success(request, _("The view is removed."))
    return _back(request, request.POST.get("back", ""))


def _back(request: Request, to: str) -> HttpResponseRedirect:
    """Lead back to a page of ours, or to the start."""
    safe = url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(to if safe else "/")
