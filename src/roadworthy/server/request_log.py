"""One line of the log for each request, and the request's id in every line that is written meanwhile."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

log = logging.getLogger("roadworthy.request")
FIELDS = "request_fields"
"""Attribute of a log record that holds what else the JSON line says."""
QUIET = ("/healthz", "/readyz", "/static/")
"""Asked all the time; written only where the log is told to tell all."""
SECRET = frozenset({"secret", "key", "token", "uidb36"})
"""Parts of an address that open a door to whoever has them."""
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestLogMiddleware:
    """Give each request an id, that of X-Request-ID where the proxy sent one, and write a line once it is answered."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        mark = request_id.set(request.request_id)  # type: ignore[attr-defined]
        began = time.perf_counter()
        try:
            response = self.answer(request)
            response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
            _write(request, response, time.perf_counter() - began)
            return response
        finally:
            request_id.reset(mark)


def _write(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    actor = getattr(request, "actor", None)
    fields = {
        "method": str(request.method),
        "path": shown_path(request),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "actor": actor.id if actor is not None and actor.signed_in else "",
    }
    text = " ".join(str(value) for value in fields.values() if value != "")
    level = logging.DEBUG if request.path.startswith(QUIET) else logging.INFO
    log.log(level, "%s", text, extra={FIELDS: fields})


def shown_path(request: HttpRequest) -> str:
    """Return the path without query, and without what in it is secret; of one that leads nowhere, its first part."""
    match = request.resolver_match
    if match is None:
        first, more, _ = request.path.lstrip("/").partition("/")
        return f"/{first}/..." if more else f"/{first}"
    path = request.path
    for name in SECRET & match.kwargs.keys():
        path = path.replace(str(match.kwargs[name]), "...")
    return path
