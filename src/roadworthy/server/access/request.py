"""A request as our views get it."""

from __future__ import annotations

from django.http import HttpRequest

from roadworthy.server.access.actor import Actor


class Request(HttpRequest):
    """A request with its actor and its id, both set by the middleware of accounts."""

    actor: Actor
    request_id: str
