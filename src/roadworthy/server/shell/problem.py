"""Errors as answers: problem+json (RFC 9457) or SCIM's own (RFC 7644) for programs, a page for people."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from roadworthy.core.errors import InputErrors, RoadworthyError, StorageError

TYPES = "https://roadworthy.dev/problems/"
SCIM_TYPES = {"invalid": "invalidValue", "taken": "uniqueness"}
"""Kinds of problems that SCIM has a word for (RFC 7644, table 9)."""
SCIM_STATUSES = {
    "invalid": HTTPStatus.BAD_REQUEST,
    "taken": HTTPStatus.CONFLICT,
    "last-administrator": HTTPStatus.CONFLICT,
}
"""Statuses of SCIM by kind, where they differ from those of the API."""


def status_of(error: RoadworthyError) -> int:
    """Return the HTTP status of an error: 422 for what is wrong with an input, 503 where we cannot store or read."""
    otherwise = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, StorageError) else HTTPStatus.UNPROCESSABLE_ENTITY
    return int(getattr(error, "status", otherwise))


def program_response(request: HttpRequest, error: RoadworthyError) -> HttpResponse:
    """Answer a program as the protocol of its address wants it."""
    return scim_response(error) if request.path.startswith("/scim/") else problem_response(request, error)


def for_program(request: HttpRequest) -> bool:
    """Tell whether a program asks, not a browser."""
    return request.path.startswith(("/api/", "/scim/"))


def scim_response(error: RoadworthyError) -> HttpResponse:
    """Answer a client of SCIM (RFC 7644, section 3.12)."""
    status = status_of(error)
    kind = str(getattr(error, "kind", "invalid" if status == HTTPStatus.UNPROCESSABLE_ENTITY else ""))
    status = SCIM_STATUSES.get(kind, status)
    content = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(int(status)),
        "detail": f"{error.problem}. {error.remedy}" if error.remedy else error.problem,
    }
    if kind in SCIM_TYPES:
        content["scimType"] = SCIM_TYPES[kind]
    response = JsonResponse(content, status=status, content_type="application/scim+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


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
