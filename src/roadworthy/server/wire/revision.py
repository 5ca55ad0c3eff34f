"""Revisions over HTTP: ETag on what is read, If-Match on what is changed."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse

from roadworthy.server.access.refusals import Changed, PreconditionNeeded

_TAG = re.compile(r'(?:W/)?"r(\d{1,9})"')


def tag(response: HttpResponse, row: Any) -> None:
    """Set the ETag of a row's revision."""
    response["ETag"] = f'"r{row.revision}"'


def asked_revision(request: HttpRequest) -> int:
    """Return the revision that If-Match names; raises PreconditionNeeded without one, Changed for another form."""
    header = request.headers.get("If-Match", "")
    if not header:
        raise PreconditionNeeded(
            "the request does not say which revision it changes", remedy="Send the ETag as If-Match."
        )
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise Changed("If-Match names no revision of this", remedy="Send the ETag that you were given.")
    return int(found[1])


def same_revision(row: Any, seen: int) -> None:
    """Raise Changed when a row, locked by the caller, is at another revision than the actor saw."""
    if row.revision != seen:
        raise Changed(
            f"{row} was changed meanwhile: you saw revision {seen}, it is at {row.revision}",
            remedy="Load it again, look at what changed, and make your change anew.",
        )
