"""A middleware for tests that stands behind the door: whoever gets here was let in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

LET_IN = 299


class OpenDoor:
    """Answer every request that the door lets in, before any view runs."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse:
        return HttpResponse(status=LET_IN)
