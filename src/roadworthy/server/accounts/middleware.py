"""Make the actor of each request: from the session, or from a token in the Authorization header."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from roadworthy.server.access.actor import NOBODY, Actor, Door
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import actor_of, actor_of_token
from roadworthy.server.accounts.tokens import token_of


def door_of(path: str) -> Door:
    """Tell through which door a path leads."""
    if path.startswith("/scim/"):
        return Door.SCIM
    return Door.API if path.startswith("/api/") else Door.PAGE


class ActorMiddleware:
    """Set `request.actor`.

    A bearer token counts only on the API and SCIM, a session also there, with its CSRF check.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request as its actor."""
        ours = cast(Request, request)
        ours.actor = self._actor(ours)
        return self.answer(ours)

    def _actor(self, request: Request) -> Actor:
        door = door_of(request.path)
        header = request.headers.get("Authorization", "")
        if header and door is not Door.PAGE:
            request.csrf_processing_done = True  # type: ignore[attr-defined]
            token = token_of(header)
            return actor_of_token(token, door, request.request_id) if token else NOBODY
        if isinstance(request.user, User) and request.user.is_active:
            return actor_of(request.user, door, request.request_id)
        return NOBODY
