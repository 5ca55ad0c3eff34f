"""A request as our views get it."""

from __future__ import annotations

from django.http import HttpRequest

from roadworthy.server.access.actor import Actor


class Request(HttpRequest):
    """A request with its actor, set by the middleware of accounts, and its id, set by that of the request log."""

    actor: Actor
    request_id: str
