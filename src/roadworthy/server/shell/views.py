"""Whether the server lives and is ready to answer; search; theme."""

from __future__ import annotations

from dataclasses import asdict

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from roadworthy.server.access.request import Request
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
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    keep_theme(request, response, request.POST.get("theme", ""))
    return response
