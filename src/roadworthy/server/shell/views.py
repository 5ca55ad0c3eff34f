"""Whether the server lives, and whether it is ready to answer."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


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
