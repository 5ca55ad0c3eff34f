"""Errors as answers: problem+json (RFC 9457) for programs, a page for people."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from roadworthy.core.errors import InputErrors, RoadworthyError, StorageError

TYPES = "https://roadworthy.dev/problems/"


def status_of(error: RoadworthyError) -> int:
    """Return the HTTP status of an error: 422 for what is wrong with an input, 503 where we cannot store or read."""
    otherwise = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, StorageError) else HTTPStatus.UNPROCESSABLE_ENTITY
    return int(getattr(error, "status", otherwise))


def problem_response(request: HttpRequest, error: RoadworthyError) -> HttpResponse:
    """Answer a program."""
    status = status_of(error)
    content = {
        "type": f"{TYPES}{getattr(error, 'kind', 'invalid')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.problem,
        "remedy": error.remedy or "",
        "instance": getattr(request, "request_id", ""),
    }
    if error.place:
        content["place"] = str(error.place)
    if isinstance(error, InputErrors):
        content["errors"] = [{"detail": one.problem, "place": str(one.place or "")} for one in error.errors]
    response = JsonResponse(content, status=status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def problem_page(request: HttpRequest, error: RoadworthyError) -> HttpResponse:
    """Answer a person: what happened, why, and what to do next."""
    status = status_of(error)
    values = {"error": error, "status": status, "phrase": HTTPStatus(status).phrase}
    # After a fault nothing of the frame may be asked for again: it needs sessions and counts that may be what failed.
    template = "shell/fault.html" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "shell/problem.html"
    return render(request, template, values, status=status)
