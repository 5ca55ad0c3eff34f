"""Answers of SCIM: resources with their version and address, and errors of the library in SCIM's form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import Context, Error, SCIMException

from roadworthy.server.access.refusals import NotSignedIn
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.scim.description import POLICY

MEDIA = "application/scim+json"
MOST_DETAIL = 1000


def scim(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer with SCIM's errors, and programs with a token only: a browser's session provisions nobody."""

    @csrf_exempt
    @wraps(view)
    def answer(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.actor.token_id is None:
            raise NotSignedIn("SCIM takes tokens only", remedy="Send a token as 'Authorization: Bearer ...'.")
        try:
            with POLICY:
                return view(request, *args, **kwargs)
        except SCIMException as error:
            return error_response(error.to_error())
        except ValidationError as error:
            return error_response(Error.from_validation_errors(error)[0])

    return answer


def content_response(content: dict[str, Any], status: int = 200) -> HttpResponse:
    """Answer with JSON."""
    return JsonResponse(content, status=status, content_type=MEDIA)


def resource_response(request: HttpRequest, content: dict[str, Any], version: str, status: int = 200) -> HttpResponse:
    """Answer with a resource, or that it is still the one that the client has."""
    seen = request.headers.get("If-None-Match", "") if request.method == "GET" else ""
    response = HttpResponse(status=304) if names(seen, version) else content_response(content, status)
    response["ETag"] = version
    if location := content.get("meta", {}).get("location"):
        response["Location" if status == 201 else "Content-Location"] = location
    return response


def error_response(error: Error) -> HttpResponse:
    """Answer with an error."""
    short = (error.detail or "")[:MOST_DETAIL]
    content = error.model_copy(update={"detail": short}).model_dump(scim_ctx=Context.DEFAULT)
    return content_response(content, int(error.status or 400))


def names(header: str, version: str) -> bool:
    """Tell whether a header with tags names a version; `*` names every one."""
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or version.removeprefix("W/") in tags
