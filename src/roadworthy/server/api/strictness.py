"""The API takes what its document names and nothing else: a mistyped parameter is an error, not silence."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.server.api.api import api
from roadworthy.server.shell.problem import problem_response


class StrictQueryMiddleware:
    """Refuse parameters of the query that an operation does not have."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Refuse a request with a parameter that is none of the operation's."""
        match = request.resolver_match
        if match is None or match.namespace != "api" or not request.GET:
            return None
        known = _parameters().get((str(request.method), match.url_name or ""))
        strange = [name for name in request.GET if known is not None and name not in known]
        if not strange:
            return None
        error = InputError(f"there is no parameter {strange[0]!r}", remedy=did_you_mean(strange[0], known or set()))
        return problem_response(request, error)


@lru_cache(maxsize=1)
def _parameters() -> dict[tuple[str, str], set[str]]:
    """Return the names of the query's parameters by method and operation."""
    return {
        (method, str(operation.url_name)): _names(operation)
        for _, router, *_ in api._routers
        for path in router.path_operations.values()
        for operation in path.operations
        for method in operation.methods
    }


def _names(operation: Any) -> set[str]:
    queries = [model for model in operation.models if model.__ninja_param_source__ == "query"]
    return {name for model in queries for name in model.__ninja_flatten_map__}
