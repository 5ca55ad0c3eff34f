"""Pages for what the framework itself refuses."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from roadworthy.core.errors import InputError, RoadworthyError
from roadworthy.server.access.refusals import Missing, Refused, TooLarge
from roadworthy.server.shell.problem import for_program, problem_page, program_response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return _answer(request, Missing("there is nothing at this address", remedy="Check the address, or search."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what cannot be read as a request, or is larger than is received here."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, TooLarge("more was sent than is received here", remedy="Send less."))
    error = InputError("the request cannot be read", remedy="Load the page again and send it anew.")
    error.status = 400  # type: ignore[attr-defined]
    return _answer(request, error)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours."""
    error = RoadworthyError("the server failed; this is a fault of Roadworthy", remedy="Report the request id.")
    error.status = 500  # type: ignore[attr-defined]
    error.kind = "failed"  # type: ignore[attr-defined]
    return _answer(request, error)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was not sent from a page of ours."""
    error = Refused("the form did not come from a page of this server", remedy="Load the page again and send it anew.")
    return _answer(request, error)


def _answer(request: HttpRequest, error: RoadworthyError) -> HttpResponse:
    if for_program(request):
        return program_response(request, error)
    return problem_page(request, error)
